"""The table of an opinion's moves."""

import pytest

from models.comments import GRADES, OPINION_STATES
from services.rules.opinion_states import CATEGORIES, GRADE_NAMES, MOVES, STATE_NAMES, may_move


def test_states_names_and_database_agree() -> None:
    assert set(MOVES) == set(STATE_NAMES) == set(OPINION_STATES)
    assert set(GRADE_NAMES) == set(GRADES)


def test_every_move_ends_in_a_known_state() -> None:
    assert set().union(*MOVES.values()) <= set(MOVES)


def test_every_state_is_reachable_from_screening() -> None:
    seen, edge = {"screening"}, {"screening"}
    while edge:
        edge = set().union(*(MOVES[state] for state in edge)) - seen
        seen |= edge
    assert seen == set(MOVES)


@pytest.mark.parametrize("state", ["closed", "rejected"])
def test_a_final_state_has_no_way_out(state: str) -> None:
    assert not any(may_move(state, to) for to in MOVES)


@pytest.mark.parametrize("state", ["screening", "registered", "assigned", "answered"])
def test_every_other_state_can_still_reach_an_end(state: str) -> None:
    reach, edge = set(), {state}
    while edge:
        edge = set().union(*(MOVES[one] for one in edge)) - reach
        reach |= edge
    assert reach & {"closed", "rejected"}


@pytest.mark.parametrize(("state", "to"), [
    ("screening", "assigned"), ("screening", "answered"), ("registered", "answered"), ("registered", "rejected"),
    ("assigned", "closed"), ("assigned", "rejected"), ("answered", "rejected"), ("answered", "screening")])
def test_no_step_can_be_skipped(state: str, to: str) -> None:
    assert not may_move(state, to)


def test_the_fourteen_categories_have_distinct_names() -> None:
    assert len(CATEGORIES) == len(set(CATEGORIES.values())) == 14
