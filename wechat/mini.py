"""A mini-program, as the product sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from wechat import content_check, custom_message, login, phone, subscribe, template, wxacode
from wechat.account import Account
from wechat.clock import Clock, utc_now
from wechat.config import AccountConfig
from wechat.content_check import TextVerdict
from wechat.keyed_lock import KeyedLock
from wechat.login import Login
from wechat.phone import Phone
from wechat.template import Template
from wechat.tokens import TokenProvider
from wechat.transport import Transport
from wechat.wxacode import EnvVersion


class MiniProgram:
    """Every call raises a WeChatError of wechat.errors when it does not succeed."""

    def __init__(
        self, config: AccountConfig, transport: Transport, tokens: TokenProvider, *, clock: Clock = utc_now
    ) -> None:
        self._account = Account(config, transport, tokens, clock)
        self._in_flight = KeyedLock()

    def exchange_login_code(self, code: str) -> Login:
        """See wechat.login."""
        return login.exchange_login_code(self._account, code)

    def exchange_phone_code(self, code: str, openid: str) -> Phone:
        """See wechat.phone."""
        return phone.exchange_phone_code(self._account, code, openid)

    def make_code(
        self,
        scene: str,
        page: str,
        *,
        env_version: EnvVersion = "release",
        width: int = 430,
        check_path: bool = True,
    ) -> bytes:
        """See wechat.wxacode."""
        return wxacode.make_code(
            self._account, scene, page, env_version=env_version, width=width, check_path=check_path
        )

    def send_subscribe_message(
        self, openid: str, template_id: str, data: Mapping[str, str], page: str
    ) -> None:
        """See wechat.subscribe."""
        subscribe.send_subscribe_message(self._account, self._in_flight, openid, template_id, data, page)

    def list_templates(self) -> list[Template]:
        """See wechat.template."""
        return template.list_templates(self._account)

    def check_text(self, openid: str, text: str, *, scene: int = 2) -> TextVerdict:
        """See wechat.content_check."""
        return content_check.check_text(self._account, openid, text, scene=scene)

    def check_media(
        self, openid: str, media_url: str, media_type: Literal["audio", "image"], *, scene: int = 2
    ) -> str:
        """See wechat.content_check."""
        return content_check.check_media(self._account, openid, media_url, media_type, scene=scene)

    def send_custom_text(self, openid: str, text: str, *, is_ai: bool = False) -> None:
        """See wechat.custom_message."""
        custom_message.send_custom_text(self._account, openid, text, is_ai=is_ai)

    def send_typing(self, openid: str) -> None:
        """See wechat.custom_message."""
        custom_message.send_typing(self._account, openid)
