"""Duty records and their two checks by two people (履职审核)."""

from flask import Blueprint, render_template

from app.console.forms import Answer, done, form_page, query_choice, search_text, text
from app.console.rendering import PAGE_SIZE, listing, page_number
from app.console.words import DUTY_STATES
from app.http.access import requires
from app.http.lifecycle import get_context
from services import duties, media, staff

bp = Blueprint("console_duties", __name__)
STATES = {"open": "待审（初审和复核）"} | DUTY_STATES


@bp.get("/console/duties")
@requires("duties.view")
def list_page() -> str:
    """Duty records by state, deputy or title."""
    state = query_choice("state", STATES)
    found = duties.list_for_staff(get_context(), state=state, search=search_text(), page=page_number(),
                                  page_size=PAGE_SIZE)
    return render_template("console/duties_list.html", listing=listing(found, "console_duties.list_page"),
                           state=state, states=STATES)


@bp.get("/console/duties/<int:duty_id>")
@requires("duties.view")
def detail_page(duty_id: int) -> str:
    """One record with its evidence and who checked it."""
    ctx = get_context()
    line = duties.get_for_staff(ctx, duty_id)
    checkers = staff.names_of(ctx.session, filter(None, (line.duty.first_checked_by, line.duty.second_checked_by)))
    return render_template("console/duty_detail.html", line=line, checkers=checkers,
                           photos=media.links(ctx, duties.photo_ids(ctx, duty_id)))


@bp.post("/console/duties/<int:duty_id>/first-check")
@requires("duties.first_check")
@form_page(detail_page)
def first_check(duty_id: int) -> Answer:
    """初审."""
    duties.first_check(get_context(), duty_id)
    return done("console_duties.detail_page", "初审通过，请另一位同事复核。", duty_id=duty_id)


@bp.post("/console/duties/<int:duty_id>/second-check")
@requires("duties.second_check")
@form_page(detail_page)
def second_check(duty_id: int) -> Answer:
    """复核 by another person; the points are posted with it."""
    duties.second_check(get_context(), duty_id)
    return done("console_duties.detail_page", "复核通过，已按规则计分。", duty_id=duty_id)


@bp.post("/console/duties/<int:duty_id>/reject")
@requires("duties.second_check")
@form_page(detail_page)
def reject(duty_id: int) -> Answer:
    """Refuse with a reason the deputy reads."""
    duties.reject(get_context(), duty_id, reason=text("reason"))
    return done("console_duties.detail_page", "已标记为不通过，代表会看到原因。", duty_id=duty_id)
