"""The part of the control interface that makes the platform slow, wrong or stingy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request

from wechat.sandbox.control_body import read_body
from wechat.sandbox.faults import FAULT_KINDS, Fault, read_weather
from wechat.sandbox.state import SandboxState

Json = dict[str, Any]


class WeatherControl:
    """Faults, weather, quotas, and how often each interface was called."""

    def __init__(self, state: SandboxState) -> None:
        self._state = state
        self.handlers: dict[tuple[str, str], Callable[[Request], Json]] = {
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("POST", "weather"): self._set_weather,
            ("POST", "quotas"): self._set_quota,
            ("GET", "calls"): lambda request: dict(self._state.usage.calls),
        }

    def _add_fault(self, request: Request) -> Json:
        body = read_body(request)
        self._state.faults.add(_read_fault(body | {"path": str(body["path"])}))
        return {"ok": True}

    def _clear_faults(self, request: Request) -> Json:
        del request
        self._state.faults.clear()
        return {"ok": True}

    def _set_weather(self, request: Request) -> Json:
        """`latency` in seconds, and `faults`: a line as the command takes it, or a list with a share for each."""
        body = read_body(request)
        faults = body.get("faults", [])
        read = read_weather(faults) if isinstance(faults, str) else [_read_fault(one) for one in faults]
        latency = float(body.get("latency", self._state.latency))
        if not 0 <= latency <= 60:
            raise ValueError("latency is 0 to 60 seconds")
        self._state.faults.set_weather(read, seed=int(body.get("seed", 0)))
        self._state.latency = latency
        return {"ok": True}

    def _set_quota(self, request: Request) -> Json:
        body = read_body(request)
        with self._state.lock:
            self._state.usage.limits[str(body["path"])] = int(body["limit"])
        return {"ok": True}


def _read_fault(body: Json) -> Fault:
    if body["kind"] not in FAULT_KINDS:
        raise ValueError(f"kind must be one of {sorted(FAULT_KINDS)}")
    return Fault(
        path=str(body.get("path", "")),
        kind=body["kind"],
        times=int(body.get("times", 1)),
        code=int(body.get("code", -1)),
        seconds=float(body.get("seconds", 30.0)),
        share=float(body.get("share", 0.0)),
    )
