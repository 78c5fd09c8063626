"""What events say, as values: subscriptions, ends of messages, verdicts on media, withdrawn consent.

https://developers.weixin.qq.com/miniprogram/dev/framework/open-ability/subscribe-message.html
https://developers.weixin.qq.com/miniprogram/dev/framework/security.mediaCheckAsync.html
https://developers.weixin.qq.com/miniprogram/dev/framework/user-privacy/
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from wechat.content_check import Suggestion
from wechat.inbound import InboundMessage

#: The three that tell of subscriptions, alike in a mini-program and in an official account.
POPUP, CHANGED, SENT = "subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event"
MEDIA_CHECKED = "wxa_media_check"
TEMPLATE_SENT = "TEMPLATESENDJOBFINISH"
Consent = Literal["revoked", "account_closed", "changed"]
_CONSENTS: dict[str, Consent] = {
    "user_authorization_revoke": "revoked",
    "user_authorization_cancellation": "account_closed",
    "user_info_modified": "changed",
}


@dataclass(frozen=True, slots=True)
class SubscriptionChange:
    """A person accepted or refused a template: in a dialogue, or (refusals only) in the settings."""

    template_id: str
    accepted: bool
    in_settings: bool


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of a message. `reason` is the platform's word, empty when it arrived."""

    template_id: str
    message_id: str
    delivered: bool
    reason: str


@dataclass(frozen=True, slots=True)
class MediaVerdict:
    """The opinion on an uploaded file; `suggestion` is None where the platform could not look at it."""

    trace_id: str
    suggestion: Suggestion | None
    label: int


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """A person took back a permission, closed the account, or changed data. `numbers` tell which data."""

    kind: Consent
    openid: str = field(repr=False)
    numbers: tuple[int, ...]


def read_subscriptions(message: InboundMessage) -> list[SubscriptionChange]:
    """The changes in a popup or change event; none in any other message."""
    if message.event not in (POPUP, CHANGED):
        return []
    return [
        SubscriptionChange(
            template_id=str(row.get("TemplateId", "")),
            accepted=row.get("SubscribeStatusString") == "accept",
            in_settings=message.event == CHANGED,
        )
        for row in _rows(message.raw.get("List"))
    ]


def read_reports(message: InboundMessage) -> list[DeliveryReport]:
    """The ends of messages in a sent event or of a template message; none in any other message."""
    if message.event == TEMPLATE_SENT:
        status = str(message.raw.get("Status", ""))
        delivered = status == "success"
        return [DeliveryReport("", str(message.raw.get("MsgID", "")), delivered, "" if delivered else status)]
    if message.event != SENT:
        return []
    return [
        DeliveryReport(
            template_id=str(row.get("TemplateId", "")),
            message_id=str(row.get("MsgID", "")),
            delivered=(delivered := row.get("ErrorCode") == "0"),
            reason="" if delivered else str(row.get("ErrorStatus") or row.get("ErrorCode") or "unknown"),
        )
        for row in _rows(message.raw.get("List"))
    ]


def read_media_verdict(message: InboundMessage) -> MediaVerdict | None:
    """The verdict of a media check event; None for any other message, or one without a trace id."""
    trace_id = str(message.raw.get("trace_id", ""))
    if message.event != MEDIA_CHECKED or not trace_id:
        return None
    found = message.raw.get("result")
    result = found if isinstance(found, Mapping) else {}
    suggestion = result.get("suggest")
    known = suggestion in ("pass", "review", "risky") and str(message.raw.get("errcode", "0")) == "0"
    return MediaVerdict(
        trace_id, cast(Suggestion, suggestion) if known else None, _number(result.get("label")) if known else 0
    )


def read_consent_change(message: InboundMessage) -> ConsentChange | None:
    """What a person took back; None for any other message."""
    kind = _CONSENTS.get(message.event or "")
    if kind is None:
        return None
    openid = str(message.raw.get("OpenID") or message.openid)
    numbers = re.findall(r"\d{1,6}", str(message.raw.get("RevokeInfo", "")))
    return ConsentChange(kind, openid, tuple(int(number) for number in numbers))


def _rows(rows: Any) -> list[Mapping[str, Any]]:
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


def _number(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
