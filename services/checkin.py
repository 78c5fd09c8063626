"""Check-in at a station: a printed code opens it, presence is proved by one of three ways, leaving closes it.

A closed visit is a duty record and points in the same transaction, so the deputy sees the result at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import String, bindparam, cast, exists, func, literal, or_, select
from sqlalchemy.orm import aliased

from models.checkin import UsedScreenCode, Visit
from models.deputies import Congress, Mandate, Person
from models.duties import DutyRecord
from models.identity import DeputyDevice
from models.insert_once import insert_once
from models.points import PointEntry
from models.regions import Region
from models.stations import ScanCode, Station
from services import access, audit, duties, identity, points, regions, stations
from services.context import Context, local_day
from services.errors import Conflict, Forbidden, Invalid
from services.rules.fences import MAX_ACCURACY_M, Position, is_inside
from services.rules.point_table import display
from services.rules.screen_codes import REMEMBERED_SLOTS, VALID_SLOTS, code_for, seconds_left, slot_of
from services.rules.typed import same_code

STATE_NAMES = {"awaiting_confirmation": "待工作人员确认", "open": "已签到", "closed": "已签退", "refused": "未确认"}
FACTOR_NAMES = {"fence": "定位核验", "screen": "屏幕动态码", "clerk": "工作人员确认"}
RECEPTION_ITEM = "C1"
LIVE = ("awaiting_confirmation", "open")
_Here = aliased(Region)
#: A region of the person, by a mandate in force or as home, that reaches down to the station's.
_REACHING = exists().where(
    Region.id.in_(
        select(Congress.region_id).join(Mandate, Mandate.congress_id == Congress.id)
        .where(Mandate.person_id == bindparam("person_id"), Mandate.state == "active")
        .union_all(select(Person.region_id).where(Person.id == bindparam("person_id")))),
    _Here.path.startswith(Region.path))
_LIVE_VISIT = select(Visit).where(Visit.person_id == bindparam("person_id"), Visit.state.in_(LIVE))
#: All that a scan asks, in one statement put together once: the code, its station, the person's live visit and phone.
_SCAN = (
    select(ScanCode.revoked_at, Station, Visit, DeputyDevice.device_digest, _REACHING.label("is_in_reach"))
    .join(Station, Station.id == ScanCode.station_id).join(_Here, _Here.id == Station.region_id)
    .outerjoin(Visit, (Visit.person_id == bindparam("person_id")) & Visit.state.in_(LIVE))
    .outerjoin(DeputyDevice, (DeputyDevice.person_id == bindparam("person_id")) & DeputyDevice.released_at.is_(None))
    .where(or_(ScanCode.scene == bindparam("code"), ScanCode.short_code == bindparam("code"))))
_CARDS = (select(Visit, Station, Person.name).join(Station, Station.id == Visit.station_id)
          .join(Person, Person.id == Visit.person_id).where(Visit.id.in_(bindparam("ids", expanding=True))))


@dataclass(frozen=True)
class Proof:
    """What the phone brings besides the printed code; at least one is needed."""

    location: Position | None = None
    screen_code: str | None = None
    asks_clerk: bool = False


@dataclass(frozen=True)
class CheckedIn:
    visit: Visit
    station: Station
    is_new: bool

    @property
    def card(self) -> "VisitCard":
        """As the deputy's page shows it; a live visit has earned nothing yet."""
        return VisitCard(self.visit, self.station, "", None)


def check_in(ctx: Context, *, scene: str, device_id: str | None, proof: Proof) -> CheckedIn:
    """Open a visit, or return the open one of this station; the database allows one live visit a person.

    `device_id` is None in chat channels, where the WeChat account itself is the deputy's.
    """
    person_id = access.deputy_id(ctx)
    scan = ctx.session.execute(_SCAN, {"code": scene, "person_id": person_id}).first()
    station = stations.require_usable(scan and scan.Station, scan and scan.revoked_at)
    if scan is None or not scan.is_in_reach:
        raise Forbidden("station_out_of_scope")
    live: Visit | None = scan.Visit
    if live is not None and live.station_id != station.id:
        other = ctx.session.get_one(Station, live.station_id)
        raise Conflict("visit_open_elsewhere", station=other.name)
    if live is not None and (live.state == "open" or proof == Proof(asks_clerk=True)):
        return CheckedIn(live, station, is_new=False)
    if device_id is not None and scan.device_digest != identity.device_digest(device_id):
        identity.bind_device(ctx, person_id, device_id)
    factor = _prove(ctx, station, person_id, proof)
    if live is not None:
        return _upgrade(ctx, live, station, factor)
    return _open_visit(ctx, station, person_id, factor)


