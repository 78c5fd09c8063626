"""Liaison stations, their codes, their deputies and their reception days (联络站、接待日)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Digest, Key, Name, key_to, one_of, pair_key

STATION_KINDS = (
    "county_center", "township_station", "village_room", "area_station", "thematic_station", "deputy_studio",
)


class Station(Base):
    __tablename__ = "stations"
    __table_args__ = (
        CheckConstraint(one_of("kind", *STATION_KINDS), "kind"),
        CheckConstraint("fence_m BETWEEN 30 AND 2000", "fence"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", "location"),
        UniqueConstraint("region_id", "name"),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = key_to("regions.id")
    kind: Mapped[Code]
    name: Mapped[Name]
    address: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    opening_hours: Mapped[str] = mapped_column(default="")
    #: Degrees, GCJ-02 as the phones report; the station's, never a person's.
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    fence_m: Mapped[int] = mapped_column(default=200)
    is_open: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class StationDeputy(Base):
    __tablename__ = "station_deputies"

    station_id: Mapped[int] = pair_key("stations.id")
    person_id: Mapped[int] = pair_key("persons.id", index=True)


class ScanCode(Base):
    """What a printed code opens: an opaque scene (131 bits) and a short form that can be typed."""

    __tablename__ = "scan_codes"
    __table_args__ = (UniqueConstraint("scene"), UniqueConstraint("short_code"))

    id: Mapped[Key]
    scene: Mapped[Code]
    short_code: Mapped[Code]
    station_id: Mapped[int] = key_to("stations.id")
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class StationScreen(Base):
    """A display on a station's wall: linked by a clerk with a code, then known by a token; both kept as digests."""

    __tablename__ = "station_screens"
    __table_args__ = (
        UniqueConstraint("code_digest"), UniqueConstraint("token_digest"),
        CheckConstraint("(token_digest IS NULL) = (opened_at IS NULL)", "opened"),
        CheckConstraint("(opened_at IS NULL) = (seen_at IS NULL)", "seen"),
    )

    id: Mapped[Key]
    station_id: Mapped[int] = key_to("stations.id")
    #: Where it hangs, in the clerk's words.
    label: Mapped[Name]
    code_digest: Mapped[Digest]
    code_expires_at: Mapped[datetime]
    token_digest: Mapped[Digest | None]
    created_by: Mapped[int] = key_to("staff.id", index=False)
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    #: When it last said that it is there.
    seen_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class Reception(Base):
    """One reception day of a station (接待日): from when to when, and who receives."""

    __tablename__ = "receptions"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", "order"),
        CheckConstraint(one_of("state", "planned", "cancelled"), "state"),
        UniqueConstraint("station_id", "starts_at"),
    )

    id: Mapped[Key]
    station_id: Mapped[int] = key_to("stations.id")
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    state: Mapped[Code] = mapped_column(default="planned")
    created_at: Mapped[datetime]


class ReceptionDeputy(Base):
    __tablename__ = "reception_deputies"

    reception_id: Mapped[int] = pair_key("receptions.id")
    person_id: Mapped[int] = pair_key("persons.id", index=True)
