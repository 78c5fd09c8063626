"""Serving the stand-in, in a process of its own or inside a test."""

from __future__ import annotations

import io
import socket
import threading
from collections.abc import Mapping
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from werkzeug.serving import WSGIRequestHandler
from werkzeug.test import run_wsgi_app

from wechat.clock import Clock, utc_now
from wechat.config import AccountConfig
from wechat.sandbox.application import SandboxApplication
from wechat.sandbox.callbacks import CallbackSender
from wechat.sandbox.state import SandboxState

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class _Handler(WSGIRequestHandler):
    """Keeps connections alive, as the platform does; werkzeug's own handler closes each after a pause."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server  # type: ignore[assignment]

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        if self.connection.fileno() == -1:
            return  # a scripted reset has closed it
        super().finish()

    def handle(self) -> None:
        try:
            super().handle()
        except (OSError, ValueError):
            self.close_connection = True

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        length = int(environ.get("CONTENT_LENGTH") or 0)
        environ["wsgi.input"] = io.BytesIO(self.rfile.read(length))
        chunks, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        if self.connection.fileno() == -1:
            self.close_connection = True
            return
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"".join(chunks))

    def log(self, type: str, message: str, *args: Any) -> None:
        """Nothing: the addresses hold secrets and tokens."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    multithread = True
    multiprocess = False
    ssl_context = None
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], app: WSGIApplication) -> None:
        self.app = app
        self.connections: set[socket.socket] = set()
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is no event worth a traceback."""

    def drop_connections(self) -> None:
        """End what is kept alive: a stopped platform must not go on answering."""
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class RunningSandbox:
    """A stand-in that is being served. Also a context manager."""

    def __init__(self, state: SandboxState, callbacks: CallbackSender, server: _Server, host: str) -> None:
        self.state = state
        self.url = f"http://{host}:{server.server_address[1]}"
        self._callbacks = callbacks
        self._server = server
        self._thread = threading.Thread(target=self._serve, name="wechat-sandbox", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.01)

    def stop(self) -> None:
        """End at once, hanging calls included."""
        self.state.stopping.set()
        self.state.faults.clear()
        self._callbacks.stop()
        self._server.shutdown()
        self._server.drop_connections()
        self._server.server_close()
        self._thread.join(timeout=5)

    def __enter__(self) -> RunningSandbox:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.stop()


def start_sandbox(
    mini: AccountConfig,
    oa: AccountConfig,
    *,
    others: Mapping[str, AccountConfig] | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    product_url: str | None = None,
    clock: Clock = utc_now,
    latency: float = 0.0,
    callback_delay: float = 0.2,
) -> RunningSandbox:
    """Serve a new stand-in from a thread; port 0 takes a free one. `state.product_url` may be set later.

    `others` are further accounts by name: `wecom`, or a second mini-program as `mini-heping`.
    """
    accounts = {"mini": mini, "oa": oa, **(others or {})}
    state = SandboxState(
        accounts, product_url=product_url, clock=clock, latency=latency, callback_delay=callback_delay
    )
    callbacks = CallbackSender(state)
    server = _Server((host, port), SandboxApplication(state, callbacks))
    return RunningSandbox(state, callbacks, server, host)
