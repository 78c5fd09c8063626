"""Checking in and out at a station (扫码签到)."""

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.api.deputies import StationBrief, show_station
from app.http.access import requires
from app.http.lifecycle import get_context
from app.http.limits import rate_limit
from app.http.openapi import also_answers
from app.http.paging import PageQuery, paged
from app.http.times import iso
from services import checkin
from services.rules.fences import Position

bp = APIBlueprint("checkin", __name__, url_prefix="/api/v1", tag="checkin")


class VisitOut(BaseModel):
    id: int
    station: StationBrief
    state: str
    state_name: str
    factor: str | None
    factor_name: str
    checked_in_at: str
    checked_out_at: str | None
    points_display: str | None
    points_note: str


class VisitPage(BaseModel):
    items: list[VisitOut]
    page: int
    page_size: int
    total: int


class CurrentVisit(BaseModel):
    visit: VisitOut | None


class Location(BaseModel):
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    accuracy: float = Field(0, ge=0, le=100_000)


class CheckIn(BaseModel):
    scene: str = Field(min_length=6, max_length=64)
    device_id: str = Field(min_length=8, max_length=64)
    location: Location | None = None
    screen_code: str | None = Field(None, max_length=12)
    ask_clerk: bool = False


def show_visit(card: checkin.VisitCard) -> VisitOut:
    visit = card.visit
    return VisitOut(id=visit.id, station=show_station(card.station), state=visit.state, state_name=card.state_name,
                    factor=visit.factor, factor_name=card.factor_name, checked_in_at=iso(visit.checked_in_at),
                    checked_out_at=iso(visit.checked_out_at), points_display=card.points_display,
                    points_note=visit.note)


def _show_id(visit_id: int) -> VisitOut:
    return show_visit(checkin.describe(get_context(), [visit_id])[0])


@bp.post("/check-ins")
@requires("deputy")
@rate_limit("20/minute", per="actor", when_redis_is_away="open")
@bp.input(CheckIn)
@bp.output(VisitOut, status_code=201)
@bp.doc(responses=also_answers(200, "The visit that was open already", "application/json", "VisitOut"))
def check_in(json_data: CheckIn) -> tuple[VisitOut, int]:
    """Open a visit with one proof of presence; a second scan of the same visit changes nothing (200)."""
    here = json_data.location
    proof = checkin.Proof(
        location=Position(here.latitude, here.longitude, here.accuracy) if here else None,
        screen_code=json_data.screen_code or None, asks_clerk=json_data.ask_clerk)
    done = checkin.check_in(get_context(), scene=json_data.scene, device_id=json_data.device_id, proof=proof)
    return show_visit(done.card), 201 if done.is_new else 200


@bp.post("/check-ins/<int:visit_id>/check-out")
@requires("deputy")
@bp.output(VisitOut)
def check_out(visit_id: int) -> VisitOut:
    """Close the visit; it shows the points and how they were counted."""
    return _show_id(checkin.check_out(get_context(), visit_id).id)


@bp.get("/check-ins/current")
@requires("deputy")
@bp.output(CurrentVisit)
def get_current() -> dict[str, object]:
    """The visit that is open or waits for the clerk, if there is one."""
    card = checkin.current(get_context())
    return {"visit": show_visit(card) if card else None}


@bp.get("/check-ins")
@requires("deputy")
@bp.input(PageQuery, location="query")
@bp.output(VisitPage)
def list_visits(query_data: PageQuery) -> dict[str, object]:
    """The deputy's own visits, newest first."""
    found = checkin.list_mine(get_context(), page=query_data.page, page_size=query_data.page_size)
    return paged(found, query_data, show_visit)
