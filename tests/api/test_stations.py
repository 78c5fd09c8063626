"""Stations, deputies, regions and scanned codes, as anybody sees them."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from models.stations import ScanCode
from services import checkin, stations
from services.rules.fences import Position
from tests.api.conftest import code_of
from tests.factories import World


def test_a_station_shows_place_people_and_reception_days(client: FlaskClient, world: World) -> None:
    deputy = world.deputy(name="刘代表")
    station = world.create_station(deputies=(deputy,))
    stations.plan_reception(world.ctx_of(world.staff("county_office")), station.id,
                            starts_at=world.clock() + timedelta(days=1), ends_at=world.clock() + timedelta(days=1.1),
                            person_ids=[deputy.person_id or 0])
    world.system.session.commit()
    shown = client.get(f"/api/v1/stations/{station.id}").json
    assert shown is not None
    assert (shown["region"]["name"], [row["name"] for row in shown["deputies"]]) == ("青石镇", ["刘代表"])
    assert [row["deputies"][0]["name"] for row in shown["receptions"]] == ["刘代表"]
    profile = client.get(f"/api/v1/deputies/{deputy.person_id}").json
    assert profile is not None
    assert (profile["station_name"], len(profile["receptions"])) == (station.name, 1)


def test_a_deputy_is_shown_without_a_phone_number(client: FlaskClient, world: World) -> None:
    deputy = world.deputy()
    shown = client.get(f"/api/v1/deputies/{deputy.person_id}").get_data(as_text=True)
    assert "138" not in shown


def test_a_closed_station_is_not_shown(client: FlaskClient, world: World) -> None:
    station = world.create_station()
    stations.set_open(world.ctx_of(world.staff("county_office")), station.id, is_open=False)
    world.system.session.commit()
    assert client.get("/api/v1/stations").json["total"] == 0  # type: ignore[index]
    assert code_of(client.get(f"/api/v1/stations/{station.id}")) == (404, "not_found")


def test_stations_and_deputies_are_found_by_township(client: FlaskClient, world: World) -> None:
    here, deputy = world.create_station(world.village), world.deputy()
    world.create_station(world.other_township, name="流沙镇人大代表工作站")
    world.deputy(world.other_township)
    found = client.get(f"/api/v1/stations?township_id={world.township.id}").json
    assert [row["id"] for row in found["items"]] == [here.id]  # type: ignore[index]
    people = client.get(f"/api/v1/deputies?village_id={world.village.id}").json
    assert [row["id"] for row in people["items"]] == [deputy.person_id]  # type: ignore[index]
    assert code_of(client.get("/api/v1/deputies?village_id=999999")) == (404, "region_unknown")


def test_pages_follow_each_other(client: FlaskClient, world: World) -> None:
    ids = [world.create_station(name=f"第{number}站").id for number in range(5)]
    world.system.session.commit()
    pages = [client.get(f"/api/v1/stations?page={page}&page_size=2").json for page in (1, 2, 3, 4)]
    assert [[row["id"] for row in page["items"]] for page in pages] == [ids[:2], ids[2:4], ids[4:], []]  # type: ignore[index]
    assert {page["total"] for page in pages} == {5}  # type: ignore[index]


# --- scanned codes ----------------------------------------------------------------------------------


def test_a_scene_and_the_digits_under_it_open_the_same_station(client: FlaskClient, world: World) -> None:
    station = world.create_station()
    who = world.token(world.resident())
    digits = world.system.session.scalars(select(ScanCode.short_code)).one()
    spaced = f"{digits[:4]} {digits[4:]}"
    shown = [client.get(f"/api/v1/scan-codes/{code}", headers=who).json
             for code in (world.scene(station), digits, spaced)]
    assert shown[0] == shown[1] == shown[2]
    assert (shown[0]["station"]["id"], shown[0]["open_visit"]) == (station.id, None)  # type: ignore[index]


def test_a_scan_shows_the_visit_that_is_open_here(client: FlaskClient, world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    done = checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id="device-0001",
                            proof=checkin.Proof(location=Position(28.1, 112.9, 20)))
    shown = client.get(f"/api/v1/scan-codes/{world.scene(station)}", headers=world.token(deputy)).json
    assert shown["open_visit"]["id"] == done.visit.id  # type: ignore[index]


def test_unknown_and_withdrawn_codes_and_closed_stations_say_which(client: FlaskClient, world: World) -> None:
    station, who, clerk = world.create_station(), world.token(world.resident()), world.staff("county_office")
    old = world.scene(station)
    stations.replace_code(world.ctx_of(clerk), station.id)
    world.system.session.commit()
    assert code_of(client.get("/api/v1/scan-codes/nosuchscene", headers=who)) == (404, "scan_code_unknown")
    assert code_of(client.get(f"/api/v1/scan-codes/{old}", headers=who)) == (410, "scan_code_expired")
    stations.set_open(world.ctx_of(clerk), station.id, is_open=False)
    world.system.session.commit()
    fresh = world.scene(station)
    assert code_of(client.get(f"/api/v1/scan-codes/{fresh}", headers=who)) == (409, "station_closed")


@pytest.mark.parametrize(("query", "target"), [("", "scene=abc"), ("?k=12345678", "scene=abc&k=12345678")])
def test_a_scanned_web_address_leads_to_the_check_in_page(client: FlaskClient, query: str, target: str) -> None:
    answer = client.get(f"/s/abc{query}")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/m/#/pages-duty/check-in/check-in?{target}")


# --- regions and configuration ----------------------------------------------------------------------


def test_a_person_chooses_county_township_village(client: FlaskClient, world: World) -> None:
    def below(parent: str) -> list[str]:
        return [row["name"] for row in client.get(f"/api/v1/regions{parent}").json["items"]]  # type: ignore[index]

    assert below("") == ["白鹿县"]
    assert below(f"?parent_id={world.county.id}") == ["青石镇", "流沙镇"]
    assert below(f"?parent_id={world.township.id}") == ["石桥村"]
    assert below(f"?parent_id={world.village.id}") == below("?parent_id=999999") == []


def test_what_the_app_needs_before_log_in_is_public(client: FlaskClient, world: World) -> None:
    told = client.get("/api/v1/config").json
    assert told is not None
    assert told["limits"] == {"photos": 9, "opinion_chars": 5000, "photo_mb": 10}
    assert told["template_ids"]["notice"] == "tmpl-notice"
    assert (told["demo"], len(told["categories"])) == (False, 14)
