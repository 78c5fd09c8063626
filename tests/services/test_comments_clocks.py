"""A clock that stands still, goes on, or ends later by the office's decision."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models.comments import OpinionAssignment, OpinionExtension
from services import comments, regions
from services.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories import World
from tests.services.opinion_case import Case

MONDAY = date(2026, 11, 23)


def _unit_case(case: Case) -> Case:
    case.register()
    case.assign_to_unit()
    return case


def _pause(case: Case, reason: str = "等待群众补充材料") -> None:
    comments.pause(case.world.ctx_of(case.clerk), case.number, reason=reason)


def _ask(case: Case, day: date, reason: str = "需要勘察") -> OpinionExtension:
    return comments.ask_extension_as_unit(case.world.ctx_of(case.unit_staff), case.number, wanted_on=day, reason=reason)


def test_a_clock_that_stood_still_goes_on_with_the_working_days_it_had_left(case: Case, world: World) -> None:
    _unit_case(case)
    assert (world.system.today, case.opinion.due_on) == (MONDAY, date(2026, 12, 2))
    world.clock.advance(days=2)
    _pause(case)
    assert (case.opinion.due_on, case.opinion.paused_workdays) == (None, 5)
    assert "暂停计时" in case.titles()
    world.clock.advance(days=20)
    resumed = comments.resume(world.ctx_of(case.clerk), case.number)
    assert (resumed.due_on, resumed.paused_workdays) == (date(2026, 12, 22), None)
    assert world.system.session.scalars(select(OpinionAssignment.due_on)).one() == date(2026, 12, 22)


def test_a_pause_of_no_time_changes_no_due_day(case: Case, world: World) -> None:
    _unit_case(case)
    before = case.opinion.due_on
    _pause(case)
    assert comments.resume(world.ctx_of(case.clerk), case.number).due_on == before


def test_only_a_running_clock_is_stopped_and_only_a_stopped_one_goes_on(case: Case, world: World) -> None:
    with pytest.raises(Conflict, match="opinion_clock_not_running"):
        _pause(case)
    _unit_case(case)
    clerk = world.ctx_of(case.clerk)
    with pytest.raises(Conflict, match="opinion_clock_not_paused"):
        comments.resume(clerk, case.number)
    with pytest.raises(Invalid, match="reason_required"):
        _pause(case, " ")
    _pause(case)
    with pytest.raises(Conflict, match="opinion_clock_not_running"):
        _pause(case)


def test_a_clock_that_has_run_out_is_neither_stopped_nor_prolonged(case: Case, world: World) -> None:
    _unit_case(case)
    world.clock.advance(days=20)
    with pytest.raises(Conflict, match="opinion_clock_over"):
        _pause(case)
    with pytest.raises(Conflict, match="opinion_clock_over"):
        _ask(case, date(2026, 12, 30))


def test_who_handles_it_may_not_stop_its_own_clock(case: Case, world: World) -> None:
    _unit_case(case)
    with pytest.raises(Forbidden):
        comments.pause(world.ctx_of(case.unit_staff), case.number, reason="忙")


def test_an_answer_ends_a_pause(case: Case, world: World) -> None:
    _unit_case(case)
    _pause(case)
    comments.answer_as_unit(world.ctx_of(case.unit_staff), case.number, text="已修好。")
    assert (case.opinion.state, case.opinion.due_on, case.opinion.paused_workdays) == ("answered", None, None)


def test_given_back_the_clock_that_stood_still_goes_on(case: Case, world: World) -> None:
    case.to("assigned")
    _pause(case)
    comments.give_back(world.ctx_of(case.deputy), case.number, reason="不归我管")
    assert (case.opinion.due_on, case.opinion.paused_workdays) == (date(2026, 11, 24), None)


def test_a_granted_request_moves_the_day_and_the_resident_reads_why(case: Case, world: World) -> None:
    _unit_case(case)
    row = _ask(case, date(2026, 12, 20))
    assert (row.state, case.opinion.due_on) == ("pending", date(2026, 12, 2))
    assert "申请延期" not in case.titles()
    comments.grant_extension(world.ctx_of(case.clerk), case.number, due_on=date(2026, 12, 18), note="同意")
    assert (row.state, row.granted_on, case.opinion.due_on) == ("granted", date(2026, 12, 18), date(2026, 12, 18))
    assert world.system.session.scalars(select(OpinionAssignment.due_on)).one() == date(2026, 12, 18)
    events = comments.get_mine(world.ctx_of(case.resident), case.number).events
    assert events[-1].detail == "延至2026年12月18日，原因：需要勘察"
    with pytest.raises(Conflict, match="extension_asked"):
        _ask(case, date(2026, 12, 30))


def test_a_declined_request_leaves_the_day_and_may_be_made_anew(case: Case, world: World) -> None:
    case.to("assigned")
    deputy, clerk = world.ctx_of(case.deputy), world.ctx_of(case.clerk)
    comments.ask_extension(deputy, case.number, wanted_on=date(2026, 12, 1), reason="需要时间")
    with pytest.raises(Conflict, match="extension_asked"):
        comments.ask_extension(deputy, case.number, wanted_on=date(2026, 12, 2), reason="再问一次")
    with pytest.raises(Invalid, match="reason_required"):
        comments.decline_extension(clerk, case.number, note=" ")
    comments.decline_extension(clerk, case.number, note="事情简单，请按期答复")
    assert case.opinion.due_on == date(2026, 11, 24)
    file, _can_answer = comments.get_assigned(deputy, case.number)
    assert file.extension is not None
    assert (file.extension.state, file.extension.decision_note) == ("declined", "事情简单，请按期答复")
    assert comments.get_mine(world.ctx_of(case.resident), case.number).extension is None
    comments.ask_extension(deputy, case.number, wanted_on=date(2026, 12, 2), reason="等供电所回函")
    with pytest.raises(Conflict, match="extension_not_asked"):
        comments.decline_extension(clerk, world.opinion(case.resident).number, note="没有申请")


@pytest.mark.parametrize("days", [0, 61])
def test_the_asked_day_is_later_and_within_the_regions_limit(case: Case, days: int) -> None:
    _unit_case(case)
    due_on = case.opinion.due_on
    assert due_on is not None
    with pytest.raises(Invalid, match="extension_day"):
        _ask(case, due_on + timedelta(days=days))
    assert _ask(case, due_on + timedelta(days=60)).state == "pending"


def test_a_region_sets_its_own_longest_extension(case: Case, world: World) -> None:
    _unit_case(case)
    regions.set_setting(world.system, world.township, name="opinion.extension_days", value=3, effective_on=MONDAY)
    with pytest.raises(Invalid, match="extension_day"):
        _ask(case, date(2026, 12, 6))


def test_the_office_does_not_grant_more_than_was_asked_nor_a_day_gone_by(case: Case, world: World) -> None:
    _unit_case(case)
    _ask(case, date(2026, 12, 10))
    clerk = world.ctx_of(case.clerk)
    with pytest.raises(Invalid, match="extension_beyond_request"):
        comments.grant_extension(clerk, case.number, due_on=date(2026, 12, 11))
    with pytest.raises(Invalid, match="due_date_past"):
        comments.grant_extension(clerk, case.number, due_on=date(2026, 11, 22))


def test_a_request_ends_with_its_assignment(case: Case, world: World) -> None:
    _unit_case(case)
    _ask(case, date(2026, 12, 10))
    case.assign()
    with pytest.raises(Conflict, match="extension_not_asked"):
        comments.grant_extension(world.ctx_of(case.clerk), case.number)
    with pytest.raises(NotFound):
        _ask(case, date(2026, 12, 10))


def test_only_the_handler_asks_and_only_the_office_decides(case: Case, world: World) -> None:
    _unit_case(case)
    with pytest.raises(NotFound):
        comments.ask_extension(world.ctx_of(case.deputy), case.number, wanted_on=date(2026, 12, 10), reason="我来问")
    with pytest.raises(Forbidden):
        comments.ask_extension_as_unit(world.ctx_of(case.clerk), case.number, wanted_on=date(2026, 12, 10), reason="我来")
    _ask(case, date(2026, 12, 10))
    with pytest.raises(Forbidden):
        comments.grant_extension(world.ctx_of(case.unit_staff), case.number)
