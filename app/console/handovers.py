"""People who asked the assistant for a person; staff call back or write (待回复咨询)."""

from flask import Blueprint, render_template

from app.console.forms import Answer, done, form_page, kept_query, query_choice, text
from app.console.rendering import PAGE_SIZE, listing, page_number
from app.console.words import HAND_OVER_STATES
from app.http.access import requires
from app.http.lifecycle import get_context
from services import handovers

bp = Blueprint("console_handovers", __name__)


@bp.get("/console/handovers")
@requires("handovers.view")
def list_page() -> str:
    """Questions that wait for an answer, and those that have it."""
    return _show()


def _show(revealed: tuple[int, str] | None = None) -> str:
    state = query_choice("state", HAND_OVER_STATES)
    found = handovers.list_for_staff(get_context(), state=state, page=page_number(), page_size=PAGE_SIZE)
    return render_template("console/handovers_list.html", listing=listing(found, "console_handovers.list_page"),
                           state=state, revealed=revealed)


@bp.post("/console/handovers/<int:hand_over_id>/phone")
@requires("handovers.close")
@form_page(list_page)
def reveal_phone(hand_over_id: int) -> str:
    """The number to call back, once, on this answer only; the reason goes to the audit."""
    number = handovers.reveal_phone(get_context(), hand_over_id, reason=text("reason"))
    return _show(revealed=(hand_over_id, number))


@bp.post("/console/handovers/<int:hand_over_id>/close")
@requires("handovers.close")
@form_page(list_page)
def close(hand_over_id: int) -> Answer:
    """The person was called back or is written to."""
    row = handovers.close_hand_over(get_context(), hand_over_id, reply=text("reply"))
    return done("console_handovers.list_page", "已办结，回复已发给对方。" if row.reply else "已办结。", **kept_query())
