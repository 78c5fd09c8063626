"""Periodic jobs: each period once, whoever comes first, and its outcome is kept."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, func, select

from app.jobs import schedule
from app.program import Program
from models.comments import OpinionAlert
from models.notices import MessageTemplate
from models.outbox import ScheduledRun
from services.context import CHINA
from tests.factories import World


def _counting() -> tuple[schedule.Periodic, list[int]]:
    ran: list[int] = []

    def work(_program: Program) -> None:
        ran.append(1)

    return schedule.Periodic("counting", timedelta(minutes=1), work), ran


def test_two_callers_of_one_period_run_the_job_once(program: Program) -> None:
    job, ran = _counting()
    assert [schedule.run_once(program, job) for _ in range(2)] == [True, False]
    assert ran == [1]


def test_the_next_period_runs_it_again(program: Program, world: World) -> None:
    job, ran = _counting()
    schedule.run_once(program, job)
    world.clock.advance(seconds=60)
    assert schedule.run_once(program, job)
    assert ran == [1, 1]


def test_a_failed_run_is_kept_as_failed_and_not_repeated_in_its_period(program: Program, world: World) -> None:
    def work(_program: Program) -> None:
        raise RuntimeError("secret")

    job = schedule.Periodic("failing", timedelta(minutes=1), work)
    with pytest.raises(RuntimeError):
        schedule.run_once(program, job)
    assert not schedule.run_once(program, job)
    row = world.system.session.scalars(select(ScheduledRun)).one()
    assert (row.outcome, row.finished_at) == ("failed", world.clock())


def test_everything_due_runs_and_is_named(program: Program, world: World) -> None:
    world.commit()
    assert schedule.run_due(program) == [job.name for job in schedule.SCHEDULE]
    assert schedule.run_due(program) == []
    outcomes = set(world.system.session.scalars(select(ScheduledRun.outcome)))
    assert outcomes == {"done"}


def test_templates_are_fetched(program: Program, world: World) -> None:
    world.commit()
    world.system.session.execute(delete(MessageTemplate))
    schedule.sync_templates(program)
    assert world.system.session.scalar(select(func.count()).select_from(MessageTemplate)) == 2


def test_the_night_run_has_its_own_moment(program: Program, world: World) -> None:
    job = next(job for job in schedule.SCHEDULE if job.name == "retention")
    night = datetime(2026, 11, 24, 3, 30, tzinfo=CHINA)
    assert job.due_at(night) == night
    assert job.due_at(night - timedelta(seconds=1)) == night - timedelta(days=1)
    assert job.due_at(night + timedelta(hours=23)) == night
    assert schedule.next_due("retention", night + timedelta(hours=1)) == night + timedelta(days=1)


@pytest.mark.parametrize("name", [job.name for job in schedule.SCHEDULE])
def test_every_scheduled_job_may_run_twice(program: Program, world: World, name: str) -> None:
    world.commit()
    job = next(job for job in schedule.SCHEDULE if job.name == name)
    for _ in range(2):
        job.run(program)


def test_clocks_warn_in_the_morning_and_on_the_next_day_where_nothing_ran(program: Program, world: World) -> None:
    world.opinion(world.resident())
    world.commit()
    job = next(job for job in schedule.SCHEDULE if job.name == "warn_of_clocks")
    assert job.due_at(world.clock()).astimezone(CHINA).strftime("%H:%M") == "08:30"
    world.clock.advance(days=2)
    assert schedule.run_once(program, job)
    kinds = world.system.session.scalars(select(OpinionAlert.kind).order_by(OpinionAlert.id)).all()
    assert kinds == ["due_0", "overdue"]
