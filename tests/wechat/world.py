"""What the WeChat tests share: a clock moved by hand, the stand-in's control interface, a small product."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import urllib3

from wechat.callbacks import CallbackRejected, CallbackVerifier
from wechat.config import AccountConfig
from wechat.inbound import InboundMessage
from wechat.replies import build_text_reply, encrypt_reply

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
PHONE = "13800000001"
NOTICE = {
    "thing1": "关于召开会议的通知",
    "thing2": "县人大常委会",
    "time3": "2026年1月5日 09:00",
    "thing4": "请准时",
}


class FrozenClock:
    """Stands still until told to move."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Control:
    """The stand-in's control interface."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._pool = urllib3.PoolManager(retries=False)

    def send(self, method: str, name: str, /, **body: Any) -> Any:
        options: dict[str, Any] = {"json": body} if method == "POST" else {"fields": body}
        response = self._pool.request(method, f"{self.url}/sandbox/{name}", **options)
        assert response.status == 200, response.data
        return response.json()

    def post(self, name: str, /, **body: Any) -> Any:
        return self.send("POST", name, **body)

    def get(self, name: str, /, **query: Any) -> Any:
        return self.send("GET", name, **query)

    def fault(self, path: str, kind: str, **rest: Any) -> None:
        self.post("faults", path=path, kind=kind, **rest)

    def calls(self, path: str) -> int:
        return int(self.get("calls").get(path, 0))


class Product:
    """Receives callbacks as the product's endpoint would, keeps them, and replies with `reply` if set.

    `accounts` are known by the last part of their callback address.
    """

    def __init__(self, accounts: Mapping[str, AccountConfig], clock: FrozenClock) -> None:
        self.received: list[InboundMessage] = []
        self.rejected: list[str] = []
        self.reply: str | None = None
        self.failures = 0
        self.arrived = threading.Condition()
        self._configs = accounts
        self._clock = clock
        self._seen: set[str] = set()
        product = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = product.handle(self.path, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def handle(self, path: str, body: bytes) -> tuple[int, bytes]:
        parts = urlsplit(path)
        config = self._configs[parts.path.rpartition("/")[2]]
        if self.failures:
            self.failures -= 1
            return 500, b""
        verifier = CallbackVerifier(config, first_seen=self._first_seen, clock=self._clock)
        try:
            inbound = verifier.open(dict(parse_qsl(parts.query)), body)
        except CallbackRejected as problem:
            self.rejected.append(problem.reason_code)
            return problem.status, b""
        with self.arrived:
            self.received.append(inbound)
            self.arrived.notify_all()
        if self.reply is None:
            return 200, b"success"
        timestamp = int(self._clock().timestamp())
        return 200, encrypt_reply(config, build_text_reply(inbound, self.reply), timestamp=timestamp).encode()

    def wait_for(self, event: str) -> InboundMessage:
        def find() -> InboundMessage | None:
            return next((one for one in self.received if one.event == event), None)

        with self.arrived:
            self.arrived.wait_for(lambda: find() is not None, timeout=5)
        found = find()
        assert found is not None, f"{event} never came; rejected: {self.rejected}"
        return found

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _first_seen(self, key: str, ttl: int) -> bool:
        new = key not in self._seen
        self._seen.add(key)
        return new
