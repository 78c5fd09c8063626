"""Liaison stations: their data, printed code, deputies, reception days and screens (联络站)."""

from urllib.parse import quote

from flask import Blueprint, Response, render_template

from app.console.forms import (
    Answer,
    decimal,
    done,
    form_page,
    moment,
    number,
    numbers,
    required,
    search_text,
    text,
)
from app.console.rendering import PAGE_SIZE, listing, may, page_number
from app.http.access import requires
from app.http.lifecycle import get_context
from services import access, deputies, posters, regions, screens, stations

bp = Blueprint("console_stations", __name__)
#: How many deputies the list of boxes offers at once; more are found by search.
_OFFERED = 100


@bp.get("/console/stations")
@requires("stations.view")
def list_page() -> str:
    """The stations of the region, by name or address."""
    found = stations.list_for_staff(get_context(), search=search_text(), page=page_number(), page_size=PAGE_SIZE)
    return render_template("console/stations_list.html", listing=listing(found, "console_stations.list_page"))


@bp.get("/console/stations/new")
@requires("stations.edit")
def new_page() -> str:
    """A new station of one of the regions in reach."""
    places = regions.list_in_reach(get_context(), ("county", "township", "village"))
    return render_template("console/station_form.html", station=None, places=places)


@bp.post("/console/stations/new")
@requires("stations.edit")
@form_page(new_page)
def create() -> Answer:
    """Build the station; it gets its printed code at once."""
    station = stations.create_station(get_context(), region_id=number("region_id"), form=_form())
    return done("console_stations.detail_page", "已建站，签到码已生成，可下载海报张贴。", station_id=station.id)


def _form() -> stations.StationForm:
    return stations.StationForm(
        kind=text("kind"), name=text("name"), address=text("address"), phone=text("phone"),
        opening_hours=text("opening_hours"), latitude=decimal("latitude"), longitude=decimal("longitude"),
        fence_m=number("fence_m"))


@bp.get("/console/stations/<int:station_id>")
@requires("stations.view")
def detail_page(station_id: int) -> str:
    """One station with its code, deputies and the reception days to come."""
    ctx = get_context()
    station = access.access_station(ctx, station_id, "stations.view")
    receptions = stations.list_receptions(ctx.session, after=ctx.now, station_ids=[station_id], limit=50)
    people = deputies.build_cards(ctx.session, stations.deputies_of(ctx.session, station_id))
    names = deputies.names_of(ctx.session, {number for row in receptions for number in row.person_ids})
    return render_template(
        "console/station_detail.html", station=station, code=stations.live_code(ctx.session, station_id),
        region=regions.full_name(ctx.session, regions.get_region(ctx.session, station.region_id)),
        people=people, receptions=receptions, names=names,
        screens=screens.list_for_station(ctx, station_id) if may("stations.screen") else [])


@bp.get("/console/stations/<int:station_id>/edit")
@requires("stations.edit")
def edit_page(station_id: int) -> str:
    """The station's data."""
    station = access.access_station(get_context(), station_id, "stations.edit")
    return render_template("console/station_form.html", station=station, places=[])


@bp.post("/console/stations/<int:station_id>/edit")
@requires("stations.edit")
@form_page(edit_page)
def update(station_id: int) -> Answer:
    """Change the station's data; its code stays."""
    stations.update_station(get_context(), station_id, form=_form())
    return done("console_stations.detail_page", "已保存。", station_id=station_id)


@bp.post("/console/stations/<int:station_id>/open")
@requires("stations.edit")
@form_page(detail_page)
def set_open(station_id: int) -> Answer:
    """Close a station for check-in, or open it again."""
    is_open = text("is_open") == "1"
    stations.set_open(get_context(), station_id, is_open=is_open)
    return done("console_stations.detail_page", "已启用。" if is_open else "已停用，代表不能在此签到。",
                station_id=station_id)


@bp.get("/console/stations/<int:station_id>/poster.pdf")
@requires("stations.view")
def poster(station_id: int) -> Response:
    """The poster to print."""
    ctx = get_context()
    content = posters.build_poster(ctx, station_id)
    name = access.access_station(ctx, station_id, "stations.view").name
    return Response(content, mimetype="application/pdf", headers={
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}.pdf"})


@bp.get("/console/stations/<int:station_id>/code")
@requires("stations.edit")
def code_page(station_id: int) -> str:
    """Ask before the printed code is withdrawn."""
    ctx = get_context()
    station = access.access_station(ctx, station_id, "stations.edit")
    return render_template("console/station_code.html", station=station,
                           code=stations.live_code(ctx.session, station_id))


@bp.post("/console/stations/<int:station_id>/code")
@requires("stations.edit")
@form_page(code_page)
def replace_code(station_id: int) -> Answer:
    """Withdraw the printed code and issue a new one."""
    stations.replace_code(get_context(), station_id)
    return done("console_stations.detail_page", "已换新码，旧海报已失效，请下载并张贴新海报。", station_id=station_id)


# --- deputies and reception days --------------------------------------------------------------------


@bp.get("/console/stations/<int:station_id>/deputies")
@requires("stations.edit")
def deputies_page(station_id: int) -> str:
    """Choose the station's deputies: those of now first, then those found."""
    ctx = get_context()
    station = access.access_station(ctx, station_id, "stations.edit")
    chosen = stations.deputies_of(ctx.session, station_id)
    found, total = deputies.list_for_staff(ctx, deputies.RosterFilter(search=search_text(), state="active"),
                                           page_size=_OFFERED)
    return render_template(
        "console/station_deputies.html", station=station, chosen=deputies.build_cards(ctx.session, chosen),
        offered=[card for card in found if card.id not in set(chosen)], is_cut=total > _OFFERED)


@bp.post("/console/stations/<int:station_id>/deputies")
@requires("stations.edit")
@form_page(deputies_page)
def set_deputies(station_id: int) -> Answer:
    """The ticked deputies are the station's from now on."""
    stations.set_deputies(get_context(), station_id, person_ids=numbers("person_ids"))
    return done("console_stations.detail_page", "已保存驻站代表。", station_id=station_id)


@bp.post("/console/stations/<int:station_id>/receptions")
@requires("stations.edit")
@form_page(detail_page)
def plan_reception(station_id: int) -> Answer:
    """Plan one reception day."""
    stations.plan_reception(
        get_context(), station_id, starts_at=required(moment("starts_at"), "starts_at"),
        ends_at=required(moment("ends_at"), "ends_at"), person_ids=numbers("person_ids"))
    return done("console_stations.detail_page", "已安排接待日。", station_id=station_id)


@bp.post("/console/stations/<int:station_id>/receptions/<int:reception_id>/cancel")
@requires("stations.edit")
@form_page(detail_page)
def cancel_reception(station_id: int, reception_id: int) -> Answer:
    """Cancel a planned reception day."""
    stations.cancel_reception(get_context(), station_id, reception_id)
    return done("console_stations.detail_page", "已取消这次接待。", station_id=station_id)

