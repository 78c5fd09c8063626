"""The wall screen over HTTP: a cookie of its own, good for one page and one station."""

import re

import pytest
from flask.testing import FlaskClient

from services.context import Actor
from services.stations import Station
from tests.api.grid import token_for
from tests.factories import World

COOKIE = "station_screen"


@pytest.fixture
def station(world: World) -> Station:
    found = world.create_station()
    world.system.session.commit()
    return found


def _sign_in(client: FlaskClient, world: World, actor: Actor | None = None) -> str:
    cookie = world.console_cookie(actor or world.staff())
    client.set_cookie("console_session", cookie, path="/console")
    return token_for(client.application, cookie)


def _new_code(client: FlaskClient, world: World, station: Station) -> str:
    """The code as the clerk reads it off the page that shows it once."""
    form = {"csrf_token": _sign_in(client, world), "label": "一楼大厅"}
    page = client.post(f"/console/stations/{station.id}/screens", data=form).get_data(as_text=True)
    client.delete_cookie("console_session", path="/console")
    found = re.search(r'class="code pairing">(\w{4}) (\w{4})<', page)
    assert found is not None, page
    return "".join(found.groups())


def _open(client: FlaskClient, code: str) -> str:
    """Open the wall with a code; gives back the Set-Cookie line."""
    answer = client.post("/screen/open", data={"code": code})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/screen")
    return answer.headers["Set-Cookie"]


def test_the_wall_is_opened_once_and_goes_on_without_anybody(
        client: FlaskClient, world: World, station: Station) -> None:
    cookie = _open(client, _new_code(client, world, station))
    for part in (f"{COOKIE}=", "Path=/screen", "HttpOnly", "SameSite=Strict"):
        assert part in cookie
    for _day in range(8):
        world.clock.advance(days=1)
        assert client.post("/screen/seen").status_code == 204
        page, part = client.get("/screen"), client.get("/screen/now")
        assert (page.status_code, part.status_code) == (200, 200)
        assert station.name in page.get_data(as_text=True)
        assert "签到二维码" in part.get_data(as_text=True)
        assert page.headers["Cache-Control"] == part.headers["Cache-Control"] == "no-store"


def test_without_a_credential_the_wall_asks_for_a_code_and_shows_nothing(
        client: FlaskClient, world: World, station: Station) -> None:
    answer = client.get("/screen")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/screen/open")
    assert "开通码" in client.get("/screen/open").get_data(as_text=True)
    assert client.get("/screen/now").status_code == 401
    assert client.post("/screen/seen").status_code == 401
    _sign_in(client, world)
    assert client.get("/screen/now").status_code == 401


@pytest.mark.parametrize("code", ["", "22222222", "签到" * 300])
def test_a_wrong_code_is_told_on_the_same_page(client: FlaskClient, code: str) -> None:
    answer = client.post("/screen/open", data={"code": code})
    assert answer.status_code == 422
    assert "开通码不对" in answer.get_data(as_text=True)
    assert "Set-Cookie" not in answer.headers


def test_guessing_codes_is_stopped(client: FlaskClient) -> None:
    statuses = [client.post("/screen/open", data={"code": "22222222"}).status_code for _ in range(31)]
    assert (statuses[0], statuses[-1]) == (422, 429)


def test_the_walls_cookie_opens_nothing_else(client: FlaskClient, world: World, station: Station) -> None:
    cookie = _open(client, _new_code(client, world, station))
    value = re.match(rf"{COOKIE}=([^;]+)", cookie)
    assert value is not None
    client.set_cookie("console_session", value[1], path="/console")
    assert client.get(f"/console/stations/{station.id}").status_code == 302
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {value[1]}"}).status_code == 401


def test_a_withdrawn_wall_is_dark_at_once(client: FlaskClient, world: World, station: Station) -> None:
    _open(client, _new_code(client, world, station))
    token = _sign_in(client, world)
    page = client.get(f"/console/stations/{station.id}").get_data(as_text=True)
    assert "一楼大厅" in page
    (address,) = re.findall(r'action="(/console/stations/\d+/screens/\d+/revoke)"', page)
    assert client.post(address, data={"csrf_token": token}).status_code == 303
    assert client.get("/screen/now").status_code == 401
    assert client.get("/screen").status_code == 302
    assert "/revoke" not in client.get(f"/console/stations/{station.id}").get_data(as_text=True)

