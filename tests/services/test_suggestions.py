"""The whole life of a deputy's suggestion, and the moves it allows."""

from collections.abc import Callable
from datetime import date

import pytest

from models.suggestions import Suggestion
from services import suggestions
from services.errors import Conflict, DomainError, Forbidden, NotFound
from services.rules.suggestion_states import MOVES
from services.suggestions import moves
from tests.factories import World
from tests.services.suggestion_case import SuggestionCase

STATES = sorted(MOVES)


@pytest.fixture
def case(world: World) -> SuggestionCase:
    return SuggestionCase(world)


def test_the_straight_way_ends_archived_with_a_history_the_deputy_reads(case: SuggestionCase) -> None:
    case.to("archived")
    assert case.titles() == [
        "开始起草", "已提交", "审查立案", "已交青石镇水利站主办", "承办单位已接办", "承办单位与代表沟通（当面沟通）",
        "已答复（A类：已经解决或基本解决）", "代表评价：态度满意，结果满意", "已归档"]
    assert case.row.due_on is None
    assert case.row.closed_at == case.world.clock()


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("to", STATES)
def test_every_move_outside_the_table_is_refused_and_changes_nothing(case: SuggestionCase, state: str, to: str) -> None:
    row = Suggestion(state=state)
    if to in MOVES[state]:
        moves.move(case.office, row, to)
        assert row.state == to
    else:
        with pytest.raises(Conflict, match="suggestion_move_refused"):
            moves.move(case.office, row, to)
        assert row.state == state


ACTS: dict[str, Callable[[SuggestionCase], object]] = {
    "submit": SuggestionCase.submit, "register": SuggestionCase.register, "assign": SuggestionCase.assign,
    "accept": SuggestionCase.accept, "contact": SuggestionCase.contact, "answer": SuggestionCase.answer,
    "evaluate": SuggestionCase.evaluate, "archive": SuggestionCase.archive,
}
ALLOWED = {"submit": {"draft"}, "register": {"submitted"}, "assign": {"registered"}, "accept": {"assigned"},
           "contact": {"handling"}, "answer": set(), "evaluate": {"answered"}, "archive": {"closed"}}


@pytest.mark.parametrize("act", sorted(ACTS))
@pytest.mark.parametrize("state", ["draft", "submitted", "registered", "assigned", "handling", "answered", "closed",
                                   "archived"])
def test_an_act_in_a_wrong_state_is_refused(case: SuggestionCase, act: str, state: str) -> None:
    case.to(state)
    if state in ALLOWED[act]:
        ACTS[act](case)
        assert (case.row.state, act) != (state, "submit")
        return
    with pytest.raises(DomainError) as refused:
        ACTS[act](case)
    assert refused.value.kind in ("conflict", "not_found")
    assert case.row.state == state


def test_every_step_leaves_an_audit_row(case: SuggestionCase) -> None:
    case.to("archived")
    acts = [row.action for row in case.office.audit_rows if row.subject == f"suggestion:{case.row.id}"]
    assert acts == [f"suggestion.{act}" for act in (
        "drafted", "submitted", "registered", "assigned", "accepted", "contacted", "answered", "evaluated", "archived")]


def test_staff_elsewhere_and_strangers_find_nothing(case: SuggestionCase, world: World) -> None:
    case.to("assigned")
    elsewhere = world.ctx_of(world.staff(region=world.other_township))
    with pytest.raises(NotFound):
        suggestions.get_for_staff(elsewhere, case.row.id)
    with pytest.raises(NotFound):
        suggestions.get_mine(world.ctx_of(world.deputy(name="陌生人")), case.row.id)
    with pytest.raises(Forbidden):
        suggestions.get_for_staff(world.ctx_of(world.staff("auditor")), case.row.id)


def test_the_office_sees_nothing_before_it_is_submitted(case: SuggestionCase) -> None:
    with pytest.raises(NotFound):
        suggestions.get_for_staff(case.office, case.row.id)
    case.submit()
    assert suggestions.get_for_staff(case.office, case.row.id).row.id == case.row.id


def test_a_unit_sees_only_what_it_handles(case: SuggestionCase) -> None:
    case.to("registered")
    with pytest.raises(NotFound):
        suggestions.get_for_staff(case.unit, case.row.id)
    case.assign()
    assert suggestions.list_for_staff(case.unit, suggestions.SuggestionFilter())[1] == 1


def test_the_day_of_a_suggestion_is_a_date_of_its_profile(case: SuggestionCase) -> None:
    case.to("assigned")
    assert isinstance(case.row.due_on, date)
    assert case.row.objection_due_on is not None
    assert case.row.objection_due_on < case.row.due_on
