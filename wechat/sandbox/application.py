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
from wechat.sandbox.platform import Inquiry, Platform
from wechat.sandbox.platform_errors import PlatformError
from wechat.sandbox.state import SandboxState
from wechat.sandbox.wecom_pages import WeComPages

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

MARK = "X-WeChat-Sandbox"
PLATFORM_PREFIXES = ("/cgi-bin/", "/sns/", "/wxa/", "/wxaapi/")
_THIS_MACHINE = ("localhost", "127.0.0.1")
_BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
_MAINTENANCE = "<!doctype html><html><head><title>系统维护中</title></head><body>请稍后再试</body></html>"
_RULES = [
    Rule("/", endpoint="show_phones", methods=["GET"]),
    Rule("/", endpoint="add_phone", methods=["POST"]),
    Rule("/phones/<phone>", endpoint="show_phone", methods=["GET"]),
    Rule("/phones/<phone>/feed", endpoint="show_feed", methods=["GET"]),
    Rule("/phones/<phone>/say", endpoint="say", methods=["POST"]),
    Rule("/phones/<phone>/tap", endpoint="tap", methods=["POST"]),
    Rule("/phones/<phone>/scan", endpoint="scan", methods=["POST"]),
    Rule("/phones/<phone>/follow", endpoint="follow", methods=["POST"]),
    Rule("/phones/<phone>/subscriptions", endpoint="subscribe", methods=["POST"]),
    Rule("/connect/oauth2/authorize", endpoint="authorize", methods=["GET"]),
    Rule("/outbox", endpoint="show_outbox", methods=["GET"]),
    Rule("/wecom", endpoint="show_wecom", methods=["GET"]),
    Rule("/wecom/feed", endpoint="show_wecom_feed", methods=["GET"]),
    Rule("/wecom/members", endpoint="add_member", methods=["POST"]),
    Rule("/wecom/robots", endpoint="add_robot", methods=["POST"]),
    Rule("/static/sandbox.css", endpoint="show_style", methods=["GET"]),
]


class SandboxApplication:
    """Serves the platform's interfaces, the control interface and the pages."""

    def __init__(self, state: SandboxState, callbacks: CallbackSender) -> None:
        self._state = state
        actions = Actions(state, callbacks)
        self._platform = Platform(state, callbacks)
        self._control = ControlApi(state, actions)
        self._pages = (Pages(state, actions), WeComPages(state))
        self._rules = Map([rule.empty() for rule in _RULES])

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
            page = next(show for pages in self._pages if (show := getattr(pages, endpoint, None)))
            shown: Response = page(request, **values)
        except PlatformError as problem:
            return Response(str(problem.as_answer()["errmsg"]), status=400, mimetype="text/plain")
        except HTTPException as problem:
            return Response(str(problem), status=problem.code or 500, mimetype="text/plain")
        return shown

    def _answer_control(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status=204)
        answer = self._control.answer(request, request.path.removeprefix("/sandbox/"))
        return _json(answer)

    def _answer_platform(self, request: Request) -> Response:
        inquiry = _read_inquiry(request)
        with self._state.lock:
            self._state.usage.calls[request.path] += 1
        fault = self._state.faults.take(request.path)
        if fault is None:
            return self._execute(inquiry)
        return self._misbehave(fault, request, inquiry)

    def _execute(self, inquiry: Inquiry, *, unsigned: bool = False) -> Response:
        security = None if unsigned else self._platform.security_of(inquiry)
        try:
            answer = self._platform.answer(inquiry)
        except PlatformError as problem:
            return _json(problem.as_answer())
        if isinstance(answer, Picture):
            return Response(answer.content, mimetype=answer.media_type)
        if security is None:
            return _json(answer)
        body, headers = security.seal(inquiry.url, answer, self._state.now())
        return Response(body, mimetype="application/json", headers=headers)

    def _misbehave(self, fault: Fault, request: Request, inquiry: Inquiry) -> Response:
        answer = self._misanswer(fault, inquiry)
        if answer is None:
            _reset_connection(request)
        return answer or Response(status=204)

    def _misanswer(self, fault: Fault, inquiry: Inquiry) -> Response | None:
        """The wrong answer of a fault; None for one that breaks the connection."""
        if fault.kind == "errcode":
            return _json(PlatformError(fault.code).as_answer())
        if fault.kind == "html_502":
            return Response(_BAD_GATEWAY, status=502, mimetype="text/html")
        if fault.kind == "html":
            return Response(_MAINTENANCE, mimetype="text/html")
        if fault.kind == "unsigned":
            return self._execute(inquiry, unsigned=True)
        if fault.kind in ("timeout", "slow"):
            self._state.faults.released.wait(fault.seconds)
            return self._execute(inquiry) if fault.kind == "slow" else None
        if fault.kind == "truncated_json":
            whole = self._execute(inquiry).get_data()
            return Response(whole[: len(whole) // 2], mimetype="application/json")
        if fault.kind == "drop_after_execute":
            self._execute(inquiry)
        return None

    def _allow_product(self, request: Request, response: Response) -> None:
        """The browser build of the mini-program may use the control interface: product or this machine."""
        origin = request.headers.get("Origin")
        known = origin == self._state.product_url or urlsplit(origin or "").hostname in _THIS_MACHINE
        if origin and known and request.path.startswith("/sandbox/"):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Headers"] = "Content-Type"
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, DELETE"


def _read_inquiry(request: Request) -> Inquiry:
    file, raw = b"", b""
    if request.mimetype == "multipart/form-data":
        found = request.files.get("media")
        file = found.read() if found is not None else b""
        request.close()
    else:
        raw = request.get_data()
    url = f"{request.scheme}://{request.host}{request.path}"
    return Inquiry(request.method, request.path, url, request.args, raw, request.headers, file)


def _json(answer: dict[str, Any]) -> Response:
    return Response(json.dumps(answer, ensure_ascii=False), mimetype="application/json")


def _reset_connection(request: Request) -> None:
    """Closing with a linger time of zero sends RST; the descriptor itself, since files still refer to it."""
    connection: socket.socket | None = request.environ.get("werkzeug.socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(connection.detach())
