"""Time limits, repetitions, fail-over and lying answers, against the stand-in and tiny socket servers."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import pytest

from tests.wechat.world import PHONE, Control, FrozenClock
from wechat.call import Call, Limits
from wechat.config import AccountConfig
from wechat.errors import (
    ConnectionLost,
    SystemBusy,
    WeChatError,
    WeChatProtocolError,
    WeChatTimeout,
    WeChatUnreachable,
)
from wechat.mini import MiniProgram
from wechat.sandbox.server import RunningSandbox
from wechat.tokens import MemoryTokenStore, TokenProvider
from wechat.transport import MAX_ANSWER_BYTES, Transport

LIST, STABLE = "/wxaapi/newtmpl/gettemplate", "/cgi-bin/stable_token"
SHORT = Limits(connect=0.3, total=0.4)


def read_request(connection: socket.socket) -> bytes:
    """One whole request, or nothing when the client is gone."""
    request, length = b"", -1
    while length < 0 or len(request) < length:
        part = connection.recv(65536)
        if not part:
            return b""
        request += part
        head, end, _ = request.partition(b"\r\n\r\n")
        if end:
            size = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
            length = len(head) + 4 + (int(size[1]) if size else 0)
    return request


@contextmanager
def serving(answer: Callable[[socket.socket, bytes], None]) -> Iterator[str]:
    """A server that hands each connection and its first request to `answer`."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        while not done.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=handle, args=(connection,), daemon=True).start()

    def handle(connection: socket.socket) -> None:
        with connection:
            request = read_request(connection)
            if not request:
                return
            try:
                answer(connection, request)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        done.set()
        listener.close()


def lying(answer: bytes) -> AbstractContextManager[str]:
    """A server that says the same to everybody."""
    return serving(lambda connection, request: connection.sendall(answer))


def reply(body: bytes, *, status: str = "200 OK", media: str = "application/json", length: int = -1) -> bytes:
    size = len(body) if length < 0 else length
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {media}\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body


def call(*, idempotent: bool = False, limits: Limits = SHORT, body: dict[str, str] | None = None) -> Call:
    return Call("/x", "wxapp", "POST", body=body or {}, limits=limits, idempotent=idempotent)


def quick(*bases: str, **rest: object) -> Transport:
    return Transport(bases, pause=lambda seconds: None, **rest)  # type: ignore[arg-type]


def dead_base() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def drip(connection: socket.socket, parts: list[bytes], stop: threading.Event) -> None:
    for part in parts:
        connection.sendall(part)
        if stop.wait(0.1):
            return


@pytest.mark.requirement(10)
def test_server_that_never_answers_is_a_timeout_of_a_sent_call() -> None:
    stop = threading.Event()
    with serving(lambda connection, request: stop.wait(5) and None) as base:
        started = time.monotonic()
        with pytest.raises(WeChatTimeout) as caught:
            quick(base).call(call())
        assert time.monotonic() - started < SHORT.total + 0.5
        stop.set()
    assert (caught.value.sent, caught.value.retryable) == (True, False)


@pytest.mark.requirement(10)
@pytest.mark.parametrize("keep_alive", [True, False])
def test_body_that_drips_or_stalls_is_cut_at_the_limit(keep_alive: bool) -> None:
    stop = threading.Event()
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n"
        + (b"" if keep_alive else b"Connection: close\r\n")
        + b"\r\n"
    )
    with serving(lambda connection, request: drip(connection, [head, *[b"x"] * 50], stop)) as base:
        started = time.monotonic()
        with pytest.raises(WeChatTimeout):
            quick(base).call(call())
        assert time.monotonic() - started < SHORT.total + 0.5
        stop.set()


@pytest.mark.parametrize("keep_alive", [True, False])
def test_body_that_stalls_after_late_headers_gets_no_second_limit(keep_alive: bool) -> None:
    stop, limits = threading.Event(), Limits(connect=0.3, total=0.8)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n" + (b"" if keep_alive else b"Connection: close\r\n")

    def answer(connection: socket.socket, request: bytes) -> None:
        stop.wait(0.7)
        connection.sendall(head + b"\r\nhalf")
        stop.wait(5)

    with serving(answer) as base:
        started = time.monotonic()
        with pytest.raises(WeChatTimeout):
            quick(base).call(call(limits=limits))
        assert time.monotonic() - started < limits.total + 0.5
        stop.set()


