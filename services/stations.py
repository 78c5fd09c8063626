"""Liaison stations: creation, their printed code, their deputies and their reception days."""

import secrets
import string
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from models.deputies import Person
from models.insert_once import insert_once
from models.regions import Region
from models.stations import Reception, ReceptionDeputy, ScanCode, StationDeputy
from models.stations import Station as Station
from services import access, audit
from services.context import Context
from services.errors import Conflict, Gone, Invalid, NotFound

KIND_NAMES = {
    "county_center": "县级中心站", "township_station": "乡镇代表工作站", "village_room": "村（社区）代表工作室",
    "area_station": "片区联络站", "thematic_station": "行业联络站", "deputy_studio": "代表个人工作室",
}
_BASE62 = string.ascii_letters + string.digits
#: Characters of a name or an address.
MAX_NAME = 100
SCENE_LENGTH = 22  # 131 bits


@dataclass(frozen=True)
class StationForm:
    """What a clerk fills in; `latitude` and `longitude` in degrees (GCJ-02), `fence_m` in metres."""

    kind: str
    name: str
    address: str
    phone: str = ""
    opening_hours: str = ""
    latitude: float | None = None
    longitude: float | None = None
    fence_m: int = 200


def create_station(ctx: Context, *, region_id: int, form: StationForm) -> Station:
    """A new station with its printed code; the name is unique in its region."""
    region = access.access_region(ctx, region_id, "stations.edit")
    _check(ctx, region.id, form)
    station = Station(region_id=region.id, created_at=ctx.now, **vars(form))
    ctx.session.add(station)
    ctx.session.flush()
    _issue_code(ctx, station)
    audit.record(ctx, "station.created", f"station:{station.id}", {"name": station.name}, region_id=region.id)
    return station


def update_station(ctx: Context, station_id: int, *, form: StationForm) -> Station:
    station = access.access_station(ctx, station_id, "stations.edit")
    _check(ctx, station.region_id, form, but=station.id)
    for name, value in vars(form).items():
        setattr(station, name, value)
    audit.record(ctx, "station.updated", f"station:{station.id}", {"name": form.name}, region_id=station.region_id)
    return station


def set_open(ctx: Context, station_id: int, *, is_open: bool) -> Station:
    station = access.access_station(ctx, station_id, "stations.edit")
    station.is_open = is_open
    audit.record(ctx, "station.opened" if is_open else "station.closed", f"station:{station.id}")
    return station


def _check(ctx: Context, region_id: int, form: StationForm, but: int | None = None) -> None:
    if form.kind not in KIND_NAMES:
        raise Invalid("station_kind_bad", fields={"kind": "station_kind_bad"})
    for field in ("name", "address"):
        if not getattr(form, field).strip():
            raise Invalid("invalid_input", fields={field: "field_required"})
        if len(getattr(form, field)) > MAX_NAME:
            raise Invalid("invalid_input", fields={field: "field_too_long"})
    if not 30 <= form.fence_m <= 2000:
        raise Invalid("fence_invalid", fields={"fence_m": "fence_invalid"})
    if not _is_location(form.latitude, form.longitude):
        raise Invalid("location_invalid", fields={"latitude": "location_invalid"})
    twin = ctx.session.scalar(select(Station.id).where(Station.region_id == region_id, Station.name == form.name))
    if twin is not None and twin != but:
        raise Conflict("station_name_taken", fields={"name": "station_name_taken"})


def _is_location(latitude: float | None, longitude: float | None) -> bool:
    if latitude is None or longitude is None:
        return latitude is longitude
    return -90 <= latitude <= 90 and -180 <= longitude <= 180


# --- the printed code -------------------------------------------------------------------------------


def _issue_code(ctx: Context, station: Station) -> ScanCode:
    code = ScanCode(scene="".join(secrets.choice(_BASE62) for _ in range(SCENE_LENGTH)),
                    short_code=_fresh_short_code(ctx.session), station_id=station.id, created_at=ctx.now)
    ctx.session.add(code)
    ctx.session.flush()
    return code


