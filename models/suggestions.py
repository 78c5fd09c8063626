"""Deputies' formal suggestions with their statutory clocks (代表建议)."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Key, Name, key_to, one_of, pair_key

SUGGESTION_STATES = (
    "draft", "cosigning", "submitted", "returned", "not_admitted", "withdrawn", "registered", "assigned", "objected",
    "handling", "answered", "redo", "coordination", "commitment", "closed", "archived")
GRADES = ("satisfied", "basically_satisfied", "unsatisfied")
_UNNUMBERED = one_of("state", "draft", "cosigning", "submitted", "returned", "not_admitted", "withdrawn", "archived")


class CongressSession(Base):
    """One session of a congress (第几次会议); numbers of suggestions belong to it."""

    __tablename__ = "congress_sessions"
    __table_args__ = (
        CheckConstraint("closes_on >= opens_on", "days"), CheckConstraint("session_no > 0", "session_no"),
        UniqueConstraint("congress_id", "session_no"),
    )

    id: Mapped[Key]
    congress_id: Mapped[int] = key_to("congresses.id", index=False)
    session_no: Mapped[int]
    opens_on: Mapped[date]
    closes_on: Mapped[date]


class Suggestion(Base):
    __tablename__ = "suggestions"
    __table_args__ = (
        CheckConstraint(one_of("state", *SUGGESTION_STATES), "state"),
        CheckConstraint(one_of("kind", "single", "joint", "delegation"), "kind"),
        CheckConstraint(one_of("timing", "session", "between"), "timing"),
        CheckConstraint(one_of("publication", "undecided", "full", "summary", "none"), "publication"),
        CheckConstraint("publication <> 'summary' OR publication_text <> ''", "summary"),
        CheckConstraint(f"number IS NOT NULL OR {_UNNUMBERED}", "numbered"),
        CheckConstraint("round_no IN (1, 2)", "round_no"),
        UniqueConstraint("number"),
        Index("ix_suggestions_region_state", "region_id", "state", "due_on"),
    )

    id: Mapped[Key]
    #: {congress}-{term}-{session}-{serial}, given at registration and never again; between sessions series B.
    number: Mapped[Code | None]
    congress_id: Mapped[int] = key_to("congresses.id")
    #: The congress's own region: whose office handles it.
    region_id: Mapped[int] = key_to("regions.id", index=False)
    #: The lead proposer (领衔代表).
    person_id: Mapped[int] = key_to("persons.id")
    kind: Mapped[Code]
    #: Set at submission; until then what it would be.
    timing: Mapped[Code] = mapped_column(default="between")
    title: Mapped[Name]
    #: 事由 and 具体建议.
    reason: Mapped[str]
    proposal: Mapped[str]
    category: Mapped[Code | None]
    state: Mapped[Code] = mapped_column(default="draft")
    #: Why it was returned, not admitted or withdrawn: a code of the table and words.
    decision_code: Mapped[Code | None]
    decision_text: Mapped[str | None]
    round_no: Mapped[int] = mapped_column(default=1)
    is_confidential: Mapped[bool] = mapped_column(default=False)
    is_key: Mapped[bool] = mapped_column(default=False)
    is_excellent: Mapped[bool] = mapped_column(default=False)
    publication: Mapped[Code] = mapped_column(default="undecided")
    publication_text: Mapped[str] = mapped_column(default="")
    #: The day of whatever clock runs in this state.
    due_on: Mapped[date | None]
    objection_due_on: Mapped[date | None]
    contact_due_on: Mapped[date | None]
    contacted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    registered_at: Mapped[datetime | None]
    assigned_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class SuggestionCosigner(Base):
    """A deputy asked to sign too, and what the deputy said."""

    __tablename__ = "suggestion_cosigners"
    __table_args__ = (
        CheckConstraint(one_of("state", "invited", "confirmed", "declined", "withdrawn"), "state"),
        CheckConstraint("(state = 'invited') = (decided_at IS NULL)", "decided"),
    )

    suggestion_id: Mapped[int] = pair_key("suggestions.id")
    person_id: Mapped[int] = pair_key("persons.id", index=True)
    state: Mapped[Code] = mapped_column(default="invited")
    decided_at: Mapped[datetime | None]


class SuggestionOpinion(Base):
    """The bridge: a resident's opinion that a deputy took up."""

    __tablename__ = "suggestion_opinions"

    suggestion_id: Mapped[int] = pair_key("suggestions.id")
    opinion_id: Mapped[int] = pair_key("opinions.id", index=True)


