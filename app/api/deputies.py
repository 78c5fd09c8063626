"""Deputies as residents see them (代表)."""

from apiflask import APIBlueprint
from pydantic import BaseModel

from app.http.access import requires
from app.http.lifecycle import get_context
from app.http.paging import PageQuery, paged
from app.http.times import iso
from services import deputies, duties, points, regions, stations
from services.errors import Invalid

bp = APIBlueprint("deputies", __name__, url_prefix="/api/v1", tag="deputies")


class StationBrief(BaseModel):
    id: int
    name: str
    kind_name: str
    address: str


class DeputyBrief(BaseModel):
    id: int
    name: str
    level_names: list[str]
    constituency: str
    title: str
    station_name: str | None


class ReceptionOut(BaseModel):
    id: int
    station: StationBrief
    starts_at: str
    ends_at: str
    deputies: list[DeputyBrief]


class DutyCount(BaseModel):
    name: str
    count: int


class DeputyOut(DeputyBrief):
    receptions: list[ReceptionOut]
    duty_counts: list[DutyCount]


class DeputyPage(BaseModel):
    items: list[DeputyBrief]
    page: int
    page_size: int
    total: int


class DeputyQuery(PageQuery):
    village_id: int | None = None


def show_station(row: "stations.Station") -> StationBrief:
    return StationBrief(id=row.id, name=row.name, kind_name=stations.KIND_NAMES[row.kind], address=row.address)


def show_deputy(card: deputies.DeputyCard) -> DeputyBrief:
    return DeputyBrief(id=card.id, name=card.name, level_names=card.level_names, constituency=card.constituency,
                       title=card.title, station_name=card.station_name)


def show_receptions(cards: list[stations.ReceptionCard]) -> list[ReceptionOut]:
    """Reception days with their deputies, who are read together."""
    ids = sorted({number for card in cards for number in card.person_ids})
    people = {person.id: show_deputy(person) for person in deputies.build_cards(get_context().session, ids)}
    return [ReceptionOut(id=card.id, station=show_station(card.station), starts_at=iso(card.starts_at),
                         ends_at=iso(card.ends_at), deputies=[people[number] for number in card.person_ids])
            for card in cards]


@bp.get("/deputies")
@requires("public")
@bp.input(DeputyQuery, location="query")
@bp.output(DeputyPage)
def list_deputies(query_data: DeputyQuery) -> dict[str, object]:
    """Deputies with a mandate in force, those of a village's township when one is given."""
    session = get_context().session
    village = regions.get_region(session, query_data.village_id) if query_data.village_id else None
    found = deputies.list_public(session, village=village, page=query_data.page, page_size=query_data.page_size)
    return paged(found, query_data, show_deputy)


@bp.get("/deputies/<int:person_id>")
@requires("public")
@bp.output(DeputyOut)
def get_deputy(person_id: int) -> dict[str, object]:
    """The public profile: basic information and performance (代表法 §58)."""
    ctx = get_context()
    card = deputies.get_public(ctx.session, person_id)
    receptions = stations.list_receptions(ctx.session, after=ctx.now, person_id=person_id, limit=3)
    return {**show_deputy(card).model_dump(), "receptions": show_receptions(receptions),
            "duty_counts": [{"name": name, "count": count} for name, count in _counts(card)]}


def _counts(card: deputies.DeputyCard) -> list[tuple[str, int]]:
    ctx = get_context()
    region = regions.get_region(ctx.session, card.region_id)
    try:
        names = points.item_names(ctx, region, ctx.today)
    except Invalid:
        return []
    return [(names.get(code, code), count) for code, count in duties.counts_by_item(ctx, card.id, ctx.today.year)]
