"""Logging in on a web page inside WeChat, in the name of an official account.

https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/Wechat_webpage_authorization.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode, urlsplit

from wechat.account import Account
from wechat.call import INTERACTIVE, Call
from wechat.errors import StateInvalid, VirtualUser

AUTHORIZE = "/connect/oauth2/authorize"
ACCESS_TOKEN = "/sns/oauth2/access_token"  # noqa: S105 - a path
STATE_SECONDS = 600
Scope = Literal["snsapi_base", "snsapi_userinfo"]
#: What the platform takes as a state: 32 digits of chance, 8 of time, 40 of signature.
_STATE = re.compile(r"[0-9a-f]{80}")


@dataclass(frozen=True, slots=True)
class WebUser:
    """Who came back. A unionid comes only with the scope that asks the person."""

    openid: str = field(repr=False)
    unionid: str | None = field(repr=False)


class WebLogin:
    """Sends people to the platform and takes them back.

    `state` is random, signed for the visitor's session, good for ten minutes and good once: `first_seen`
    must return True the first time a key is given, atomically for all workers. People are only sent back to
    `redirect_hosts`.
    """

    def __init__(
        self,
        account: Account,
        *,
        signing_key: bytes,
        first_seen: Callable[[str, int], bool],
        redirect_hosts: Collection[str],
    ) -> None:
        self._account = account
        self._signing_key = signing_key
        self._first_seen = first_seen
        self._redirect_hosts = frozenset(redirect_hosts)

    def build_address(self, redirect: str, *, session: str, scope: Scope = "snsapi_base") -> str:
        """Where to send the visitor; raises InvalidArgument for a redirect that is not ours."""
        parts = urlsplit(redirect)
        # `netloc`, since a host with a name or a port before it is another place.
        if parts.scheme != "https" or parts.netloc not in self._redirect_hosts:
            raise self._account.invalid(AUTHORIZE, "redirect is not one of ours")
        query = {
            "appid": self._account.config.appid,
            "redirect_uri": redirect,
            "response_type": "code",
            "scope": scope,
            "state": self._issue(session),
        }
        return f"{self._account.config.open_base}{AUTHORIZE}?{urlencode(query)}#wechat_redirect"

    def finish(self, *, code: str, state: str, session: str) -> WebUser:
        """Who came back with `code`; raises StateInvalid, BadCode, VirtualUser."""
        self._redeem(state, session)
        config = self._account.config
        query = {
            "appid": config.appid,
            "secret": config.secret,
            "code": code,
            "grant_type": "authorization_code",
        }
        secret = (*config.secrets, code)
        call = Call(ACCESS_TOKEN, config.appid, "GET", query=query, limits=INTERACTIVE, secrets=secret)
        answer = self._account.transport.call(call)
        if answer.get("is_snapshotuser") in (1, "1", True):
            raise VirtualUser("a snapshot page has no user", api=ACCESS_TOKEN, appid=config.appid)
        openid = answer.get("openid")
        if not isinstance(openid, str) or not openid:
            raise self._account.malformed(ACCESS_TOKEN, "openid missing")
        return WebUser(openid, answer.get("unionid") or None)

    def _issue(self, session: str) -> str:
        chance = secrets.token_hex(16)
        until = f"{int(self._account.clock().timestamp()) + STATE_SECONDS:08x}"
        return chance + until + self._sign(chance, until, session)

    def _redeem(self, state: str, session: str) -> None:
        if not _STATE.fullmatch(state):
            raise self._refuse("malformed")
        chance, until, signature = state[:32], state[32:40], state[40:]
        if not hmac.compare_digest(signature, self._sign(chance, until, session)):
            raise self._refuse("not issued to this visitor")
        if self._account.clock().timestamp() > int(until, 16):
            raise self._refuse("too old")
        if not self._first_seen(f"state:{self._account.config.appid}:{chance}", STATE_SECONDS):
            raise self._refuse("used before")

    def _sign(self, chance: str, until: str, session: str) -> str:
        said = f"{self._account.config.appid}\n{chance}\n{until}\n{session}".encode()
        return hmac.new(self._signing_key, said, hashlib.sha256).hexdigest()[:40]

    def _refuse(self, reason: str) -> StateInvalid:
        return StateInvalid(f"state {reason}", api=AUTHORIZE, appid=self._account.config.appid)
