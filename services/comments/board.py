"""The board of clocks: what is overdue or about to be, stands still, or waits for a leader (督办台账)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from models.comments import Opinion, OpinionAlert, OpinionAssignment, OpinionExtension
from models.deputies import Person
from models.identity import HandlingUnit
from models.regions import Region
from services import access
from services.comments import alerts
from services.context import Context
from services.rules.due_warnings import ALERT_NAMES

PART_NAMES = {
    "supervise": "待督办", "extension": "延期待批", "overdue": "已超期", "today": "今天到期", "soon": "7天内到期",
    "paused": "暂停计时",
}


@dataclass(frozen=True)
class BoardLine:
    opinion: Opinion
    village: str
    handler: str
    #: What was reported to a leader and is not settled.
    reports: list[str]
    extension: OpinionExtension | None


def _parts(ctx: Context) -> dict[str, ColumnElement[bool]]:
    running = Opinion.state.in_(("screening", "registered", "assigned", "merged"))
    week = ctx.today + timedelta(days=7)
    return {
        "supervise": Opinion.id.in_(select(OpinionAlert.opinion_id).where(_unsettled(ctx))),
        "extension": (Opinion.state == "assigned") & Opinion.id.in_(
            select(OpinionAssignment.opinion_id)
            .join(OpinionExtension, OpinionExtension.assignment_id == OpinionAssignment.id)
            .where(OpinionExtension.state == "pending", OpinionAssignment.state == "open")),
        "overdue": running & (Opinion.due_on < ctx.today),
        "today": running & (Opinion.due_on == ctx.today),
        "soon": running & (Opinion.due_on > ctx.today) & (Opinion.due_on <= week),
        "paused": Opinion.paused_workdays.is_not(None),
    }


def _unsettled(ctx: Context) -> ColumnElement[bool]:
    return OpinionAlert.settled_at.is_(None) & OpinionAlert.audience.in_(alerts.audiences(ctx))


def count_board(ctx: Context) -> dict[str, int]:
    """How many opinions in reach are in each part; one may be in several."""
    access.require(ctx, "opinions.view")
    counts = [func.count().filter(which) for which in _parts(ctx).values()]
    return dict(zip(PART_NAMES, ctx.session.execute(
        select(*counts).where(access.opinion_scope(ctx))).one(), strict=True))


def count_to_supervise(ctx: Context) -> int:
    """How many opinions wait for the leader who asks."""
    return ctx.session.scalar(select(func.count()).select_from(Opinion).where(
        access.opinion_scope(ctx), _parts(ctx)["supervise"])) or 0


def list_board(ctx: Context, part: str, *, page: int = 1, page_size: int = 20) -> tuple[list[BoardLine], int]:
    """The opinions of one part, the longest overdue first."""
    access.require(ctx, "opinions.view")
    which = access.opinion_scope(ctx), _parts(ctx)[part]
    total = ctx.session.scalar(select(func.count()).select_from(Opinion).where(*which)) or 0
    rows = ctx.session.execute(
        select(Opinion, Region.name).join(Region, Region.id == Opinion.village_id).where(*which)
        .order_by(Opinion.due_on, Opinion.id).limit(page_size).offset((page - 1) * page_size)).all()
    ids = [row.Opinion.id for row in rows]
    handlers, asked = _handlers(ctx, ids)
    reports: dict[int, list[str]] = defaultdict(list)
    for opinion_id, kind in ctx.session.execute(
            select(OpinionAlert.opinion_id, OpinionAlert.kind)
            .where(OpinionAlert.opinion_id.in_(ids), _unsettled(ctx)).order_by(OpinionAlert.id)):
        reports[opinion_id].append(ALERT_NAMES[kind])
    return [BoardLine(opinion, village, handlers.get(opinion.id, ""), reports[opinion.id], asked.get(opinion.id))
            for opinion, village in rows], total


def _handlers(ctx: Context, ids: list[int]) -> tuple[dict[int, str], dict[int, OpinionExtension]]:
    found = ctx.session.execute(
        select(OpinionAssignment.opinion_id, Person.name, HandlingUnit.name, OpinionExtension)
        .outerjoin(Person, Person.id == OpinionAssignment.person_id)
        .outerjoin(HandlingUnit, HandlingUnit.id == OpinionAssignment.unit_id)
        .outerjoin(OpinionExtension, (OpinionExtension.assignment_id == OpinionAssignment.id)
                   & (OpinionExtension.state == "pending"))
        .where(OpinionAssignment.opinion_id.in_(ids), OpinionAssignment.state == "open")).all()
    return ({opinion_id: f"{person}代表" if person else unit for opinion_id, person, unit, _row in found},
            {opinion_id: row for opinion_id, _person, _unit, row in found if row is not None})
