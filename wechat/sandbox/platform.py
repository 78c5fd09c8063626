"""The platform's interfaces: who may call, in what order things are checked, and which function answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import Headers

from wechat.sandbox import (
    endpoints_account,
    endpoints_content,
    endpoints_message,
    endpoints_official,
    endpoints_template,
    endpoints_wecom,
)
from wechat.sandbox.api_security import SECURED_PATHS, SandboxSecurity
from wechat.sandbox.callbacks import CallbackSender
from wechat.sandbox.exchange import Answer, Exchange, parse_body
from wechat.sandbox.platform_errors import PlatformError
from wechat.sandbox.state import SandboxState

SUBSCRIBE_SEND = endpoints_message.SUBSCRIBE_SEND
ROBOT_SEND = "/cgi-bin/webhook/send"


@dataclass(frozen=True, slots=True)
class _Endpoint:
    method: str
    answer: Callable[[Exchange], Answer]
    #: Kinds of account whose token opens it; empty: no token is asked for.
    kinds: frozenset[str] = frozenset({"mini"})
    takes_file: bool = False


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One request: `url` is the address without its query, which a signature covers."""

    method: str
    path: str
    url: str
    query: Mapping[str, str]
    raw: bytes
    headers: Headers = field(default_factory=Headers)
    file: bytes = b""


_BOTH = frozenset({"mini", "oa"})
_OA = frozenset({"oa"})
_WECOM = frozenset({"wecom"})
_NONE: frozenset[str] = frozenset()

ENDPOINTS: dict[str, _Endpoint] = {
    "/cgi-bin/stable_token": _Endpoint("POST", endpoints_account.stable_token, _NONE),
    "/cgi-bin/token": _Endpoint("GET", endpoints_account.plain_token, _NONE),
    "/cgi-bin/gettoken": _Endpoint("GET", endpoints_account.wecom_token, _NONE),
    "/sns/jscode2session": _Endpoint("GET", endpoints_account.code_to_session, _NONE),
    "/sns/oauth2/access_token": _Endpoint("GET", endpoints_account.web_token, _NONE),
    "/cgi-bin/ticket/getticket": _Endpoint("GET", endpoints_account.ticket, _OA),
    "/cgi-bin/openapi/quota/get": _Endpoint("POST", endpoints_account.quota, _BOTH),
    "/cgi-bin/clear_quota": _Endpoint("POST", endpoints_account.clear_quota, _BOTH),
    "/cgi-bin/callback/check": _Endpoint("POST", endpoints_account.check_callback, _OA),
    "/wxa/business/getuserphonenumber": _Endpoint("POST", endpoints_account.phone_number),
    "/cgi-bin/user/info": _Endpoint("GET", endpoints_account.user_info, _OA),
    "/cgi-bin/user/info/batchget": _Endpoint("POST", endpoints_account.user_batch, _OA),
    "/wxa/getwxacodeunlimit": _Endpoint("POST", endpoints_content.unlimited_code),
    "/wxa/generate_urllink": _Endpoint("POST", endpoints_content.url_link),
    "/wxa/generatescheme": _Endpoint("POST", endpoints_content.url_scheme),
    "/wxa/msg_sec_check": _Endpoint("POST", endpoints_content.check_text),
    "/wxa/media_check_async": _Endpoint("POST", endpoints_content.check_media),
    "/wxaapi/newtmpl/gettemplate": _Endpoint("GET", endpoints_template.list_templates, _BOTH),
    "/wxaapi/newtmpl/addtemplate": _Endpoint("POST", endpoints_template.add_template, _BOTH),
    "/wxaapi/newtmpl/deltemplate": _Endpoint("POST", endpoints_template.delete_template, _BOTH),
    "/wxaapi/newtmpl/getcategory": _Endpoint("GET", endpoints_template.list_categories, _BOTH),
    "/wxaapi/newtmpl/getpubtemplatetitles": _Endpoint("GET", endpoints_template.list_titles, _BOTH),
    "/wxaapi/newtmpl/getpubtemplatekeywords": _Endpoint("GET", endpoints_template.list_keywords, _BOTH),
    SUBSCRIBE_SEND: _Endpoint("POST", endpoints_message.subscribe_send),
    "/cgi-bin/message/subscribe/bizsend": _Endpoint("POST", endpoints_message.notification_send, _OA),
    endpoints_message.TEMPLATE_SEND: _Endpoint("POST", endpoints_message.template_send, _OA),
    "/cgi-bin/message/custom/send": _Endpoint("POST", endpoints_message.custom_send, _BOTH),
    "/cgi-bin/message/custom/typing": _Endpoint("POST", endpoints_message.typing, _BOTH),
    "/cgi-bin/media/upload": _Endpoint("POST", endpoints_message.upload_media, _BOTH, takes_file=True),
    "/cgi-bin/menu/create": _Endpoint("POST", endpoints_official.create_menu, _OA),
    "/cgi-bin/menu/get": _Endpoint("GET", endpoints_official.get_menu, _OA),
    "/cgi-bin/menu/delete": _Endpoint("GET", endpoints_official.delete_menu, _OA),
    "/cgi-bin/qrcode/create": _Endpoint("POST", endpoints_official.create_follower_code, _OA),
    "/cgi-bin/agent/get": _Endpoint("GET", endpoints_wecom.agent, _WECOM),
    "/cgi-bin/message/send": _Endpoint("POST", endpoints_wecom.send_message, _WECOM),
    "/cgi-bin/message/recall": _Endpoint("POST", endpoints_wecom.recall_message, _WECOM),
    "/cgi-bin/appchat/create": _Endpoint("POST", endpoints_wecom.create_chat, _WECOM),
    "/cgi-bin/appchat/update": _Endpoint("POST", endpoints_wecom.update_chat, _WECOM),
    "/cgi-bin/appchat/send": _Endpoint("POST", endpoints_wecom.send_to_chat, _WECOM),
    ROBOT_SEND: _Endpoint("POST", endpoints_wecom.robot_send, _NONE),
}


