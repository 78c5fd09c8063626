"""Who sees what of an opinion: the file and the lists of each side."""

from datetime import date

import pytest
from sqlalchemy import func, select

from models.comments import OpinionEvent
from services import comments
from services.comments import Handler
from services.errors import Invalid, NotFound
from tests.factories import World
from tests.services.opinion_case import Case


def test_an_anonymous_opinion_is_still_followed_by_its_author(world: World) -> None:
    resident = world.resident()
    opinion = world.opinion(resident, is_anonymous=True)
    assert opinion.is_anonymous
    assert comments.get_mine(world.ctx_of(resident), opinion.number).opinion.id == opinion.id


def test_nobody_reads_somebody_elses_opinion(case: Case, world: World) -> None:
    for other in (world.resident(), case.deputy):
        with pytest.raises(NotFound):
            comments.get_mine(world.ctx_of(other), case.number)
    with pytest.raises(NotFound):
        comments.get_assigned(world.ctx_of(case.deputy), case.number)


def test_the_file_names_the_handler_of_the_round_that_runs(case: Case, world: World) -> None:
    case.to("answered")
    case.rate("unsatisfied", "灯还是不亮")
    comments.give_back(world.ctx_of(case.deputy), case.number, reason="要供电所办")
    found = comments.get_mine(world.ctx_of(case.resident), case.number)
    assert (found.state_name, found.handler_name, found.answer_handler) == ("已受理，待交办", None, "王建国代表")
    case.assign_to_unit()
    found = comments.get_mine(world.ctx_of(case.resident), case.number)
    assert (found.handler_name, found.answer_handler) == ("青石镇水利站", "王建国代表")


def test_the_clerk_of_another_township_finds_nothing(case: Case, world: World) -> None:
    foreign = world.ctx_of(world.staff(region=world.other_township))
    with pytest.raises(NotFound):
        comments.register(foreign, case.number)
    assert comments.list_for_staff(foreign, comments.OpinionFilter()) == ([], 0)


def test_a_unit_sees_only_what_is_its_own_now(case: Case, world: World) -> None:
    unit = world.ctx_of(case.unit_staff)
    world.opinion(case.resident)
    case.register()
    assert comments.list_for_staff(unit, comments.OpinionFilter()) == ([], 0)
    case.assign_to_unit()
    rows, total = comments.list_for_staff(unit, comments.OpinionFilter())
    assert ([row.number for row, _village in rows], total) == ([case.number], 1)
    case.assign()
    assert comments.list_for_staff(unit, comments.OpinionFilter()) == ([], 0)


def test_internal_notes_are_never_in_the_residents_or_deputys_file(case: Case, world: World) -> None:
    case.to("assigned")
    comments.note(world.ctx_of(case.clerk), case.number, text="此人多次来访")
    with pytest.raises(Invalid, match="invalid_input"):
        comments.note(world.ctx_of(case.clerk), case.number, text=" ")
    assert "内部备注" in case.titles(internal=True)
    for file in (comments.get_mine(world.ctx_of(case.resident), case.number),
                 comments.get_assigned(world.ctx_of(case.deputy), case.number)[0]):
        assert not [event for event in file.events if event.is_internal]
    assert world.system.session.scalar(select(func.count()).select_from(OpinionEvent).where(OpinionEvent.is_internal))


@pytest.mark.parametrize(("which", "found"), [
    ({"state": "open"}, 2), ({"state": "assigned"}, 1), ({"state": "closed"}, 0), ({"category": "road"}, 2),
    ({"category": "water"}, 0), ({"search": "路灯"}, 2), ({"search": "yj990101101"}, 2), ({"search": "%"}, 0),
    ({"overdue": True}, 0)])
def test_the_clerks_list_is_filtered(case: Case, world: World, which: dict[str, object], found: int) -> None:
    case.to("assigned")
    world.opinion(case.resident)
    listed = comments.list_for_staff(world.ctx_of(case.clerk), comments.OpinionFilter(**which))  # type: ignore[arg-type]
    assert listed[1] == found


def test_what_is_past_its_day_is_overdue_and_an_answer_ends_it(case: Case, world: World) -> None:
    case.to("assigned")
    world.clock.advance(days=1)
    assert comments.count_open(world.ctx_of(case.clerk), overdue=True) == 0
    world.clock.advance(days=1)
    assert comments.count_open(world.ctx_of(case.clerk), overdue=True) == 1
    case.answer()
    world.system.session.flush()
    assert comments.count_open(world.ctx_of(case.clerk), overdue=True) == 0


def test_a_deputys_work_list_is_soonest_first_and_moves_to_done(case: Case, world: World) -> None:
    case.to("assigned")
    later = world.opinion(case.resident)
    comments.register(world.ctx_of(case.clerk), later.number)
    comments.assign(world.ctx_of(case.clerk), later.number, handler=Handler(person_id=case.deputy.person_id),
                    due_on=date(2026, 11, 23))
    ctx = world.ctx_of(case.deputy)
    assert [row.number for row in comments.list_assigned(ctx, state="open", page=1, page_size=9)[0]] == [
        later.number, case.number]
    case.answer()
    world.system.session.flush()
    assert [row.number for row in comments.list_assigned(ctx, state="done", page=1, page_size=9)[0]] == [case.number]