def _prove(ctx: Context, station: Station, person_id: int, proof: Proof) -> str | None:
    """The factor that holds, None for the clerk's later word; refuses when there is no proof."""
    if proof.screen_code:
        _spend_screen_code(ctx, station, person_id, proof.screen_code.strip())
        return "screen"
    if proof.location is not None:
        _require_inside(station, proof.location)
        return "fence"
    if proof.asks_clerk:
        return None
    raise Invalid("presence_required")


def _require_inside(station: Station, here: Position) -> None:
    if station.latitude is None or station.longitude is None:
        raise Invalid("station_without_location")
    if here.accuracy > MAX_ACCURACY_M:
        raise Invalid("location_inaccurate")
    if not is_inside(here, Position(station.latitude, station.longitude), station.fence_m):
        raise Invalid("outside_fence")


def _open_visit(ctx: Context, station: Station, person_id: int, factor: str | None) -> CheckedIn:
    visit = insert_once(ctx.session, Visit, station_id=station.id, person_id=person_id, factor=factor,
                        checked_in_at=ctx.now, state="open" if factor else "awaiting_confirmation")
    if visit is None:
        return _the_winner(ctx, station, person_id)
    audit.record(ctx, "visit.opened" if factor else "visit.requested", f"visit:{visit.id}",
                 {"station": station.id, "factor": factor}, region_id=station.region_id)
    return CheckedIn(visit, station, is_new=True)


def _the_winner(ctx: Context, station: Station, person_id: int) -> CheckedIn:
    """The same scan came twice at one moment: the first one is the visit."""
    winner = find_live(ctx, person_id)
    if winner is None or winner.station_id != station.id:
        raise Conflict("visit_open_elsewhere", station=station.name)
    return CheckedIn(winner, station, is_new=False)


def _upgrade(ctx: Context, visit: Visit, station: Station, factor: str | None) -> CheckedIn:
    """A visit that waited for the clerk is proved by the deputy after all."""
    if factor is not None:
        ctx.session.refresh(visit, with_for_update=True)
        if visit.state == "refused":
            raise Conflict("visit_decided")
    if factor is not None and visit.state == "awaiting_confirmation":
        # The stay begins when it is proved: asking from home gains nothing.
        visit.state, visit.factor, visit.checked_in_at = "open", factor, ctx.now
        audit.record(ctx, "visit.opened", f"visit:{visit.id}", {"factor": factor})
    return CheckedIn(visit, station, is_new=False)


# --- the station's screen ---------------------------------------------------------------------------


@dataclass(frozen=True)
class ScreenCode:
    code: str
    seconds_left: int


def current_screen_code(ctx: Context, station: Station) -> ScreenCode:
    """What the screen shows now: the first code of this half minute that nobody has used."""
    slot = slot_of(ctx.now)
    code = code_for(ctx.settings.signing_key, station.id, slot, _used(ctx, station.id, slot))
    return ScreenCode(code, seconds_left(ctx.now))


def _used(ctx: Context, station_id: int, slot: int) -> int:
    return ctx.session.scalar(select(func.count()).select_from(UsedScreenCode).where(
        UsedScreenCode.station_id == station_id, UsedScreenCode.slot == slot)) or 0


def _spend_screen_code(ctx: Context, station: Station, person_id: int, code: str) -> None:
    """Accept a code of this or the last half minute once; say precisely why another one is refused."""
    key, now_slot = ctx.settings.signing_key, slot_of(ctx.now)
    for slot in range(now_slot, now_slot - VALID_SLOTS, -1):
        used = _used(ctx, station.id, slot)
        for seq in range(used + 1):
            if same_code(code_for(key, station.id, slot, seq), code):
                _mark_used(ctx, station, person_id, slot, seq)
                return
    for slot in range(now_slot - VALID_SLOTS, now_slot - REMEMBERED_SLOTS, -1):
        if any(same_code(code_for(key, station.id, slot, seq), code)
               for seq in range(_used(ctx, station.id, slot) + 1)):
            raise Invalid("screen_code_expired")
    raise Invalid("screen_code_other_station" if _is_of_sibling(ctx, station, code) else "screen_code_invalid")


