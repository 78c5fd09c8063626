"""What matters today: the home page of each role and the township's dashboard, from the books themselves."""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time

from sqlalchemy import ColumnElement, func, or_, select

from models.assistant import HandOver
from models.audit import AuditRow
from models.checkin import Visit
from models.comments import Opinion
from models.deputies import Congress, Mandate, Person
from models.duties import DutyRecord
from models.identity import Account, SeatClaim
from models.points import PointEntry
from models.regions import Region
from models.stations import Station
from services import (
    access,
    activities,
    checkin,
    comments,
    deputies,
    me,
    notice_reading,
    notices,
    points,
    regions,
    stations,
    suggestions,
)
from services.context import CHINA, Context
from services.rules.permissions import role_may
from services.rules.point_table import plain

HOME_ITEMS = 3
_ACTIVITIES = "/pages-activity/list/list"


@dataclass(frozen=True)
class Todo:
    kind: str
    title: str
    count: int
    page: str


@dataclass
class Home:
    """The first page of a resident or a deputy."""

    role: str
    name: str
    todos: list[Todo] = field(default_factory=list)
    open_visit: checkin.VisitCard | None = None
    next_reception: stations.ReceptionCard | None = None
    points_year: tuple[int, str, str] | None = None
    opinions: list[Opinion] = field(default_factory=list)
    station: Station | None = None
    deputies: list[deputies.DeputyCard] = field(default_factory=list)
    notices: list[notice_reading.ReaderLine] = field(default_factory=list)
    unread_notices: int = 0
    #: For somebody who was a deputy: why this is a resident's page now.
    seat_note: str | None = None


def build_home(ctx: Context) -> Home:
    """A deputy's to-do, reception day and points; a resident's opinions, station and deputies; both: notices."""
    account = ctx.session.get_one(Account, access.account_id(ctx))
    person_id = ctx.actor.person_id
    home = Home("deputy" if person_id else "resident", account.name)
    home.notices = notice_reading.list_mine(ctx, page=1, page_size=HOME_ITEMS)[0]
    home.unread_notices = notice_reading.count_unread(ctx)
    home.opinions = comments.list_mine(ctx, page=1, page_size=HOME_ITEMS)[0]
    township = _township(ctx, account)
    if township is not None:
        near = stations.stations_near_home(ctx.session, township)
        home.station = near[0] if near else None
    if person_id is not None:
        _add_deputy_part(ctx, home, person_id)
        return home
    home.seat_note = me.find_seat_note(ctx, account)
    if account.village_id is not None:
        village = ctx.session.get_one(Region, account.village_id)
        home.deputies = deputies.list_public(ctx.session, village=village, page=1, page_size=6)[0]
    return home


def _township(ctx: Context, account: Account) -> Region | None:
    region_id = account.village_id
    if ctx.actor.person_id is not None:
        region_id = ctx.session.get_one(Person, ctx.actor.person_id).region_id
    if region_id is None:
        return None
    region = ctx.session.get_one(Region, region_id)
    return region if region.level == "county" else regions.township_of(ctx.session, region)


def _add_deputy_part(ctx: Context, home: Home, person_id: int) -> None:
    home.open_visit = checkin.current(ctx)
    mine = stations.list_receptions(ctx.session, after=ctx.now, person_id=person_id, limit=1)
    home.next_reception = mine[0] if mine else None
    year = ctx.today.year
    total = points.sum_of_person(ctx, person_id, year=year)
    month = points.sum_of_person(ctx, person_id, year=year, since=ctx.today.replace(day=1))
    home.points_year = (year, plain(max(total, 0)), plain(month))
    own = deputies.stations_of(ctx.session, [person_id]).get(person_id)
    if own:
        home.station = ctx.session.get_one(Station, own[0])
    waiting = comments.list_assigned(ctx, state="open", page=1, page_size=1)[1]
    expected, to_sign_up = activities.count_ahead(ctx)
    home.todos = [todo for todo in (
        Todo("opinions", "待我办理的意见", waiting, "/pages/opinions/opinions"),
        Todo("activities", "七天内要参加的会议活动", expected, _ACTIVITIES),
        Todo("sign_ups", "可以报名的活动", to_sign_up, _ACTIVITIES),
        Todo("suggestion_invitations", "请我联名的建议", suggestions.list_invitations(ctx, page_size=1)[1],
             "/pages-suggestion/list/list?view=invited"),
        Todo("suggestions_to_evaluate", "待我评价的建议答复", suggestions.count_to_evaluate(ctx),
             "/pages-suggestion/list/list"),
        Todo("notices", "未读通知", home.unread_notices, "/pages-notice/list/list"),
    ) if todo.count]


# --- the console ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tile:
    """A figure and the list it counts."""

    label: str
    value: str
    endpoint: str
    query: dict[str, str]
    hint: str = ""
    needs_care: bool = False


