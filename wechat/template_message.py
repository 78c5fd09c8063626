"""Template messages of an official account.

https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Template_Message_Interface.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wechat.account import Account
from wechat.errors import InvalidArgument, WeChatProtocolError
from wechat.fields import validate_fields

SEND = "/cgi-bin/message/template/send"
MAX_CLIENT_MSG_ID = 32
#: 45065: this client_msg_id was sent before; the answer names the first message.
_SENT_BEFORE = 45065


@dataclass(frozen=True, slots=True)
class Target:
    """What a tap on the message opens: a page of a linked mini-program, else an address."""

    url: str | None = None
    mini_appid: str | None = None
    mini_path: str | None = None


def send_template_message(
    account: Account,
    openid: str,
    template_id: str,
    data: Mapping[str, str],
    *,
    target: Target,
    client_msg_id: str | None = None,
) -> str:
    """Send one message and return its msgid, which TEMPLATESENDJOBFINISH names again.

    With a client_msg_id the platform sends once however often we ask, so the call may be repeated.
    """
    if client_msg_id is not None and not 0 < len(client_msg_id) <= MAX_CLIENT_MSG_ID:
        raise InvalidArgument("client_msg_id has 1 to 32 characters", api=SEND, appid=account.config.appid)
    body = _build_body(openid, template_id, validate_fields(data), target)
    if client_msg_id is not None:
        body["client_msg_id"] = client_msg_id
    accepted = frozenset({0, _SENT_BEFORE})
    answer = account.post(SEND, body, idempotent=client_msg_id is not None, accepted=accepted)
    msgid = answer.get("msgid")
    if not msgid:
        raise WeChatProtocolError("msgid missing", api=SEND, appid=account.config.appid)
    return str(msgid)


def _build_body(openid: str, template_id: str, fields: Mapping[str, str], target: Target) -> dict[str, Any]:
    body: dict[str, Any] = {
        "touser": openid,
        "template_id": template_id,
        "data": {name: {"value": value} for name, value in fields.items()},
    }
    if target.url:
        body["url"] = target.url
    if target.mini_appid:
        body["miniprogram"] = {"appid": target.mini_appid, "pagepath": target.mini_path or ""}
    return body
