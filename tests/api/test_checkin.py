"""Check-in over HTTP: what a phone sends, and each refusal with its sentence."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from models.checkin import Visit
from services import checkin, stations
from services.rules.sentences import SENTENCES
from services.stations import Station
from tests.api.conftest import code_of
from tests.factories import World

INSIDE = {"latitude": 28.1001, "longitude": 112.9001, "accuracy": 20}
OUTSIDE = {"latitude": 28.2, "longitude": 112.9, "accuracy": 20}


def scan(client: FlaskClient, who: dict[str, str], scanned: str, **proof: Any) -> Any:
    body = {"scene": scanned, "device_id": "device-0001"} | proof
    return client.post("/api/v1/check-ins", json=body, headers=who)


def refused(answer: Any) -> tuple[int, str]:
    """Status and code, and the sentence is the one of the code."""
    status, code = code_of(answer)
    sentence = SENTENCES[code].partition("{")[0]
    assert answer.json["error"]["message"].startswith(sentence)
    return status, code


@pytest.fixture
def station(world: World) -> Station:
    return world.create_station()


@pytest.fixture
def who(world: World) -> dict[str, str]:
    return world.token(world.deputy())


def test_the_first_scan_opens_a_visit_and_the_second_shows_the_same(
        client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    first = scan(client, who, world.scene(station), location=INSIDE)
    second = scan(client, who, world.scene(station), location=INSIDE)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json == second.json
    assert (first.json["state"], first.json["factor"], first.json["points_display"]) == ("open", "fence", None)


def test_a_location_leaves_no_trace_in_the_answer(
        client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    answer = scan(client, who, world.scene(station), location=INSIDE)
    assert "28.1" not in answer.get_data(as_text=True)


def test_checking_out_shows_the_points(
        client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    visit_id = scan(client, who, world.scene(station), location=INSIDE).json["id"]
    assert client.get("/api/v1/check-ins/current", headers=who).json["visit"]["id"] == visit_id  # type: ignore[index]
    world.clock.advance(minutes=40)
    left = client.post(f"/api/v1/check-ins/{visit_id}/check-out", headers=who).json
    assert left is not None
    assert (left["state"], left["points_display"]) == ("closed", "+2 分")
    assert client.get("/api/v1/check-ins/current", headers=who).json == {"visit": None}
    listed = client.get("/api/v1/check-ins", headers=who).json
    assert listed is not None
    assert (listed["total"], listed["items"][0]["points_display"]) == (1, "+2 分")


def test_the_printed_code_alone_is_no_proof(
        client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    assert refused(scan(client, who, world.scene(station))) == (422, "presence_required")


def test_a_scan_outside_the_fence(client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    assert refused(scan(client, who, world.scene(station), location=OUTSIDE)) == (422, "outside_fence")


def test_a_vague_location(client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    vague = INSIDE | {"accuracy": 5000}
    assert refused(scan(client, who, world.scene(station), location=vague)) == (422, "location_inaccurate")


def test_a_made_up_code(client: FlaskClient, world: World, who: dict[str, str]) -> None:
    assert refused(scan(client, who, "nosuchscene", location=INSIDE)) == (404, "scan_code_unknown")


def test_a_withdrawn_code(client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    old = world.scene(station)
    stations.replace_code(world.ctx_of(world.staff("county_office")), station.id)
    assert refused(scan(client, who, old, location=INSIDE)) == (410, "scan_code_expired")


def test_a_code_of_a_station_out_of_reach(client: FlaskClient, world: World, who: dict[str, str]) -> None:
    foreign = world.create_station(world.other_township, name="流沙镇人大代表工作站")
    assert refused(scan(client, who, world.scene(foreign), location=INSIDE)) == (403, "station_out_of_scope")


def test_a_closed_station(client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    stations.set_open(world.ctx_of(world.staff("county_office")), station.id, is_open=False)
    assert refused(scan(client, who, world.scene(station), location=INSIDE)) == (409, "station_closed")


def test_a_forged_screen_code(client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    shown = checkin.current_screen_code(world.system, station).code
    forged = f"{(int(shown) + 1) % 10**8:08d}"
    assert refused(scan(client, who, world.scene(station), screen_code=forged)) == (422, "screen_code_invalid")


def test_a_replayed_screen_code(client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    shown = checkin.current_screen_code(world.system, station).code
    other = world.token(world.deputy(name="李四"))
    assert scan(client, other, world.scene(station), screen_code=shown, device_id="device-0002").status_code == 201
    assert refused(scan(client, who, world.scene(station), screen_code=shown)) == (422, "screen_code_replayed")


def test_an_old_screen_code(client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    shown = checkin.current_screen_code(world.system, station).code
    world.clock.advance(seconds=61)
    assert refused(scan(client, who, world.scene(station), screen_code=shown)) == (422, "screen_code_expired")


def test_the_screen_code_of_another_station(
        client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    other = world.create_station(name="青石镇石桥村代表工作室")
    shown = checkin.current_screen_code(world.system, other).code
    assert refused(scan(client, who, world.scene(station), screen_code=shown)) == (422, "screen_code_other_station")


def test_a_second_phone_of_one_deputy(
        client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    visit_id = scan(client, who, world.scene(station), location=INSIDE).json["id"]
    world.clock.advance(minutes=40)
    client.post(f"/api/v1/check-ins/{visit_id}/check-out", headers=who)
    second = scan(client, who, world.scene(station), location=INSIDE, device_id="device-0002")
    assert refused(second) == (409, "device_not_bound")


def test_a_visit_that_is_open_elsewhere(
        client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    other = world.create_station(name="青石镇石桥村代表工作室")
    scan(client, who, world.scene(station), location=INSIDE)
    second = scan(client, who, world.scene(other), location=INSIDE)
    assert refused(second) == (409, "visit_open_elsewhere")
    assert station.name in second.json["error"]["message"]


def test_a_station_without_a_location(client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    station.latitude = station.longitude = None
    world.system.session.commit()
    assert refused(scan(client, who, world.scene(station), location=INSIDE)) == (422, "station_without_location")


def test_a_resident_is_told_that_this_is_for_deputies(client: FlaskClient, world: World, station: Station) -> None:
    resident = world.token(world.resident())
    assert refused(scan(client, resident, world.scene(station), location=INSIDE)) == (403, "deputy_only")


def test_a_visit_that_waits_for_the_clerk_can_be_withdrawn(
        client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    waiting = scan(client, who, world.scene(station), ask_clerk=True).json
    assert (waiting["state"], waiting["factor"]) == ("awaiting_confirmation", None)
    left = client.post(f"/api/v1/check-ins/{waiting['id']}/check-out", headers=who)
    assert (left.json["state"], left.json["points_note"]) == ("refused", "本人已撤回")  # type: ignore[index]


def test_a_visit_of_another_deputy_does_not_exist(
        client: FlaskClient, world: World, station: Station, who: dict[str, str]) -> None:
    visit_id = scan(client, who, world.scene(station), location=INSIDE).json["id"]
    stranger = world.token(world.deputy(name="李四"))
    assert code_of(client.post(f"/api/v1/check-ins/{visit_id}/check-out", headers=stranger)) == (404, "not_found")


@pytest.mark.parametrize(("change", "field"), [
    ({"scene": "abc"}, "scene"), ({"scene": None}, "scene"), ({"device_id": "short"}, "device_id"),
    ({"device_id": "x" * 65}, "device_id"), ({"screen_code": "1" * 13}, "screen_code"),
    ({"ask_clerk": "perhaps"}, "ask_clerk")])
def test_a_malformed_scan_names_its_field(
        client: FlaskClient, world: World, station: Station, who: dict[str, str], change: dict[str, Any],
        field: str) -> None:
    answer = scan(client, who, world.scene(station), **change)
    assert code_of(answer) == (422, "invalid_input")
    assert list(answer.json["error"]["fields"]) == [field]


@pytest.mark.parametrize("change", [{"latitude": 91}, {"longitude": -181}, {"accuracy": -1}, {"latitude": "north"}])
def test_a_place_that_is_not_on_earth_is_refused(
        client: FlaskClient, world: World, station: Station, who: dict[str, str], change: dict[str, Any]) -> None:
    answer = scan(client, who, world.scene(station), location=INSIDE | change)
    assert code_of(answer) == (422, "invalid_input")


def test_nothing_is_half_done_by_a_refusal(
        client: FlaskClient, world: World, station: Station, who: dict[str, str],
        count: Callable[[type], int]) -> None:
    scan(client, who, world.scene(station), location=OUTSIDE)
    scan(client, who, world.scene(station), screen_code="00000000")
    assert count(Visit) == 0
    again = scan(client, who, world.scene(station), location=INSIDE, device_id="device-0002")
    assert again.status_code == 201, "a refused scan must not bind its phone"
