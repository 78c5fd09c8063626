"""A mini-program, as the product sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Literal

from wechat import content_check, custom_message, link, login, media, phone, quota, subscribe, template
from wechat import template_library as library
from wechat.account import Account
from wechat.clock import Clock, utc_now
from wechat.config import AccountConfig
from wechat.content_check import TextVerdict
from wechat.custom_message import LinkCard, PageCard
from wechat.keyed_lock import KeyedLock
from wechat.link import LinkTarget
from wechat.login import Login
from wechat.phone import Phone
from wechat.quota import Quota
from wechat.template import Template
from wechat.template_library import Keyword, LibraryTitle
from wechat.tokens import TokenProvider
from wechat.transport import Transport
from wechat.typing_sign import TypingSign
from wechat.wxacode import CodeShelf, EnvVersion


class MiniProgram:
    """Every call raises a WeChatError of wechat.errors when it does not succeed."""

    def __init__(
        self, config: AccountConfig, transport: Transport, tokens: TokenProvider, *, clock: Clock = utc_now
    ) -> None:
        self._account = Account(config, transport, tokens, clock)
        self._logins = login.share_logins(self._account)
        self._in_flight = KeyedLock()
        self._typing = TypingSign()
        self._codes = CodeShelf()
        self._templates: Mapping[str, Template] = {}

    def exchange_login_code(self, code: str) -> Login:
        """See wechat.login."""
        return login.exchange_login_code(self._account, self._logins, code)

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
        return self._codes.make_code(
            self._account, scene, page, env_version=env_version, width=width, check_path=check_path
        )

    def make_url_link(self, target: LinkTarget) -> str:
        """See wechat.link."""
        return link.make_url_link(self._account, target)

    def make_scheme(self, target: LinkTarget) -> str:
        """See wechat.link."""
        return link.make_scheme(self._account, target)

    def send_subscribe_message(
        self, openid: str, template_id: str, data: Mapping[str, str], page: str
    ) -> str | None:
        """See wechat.subscribe. A template that was listed is checked against before anything is sent."""
        known = self._templates.get(template_id)
        if known is not None:
            known.check(data)
        return subscribe.send_subscribe_message(self._account, self._in_flight, openid, template_id, data, page)

    def list_templates(self) -> list[Template]:
        """See wechat.template."""
        found = template.list_templates(self._account)
        self._templates = {one.id: one for one in found}
        return found

    def list_template_categories(self) -> dict[int, str]:
        """See wechat.template_library."""
        return library.list_categories(self._account)

    def list_library_titles(self, category_ids: Iterable[int]) -> list[LibraryTitle]:
        """See wechat.template_library."""
        return library.list_titles(self._account, category_ids)

    def list_library_keywords(self, title_id: str) -> list[Keyword]:
        """See wechat.template_library."""
        return library.list_keywords(self._account, title_id)

    def add_template(self, title_id: str, keyword_ids: Sequence[int], scene: str) -> str:
        """See wechat.template_library."""
        return library.add_template(self._account, title_id, keyword_ids, scene)

    def delete_template(self, template_id: str) -> None:
        """See wechat.template_library."""
        library.delete_template(self._account, template_id)

    def check_text(self, openid: str, text: str, *, scene: int = 2) -> TextVerdict:
        """See wechat.content_check."""
        return content_check.check_text(self._account, openid, text, scene=scene)

    def check_media(
        self, openid: str, media_url: str, media_type: Literal["audio", "image"], *, scene: int = 2
    ) -> str:
        """See wechat.content_check."""
        return content_check.check_media(self._account, openid, media_url, media_type, scene=scene)

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

    def get_quota(self, api: str) -> Quota:
        """See wechat.quota."""
        return quota.get_quota(self._account, api)