def _fresh_short_code(session: Session) -> str:
    while True:
        candidate = f"{secrets.randbelow(9 * 10**7) + 10**7}"
        if session.scalar(select(ScanCode.id).where(ScanCode.short_code == candidate)) is None:
            return candidate


def replace_code(ctx: Context, station_id: int) -> ScanCode:
    """Withdraw the printed code (a poster was copied) and issue a new one."""
    station = access.access_station(ctx, station_id, "stations.edit")
    ctx.session.execute(update(ScanCode).where(ScanCode.station_id == station.id, ScanCode.revoked_at.is_(None))
                        .values(revoked_at=ctx.now))
    audit.record(ctx, "station.code_replaced", f"station:{station.id}", region_id=station.region_id)
    return _issue_code(ctx, station)


def live_code(session: Session, station_id: int) -> ScanCode:
    return session.scalars(select(ScanCode).where(ScanCode.station_id == station_id, ScanCode.revoked_at.is_(None))
                           .order_by(ScanCode.id.desc()).limit(1)).one()


_BY_CODE = (select(ScanCode, Station).join(Station, Station.id == ScanCode.station_id)
            .where(or_(ScanCode.scene == bindparam("code"), ScanCode.short_code == bindparam("code"))))


def resolve_code(session: Session, code: str) -> tuple[ScanCode, Station]:
    """The station a scene or a typed short code opens; says whether it is unknown or withdrawn."""
    row = session.execute(_BY_CODE, {"code": code}).first()
    if row is None:
        raise NotFound("scan_code_unknown")
    return row.ScanCode, require_usable(row.Station, row.ScanCode.revoked_at)


def require_usable(station: Station | None, code_revoked_at: datetime | None) -> Station:
    """The station a scanned code led to, or why the code does not open it."""
    if station is None:
        raise NotFound("scan_code_unknown")
    if code_revoked_at is not None:
        raise Gone("scan_code_expired")
    if not station.is_open:
        raise Conflict("station_closed")
    return station


# --- deputies and reception days --------------------------------------------------------------------


def set_deputies(ctx: Context, station_id: int, *, person_ids: Sequence[int]) -> None:
    """The deputies stationed here (进室入组); all in office and of the actor's own region."""
    station = access.access_station(ctx, station_id, "stations.edit")
    known = ctx.session.scalars(select(Person.id).where(
        Person.id.in_(person_ids), access.in_scope(ctx, Person.region_id), access.in_office(Person.id))).all()
    # Those outside the actor's region were put here by somebody above, and stay, like those out of office.
    ctx.session.execute(delete(StationDeputy).where(
        StationDeputy.station_id == station.id, StationDeputy.person_id.in_(
            select(Person.id).where(access.in_scope(ctx, Person.region_id), access.in_office(Person.id)))))
    ctx.session.add_all(StationDeputy(station_id=station.id, person_id=number) for number in known)
    audit.record(ctx, "station.deputies_set", f"station:{station.id}", {"count": len(known)})


def plan_reception(ctx: Context, station_id: int, *, starts_at: datetime, ends_at: datetime,
                   person_ids: Sequence[int]) -> Reception:
    """One reception day with the deputies who receive."""
    station = access.access_station(ctx, station_id, "stations.edit")
    if ends_at <= starts_at:
        raise Invalid("reception_times_invalid", fields={"ends_at": "reception_times_invalid"})
    reception = _reception_at(ctx, station.id, starts_at, ends_at)
    known = ctx.session.scalars(select(Person.id).where(
        Person.id.in_(person_ids), access.in_scope(ctx, Person.region_id), access.in_office(Person.id))).all()
    ctx.session.add_all(ReceptionDeputy(reception_id=reception.id, person_id=number) for number in known)
    audit.record(ctx, "reception.planned", f"reception:{reception.id}", {"station": station.id, "deputies": len(known)})
    return reception


