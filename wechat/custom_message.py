"""Customer messages: answers to someone who wrote or came lately.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/kf-mgnt/kf-message/sendCustomMessage.html
https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Service_Center_messages.html
"""

from __future__ import annotations

from typing import Any

from wechat.account import Account
from wechat.text_limits import cut_to_bytes

SEND = "/cgi-bin/message/custom/send"
TYPING = "/cgi-bin/message/custom/typing"
#: The user has been idle, or the sign is already shown: nothing is lost.
_HARMLESS = frozenset({0, 45080, 45081})


def send_custom_text(account: Account, openid: str, text: str, *, is_ai: bool = False) -> None:
    """Send a text within the window the user opened; raises WindowClosed outside it.

    A longer text than the platform takes is cut with `…`. `is_ai` adds the label that the text was generated.
    """
    body: dict[str, Any] = {"touser": openid, "msgtype": "text", "text": {"content": cut_to_bytes(text)}}
    if is_ai:
        body["aimsgcontext"] = {"is_ai_msg": 1}
    account.post(SEND, body)


def send_typing(account: Account, openid: str) -> None:
    """Show that an answer is being written."""
    account.post(TYPING, {"touser": openid, "command": "Typing"}, accepted=_HARMLESS)
