"""Wall screens: a clerk links and withdraws them on the station's page; the wall itself is /screen (签到大屏)."""

from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for

from app.console.forms import Answer, done, form_page, text
from app.console.stations import detail_page
from app.http.access import requires
from app.http.lifecycle import SCREEN_COOKIE, get_context
from app.http.limits import rate_limit
from app.program import current_program
from services import checkin, deputies, posters, screens, stations
from services.context import CHINA, local_day

bp = Blueprint("console_screens", __name__)
#: Browsers keep no cookie longer; a screen that is on gets it anew with every start of its page.
_COOKIE_LIFE = timedelta(days=400)


@bp.post("/console/stations/<int:station_id>/screens")
@requires("stations.screen")
@form_page(detail_page)
def create_link(station_id: int) -> str:
    """A code for one more screen; it is shown only on this answer."""
    ctx = get_context()
    row, code = screens.create_link(ctx, station_id, label=text("label"))
    return render_template("console/screen_link.html", station=ctx.session.get_one(stations.Station, station_id),
                           screen=row, code=code, address=_address(),
                           minutes=int(screens.LINK_LIFE.total_seconds()) // 60)


def _address() -> str:
    return f"{current_program().settings.public_base_url}{url_for('console_screens.wall_page')}"


@bp.post("/console/stations/<int:station_id>/screens/<int:screen_id>/revoke")
@requires("stations.screen")
@form_page(detail_page)
def revoke(station_id: int, screen_id: int) -> Answer:
    """From now on this screen shows nothing."""
    row = screens.revoke(get_context(), station_id, screen_id)
    return done("console_stations.detail_page", f"已停用“{row.label}”，它不再显示签到码。", station_id=station_id)


# --- the wall ---------------------------------------------------------------------------------------


@bp.get("/screen")
@requires("public")
def wall_page() -> Response:
    """The display on the station's wall; a browser that is no screen yet is asked for its code."""
    if g.actor.kind != "screen":
        return redirect(url_for("console_screens.open_page"))  # type: ignore[return-value]
    return _with_cookie(make_response(render_template("console/screen.html", **_now())), request.cookies[SCREEN_COOKIE])


@bp.get("/screen/open")
@requires("public")
def open_page() -> Answer:
    """Where the code of a new screen is typed."""
    return render_template("console/screen_open.html", address=_address())


@bp.post("/screen/open")
@requires("public")
@form_page(open_page)
@rate_limit("30/hour", per="address", when_redis_is_away="closed")
def open_wall() -> Answer:
    """Spend the code: this browser is the station's screen from now on."""
    token = screens.activate(get_context(), code=text("code"))
    return _with_cookie(redirect(url_for("console_screens.wall_page"), 303), token)  # type: ignore[arg-type]


@bp.get("/screen/now")
@requires("screen")
def wall_part() -> str:
    """What changes on the wall, asked for every two seconds."""
    return render_template("console/_screen_now.html", **_now())


@bp.post("/screen/seen")
@requires("screen")
def wall_seen() -> Response:
    """The screen says that it is there, every ten minutes."""
    screens.mark_seen(get_context())
    return Response(status=204)


def _now() -> dict[str, object]:
    ctx = get_context()
    station = screens.station_of(ctx)
    now = checkin.current_screen_code(ctx, station)
    scene = stations.live_code(ctx.session, station.id).scene
    address = f"{ctx.settings.public_base_url}/s/{scene}?{urlencode({'k': now.code})}"
    midnight = datetime.combine(ctx.today, time(), CHINA)
    today = [row for row in stations.list_receptions(ctx.session, after=midnight, station_ids=[station.id], limit=5)
             if local_day(row.starts_at) == ctx.today]
    names = deputies.names_of(ctx.session, {number for row in today for number in row.person_ids})
    return {"station": station, "code": now.code, "seconds_left": now.seconds_left, "receptions": today, "names": names,
            "picture": posters.data_address(posters.web_code(address)), "now": ctx.now,
            "heartbeat": int(screens.HEARTBEAT.total_seconds())}


def _with_cookie(answer: Response, token: str) -> Response:
    answer.set_cookie(SCREEN_COOKIE, token, max_age=_COOKIE_LIFE, path="/screen", httponly=True, samesite="Strict",
                      secure=current_program().settings.is_production)
    return answer
