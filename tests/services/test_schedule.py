"""Whose turn a periodic job is, and who is alive."""

from datetime import timedelta

from services import schedule
from tests.factories import World


def test_a_period_has_one_owner(world: World) -> None:
    ctx = world.system
    assert schedule.start_run(ctx, "tidy", ctx.now)
    assert not schedule.start_run(ctx, "tidy", ctx.now)
    assert schedule.start_run(ctx, "tidy", ctx.now + timedelta(hours=1))
    assert schedule.start_run(ctx, "other", ctx.now)


def test_an_outcome_is_kept(world: World) -> None:
    ctx = world.system
    schedule.start_run(ctx, "tidy", ctx.now)
    schedule.finish_run(ctx, "tidy", ctx.now, "failed")
    ctx.session.expire_all()
    row = schedule.latest_runs(ctx.session)[0]
    assert (row.name, row.outcome, row.finished_at) == ("tidy", "failed", ctx.now)


def test_a_worker_is_alive_for_a_minute_after_its_beat(world: World) -> None:
    ctx = world.system
    schedule.beat(ctx, "worker-1")
    schedule.beat(ctx, "worker-1")
    ctx.session.flush()
    lines = schedule.list_workers(ctx.session, ctx.now + timedelta(seconds=59))
    assert [(line.name, line.is_alive) for line in lines] == [("worker-1", True)]
    assert not schedule.list_workers(ctx.session, ctx.now + timedelta(seconds=60))[0].is_alive
