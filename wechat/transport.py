"""HTTP to the platform: pooled, bounded in time, repeated only where that is safe, with fail-over."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    EmptyPoolError,
    HTTPError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from wechat.answer import RawAnswer, failure, read_image, read_object
from wechat.body_limit import limit_body
from wechat.breaker import HostChooser
from wechat.call import Call
from wechat.clock import Clock, utc_now
from wechat.errors import (
    ConnectionLost,
    SystemBusy,
    WeChatError,
    WeChatProtocolError,
    WeChatTimeout,
    WeChatUnreachable,
)
from wechat.redaction import silence_transport_loggers
from wechat.wire import read_wire, write_wire

Metrics = Callable[[str, str, float], None]
T = TypeVar("T")

ATTEMPTS = 3
POOL_SIZE = 32
MAX_ANSWER_BYTES = 2 * 1024 * 1024
BACKOFF_SECONDS = 0.2
_CHUNK_BYTES = 64 * 1024
#: urllib3 raises these before the first byte of the request leaves.
_NOT_SENT = (ConnectTimeoutError, NewConnectionError, ProxyError, SSLError, EmptyPoolError)


class Transport:
    """Sends calls to the first working host. Safe to share between threads and across a fork.

    TLS verification has no switch: a private deployment passes its own `ca_bundle`.
    `metrics(api, outcome, seconds)` is called once per attempt; `outcome` is ok, an errcode or a short word.
    """

    def __init__(
        self,
        bases: Sequence[str],
        *,
        user_agent: str = "deputy-home",
        ca_bundle: str | None = None,
        proxy: str | None = None,
        metrics: Metrics | None = None,
        clock: Clock = utc_now,
        monotonic: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
        pool_size: int = POOL_SIZE,
    ) -> None:
        self._hosts = HostChooser(bases, monotonic=monotonic)
        self._pool_options: dict[str, Any] = {
            "num_pools": max(8, len(bases)),
            "maxsize": pool_size,
            "block": True,
            "retries": False,
            "ca_certs": ca_bundle,
            "cert_reqs": "CERT_REQUIRED",
        }
        self._headers = {"User-Agent": user_agent}
        self._proxy = proxy
        self._metrics = metrics
        self._clock = clock
        self._monotonic = monotonic
        self._pause = pause
        self._pool = self._open_pool()
        self._pool_owner = os.getpid()
        silence_transport_loggers()

    def call(self, call: Call) -> dict[str, Any]:
        """Send a JSON call and return the object of its answer; raises a WeChatError otherwise."""
        return self._with_repetitions(call, read_object)

    def fetch_image(self, call: Call) -> bytes:
        """Send a call that answers with a picture and return its bytes; raises a WeChatError otherwise."""
        return self._with_repetitions(call, read_image)

    def _with_repetitions(self, call: Call, read: Callable[[RawAnswer, Call], T]) -> T:
        deadline = self._monotonic() + call.limits.total
        base: str | None = None
        error: WeChatError | None = None
        for attempt in range(ATTEMPTS):
            chosen = self._hosts.choose(avoid=base)
            if chosen is None:
                break
            if attempt and chosen == base and not self._wait(attempt, deadline):
                break
            base = chosen
            try:
                return self._attempt(call, base, deadline, read)
            except WeChatError as problem:
                error = problem
            if not _may_repeat(error, call) or self._monotonic() >= deadline:
                break
        raise error or failure(WeChatUnreachable, "every host is resting after failures", call)

    def _wait(self, attempt: int, deadline: float) -> bool:
        """Exponential back-off with full jitter; False when the deadline would pass meanwhile."""
        delay = random.uniform(0, BACKOFF_SECONDS * 2**attempt)
        if self._monotonic() + delay >= deadline:
            return False
        self._pause(delay)
        return True

    def _attempt(self, call: Call, base: str, deadline: float, read: Callable[[RawAnswer, Call], T]) -> T:
        started = self._monotonic()
        outcome = "ok"
        try:
            result = read(self._exchange(call, base, deadline), call)
            self._hosts.record_success(base)
        except WeChatError as error:
            outcome = _outcome(error)
            if _is_host_failure(error):
                self._hosts.record_failure(base)
            else:
                self._hosts.record_success(base)
            raise
        else:
            return result
        finally:
            if self._metrics:
                self._metrics(call.api, outcome, self._monotonic() - started)

    def _exchange(self, call: Call, base: str, deadline: float) -> RawAnswer:
        """One request and its answer. urllib3's own errors hold our URL, so none of them is ever chained."""
        cause: HTTPError | OSError
        try:
            return self._send(call, base, deadline)
        except (HTTPError, OSError) as problem:
            cause = problem
        raise _network_error(cause, call)

    def _send(self, call: Call, base: str, deadline: float) -> RawAnswer:
        left = max(deadline - self._monotonic(), 0.01)
        wire = write_wire(call, base, self._clock().timestamp())
        response = self._live_pool().request(
            call.method,
            wire.url,
            body=wire.body,
            headers={**self._headers, **wire.headers},
            timeout=urllib3.Timeout(connect=min(call.limits.connect, left), read=left),
            pool_timeout=left,
            redirect=False,
            preload_content=False,
        )
        try:
            content = self._read(response, call, deadline)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        answer = RawAnswer(response.status, media_type, content, response.headers)
        return read_wire(answer, call, base, self._clock().timestamp())

    def _read(self, response: urllib3.BaseHTTPResponse, call: Call, deadline: float) -> bytes:
        """The whole body inside the deadline and the size limit, however slowly it drips."""
        content = bytearray()
        while True:
            with limit_body(response, deadline - self._monotonic()):
                chunk = response.read1(_CHUNK_BYTES)
            if self._monotonic() >= deadline:
                raise failure(WeChatTimeout, "no answer in time", call)
            if not chunk:
                return bytes(content)
            content += chunk
            if len(content) > MAX_ANSWER_BYTES:
                raise failure(WeChatProtocolError, "answer too large", call)

    def _live_pool(self) -> urllib3.PoolManager:
        if self._pool_owner != os.getpid():  # sockets must not be shared with the parent after a fork
            self._pool = self._open_pool()
            self._pool_owner = os.getpid()
        return self._pool

    def _open_pool(self) -> urllib3.PoolManager:
        if self._proxy:
            return urllib3.ProxyManager(self._proxy, **self._pool_options)
        return urllib3.PoolManager(**self._pool_options)


