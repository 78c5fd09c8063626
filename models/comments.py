"""Residents' opinions and their handling (群众意见征集)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, key_to, one_of, pair_key

OPINION_STATES = ("screening", "registered", "assigned", "answered", "closed", "rejected")
GRADES = ("satisfied", "basically_satisfied", "unsatisfied")


class NumberSeries(Base):
    """The next serial of a numbered series; taken by an atomic update, never counted."""

    __tablename__ = "number_series"

    name: Mapped[Code] = mapped_column(primary_key=True)
    next_serial: Mapped[int]


class Opinion(Base):
    __tablename__ = "opinions"
    __table_args__ = (
        CheckConstraint(one_of("state", *OPINION_STATES), "state"),
        CheckConstraint(one_of("text_check", "pending", "pass", "review", "risky", "unreachable"), "text_check"),
        CheckConstraint(one_of("channel", "mini", "web", "chat", "official_account"), "channel"),
        UniqueConstraint("number"),
        Index("ix_opinions_township_state", "township_id", "state", "due_on"),
    )

    id: Mapped[Key]
    #: YJ + nine-digit township code + year + six-digit serial.
    number: Mapped[Code]
    #: None once the author was made anonymous, years after the matter was settled.
    account_id: Mapped[int | None] = key_to("accounts.id", nullable=True)
    township_id: Mapped[int] = key_to("regions.id", index=False)
    village_id: Mapped[int] = key_to("regions.id")
    category: Mapped[Code]
    text: Mapped[str]
    channel: Mapped[Code]
    is_anonymous: Mapped[bool] = mapped_column(default=False)
    is_urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[Code] = mapped_column(default="screening")
    #: What the platform's check said; anything but pass waits for a person.
    text_check: Mapped[Code] = mapped_column(default="pending")
    consent_version: Mapped[str]
    consent_at: Mapped[datetime]
    #: 1 at first; an unsatisfied rating opens the next round with its own clock.
    round_no: Mapped[int] = mapped_column(default=1)
    due_on: Mapped[date | None]
    reject_reason: Mapped[str | None]
    submitted_at: Mapped[datetime] = mapped_column(index=True)
    closed_at: Mapped[datetime | None]
    anonymised_at: Mapped[datetime | None]


class OpinionPhoto(Base):
    __tablename__ = "opinion_photos"

    opinion_id: Mapped[int] = pair_key("opinions.id")
    media_id: Mapped[int] = pair_key("media_files.id")
    position: Mapped[int]


class OpinionAssignment(Base):
    """Who handles one round of an opinion, until when, and what was answered."""

    __tablename__ = "opinion_assignments"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (unit_id IS NULL)", "one_handler"),
        CheckConstraint(one_of("state", "open", "returned", "answered"), "state"),
        CheckConstraint("(state = 'answered') = (answered_at IS NOT NULL)", "answered"),
        Index("uq_opinion_assignments_live", "opinion_id", "round_no", unique=True,
              postgresql_where=text("state <> 'returned'"), sqlite_where=text("state <> 'returned'")),
    )

    id: Mapped[Key]
    opinion_id: Mapped[int] = key_to("opinions.id")
    round_no: Mapped[int]
    person_id: Mapped[int | None] = key_to("persons.id", nullable=True)
    unit_id: Mapped[int | None] = key_to("handling_units.id", nullable=True)
    state: Mapped[Code] = mapped_column(default="open")
    due_on: Mapped[date]
    assigned_by: Mapped[int] = key_to("staff.id", index=False)
    assigned_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
    returned_reason: Mapped[str | None]


class OpinionEvent(Base):
    """A line of the timeline; the resident sees those that are not internal."""

    __tablename__ = "opinion_events"

    id: Mapped[Key]
    opinion_id: Mapped[int] = key_to("opinions.id")
    at: Mapped[datetime]
    title: Mapped[str]
    detail: Mapped[str] = mapped_column(default="")
    is_internal: Mapped[bool] = mapped_column(default=False)
    actor: Mapped[str]


class OpinionRating(Base):
    __tablename__ = "opinion_ratings"
    __table_args__ = (
        CheckConstraint(one_of("grade", *GRADES), "grade"),
        UniqueConstraint("opinion_id", "round_no"),
    )

    id: Mapped[Key]
    opinion_id: Mapped[int] = key_to("opinions.id", index=False)
    round_no: Mapped[int]
    grade: Mapped[Code]
    comment: Mapped[str] = mapped_column(default="")
    rated_at: Mapped[datetime]
