"""Subscription notifications of an official account (订阅通知).

https://developers.weixin.qq.com/doc/offiaccount/Subscription_Messages/api.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wechat.account import Account
from wechat.fields import validate_fields
from wechat.keyed_lock import KeyedLock
from wechat.template_message import Target

SEND = "/cgi-bin/message/subscribe/bizsend"


def send_notification(
    account: Account, in_flight: KeyedLock, openid: str, template_id: str, data: Mapping[str, str], *, target: Target
) -> None:
    """Send one message to somebody who subscribed to this template. Raises FieldInvalid before it is sent.

    As with a mini-program's subscribe message there is no message id, the end comes as
    subscribe_msg_sent_event, and a call whose outcome is unknown is not repeated.
    """
    body: dict[str, Any] = {
        "touser": openid,
        "template_id": template_id,
        "data": {name: {"value": value} for name, value in validate_fields(data).items()},
    }
    if target.mini_appid:
        body["miniprogram"] = {"appid": target.mini_appid, "pagepath": target.mini_path or ""}
    elif target.url:
        body["page"] = target.url
    with in_flight.hold(openid):
        account.post(SEND, body)
