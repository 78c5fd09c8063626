"""The secret ballot on paper: a sitting with its roll, rounds, officers, the two tellers' counts (票决)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, Name, key_to, one_of, pair_key

ROUND_STATES = ("preparing", "open", "counting", "counted", "published", "void")


class Sitting(Base):
    """One sitting of a congress (全体会议): its roll is frozen, then deputies sign in."""

    __tablename__ = "sittings"
    __table_args__ = (UniqueConstraint("congress_id", "held_on", "name"),)

    id: Mapped[Key]
    congress_id: Mapped[int] = key_to("congresses.id")
    region_id: Mapped[int] = key_to("regions.id")
    name: Mapped[Name]
    place: Mapped[str] = mapped_column(default="")
    held_on: Mapped[date]
    roll_frozen_at: Mapped[datetime | None]
    created_by: Mapped[int] = key_to("staff.id", index=False)
    created_at: Mapped[datetime]


class SittingMember(Base):
    """One line of the frozen roll; who signed in has a moment and a way."""

    __tablename__ = "sitting_members"
    __table_args__ = (
        CheckConstraint("how IS NULL OR " + one_of("how", "staff", "code"), "how"),
        CheckConstraint("(signed_in_at IS NULL) = (how IS NULL)", "signed_in"),
    )

    sitting_id: Mapped[int] = pair_key("sittings.id")
    person_id: Mapped[int] = pair_key("persons.id", index=True)
    signed_in_at: Mapped[datetime | None]
    how: Mapped[Code | None]


class BallotRound(Base):
    """One vote: its method and candidates are copies that nobody changes after it is made."""

    __tablename__ = "ballot_rounds"
    __table_args__ = (
        CheckConstraint(one_of("state", *ROUND_STATES), "state"),
        CheckConstraint(one_of("voting", "paper"), "voting"),
        CheckConstraint("collected IS NULL OR issued IS NOT NULL", "collected"),
        CheckConstraint("issued >= 0 AND collected >= 0 AND count_no >= 1", "numbers"),
        CheckConstraint("state <> 'published' OR (outcome IS NOT NULL AND published_at IS NOT NULL)", "published"),
        CheckConstraint("state NOT IN ('open', 'counting', 'counted', 'published') OR "
                        "(opened_at IS NOT NULL AND members > 0 AND present > 0)", "opened"),
        UniqueConstraint("year_id", "number"),
        # One round at a time.
        Index("uq_ballot_rounds_live", "year_id", unique=True,
              postgresql_where=text("state NOT IN ('published', 'void')"),
              sqlite_where=text("state NOT IN ('published', 'void')")),
    )

    id: Mapped[Key]
    year_id: Mapped[int] = key_to("project_years.id", index=False)
    sitting_id: Mapped[int] = key_to("sittings.id")
    number: Mapped[int]
    #: The round whose tie or open seats this one settles.
    settles_id: Mapped[int | None] = key_to("ballot_rounds.id", nullable=True, index=False)
    voting: Mapped[Code] = mapped_column(default="paper")
    method: Mapped[dict[str, Any]]
    state: Mapped[Code] = mapped_column(default="preparing")
    #: When the session passed the method, as the chair announced it.
    method_passed_at: Mapped[datetime | None]
    #: Due and present, taken from the roll at the moment of opening.
    members: Mapped[int | None]
    present: Mapped[int | None]
    issued: Mapped[int | None]
    collected: Mapped[int | None]
    #: Which count it is: a difference between the tellers opens the next.
    count_no: Mapped[int] = mapped_column(default=1)
    #: Void ballots, votes, and what follows from them.
    outcome: Mapped[dict[str, Any] | None]
    void_reason: Mapped[str | None]
    administrator_id: Mapped[int] = key_to("staff.id", index=False)
    created_at: Mapped[datetime]
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]


class RoundCandidate(Base):
    """A project on the ballot: its letter and its place."""

    __tablename__ = "round_candidates"
    __table_args__ = (UniqueConstraint("round_id", "position"),)

    round_id: Mapped[int] = pair_key("ballot_rounds.id")
    project_id: Mapped[int] = pair_key("projects.id", index=True)
    position: Mapped[int]


class RoundOfficer(Base):
    """A scrutineer (a deputy of the roll) or a teller (a member of staff), passed by the meeting."""

    __tablename__ = "round_officers"
    __table_args__ = (
        CheckConstraint(one_of("duty", "chief_scrutineer", "scrutineer", "teller"), "duty"),
        CheckConstraint("(duty = 'teller') = (staff_id IS NOT NULL)", "teller"),
        CheckConstraint("(duty = 'teller') = (person_id IS NULL)", "scrutineer"),
        UniqueConstraint("round_id", "person_id"),
        UniqueConstraint("round_id", "staff_id"),
        Index("uq_round_officers_chief", "round_id", unique=True, postgresql_where=text("duty = 'chief_scrutineer'"),
              sqlite_where=text("duty = 'chief_scrutineer'")),
    )

    id: Mapped[Key]
    round_id: Mapped[int] = key_to("ballot_rounds.id", index=False)
    duty: Mapped[Code]
    person_id: Mapped[int | None] = key_to("persons.id", nullable=True, index=False)
    staff_id: Mapped[int | None] = key_to("staff.id", nullable=True, index=False)
    #: The signature on the tally sheet; a teller signs by entering the count that agreed.
    signed_at: Mapped[datetime | None]


class TellerCount(Base):
    """What one teller counted, entered without seeing the other's numbers; never changed."""

    __tablename__ = "teller_counts"
    __table_args__ = (CheckConstraint("void >= 0", "void"), UniqueConstraint("round_id", "count_no", "staff_id"))

    id: Mapped[Key]
    round_id: Mapped[int] = key_to("ballot_rounds.id", index=False)
    count_no: Mapped[int]
    staff_id: Mapped[int] = key_to("staff.id", index=False)
    void: Mapped[int]
    #: Project id as text → numbers, in the order of services.rules.ballots.
    votes: Mapped[dict[str, Any]]
    #: Rank ballots: votes for the whole list.
    confirming: Mapped[int | None]
    entered_at: Mapped[datetime]
