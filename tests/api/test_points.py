"""Points over HTTP."""

import pytest
from flask.testing import FlaskClient

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
    entry = client.get("/api/v1/points/entries", headers=who).json["items"][0]["id"]  # type: ignore[index]
    points.reverse(world.ctx_of(world.staff("county_office")), entry, reason="重复登记")
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
