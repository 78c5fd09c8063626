"""Activities as a deputy's list and calendar show them, and the board a clerk watches."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from models.activities import Activity, ActivityPerson
from models.deputies import DeputyGroup, Person
from models.regions import Region
from services import access, stations
from services.activities.attendance import FACTOR_NAMES
from services.context import Context
from services.errors import NotFound
from services.rules.activity_rules import (
    ARRIVED,
    CALLED,
    KIND_NAMES,
    OPENS_BEFORE,
    PERSON_STATE_NAMES,
    STATE_NAMES,
    quorum_of,
)


@dataclass(frozen=True)
class ActivityCard:
    """An activity with the asking deputy's row, or without one for staff."""

    activity: Activity
    organiser: str
    called: int
    arrived: int
    row: ActivityPerson | None = None

    @property
    def kind_name(self) -> str:
        return KIND_NAMES[self.activity.kind]

    @property
    def state_name(self) -> str:
        return STATE_NAMES[self.activity.state]

    @property
    def my_state_name(self) -> str:
        return PERSON_STATE_NAMES[self.row.state] if self.row else ""

    @property
    def factor_name(self) -> str:
        return FACTOR_NAMES.get(self.row.factor or "", "") if self.row else ""

    @property
    def quorum(self) -> int | None:
        return quorum_of(self.called) if self.activity.needs_quorum else None

    def may(self, now: datetime) -> dict[str, bool]:
        """What the deputy may do at this moment, as the phone's buttons."""
        activity, state = self.activity, self.row.state if self.row else ""
        is_open = activity.state == "published"
        until = activity.sign_up_until or activity.starts_at
        return {
            "sign_up": is_open and activity.signs_up and now <= until and state in ("invited", "withdrawn"),
            "withdraw": is_open and activity.signs_up and now <= until and state == "expected",
            "ask_leave": is_open and not activity.signs_up and now < activity.starts_at and state == "expected",
            "check_in": is_open and state not in ARRIVED
            and activity.starts_at - OPENS_BEFORE <= now <= activity.ends_at,
            "check_out": is_open and activity.needs_check_out and state == "present",
        }


def _cards(ctx: Context, rows: Sequence[tuple[Activity, ActivityPerson | None]]) -> list[ActivityCard]:
    """Cards with organisers and counts, in a fixed number of queries."""
    if not rows:
        return []
    ids = [activity.id for activity, _row in rows]
    counts: dict[int, Counter[str]] = {}
    for activity_id, state, count in ctx.session.execute(
            select(ActivityPerson.activity_id, ActivityPerson.state, func.count())
            .where(ActivityPerson.activity_id.in_(ids)).group_by(ActivityPerson.activity_id, ActivityPerson.state)):
        counts.setdefault(activity_id, Counter())[state] = count
    names = _organisers(ctx.session, [activity for activity, _row in rows])
    return [ActivityCard(activity, names[activity.id], _sum(counts, activity.id, CALLED),
                         _sum(counts, activity.id, ARRIVED), row) for activity, row in rows]


def _sum(counts: dict[int, Counter[str]], activity_id: int, states: Sequence[str]) -> int:
    return sum(counts.get(activity_id, Counter())[state] for state in states)


def _organisers(session: Session, rows: Sequence[Activity]) -> dict[int, str]:
    places: dict[int, str] = dict(session.execute(
        select(Region.id, Region.name).where(Region.id.in_({row.region_id for row in rows}))).all())
    groups: dict[int, str] = dict(session.execute(
        select(DeputyGroup.id, DeputyGroup.name).where(
            DeputyGroup.id.in_({row.group_id for row in rows if row.group_id}))).all())
    return {row.id: groups.get(row.group_id or 0) or f"{places[row.region_id]}人大" for row in rows}


# --- the deputy's --------------------------------------------------------------------------------------


def list_mine(ctx: Context, *, is_past: bool, page: int, page_size: int) -> tuple[list[ActivityCard], int]:
    """The asker's activities: those to come soonest first, or those over, newest first."""
    query = _mine(ctx).where(Activity.state != "cancelled")
    order: Any = Activity.starts_at
    if is_past:
        query, order = query.where(or_(Activity.ends_at <= ctx.now, Activity.state == "closed")), order.desc()
    else:
        query = query.where(Activity.ends_at > ctx.now, Activity.state == "published")
    total = ctx.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = ctx.session.execute(query.order_by(order, Activity.id).limit(page_size).offset((page - 1) * page_size))
    return _cards(ctx, [(row.Activity, row.ActivityPerson) for row in rows]), total


def count_ahead(ctx: Context) -> tuple[int, int]:
    """How many activities of the coming seven days the asker is expected at, and how many are open for sign-up."""
    week = ctx.now + timedelta(days=7)
    can_sign_up = (ActivityPerson.state == "invited") & Activity.signs_up & (
        func.coalesce(Activity.sign_up_until, Activity.starts_at) > ctx.now)
    expected = (ActivityPerson.state == "expected") & (Activity.starts_at <= week)
    found = ctx.session.execute(
        _mine(ctx).where(Activity.state == "published", Activity.ends_at > ctx.now)
        .with_only_columns(func.count().filter(expected), func.count().filter(can_sign_up))).one()
    return found[0], found[1]


