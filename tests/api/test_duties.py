"""Duty records over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from models.duties import DutyRecord
from services import duties
from tests.api.conftest import code_of
from tests.api.test_media import send
from tests.factories import World


@pytest.fixture
def who(world: World) -> dict[str, str]:
    return world.token(world.deputy())


def report(client: FlaskClient, world: World, who: dict[str, str], *, photo_id: int | None = None,
           **changes: Any) -> Any:
    code = reportable(client, who)
    photos = [] if photo_id is None else [photo_id]
    body = {"item_code": code, "occurred_on": "2026-11-20", "title": "走访困难群众", "content": "走访三户",
            "photo_ids": photos} | changes
    return client.post("/api/v1/duties", json=body, headers=who)


def reportable(client: FlaskClient, who: dict[str, str]) -> str:
    plain = {"Authorization": who["Authorization"]}
    return str(client.get("/api/v1/duty-kinds", headers=plain).json["items"][0]["code"])  # type: ignore[index]


def photo(client: FlaskClient, world: World, who: dict[str, str]) -> int:
    return int(send(client, who, world.photo_bytes(), purpose="duty").json["id"])


def test_a_report_waits_for_its_checks_and_then_counts(
        client: FlaskClient, world: World, who: dict[str, str]) -> None:
    sent = report(client, world, who, photo_id=photo(client, world, who))
    assert (sent.status_code, sent.json["state"], sent.json["points_display"]) == (201, "submitted", None)
    duties.first_check(world.ctx_of(world.staff()), sent.json["id"])
    duties.second_check(world.ctx_of(world.staff("township_chair")), sent.json["id"])
    world.system.session.commit()
    shown = client.get(f"/api/v1/duties/{sent.json['id']}", headers=who).json
    assert shown is not None
    assert shown["state"] == "confirmed"
    assert shown["points_display"].startswith("+")
    listed = client.get("/api/v1/duties?year=2026", headers=who).json
    assert [row["id"] for row in listed["items"]] == [sent.json["id"]]  # type: ignore[index]
    assert client.get("/api/v1/duties?year=2025", headers=who).json["total"] == 0  # type: ignore[index]


def test_the_photo_of_a_report_is_shown_by_signed_address(
        client: FlaskClient, world: World, who: dict[str, str]) -> None:
    shown = report(client, world, who, photo_id=photo(client, world, who)).json
    assert client.get(shown["photos"][0]["url"]).status_code == 200


@pytest.mark.parametrize(("change", "code"), [
    ({"photo_ids": []}, "duty_needs_photo"), ({"occurred_on": "2026-11-24"}, "duty_in_future"),
    ({"occurred_on": "2026-10-23"}, "duty_too_old"), ({"item_code": "C1"}, "duty_item_not_reported"),
    ({"item_code": "Z9"}, "field_not_a_choice"), ({"title": " "}, "invalid_input"), ({"title": ""}, "invalid_input"),
    ({"title": "长" * 61}, "invalid_input"), ({"occurred_on": "yesterday"}, "invalid_input"),
    ({"content": "长" * 2001}, "invalid_input"), ({"photo_ids": [999_999]}, "photo_unknown")])
def test_a_report_that_is_not_right_leaves_nothing(
        client: FlaskClient, world: World, who: dict[str, str], change: dict[str, Any], code: str,
        count: Callable[[type], int]) -> None:
    taken = photo(client, world, who)
    assert code_of(report(client, world, who, photo_id=taken, **change)) == (422, code)
    assert count(DutyRecord) == 0
    assert report(client, world, who, photo_id=taken).status_code == 201, "the photo is still free"


def test_the_last_day_of_the_time_to_report_still_counts(
        client: FlaskClient, world: World, who: dict[str, str]) -> None:
    sent = report(client, world, who, photo_id=photo(client, world, who), occurred_on="2026-10-24")
    assert sent.status_code == 201


def test_a_record_of_another_deputy_does_not_exist(client: FlaskClient, world: World, who: dict[str, str]) -> None:
    duty_id = report(client, world, who, photo_id=photo(client, world, who)).json["id"]
    stranger = world.token(world.deputy(name="李四"))
    assert code_of(client.get(f"/api/v1/duties/{duty_id}", headers=stranger)) == (404, "not_found")
    assert client.get("/api/v1/duties", headers=stranger).json["total"] == 0  # type: ignore[index]


@pytest.mark.parametrize("year", [0, 10_000, -1])
def test_a_year_out_of_the_calendar_is_refused(
        client: FlaskClient, world: World, who: dict[str, str], year: int) -> None:
    assert code_of(client.get(f"/api/v1/duties?year={year}", headers=who)) == (422, "invalid_input")


def test_without_rules_a_deputy_is_told_so(client: FlaskClient, world: World) -> None:
    elsewhere = world._region("990201", "黑松县", "county", None)
    who = world.token(world.deputy(elsewhere))
    assert code_of(client.get("/api/v1/duty-kinds", headers=who)) == (422, "points_no_rules")
