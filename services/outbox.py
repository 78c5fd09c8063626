"""The outbox: facts of a committed transaction for jobs to act on, kept until they succeeded."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Table, func, insert, select, update
from sqlalchemy.orm import Session

from models.outbox import OutboxMessage
from services.context import Context

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 8
_BACKOFF_SECONDS = (5, 15, 60, 300, 900, 3600, 3600)
_TABLE = cast(Table, OutboxMessage.__table__)
_PUBLISH = insert(_TABLE).returning(_TABLE.c.id)


@dataclass(frozen=True)
class Claimed:
    id: int
    topic: str
    payload: dict[str, Any]
    attempts: int


def publish(ctx: Context, topic: str, **ids: int | str) -> None:
    """Store a topic with ids in this transaction; it is announced only after the commit."""
    ctx.session.flush()
    ctx.outbox_ids.append(ctx.session.connection().execute(
        _PUBLISH, {"topic": topic, "payload": ids, "not_before": ctx.now, "created_at": ctx.now}).scalar_one())


def bury_exhausted(session: Session, now: datetime) -> int:
    """Give up on messages whose last attempt ended without a word: their handler killed its process each time."""
    buried = session.scalars(
        update(OutboxMessage)
        .where(OutboxMessage.state == "pending", OutboxMessage.not_before <= now,
               OutboxMessage.attempts >= MAX_ATTEMPTS)
        .values(state="dead", last_error="died").returning(OutboxMessage.id))
    return len(buried.all())


def list_due(session: Session, now: datetime, *, limit: int = 200) -> list[int]:
    """Ids whose moment has come: new ones nobody announced, expired leases, back-offs that ended."""
    return list(session.scalars(
        select(OutboxMessage.id)
        .where(OutboxMessage.state == "pending", OutboxMessage.not_before <= now)
        .order_by(OutboxMessage.not_before).limit(limit)
    ))


def claim(session: Session, message_id: int, now: datetime) -> Claimed | None:
    """Lease one message; None when another worker has it or it is done. One statement decides."""
    row = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == message_id, OutboxMessage.state == "pending", OutboxMessage.not_before <= now)
        .values(not_before=now + LEASE, attempts=OutboxMessage.attempts + 1)
        .returning(OutboxMessage.id, OutboxMessage.topic, OutboxMessage.payload, OutboxMessage.attempts)
    ).one_or_none()
    return Claimed(row.id, row.topic, row.payload, row.attempts) if row else None


def settle(session: Session, message_id: int, now: datetime) -> None:
    session.execute(
        update(OutboxMessage).where(OutboxMessage.id == message_id).values(state="done", done_at=now, last_error=None)
    )


def fail(session: Session, claimed: Claimed, now: datetime, error: str) -> bool:
    """Note a failure by its class; back off, or give up after the last attempt. True when given up."""
    is_dead = claimed.attempts >= MAX_ATTEMPTS
    wait = _BACKOFF_SECONDS[min(claimed.attempts, len(_BACKOFF_SECONDS)) - 1]
    session.execute(
        update(OutboxMessage).where(OutboxMessage.id == claimed.id).values(
            state="dead" if is_dead else "pending", not_before=now + timedelta(seconds=wait), last_error=error[:200])
    )
    return is_dead


def revive_dead(session: Session, now: datetime) -> int:
    """Give every abandoned message a fresh start; returns how many."""
    revived = session.scalars(
        update(OutboxMessage).where(OutboxMessage.state == "dead")
        .values(state="pending", attempts=0, not_before=now).returning(OutboxMessage.id)
    )
    return len(revived.all())


@dataclass(frozen=True)
class Backlog:
    pending: int
    dead: int
    #: Seconds the oldest overdue message has waited beyond its moment.
    oldest_seconds: float


def backlog(session: Session, now: datetime) -> Backlog:
    pending, oldest = session.execute(
        select(func.count(), func.min(OutboxMessage.not_before)).where(OutboxMessage.state == "pending")
    ).one()
    dead = session.scalar(select(func.count()).where(OutboxMessage.state == "dead")) or 0
    waited = (now - oldest).total_seconds() if oldest else 0.0
    return Backlog(pending, dead, max(waited, 0.0))