def _network_error(problem: HTTPError | OSError, call: Call) -> WeChatError:
    kind = type(problem).__name__
    if isinstance(problem, _NOT_SENT):
        return failure(WeChatUnreachable, f"not sent: {kind}", call)
    if isinstance(problem, ReadTimeoutError | TimeoutError):
        return failure(WeChatTimeout, "no answer in time", call)
    return failure(ConnectionLost, f"connection lost: {kind}", call)


def _may_repeat(error: WeChatError, call: Call) -> bool:
    """Not sent: always. Otherwise only an idempotent call, and only after a passing failure."""
    if isinstance(error, WeChatUnreachable):
        return True
    if not call.idempotent:
        return False
    return isinstance(error, SystemBusy | ConnectionLost) or _is_gateway_failure(error)


def _is_gateway_failure(error: WeChatError) -> bool:
    return isinstance(error, WeChatProtocolError) and error.message in ("HTTP 502", "HTTP 503", "HTTP 504")


def _is_host_failure(error: WeChatError) -> bool:
    return isinstance(error, WeChatUnreachable | WeChatTimeout) or _is_gateway_failure(error)


def _outcome(error: WeChatError) -> str:
    if error.code is not None:
        return str(error.code)
    words = {WeChatTimeout: "timeout", ConnectionLost: "lost", WeChatUnreachable: "unreachable"}
    return words.get(type(error), "protocol")
