"""Callbacks of the platform: stored first, answered at once, processed once."""

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from models.insert_once import insert_once
from models.outbox import InboxMessage
from services import outbox
from services.context import Context
from services.ports import WeChatUser

_PURPOSE = "inbox.body"


@dataclass(frozen=True)
class Arrived:
    """A normalised message or event of the platform."""

    dedupe_key: str
    account_kind: str
    appid: str
    openid: str
    msg_type: str
    event: str | None
    body: dict[str, Any]


def store(ctx: Context, arrived: Arrived) -> bool:
    """Keep a callback for a worker, once; the platform's repeats change nothing. True when it is new."""
    inbox_id = store_for_answer(ctx, arrived)
    if inbox_id is not None:
        outbox.publish(ctx, "callback.arrived", inbox_id=inbox_id)
    return inbox_id is not None


def store_for_answer(ctx: Context, arrived: Arrived) -> int | None:
    """Keep a callback that the caller answers itself; None when it was kept before."""
    row = insert_once(
        ctx.session, InboxMessage, dedupe_key=arrived.dedupe_key, account_kind=arrived.account_kind,
        appid=arrived.appid, openid=arrived.openid, msg_type=arrived.msg_type, event=arrived.event,
        received_at=ctx.now,
        body_cipher=ctx.gateways.cipher.seal(json.dumps(arrived.body, ensure_ascii=False, default=str), _PURPOSE))
    return None if row is None else row.id


def open_unprocessed(ctx: Context, inbox_id: int) -> Arrived | None:
    """The message while nobody has processed it, locked until the commit."""
    row = ctx.session.scalar(select(InboxMessage).where(
        InboxMessage.id == inbox_id, InboxMessage.processed_at.is_(None)).with_for_update())
    if row is None:
        return None
    body = json.loads(ctx.gateways.cipher.open(row.body_cipher, _PURPOSE))
    return Arrived(row.dedupe_key, row.account_kind, row.appid, row.openid, row.msg_type, row.event, body)


def sender(ctx: Context, inbox_id: int) -> WeChatUser:
    """Who sent a message, also after it was processed."""
    row = ctx.session.get_one(InboxMessage, inbox_id)
    return WeChatUser(row.appid, row.openid, None)


def mark_processed(ctx: Context, inbox_id: int) -> None:
    """Done: the sealed body is no longer needed and is dropped."""
    row = ctx.session.get_one(InboxMessage, inbox_id)
    row.processed_at = ctx.now
    row.body_cipher = ctx.gateways.cipher.seal("{}", _PURPOSE)
