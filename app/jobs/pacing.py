"""The common pace of all senders: an even flow, faster while the platform copes, halved when not."""

import time
from collections.abc import Callable

import redis

#: Messages a second to begin with; the platform documents no limit, so the pace is found by trying.
START = 20.0
#: Gained with every message that went through, so that a good minute leads from START to a hundred.
GAIN = 0.5
FLOOR = 1.0
#: Several refusals of one moment count once (milliseconds).
_REST = 1000

# An even flow (GCRA): the next free moment is kept, a caller takes it and waits until then.
_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
local cap = tonumber(ARGV[1])
local rate = math.min(tonumber(redis.call('HGET', KEYS[1], 'rate') or ARGV[2]), cap)
local free = math.max(tonumber(redis.call('HGET', KEYS[1], 'free') or '0'), now)
redis.call('HSET', KEYS[1], 'free', tostring(free + 1000 / rate), 'rate', tostring(rate))
redis.call('EXPIRE', KEYS[1], 600)
return tostring(free - now)
"""
_FASTER = """
local rate = tonumber(redis.call('HGET', KEYS[1], 'rate') or ARGV[2])
redis.call('HSET', KEYS[1], 'rate', tostring(math.min(rate + tonumber(ARGV[3]), tonumber(ARGV[1]))))
"""
_SLOWER = """
local clock = redis.call('TIME')
local now = clock[1] * 1000 + clock[2] / 1000
if now - tonumber(redis.call('HGET', KEYS[1], 'slowed') or '0') < tonumber(ARGV[3]) then return end
local rate = tonumber(redis.call('HGET', KEYS[1], 'rate') or ARGV[2])
redis.call('HSET', KEYS[1], 'rate', tostring(math.max(rate / 2, tonumber(ARGV[1]))), 'slowed', tostring(now))
"""


class Pace:
    """Shared by every worker of every machine through Redis; `per_second` 0 means as fast as it goes."""

    def __init__(self, client: "redis.Redis", account: str, *, per_second: float,
                 sleep: Callable[[float], None] = time.sleep) -> None:  # noqa: TID251 - a pace is kept by the clock
        self._client, self._key, self._cap, self._sleep = client, f"push-pace:{account}", per_second, sleep

    def wait(self) -> None:
        """Return when the next message may leave."""
        if self._cap > 0:
            milliseconds = float(self._client.eval(_TAKE, 1, self._key, self._cap, START))
            if milliseconds > 0:
                self._sleep(milliseconds / 1000)

    def went_well(self) -> None:
        if self._cap > 0:
            self._client.eval(_FASTER, 1, self._key, self._cap, START, GAIN)

    def was_refused(self) -> None:
        """The platform was busy or a limit was reached."""
        if self._cap > 0:
            self._client.eval(_SLOWER, 1, self._key, FLOOR, START, _REST)
