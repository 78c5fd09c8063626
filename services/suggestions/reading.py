"""What each side sees of a suggestion: its file, and the lists of the deputy, the office and the unit."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select

from models.comments import Opinion
from models.deputies import Congress, Mandate, Person
from models.identity import HandlingUnit
from models.suggestions import (
    Suggestion,
    SuggestionAnswer,
    SuggestionCommitment,
    SuggestionCosigner,
    SuggestionEvaluation,
    SuggestionEvent,
    SuggestionExtension,
    SuggestionObjection,
    SuggestionOpinion,
    SuggestionUnit,
)
from services import access
from services.context import Context
from services.rules.suggestion_states import CATEGORIES, OPEN_STATES, STATE_NAMES


@dataclass(frozen=True)
class SuggestionFile:
    """Everything about one suggestion, as its page shows it; `events` respects who is looking."""

    row: Suggestion
    congress: Congress
    lead: Person
    deputy_no: str
    cosigners: list[tuple[SuggestionCosigner, str]]
    units: list[tuple[SuggestionUnit, str]]
    objections: list[SuggestionObjection]
    extension: SuggestionExtension | None
    answers: list[tuple[SuggestionAnswer, str]]
    evaluations: list[SuggestionEvaluation]
    commitments: list[SuggestionCommitment]
    events: list[SuggestionEvent]
    #: The numbers of the residents' opinions it grew from.
    opinions: list[str]

    @property
    def state_name(self) -> str:
        return STATE_NAMES[self.row.state]

    @property
    def category_name(self) -> str:
        return CATEGORIES[self.row.category] if self.row.category else ""

    @property
    def lead_unit(self) -> tuple[SuggestionUnit, str] | None:
        return next((found for found in self.units if found[0].part == "lead" and found[0].replaced_at is None), None)

    @property
    def co_units(self) -> list[tuple[SuggestionUnit, str]]:
        return [found for found in self.units if found[0].part == "co" and found[0].replaced_at is None]


def build_file(ctx: Context, row: Suggestion, *, internal: bool) -> SuggestionFile:
    """The whole file; what is internal is for the office and the units only."""
    events = select(SuggestionEvent).where(SuggestionEvent.suggestion_id == row.id).order_by(SuggestionEvent.id)
    if not internal:
        events = events.where(~SuggestionEvent.is_internal)
    session = ctx.session
    return SuggestionFile(
        row, session.get_one(Congress, row.congress_id), session.get_one(Person, row.person_id),
        session.scalar(select(Mandate.deputy_no).where(
            Mandate.person_id == row.person_id, Mandate.congress_id == row.congress_id)) or "",
        [(signer, name) for signer, name in session.execute(
            select(SuggestionCosigner, Person.name).join(Person, Person.id == SuggestionCosigner.person_id)
            .where(SuggestionCosigner.suggestion_id == row.id).order_by(SuggestionCosigner.person_id))],
        [(unit, name) for unit, name in session.execute(
            select(SuggestionUnit, HandlingUnit.name).join(HandlingUnit, HandlingUnit.id == SuggestionUnit.unit_id)
            .where(SuggestionUnit.suggestion_id == row.id).order_by(SuggestionUnit.id))],
        list(session.scalars(select(SuggestionObjection).where(SuggestionObjection.suggestion_id == row.id)
                             .order_by(SuggestionObjection.id))) if internal else [],
        session.scalar(select(SuggestionExtension).where(SuggestionExtension.suggestion_id == row.id)),
        [(answer, name) for answer, name in session.execute(
            select(SuggestionAnswer, HandlingUnit.name).join(HandlingUnit, HandlingUnit.id == SuggestionAnswer.unit_id)
            .where(SuggestionAnswer.suggestion_id == row.id).order_by(SuggestionAnswer.round_no))],
        list(session.scalars(select(SuggestionEvaluation).where(SuggestionEvaluation.suggestion_id == row.id)
                             .order_by(SuggestionEvaluation.round_no))),
        list(session.scalars(select(SuggestionCommitment).where(SuggestionCommitment.suggestion_id == row.id)
                             .order_by(SuggestionCommitment.round_no))),
        list(session.scalars(events)),
        list(session.scalars(select(Opinion.number).join(SuggestionOpinion, SuggestionOpinion.opinion_id == Opinion.id)
                             .where(SuggestionOpinion.suggestion_id == row.id).order_by(Opinion.id))))


def get_mine(ctx: Context, suggestion_id: int) -> SuggestionFile:
    """The file for its lead proposer or a deputy asked to sign."""
    return build_file(ctx, access.access_signed_suggestion(ctx, suggestion_id), internal=False)


def get_for_staff(ctx: Context, suggestion_id: int) -> SuggestionFile:
    return build_file(ctx, access.access_suggestion(ctx, suggestion_id, "suggestions.view"), internal=True)


def list_mine(ctx: Context, *, page: int = 1, page_size: int = 20) -> tuple[list[Suggestion], int]:
    """What the deputy leads or has signed, newest first."""
    me = access.deputy_id(ctx)
    signed = select(SuggestionCosigner.suggestion_id).where(
        SuggestionCosigner.person_id == me, SuggestionCosigner.state == "confirmed")
    query = select(Suggestion).where((Suggestion.person_id == me) | Suggestion.id.in_(signed))
    return _page(ctx, query.order_by(Suggestion.id.desc()), page, page_size)


def list_invitations(ctx: Context, *, page: int = 1, page_size: int = 20) -> tuple[list[Suggestion], int]:
    """What the deputy is asked to sign and has not answered."""
    asked = select(SuggestionCosigner.suggestion_id).where(
        SuggestionCosigner.person_id == access.deputy_id(ctx), SuggestionCosigner.state == "invited")
    query = select(Suggestion).where(Suggestion.id.in_(asked), Suggestion.state == "cosigning")
    return _page(ctx, query.order_by(Suggestion.id), page, page_size)


def count_to_evaluate(ctx: Context) -> int:
    return ctx.session.scalar(select(func.count()).select_from(Suggestion).where(
        Suggestion.person_id == access.deputy_id(ctx), Suggestion.state == "answered")) or 0


def _page(ctx: Context, query: Select[Suggestion], page: int, page_size: int) -> tuple[list[Suggestion], int]:
    total = ctx.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    return list(ctx.session.scalars(query.limit(page_size).offset((page - 1) * page_size))), total


@dataclass(frozen=True)
class SuggestionFilter:
    state: str = ""
    category: str = ""
    search: str = ""
    overdue: bool = False
    is_key: bool = False


@dataclass(frozen=True)
class QueueLine:
    row: Suggestion
    lead_name: str
    unit_name: str


def list_for_staff(ctx: Context, which: SuggestionFilter, *, page: int = 1, page_size: int = 20
                   ) -> tuple[list[QueueLine], int]:
    """The work queue in reach: `open` is what is not settled, soonest due first."""
    access.require(ctx, "suggestions.view")
    query = select(Suggestion).where(access.suggestion_scope(ctx))
    if which.state == "open":
        query = query.where(Suggestion.state.in_(OPEN_STATES))
    elif which.state:
        query = query.where(Suggestion.state == which.state)
    if which.category:
        query = query.where(Suggestion.category == which.category)
    if which.search:
        query = query.where(Suggestion.title.contains(which.search, autoescape=True)
                            | Suggestion.number.contains(which.search.upper(), autoescape=True))
    if which.overdue:
        query = query.where(is_overdue(ctx))
    if which.is_key:
        query = query.where(Suggestion.is_key)
    rows, total = _page(ctx, query.order_by(Suggestion.due_on.is_(None), Suggestion.due_on, Suggestion.id.desc()),
                        page, page_size)
    return _lines(ctx, rows), total


def _lines(ctx: Context, rows: Sequence[Suggestion]) -> list[QueueLine]:
    people = dict(ctx.session.execute(
        select(Person.id, Person.name).where(Person.id.in_({row.person_id for row in rows}))).all())
    units = dict(ctx.session.execute(
        select(SuggestionUnit.suggestion_id, HandlingUnit.name)
        .join(HandlingUnit, HandlingUnit.id == SuggestionUnit.unit_id)
        .where(SuggestionUnit.suggestion_id.in_([row.id for row in rows]), SuggestionUnit.part == "lead",
               SuggestionUnit.replaced_at.is_(None))).all())
    return [QueueLine(row, people[row.person_id], units.get(row.id, "")) for row in rows]


def is_overdue(ctx: Context) -> ColumnElement[bool]:
    """Past the day of whatever clock runs, or not contacted in time."""
    late_contact = (Suggestion.contact_due_on < ctx.today) & Suggestion.contacted_at.is_(None)
    return Suggestion.state.in_(OPEN_STATES) & (
        (Suggestion.due_on < ctx.today) | (late_contact & Suggestion.state.in_(("assigned", "handling"))))


def count_open(ctx: Context, *, overdue: bool = False) -> int:
    query = select(func.count()).select_from(Suggestion).where(
        access.suggestion_scope(ctx), Suggestion.state.in_(OPEN_STATES))
    return ctx.session.scalar(query.where(is_overdue(ctx)) if overdue else query) or 0


@dataclass(frozen=True)
class CommitmentLine:
    promise: SuggestionCommitment
    row: Suggestion
    unit_name: str


def list_commitments(ctx: Context, *, state: str = "open", page: int = 1, page_size: int = 20
                     ) -> tuple[list[CommitmentLine], int]:
    """The ledger of promises in reach, soonest due first."""
    access.require(ctx, "suggestions.view")
    query = (select(SuggestionCommitment, Suggestion, HandlingUnit.name)
             .join(Suggestion, Suggestion.id == SuggestionCommitment.suggestion_id)
             .join(HandlingUnit, HandlingUnit.id == SuggestionCommitment.unit_id)
             .where(access.suggestion_scope(ctx)))
    if state:
        query = query.where(SuggestionCommitment.state == state)
    total = ctx.session.scalar(select(func.count()).select_from(
        query.with_only_columns(SuggestionCommitment.id).subquery())) or 0
    rows = ctx.session.execute(query.order_by(SuggestionCommitment.due_on, SuggestionCommitment.id)
                               .limit(page_size).offset((page - 1) * page_size))
    return [CommitmentLine(promise, row, name) for promise, row, name in rows], total


def titles_of_opinion(ctx: Context, opinion_id: int) -> list[tuple[str, str]]:
    """The other end of the bridge: (title, state) of the suggestions that grew from an opinion."""
    rows = ctx.session.scalars(
        select(Suggestion).join(SuggestionOpinion, SuggestionOpinion.suggestion_id == Suggestion.id)
        .where(SuggestionOpinion.opinion_id == opinion_id).order_by(Suggestion.id))
    return [(row.title, STATE_NAMES[row.state]) for row in rows]
