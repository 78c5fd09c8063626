"""Deputies: persons, congresses and mandates (five levels, several per person), delegations, groups."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, Name, key_to, one_of, pair_key

DEPUTY_LEVELS = ("national", "provincial", "municipal", "county", "township")
MANDATE_STATES = ("active", "suspended", "ended")


class Person(Base):
    """Somebody on the roster, known by an encrypted phone number that nobody else on it has."""

    __tablename__ = "persons"
    __table_args__ = (UniqueConstraint("phone_index"),)

    id: Mapped[Key]
    #: The township (or county) whose clerk keeps this person's record.
    region_id: Mapped[int] = key_to("regions.id")
    name: Mapped[Name]
    title: Mapped[str] = mapped_column(default="")
    phone_cipher: Mapped[str]
    #: Keyed digest of the normalised number: look-ups never need the plain one.
    phone_index: Mapped[str]
    created_at: Mapped[datetime]
    #: The deputy closed the account of this seat: it is opened again by a clerk's decision only.
    seat_closed_at: Mapped[datetime | None]


class Congress(Base):
    """One term of one people's congress: 第十八届 of a township or a county."""

    __tablename__ = "congresses"
    __table_args__ = (
        CheckConstraint(one_of("level", *DEPUTY_LEVELS), "level"),
        UniqueConstraint("region_id", "level", "term_no"),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = key_to("regions.id")
    level: Mapped[Code]
    term_no: Mapped[int]
    name: Mapped[Name]


class Delegation(Base):
    __tablename__ = "delegations"
    __table_args__ = (UniqueConstraint("congress_id", "name"),)

    id: Mapped[Key]
    congress_id: Mapped[int] = key_to("congresses.id")
    name: Mapped[Name]


class Mandate(Base):
    __tablename__ = "mandates"
    __table_args__ = (
        CheckConstraint(one_of("state", *MANDATE_STATES), "state"),
        UniqueConstraint("person_id", "congress_id"),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = key_to("persons.id")
    congress_id: Mapped[int] = key_to("congresses.id")
    delegation_id: Mapped[int | None] = key_to("delegations.id", nullable=True)
    #: 代表证号; its form is local.
    deputy_no: Mapped[str] = mapped_column(default="")
    constituency: Mapped[str] = mapped_column(default="")
    state: Mapped[Code] = mapped_column(default="active")
    #: Why it was suspended or ended, by the words of 代表法 §§61-62.
    state_reason: Mapped[str] = mapped_column(default="")
    began_on: Mapped[date]
    ended_on: Mapped[date | None]


class DeputyGroup(Base):
    __tablename__ = "deputy_groups"
    __table_args__ = (UniqueConstraint("region_id", "name"),)

    id: Mapped[Key]
    region_id: Mapped[int] = key_to("regions.id")
    name: Mapped[Name]


class GroupMember(Base):
    __tablename__ = "group_members"

    group_id: Mapped[int] = pair_key("deputy_groups.id")
    person_id: Mapped[int] = pair_key("persons.id", index=True)


class RosterImport(Base):
    """An uploaded roster between preview and decision; applied once, as a whole."""

    __tablename__ = "roster_imports"
    __table_args__ = (CheckConstraint(one_of("state", "previewed", "applied", "discarded"), "state"),)

    id: Mapped[Key]
    region_id: Mapped[int] = key_to("regions.id")
    staff_id: Mapped[int] = key_to("staff.id")
    filename: Mapped[str]
    #: The parsed rows, sealed: they hold names and phone numbers. Empty when their time of keeping is over.
    rows_cipher: Mapped[str]
    #: Row number, outcome and message of every row; no personal data.
    results: Mapped[list[Any]]
    state: Mapped[Code] = mapped_column(default="previewed")
    created_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]


Index("ix_mandates_active_person", Mandate.person_id, postgresql_where=text("state = 'active'"),
      sqlite_where=text("state = 'active'"))
