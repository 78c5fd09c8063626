"""Warnings of a clock and reminders to rate, each once; what a leader hears of and settles."""

from datetime import date

import pytest
from sqlalchemy import select

from models.comments import OpinionAlert
from models.notices import OpinionWord
from services import comments
from services.errors import Conflict, Forbidden, Invalid
from tests.factories import World
from tests.services.opinion_case import Case


def _alerts(world: World) -> list[str]:
    return list(world.system.session.scalars(select(OpinionAlert.kind).order_by(OpinionAlert.id)))


def _words_to(world: World, account_id: int | None) -> list[str]:
    return list(world.system.session.scalars(
        select(OpinionWord.status_phrase).where(OpinionWord.account_id == account_id).order_by(OpinionWord.id)))


def _run_until(world: World, days: int, *, skipping: tuple[int, ...] = ()) -> None:
    """A run a day, except on the days when nothing ran."""
    for day in range(1, days + 1):
        world.clock.advance(days=1)
        if day not in skipping:
            assert comments.warn(world.system) is None


def _due_in_forty_days(case: Case) -> Case:
    case.register()
    case.assign(due_on=date(2027, 1, 2))
    return case


def test_each_warning_comes_once_and_the_deputy_hears_of_it(case: Case, world: World) -> None:
    _due_in_forty_days(case)
    _run_until(world, 41)
    assert comments.warn(world.system) is None
    assert _alerts(world) == ["due_30", "due_7", "due_1", "due_0", "overdue"]
    assert _words_to(world, case.deputy.account_id) == ["待您办理", "办理提醒", "办理提醒", "即将到期", "今日到期", "已经超期"]


def test_a_day_without_a_run_is_made_up_by_the_next(case: Case, world: World) -> None:
    _due_in_forty_days(case)
    _run_until(world, 41, skipping=(10, 33))
    assert _alerts(world) == ["due_30", "due_7", "due_1", "due_0", "overdue"]
    assert len(_words_to(world, case.deputy.account_id)) == 6


def test_of_several_missed_warnings_the_most_pressing_one_is_sent(case: Case, world: World) -> None:
    _due_in_forty_days(case)
    _run_until(world, 40, skipping=tuple(range(1, 40)))
    assert _alerts(world) == ["due_30", "due_7", "due_1", "due_0"]
    assert _words_to(world, case.deputy.account_id) == ["待您办理", "今日到期"]


def test_a_clock_that_stands_still_or_ended_warns_nobody(case: Case, world: World) -> None:
    _due_in_forty_days(case)
    comments.pause(world.ctx_of(case.clerk), case.number, reason="等待材料")
    _run_until(world, 60)
    assert _alerts(world) == []


def test_a_later_day_has_warnings_of_its_own(case: Case, world: World) -> None:
    _due_in_forty_days(case)
    _run_until(world, 33)
    deputy, clerk = world.ctx_of(case.deputy), world.ctx_of(case.clerk)
    comments.ask_extension(deputy, case.number, wanted_on=date(2027, 1, 20), reason="等设备到货")
    comments.grant_extension(clerk, case.number)
    _run_until(world, 24)
    assert _alerts(world) == ["due_30", "due_7", "due_7", "due_1"]


def test_batches_go_through_every_opinion(case: Case, world: World) -> None:
    others = [world.opinion(case.resident) for _ in range(2)]
    world.clock.advance(days=2)
    after, ran = 0, 0
    while after is not None and ran < 10:
        after, ran = comments.warn(world.system, after_id=after, limit=1), ran + 1
    assert ran == len(others) + 2
    assert _alerts(world) == ["due_0", "overdue"] * 3


def test_overdue_goes_to_the_chair_and_long_overdue_to_the_county(case: Case, world: World) -> None:
    case.to("assigned")
    _run_until(world, 7)
    chair, office = world.ctx_of(world.staff("township_chair")), world.ctx_of(world.staff("county_office"))
    assert comments.count_to_supervise(chair) == 1
    assert "已超期，已报告负责人" in case.titles(internal=True)
    assert "已超期，已报告负责人" not in case.titles()
    assert _alerts(world) == ["due_0", "overdue"]
    _run_until(world, 1)
    assert _alerts(world)[-1] == "overdue_long"
    comments.supervise(chair, case.number, instruction="今天内联系群众")
    assert (comments.count_to_supervise(chair), comments.count_to_supervise(office)) == (0, 1)
    comments.supervise(office, case.number, instruction="县里跟进")
    file, _can_answer = comments.get_assigned(world.ctx_of(case.deputy), case.number)
    assert [row.instruction for row in file.instructions] == ["今天内联系群众", "县里跟进"]
    assert "督办意见" not in case.titles()
    assert comments.get_mine(world.ctx_of(case.resident), case.number).instructions == ()
    assert "领导督办" in _words_to(world, case.deputy.account_id)


def test_supervising_needs_the_role_words_and_something_reported(case: Case, world: World) -> None:
    case.to("assigned")
    chair = world.ctx_of(world.staff("township_chair"))
    with pytest.raises(Conflict, match="nothing_to_supervise"):
        comments.supervise(chair, case.number, instruction="抓紧")
    _run_until(world, 2)
    with pytest.raises(Invalid, match="instruction_required"):
        comments.supervise(chair, case.number, instruction=" ")
    with pytest.raises(Forbidden):
        comments.supervise(world.ctx_of(case.clerk), case.number, instruction="抓紧")
    assert comments.waits_for_me(chair, case.opinion) == ["已超期"]
    assert comments.waits_for_me(world.ctx_of(case.clerk), case.opinion) == []


def test_the_chair_hears_of_an_unsatisfied_resident(case: Case, world: World) -> None:
    case.to("answered")
    case.rate("unsatisfied", "灯还是不亮")
    chair = world.ctx_of(world.staff("township_chair"))
    assert comments.waits_for_me(chair, case.opinion) == ["群众评价不满意"]


def test_a_resident_is_reminded_twice_and_never_after_rating(case: Case, world: World) -> None:
    case.to("answered")
    for _day in range(14):
        world.clock.advance(days=1)
        assert comments.remind_to_rate(world.system) is None
    assert _words_to(world, case.resident.account_id).count("请您评价") == 2
    case.rate()
    world.clock.advance(days=3)
    comments.remind_to_rate(world.system)
    assert _words_to(world, case.resident.account_id).count("请您评价") == 2
