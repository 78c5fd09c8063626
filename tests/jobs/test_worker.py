"""When a worker may say that it lives."""

from dataclasses import replace

import redis

from app.jobs import worker
from app.program import Program
from app.unit_of_work import unit_of_work
from services import schedule


def lives(program: Program) -> bool:
    with unit_of_work(program) as ctx:
        return schedule.has_live_worker(ctx)


def test_a_worker_with_its_redis_lives(program: Program) -> None:
    worker.beat(program, "worker:1")
    assert lives(program)


def test_a_worker_that_cannot_reach_redis_shows_no_life(program: Program) -> None:
    worker.beat(replace(program, redis=redis.Redis(host="127.0.0.1", port=1)), "worker:1")
    assert not lives(program)