class SuggestionUnit(Base):
    """A unit that handles a suggestion: the lead (主办) or a co-handler (协办)."""

    __tablename__ = "suggestion_units"
    __table_args__ = (
        CheckConstraint(one_of("part", "lead", "co"), "part"),
        CheckConstraint("(opinion IS NULL) = (opinion_at IS NULL)", "opinion"),
        Index("uq_suggestion_units_lead", "suggestion_id", unique=True,
              postgresql_where=text("part = 'lead' AND replaced_at IS NULL"),
              sqlite_where=text("part = 'lead' AND replaced_at IS NULL")),
        Index("uq_suggestion_units_unit", "suggestion_id", "unit_id", unique=True,
              postgresql_where=text("replaced_at IS NULL"), sqlite_where=text("replaced_at IS NULL")),
    )

    id: Mapped[Key]
    suggestion_id: Mapped[int] = key_to("suggestions.id", index=False)
    unit_id: Mapped[int] = key_to("handling_units.id")
    part: Mapped[Code]
    #: A co-handler's opinion is due before the lead's answer.
    due_on: Mapped[date]
    opinion: Mapped[str | None]
    opinion_at: Mapped[datetime | None]
    assigned_by: Mapped[int] = key_to("staff.id", index=False)
    assigned_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]


class SuggestionObjection(Base):
    """The lead unit says the matter is not its own."""

    __tablename__ = "suggestion_objections"
    __table_args__ = (
        CheckConstraint(one_of("state", "open", "upheld", "rejected"), "state"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", "decided"),
        Index("uq_suggestion_objections_open", "suggestion_id", unique=True,
              postgresql_where=text("state = 'open'"), sqlite_where=text("state = 'open'")),
    )

    id: Mapped[Key]
    suggestion_id: Mapped[int] = key_to("suggestions.id")
    unit_id: Mapped[int] = key_to("handling_units.id", index=False)
    reason: Mapped[str]
    state: Mapped[Code] = mapped_column(default="open")
    decision: Mapped[str | None]
    made_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class SuggestionExtension(Base):
    """A longer time, asked for once and decided by the office."""

    __tablename__ = "suggestion_extensions"
    __table_args__ = (
        CheckConstraint(one_of("state", "asked", "granted", "refused"), "state"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", "decided"),
        CheckConstraint("(state = 'granted') = (due_on IS NOT NULL)", "granted"),
        UniqueConstraint("suggestion_id"),
    )

    id: Mapped[Key]
    suggestion_id: Mapped[int] = key_to("suggestions.id", index=False)
    reason: Mapped[str]
    #: The unit says that the deputy agrees, where the local text asks for it.
    has_consent: Mapped[bool]
    state: Mapped[Code] = mapped_column(default="asked")
    decision: Mapped[str | None]
    due_on: Mapped[date | None]
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class SuggestionAnswer(Base):
    """The formal answer of one round."""

    __tablename__ = "suggestion_answers"
    __table_args__ = (
        CheckConstraint(one_of("answer_class", "A", "B", "C", "D"), "answer_class"),
        UniqueConstraint("suggestion_id", "round_no"),
    )

    id: Mapped[Key]
    suggestion_id: Mapped[int] = key_to("suggestions.id", index=False)
    round_no: Mapped[int]
    unit_id: Mapped[int] = key_to("handling_units.id", index=False)
    answer_class: Mapped[Code]
    document_no: Mapped[Name]
    #: The head of the unit who signed.
    signer: Mapped[Name]
    body: Mapped[str]
    is_face_to_face: Mapped[bool] = mapped_column(default=False)
    due_on: Mapped[date]
    answered_at: Mapped[datetime]


class SuggestionEvaluation(Base):
    """The lead deputy's word on one answer: attitude and result apart."""

    __tablename__ = "suggestion_evaluations"
    __table_args__ = (
        CheckConstraint(one_of("attitude", *GRADES), "attitude"), CheckConstraint(one_of("result", *GRADES), "result"),
        UniqueConstraint("suggestion_id", "round_no"),
    )

    id: Mapped[Key]
    suggestion_id: Mapped[int] = key_to("suggestions.id", index=False)
    round_no: Mapped[int]
    attitude: Mapped[Code]
    result: Mapped[Code]
    comment: Mapped[str] = mapped_column(default="")
    due_on: Mapped[date]
    evaluated_at: Mapped[datetime]


class SuggestionCommitment(Base):
    """A line of the ledger of promises (承诺事项台账)."""

    __tablename__ = "suggestion_commitments"
    __table_args__ = (
        CheckConstraint(one_of("state", "open", "fulfilled", "explained"), "state"),
        CheckConstraint("(state = 'open') = (settled_at IS NULL)", "settled"),
        UniqueConstraint("suggestion_id", "round_no"), Index("ix_suggestion_commitments_due", "state", "due_on"),
    )

    id: Mapped[Key]
    suggestion_id: Mapped[int] = key_to("suggestions.id", index=False)
    round_no: Mapped[int]
    unit_id: Mapped[int] = key_to("handling_units.id", index=False)
    promise: Mapped[str]
    due_on: Mapped[date]
    state: Mapped[Code] = mapped_column(default="open")
    outcome: Mapped[str | None]
    settled_at: Mapped[datetime | None]


class SuggestionEvent(Base):
    """A line of the history; deputies see those that are not internal."""

    __tablename__ = "suggestion_events"

    id: Mapped[Key]
    suggestion_id: Mapped[int] = key_to("suggestions.id")
    at: Mapped[datetime]
    title: Mapped[str]
    detail: Mapped[str] = mapped_column(default="")
    is_internal: Mapped[bool] = mapped_column(default=False)
    actor: Mapped[str]