def _reception_at(ctx: Context, station_id: int, starts_at: datetime, ends_at: datetime) -> Reception:
    """A new reception day, or one that was cancelled for this hour, planned again."""
    made = insert_once(ctx.session, Reception, station_id=station_id, starts_at=starts_at, ends_at=ends_at,
                       created_at=ctx.now)
    if made is not None:
        return made
    found = ctx.session.scalars(select(Reception).where(
        Reception.station_id == station_id, Reception.starts_at == starts_at).with_for_update()).one()
    if found.state == "planned":
        raise Conflict("reception_exists", fields={"starts_at": "reception_exists"})
    found.state, found.ends_at = "planned", ends_at
    ctx.session.execute(delete(ReceptionDeputy).where(ReceptionDeputy.reception_id == found.id))
    return found


def cancel_reception(ctx: Context, station_id: int, reception_id: int) -> Reception:
    reception = access.access_reception(ctx, station_id, reception_id, "stations.edit")
    reception.state = "cancelled"
    audit.record(ctx, "reception.cancelled", f"reception:{reception.id}")
    return reception


# --- reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReceptionCard:
    id: int
    station: Station
    starts_at: datetime
    ends_at: datetime
    state: str
    person_ids: list[int]


def list_receptions(session: Session, *, after: datetime, station_ids: Sequence[int] | None = None,
                    person_id: int | None = None, limit: int = 20) -> list[ReceptionCard]:
    """Planned reception days that have not ended, soonest first."""
    query = (select(Reception, Station).join(Station, Station.id == Reception.station_id)
             .where(Reception.ends_at > after, Reception.state == "planned")
             .order_by(Reception.starts_at).limit(limit))
    if station_ids is not None:
        query = query.where(Reception.station_id.in_(station_ids))
    if person_id is not None:
        query = query.where(Reception.id.in_(
            select(ReceptionDeputy.reception_id).where(ReceptionDeputy.person_id == person_id)))
    rows = session.execute(query).all()
    people: dict[int, list[int]] = defaultdict(list)
    for reception_id, number in session.execute(
            select(ReceptionDeputy.reception_id, ReceptionDeputy.person_id)
            .where(ReceptionDeputy.reception_id.in_([row.Reception.id for row in rows]),
                   access.in_office(ReceptionDeputy.person_id))
            .order_by(ReceptionDeputy.person_id)):
        people[reception_id].append(number)
    return [ReceptionCard(row.Reception.id, row.Station, row.Reception.starts_at, row.Reception.ends_at,
                          row.Reception.state, people[row.Reception.id]) for row in rows]


def list_public(session: Session, *, township_id: int | None, page: int, page_size: int) -> tuple[list[Station], int]:
    query = select(Station).where(Station.is_open)
    if township_id is not None:
        path = select(Region.path).where(Region.id == township_id).scalar_subquery()
        query = query.join(Region, Region.id == Station.region_id).where(Region.path.startswith(path))
    return _page(session, query, page, page_size)


def list_for_staff(ctx: Context, *, search: str = "", page: int = 1, page_size: int = 20
                   ) -> tuple[list[Station], int]:
    access.require(ctx, "stations.view")
    query = select(Station).where(access.in_scope(ctx, Station.region_id))
    if search:
        query = query.where(Station.name.contains(search, autoescape=True)
                            | Station.address.contains(search, autoescape=True))
    return _page(ctx.session, query, page, page_size)


def _page(session: Session, query: Select[Station], page: int, page_size: int) -> tuple[list[Station], int]:
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = session.scalars(query.order_by(Station.id).limit(page_size).offset((page - 1) * page_size))
    return list(rows), total


def get_public(session: Session, station_id: int) -> Station:
    station = session.scalar(select(Station).where(Station.id == station_id, Station.is_open))
    if station is None:
        raise NotFound("not_found")
    return station


def deputies_of(session: Session, station_id: int) -> list[int]:
    """Who is stationed there now; whose mandates have ended comes back with a new one."""
    return list(session.scalars(
        select(StationDeputy.person_id)
        .where(StationDeputy.station_id == station_id, access.in_office(StationDeputy.person_id))
        .order_by(StationDeputy.person_id)))


def stations_near_home(session: Session, township: Region) -> list[Station]:
    """The stations of a township, its own first, then its villages'."""
    return list(session.scalars(
        select(Station).join(Region, Region.id == Station.region_id)
        .where(Station.is_open, Region.path.startswith(township.path, autoescape=True))
        .order_by(Region.level, Station.id)))
