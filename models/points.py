"""Points for duties: versioned rule tables and an append-only ledger (履职积分).

Amounts are half points kept as integers: +2 分 is 4.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, Name, key_to


class PointRuleSet(Base):
    """One version of a region's rule table, in force from a date until the next version."""

    __tablename__ = "point_rule_sets"
    __table_args__ = (UniqueConstraint("region_id", "version"),)

    id: Mapped[Key]
    region_id: Mapped[int] = key_to("regions.id")
    version: Mapped[Code]
    name: Mapped[Name]
    effective_on: Mapped[date]
    created_at: Mapped[datetime]


class PointBlock(Base):
    __tablename__ = "point_blocks"
    __table_args__ = (UniqueConstraint("rule_set_id", "code"),)

    id: Mapped[Key]
    rule_set_id: Mapped[int] = key_to("point_rule_sets.id")
    code: Mapped[Code]
    name: Mapped[Name]
    #: Half points a year; none for deductions.
    cap_half: Mapped[int | None]


class PointRule(Base):
    __tablename__ = "point_rules"
    __table_args__ = (UniqueConstraint("rule_set_id", "code"),)

    id: Mapped[Key]
    rule_set_id: Mapped[int] = key_to("point_rule_sets.id")
    block_code: Mapped[Code]
    code: Mapped[Code]
    name: Mapped[Name]
    unit: Mapped[str]
    points_half: Mapped[int]
    #: How many times of a year count nothing before the item begins to count (闭会活动请假从第3次起).
    free_times: Mapped[int] = mapped_column(default=0)
    #: Half points a year for the item; none means the block's cap alone.
    cap_half: Mapped[int | None]
    #: Whether a deputy may report it; the rest comes from events or from staff.
    is_self_reported: Mapped[bool] = mapped_column(default=False)
    evidence: Mapped[str] = mapped_column(default="")


class PointEntry(Base):
    """A line of the account book: never updated, never deleted (a trigger refuses both)."""

    __tablename__ = "point_entries"
    __table_args__ = (
        UniqueConstraint("mandate_id", "cause"),
        UniqueConstraint("reverses_id"),
        # A year's totals of a whole congress come from the index alone.
        Index("ix_point_entries_totals", "year", "mandate_id", "amount_half"),
        CheckConstraint("(reverses_id IS NULL) OR (reverses_id <> id)", "reversal"),
    )

    id: Mapped[Key]
    mandate_id: Mapped[int] = key_to("mandates.id")
    rule_id: Mapped[int] = key_to("point_rules.id")
    #: What it is for, once per mandate: "duty:31".
    cause: Mapped[str]
    year: Mapped[int]
    occurred_on: Mapped[date]
    amount_half: Mapped[int]
    #: How the amount came about, in Chinese, as the deputy reads it.
    arithmetic: Mapped[str]
    reverses_id: Mapped[int | None] = key_to("point_entries.id", nullable=True, index=False)
    posted_at: Mapped[datetime]
    posted_by: Mapped[str]
