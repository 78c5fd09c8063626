"""Values the platform gives for a while: fetched once for everybody, renewed before they die."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field

from wechat.clock import Clock, utc_now
from wechat.errors import WeChatError, WeChatTimeout
from wechat.token_store import StoredToken, TokenStore

REFRESH_BEFORE_SECONDS = 300.0
REFRESH_JITTER_SECONDS = 30.0
#: A renewed value may have little life left; renewing in a loop would burn the quota.
MIN_REFRESH_INTERVAL_SECONDS = 30.0
FAILED_REFRESH_REST_SECONDS = 10.0
LOCK_SECONDS = 8.0
WAIT_SECONDS = 12.0
POLL_SECONDS = 0.05
#: A value just read from the store is used again without asking: a push of thousands would ask thousands of times.
RECENT_SECONDS = 2.0
RECENT_KEYS = 200

#: Ask the platform: the value and the seconds it lives.
Fetch = Callable[[], tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Lease:
    """A value for one call. `fresh`: it was fetched for this very call, so fetching again would not help."""

    value: str = field(repr=False)
    fresh: bool


class SharedValues:
    """One store for all workers; one fetch at a time per key in all processes."""

    def __init__(
        self,
        store: TokenStore,
        *,
        clock: Clock = utc_now,
        jitter: Callable[[float, float], float] = random.uniform,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._clock = clock
        self._jitter = jitter
        self._pause = pause
        self._flights: dict[str, Future[StoredToken]] = {}
        self._rest_until: dict[str, float] = {}
        self._recent: dict[str, tuple[StoredToken, float]] = {}
        self._discarded: dict[str, str] = {}
        self._guard = threading.Lock()

    @property
    def degraded(self) -> bool:
        """Whether values are no longer shared between processes."""
        return self._store.degraded

    def obtain(self, key: str, fetch: Fetch, *, early: float = REFRESH_BEFORE_SECONDS) -> Lease:
        """A value that is alive, renewed `early` seconds before its end.

        Only who finds none, or who renews it, waits for the platform.
        """
        held, now = self._held(key), self._now()
        if held is not None and now < held.refresh_at:
            return Lease(held.value, fresh=False)
        if held is not None and now < held.expires_at:
            return self._renew_early(key, held, fetch, early)
        return self._fetch_together(key, fetch, early)

    def _held(self, key: str) -> StoredToken | None:
        """What the store holds, or held a moment ago; never a value that was discarded meanwhile."""
        now = self._now()
        seen, until = self._recent.get(key, (None, 0.0))
        if seen is not None and now < min(until, seen.refresh_at) and seen.value != self._discarded.get(key):
            return seen
        held = self._store.load(key)
        if held is not None:
            if len(self._recent) >= RECENT_KEYS:
                self._recent = {}
            self._recent[key] = (held, now + RECENT_SECONDS)
        return held

    def discard(self, key: str, value: str) -> None:
        """Forget a value the platform rejected, unless a newer one has taken its place."""
        self._discarded[key] = value
        self._store.discard(key, value)

    def _renew_early(self, key: str, held: StoredToken, fetch: Fetch, early: float) -> Lease:
        """The first to come renews; all others, and all if that fails, go on with the old value."""
        owner = uuid.uuid4().hex
        resting = self._now() < self._rest_until.get(key, 0.0)
        if resting or not self._store.try_lock(key, owner, LOCK_SECONDS):
            return Lease(held.value, fresh=False)
        try:
            newer = self._store.load(key)
            if newer is not None and self._now() < newer.refresh_at:
                return Lease(newer.value, fresh=False)
            return Lease(self._fetch(key, fetch, early).value, fresh=True)
        except WeChatError:
            self._rest_until[key] = self._now() + FAILED_REFRESH_REST_SECONDS
            return Lease(held.value, fresh=False)
        finally:
            self._store.unlock(key, owner)

    def _fetch_together(self, key: str, fetch: Fetch, early: float) -> Lease:
        """Threads of this process that come meanwhile share the leader's value, or its failure."""
        with self._guard:
            flight = self._flights.get(key)
            leading = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        if leading:
            self._lead(flight, key, fetch, early)
        try:
            return Lease(flight.result(timeout=WAIT_SECONDS).value, fresh=True)
        except FutureTimeout:
            pass
        raise WeChatTimeout("another worker is still fetching", outcome_unknown=False)

    def _lead(self, flight: Future[StoredToken], key: str, fetch: Fetch, early: float) -> None:
        try:
            flight.set_result(self._fetch_locked(key, fetch, early))
        except BaseException as error:
            flight.set_exception(error)
            if not isinstance(error, WeChatError):
                raise
        finally:
            with self._guard:
                self._flights.pop(key, None)

    def _fetch_locked(self, key: str, fetch: Fetch, early: float) -> StoredToken:
        """Fetch while holding the lock between processes, or take what its holder has stored meanwhile."""
        owner = uuid.uuid4().hex
        waits = int(WAIT_SECONDS / POLL_SECONDS)
        for _ in range(waits):
            if self._store.try_lock(key, owner, LOCK_SECONDS):
                break
            self._pause(POLL_SECONDS)
            held = self._living(key)
            if held is not None:
                return held
        try:
            return self._living(key) or self._fetch(key, fetch, early)
        finally:
            self._store.unlock(key, owner)

    def _living(self, key: str) -> StoredToken | None:
        held = self._store.load(key)
        return held if held is not None and self._now() < held.expires_at else None

    def _fetch(self, key: str, fetch: Fetch, early: float) -> StoredToken:
        value, seconds = fetch()
        now = self._now()
        before = early + self._jitter(-REFRESH_JITTER_SECONDS, REFRESH_JITTER_SECONDS)
        refresh_at = max(now + seconds - before, now + min(MIN_REFRESH_INTERVAL_SECONDS, seconds / 2))
        token = StoredToken(value, refresh_at, now + seconds)
        self._store.save(key, token, keep_seconds=seconds)
        return token

    def _now(self) -> float:
        return self._clock().timestamp()
