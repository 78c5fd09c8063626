"""Review, numbers, assignment and objections."""

from datetime import date, timedelta

import pytest

from services import regions, suggestions
from services.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories import World
from tests.services.suggestion_case import SuggestionCase


@pytest.fixture
def case(world: World) -> SuggestionCase:
    return SuggestionCase(world)


def test_numbers_are_of_congress_term_session_and_series(case: SuggestionCase, world: World) -> None:
    case.to("registered")
    assert case.row.number == "990101101-18-1-B0001"
    second = SuggestionCase(world)
    today = case.office.today
    suggestions.add_session(case.office, case.row.congress_id, session_no=3, opens_on=today, closes_on=today)
    assert second.to("registered").row.number == "990101101-18-3-0001"
    assert SuggestionCase(world).to("registered").row.number == "990101101-18-3-0002"


def test_a_refused_registration_takes_no_number(case: SuggestionCase, world: World) -> None:
    case.submit()
    with pytest.raises(Invalid):
        suggestions.register(case.office, case.row.id, category="weather")
    case.register()
    with pytest.raises(Conflict):
        case.register()
    assert SuggestionCase(world).to("registered").row.number == "990101101-18-1-B0002"


def test_sent_back_is_changed_and_submitted_again(case: SuggestionCase) -> None:
    case.submit()
    suggestions.send_back(case.office, case.row.id, code="unclear", reason="请写明地点。")
    assert (case.row.state, case.row.decision_code) == ("returned", "unclear")
    with pytest.raises(Conflict):
        case.submit()
    suggestions.edit(case.ctx_of_lead, case.row.id, case.form(proposal="请在石桥村村口安装路灯。"))
    assert case.submit().decision_code is None


def test_not_admitted_needs_a_reason_of_the_table_and_words(case: SuggestionCase) -> None:
    case.submit()
    for code, reason in (("because", "不行"), ("own_matter", " ")):
        with pytest.raises(Invalid):
            suggestions.refuse(case.office, case.row.id, code=code, reason=reason)
    suggestions.refuse(case.office, case.row.id, code="own_matter", reason="属本人事务，请走其他渠道。")
    assert case.row.state == "not_admitted"
    assert "不予受理：涉及代表本人及其亲属个人事务" in case.titles()


def test_the_clocks_follow_the_regions_profile(case: SuggestionCase, world: World) -> None:
    regions.set_setting(world.system, world.county, name="suggestion.profile", value=3, effective_on=date(2026, 1, 1))
    case.to("assigned")
    # Two months of a township congress in 重庆, from 23 November.
    assert case.row.due_on == date(2027, 1, 25)
    assert case.row.objection_due_on is not None
    assert case.row.objection_due_on > case.office.today + timedelta(days=10)


def test_a_unit_elsewhere_or_twice_is_refused(case: SuggestionCase, world: World) -> None:
    case.to("registered")
    foreign, own = world.unit(world.other_township), case.unit_staff.unit_id or 0
    for lead, helpers in ((foreign.id, ()), (own, (own,)), (0, ())):
        with pytest.raises(Invalid, match="suggestion_unit_needed"):
            suggestions.assign(case.office, case.row.id, lead_unit_id=lead, co_unit_ids=helpers)
    assert case.row.state == "registered"


def test_an_upheld_objection_goes_to_another_unit_with_new_clocks(case: SuggestionCase, world: World) -> None:
    case.to("assigned")
    suggestions.object_to(case.unit, case.row.id, reason="不属我站职责。")
    other = world.unit(name="青石镇城建办")
    suggestions.uphold_objection(case.office, case.row.id, decision="改交城建办。", lead_unit_id=other.id)
    found = suggestions.get_for_staff(case.office, case.row.id)
    assert found.lead_unit is not None
    assert (found.row.state, found.lead_unit[1], found.objections[0].state) == ("assigned", "青石镇城建办", "upheld")
    with pytest.raises(NotFound):
        suggestions.get_for_staff(case.unit, case.row.id)


def test_a_rejected_objection_stays_with_the_unit(case: SuggestionCase) -> None:
    case.to("assigned")
    due = case.row.due_on
    suggestions.object_to(case.unit, case.row.id, reason="不属我站职责。")
    suggestions.reject_objection(case.office, case.row.id, decision="属你站职责。")
    assert (case.row.state, case.row.due_on) == ("handling", due)


def test_a_session_is_entered_once_by_who_reviews(case: SuggestionCase) -> None:
    today, congress = case.office.today, case.row.congress_id
    suggestions.add_session(case.office, congress, session_no=2, opens_on=today, closes_on=today)
    with pytest.raises(Conflict, match="session_taken"):
        suggestions.add_session(case.office, congress, session_no=2, opens_on=today, closes_on=today)
    with pytest.raises(Invalid, match="session_days_wrong"):
        suggestions.add_session(case.office, congress, session_no=3, opens_on=today,
                                closes_on=today - timedelta(days=1))
    with pytest.raises(Forbidden):
        suggestions.list_sessions(case.unit)
    assert [held.session_no for held in suggestions.list_sessions(case.office)[0][1]] == [2]
    assert suggestions.list_units(case.office)
