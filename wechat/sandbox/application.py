"""The WSGI application: routes, scripted faults, and the mark that tells it from the platform."""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from wechat.sandbox.actions import Actions
from wechat.sandbox.callbacks import CallbackSender
from wechat.sandbox.control_api import ControlApi
from wechat.sandbox.exchange import Picture
from wechat.sandbox.faults import Fault
from wechat.sandbox.pages import Pages
from wechat.sandbox.platform import Platform
from wechat.sandbox.platform_errors import PlatformError
from wechat.sandbox.state import SandboxState

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MARK = "X-WeChat-Sandbox"
PLATFORM_PREFIXES = ("/cgi-bin/", "/sns/", "/wxa/", "/wxaapi/")
_THIS_MACHINE = ("localhost", "127.0.0.1")
_BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


class SandboxApplication:
    """Serves the platform's interfaces, the control interface and the pages."""

    def __init__(self, state: SandboxState, callbacks: CallbackSender) -> None:
        self._state = state
        actions = Actions(state, callbacks)
        self._platform = Platform(state, callbacks)
        self._control = ControlApi(state, actions)
        self._pages = Pages(state, actions)
        self._rules = Map(
            [
                Rule("/", endpoint="show_phones", methods=["GET"]),
                Rule("/", endpoint="add_phone", methods=["POST"]),
                Rule("/phones/<phone>", endpoint="show_phone", methods=["GET"]),
                Rule("/phones/<phone>/feed", endpoint="show_feed", methods=["GET"]),
                Rule("/phones/<phone>/say", endpoint="say", methods=["POST"]),
                Rule("/phones/<phone>/follow", endpoint="follow", methods=["POST"]),
                Rule("/phones/<phone>/subscriptions", endpoint="subscribe", methods=["POST"]),
                Rule("/outbox", endpoint="show_outbox", methods=["GET"]),
                Rule("/static/sandbox.css", endpoint="show_style", methods=["GET"]),
            ]
        )

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI."""
        request = Request(environ)
        response = self._respond(request)
        response.headers[MARK] = "1"
        self._allow_product(request, response)
        return response(environ, start_response)

    def _respond(self, request: Request) -> Response:
        try:
            if request.path.startswith(PLATFORM_PREFIXES):
                return self._answer_platform(request)
            if request.path.startswith("/sandbox/"):
                return self._answer_control(request)
            endpoint, values = self._rules.bind_to_environ(request.environ).match()
            page: Response = getattr(self._pages, endpoint)(request, **values)
        except HTTPException as problem:
            return Response(str(problem), status=problem.code or 500, mimetype="text/plain")
        return page

    def _answer_control(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status=204)
        answer = self._control.answer(request, request.path.removeprefix("/sandbox/"))
        return _json(answer)

    def _answer_platform(self, request: Request) -> Response:
        raw = request.get_data()
        with self._state.lock:
            self._state.usage.calls[request.path] += 1
        fault = self._state.faults.take(request.path)
        if fault is None:
            return self._execute(request, raw)
        return self._misbehave(fault, request, raw)

    def _execute(self, request: Request, raw: bytes) -> Response:
        try:
            answer = self._platform.answer(request.method, request.path, request.args, raw)
        except PlatformError as problem:
            return _json(problem.as_answer())
        if isinstance(answer, Picture):
            return Response(answer.content, mimetype=answer.media_type)
        return _json(answer)

    def _misbehave(self, fault: Fault, request: Request, raw: bytes) -> Response:
        if fault.kind == "errcode":
            return _json(PlatformError(fault.code).as_answer())
        if fault.kind == "html_502":
            return Response(_BAD_GATEWAY, status=502, mimetype="text/html")
        if fault.kind == "timeout":
            self._state.faults.released.wait(fault.seconds)
        elif fault.kind == "slow":
            self._state.faults.released.wait(fault.seconds)
            return self._execute(request, raw)
        elif fault.kind == "drop_after_execute":
            self._execute(request, raw)
        elif fault.kind == "truncated_json":
            whole = self._execute(request, raw).get_data()
            return Response(whole[: len(whole) // 2], mimetype="application/json")
        _reset_connection(request)
        return Response(status=204)

    def _allow_product(self, request: Request, response: Response) -> None:
        """The browser build of the mini-program may use the control interface: product or this machine."""
        origin = request.headers.get("Origin")
        known = origin == self._state.product_url or urlsplit(origin or "").hostname in _THIS_MACHINE
        if origin and known and request.path.startswith("/sandbox/"):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Headers"] = "Content-Type"
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"


def _json(answer: dict[str, Any]) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), mimetype="application/json")


def _reset_connection(request: Request) -> None:
    """Closing with a linger time of zero sends RST; the descriptor itself, since files still refer to it."""
    connection: socket.socket | None = request.environ.get("werkzeug.socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())
