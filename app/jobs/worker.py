"""A worker process: Dramatiq's threads take announced rows, a sweep finds the rest, a beat shows life.

`python -m app.jobs.worker`; any number of them on any number of machines.
"""

import logging
import os
import signal
import socket
import threading
from typing import Any

import dramatiq
import redis
from sqlalchemy.exc import SQLAlchemyError

from app import embedded_redis, settings
from app.http.logs import configure_logs
from app.jobs import run, schedule
from app.jobs.queue import broker_for
from app.program import Program
from app.unit_of_work import unit_of_work
from app.wiring import build_program
from services import schedule as schedule_rows

logger = logging.getLogger("app.jobs.worker")
SWEEP_SECONDS = 2.0
THREADS = 8


def build_worker_program() -> Program:
    found = embedded_redis.with_redis(settings.from_env())
    configure_logs(found.log_level)
    broker_for(found.redis_url)
    # What a job publishes is found by the next sweep; a worker does not talk to itself over Redis.
    return build_program(found, announce=lambda _ids: None)


def register_actor(program: Program) -> None:
    """The one actor of the queue: a message names a row of the outbox."""

    @dramatiq.actor(actor_name="handle_outbox", queue_name="default", max_retries=0, time_limit=600_000)
    def handle_outbox(message_id: int) -> None:
        run.run_message(program, message_id)

    _ = handle_outbox


def main() -> None:
    program = build_worker_program()
    register_actor(program)
    worker = dramatiq.Worker(dramatiq.get_broker(), worker_threads=THREADS)
    stop = threading.Event()

    def ask_to_stop(*_: Any) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ask_to_stop)
    signal.signal(signal.SIGINT, ask_to_stop)
    worker.start()
    name = f"{socket.gethostname()}:{os.getpid()}"
    logger.info("worker started", extra={"worker": name})
    while not stop.wait(SWEEP_SECONDS):
        sweep(program, name)
    worker.stop(timeout=10_000)


def sweep(program: Program, name: str) -> None:
    """Show life, start what is due, and run rows that nobody announced; survives a database away."""
    try:
        beat(program, name)
        schedule.run_due(program)
        run.drain(program)
    except (SQLAlchemyError, redis.RedisError) as error:
        logger.warning("sweep failed", extra={"error": type(error).__name__})
    except Exception as error:
        # The loop must outlive any single job: its row keeps the failure and comes back.
        logger.error("sweep failed", extra={"error": type(error).__name__})


def beat(program: Program, name: str) -> None:
    """Show life where the work can be done: without Redis nothing is paced, so nothing can be sent."""
    try:
        program.redis.ping()
    except redis.RedisError:
        return
    with unit_of_work(program) as ctx:
        schedule_rows.beat(ctx, name)


if __name__ == "__main__":
    main()