class Platform:
    """Answers calls to the interfaces above."""

    def __init__(self, state: SandboxState, callbacks: CallbackSender) -> None:
        self._state = state
        self._callbacks = callbacks

    def answer(self, inquiry: Inquiry) -> Answer:
        """The answer, or PlatformError. An unknown interface is 40066, so that a wrong path fails loudly."""
        endpoint = ENDPOINTS.get(inquiry.path)
        if endpoint is None or endpoint.method != inquiry.method:
            raise PlatformError(40066, "invalid url")
        exchange = self._admit(endpoint, inquiry)
        with self._one_at_a_time(exchange):
            self._wait()
            with self._state.lock:
                return endpoint.answer(exchange)

    def security_of(self, inquiry: Inquiry) -> SandboxSecurity | None:
        """The keys by which this call and its answer are sealed; None where the account has not switched it on."""
        if not self._state.secured or inquiry.path not in SECURED_PATHS:
            return None
        try:
            account = self._state.tokens.account_of(inquiry.query.get("access_token", ""), self._state.now())
        except PlatformError:
            return None
        return self._state.secured.get(account)

    def _admit(self, endpoint: _Endpoint, inquiry: Inquiry) -> Exchange:
        state, path = self._state, inquiry.path
        with state.lock:
            account = ""
            if endpoint.kinds:
                account = state.tokens.account_of(inquiry.query.get("access_token", ""), state.now())
                if state.accounts[account].kind not in endpoint.kinds:
                    raise PlatformError(48001)
            whose = inquiry.query.get("key", "") if path == ROBOT_SEND else account
            state.usage.charge(path, whose, state.clock())
        body = parse_body(self._plain(inquiry)) if endpoint.method == "POST" and not endpoint.takes_file else {}
        return Exchange(state, self._callbacks, path, account, inquiry.query, body, inquiry.file)

    def _plain(self, inquiry: Inquiry) -> bytes:
        security = self.security_of(inquiry)
        if security is None:
            return inquiry.raw
        return security.open(inquiry.url, inquiry.headers, inquiry.raw, self._state.now())

    def _wait(self) -> None:
        if self._state.latency:
            self._state.stopping.wait(self._state.latency)

    @contextmanager
    def _one_at_a_time(self, exchange: Exchange) -> Iterator[None]:
        """The platform refuses a second subscribe message to someone while the first is being sent."""
        if exchange.path != SUBSCRIBE_SEND:
            yield
            return
        openid: Any = str(exchange.body.get("touser"))
        with self._state.lock:
            if openid in self._state.in_flight:
                raise PlatformError(43108)
            self._state.in_flight.add(openid)
        try:
            yield
        finally:
            with self._state.lock:
                self._state.in_flight.discard(openid)
