"""The account book of points: totals of the year, each line with its arithmetic, corrections (履职积分)."""

from flask import Blueprint, render_template, request

from app.console.forms import Answer, done, form_page, kept_query, search_text, text
from app.console.rendering import PAGE_SIZE, listing, page_number
from app.http.access import requires
from app.http.lifecycle import get_context
from services import access, deputies, points, reports
from services.context import Context

bp = Blueprint("console_points", __name__)
_YEARS = 4


def _year(ctx: Context) -> int:
    wanted = request.args.get("year", ctx.today.year, type=int)
    return wanted if 2000 <= wanted <= 2100 else ctx.today.year


def _years(ctx: Context) -> list[tuple[int, str]]:
    return [(ctx.today.year - back, f"{ctx.today.year - back}年") for back in range(_YEARS)]


@bp.get("/console/points")
@requires("points.view")
def list_page() -> str:
    """Totals of the region's mandates in a year, highest first."""
    ctx = get_context()
    year = _year(ctx)
    found = reports.list_points(ctx, year=year, search=search_text(), page=page_number(), page_size=PAGE_SIZE)
    return render_template("console/points_list.html", listing=listing(found, "console_points.list_page"), year=year,
                           years=_years(ctx))


@bp.get("/console/points/<int:mandate_id>")
@requires("points.view")
def detail_page(mandate_id: int) -> str:
    """The book of one mandate: the year's blocks, and every line with its arithmetic."""
    ctx = get_context()
    mandate = access.access_mandate(ctx, mandate_id, "points.view")
    year = _year(ctx)
    found = points.list_entries(ctx, [mandate.id], year=year, page=page_number(), page_size=PAGE_SIZE)
    return render_template(
        "console/points_detail.html", mandate=mandate, year=year, years=_years(ctx),
        card=deputies.get_card(ctx.session, mandate.person_id), totals=points.totals(ctx, [mandate], year),
        listing=listing(found, "console_points.detail_page", mandate_id=mandate_id))


@bp.post("/console/points/<int:mandate_id>/entries/<int:entry_id>/reverse")
@requires("points.reverse")
@form_page(detail_page)
def reverse(mandate_id: int, entry_id: int) -> Answer:
    """Correct a line by a counter entry; nothing is ever deleted."""
    points.reverse(get_context(), entry_id, reason=text("reason"))
    return done("console_points.detail_page", "已冲正，原记录和冲正记录都会保留。",
                **kept_query(), mandate_id=mandate_id)
