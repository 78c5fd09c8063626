"""So many in a window of time, for all workers together."""

from __future__ import annotations

import logging
import threading
import uuid
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from redis.exceptions import RedisError

from wechat.clock import Clock, utc_now

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `limit` in any stretch of `seconds`."""

    limit: int
    seconds: int


class RateGate(Protocol):
    """Keeps count of what went out under each key."""

    def room(self, key: str, rate: Rate) -> int:
        """How many may go now."""

    def take_each(self, keys: Sequence[str], rate: Rate) -> list[bool]:
        """For each key, whether one more may go; it is counted where it may."""


class MemoryRateGate:
    """Counts for this process alone."""

    def __init__(self, *, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._sent: dict[str, deque[float]] = {}
        self._guard = threading.Lock()

    def room(self, key: str, rate: Rate) -> int:
        """See RateGate."""
        with self._guard:
            return max(0, rate.limit - len(self._recent(key, rate)))

    def take_each(self, keys: Sequence[str], rate: Rate) -> list[bool]:
        """See RateGate."""
        with self._guard:
            return [self._take(key, rate) for key in keys]

    def _take(self, key: str, rate: Rate) -> bool:
        recent = self._recent(key, rate)
        if len(recent) >= rate.limit:
            return False
        recent.append(self._clock().timestamp())
        self._sent[key] = recent
        return True

    def _recent(self, key: str, rate: Rate) -> deque[float]:
        sent, oldest = self._sent.pop(key, deque()), self._clock().timestamp() - rate.seconds
        while sent and sent[0] <= oldest:
            sent.popleft()
        if sent:
            self._sent[key] = sent
        return sent


_TAKE = """
local now, window, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
if redis.call('ZCARD', KEYS[1]) >= limit then return 0 end
redis.call('ZADD', KEYS[1], now, ARGV[4])
redis.call('PEXPIRE', KEYS[1], window)
return 1
"""


class RedisRateGate:
    """Counts for all workers. With Redis away each process counts alone; the platform's own limit remains."""

    def __init__(self, client: Any, prefix: str = "wechat:rate:", *, clock: Clock = utc_now) -> None:
        self._client = client
        self._prefix = prefix
        self._clock = clock
        self._alone = MemoryRateGate(clock=clock)

    def room(self, key: str, rate: Rate) -> int:
        """See RateGate."""
        oldest = self._now() - rate.seconds * 1000
        try:
            sent = int(self._client.zcount(self._prefix + key, f"({oldest}", "+inf"))
        except RedisError as error:
            return self._without_redis(error).room(key, rate)
        return max(0, rate.limit - sent)

    def take_each(self, keys: Sequence[str], rate: Rate) -> list[bool]:
        """See RateGate. Compare and count are one step in Redis."""
        now, window = self._now(), rate.seconds * 1000
        try:
            with self._client.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.eval(_TAKE, 1, self._prefix + key, now, window, rate.limit, uuid.uuid4().hex)
                return [bool(taken) for taken in pipe.execute()]
        except RedisError as error:
            return self._without_redis(error).take_each(keys, rate)

    def _without_redis(self, error: RedisError) -> MemoryRateGate:
        logger.warning("rate gate: Redis failed (%s), counting alone", type(error).__name__)
        return self._alone

    def _now(self) -> int:
        return int(self._clock().timestamp() * 1000)
