"""Where access tokens are kept, and the store for one process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredToken:
    """A token with the unix times at which to renew it and at which it dies."""

    value: str = field(repr=False)
    refresh_at: float
    expires_at: float

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("access tokens are not pickled")


class TokenStore(Protocol):
    """Shared memory of the workers. Keys name account kind, appid and secret version, never a secret."""

    @property
    def degraded(self) -> bool:
        """Whether the store has fallen back to this process alone."""

    def load(self, key: str) -> StoredToken | None:
        """The token under `key`, or None."""

    def save(self, key: str, token: StoredToken, *, keep_seconds: float) -> None:
        """Keep `token` for at most `keep_seconds`."""

    def discard(self, key: str, value: str) -> None:
        """Forget the token under `key` only if it still is `value`."""

    def try_lock(self, key: str, owner: str, seconds: float) -> bool:
        """Become the one that renews `key`, for at most `seconds`; False when another is."""

    def unlock(self, key: str, owner: str) -> None:
        """Give the right to renew back, if `owner` still holds it."""


class MemoryTokenStore:
    """Tokens of this process only: for one worker, for tests, and for Redis' bad days."""

    degraded = False

    def __init__(self, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._tokens: dict[str, tuple[StoredToken, float]] = {}
        self._locks: dict[str, tuple[str, float]] = {}
        self._monotonic = monotonic
        self._guard = threading.Lock()

    def load(self, key: str) -> StoredToken | None:
        """See TokenStore."""
        with self._guard:
            held = self._tokens.get(key)
            return held[0] if held else None

    def save(self, key: str, token: StoredToken, *, keep_seconds: float) -> None:
        """See TokenStore. Whether a value still lives its user knows; what is long dead is swept out here."""
        with self._guard:
            now = self._monotonic()
            self._tokens = {name: held for name, held in self._tokens.items() if held[1] > now}
            self._locks = {name: held for name, held in self._locks.items() if held[1] > now}
            self._tokens[key] = (token, now + keep_seconds)

    def discard(self, key: str, value: str) -> None:
        """See TokenStore."""
        with self._guard:
            held = self._tokens.get(key)
            if held is not None and held[0].value == value:
                del self._tokens[key]

    def try_lock(self, key: str, owner: str, seconds: float) -> bool:
        """See TokenStore."""
        with self._guard:
            now = self._monotonic()
            held = self._locks.get(key)
            if held is not None and held[1] > now:
                return False
            self._locks[key] = (owner, now + seconds)
            return True

    def unlock(self, key: str, owner: str) -> None:
        """See TokenStore."""
        with self._guard:
            held = self._locks.get(key)
            if held is not None and held[0] == owner:
                del self._locks[key]
