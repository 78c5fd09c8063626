"""A WeCom application (企业微信, or a province's own 政务微信), as the product sees it."""

from __future__ import annotations

from collections.abc import Sequence

from wechat import wecom_chat, wecom_message
from wechat.account import Account
from wechat.clock import Clock, utc_now
from wechat.config import AccountConfig
from wechat.rate_gate import RateGate
from wechat.tokens import TokenProvider
from wechat.transport import Transport
from wechat.wecom_message import WeComContent, WeComReport

AGENT = "/cgi-bin/agent/get"


class WeCom:
    """Every call raises a WeChatError of wechat.errors when it does not succeed.

    A province's own deployment is reached by a transport with its address, certificate bundle and proxy.
    """

    def __init__(
        self,
        config: AccountConfig,
        transport: Transport,
        tokens: TokenProvider,
        gate: RateGate,
        *,
        clock: Clock = utc_now,
    ) -> None:
        self._account = Account(config, transport, tokens, clock)
        self._gate = gate

    def send_to_members(self, user_ids: Sequence[str], content: WeComContent) -> WeComReport:
        """See wechat.wecom_message."""
        return wecom_message.send_to_members(self._account, self._gate, user_ids, content)

    def recall(self, message_id: str) -> None:
        """See wechat.wecom_message."""
        wecom_message.recall(self._account, message_id)

    def create_chat(self, name: str, members: Sequence[str], *, owner: str, chat_id: str = "") -> str:
        """See wechat.wecom_chat."""
        return wecom_chat.create_chat(self._account, name, members, owner=owner, chat_id=chat_id)

    def change_members(
        self, chat_id: str, *, joining: Sequence[str] = (), leaving: Sequence[str] = ()
    ) -> None:
        """See wechat.wecom_chat."""
        wecom_chat.change_members(self._account, chat_id, joining=joining, leaving=leaving)

    def send_to_chat(self, chat_id: str, content: WeComContent) -> None:
        """See wechat.wecom_chat."""
        wecom_chat.send_to_chat(self._account, chat_id, content)

    def get_name(self) -> str:
        """The application's name: an innocent call that fails where rights or the IP list are wrong."""
        agent_id = str(self._account.config.agent_id)
        return str(self._account.get(AGENT, {"agentid": agent_id}).get("name", ""))
