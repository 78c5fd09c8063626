"""What attendance is worth, and when it counts."""

from datetime import datetime, timedelta

import pytest

from services.context import CHINA
from services.rules import default_points
from services.rules.activity_rules import (
    ITEM_OF_KIND,
    KIND_NAMES,
    MOVES,
    PERSON_STATE_NAMES,
    Attended,
    Terms,
    deduction,
    earns,
    is_early,
    is_late,
    quorum_of,
    window_refusal,
)

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=CHINA)
ELEVEN = NINE + timedelta(hours=2)
TERMS = Terms("D4", needs_check_out=False, deducts=True, minimum_stay=timedelta(minutes=30))


def attended(state: str = "present", *, stayed: int | None = None, is_late: bool = False) -> Attended:
    left = None if stayed is None else NINE + timedelta(minutes=stayed)
    return Attended(state, NINE, left, is_late, is_early=False)


@pytest.mark.parametrize(("called", "least"), [(0, 0), (1, 1), (3, 2), (45, 30), (65, 44), (72, 48), (160, 107)])
def test_the_quorum_is_two_thirds_of_all_called_rounded_up(called: int, least: int) -> None:
    assert quorum_of(called) == least


def test_one_checks_in_from_two_hours_before_until_the_end() -> None:
    moments = (NINE - timedelta(hours=2, seconds=1), NINE - timedelta(hours=2), ELEVEN, ELEVEN + timedelta(seconds=1))
    assert [window_refusal(moment, NINE, ELEVEN) for moment in moments] == [
        "activity_not_begun", None, None, "activity_over"]


def test_the_grace_belongs_to_the_deputy() -> None:
    grace = timedelta(minutes=10)
    assert not is_late(NINE + grace, NINE, grace)
    assert is_late(NINE + grace + timedelta(seconds=1), NINE, grace)
    assert not is_early(ELEVEN - grace, ELEVEN, grace)
    assert is_early(ELEVEN - grace - timedelta(seconds=1), ELEVEN, grace)


def test_arriving_is_enough_where_nobody_checks_out() -> None:
    assert earns(TERMS, attended())
    assert not earns(TERMS, attended("absent"))


@pytest.mark.parametrize(("stayed", "counts"), [(None, False), (29, False), (30, True)])
def test_with_a_check_out_the_stay_must_be_long_enough(stayed: int | None, counts: bool) -> None:
    terms = Terms("D4", needs_check_out=True, deducts=False, minimum_stay=timedelta(minutes=30))
    assert earns(terms, attended("left" if stayed else "present", stayed=stayed)) is counts


@pytest.mark.parametrize(("who", "item"), [
    (attended("absent"), "G3"), (attended("on_leave"), "G4"), (attended(is_late=True), "G5"), (attended(), None),
    (attended("withdrawn"), None)])
def test_one_thing_is_taken_off_at_most(who: Attended, item: str | None) -> None:
    assert deduction(TERMS, who) == item


def test_nothing_is_taken_off_where_attendance_is_free() -> None:
    free = Terms("D4", needs_check_out=False, deducts=False, minimum_stay=timedelta())
    assert deduction(free, attended("absent")) is None


def test_every_kind_earns_an_item_of_the_default_table() -> None:
    known = {row[0] for row in default_points.ITEMS}
    assert set(ITEM_OF_KIND) == set(KIND_NAMES)
    assert set(ITEM_OF_KIND.values()) <= known


def test_every_move_begins_at_a_state_that_exists() -> None:
    assert frozenset().union(*MOVES.values()) <= set(PERSON_STATE_NAMES)
