"""What each side sees of an opinion: its file, and the lists of the resident, the deputy and the staff."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select

from models.comments import (
    Opinion,
    OpinionAlert,
    OpinionAssignment,
    OpinionEvent,
    OpinionExtension,
    OpinionPhoto,
    OpinionRating,
    OpinionReading,
)
from models.deputies import Person
from models.identity import Account, HandlingUnit
from models.regions import Region
from services import access, media
from services.comments import alerts, merging, moves
from services.context import Context
from services.rules.opinion_states import CATEGORIES, STATE_NAMES


@dataclass(frozen=True)
class OpinionFile:
    """Everything about one opinion, as its page shows it; `events` respects who is looking."""

    opinion: Opinion
    village: Region
    handler_name: str | None
    answer: OpinionAssignment | None
    answer_handler: str | None
    rating: OpinionRating | None
    photos: list[media.PhotoLink]
    events: list[OpinionEvent]
    assignments: list[OpinionAssignment]
    #: For staff: nobody reads the messages any more, the author closed the account or was made anonymous.
    is_author_gone: bool
    #: The newest request for a later day of the present assignment, and what leaders told the handler.
    extension: OpinionExtension | None = None
    instructions: Sequence[OpinionAlert] = ()
    #: For staff: the opinion it is handled together with.
    lead: Opinion | None = None
    #: For staff and the handler: what is handled together with it.
    members: Sequence[merging.Member] = ()
    #: For staff: what the classifier proposed.
    reading: OpinionReading | None = None

    @property
    def state_name(self) -> str:
        return STATE_NAMES[self.opinion.state]

    @property
    def category_name(self) -> str:
        return CATEGORIES[self.opinion.category]

    @property
    def can_rate(self) -> bool:
        return self.opinion.state == "answered"


def build_file(ctx: Context, opinion: Opinion, *, internal: bool, for_handler: bool = False) -> OpinionFile:
    """The file as staff read it (`internal`), as its handler does, or as its author."""
    # Nothing can have been assigned or rated before screening.
    is_fresh = opinion.state == "screening"
    assignments = [] if is_fresh else list(ctx.session.scalars(
        select(OpinionAssignment).where(OpinionAssignment.opinion_id == opinion.id).order_by(OpinionAssignment.id)))
    lead = merging.lead_of(ctx, opinion)
    live = moves.live_assignment(ctx, lead) if lead is not None else next(
        (row for row in reversed(assignments) if row.state != "returned" and row.round_no == opinion.round_no), None)
    answered = next((row for row in reversed(assignments) if row.state == "answered"), None)
    events = select(OpinionEvent).where(OpinionEvent.opinion_id == opinion.id).order_by(OpinionEvent.id)
    if not internal:
        events = events.where(~OpinionEvent.is_internal)
    photo_ids = list(ctx.session.scalars(
        select(OpinionPhoto.media_id).where(OpinionPhoto.opinion_id == opinion.id).order_by(OpinionPhoto.position)))
    rating = None if is_fresh else ctx.session.scalar(
        select(OpinionRating).where(OpinionRating.opinion_id == opinion.id)
        .order_by(OpinionRating.round_no.desc()).limit(1))
    return OpinionFile(
        opinion, ctx.session.get_one(Region, opinion.village_id), _name_of(ctx, live), answered,
        _name_of(ctx, answered), rating, media.links(ctx, photo_ids), list(ctx.session.scalars(events)), assignments,
        internal and _is_author_gone(ctx, opinion),
        extension=_newest_extension(ctx, live) if internal or for_handler else None,
        instructions=alerts.instructions_of(ctx, opinion) if internal or for_handler else (),
        lead=lead if internal else None, members=merging.members_of(ctx, opinion) if internal or for_handler else (),
        reading=ctx.session.get(OpinionReading, opinion.id) if internal else None)


def _newest_extension(ctx: Context, live: OpinionAssignment | None) -> OpinionExtension | None:
    return None if live is None else ctx.session.scalar(
        select(OpinionExtension).where(OpinionExtension.assignment_id == live.id)
        .order_by(OpinionExtension.id.desc()).limit(1))


def _is_author_gone(ctx: Context, opinion: Opinion) -> bool:
    return ctx.session.scalar(select(Account.id).where(
        Account.id == opinion.account_id, Account.state == "active")) is None


def _name_of(ctx: Context, row: OpinionAssignment | None) -> str | None:
    if row is None:
        return None
    if row.person_id is not None:
        return f"{ctx.session.get_one(Person, row.person_id).name}代表"
    return ctx.session.get_one(HandlingUnit, row.unit_id).name


def handlers_of(ctx: Context, assignments: Sequence[OpinionAssignment]) -> dict[int, str]:
    """The handler's name of each assignment."""
    return {row.id: _name_of(ctx, row) or "" for row in assignments}


