"""The platform's interfaces: who may call, in what order things are checked, and which function answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from wechat.sandbox import endpoints_account, endpoints_content, endpoints_message
from wechat.sandbox.callbacks import CallbackSender
from wechat.sandbox.exchange import Answer, Exchange, parse_body
from wechat.sandbox.platform_errors import PlatformError
from wechat.sandbox.state import SandboxState

SUBSCRIBE_SEND = "/cgi-bin/message/subscribe/send"


@dataclass(frozen=True, slots=True)
class _Endpoint:
    method: str
    answer: Callable[[Exchange], Answer]
    #: Account kinds whose token opens it; empty: no token is asked for.
    kinds: frozenset[str] = frozenset({"mini"})


_BOTH = frozenset({"mini", "oa"})
_OA = frozenset({"oa"})
_NONE: frozenset[str] = frozenset()

ENDPOINTS: dict[str, _Endpoint] = {
    "/cgi-bin/stable_token": _Endpoint("POST", endpoints_account.stable_token, _NONE),
    "/cgi-bin/token": _Endpoint("GET", endpoints_account.plain_token, _NONE),
    "/sns/jscode2session": _Endpoint("GET", endpoints_account.code_to_session, _NONE),
    "/wxa/business/getuserphonenumber": _Endpoint("POST", endpoints_account.phone_number),
    "/wxa/getwxacodeunlimit": _Endpoint("POST", endpoints_content.unlimited_code),
    "/wxa/msg_sec_check": _Endpoint("POST", endpoints_content.check_text),
    "/wxa/media_check_async": _Endpoint("POST", endpoints_content.check_media),
    "/wxaapi/newtmpl/gettemplate": _Endpoint("GET", endpoints_message.list_templates),
    SUBSCRIBE_SEND: _Endpoint("POST", endpoints_message.subscribe_send),
    "/cgi-bin/message/custom/send": _Endpoint("POST", endpoints_message.custom_send, _BOTH),
    "/cgi-bin/message/custom/typing": _Endpoint("POST", endpoints_message.typing, _BOTH),
    endpoints_message.TEMPLATE_SEND: _Endpoint("POST", endpoints_message.template_send, _OA),
    "/cgi-bin/user/info": _Endpoint("GET", endpoints_account.user_info, _OA),
}


class Platform:
    """Answers calls to the interfaces above."""

    def __init__(self, state: SandboxState, callbacks: CallbackSender) -> None:
        self._state = state
        self._callbacks = callbacks

    def answer(self, method: str, path: str, query: Mapping[str, str], raw: bytes) -> Answer:
        """The answer, or PlatformError. An unknown interface is 40066, so that a wrong path fails loudly."""
        endpoint = ENDPOINTS.get(path)
        if endpoint is None or endpoint.method != method:
            raise PlatformError(40066, "invalid url")
        exchange = self._admit(endpoint, path, query, raw)
        with self._one_at_a_time(path, exchange.body):
            self._wait()
            with self._state.lock:
                return endpoint.answer(exchange)

    def _admit(self, endpoint: _Endpoint, path: str, query: Mapping[str, str], raw: bytes) -> Exchange:
        state = self._state
        with state.lock:
            kind = ""
            if endpoint.kinds:
                kind = state.tokens.kind_of(query.get("access_token", ""), state.now())
                if kind not in endpoint.kinds:
                    raise PlatformError(48001)
            state.usage.charge(path, state.clock())
            body = parse_body(raw) if endpoint.method == "POST" else {}
            return Exchange(state, self._callbacks, path, kind, query, body)

    def _wait(self) -> None:
        if self._state.latency:
            self._state.stopping.wait(self._state.latency)

    @contextmanager
    def _one_at_a_time(self, path: str, body: Mapping[str, Any]) -> Iterator[None]:
        """The platform refuses a second subscribe message to someone while the first is being sent."""
        if path != SUBSCRIBE_SEND:
            yield
            return
        openid = str(body.get("touser"))
        with self._state.lock:
            if openid in self._state.in_flight:
                raise PlatformError(43108)
            self._state.in_flight.add(openid)
        try:
            yield
        finally:
            with self._state.lock:
                self._state.in_flight.discard(openid)
