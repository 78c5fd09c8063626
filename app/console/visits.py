"""Visits at the stations: the day's list, and the clerk's word where presence was not proved (签到记录)."""

from datetime import datetime, time

from flask import Blueprint, render_template, request

from app.console.forms import Answer, done, form_page, kept_query, query_choice, query_day, search_text, text
from app.console.rendering import PAGE_SIZE, listing, page_number
from app.console.words import VISIT_STATES
from app.http.access import requires
from app.http.lifecycle import get_context
from services import checkin
from services.context import CHINA

bp = Blueprint("console_visits", __name__)


@bp.get("/console/visits")
@requires("visits.view")
def list_page() -> str:
    """Visits by day, state, deputy or station, newest first."""
    day, state = query_day("day"), query_choice("state", VISIT_STATES)
    found = checkin.list_for_staff(
        get_context(), state=state, search=search_text(), on=datetime.combine(day, time(), CHINA) if day else None,
        station_id=request.args.get("station", type=int), page=page_number(), page_size=PAGE_SIZE)
    return render_template("console/visits_list.html", listing=listing(found, "console_visits.list_page"), day=day,
                           state=state)


@bp.post("/console/visits/<int:visit_id>/confirm")
@requires("visits.confirm")
@form_page(list_page)
def confirm(visit_id: int) -> Answer:
    """The clerk saw the deputy at the station."""
    checkin.confirm_visit(get_context(), visit_id)
    return done("console_visits.list_page", "已确认签到。", **kept_query())


@bp.post("/console/visits/<int:visit_id>/refuse")
@requires("visits.confirm")
@form_page(list_page)
def refuse(visit_id: int) -> Answer:
    """The clerk did not see the deputy; the reason is shown to them."""
    checkin.refuse_visit(get_context(), visit_id, reason=text("reason"))
    return done("console_visits.list_page", "已标记为未确认。", **kept_query())
