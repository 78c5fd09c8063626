"""The board of clocks: what is overdue or about to be, stands still, or waits for a leader (办理督办)."""

from flask import Blueprint, render_template

from app.console.forms import query_choice
from app.console.rendering import PAGE_SIZE, listing, page_number
from app.console.words import BOARD_PARTS
from app.http.access import requires
from app.http.lifecycle import get_context
from services import comments

bp = Blueprint("console_board", __name__)


@bp.get("/console/opinion-board")
@requires("opinions.view")
def page() -> str:
    """Each figure opens its list; without a choice the overdue ones."""
    ctx = get_context()
    part = query_choice("part", BOARD_PARTS) or "overdue"
    found = comments.list_board(ctx, part, page=page_number(), page_size=PAGE_SIZE)
    return render_template("console/opinion_board.html", part=part, counts=comments.count_board(ctx), today=ctx.today,
                           listing=listing(found, "console_board.page"))
