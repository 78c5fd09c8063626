"""The account book of points: totals of the year, each line with its arithmetic, corrections (履职积分)."""

from urllib.parse import quote

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from app.console.forms import Answer, done, form_page, kept_query, search_text, text
from app.console.rendering import PAGE_SIZE, listing, page_number
from app.http.access import requires
from app.http.lifecycle import get_context
from services import access, deputies, point_ranking, points, reports
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


@bp.get("/console/points/ranking")
@requires("points.view")
def ranking_page() -> str:
    """One congress's deputies by place; a delegation or a group of it where one is chosen."""
    ctx = get_context()
    congresses, year = point_ranking.list_congresses(ctx), _year(ctx)
    field = _field(congresses)
    found = ([], 0) if field is None else point_ranking.rank(ctx, field, year=year, page=page_number(),
                                                             page_size=PAGE_SIZE)
    return render_template(
        "console/points_ranking.html", listing=listing(found, "console_points.ranking_page"), year=year,
        years=_years(ctx), field=field, congresses=_choices(congresses),
        delegations=[] if field is None else _choices(point_ranking.list_delegations(ctx, field.congress_id)),
        groups=[] if field is None else _choices(point_ranking.list_groups(ctx, field.congress_id)))


@bp.get("/console/points/ranking.xlsx")
@requires("points.view")
def publicity_table() -> Answer:
    """The same ranking as a table to print and put up; where there is nobody to rank, the page that says so."""
    ctx = get_context()
    field = _field(point_ranking.list_congresses(ctx))
    if field is None:
        return make_response(redirect(url_for("console_points.ranking_page")))
    return Response(point_ranking.write_publicity_table(ctx, field, year=_year(ctx)), headers={
        "Content-Type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote('履职积分公示表')}.xlsx"})


def _choices(found: list[point_ranking.Choice]) -> list[tuple[int, str]]:
    return [(row.id, row.name) for row in found]


def _field(congresses: list[point_ranking.Choice]) -> point_ranking.Field | None:
    """What the filters chose; only congresses the staff may see, the first where none was chosen."""
    if not congresses:
        return None
    wanted = request.args.get("congress", type=int)
    congress_id = wanted if wanted in {row.id for row in congresses} else congresses[0].id
    return point_ranking.Field(congress_id, request.args.get("delegation", type=int), request.args.get("group", type=int))


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
    points.reverse(get_context(), mandate_id, entry_id, reason=text("reason"))
    return done("console_points.detail_page", "已冲正，原记录和冲正记录都会保留。",
                **kept_query(), mandate_id=mandate_id)