def _mine(ctx: Context) -> Select[Activity, ActivityPerson]:
    return (select(Activity, ActivityPerson).join(ActivityPerson, ActivityPerson.activity_id == Activity.id)
            .where(ActivityPerson.person_id == access.deputy_id(ctx), Activity.state != "draft"))


def get_mine(ctx: Context, activity_id: int) -> ActivityCard:
    row = ctx.session.execute(_mine(ctx).where(Activity.id == activity_id)).first()
    if row is None:
        raise NotFound("not_found")
    return _cards(ctx, [(row.Activity, row.ActivityPerson)])[0]


def find_by_code(ctx: Context, code: str) -> ActivityCard | None:
    """The activity that a scene or a typed short code opens, with the asking deputy's row if there is one."""
    activity = ctx.session.scalar(select(Activity).where(
        or_(Activity.scene == code, Activity.short_code == code), Activity.state != "draft"))
    if activity is None:
        return None
    row = None
    if ctx.actor.person_id is not None:
        row = ctx.session.get(ActivityPerson, (activity.id, ctx.actor.person_id))
    return _cards(ctx, [(activity, row)])[0]


@dataclass(frozen=True)
class ScheduleLine:
    """One line of the deputy's calendar: an activity, or a reception day at a station."""

    kind: str
    id: int
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    state_name: str


def my_schedule(ctx: Context, *, since: datetime, until: datetime) -> list[ScheduleLine]:
    """What the asking deputy has between two moments, soonest first: called or signed up, and receptions."""
    person_id = access.deputy_id(ctx)
    found = [ScheduleLine("activity", row.Activity.id, row.Activity.title, row.Activity.place, row.Activity.starts_at,
                          row.Activity.ends_at, PERSON_STATE_NAMES[row.ActivityPerson.state])
             for row in ctx.session.execute(_mine(ctx).where(
                 Activity.state != "cancelled", ActivityPerson.state != "withdrawn", Activity.ends_at > since,
                 Activity.starts_at < until))]
    found += [ScheduleLine("reception", row.id, "接待日值班", row.station.name, row.starts_at, row.ends_at, "值班")
              for row in stations.list_receptions(ctx.session, after=since, person_id=person_id, limit=100)
              if row.starts_at < until]
    return sorted(found, key=lambda line: (line.starts_at, line.kind, line.id))


# --- the staff's --------------------------------------------------------------------------------------


def list_for_staff(ctx: Context, *, state: str = "", kind: str = "", search: str = "", page: int = 1,
                   page_size: int = 20) -> tuple[list[ActivityCard], int]:
    """The activities of the region, the latest first."""
    access.require(ctx, "activities.view")
    query = select(Activity).where(access.in_scope(ctx, Activity.region_id))
    if state:
        query = query.where(Activity.state == state)
    if kind:
        query = query.where(Activity.kind == kind)
    if search:
        query = query.where(Activity.title.contains(search, autoescape=True)
                            | Activity.place.contains(search, autoescape=True))
    total = ctx.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = ctx.session.scalars(query.order_by(Activity.starts_at.desc(), Activity.id.desc()).limit(page_size)
                               .offset((page - 1) * page_size))
    return _cards(ctx, [(row, None) for row in rows]), total


@dataclass(frozen=True)
class BoardLine:
    row: ActivityPerson
    name: str

    @property
    def state_name(self) -> str:
        return PERSON_STATE_NAMES[self.row.state]

    @property
    def factor_name(self) -> str:
        return FACTOR_NAMES.get(self.row.factor or "", "")

    @property
    def remark(self) -> str:
        """Late, early, the reason of a leave, or what staff wrote."""
        words = ["迟到"] if self.row.is_late else []
        words += ["早退"] if self.row.is_early else []
        words += [self.row.leave_reason] if self.row.leave_reason else []
        return "；".join([*words, *([self.row.note] if self.row.note else [])])


#: What needs a decision comes first, then who is still missing.
_ORDER = ("leave_asked", "awaiting_confirmation", "expected", "absent", "present", "left", "on_leave", "withdrawn",
          "invited")


@dataclass(frozen=True)
class Board:
    """The attendance as it stands: how many of all called are here, and whether that is enough."""

    card: ActivityCard
    lines: list[BoardLine]

    def count(self, *states: str) -> int:
        return sum(line.row.state in states for line in self.lines)

    @property
    def late(self) -> int:
        return sum(line.row.is_late for line in self.lines)

    @property
    def is_quorate(self) -> bool:
        return self.card.arrived >= (self.card.quorum or 0)


def board(ctx: Context, activity_id: int, permission: str = "activities.view") -> Board:
    activity = access.access_activity(ctx, activity_id, permission)
    rows = ctx.session.execute(
        select(ActivityPerson, Person.name).join(Person, Person.id == ActivityPerson.person_id)
        .where(ActivityPerson.activity_id == activity.id).order_by(Person.id))
    lines = [BoardLine(row.ActivityPerson, row.name) for row in rows]
    return Board(_cards(ctx, [(activity, None)])[0], sorted(lines, key=lambda line: _ORDER.index(line.row.state)))
