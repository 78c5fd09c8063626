"""What matters today (首页)."""

from apiflask import APIBlueprint
from pydantic import BaseModel

from app.api.checkin import VisitOut, show_visit
from app.api.comments import OpinionBrief, show_brief
from app.api.deputies import DeputyBrief, ReceptionOut, StationBrief, show_deputy, show_receptions, show_station
from app.api.notices import NoticeBrief, show_line
from app.http.access import requires
from app.http.lifecycle import get_context
from services import reports

bp = APIBlueprint("home", __name__, url_prefix="/api/v1", tag="home")


class TodoOut(BaseModel):
    kind: str
    title: str
    count: int
    page: str


class HomePoints(BaseModel):
    year: int
    total: str
    this_month: str


class HomeOut(BaseModel):
    role: str
    name: str
    todos: list[TodoOut]
    open_visit: VisitOut | None
    next_reception: ReceptionOut | None
    points: HomePoints | None
    opinions: list[OpinionBrief]
    station: StationBrief | None
    deputies: list[DeputyBrief]
    notices: list[NoticeBrief]
    unread_notices: int
    seat_note: str | None


@bp.get("/home")
@requires("account")
@bp.output(HomeOut)
def get_home() -> HomeOut:
    """A deputy's to-do, visit, reception day and points; a resident's opinions, station and deputies."""
    home = reports.build_home(get_context())
    year = home.points_year
    return HomeOut(
        role=home.role, name=home.name, todos=[TodoOut(**vars(todo)) for todo in home.todos],
        open_visit=show_visit(home.open_visit) if home.open_visit else None,
        next_reception=show_receptions([home.next_reception])[0] if home.next_reception else None,
        points=HomePoints(year=year[0], total=year[1], this_month=year[2]) if year else None,
        opinions=[show_brief(row) for row in home.opinions],
        station=show_station(home.station) if home.station else None,
        deputies=[show_deputy(card) for card in home.deputies],
        notices=[NoticeBrief.model_validate(show_line(row)) for row in home.notices],
        unread_notices=home.unread_notices, seat_note=home.seat_note)