def get_mine(ctx: Context, number: str) -> OpinionFile:
    return build_file(ctx, access.access_own_opinion(ctx, number), internal=False)


def get_assigned(ctx: Context, number: str) -> tuple[OpinionFile, bool]:
    """The file for the deputy who handles it, and whether it may be answered now."""
    opinion, assignment = access.access_assigned_opinion(ctx, number)
    file = build_file(ctx, opinion, internal=False, for_handler=True)
    return file, assignment.state == "open" and opinion.state == "assigned"


def get_for_staff(ctx: Context, number: str) -> OpinionFile:
    return build_file(ctx, access.access_opinion(ctx, number, "opinions.view"), internal=True)


def _page(ctx: Context, query: Select[Opinion], page: int, page_size: int) -> tuple[list[Opinion], int]:
    total = ctx.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = ctx.session.scalars(query.limit(page_size).offset((page - 1) * page_size))
    return list(rows), total


def list_mine(ctx: Context, *, page: int, page_size: int) -> tuple[list[Opinion], int]:
    query = select(Opinion).where(Opinion.account_id == access.account_id(ctx)).order_by(Opinion.id.desc())
    return _page(ctx, query, page, page_size)


def list_assigned(ctx: Context, *, state: str, page: int, page_size: int) -> tuple[list[Opinion], int]:
    """A deputy's own work: `open` to answer, soonest due first, or `done`."""
    person_id = access.deputy_id(ctx)
    wanted = "open" if state == "open" else "answered"
    mine = select(OpinionAssignment.opinion_id).where(OpinionAssignment.person_id == person_id,
                                                      OpinionAssignment.state == wanted)
    query = select(Opinion).where(Opinion.id.in_(mine))
    ordered = query.order_by(Opinion.due_on, Opinion.id) if wanted == "open" else query.order_by(Opinion.id.desc())
    return _page(ctx, ordered, page, page_size)


@dataclass(frozen=True)
class OpinionFilter:
    state: str = ""
    category: str = ""
    search: str = ""
    overdue: bool = False
    flagged: bool = False


def list_for_staff(ctx: Context, which: OpinionFilter, *, page: int = 1, page_size: int = 20
                   ) -> tuple[list[tuple[Opinion, str]], int]:
    """Opinions in reach with their village's name; `open` means not closed, `overdue` past its day."""
    access.require(ctx, "opinions.view")
    query = select(Opinion).where(access.opinion_scope(ctx))
    if which.state == "open":
        query = query.where(Opinion.state.in_(("screening", "registered", "assigned")))
    elif which.state:
        query = query.where(Opinion.state == which.state)
    if which.category:
        query = query.where(Opinion.category == which.category)
    if which.search:
        query = query.where(Opinion.number.contains(which.search.upper(), autoescape=True)
                            | Opinion.text.contains(which.search, autoescape=True))
    if which.overdue:
        query = query.where(is_overdue(ctx))
    if which.flagged:
        query = query.where(Opinion.text_check.in_(("review", "risky", "unreachable")), Opinion.state == "screening")
    rows, total = _page(ctx, query.order_by(Opinion.id.desc()), page, page_size)
    villages = names_of_villages(ctx, rows)
    return [(row, villages[row.village_id]) for row in rows], total


def names_of_villages(ctx: Context, rows: Sequence[Opinion]) -> dict[int, str]:
    found = ctx.session.execute(select(Region.id, Region.name).where(Region.id.in_({row.village_id for row in rows})))
    return dict(found.all())


def is_overdue(ctx: Context) -> ColumnElement[bool]:
    return Opinion.due_on.is_not(None) & (Opinion.due_on < ctx.today)


def count_open(ctx: Context, *, overdue: bool = False) -> int:
    query = select(func.count()).select_from(Opinion).where(
        access.opinion_scope(ctx), Opinion.state.in_(("screening", "registered", "assigned")))
    return ctx.session.scalar(query.where(is_overdue(ctx)) if overdue else query) or 0
