"""Tokens shared by all workers through Redis or Valkey, surviving its absence."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from redis.exceptions import RedisError

from wechat.token_store import MemoryTokenStore, StoredToken

logger = logging.getLogger(__name__)
T = TypeVar("T")

REST_SECONDS = 5.0
_DELETE_IF_EQUAL = (
    "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
)


class RedisTokenStore:
    """One JSON value per token with its time to live; one lock per token, taken by SET NX PX.

    When Redis fails the process goes on alone with what it remembers, leaves Redis in peace for five
    seconds and says so in `degraded`. The client should have short socket timeouts and no retries of its
    own: they bound how long a dead Redis is felt.
    """

    def __init__(
        self, client: Any, prefix: str = "wechat:", *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._prefix = prefix
        self._monotonic = monotonic
        self._memory = MemoryTokenStore(monotonic=monotonic)
        self._rest_until = 0.0
        self._degraded = False

    @property
    def degraded(self) -> bool:
        """Whether the last use of Redis failed."""
        return self._degraded

    def load(self, key: str) -> StoredToken | None:
        """See TokenStore."""
        alone = self._memory.load(key)
        return self._try(lambda: _decode(self._client.get(self._prefix + key)), otherwise=lambda: alone)

    def save(self, key: str, token: StoredToken, *, keep_seconds: float) -> None:
        """See TokenStore. Kept in the process as well, for the time Redis is away."""
        self._memory.save(key, token, keep_seconds=keep_seconds)
        milliseconds = max(1, int(keep_seconds * 1000))
        self._try(
            lambda: self._client.set(self._prefix + key, _encode(token), px=milliseconds),
            otherwise=lambda: None,
        )

    def discard(self, key: str, value: str) -> None:
        """See TokenStore. The compare and the delete are one step in Redis."""
        self._memory.discard(key, value)
        self._try(lambda: self._discard_shared(self._prefix + key, value), otherwise=lambda: None)

    def _discard_shared(self, name: str, value: str) -> None:
        raw = self._client.get(name)
        held = _decode(raw)
        if held is not None and held.value == value:
            self._client.eval(_DELETE_IF_EQUAL, 1, name, raw)

    def try_lock(self, key: str, owner: str, seconds: float) -> bool:
        """See TokenStore."""
        name = f"{self._prefix}{key}:lock"
        return self._try(
            lambda: bool(self._client.set(name, owner, nx=True, px=int(seconds * 1000))),
            otherwise=lambda: self._memory.try_lock(key, owner, seconds),
        )

    def unlock(self, key: str, owner: str) -> None:
        """See TokenStore. Only the owner may release: its lock may have run out and be another's by now."""
        self._memory.unlock(key, owner)
        name = f"{self._prefix}{key}:lock"
        self._try(lambda: self._client.eval(_DELETE_IF_EQUAL, 1, name, owner), otherwise=lambda: None)

    def _try(self, use_redis: Callable[[], T], *, otherwise: Callable[[], T]) -> T:
        if self._monotonic() < self._rest_until:
            return otherwise()
        try:
            result = use_redis()
        except RedisError as error:
            self._rest_until = self._monotonic() + REST_SECONDS
            if not self._degraded:
                logger.warning("token store: Redis failed (%s), going on alone", type(error).__name__)
            self._degraded = True
            return otherwise()
        self._degraded = False
        return result


def _encode(token: StoredToken) -> str:
    return json.dumps({"value": token.value, "refresh_at": token.refresh_at, "expires_at": token.expires_at})


def _decode(raw: bytes | str | None) -> StoredToken | None:
    """A foreign or damaged value counts as none: the next renewal overwrites it."""
    if raw is None:
        return None
    try:
        kept = json.loads(raw)
        return StoredToken(str(kept["value"]), float(kept["refresh_at"]), float(kept["expires_at"]))
    except (ValueError, KeyError, TypeError):
        return None
