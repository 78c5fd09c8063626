"""The table of a suggestion's moves, and what is wrong with signatures."""

import pytest

from models.suggestions import GRADES, SUGGESTION_STATES
from services.rules import suggestion_states as rules


def test_the_table_names_every_state_of_the_database() -> None:
    assert set(rules.MOVES) == set(rules.STATE_NAMES) == set(SUGGESTION_STATES)
    assert set().union(*rules.MOVES.values()) <= set(SUGGESTION_STATES)
    assert set(rules.GRADE_NAMES) == set(GRADES)


def test_every_state_is_reached_from_the_draft_and_leads_to_an_end() -> None:
    reached, waiting = {"draft"}, ["draft"]
    while waiting:
        for state in rules.MOVES[waiting.pop()] - reached:
            reached.add(state)
            waiting.append(state)
    assert reached == set(rules.MOVES)
    assert {state for state, to in rules.MOVES.items() if not to} == {"withdrawn", "archived"}


def test_nothing_answered_can_be_withdrawn() -> None:
    assert not any(rules.may_move(state, "withdrawn") for state in ("answered", "redo", "commitment", "closed"))


@pytest.mark.parametrize(("kind", "timing", "confirmed", "waiting", "fault"), [
    ("single", "between", 0, 0, None),
    ("joint", "between", 1, 0, None),
    ("joint", "between", 0, 0, "suggestion_joint_alone"),
    ("joint", "session", 3, 1, "suggestion_cosigners_waiting"),
    ("delegation", "session", 0, 0, None),
    ("delegation", "between", 0, 0, "suggestion_delegation_between"),
])
def test_signatures(kind: str, timing: str, confirmed: int, waiting: int, fault: str | None) -> None:
    assert rules.find_signing_fault(kind, timing, confirmed, waiting) == fault


def test_the_result_decides_about_a_redo() -> None:
    assert rules.is_unsatisfied("unsatisfied")
    assert not rules.is_unsatisfied("basically_satisfied")
