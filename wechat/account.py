"""Calls made in the name of one account: with its token, renewed at most once per call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from wechat.call import PUSH, Body, Call, Limits, Upload
from wechat.clock import Clock, utc_now
from wechat.config import AccountConfig
from wechat.errors import InvalidArgument, TokenRejected, WeChatProtocolError
from wechat.tokens import TokenProvider
from wechat.transport import Transport

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Account:
    """An account and the means to call the platform for it."""

    config: AccountConfig
    transport: Transport
    tokens: TokenProvider
    clock: Clock = utc_now

    def post(
        self,
        api: str,
        body: Body,
        *,
        idempotent: bool = False,
        limits: Limits = PUSH,
        accepted: frozenset[int] = frozenset({0}),
    ) -> dict[str, Any]:
        """POST with the account's token; returns the answer or raises a WeChatError."""
        call = self._call(api, "POST", body=body, idempotent=idempotent, limits=limits, accepted=accepted)
        return self._with_token(call, self.transport.call)

    def get(self, api: str, query: Mapping[str, str], *, limits: Limits = PUSH) -> dict[str, Any]:
        """GET with the account's token: reading is always idempotent."""
        call = self._call(api, "GET", query=query, idempotent=True, limits=limits)
        return self._with_token(call, self.transport.call)

    def fetch_image(self, api: str, body: Body) -> bytes:
        """POST that answers with a picture."""
        call = self._call(api, "POST", body=body, idempotent=True)
        return self._with_token(call, self.transport.fetch_image)

    def upload(self, api: str, query: Mapping[str, str], file: Upload) -> dict[str, Any]:
        """POST a file; one that arrives twice is merely there twice."""
        call = self._call(api, "POST", query=query, upload=file, idempotent=True)
        return self._with_token(call, self.transport.call)

    def invalid(self, api: str, problem: str) -> InvalidArgument:
        """The error for a value that need not be sent to be refused."""
        return InvalidArgument(problem, api=api, appid=self.config.appid)

    def malformed(self, api: str, problem: str) -> WeChatProtocolError:
        """The error for an answer that lacks what it must hold."""
        return WeChatProtocolError(problem, api=api, appid=self.config.appid)

    def _call(self, api: str, method: Literal["GET", "POST"], **rest: Any) -> Call:
        security = self.config.api_security
        if security is not None and (method == "GET" or not security.seals(api)):
            security = None
        return Call(api, self.config.appid, method, secrets=self.config.secrets, security=security, **rest)

    def _with_token(self, call: Call, send: Callable[[Call], T]) -> T:
        """A rejected token proves the call was not executed, so it is sent once more; never a third time."""
        lease = self.tokens.obtain(self.config, self.transport)
        try:
            return send(_signed(call, lease.value))
        except TokenRejected:
            self.tokens.discard(self.config, lease.value)
        if not lease.fresh:
            lease = self.tokens.obtain(self.config, self.transport)
        try:
            return send(_signed(call, lease.value))
        except TokenRejected:
            self.tokens.discard(self.config, lease.value)
            raise


def _signed(call: Call, token: str) -> Call:
    return replace(call, query={**call.query, "access_token": token}, secrets=(*call.secrets, token))
