"""Visits of deputies to stations: one open visit per person, decided by the database (扫码签到)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, key_to, one_of

VISIT_STATES = ("awaiting_confirmation", "open", "closed", "refused")
_LIVE = "state IN ('awaiting_confirmation', 'open')"


class Visit(Base):
    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint(one_of("state", *VISIT_STATES), "state"),
        CheckConstraint("factor IS NULL OR " + one_of("factor", "fence", "screen", "clerk"), "factor"),
        CheckConstraint("state NOT IN ('open', 'closed') OR factor IS NOT NULL", "presence"),
        Index("uq_visits_live_person", "person_id", unique=True,
              postgresql_where=text(_LIVE), sqlite_where=text(_LIVE)),
        Index("ix_visits_station_day", "station_id", "checked_in_at"),
    )

    id: Mapped[Key]
    station_id: Mapped[int] = key_to("stations.id", index=False)
    person_id: Mapped[int] = key_to("persons.id")
    state: Mapped[Code]
    #: How presence was proved. Coordinates are compared and forgotten: only in or out is known.
    factor: Mapped[str | None]
    checked_in_at: Mapped[datetime]
    checked_out_at: Mapped[datetime | None]
    confirmed_by: Mapped[int | None] = key_to("staff.id", nullable=True, index=False)
    #: Why it earned nothing, or was refused.
    note: Mapped[str] = mapped_column(default="")


class UsedScreenCode(Base):
    """A rotating code that was spent: (station, 30 s slot, its number in the slot) can exist once."""

    __tablename__ = "used_screen_codes"
    __table_args__ = (UniqueConstraint("station_id", "slot", "seq"),)

    id: Mapped[Key]
    station_id: Mapped[int] = key_to("stations.id", index=False)
    slot: Mapped[int]
    seq: Mapped[int]
    person_id: Mapped[int] = key_to("persons.id", index=False)
    used_at: Mapped[datetime]
