"""Points over HTTP."""

from io import BytesIO

import pytest
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from models.points import PointEntry
from services import points
from services.context import Actor
from tests.api.conftest import code_of
from tests.factories import World


def earn(world: World, deputy: Actor, *, times: int = 1, code: str = "C1") -> None:
    ctx = world.system
    for number in range(times):
        points.post(ctx, person_id=deputy.person_id or 0, item_code=code, cause=f"test:{deputy.person_id}:{number}",
                    occurred_on=ctx.today)
    ctx.session.commit()


def test_totals_are_told_by_mandate_and_block(client: FlaskClient, world: World) -> None:
    deputy = world.deputy()
    earn(world, deputy, times=2)
    told = client.get("/api/v1/points", headers=world.token(deputy)).json
    assert told is not None
    assert (told["year"], [row["total"] for row in told["mandates"]]) == (2026, ["4"])
    assert sum(float(block["total"]) for block in told["mandates"][0]["blocks"]) == 4


def test_each_line_of_the_book_shows_its_arithmetic(client: FlaskClient, world: World) -> None:
    deputy = world.deputy()
    earn(world, deputy)
    (line,) = client.get("/api/v1/points/entries", headers=world.token(deputy)).json["items"]  # type: ignore[index]
    assert (line["item_code"], line["amount"], line["rule_version"], line["reversed"]) == ("C1", "+2", "2026-1", False)
    assert "每次2分" in line["arithmetic"]


def test_a_reversed_line_says_so_and_both_stay(client: FlaskClient, world: World) -> None:
    deputy = world.deputy()
    earn(world, deputy)
    who = world.token(deputy)
    entry = world.system.session.scalars(select(PointEntry)).one()
    points.reverse(world.ctx_of(world.staff("county_office")), entry.mandate_id, entry.id, reason="重复登记")
    world.system.session.commit()
    lines = client.get("/api/v1/points/entries", headers=who).json["items"]  # type: ignore[index]
    assert [(line["amount"], line["reversed"]) for line in lines] == [("-2", False), ("+2", True)]
    assert client.get("/api/v1/points", headers=who).json["mandates"][0]["total"] == "0"  # type: ignore[index]


def test_another_year_has_its_own_book(client: FlaskClient, world: World) -> None:
    deputy = world.deputy()
    earn(world, deputy)
    who = world.token(deputy)
    assert client.get("/api/v1/points/entries?year=2025", headers=who).json["total"] == 0  # type: ignore[index]
    assert client.get("/api/v1/points?year=2026", headers=who).json["year"] == 2026  # type: ignore[index]


def test_the_book_of_another_deputy_stays_closed(client: FlaskClient, world: World) -> None:
    deputy, other = world.deputy(), world.deputy(name="李四")
    earn(world, other)
    foreign = client.get("/api/v1/points", headers=world.token(other)).json["mandates"][0]["mandate_id"]  # type: ignore[index]
    told = client.get(f"/api/v1/points/entries?mandate_id={foreign}", headers=world.token(deputy)).json
    assert told is not None
    assert (told["items"], told["total"]) == ([], 0)


@pytest.mark.parametrize("query", ["year=1999", "year=2101", "year=now", "page=0", "page_size=101", "page=10001"])
def test_a_question_out_of_range_is_refused(client: FlaskClient, world: World, query: str) -> None:
    refused = client.get(f"/api/v1/points/entries?{query}", headers=world.token(world.deputy()))
    assert code_of(refused) == (422, "invalid_input")
    assert list(refused.json["error"]["fields"]) == [query.partition("=")[0]]  # type: ignore[index]


def test_a_resident_has_no_points(client: FlaskClient, world: World) -> None:
    assert code_of(client.get("/api/v1/points", headers=world.token(world.resident()))) == (403, "deputy_only")


def test_the_deputy_reads_what_is_missing_this_year_and_nothing_of_earlier_years(
        client: FlaskClient, world: World) -> None:
    deputy = world.deputy()
    who = world.token(deputy)

    def told(query: str = "") -> dict[str, object]:
        return client.get(f"/api/v1/points{query}", headers=who).json["mandates"][0]  # type: ignore[index,no-any-return]

    assert "本季度还差一次接待" in told()["missing"]  # type: ignore[operator]
    earn(world, deputy)
    assert "本季度还差一次接待" not in told()["missing"]  # type: ignore[operator]
    assert told("?year=2027")["missing"] == []
    assert told()["quarter"] is None


# --- the console ------------------------------------------------------------------------------------


def test_the_ranking_page_and_its_table_follow_the_filters(client: FlaskClient, world: World) -> None:
    high, low = world.deputy(name="王建国"), world.deputy(name="李四")
    earn(world, high, times=3)
    earn(world, low)
    client.set_cookie("console_session", world.console_cookie(world.staff()), path="/console")
    page = client.get("/console/points/ranking?year=2026").get_data(as_text=True)
    assert 0 < page.index("王建国") < page.index("李四")
    assert "须经人确认" in page
    table = client.get("/console/points/ranking.xlsx?year=2026")
    assert table.mimetype.endswith("spreadsheetml.sheet")
    names = [row[1] for row in CalamineWorkbook.from_filelike(BytesIO(table.data)).get_sheet_by_index(0).to_python()]
    assert names[2:] == ["王建国", "李四"]


def test_a_congress_of_elsewhere_is_not_shown_however_it_is_asked_for(client: FlaskClient, world: World) -> None:
    world.deputy(name="王建国")
    world.deputy(world.other_township, name="外镇代表")
    foreign = world.congress(world.other_township).id
    client.set_cookie("console_session", world.console_cookie(world.staff()), path="/console")
    page = client.get(f"/console/points/ranking?congress={foreign}").get_data(as_text=True)
    assert "王建国" in page
    assert "外镇代表" not in page


def test_a_region_without_deputies_has_no_ranking_and_no_table(client: FlaskClient, world: World) -> None:
    client.set_cookie("console_session", world.console_cookie(world.staff()), path="/console")
    assert "还没有在任代表" in client.get("/console/points/ranking").get_data(as_text=True)
    assert client.get("/console/points/ranking.xlsx").headers["Location"] == "/console/points/ranking"
