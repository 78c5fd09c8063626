"""Livelihood projects of a year: the call, ideas, the library, the bodies' words (民生实事项目)."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, Name, key_to, one_of

STAGES = ("collecting", "screening", "shortlisting", "reviewing", "candidates", "voting", "decided")
PROJECT_STATES = ("library", "reserve", "excluded", "listed", "candidate", "elected", "not_elected")
BODIES = ("presidium", "party_committee", "joint_meeting", "chairpersons_meeting", "standing_committee")


class ProjectYear(Base):
    """One year's projects of one township or county, with its call and its way of voting."""

    __tablename__ = "project_years"
    __table_args__ = (
        CheckConstraint(one_of("stage", *STAGES), "stage"),
        CheckConstraint("year BETWEEN 2000 AND 2200", "year"),
        CheckConstraint("call_closes_on >= call_opens_on", "call"),
        CheckConstraint("review_no >= 1", "review_no"),
        UniqueConstraint("region_id", "year"),
    )

    id: Mapped[Key]
    region_id: Mapped[int] = key_to("regions.id")
    #: The year in which the projects are carried out.
    year: Mapped[int]
    stage: Mapped[Code] = mapped_column(default="collecting")
    call_text: Mapped[str]
    call_opens_on: Mapped[date]
    call_closes_on: Mapped[date]
    #: services.rules.voting_profiles; a round takes a copy when it is made.
    method: Mapped[dict[str, Any]]
    #: Which submission of the list the bodies speak about: a return opens the next.
    review_no: Mapped[int] = mapped_column(default=1)
    candidates_frozen_at: Mapped[datetime | None]
    created_by: Mapped[int] = key_to("staff.id", index=False)
    created_at: Mapped[datetime]


class Project(Base):
    """A line of the library: what, where, with which money, for whom, by whom, until when."""

    __tablename__ = "projects"
    __table_args__ = (
        CheckConstraint(one_of("state", *PROJECT_STATES), "state"),
        CheckConstraint("investment_fen > 0", "investment"),
        CheckConstraint("beneficiaries > 0", "beneficiaries"),
        CheckConstraint("months BETWEEN 1 AND 60", "months"),
        CheckConstraint("(state = 'excluded') = (excluded_reason IS NOT NULL)", "excluded"),
        CheckConstraint("(argued_on IS NULL) = (argument IS NULL) AND (argued_on IS NULL) = (argued_by IS NULL)",
                        "argued"),
        CheckConstraint("state NOT IN ('listed', 'candidate', 'elected', 'not_elected') OR argued_on IS NOT NULL",
                        "argued_first"),
        CheckConstraint("state NOT IN ('candidate', 'elected', 'not_elected') OR position IS NOT NULL", "position"),
        UniqueConstraint("year_id", "name"),
        UniqueConstraint("year_id", "position"),
    )

    id: Mapped[Key]
    year_id: Mapped[int] = key_to("project_years.id")
    name: Mapped[Name]
    content: Mapped[str]
    place: Mapped[str]
    #: Fen, so that sums are exact.
    investment_fen: Mapped[int] = mapped_column(BigInteger)
    fund_source: Mapped[str]
    beneficiaries: Mapped[int]
    months: Mapped[int]
    responsible_unit: Mapped[str]
    state: Mapped[Code] = mapped_column(default="library")
    excluded_reason: Mapped[Code | None]
    #: The department's argument: feasibility and legality, who signed, when.
    argument: Mapped[str | None]
    argued_by: Mapped[str | None]
    argued_on: Mapped[date | None]
    #: The place on the ballot; set when the candidates are frozen.
    position: Mapped[int | None]
    created_by: Mapped[int] = key_to("staff.id", index=False)
    created_at: Mapped[datetime]


class ProjectIdea(Base):
    """What somebody proposed; the receipt stays with its author, whatever becomes of it."""

    __tablename__ = "project_ideas"
    __table_args__ = (
        CheckConstraint(one_of("author", "resident", "deputy", "department"), "author"),
        CheckConstraint(one_of("state", "submitted", "joined", "excluded"), "state"),
        CheckConstraint("(author = 'department') = (unit_name IS NOT NULL)", "unit"),
        CheckConstraint("(state = 'joined') = (project_id IS NOT NULL)", "joined"),
        CheckConstraint("(state = 'excluded') = (excluded_reason IS NOT NULL)", "excluded"),
        CheckConstraint("author <> 'deputy' OR person_id IS NOT NULL", "person"),
        UniqueConstraint("number"),
    )

    id: Mapped[Key]
    #: MS + nine-digit code + year + five-digit serial.
    number: Mapped[Code]
    year_id: Mapped[int] = key_to("project_years.id")
    author: Mapped[Code]
    #: None for a department.
    account_id: Mapped[int | None] = key_to("accounts.id", nullable=True)
    person_id: Mapped[int | None] = key_to("persons.id", nullable=True)
    unit_name: Mapped[str | None]
    title: Mapped[Name]
    text: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    #: The opinion it grew from, of the same author.
    opinion_id: Mapped[int | None] = key_to("opinions.id", nullable=True)
    state: Mapped[Code] = mapped_column(default="submitted")
    project_id: Mapped[int | None] = key_to("projects.id", nullable=True)
    excluded_reason: Mapped[Code | None]
    created_at: Mapped[datetime]


class ProjectReview(Base):
    """One body's word on the list as it was submitted: opinion, date, who signed."""

    __tablename__ = "project_reviews"
    __table_args__ = (
        CheckConstraint(one_of("body", *BODIES), "body"),
        CheckConstraint(one_of("decision", "approved", "returned"), "decision"),
        UniqueConstraint("year_id", "review_no", "body"),
    )

    id: Mapped[Key]
    year_id: Mapped[int] = key_to("project_years.id", index=False)
    review_no: Mapped[int]
    body: Mapped[Code]
    decision: Mapped[Code]
    opinion: Mapped[str]
    signer: Mapped[Name]
    decided_on: Mapped[date]
    entered_by: Mapped[int] = key_to("staff.id", index=False)
    entered_at: Mapped[datetime]