def _mark_used(ctx: Context, station: Station, person_id: int, slot: int, seq: int) -> None:
    if insert_once(ctx.session, UsedScreenCode, station_id=station.id, slot=slot, seq=seq, person_id=person_id,
                   used_at=ctx.now) is None:
        raise Invalid("screen_code_replayed")


def _is_of_sibling(ctx: Context, station: Station, code: str) -> bool:
    """Whether the code is on the screen of another station of the county, to say so."""
    county = regions.county_path(ctx.session, regions.get_region(ctx.session, station.region_id))
    others = ctx.session.scalars(
        select(Station.id).join(Region, Region.id == Station.region_id)
        .where(Station.id != station.id, Region.path.startswith(county, autoescape=True)))
    slot = slot_of(ctx.now)
    return any(same_code(code_for(ctx.settings.signing_key, other, slot - back, 0), code)
               for other in others for back in range(VALID_SLOTS))


# --- the clerk's word -------------------------------------------------------------------------------


def confirm_visit(ctx: Context, visit_id: int) -> Visit:
    """The clerk saw the deputy at the station."""
    visit = access.access_visit(ctx, visit_id, "visits.confirm")
    if visit.state != "awaiting_confirmation":
        raise Conflict("visit_decided")
    visit.state, visit.factor, visit.confirmed_by = "open", "clerk", access.staff_id(ctx)
    audit.record(ctx, "visit.confirmed", f"visit:{visit.id}")
    return visit


def refuse_visit(ctx: Context, visit_id: int, *, reason: str) -> Visit:
    visit = access.access_visit(ctx, visit_id, "visits.confirm")
    if visit.state != "awaiting_confirmation":
        raise Conflict("visit_decided")
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    visit.state, visit.note = "refused", reason.strip()
    audit.record(ctx, "visit.refused", f"visit:{visit.id}")
    return visit


# --- leaving ----------------------------------------------------------------------------------------


def check_out(ctx: Context, visit_id: int) -> Visit:
    """Close the visit; a second time changes nothing. Long enough and first of the day earns points.

    A visit that nobody has confirmed yet is withdrawn, so that nobody is stuck waiting for a clerk.
    """
    visit = access.access_own_visit(ctx, visit_id)
    if visit.state == "closed":
        return visit
    if visit.state == "awaiting_confirmation":
        visit.state, visit.note = "refused", "本人已撤回"
        audit.record(ctx, "visit.withdrawn", f"visit:{visit.id}")
        return visit
    if visit.state != "open":
        raise Conflict("visit_not_open")
    visit.state, visit.checked_out_at = "closed", ctx.now
    station = ctx.session.get_one(Station, visit.station_id)
    region = regions.get_region(ctx.session, station.region_id)
    minimum = regions.setting(ctx.session, region, "checkin.minimum_stay_minutes", ctx.today)
    if ctx.now - visit.checked_in_at < timedelta(minutes=minimum):
        visit.note = f"停留不足{minimum}分钟，不计入履职"
    else:
        _earn(ctx, visit, station)
    audit.record(ctx, "visit.closed", f"visit:{visit.id}", region_id=station.region_id)
    return visit


def end_stranded_visits(ctx: Context) -> int:
    """End the live visits of people who left office and can no longer check out; returns how many."""
    rows = ctx.session.scalars(select(Visit).where(Visit.state.in_(LIVE), ~access.in_office(Visit.person_id))
                               .order_by(Visit.id).with_for_update(skip_locked=True)).all()
    for visit in rows:
        if visit.state == "open":
            visit.state, visit.checked_out_at = "closed", ctx.now
        else:
            visit.state = "refused"
        visit.note = "代表职务已终止，系统自动结束，不计入履职"
        audit.record(ctx, "visit.closed", f"visit:{visit.id}")
    return len(rows)


