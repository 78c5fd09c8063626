"""Regions to choose from (行政区划)."""

from apiflask import APIBlueprint
from pydantic import BaseModel

from app.http.access import requires
from app.http.lifecycle import get_context
from services import regions

bp = APIBlueprint("regions", __name__, url_prefix="/api/v1", tag="regions")


class Region(BaseModel):
    id: int
    name: str
    level: str


class RegionList(BaseModel):
    items: list[Region]


class RegionQuery(BaseModel):
    parent_id: int | None = None


def show_region(row: regions.Region | None) -> Region | None:
    return Region(id=row.id, name=row.name, level=row.level) if row is not None else None


@bp.get("/regions")
@requires("public")
@bp.input(RegionQuery, location="query")
@bp.output(RegionList)
def list_regions(query_data: RegionQuery) -> dict[str, object]:
    """The regions below a parent; without one the counties."""
    rows = regions.list_children(get_context().session, query_data.parent_id)
    return {"items": [show_region(row) for row in rows]}
