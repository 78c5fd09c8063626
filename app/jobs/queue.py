"""Carrying "there is work" to any worker of any machine: Dramatiq on Redis, over rows that are the truth.

Losing the broker loses nothing: the sweep finds every due row again.
"""

import logging
from functools import lru_cache

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker

from app import embedded_redis
from app.program import Program
from app.settings import Settings
from app.wiring import build_program

logger = logging.getLogger(__name__)
#: A worker that stops beating is declared dead after this; its messages go back (milliseconds).
HEARTBEAT_TIMEOUT = 8_000


@lru_cache(maxsize=4)
def broker_for(redis_url: str) -> RedisBroker:
    """The broker, with its one actor; queueing does nothing but name rows of the outbox."""
    broker = RedisBroker(url=redis_url, heartbeat_timeout=HEARTBEAT_TIMEOUT, maintenance_chance=100_000,
                         namespace="deputy-home")  # type: ignore[no-untyped-call]
    dramatiq.set_broker(broker)
    return broker


def build_for_web(settings: Settings) -> Program:
    """The program of a web process: after a commit it announces outbox rows to the workers."""
    settings = embedded_redis.with_redis(settings)
    broker = broker_for(settings.redis_url)

    def announce(ids: list[int]) -> None:
        for message_id in ids:
            try:
                broker.enqueue(dramatiq.Message(queue_name="default", actor_name="handle_outbox", args=(message_id,),
                                                kwargs={}, options={}))
            except (redis.RedisError, dramatiq.errors.ConnectionError):
                logger.warning("queue unreachable, the sweep will find the work")
                return

    return build_program(settings, announce=announce)
