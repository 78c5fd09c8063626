"""An official account (service account), as the product sees it."""

from __future__ import annotations

from collections.abc import Mapping

from wechat import custom_message, follower, template_message
from wechat.account import Account
from wechat.config import AccountConfig
from wechat.template_message import Target
from wechat.tokens import TokenProvider
from wechat.transport import Transport


class OfficialAccount:
    """Every call raises a WeChatError of wechat.errors when it does not succeed."""

    def __init__(self, config: AccountConfig, transport: Transport, tokens: TokenProvider) -> None:
        self._account = Account(config, transport, tokens)

    def send_custom_text(self, openid: str, text: str) -> None:
        """See wechat.custom_message."""
        custom_message.send_custom_text(self._account, openid, text)

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

    def find_unionid(self, openid: str) -> str | None:
        """See wechat.follower."""
        return follower.find_unionid(self._account, openid)
