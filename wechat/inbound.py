"""What the platform pushes to us, in one form whether it came as XML or as JSON.

https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html
https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Receiving_standard_messages.html
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from xml.parsers.expat import ExpatError

from wechatpy.parser import parse_message  # type: ignore[import-untyped]

from wechat.config import AccountConfig, AccountKind

_LISTS = frozenset({"List", "detail"})
_WRAPPERS = ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent")
_MAX_DEPTH = 8
_LATEST_TIME = 4_102_444_800  # the year 2100
_SCENE_PREFIX = "qrscene_"


class InboundMalformed(ValueError):
    """The text is no message of the platform."""


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message or event. `raw` holds all the platform said, every value a string, `List` always a list.

    `dedupe_key` is the same for every delivery of the same message.
    """

    account_kind: AccountKind
    appid: str
    openid: str = field(repr=False)
    to_user: str
    msg_type: str
    event: str | None
    event_key: str | None
    content: str | None = field(repr=False)
    media_id: str | None
    msg_id: str | None
    created_at: datetime
    dedupe_key: str
    raw: dict[str, Any] = field(repr=False)


def read_message(config: AccountConfig, text: str) -> InboundMessage:
    """Read a decrypted, authenticated push; raises InboundMalformed. Unknown kinds are read like others."""
    fields = _normalise(_read_json(text) if text.lstrip().startswith("{") else _read_xml(text))
    _unfold(fields)
    msg_type, openid = _text(fields, "MsgType"), _text(fields, "FromUserName") or _text(fields, "OpenID")
    if not msg_type or not openid:
        raise InboundMalformed("MsgType or FromUserName missing")
    created_at = _read_time(fields.get("CreateTime"))
    return InboundMessage(
        account_kind=config.kind,
        appid=config.appid,
        openid=openid,
        to_user=_text(fields, "ToUserName") or "",
        msg_type=msg_type.lower(),
        event=_text(fields, "Event"),
        event_key=_text(fields, "EventKey"),
        content=_text(fields, "Content"),
        media_id=_text(fields, "MediaId"),
        msg_id=_text(fields, "MsgId"),
        created_at=created_at,
        dedupe_key=_dedupe_key(config, fields, openid),
        raw=fields,
    )


def _read_json(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise InboundMalformed("not JSON") from problem
    if not isinstance(found, dict):
        raise InboundMalformed("not a JSON object")
    return found


def _read_xml(text: str) -> Mapping[str, Any]:
    """Through wechatpy, which has entities switched off; document types are refused before parsing."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise InboundMalformed("document type not allowed")
    try:
        message = parse_message(text)
        found = message._data
    except (ExpatError, ValueError, KeyError, TypeError, AttributeError) as problem:
        raise InboundMalformed("not a message in XML") from problem
    if not isinstance(found, dict):
        raise InboundMalformed("not a message in XML")
    return found


def _normalise(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Keys stripped (an official sample has a leading space), leaves as strings, lists where lists may be."""
    clean = _normalise_value(fields, 0)
    if not isinstance(clean, dict):
        raise InboundMalformed("not an object")
    return clean


def _normalise_value(value: Any, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise InboundMalformed("nested too deeply")
    if isinstance(value, Mapping):
        return {_clean(key): _normalise_member(_clean(key), member, depth) for key, member in value.items()}
    if isinstance(value, list):
        return [_normalise_value(member, depth + 1) for member in value]
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else _clean(value)


def _clean(value: Any) -> str:
    """Text that can be stored anywhere: JSON may spell a NUL, or half a character (`\\ud800`)."""
    return str(value).encode("utf-8", "replace").decode().replace("\x00", "").strip()


def _normalise_member(key: str, member: Any, depth: int) -> Any:
    if key in _LISTS and not isinstance(member, list):
        member = [] if member in (None, "") else [member]
    return _normalise_value(member, depth + 1)


def _unfold(fields: dict[str, Any]) -> None:
    """XML wraps the list of a subscription event, JSON does not; a scan that follows has a prefixed scene."""
    for wrapper in _WRAPPERS:
        inner = fields.pop(wrapper, None)
        if isinstance(inner, dict):
            fields.update(inner)
    if fields.get("Event") in ("subscribe_scan", "subscribe"):  # wechatpy renames the event when it strips
        fields["Event"] = "subscribe"
        fields["EventKey"] = str(fields.get("EventKey", "")).removeprefix(_SCENE_PREFIX)


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value else None


def _read_time(value: Any) -> datetime:
    if (
        not isinstance(value, str)
        or not value.isascii()
        or not value.isdecimal()
        or int(value) > _LATEST_TIME
    ):
        raise InboundMalformed("CreateTime is not a time")
    return datetime.fromtimestamp(int(value), UTC)


def _dedupe_key(config: AccountConfig, fields: Mapping[str, Any], openid: str) -> str:
    """Messages by MsgId; events by who, when and what, with the ids that tell two of one second apart."""
    account = f"{config.kind}:{config.appid}"
    msg_id = _text(fields, "MsgId")
    if msg_id:
        return f"{account}:message:{msg_id[:64]}"
    names = ("CreateTime", "MsgType", "Event", "EventKey", "MsgID", "trace_id", "List", "Content", "MediaId")
    what = json.dumps([openid, *(fields.get(name) for name in names)], ensure_ascii=False, sort_keys=True)
    return f"{account}:event:{hashlib.sha256(what.encode()).hexdigest()[:40]}"