def build_dashboard(ctx: Context) -> list[Tile]:
    """The township's (or county's) figures of the moment; every tile opens the list it counts."""
    access.require(ctx, "dashboard.view")
    midnight = datetime.combine(ctx.today, time(), CHINA)
    overdue = comments.count_open(ctx, overdue=True)
    late = suggestions.count_open(ctx, overdue=True)
    pending_visits = _count_visits(ctx, Visit.state == "awaiting_confirmation")
    tiles = [
        Tile("今日签到", str(_count_visits(ctx, Visit.checked_in_at >= midnight)), "console_visits.list_page",
             {"day": ctx.today.isoformat()}),
        Tile("待确认签到", str(pending_visits), "console_visits.list_page", {"state": "awaiting_confirmation"},
             needs_care=pending_visits > 0),
        Tile("在办意见", str(comments.count_open(ctx)), "console_opinions.list_page", {"state": "open"}),
        Tile("超期意见", str(overdue), "console_opinions.list_page", {"overdue": "1"}, needs_care=overdue > 0),
        Tile("在办代表建议", str(suggestions.count_open(ctx)), "console_suggestions.list_page", {"state": "open"}),
        Tile("超期代表建议", str(late), "console_suggestions.list_page", {"overdue": "1"}, needs_care=late > 0),
        Tile("通知未读人次", str(notices.count_unread_in_region(ctx)), "console_notices.list_page", {"state": "sent"}),
        Tile("待审履职", str(_count_duties(ctx)), "console_duties.list_page", {"state": "open"}),
        Tile("本月计分", plain(_points_this_month(ctx)), "console_points.list_page", {}, hint="辖区代表本月得分合计"),
    ]
    if role_may(ctx.actor.role, "notices.approve"):
        waiting = notices.count_to_approve(ctx)
        tiles.append(Tile("待审批通知", str(waiting), "console_notices.list_page", {"state": "awaiting_approval"},
                          needs_care=waiting > 0))
    if role_may(ctx.actor.role, "opinions.supervise"):
        reported = comments.count_to_supervise(ctx)
        tiles.append(Tile("待督办意见", str(reported), "console_board.page", {"part": "supervise"},
                          needs_care=reported > 0))
    if role_may(ctx.actor.role, "seats.decide"):
        claims = _count_claims(ctx)
        tiles.append(Tile("身份待核实", str(claims), "console_roster.claims_page", {"state": "pending"},
                          needs_care=claims > 0))
    hand_overs = _count_hand_overs(ctx)
    tiles.append(Tile("待回复咨询", str(hand_overs), "console_handovers.list_page", {"state": "open"},
                      needs_care=hand_overs > 0))
    return tiles


def _count_visits(ctx: Context, which: ColumnElement[bool]) -> int:
    return ctx.session.scalar(
        select(func.count()).select_from(Visit).join(Station, Station.id == Visit.station_id)
        .where(access.in_scope(ctx, Station.region_id), which)) or 0


def _count_duties(ctx: Context) -> int:
    return ctx.session.scalar(select(func.count()).select_from(DutyRecord).where(
        access.in_scope(ctx, DutyRecord.region_id), DutyRecord.state.in_(("submitted", "first_checked")))) or 0


def _points_this_month(ctx: Context) -> int:
    return int(ctx.session.scalar(
        select(func.coalesce(func.sum(PointEntry.amount_half), 0))
        .join(Mandate, Mandate.id == PointEntry.mandate_id).join(Person, Person.id == Mandate.person_id)
        .join(Congress, Congress.id == Mandate.congress_id)
        .where(access.mandate_scope(ctx), Mandate.state == "active",
               PointEntry.occurred_on >= ctx.today.replace(day=1))) or 0)


def _count_claims(ctx: Context) -> int:
    return ctx.session.scalar(
        select(func.count()).select_from(SeatClaim).join(Person, Person.id == SeatClaim.person_id)
        .where(access.in_scope(ctx, Person.region_id), SeatClaim.state == "pending")) or 0


def _count_hand_overs(ctx: Context) -> int:
    return ctx.session.scalar(select(func.count()).select_from(HandOver).where(
        access.in_scope(ctx, HandOver.region_id), HandOver.state == "open")) or 0


@dataclass(frozen=True)
class PersonPoints:
    person_id: int
    name: str
    mandate_id: int
    congress: str
    total_half: int
    #: Whether the person's own record is in the actor's region; somebody who moved left only the points here.
    is_registered_here: bool

    @property
    def total(self) -> str:
        return plain(max(self.total_half, 0))


def list_points(ctx: Context, *, year: int, search: str = "", page: int = 1, page_size: int = 20
                ) -> tuple[list[PersonPoints], int]:
    """Totals of the region's mandates in a year, highest first, for staff."""
    access.require(ctx, "points.view")
    total = func.coalesce(func.sum(PointEntry.amount_half), 0)
    here = access.in_scope(ctx, Person.region_id)
    query = (
        select(Person.id, Person.name, Mandate.id, Congress.name, total.label("total"), here.label("here"))
        .join(Mandate, Mandate.person_id == Person.id).join(Congress, Congress.id == Mandate.congress_id)
        .outerjoin(PointEntry, (PointEntry.mandate_id == Mandate.id) & (PointEntry.year == year))
        .where(access.mandate_scope(ctx), Mandate.state == "active")
        .group_by(Person.id, Person.name, Mandate.id, Congress.name))
    if search:
        query = query.where(Person.name.contains(search, autoescape=True))
    count = ctx.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = ctx.session.execute(query.order_by(total.desc(), Mandate.id).limit(page_size)
                               .offset((page - 1) * page_size))
    return [PersonPoints(*row[:4], total_half=int(row[4]), is_registered_here=bool(row[5])) for row in rows], count


@dataclass(frozen=True)
class AuditFilter:
    actor: str = ""
    action: str = ""
    subject: str = ""


def list_audit(ctx: Context, which: AuditFilter, *, page: int = 1, page_size: int = 50) -> tuple[list[AuditRow], int]:
    """The audit log, newest first, by actor, action or subject prefix."""
    access.require(ctx, "audit.view")
    query = select(AuditRow).where(or_(AuditRow.region_id.is_(None), access.in_scope(ctx, AuditRow.region_id)))
    for column, value in ((AuditRow.actor, which.actor), (AuditRow.action, which.action),
                          (AuditRow.subject, which.subject)):
        if value:
            query = query.where(column.startswith(value, autoescape=True))
    total = ctx.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = ctx.session.scalars(query.order_by(AuditRow.id.desc()).limit(page_size).offset((page - 1) * page_size))
    return list(rows), total
