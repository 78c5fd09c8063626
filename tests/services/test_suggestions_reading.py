"""Lists and files: each side sees its own."""


import pytest

from services import suggestions
from services.errors import Forbidden
from services.suggestions import SuggestionFilter
from tests.factories import World
from tests.services.suggestion_case import SuggestionCase


@pytest.fixture
def case(world: World) -> SuggestionCase:
    return SuggestionCase(world)


@pytest.mark.parametrize(("which", "count"), [
    (SuggestionFilter(), 1), (SuggestionFilter(state="open"), 1), (SuggestionFilter(state="closed"), 0),
    (SuggestionFilter(category="urban"), 1), (SuggestionFilter(category="finance"), 0),
    (SuggestionFilter(search="路灯"), 1), (SuggestionFilter(search="b0001"), 1), (SuggestionFilter(search="水渠"), 0),
    (SuggestionFilter(overdue=True), 0), (SuggestionFilter(is_key=True), 0)])
def test_the_queue_is_filtered(case: SuggestionCase, which: SuggestionFilter, count: int) -> None:
    case.to("assigned")
    assert suggestions.list_for_staff(case.office, which)[1] == count


def test_overdue_is_past_the_day_of_any_clock(case: SuggestionCase, world: World) -> None:
    case.to("handling")
    assert suggestions.count_open(case.office, overdue=True) == 0
    world.clock.advance(days=40)
    # The answer's day is far, the first contact's is over.
    assert suggestions.count_open(case.office, overdue=True) == 1
    case.contact()
    assert suggestions.count_open(case.office, overdue=True) == 0
    assert suggestions.count_open(case.office) == 1


def test_the_deputy_does_not_read_what_is_internal(case: SuggestionCase) -> None:
    case.to("assigned")
    suggestions.object_to(case.unit, case.row.id, reason="不属我站职责。")
    assert "承办单位提出异议" not in case.titles()
    assert suggestions.get_mine(case.ctx_of_lead, case.row.id).objections == []
    assert len(suggestions.get_for_staff(case.office, case.row.id).objections) == 1


def test_the_ledger_needs_the_right(case: SuggestionCase, world: World) -> None:
    with pytest.raises(Forbidden):
        suggestions.list_commitments(world.ctx_of(world.staff("auditor")))
    assert suggestions.list_commitments(case.office) == ([], 0)


def test_what_waits_for_the_deputys_word_is_counted(case: SuggestionCase) -> None:
    assert suggestions.count_to_evaluate(case.ctx_of_lead) == 0
    case.to("answered")
    assert suggestions.count_to_evaluate(case.ctx_of_lead) == 1
