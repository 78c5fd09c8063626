"""The deputy's own points and the book behind them (履职积分)."""

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.http.access import requires
from app.http.lifecycle import get_context
from app.http.paging import PageQuery, paged
from services import access, deputies, point_ranking, points

bp = APIBlueprint("points", __name__, url_prefix="/api/v1", tag="points")


class BlockOut(BaseModel):
    code: str
    name: str
    total: str
    cap: str | None


class MandatePoints(BaseModel):
    mandate_id: int
    congress_name: str
    level_name: str
    total: str
    blocks: list[BlockOut]
    #: What the running quarter and year still wait for; empty for earlier years.
    missing: list[str]
    #: In which quarter of its congress the deputy stands, 1 the foremost; none where the congress is small.
    quarter: int | None


class PointsOut(BaseModel):
    year: int
    mandates: list[MandatePoints]


class PointEntryOut(BaseModel):
    id: int
    item_code: str
    item_name: str
    amount: str
    occurred_on: str
    cause_text: str
    arithmetic: str
    rule_version: str
    reversed: bool


class PointEntryPage(BaseModel):
    items: list[PointEntryOut]
    page: int
    page_size: int
    total: int


class YearQuery(BaseModel):
    year: int | None = Field(None, ge=2000, le=2100)


class EntryQuery(PageQuery):
    year: int | None = Field(None, ge=2000, le=2100)
    mandate_id: int | None = None


@bp.get("/points")
@requires("deputy")
@bp.input(YearQuery, location="query")
@bp.output(PointsOut)
def get_points(query_data: YearQuery) -> dict[str, object]:
    """The year's totals of each of the deputy's mandates, by block."""
    ctx = get_context()
    year = query_data.year or ctx.today.year
    own, totals = {row.id: row for row in access.access_own_mandates(ctx)}, points.own_totals(ctx, year)
    return {"year": year, "mandates": [
        MandatePoints(mandate_id=row.mandate_id, congress_name=row.congress_name,
                      level_name=deputies.LEVEL_NAMES[row.level], total=row.total,
                      blocks=[BlockOut(**vars(block)) for block in row.blocks],
                      missing=points.list_missing(ctx, own[row.mandate_id]) if year == ctx.today.year else [],
                      quarter=point_ranking.quarter_of(ctx, own[row.mandate_id], year=year)) for row in totals]}


@bp.get("/points/entries")
@requires("deputy")
@bp.input(EntryQuery, location="query")
@bp.output(PointEntryPage)
def list_entries(query_data: EntryQuery) -> dict[str, object]:
    """Lines of the book with their arithmetic, newest first."""
    ctx = get_context()
    own = [row.id for row in access.access_own_mandates(ctx)]
    wanted = [number for number in own if query_data.mandate_id in (None, number)]
    found = points.list_entries(ctx, wanted, year=query_data.year, page=query_data.page,
                                page_size=query_data.page_size)
    return paged(found, query_data, show_entry)


def show_entry(line: points.EntryLine) -> PointEntryOut:
    entry = line.entry
    return PointEntryOut(id=entry.id, item_code=line.item_code, item_name=line.item_name, amount=line.amount,
                         occurred_on=entry.occurred_on.isoformat(), cause_text=_cause(entry.cause),
                         arithmetic=entry.arithmetic, rule_version=line.version, reversed=line.is_reversed)


def _cause(cause: str) -> str:
    kind, _, number = cause.partition(":")
    if kind == "adjust":
        return f"第{number.partition(':')[0]}号重算"
    return f"履职记录第{number}号" if kind == "duty" else f"冲正第{number}号" if kind == "reversal" else cause
