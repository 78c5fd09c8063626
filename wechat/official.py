"""An official account (service account), as the product sees it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from wechat import (
    custom_message,
    follower,
    follower_code,
    jsapi,
    media,
    menu,
    network_check,
    notification,
    quota,
    template_message,
)
from wechat.account import Account
from wechat.clock import Clock, utc_now
from wechat.config import AccountConfig
from wechat.custom_message import LinkCard, PageCard
from wechat.follower import Follower
from wechat.follower_code import FollowerCode
from wechat.jsapi import PageSignature
from wechat.keyed_lock import KeyedLock
from wechat.menu import Button
from wechat.network_check import NetworkReport
from wechat.quota import Quota
from wechat.template_message import Target
from wechat.tokens import TokenProvider
from wechat.transport import Transport
from wechat.typing_sign import TypingSign
from wechat.web_login import WebLogin


class OfficialAccount:
    """Every call raises a WeChatError of wechat.errors when it does not succeed."""

    def __init__(
        self, config: AccountConfig, transport: Transport, tokens: TokenProvider, *, clock: Clock = utc_now
    ) -> None:
        self._account = Account(config, transport, tokens, clock)
        self._in_flight = KeyedLock()
        self._typing = TypingSign()

    def upload_image(self, content: bytes) -> str:
        """See wechat.media."""
        return media.upload_image(self._account, content)

    def send_custom_text(self, openid: str, text: str, *, is_ai: bool = False) -> None:
        """See wechat.custom_message."""
        custom_message.send_custom_text(self._account, openid, text, is_ai=is_ai)

    def send_custom_image(self, openid: str, media_id: str) -> None:
        """See wechat.custom_message."""
        custom_message.send_custom_image(self._account, openid, media_id)

    def send_custom_link(self, openid: str, card: LinkCard) -> None:
        """See wechat.custom_message."""
        custom_message.send_custom_link(self._account, openid, card)

    def send_custom_page(self, openid: str, card: PageCard) -> None:
        """See wechat.custom_message."""
        custom_message.send_custom_page(self._account, openid, card)

    def send_typing(self, openid: str, *, heard_at: datetime | None = None) -> bool:
        """See wechat.typing_sign."""
        return self._typing.show(self._account, openid, heard_at=heard_at)

    def send_template_message(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, str],
        *,
        url: str | None = None,
        mini_appid: str | None = None,
        mini_path: str | None = None,
        client_msg_id: str | None = None,
    ) -> str:
        """See wechat.template_message."""
        return template_message.send_template_message(
            self._account,
            openid,
            template_id,
            data,
            target=Target(url, mini_appid, mini_path),
            client_msg_id=client_msg_id,
        )

    def send_notification(
        self, openid: str, template_id: str, data: Mapping[str, str], *, target: Target | None = None
    ) -> None:
        """See wechat.notification."""
        notification.send_notification(
            self._account, self._in_flight, openid, template_id, data, target=target or Target()
        )

    def get_follower(self, openid: str) -> Follower:
        """See wechat.follower."""
        return follower.get_follower(self._account, openid)

    def list_followers(self, openids: Sequence[str]) -> list[Follower]:
        """See wechat.follower."""
        return follower.list_followers(self._account, openids)

    def find_unionid(self, openid: str) -> str | None:
        """See wechat.follower."""
        return follower.find_unionid(self._account, openid)

    def set_menu(self, buttons: Sequence[Button]) -> None:
        """See wechat.menu."""
        menu.set_menu(self._account, buttons)

    def delete_menu(self) -> None:
        """See wechat.menu."""
        menu.delete_menu(self._account)

    def make_follower_code(self, scene: str, *, seconds: int | None) -> FollowerCode:
        """See wechat.follower_code."""
        return follower_code.make_follower_code(self._account, scene, seconds=seconds)

    def open_web_login(
        self, *, signing_key: bytes, first_seen: Callable[[str, int], bool], redirect_hosts: Collection[str]
    ) -> WebLogin:
        """See wechat.web_login."""
        return WebLogin(
            self._account, signing_key=signing_key, first_seen=first_seen, redirect_hosts=redirect_hosts
        )

    def sign_page(self, url: str) -> PageSignature:
        """See wechat.jsapi."""
        return jsapi.sign_page(self._account, url)

    def check_network(self) -> NetworkReport:
        """See wechat.network_check."""
        return network_check.check_network(self._account)

    def get_quota(self, api: str) -> Quota:
        """See wechat.quota."""
        return quota.get_quota(self._account, api)
