"""Scripted misbehaviour of the platform."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Literal, get_args

FaultKind = Literal[
    "timeout",
    "slow",
    "reset",
    "drop_after_execute",
    "html_502",
    "truncated_json",
    "errcode",
    "delivery_failed",
]
FAULT_KINDS = frozenset(get_args(FaultKind))
#: The endpoint itself asks for this one: the call succeeds, the event that follows says failed.
INNER_KINDS = frozenset({"delivery_failed"})


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` calls of `path`."""

    path: str
    kind: FaultKind
    times: int = 1
    code: int = -1
    seconds: float = 30.0


class FaultScript:
    """The faults still to come. `released` ends every call that hangs because of one."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self.released = threading.Event()

    def add(self, fault: Fault) -> None:
        """Script a fault; the oldest of a path comes first."""
        with self._lock:
            self.released.clear()
            self._faults.append(fault)

    def take(self, path: str, *, inner: bool = False) -> Fault | None:
        """The fault that strikes this call, or None."""
        with self._lock:
            for fault in self._faults:
                if fault.path == path and fault.times > 0 and (fault.kind in INNER_KINDS) == inner:
                    fault.times -= 1
                    return fault
        return None

    def clear(self) -> None:
        """Forget all faults and let hanging calls end."""
        with self._lock:
            self._faults.clear()
            self.released.set()
