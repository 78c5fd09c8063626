"""The chat: what is being talked about, and what was said (代表助手)."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, key_to, one_of


class Dialogue(Base):
    """The open task of one person: which intent, what is known so far, until when it waits."""

    __tablename__ = "dialogues"
    __table_args__ = (UniqueConstraint("account_id"),)

    id: Mapped[Key]
    account_id: Mapped[int] = key_to("accounts.id", index=False)
    intent: Mapped[Code]
    step: Mapped[Code]
    slots: Mapped[dict[str, Any]]
    expires_at: Mapped[datetime]


class ChatLine(Base):
    __tablename__ = "chat_lines"
    __table_args__ = (CheckConstraint(one_of("speaker", "me", "assistant"), "speaker"),)

    id: Mapped[Key]
    account_id: Mapped[int] = key_to("accounts.id")
    channel: Mapped[Code]
    speaker: Mapped[Code]
    text: Mapped[str]
    #: Link and choices of an answer.
    extras: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class HandOver(Base):
    """A person asked for a person; staff call back or write."""

    __tablename__ = "hand_overs"
    __table_args__ = (CheckConstraint(one_of("state", "open", "done"), "state"),)

    id: Mapped[Key]
    account_id: Mapped[int] = key_to("accounts.id")
    region_id: Mapped[int] = key_to("regions.id")
    question: Mapped[str]
    state: Mapped[Code] = mapped_column(default="open")
    created_at: Mapped[datetime]
    done_by: Mapped[int | None] = key_to("staff.id", nullable=True, index=False)
    done_at: Mapped[datetime | None]
    #: What staff wrote back; None where they called.
    reply: Mapped[str | None]