@pytest.mark.requirement(10)
def test_token_fetch_and_login_have_limits_too(
    mini: MiniProgram, control: Control, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wechat.login.INTERACTIVE", SHORT)
    monkeypatch.setattr("wechat.tokens.INTERACTIVE", SHORT)
    control.fault("/sns/jscode2session", "timeout")
    with pytest.raises(WeChatTimeout):
        mini.exchange_login_code("any")
    control.fault(STABLE, "timeout")
    with pytest.raises(WeChatTimeout) as caught:
        mini.list_templates()
    assert caught.value.api == STABLE


def test_refused_connection_is_provably_not_sent() -> None:
    with pytest.raises(WeChatUnreachable) as caught:
        quick(dead_base()).call(call())
    assert (caught.value.outcome_unknown, caught.value.retryable) == (False, True)


@pytest.mark.requirement(13)
def test_dead_primary_fails_over_at_once_for_any_call(
    mini_config: AccountConfig,
    tokens: TokenProvider,
    control: Control,
    person: dict[str, str],
    sandbox: RunningSandbox,
) -> None:
    mini = MiniProgram(mini_config, quick(dead_base(), sandbox.url), tokens)
    started = time.monotonic()
    assert mini.exchange_login_code(control.post("login-codes", phone=PHONE)["code"]).openid
    assert time.monotonic() - started < 4


@pytest.mark.requirement(13)
def test_circuit_opens_after_five_failures_and_probes_after_thirty_seconds(sandbox: RunningSandbox) -> None:
    hits: list[bytes] = []
    now = [0.0]

    def answer(connection: socket.socket, request: bytes) -> None:
        hits.append(request)
        connection.sendall(reply(b"busy", status="502 Bad Gateway"))

    with serving(answer) as primary, serving(lambda c, r: c.sendall(reply(b"{}"))) as secondary:
        transport = quick(primary, secondary, monotonic=lambda: now[0])
        for _ in range(5):
            with pytest.raises(WeChatProtocolError):
                transport.call(call())
        assert transport.call(call()) == {}
        assert len(hits) == 5
        now[0] = 31.0
        with pytest.raises(WeChatProtocolError):
            transport.call(call())  # the probe
        assert transport.call(call()) == {}
        assert len(hits) == 6


def test_every_circuit_open_fails_fast_and_unsent() -> None:
    transport = quick(dead_base())
    for _ in range(5):
        with pytest.raises(WeChatUnreachable):
            transport.call(call())
    with pytest.raises(WeChatUnreachable, match="resting"):
        transport.call(call())


@pytest.mark.requirement(12)
@pytest.mark.parametrize(
    ("failures", "expected"),
    [
        ([reply(b"{}", status="502 Bad Gateway")] * 2, 3),
        ([reply(b'{"errcode":-1,"errmsg":"system error"}')] * 2, 3),
        ([b""] * 2, 3),
        ([reply(b'{"errcode":40097,"errmsg":"no"}')], 1),
        ([reply(b"<html>")], 1),
        ([reply(b"{}", status="500 Oops")], 1),
    ],
)
def test_idempotent_calls_are_repeated_only_after_passing_failures(
    failures: list[bytes], expected: int
) -> None:
    seen: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        connection.sendall(failures[len(seen) - 1] if len(seen) <= len(failures) else reply(b'{"a":1}'))

    with serving(answer) as base:
        transport = quick(base)
        wanted = call(idempotent=True, limits=Limits(1, 3))
        if expected == 1:
            with pytest.raises(WeChatError):
                transport.call(wanted)
        else:
            assert transport.call(wanted) == {"a": 1}
    assert len(seen) == expected


@pytest.mark.requirement(12, 51)
@pytest.mark.parametrize(
    "failure",
    [reply(b"{}", status="502 Bad Gateway"), reply(b'{"errcode":-1}'), b"", reply(b"{}", length=99)],
)
def test_other_calls_are_never_repeated_once_sent(failure: bytes) -> None:
    seen: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        connection.sendall(failure)

    with serving(answer) as base, pytest.raises(WeChatError) as caught:
        quick(base).call(call(limits=Limits(1, 3)))
    assert len(seen) == 1
    assert caught.value.outcome_unknown is True
    assert caught.value.retryable is False


@pytest.mark.requirement(12)
def test_repetitions_back_off_and_stay_inside_the_limit() -> None:
    pauses: list[float] = []
    with serving(lambda c, r: c.sendall(reply(b'{"errcode":-1}'))) as base:
        transport = Transport([base], pause=pauses.append)
        with pytest.raises(SystemBusy):
            transport.call(call(idempotent=True, limits=Limits(1, 5)))
    assert len(pauses) == 2
    assert all(0 <= pause <= 0.8 for pause in pauses)


@pytest.mark.requirement(14)
@pytest.mark.parametrize(
    "answer",
    [
        reply(b"<html>maintenance</html>", media="text/html"),
        reply(b'{"errcode":0,"errm'),
        reply(b"[1]"),
        reply(b"123"),
        reply(b'"text"'),
        reply(b"null"),
        reply(b""),
        reply(b"\xff\xfe"),
        reply(b'{"errcode":"oops"}'),
        reply(b'{"errcode":null}'),
        reply(b"[" * 100_000),
        reply(b"{}", status="500 Internal Server Error"),
        reply(b"{}", status="404 Not Found"),
        reply(b"{}", status="302 Found"),
        reply(b"{" + b" " * MAX_ANSWER_BYTES + b"}"),
    ],
    ids=lambda answer: answer[9:12].decode() + str(len(answer)),
)
def test_undocumented_answers_are_never_a_success(answer: bytes) -> None:
    with lying(answer) as base, pytest.raises(WeChatProtocolError) as caught:
        quick(base).call(call(limits=Limits(1, 3)))
    assert caught.value.category == "protocol"


@pytest.mark.requirement(15)
@pytest.mark.parametrize(
    "answer",
    [
        reply(b"\xff\xd8jpeg", media="text/html"),
        reply(b"<html>", media="image/jpeg"),
        reply(b"\xff\xd8" + b"x" * MAX_ANSWER_BYTES, media="image/jpeg"),
        reply(b"{}", media="image/jpeg"),
        reply(b"\xff\xd8jpeg", media="image/png"),
    ],
)
def test_picture_needs_media_type_and_leading_bytes(answer: bytes) -> None:
    with lying(answer) as base, pytest.raises(WeChatProtocolError):
        quick(base).fetch_image(call(limits=Limits(1, 3)))


def test_error_code_as_text_is_understood() -> None:
    with lying(reply(b'{"errcode":"-1","errmsg":"x"}')) as base, pytest.raises(SystemBusy):
        quick(base).call(call())


@pytest.mark.requirement(17)
def test_chinese_goes_out_as_it_is() -> None:
    seen: list[bytes] = []

    def answer(connection: socket.socket, request: bytes) -> None:
        seen.append(request)
        connection.sendall(reply(b"{}"))

    with serving(answer) as base:
        quick(base).call(call(body={"content": "人大代表 \U0001f600"}))
    assert "人大代表 \U0001f600".encode() in seen[0]
    assert b"\\u" not in seen[0]
    assert b"User-Agent: deputy-home\r\n" in seen[0]


@pytest.mark.requirement(11)
def test_hundred_threads_get_each_their_own_answer() -> None:
    def answer(connection: socket.socket, request: bytes) -> None:
        while request:
            body = request.partition(b"\r\n\r\n")[2]
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            connection.sendall(head + body)
            request = read_request(connection)

    with serving(answer) as base:
        transport = Transport([base])

        def ask(thread: int) -> bool:
            return all(
                transport.call(call(limits=Limits(5, 20), body={"id": f"{thread}-{turn}"}))
                == {"id": f"{thread}-{turn}"}
                for turn in range(20)
            )

        with ThreadPoolExecutor(100) as pool:
            assert all(pool.map(ask, range(100)))


@pytest.mark.requirement(19)
def test_metrics_name_api_and_outcome_only(mini_config: AccountConfig, sandbox: RunningSandbox) -> None:
    seen: list[tuple[str, str, float]] = []
    transport = quick(sandbox.url, metrics=lambda *measure: seen.append(measure))
    mini = MiniProgram(mini_config, transport, TokenProvider(MemoryTokenStore(), clock=FrozenClock()))
    with pytest.raises(WeChatError):
        mini.exchange_login_code("none")
    mini.list_templates()
    assert [(api, outcome) for api, outcome, _ in seen] == [
        ("/sns/jscode2session", "40029"),
        (STABLE, "ok"),
        (LIST, "ok"),
    ]


def test_lost_connection_is_a_timeout_of_a_sent_call() -> None:
    with serving(lambda connection, request: None) as base, pytest.raises(WeChatTimeout) as caught:
        quick(base).call(call())
    assert isinstance(caught.value, ConnectionLost)
    assert caught.value.sent is True


@pytest.mark.requirement(16)
def test_tls_cannot_be_talked_out_of_verification() -> None:
    assert Transport(["https://api.weixin.qq.com"])._pool_options["cert_reqs"] == "CERT_REQUIRED"
    assert "verify" not in json.dumps(list(Transport.__init__.__annotations__))
