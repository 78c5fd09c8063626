"""Residents' opinions and their handling (群众意见征集)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, Name, key_to, one_of, pair_key

OPINION_STATES = ("screening", "registered", "assigned", "merged", "answered", "closed", "rejected")
GRADES = ("satisfied", "basically_satisfied", "unsatisfied")
#: Warnings of a clock by how near its end is, and what goes to a leader.
ALERTS = ("due_30", "due_7", "due_1", "due_0", "overdue", "overdue_long", "unsatisfied")


class Opinion(Base):
    __tablename__ = "opinions"
    __table_args__ = (
        CheckConstraint(one_of("state", *OPINION_STATES), "state"),
        CheckConstraint(one_of("text_check", "pending", "pass", "review", "risky", "unreachable"), "text_check"),
        CheckConstraint(one_of("channel", "mini", "web", "chat", "official_account"), "channel"),
        CheckConstraint("paused_workdays IS NULL OR due_on IS NULL", "paused"),
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
    #: What staff call the matter in public words; the only thing others who meet the same are shown of it.
    matter: Mapped[Name | None]
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
    #: When that day was set: a warning whose moment lay before it would be no news.
    due_set_on: Mapped[date | None]
    #: The working days left on a clock that stands still; None while it runs.
    paused_workdays: Mapped[int | None]
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
        CheckConstraint(one_of("attitude", *GRADES), "attitude"),
        UniqueConstraint("opinion_id", "round_no"),
    )

    id: Mapped[Key]
    opinion_id: Mapped[int] = key_to("opinions.id", index=False)
    round_no: Mapped[int]
    #: Of the result; it alone decides whether the matter is closed.
    grade: Mapped[Code]
    #: Of how the person was treated, rated apart; None where only the result was asked for.
    attitude: Mapped[Code | None]
    comment: Mapped[str] = mapped_column(default="")
    rated_at: Mapped[datetime]


class OpinionExtension(Base):
    """A handler's request for a later day, decided by the office: one granted for each assignment."""

    __tablename__ = "opinion_extensions"
    __table_args__ = (
        CheckConstraint(one_of("state", "pending", "granted", "declined"), "state"),
        CheckConstraint("(state = 'pending') = (decided_at IS NULL)", "decided"),
        CheckConstraint("(state = 'granted') = (granted_on IS NOT NULL)", "granted"),
        Index("uq_opinion_extensions_live", "assignment_id", unique=True,
              postgresql_where=text("state <> 'declined'"), sqlite_where=text("state <> 'declined'")),
    )

    id: Mapped[Key]
    opinion_id: Mapped[int] = key_to("opinions.id")
    assignment_id: Mapped[int] = key_to("opinion_assignments.id")
    state: Mapped[Code] = mapped_column(default="pending")
    reason: Mapped[str]
    wanted_on: Mapped[date]
    asked_by: Mapped[Code]
    asked_at: Mapped[datetime]
    granted_on: Mapped[date | None]
    decided_by: Mapped[int | None] = key_to("staff.id", index=False, nullable=True)
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str | None]


class OpinionAlert(Base):
    """A warning about an opinion, once: of its due day to the handler, of a failure to a leader who settles it."""

    __tablename__ = "opinion_alerts"
    __table_args__ = (
        CheckConstraint(one_of("kind", *ALERTS), "kind"),
        CheckConstraint(one_of("audience", "handler", "township", "county"), "audience"),
        CheckConstraint("(settled_at IS NULL) = (instruction IS NULL)", "settled"),
        UniqueConstraint("opinion_id", "kind", "about_on"),
        Index("ix_opinion_alerts_waiting", "opinion_id", postgresql_where=text("settled_at IS NULL"),
              sqlite_where=text("settled_at IS NULL")),
    )

    id: Mapped[Key]
    opinion_id: Mapped[int] = key_to("opinions.id", index=False)
    kind: Mapped[Code]
    #: The due day that it warns of, or the day of the rating.
    about_on: Mapped[date]
    audience: Mapped[Code]
    made_at: Mapped[datetime]
    settled_by: Mapped[int | None] = key_to("staff.id", index=False, nullable=True)
    settled_at: Mapped[datetime | None]
    #: What the leader told the handler to do (督办意见).
    instruction: Mapped[str | None]


