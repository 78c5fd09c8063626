"""Stations and what their codes open (联络站)."""

from apiflask import APIBlueprint
from pydantic import BaseModel

from app.api.activities import ActivityBrief, show_brief
from app.api.checkin import VisitOut, show_visit
from app.api.deputies import DeputyBrief, ReceptionOut, StationBrief, show_deputy, show_receptions, show_station
from app.api.regions import Region, show_region
from app.http.access import requires
from app.http.lifecycle import get_context
from app.http.limits import rate_limit
from app.http.paging import PageQuery, paged
from services import activities, checkin, deputies, regions, stations

bp = APIBlueprint("stations", __name__, url_prefix="/api/v1", tag="stations")


class StationOut(StationBrief):
    region: Region
    opening_hours: str
    phone: str
    latitude: float | None
    longitude: float | None
    receptions: list[ReceptionOut]
    deputies: list[DeputyBrief]


class StationPage(BaseModel):
    items: list[StationBrief]
    page: int
    page_size: int
    total: int


class StationQuery(PageQuery):
    township_id: int | None = None


class ScanCodeOut(BaseModel):
    purpose: str
    scene: str
    station: StationBrief | None
    activity: ActivityBrief | None
    open_visit: VisitOut | None


@bp.get("/stations")
@requires("public")
@bp.input(StationQuery, location="query")
@bp.output(StationPage)
def list_stations(query_data: StationQuery) -> dict[str, object]:
    """Open stations, of one township when given."""
    found = stations.list_public(get_context().session, township_id=query_data.township_id, page=query_data.page,
                                 page_size=query_data.page_size)
    return paged(found, query_data, show_station)


@bp.get("/stations/<int:station_id>")
@requires("public")
@bp.output(StationOut)
def get_station(station_id: int) -> dict[str, object]:
    """Where it is, when it is open, who is there and the next reception days."""
    ctx = get_context()
    row = stations.get_public(ctx.session, station_id)
    receptions = stations.list_receptions(ctx.session, after=ctx.now, station_ids=[row.id], limit=5)
    people = deputies.build_cards(ctx.session, stations.deputies_of(ctx.session, row.id))
    return {**show_station(row).model_dump(), "region": show_region(regions.get_region(ctx.session, row.region_id)),
            "opening_hours": row.opening_hours, "phone": row.phone, "latitude": row.latitude,
            "longitude": row.longitude, "receptions": show_receptions(receptions),
            "deputies": [show_deputy(card) for card in people]}


@bp.get("/scan-codes/<code>")
@requires("account")
@rate_limit("30/minute", per="actor", when_redis_is_away="open")
@bp.output(ScanCodeOut)
def get_scan_code(code: str) -> dict[str, object]:
    """What a scanned scene, or the eight digits typed from under the code, opens."""
    ctx = get_context()
    typed = code.replace(" ", "")
    card = activities.find_by_code(ctx, typed)
    if card is not None:
        return {"purpose": "activity_check_in", "scene": card.activity.scene, "station": None,
                "activity": show_brief(card), "open_visit": None}
    row, station = stations.resolve_code(ctx.session, typed)
    live = checkin.current(ctx) if ctx.actor.is_deputy else None
    return {"purpose": "station_check_in", "scene": row.scene, "station": show_station(station), "activity": None,
            "open_visit": show_visit(live) if live and live.visit.station_id == station.id else None}
