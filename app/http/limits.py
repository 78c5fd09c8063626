"""Rate limits that say what they do when Redis is away: `open` lets people on, `closed` protects an account."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Literal

from flask import current_app, g, request
from limits import RateLimitItem, parse
from limits.storage import RedisStorage, Storage
from limits.strategies import FixedWindowRateLimiter
from redis import RedisError

from app.program import Program, current_program
from services.errors import TooMany, Unavailable

#: One prefix per strategy: a changed strategy on old keys answers with an error until they expire.
_PREFIX = "limit-fixed"


def build_limiter(program: Program) -> FixedWindowRateLimiter:
    storage: Storage = RedisStorage("redis://", connection_pool=program.redis.connection_pool, key_prefix=_PREFIX)
    return FixedWindowRateLimiter(storage)


def rate_limit(rate: str, *, per: Literal["address", "actor"], when_redis_is_away: Literal["open", "closed"]
               ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """At most `rate` ("5/minute") calls of a view per network address or per person."""
    item = parse(rate)

    def wrap(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def limited(*args: Any, **kwargs: Any) -> Any:
            who = g.actor.key if per == "actor" else request.remote_addr or "unknown"
            _count(item, view.__name__, who, when_redis_is_away)
            return view(*args, **kwargs)

        limited.rate = (rate, per, when_redis_is_away)  # type: ignore[attr-defined]
        return limited

    return wrap


def _count(item: RateLimitItem, name: str, who: str, when_redis_is_away: str) -> None:
    limiter: FixedWindowRateLimiter = current_app.extensions["limiter"]
    try:
        if not limiter.hit(item, name, who):
            reset = limiter.get_window_stats(item, name, who).reset_time
            wait = max(int(reset - current_program().clock().timestamp()), 1)
            raise TooMany("too_many_requests", wait=wait, retry_after=wait)
    except RedisError as error:
        if when_redis_is_away == "closed":
            raise Unavailable("limits_unavailable") from error
