"""The unit's desk: objection in time, contact first, one extension, classes that promise, promises kept."""

from datetime import timedelta

import pytest

from services import suggestions
from services.errors import Conflict, DomainError, Forbidden, Invalid
from tests.factories import World
from tests.services.suggestion_case import SuggestionCase


@pytest.fixture
def case(world: World) -> SuggestionCase:
    return SuggestionCase(world)


def test_an_objection_after_its_days_is_refused(case: SuggestionCase, world: World) -> None:
    case.to("assigned")
    world.clock.advance(days=30)
    with pytest.raises(Conflict, match="suggestion_objection_late"):
        suggestions.object_to(case.unit, case.row.id, reason="不属我站职责。")
    assert case.row.state == "assigned"


def test_no_answer_before_the_deputy_was_contacted(case: SuggestionCase) -> None:
    case.to("handling")
    with pytest.raises(Conflict, match="suggestion_contact_missing"):
        case.answer()
    case.contact()
    assert case.answer().state == "answered"


@pytest.mark.parametrize("answer_class", ["B", "C"])
def test_these_classes_promise_something_by_a_day(case: SuggestionCase, answer_class: str) -> None:
    case.to("handling")
    case.contact()
    for missing in ({"promise": ""}, {"promise_due_on": None}, {"promise_due_on": case.unit.today}):
        with pytest.raises(Invalid, match="suggestion_promise_missing"):
            case.answer(answer_class, **missing)
    case.answer(answer_class)
    case.evaluate()
    assert case.row.state == "commitment"
    assert suggestions.list_commitments(case.office)[1] == 1
    suggestions.settle_commitment(case.unit, case.row.id, state="fulfilled", outcome="已装完。")
    assert (case.row.state, suggestions.list_commitments(case.office)[1]) == ("closed", 0)


def test_an_extension_is_asked_once_and_counted_from_the_assignment(case: SuggestionCase) -> None:
    case.to("handling")
    before = case.row.due_on
    suggestions.ask_extension(case.unit, case.row.id, reason="须跨年立项。", has_consent=False)
    with pytest.raises(Forbidden):
        suggestions.grant_extension(case.office, case.row.id, decision="")
    suggestions.grant_extension(case.presidium, case.row.id, decision="同意")
    assert before is not None
    assert case.row.due_on is not None
    assert case.row.due_on > before + timedelta(days=80)
    with pytest.raises(Conflict, match="suggestion_extension_used"):
        suggestions.ask_extension(case.unit, case.row.id, reason="再延", has_consent=True)


def test_a_refused_extension_leaves_the_day(case: SuggestionCase) -> None:
    case.to("handling")
    before = case.row.due_on
    suggestions.ask_extension(case.unit, case.row.id, reason="人手不够。", has_consent=True)
    suggestions.refuse_extension(case.presidium, case.row.id, decision="请按期办理。")
    assert case.row.due_on == before


def test_a_co_handler_gives_its_opinion_and_does_not_answer(case: SuggestionCase, world: World) -> None:
    helper = world.staff("handling_unit", world.other_township)
    other = world.unit(name="青石镇城建办")
    case.to("registered")
    case.assign(other.id)
    case.accept()
    helper = type(helper)(**{**vars(helper), "unit_id": other.id, "region_path": world.township.path})
    ctx = world.ctx_of(helper)
    suggestions.give_co_opinion(ctx, case.row.id, text="电源可接村委会。")
    with pytest.raises(DomainError):
        suggestions.record_contact(ctx, case.row.id, way="phone", text="联系")
    with pytest.raises(Conflict):
        suggestions.give_co_opinion(case.unit, case.row.id, text="我是主办")
    found = suggestions.get_for_staff(case.office, case.row.id)
    assert [unit.opinion for unit, _name in found.co_units] == ["电源可接村委会。"]
