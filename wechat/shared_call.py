"""One call for everybody who asks the same at the same moment, in all processes."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Generic, TypeVar

from wechat.errors import WeChatTimeout
from wechat.token_store import StoredToken, TokenStore

T = TypeVar("T")
LOCK_SECONDS = 8.0
WAIT_SECONDS = 6.0
POLL_SECONDS = 0.05
OUTCOME_SECONDS = 10.0


class SharedCall(Generic[T]):
    """Who comes while a call is under way shares its outcome; who comes later makes the call again.

    `write` and `read` turn an outcome into text for the other processes and back; a failure is shared in the
    process only, since the next process to try will meet its own.
    """

    def __init__(
        self,
        store: TokenStore,
        *,
        write: Callable[[T], str],
        read: Callable[[str], T],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = store
        self._write = write
        self._read = read
        self._pause = pause
        self._flights: dict[str, Future[T]] = {}
        self._guard = threading.Lock()

    def run(self, key: str, call: Callable[[], T]) -> T:
        """The outcome of `call`, or of the same call that somebody else is making."""
        with self._guard:
            flight = self._flights.get(key)
            leading = flight is None
            if flight is None:
                flight = self._flights[key] = Future()
        if leading:
            self._lead(flight, key, call)
        try:
            return flight.result(timeout=WAIT_SECONDS)
        except FutureTimeout:
            pass
        raise WeChatTimeout("the same call is still under way")

    def _lead(self, flight: Future[T], key: str, call: Callable[[], T]) -> None:
        try:
            flight.set_result(self._across_processes(key, call))
        except BaseException as error:
            flight.set_exception(error)
        finally:
            with self._guard:
                self._flights.pop(key, None)

    def _across_processes(self, key: str, call: Callable[[], T]) -> T:
        """Only who has found the lock taken looks for an outcome: one that lies there is not for latecomers."""
        owner, outcome_key = uuid.uuid4().hex, f"{key}:outcome"
        for _ in range(int(WAIT_SECONDS / POLL_SECONDS)):
            if self._store.try_lock(key, owner, LOCK_SECONDS):
                break
            self._pause(POLL_SECONDS)
            told = self._store.load(outcome_key)
            if told is not None:
                return self._read(told.value)
        else:
            raise WeChatTimeout("another process is still making the same call")
        try:
            result = call()
            self._store.save(
                outcome_key, StoredToken(self._write(result), 0.0, 0.0), keep_seconds=OUTCOME_SECONDS
            )
            return result
        finally:
            self._store.unlock(key, owner)
