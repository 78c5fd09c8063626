"""Arithmetic of half points."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.point_table import Room, award, display, explain, plain

CAPS = st.one_of(st.none(), st.integers(0, 60))
ACTS = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 10)), max_size=40)


@pytest.mark.parametrize(("half", "shown"), [(4, "+2"), (1, "+0.5"), (0, "0"), (-1, "-0.5"), (-20, "-10"), (3, "+1.5")])
def test_half_points_are_shown_with_sign_and_without_a_needless_half(half: int, shown: str) -> None:
    assert display(half) == shown


@pytest.mark.parametrize(("half", "shown"), [(4, "2"), (1, "0.5"), (0, "0"), (-1, "-0.5"), (237, "118.5")])
def test_plain_amounts_carry_a_sign_only_below_zero(half: int, shown: str) -> None:
    assert plain(half) == shown


@pytest.mark.parametrize(("room", "awarded"), [
    (Room(0, 8, 0, 50), 4), (Room(4, 8, 4, 50), 4), (Room(5, 8, 5, 50), 3), (Room(8, 8, 8, 50), 0),
    (Room(0, 8, 48, 50), 2), (Room(0, 8, 50, 50), 0), (Room(0, None, 0, None), 4), (Room(0, None, 47, 50), 3),
    (Room(9, 8, 60, 50), 0)])
def test_a_gain_fills_the_room_left_and_no_more(room: Room, awarded: int) -> None:
    assert award(4, room) == awarded


@pytest.mark.parametrize(("room", "awarded"), [
    (Room(0, -4, 0, None), -1), (Room(-3, -4, -9, None), -1), (Room(-4, -4, -9, None), 0),
    (Room(-40, None, -40, None), -1)])
def test_a_deduction_goes_down_to_its_cap_and_no_further(room: Room, awarded: int) -> None:
    assert award(-1, room) == awarded


def test_a_deduction_larger_than_the_room_left_is_cut() -> None:
    assert award(-10, Room(-4, -10, -4, None)) == -6


def test_a_zero_item_moves_nothing() -> None:
    assert award(0, Room(0, None, -3, None)) == 0


def test_the_arithmetic_says_unit_cap_and_result() -> None:
    text = explain("接待日进站接待", "次", 4, 4, Room(4, 24, 4, 60))
    assert text == "接待日进站接待：每次2分；本年该项已得2分，上限12分；计2分"


def test_the_arithmetic_names_the_block_only_where_it_cut() -> None:
    assert "本类已得29.5分，上限30分" in explain("走访", "户", 4, 1, Room(0, 10, 59, 60))
    assert "本类" not in explain("走访", "户", 4, 4, Room(0, 10, 0, 60))


def _replay(acts: list[tuple[int, int]], item_caps: list[int | None], block_cap: int | None) -> list[int]:
    items, block, given_out = [0] * len(item_caps), 0, []
    for item, points in acts:
        amount = award(points, Room(items[item], item_caps[item], block, block_cap))
        items[item] += amount
        block += amount
        given_out.append(amount)
    return given_out


@given(ACTS, st.lists(CAPS, min_size=4, max_size=4), CAPS)
def test_no_sequence_of_acts_ever_exceeds_a_cap(
        acts: list[tuple[int, int]], item_caps: list[int | None], block_cap: int | None) -> None:
    given_out = _replay(acts, item_caps, block_cap)
    assert block_cap is None or sum(given_out) <= block_cap
    for item, cap in enumerate(item_caps):
        total = sum(amount for (which, _), amount in zip(acts, given_out, strict=True) if which == item)
        assert cap is None or total <= cap
    assert all(0 <= amount <= points for (_, points), amount in zip(acts, given_out, strict=True))


@given(ACTS, st.lists(CAPS, min_size=4, max_size=4), CAPS)
def test_replaying_the_same_acts_gives_the_same_entries(
        acts: list[tuple[int, int]], item_caps: list[int | None], block_cap: int | None) -> None:
    assert _replay(acts, item_caps, block_cap) == _replay(acts, item_caps, block_cap)


@given(st.lists(st.integers(-10, -1), max_size=30), st.integers(-40, 0))
def test_deductions_never_pass_their_cap_and_never_add(points: list[int], cap: int) -> None:
    used = 0
    for amount in points:
        taken = award(amount, Room(used, cap, used, None))
        assert amount <= taken <= 0
        used += taken
    assert used >= cap