class OpinionMerge(Base):
    """One opinion handled together with another, and what it was before, so that it can be taken apart again."""

    __tablename__ = "opinion_merges"
    __table_args__ = (
        CheckConstraint("lead_id <> member_id", "two_opinions"),
        CheckConstraint(one_of("state", "live", "settled", "undone"), "state"),
        CheckConstraint("(state = 'live') = (ended_at IS NULL)", "ended"),
        CheckConstraint(one_of("state_before", "screening", "registered", "assigned"), "state_before"),
        CheckConstraint("(state_before = 'assigned') = (assignment_id IS NOT NULL)", "assignment_before"),
        Index("uq_opinion_merges_live", "member_id", unique=True,
              postgresql_where=text("state = 'live'"), sqlite_where=text("state = 'live'")),
    )

    id: Mapped[Key]
    #: The opinion that is handled; its answer goes to the author of each member.
    lead_id: Mapped[int] = key_to("opinions.id")
    member_id: Mapped[int] = key_to("opinions.id")
    state: Mapped[Code] = mapped_column(default="live")
    state_before: Mapped[Code]
    assignment_id: Mapped[int | None] = key_to("opinion_assignments.id", index=False, nullable=True)
    #: Whether the author joined by a tap, so that nobody has screened the words.
    is_joined: Mapped[bool] = mapped_column(default=False)
    merged_by: Mapped[Code]
    merged_at: Mapped[datetime]
    ended_by: Mapped[Code | None]
    ended_at: Mapped[datetime | None]


class OpinionReading(Base):
    """What the classifier proposed for an opinion; the clerk's word is in the opinion itself."""

    __tablename__ = "opinion_readings"
    __table_args__ = (
        CheckConstraint("confidence BETWEEN 0 AND 100", "confidence"),
        CheckConstraint(one_of("beyond", "petition", "litigation", "hotline_12345", "secret"), "beyond"),
    )

    opinion_id: Mapped[int] = pair_key("opinions.id")
    category: Mapped[Code]
    is_urgent: Mapped[bool]
    #: The door it belongs to instead of this one; None where it belongs here.
    beyond: Mapped[Code | None]
    #: In percent.
    confidence: Mapped[int]
    read_at: Mapped[datetime]


class OpinionLikeness(Base):
    """Two opinions of one village that speak of the same thing as far as words show; a person decides."""

    __tablename__ = "opinion_likenesses"
    __table_args__ = (
        CheckConstraint("opinion_id > other_id", "order"),
        CheckConstraint("score BETWEEN 0 AND 100", "score"),
        CheckConstraint("is_same IS NULL OR decided_by IS NOT NULL", "decided"),
    )

    #: The later of the two.
    opinion_id: Mapped[int] = pair_key("opinions.id")
    other_id: Mapped[int] = pair_key("opinions.id", index=True)
    #: In percent.
    score: Mapped[int]
    #: What a person said; None while nobody has.
    is_same: Mapped[bool | None]
    decided_by: Mapped[int | None] = key_to("staff.id", index=False, nullable=True)
    decided_at: Mapped[datetime | None]


class ReplyTemplate(Base):
    """A beginning of an answer that a region's office offers to those who answer there and below (常用答复)."""

    __tablename__ = "reply_templates"
    __table_args__ = (
        Index("uq_reply_templates_live", "region_id", "title", unique=True,
              postgresql_where=text("retired_at IS NULL"), sqlite_where=text("retired_at IS NULL")),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = key_to("regions.id")
    title: Mapped[Name]
    text: Mapped[str]
    created_by: Mapped[int] = key_to("staff.id", index=False)
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
