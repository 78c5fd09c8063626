"""The tree of administrative regions and the settings inherited down it (行政区划)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, Name, key_to, one_of

LEVELS = ("province", "city", "county", "township", "village")


class Region(Base):
    __tablename__ = "regions"
    __table_args__ = (CheckConstraint(one_of("level", *LEVELS), "level"), UniqueConstraint("code"))

    id: Mapped[Key]
    #: Statistical area code: 6 digits for a county, 9 for a township, 12 for a village.
    code: Mapped[Code]
    name: Mapped[Name]
    #: Stored, never guessed from the name: 宁乡市 is a county-level city.
    level: Mapped[Code]
    parent_id: Mapped[int | None] = key_to("regions.id", nullable=True)
    #: Ids from the root to this region, "/1/4/9/": a scope is a prefix of it.
    path: Mapped[str] = mapped_column(index=True)


class RegionSetting(Base):
    """One value set at one region from a date on; regions below inherit the nearest one."""

    __tablename__ = "region_settings"
    __table_args__ = (UniqueConstraint("region_id", "name", "effective_on"),)

    id: Mapped[Key]
    region_id: Mapped[int] = key_to("regions.id")
    name: Mapped[Code]
    value: Mapped[dict[str, Any]]
    effective_on: Mapped[date]
    created_at: Mapped[datetime]


class WorkdayOverride(Base):
    """A day that the office declares a working day or a day off, over the calendar library (调休)."""

    __tablename__ = "workday_overrides"

    on: Mapped[date] = mapped_column("on_date", primary_key=True)
    is_workday: Mapped[bool]
    note: Mapped[str]
