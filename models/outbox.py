"""Work that must outlive a process: outbox topics, callbacks received, scheduled runs, live workers."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Digest, Key, one_of


class OutboxMessage(Base):
    """A fact of a committed transaction that a job will act on; ids only, no personal data."""

    __tablename__ = "outbox_messages"
    __table_args__ = (
        CheckConstraint(one_of("state", "pending", "done", "dead"), "state"),
        Index("ix_outbox_messages_pending", "not_before",
              postgresql_where=text("state = 'pending'"), sqlite_where=text("state = 'pending'")),
    )

    id: Mapped[Key]
    topic: Mapped[Code]
    payload: Mapped[dict[str, Any]]
    state: Mapped[Code] = mapped_column(default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    #: Not before this moment: a lease while a worker has it, a back-off after a failure.
    not_before: Mapped[datetime]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    #: Class and code of the last failure, never its text.
    last_error: Mapped[str | None]


class InboxMessage(Base):
    """A callback of the platform, stored before it is answered; the key makes repeats harmless."""

    __tablename__ = "inbox_messages"
    __table_args__ = (UniqueConstraint("dedupe_key"),)

    id: Mapped[Key]
    dedupe_key: Mapped[str]
    account_kind: Mapped[Code]
    appid: Mapped[Code]
    openid: Mapped[Code]
    msg_type: Mapped[Code]
    event: Mapped[str | None]
    #: The message, sealed.
    body_cipher: Mapped[str]
    received_at: Mapped[datetime]
    processed_at: Mapped[datetime | None]


class ScheduledRun(Base):
    """One due moment of one periodic job; the unique key decides which worker runs it."""

    __tablename__ = "scheduled_runs"
    __table_args__ = (UniqueConstraint("name", "due_at"),)

    id: Mapped[Key]
    name: Mapped[Code]
    due_at: Mapped[datetime] = mapped_column(index=True)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")


class WorkerBeat(Base):
    """A worker's sign of life."""

    __tablename__ = "worker_beats"

    name: Mapped[Code] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]


class IdempotencyKey(Base):
    """The answer already given to a key of this actor; the same key with another body is refused."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("actor", "route", "key"),)

    id: Mapped[Key]
    actor: Mapped[Code]
    route: Mapped[str]
    key: Mapped[Code]
    request_digest: Mapped[Digest]
    status: Mapped[int]
    #: Sealed: answers hold personal data.
    body_cipher: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)
