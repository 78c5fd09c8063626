"""Misbehaviour of the platform: scripted call by call, or as weather that strikes a share of all calls."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

FaultKind = Literal[
    "timeout",
    "slow",
    "reset",
    "drop_after_execute",
    "html_502",
    "html",
    "truncated_json",
    "errcode",
    "delivery_failed",
    "unsigned",
]
FAULT_KINDS = frozenset(get_args(FaultKind))
#: The endpoint itself asks for these: the call succeeds, what follows does not.
INNER_KINDS = frozenset({"delivery_failed"})
#: Where weather strikes when no path is named.
SENDING_PATHS = frozenset(
    {
        "/cgi-bin/message/subscribe/send",
        "/cgi-bin/message/subscribe/bizsend",
        "/cgi-bin/message/template/send",
        "/cgi-bin/message/custom/send",
        "/cgi-bin/message/send",
        "/cgi-bin/appchat/send",
        "/cgi-bin/webhook/send",
    }
)
EVERYWHERE = "*"


@dataclass(slots=True)
class Fault:
    """What happens to the next `times` calls of `path`; in weather, to that `share` of them.

    An empty path means every call that sends a message, `*` every call.
    """

    path: str
    kind: FaultKind
    times: int = 1
    code: int = -1
    seconds: float = 30.0
    share: float = 0.0

    def strikes(self, path: str) -> bool:
        """Whether this fault is about calls of `path`."""
        return self.path in (path, EVERYWHERE) or (not self.path and path in SENDING_PATHS)


class FaultScript:
    """The faults still to come. `released` ends every call that hangs because of one."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._weather: list[Fault] = []
        self._chance = random.Random(0)
        self._lock = threading.Lock()
        self.released = threading.Event()

    def add(self, fault: Fault) -> None:
        """Script a fault; the oldest of a path comes first."""
        with self._lock:
            self.released.clear()
            self._faults.append(fault)

    def set_weather(self, faults: Sequence[Fault], *, seed: int = 0) -> None:
        """From now on each call meets one of these with its share of chance, the same way for the same seed."""
        if any(not 0 < fault.share <= 1 or fault.kind in INNER_KINDS for fault in faults):
            raise ValueError("each fault of the weather needs a share above 0 and at most 1")
        with self._lock:
            self.released.clear()
            self._weather = list(faults)
            self._chance = random.Random(seed)

    def take(self, path: str, *, inner: bool = False) -> Fault | None:
        """The fault that strikes this call, or None."""
        if not self._faults and not self._weather:
            return None
        with self._lock:
            for fault in self._faults:
                if fault.path == path and fault.times > 0 and (fault.kind in INNER_KINDS) == inner:
                    fault.times -= 1
                    return fault
            return None if inner else self._draw(path)

    def _draw(self, path: str) -> Fault | None:
        """One draw for all faults of this path, so that their shares hold next to each other."""
        near = [fault for fault in self._weather if fault.strikes(path)]
        drawn = self._chance.random() if near else 1.0
        for fault in near:
            if drawn < fault.share:
                return fault
            drawn -= fault.share
        return None

    def clear(self) -> None:
        """Forget all faults and let hanging calls end."""
        with self._lock:
            self._faults.clear()
            self._weather.clear()
            self.released.set()


def read_weather(text: str) -> list[Fault]:
    """Weather in a line, as `43101=0.2,timeout=0.05,-1=0.03`: error codes or kinds, each with its share."""
    faults = []
    for part in filter(None, text.replace(" ", "").split(",")):
        what, _, share = part.partition("=")
        is_code = what.removeprefix("-").isdecimal()
        if not is_code and what not in FAULT_KINDS:
            raise ValueError(f"{what} is neither an error code nor one of {sorted(FAULT_KINDS)}")
        kind: FaultKind = "errcode" if is_code else what  # type: ignore[assignment]
        faults.append(Fault("", kind, code=int(what) if is_code else -1, share=float(share or 1)))
    return faults