def _earn(ctx: Context, visit: Visit, station: Station) -> None:
    day = local_day(visit.checked_in_at)
    cause = f"visit:{visit.id}"
    earlier = ctx.session.scalar(
        select(func.count()).select_from(DutyRecord).where(
            DutyRecord.person_id == visit.person_id, DutyRecord.source == "visit", DutyRecord.occurred_on == day))
    if earlier:
        visit.note = "今天的进站接待已计过分"
        return
    duty = duties.record_event(ctx, person_id=visit.person_id, item_code=RECEPTION_ITEM, source="visit", cause=cause,
                               title=f"到{station.name}接待群众", occurred_on=day)
    entries = points.entries_of_cause(ctx, f"duty:{duty.id}")
    visit.note = entries[0].arithmetic if entries else "没有在任职务，不计分"


# --- reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class VisitCard:
    visit: Visit
    station: Station
    person_name: str
    points_half: int | None

    @property
    def state_name(self) -> str:
        return STATE_NAMES[self.visit.state]

    @property
    def factor_name(self) -> str:
        return FACTOR_NAMES.get(self.visit.factor or "", "")

    @property
    def points_display(self) -> str | None:
        return None if self.points_half is None else f"{display(self.points_half) if self.points_half else '0'} 分"


def find_live(ctx: Context, person_id: int) -> Visit | None:
    return ctx.session.scalar(_LIVE_VISIT, {"person_id": person_id})


def current(ctx: Context) -> VisitCard | None:
    visit = find_live(ctx, access.deputy_id(ctx))
    return describe(ctx, [visit.id])[0] if visit is not None else None


def describe(ctx: Context, visit_ids: list[int]) -> list[VisitCard]:
    """Visits with station, deputy and the points of the first mandate, in the given order."""
    rows = {row.Visit.id: row for row in ctx.session.execute(_CARDS, {"ids": visit_ids})}
    awarded = points_of_visits(ctx, [number for number, row in rows.items() if row.Visit.state == "closed"])
    return [VisitCard(rows[number].Visit, rows[number].Station, rows[number].name, awarded.get(number))
            for number in visit_ids if number in rows]


def points_of_visits(ctx: Context, visit_ids: list[int]) -> dict[int, int]:
    if not visit_ids:
        return {}
    rows = ctx.session.execute(
        select(DutyRecord.cause, PointEntry.amount_half)
        .join(PointEntry, PointEntry.cause == literal("duty:") + cast(DutyRecord.id, String))
        .where(DutyRecord.cause.in_([f"visit:{number}" for number in visit_ids]))
        .order_by(PointEntry.mandate_id.desc()))
    return {int(cause.split(":")[1]): amount for cause, amount in rows}


def list_mine(ctx: Context, *, page: int, page_size: int) -> tuple[list[VisitCard], int]:
    person_id = access.deputy_id(ctx)
    total = ctx.session.scalar(select(func.count()).select_from(Visit).where(Visit.person_id == person_id)) or 0
    ids = list(ctx.session.scalars(select(Visit.id).where(Visit.person_id == person_id).order_by(Visit.id.desc())
                                   .limit(page_size).offset((page - 1) * page_size)))
    return describe(ctx, ids), total


def list_for_staff(ctx: Context, *, state: str = "", search: str = "", on: datetime | None = None,
                   station_id: int | None = None, page: int = 1, page_size: int = 20) -> tuple[list[VisitCard], int]:
    """Visits at the stations of the actor's region; `on` keeps those of that moment's day in China."""
    access.require(ctx, "visits.view")
    query = (select(Visit.id).join(Station, Station.id == Visit.station_id).join(Person, Person.id == Visit.person_id)
             .where(access.in_scope(ctx, Station.region_id)))
    if state:
        query = query.where(Visit.state == state)
    if station_id is not None:
        query = query.where(Visit.station_id == station_id)
    if search:
        query = query.where(Person.name.contains(search, autoescape=True)
                            | Station.name.contains(search, autoescape=True))
    if on is not None:
        query = query.where(Visit.checked_in_at >= on, Visit.checked_in_at < on + timedelta(days=1))
    total = ctx.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ids = list(ctx.session.scalars(query.order_by(Visit.checked_in_at.desc(), Visit.id.desc()).limit(page_size)
                                   .offset((page - 1) * page_size)))
    return describe(ctx, ids), total
