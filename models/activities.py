"""Meetings and activities of deputies: whom they call, who signed up, asked for leave and came (会议活动)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, Name, key_to, one_of, pair_key

ACTIVITY_KINDS = ("meeting", "study", "theme", "professional", "volunteer", "inspection", "research", "enforcement",
                  "review", "training")
ACTIVITY_STATES = ("draft", "published", "closed", "cancelled")
ACTIVITY_CLAUSES = ("region_deputies", "level", "congress", "delegation", "group", "station")
PERSON_STATES = ("invited", "expected", "withdrawn", "leave_asked", "on_leave", "awaiting_confirmation", "present",
                 "left", "absent")


class Activity(Base):
    """One meeting or activity; published it has called its people, closed their attendance is final."""

    __tablename__ = "activities"
    __table_args__ = (
        CheckConstraint(one_of("kind", *ACTIVITY_KINDS), "kind"),
        CheckConstraint(one_of("state", *ACTIVITY_STATES), "state"),
        CheckConstraint("ends_at > starts_at", "order"),
        CheckConstraint("capacity IS NULL OR (signs_up AND capacity > 0)", "capacity"),
        CheckConstraint("NOT (signs_up AND deducts)", "deducts"),
        CheckConstraint("fence_m BETWEEN 30 AND 2000", "fence"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", "location"),
        CheckConstraint("state NOT IN ('published', 'closed') OR published_at IS NOT NULL", "published"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", "closed"),
        CheckConstraint("(state = 'cancelled') = (cancel_reason IS NOT NULL)", "cancelled"),
        UniqueConstraint("scene"), UniqueConstraint("short_code"),
        Index("ix_activities_region_start", "region_id", "starts_at"),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = key_to("regions.id", index=False)
    #: The group that holds it, when it is not the region's own.
    group_id: Mapped[int | None] = key_to("deputy_groups.id", nullable=True)
    kind: Mapped[Code]
    title: Mapped[Name]
    content: Mapped[str] = mapped_column(default="")
    place: Mapped[Name]
    #: Degrees, GCJ-02 as the phones report; the place's, never a person's.
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    fence_m: Mapped[int] = mapped_column(default=200)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    #: People sign up of their own will; otherwise everybody called is expected.
    signs_up: Mapped[bool] = mapped_column(default=False)
    capacity: Mapped[int | None]
    sign_up_until: Mapped[datetime | None]
    #: What attendance earns by the rule table; none earns nothing.
    item_code: Mapped[str | None]
    needs_quorum: Mapped[bool] = mapped_column(default=False)
    needs_check_out: Mapped[bool] = mapped_column(default=False)
    #: Absence, leave and lateness cost points by the rule table.
    deducts: Mapped[bool] = mapped_column(default=False)
    state: Mapped[Code] = mapped_column(default="draft")
    #: What the printed code opens: an opaque scene and a short form that can be typed.
    scene: Mapped[Code]
    short_code: Mapped[Code]
    minutes: Mapped[str] = mapped_column(default="")
    cancel_reason: Mapped[str | None]
    #: The notice that called its people.
    notice_id: Mapped[int | None] = key_to("notices.id", nullable=True)
    created_by: Mapped[int] = key_to("staff.id", index=False)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = key_to("staff.id", nullable=True, index=False)


class ActivityClause(Base):
    """Whom it calls, one clause of several joined: a group, a congress, everybody of the region."""

    __tablename__ = "activity_clauses"
    __table_args__ = (CheckConstraint(one_of("kind", *ACTIVITY_CLAUSES), "kind"),
                      UniqueConstraint("activity_id", "kind", "target"))

    id: Mapped[Key]
    activity_id: Mapped[int] = key_to("activities.id", index=False)
    kind: Mapped[Code]
    target: Mapped[Code] = mapped_column(default="")
    label: Mapped[str]


class ActivityPerson(Base):
    """One person of one activity, from the call to the end; a second check-in finds the row taken."""

    __tablename__ = "activity_people"
    __table_args__ = (
        CheckConstraint(one_of("state", *PERSON_STATES), "state"),
        CheckConstraint("factor IS NULL OR " + one_of("factor", "fence", "screen", "clerk", "door"), "factor"),
        CheckConstraint("(state IN ('present', 'left')) = (factor IS NOT NULL)", "presence"),
        CheckConstraint("factor IS NULL OR arrived_at IS NOT NULL", "arrival"),
        CheckConstraint("left_at IS NULL OR state = 'left'", "leaving"),
        CheckConstraint("state NOT IN ('leave_asked', 'on_leave') OR leave_reason IS NOT NULL", "leave"),
    )

    activity_id: Mapped[int] = pair_key("activities.id")
    person_id: Mapped[int] = pair_key("persons.id", index=True)
    state: Mapped[Code]
    #: How presence was proved. Coordinates are compared and forgotten: only in or out is known.
    factor: Mapped[str | None]
    arrived_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    is_late: Mapped[bool] = mapped_column(default=False)
    is_early: Mapped[bool] = mapped_column(default=False)
    leave_reason: Mapped[str | None]
    #: Whose word it rests on: the leave's, or the arrival's.
    decided_by: Mapped[int | None] = key_to("staff.id", nullable=True, index=False)
    #: Why the leave or the arrival was not agreed to, for the deputy to read.
    note: Mapped[str] = mapped_column(default="")
    #: The moment its points were entered, or found not to be due.
    credited_at: Mapped[datetime | None]
