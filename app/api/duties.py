"""Duty records of the deputy (履职登记)."""

from datetime import date

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.api.media import Photo, show_photo
from app.http.access import requires
from app.http.idempotency import given_key
from app.http.lifecycle import get_context
from app.http.paging import PageQuery, paged
from services import duties, media, points
from services.rules.point_table import display

bp = APIBlueprint("duties", __name__, url_prefix="/api/v1", tag="duties")


class DutyKind(BaseModel):
    code: str
    name: str
    points_display: str
    block_name: str


class DutyKindList(BaseModel):
    items: list[DutyKind]


class DutyOut(BaseModel):
    id: int
    item_code: str
    item_name: str
    title: str
    content: str
    occurred_on: str
    state: str
    state_name: str
    source_name: str
    points_display: str | None
    reject_reason: str | None
    photos: list[Photo]


class DutyPage(BaseModel):
    items: list[DutyOut]
    page: int
    page_size: int
    total: int


class DutyIn(BaseModel):
    item_code: str = Field(min_length=1, max_length=8)
    occurred_on: date
    title: str = Field(min_length=1, max_length=60)
    content: str = Field("", max_length=2000)
    photo_ids: list[int] = Field(default_factory=list, max_length=9)


class DutyQuery(PageQuery):
    year: int | None = Field(None, ge=2000, le=2100)


def show_duty(line: duties.DutyLine, photos: list[media.PhotoLink] | None = None) -> DutyOut:
    duty = line.duty
    return DutyOut(id=duty.id, item_code=duty.item_code, item_name=line.item_name, title=duty.title,
                   content=duty.content, occurred_on=duty.occurred_on.isoformat(), state=duty.state,
                   state_name=line.state_name, source_name=line.source_name, points_display=line.points_display,
                   reject_reason=duty.reject_reason, photos=[show_photo(link) for link in photos or []])


@bp.get("/duty-kinds")
@requires("deputy")
@bp.output(DutyKindList)
def list_kinds() -> dict[str, object]:
    """The items a deputy may report, by the rules in force."""
    ctx = get_context()
    rows = points.list_reportable(ctx, duties.home_region(ctx))
    return {"items": [{"code": rule.code, "name": rule.name, "points_display": f"{display(rule.points_half)} 分",
                       "block_name": block} for rule, block in rows]}


@bp.get("/duties")
@requires("deputy")
@bp.input(DutyQuery, location="query")
@bp.output(DutyPage)
def list_duties(query_data: DutyQuery) -> dict[str, object]:
    """The deputy's own duty records, newest first."""
    found = duties.list_mine(get_context(), year=query_data.year, page=query_data.page,
                             page_size=query_data.page_size)
    return paged(found, query_data, show_duty)


@bp.get("/duties/<int:duty_id>")
@requires("deputy")
@bp.output(DutyOut)
def get_duty(duty_id: int) -> DutyOut:
    """One of the deputy's duty records with its photos."""
    ctx = get_context()
    return show_duty(duties.get_mine(ctx, duty_id), media.links(ctx, duties.photo_ids(ctx, duty_id)))


@bp.post("/duties")
@requires("deputy")
@bp.input(DutyIn)
@bp.output(DutyOut, status_code=201)
def report_duty(json_data: DutyIn) -> DutyOut:
    """Report a duty with at least one photo; two people check it before it counts."""
    ctx = get_context()
    form = duties.DutyReport(json_data.item_code, json_data.occurred_on, json_data.title, json_data.content,
                             tuple(json_data.photo_ids))
    duty = duties.report(ctx, form, idempotency=given_key() or ctx.request_id)
    return show_duty(duties.get_mine(ctx, duty.id), media.links(ctx, duties.photo_ids(ctx, duty.id)))


