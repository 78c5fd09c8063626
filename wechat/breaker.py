"""A circuit breaker per host, and the choice of the host for the next attempt."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 30.0


@dataclass(slots=True)
class _Circuit:
    failures: int = 0
    open_until: float = 0.0


class HostChooser:
    """Gives the first host in order that is believed to work.

    A host that failed five times in a row is left alone for 30 seconds, then one probe is let through.
    """

    def __init__(
        self,
        bases: Sequence[str],
        *,
        monotonic: Callable[[], float],
        failures_to_open: int = FAILURES_TO_OPEN,
        open_seconds: float = OPEN_SECONDS,
    ) -> None:
        self._bases = tuple(base.rstrip("/") for base in bases)
        self._circuits = {base: _Circuit() for base in self._bases}
        self._monotonic = monotonic
        self._failures_to_open = failures_to_open
        self._open_seconds = open_seconds
        self._lock = threading.Lock()

    def choose(self, *, avoid: str | None = None) -> str | None:
        """The host to try next, `avoid` only when no other works; None while every circuit is open."""
        with self._lock:
            for base in sorted(self._bases, key=lambda one: one == avoid):
                if self._admits(self._circuits[base]):
                    return base
        return None

    def _admits(self, circuit: _Circuit) -> bool:
        if circuit.failures < self._failures_to_open:
            return True
        now = self._monotonic()
        if now < circuit.open_until:
            return False
        circuit.open_until = now + self._open_seconds  # this one is the probe; others keep away meanwhile
        return True

    def record_success(self, base: str) -> None:
        """The host answered: close its circuit."""
        with self._lock:
            self._circuits[base] = _Circuit()

    def record_failure(self, base: str) -> None:
        """The host failed once more; at the limit its circuit opens."""
        with self._lock:
            circuit = self._circuits[base]
            circuit.failures += 1
            circuit.open_until = self._monotonic() + self._open_seconds
