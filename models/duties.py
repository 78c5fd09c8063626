"""Duty records of deputies, from events or self-reported, verified by two people (履职登记)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, key_to, one_of, pair_key

DUTY_STATES = ("submitted", "first_checked", "confirmed", "rejected")


class DutyRecord(Base):
    __tablename__ = "duty_records"
    __table_args__ = (
        CheckConstraint(one_of("state", *DUTY_STATES), "state"),
        CheckConstraint(one_of("source", "visit", "answer", "self", "suggestion", "activity"), "source"),
        CheckConstraint("second_checked_by IS NULL OR second_checked_by <> first_checked_by", "two_people"),
        UniqueConstraint("cause"),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = key_to("persons.id")
    region_id: Mapped[int] = key_to("regions.id")
    #: The item of the point rule table: C1, D4, ...
    item_code: Mapped[Code]
    source: Mapped[Code]
    #: What made it, once: "visit:12", "answer:7", "activity:3:12", "self:<idempotency key>".
    cause: Mapped[str]
    title: Mapped[str]
    content: Mapped[str] = mapped_column(default="")
    occurred_on: Mapped[date] = mapped_column(index=True)
    state: Mapped[Code] = mapped_column(index=True)
    reject_reason: Mapped[str | None]
    first_checked_by: Mapped[int | None] = key_to("staff.id", nullable=True, index=False)
    second_checked_by: Mapped[int | None] = key_to("staff.id", nullable=True, index=False)
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class DutyPhoto(Base):
    __tablename__ = "duty_photos"

    duty_id: Mapped[int] = pair_key("duty_records.id")
    media_id: Mapped[int] = pair_key("media_files.id")
