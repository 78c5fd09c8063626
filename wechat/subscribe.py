"""Subscribe messages: the service notifications of a mini-program.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-message-management/subscribe-message/sendMessage.html
"""

from __future__ import annotations

from collections.abc import Mapping

from wechat.account import Account
from wechat.fields import validate_fields
from wechat.keyed_lock import KeyedLock

SEND = "/cgi-bin/message/subscribe/send"


def send_subscribe_message(
    account: Account, in_flight: KeyedLock, openid: str, template_id: str, data: Mapping[str, str], page: str
) -> str | None:
    """Send one message; returns its msgid. Raises FieldInvalid before anything is sent.

    What became of it comes as subscribe_msg_sent_event under that MsgID. The documents promise no msgid in
    the answer, so it may be None. A call whose outcome is unknown is not repeated, since it may have used up
    a one-time credit. One at a time per person in this process, because the platform refuses concurrent
    sends to the same one (43108).
    """
    fields = validate_fields(data)
    body = {
        "touser": openid,
        "template_id": template_id,
        "page": page,
        "miniprogram_state": account.config.miniprogram_state,
        "lang": "zh_CN",
        "data": {name: {"value": value} for name, value in fields.items()},
    }
    with in_flight.hold(openid):
        msgid = account.post(SEND, body).get("msgid")
    return str(msgid) if msgid else None
