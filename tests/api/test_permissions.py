"""Every route × every kind of visitor × own and other region, from the routes themselves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection
from werkzeug.test import TestResponse

from app.http.access import LEVELS
from services.rules.permissions import ROLE_PERMISSIONS, role_may
from tests.api.conftest import client_of, code_of
from tests.api.grid import OPEN_TO_ALL, ROLES, Call, Grid, Visitor, calls
from tests.factories import World

#: What a call with an empty body may answer to somebody who is let in.
LET_IN = {200, 201, 202, 204, 302, 303, 400, 409, 410, 413, 422}
#: Where an empty body is a wrong code, which is refused with 401.
ASK_FOR_A_CODE = {"/api/v1/me/phone", "/api/v1/me/phone-change", "/console/second-factor"}
_PERMISSIONS = frozenset().union(*ROLE_PERMISSIONS.values())


@pytest.fixture
def grid(world: World) -> Grid:
    return Grid(world)


@contextmanager
def undone(connection: Connection) -> Iterator[None]:
    """Whatever the call writes is taken back, so that each call meets the same things."""
    savepoint = connection.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()


def answers(client: FlaskClient, connection: Connection, visitor: Visitor, values: Callable[[Call], dict[str, Any]],
            which: list[Call]) -> dict[Call, TestResponse]:
    found = {}
    for call in which:
        with undone(connection):
            found[call] = visitor.ask(client, call, values(call))
    return found


def shut_out(call: Call, visitor: Visitor) -> tuple[int, str] | None:
    """The status, and the code of the API, for somebody who may not make the call at all; None when they may."""
    if call.access == "public":
        return None
    if call.is_console:
        return _shut_out_of_console(call, visitor)
    if call.access == "screen":
        return 401, ""  # nobody but a wall screen; tests/api/test_screens.py is its own
    if visitor.kind == "anonymous":
        return 401, "login_required"
    if visitor.kind in ROLES:
        return 401, "session_expired"
    return (403, "deputy_only") if call.access == "deputy" and visitor.kind == "resident" else None


def _shut_out_of_console(call: Call, visitor: Visitor) -> tuple[int, str] | None:
    if visitor.kind not in ROLES:
        return (302 if call.method == "GET" else 401), ""
    if call.access in LEVELS or role_may(visitor.kind, call.access):
        return None
    return 403, ""


def wrong(call: Call, visitor: Visitor, answer: TestResponse, *, own: bool) -> str:
    """What is wrong with an answer, or an empty string."""
    status = answer.status_code
    expected = shut_out(call, visitor)
    if expected is not None:
        code = answer.json["error"]["code"] if answer.mimetype == "application/json" and answer.json else ""
        to_door = status != 302 or answer.headers["Location"].startswith("/console/sign-in")
        return "" if (status, code) == expected and to_door else f"{status} {code} instead of {expected}"
    if call.access == "public":
        return "" if status < 500 and status != 403 else f"{status} on a public route"
    foreign = not own and call.arguments and call.rule not in OPEN_TO_ALL
    if foreign:
        return "" if status == 404 else f"{status} instead of 404 for a thing of elsewhere"
    is_wrong_code = status == 401 and call.rule in ASK_FOR_A_CODE
    return "" if status in LET_IN or is_wrong_code else f"{status} for somebody who may"


def problems(client: FlaskClient, connection: Connection, grid: Grid, visitor: Visitor, *, own: bool
             ) -> dict[str, str]:
    given = answers(client, connection, visitor, lambda call: grid.values_for(visitor, call),
                    calls(client.application))
    found = {str(call): wrong(call, visitor, answer, own=own) for call, answer in given.items()}
    return {call: problem for call, problem in found.items() if problem}


def test_every_route_declares_who_may_call_it(client: FlaskClient) -> None:
    assert {str(call): call.access for call in calls(client.application)
            if call.access not in LEVELS and call.access not in _PERMISSIONS} == {}


def test_a_route_that_declares_nothing_lets_nobody_in(
        client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    app = client.application
    app.add_url_rule("/api/v1/forgotten", "forgotten", lambda: "secret")
    answer = client.get("/api/v1/forgotten")
    assert code_of(answer) == (500, "internal_error")
    assert "secret" not in answer.get_data(as_text=True)


def test_who_is_not_logged_in_gets_nowhere(client: FlaskClient, connection: Connection, grid: Grid) -> None:
    assert problems(client, connection, grid, Visitor("anonymous"), own=True) == {}


@pytest.mark.parametrize("own", [True, False], ids=["own", "other"])
@pytest.mark.parametrize("kind", ["resident", "deputy"])
def test_accounts_reach_what_is_theirs_and_nothing_else(
        client: FlaskClient, connection: Connection, grid: Grid, kind: str, own: bool) -> None:
    assert problems(client, connection, grid, grid.account(kind, own=own), own=own) == {}


@pytest.mark.parametrize("own", [True, False], ids=["own", "other"])
@pytest.mark.parametrize("role", ROLES)
def test_staff_do_what_their_role_may_in_their_region(
        client: FlaskClient, connection: Connection, grid: Grid, role: str, own: bool) -> None:
    assert problems(client, connection, grid, grid.staff(role, own=own), own=own) == {}


def test_the_password_alone_opens_only_the_second_door(
        client: FlaskClient, connection: Connection, grid: Grid) -> None:
    visitor = grid.half_staff()
    behind = [call for call in calls(client.application)
              if call.is_console and call.access not in ("public", "half_staff")]
    given = answers(client, connection, visitor, lambda _call: grid.values, behind)
    assert {str(call): answer.status_code for call, answer in given.items()
            if answer.status_code != (302 if call.method == "GET" else 401)} == {}


# --- a thing of elsewhere is a thing that is not there ----------------------------------------------


def _pointing(app: Flask) -> list[Call]:
    return [call for call in calls(app) if call.arguments and call.access != "public" and call.rule not in OPEN_TO_ALL]


def _absent(values: dict[str, Any]) -> dict[str, Any]:
    return {name: 987_654 if isinstance(value, int) else "YJ9999999992026999999" for name, value in values.items()}


def _words(answer: TestResponse, address: str) -> tuple[int, str]:
    """The answer without the address that was asked for."""
    return answer.status_code, answer.get_data(as_text=True).replace(address, "")


@pytest.mark.parametrize("kind", ["resident", "deputy", *ROLES])
def test_what_is_elsewhere_answers_like_what_is_absent(
        client: FlaskClient, connection: Connection, grid: Grid, kind: str) -> None:
    visitor = grid.staff(kind, own=False) if kind in ROLES else grid.account(kind, own=False)
    which = [call for call in _pointing(client.application) if shut_out(call, visitor) is None]
    here = answers(client, connection, visitor, lambda call: grid.values_for(visitor, call), which)
    nowhere = answers(client, connection, visitor, lambda _call: _absent(grid.values), which)
    differing = [str(call) for call in which
                 if _words(here[call], call.address(grid.values_for(visitor, call)))
                 != _words(nowhere[call], call.address(_absent(grid.values)))]
    assert differing == []


def test_a_thing_inside_another_is_found_only_there(
        client: FlaskClient, connection: Connection, grid: Grid) -> None:
    visitor = grid.staff("county_office", own=True)
    nested = [call for call in calls(client.application) if len(call.arguments) > 1]
    assert nested
    given = answers(client, connection, visitor, lambda call: grid.values | grid.misplaced(call), nested)
    assert {str(call): answer.status_code for call, answer in given.items() if answer.status_code != 404} == {}


HOSTILE = [{"number": 0, "text": "0"}, {"number": 2**63, "text": "x" * 600}, {"number": 10**30, "text": "%00"},
           {"number": 2**31, "text": "%ED%A0%80"}, {"number": 2**64 - 1, "text": "%27%22%3B--"}]


@pytest.mark.parametrize("hostile", HOSTILE, ids=[str(one["number"]) for one in HOSTILE])
@pytest.mark.parametrize("kind", ["deputy", "county_office", "admin"])
def test_no_id_whatever_breaks_a_route(
        client: FlaskClient, connection: Connection, grid: Grid, kind: str, hostile: dict[str, Any]) -> None:
    visitor = grid.staff(kind, own=True) if kind in ROLES else grid.account(kind, own=True)
    values = {name: hostile["number"] if isinstance(value, int) else hostile["text"]
              for name, value in grid.values.items()}
    which = [call for call in calls(client.application) if call.arguments and shut_out(call, visitor) is None]
    given = answers(client, connection, visitor, lambda _call: values, which)
    assert {str(call): answer.status_code for call, answer in given.items() if answer.status_code >= 500} == {}


# --- the console's forms ----------------------------------------------------------------------------


def _posts(app: Flask, access: set[str] | None = None) -> list[Call]:
    return [call for call in calls(app) if call.is_console and call.method == "POST"
            and (access is None or call.access in access)]


@pytest.mark.parametrize("token", ["", "0" * 64, "another session's"])
def test_a_form_without_its_own_token_is_refused(
        client: FlaskClient, connection: Connection, grid: Grid, token: str) -> None:
    visitor = grid.staff("county_office", own=True)
    stale = {}
    for call in _posts(client.application):
        if shut_out(call, visitor) is not None:
            continue
        client.set_cookie("console_session", visitor.cookie, path="/console")
        with undone(connection):
            answer = client.post(call.address(grid.values), data={"csrf_token": token})
        if answer.status_code != 403:
            stale[str(call)] = answer.status_code
    assert stale == {}


def test_a_form_from_a_foreign_page_is_refused_even_with_a_token(
        client: FlaskClient, connection: Connection, grid: Grid) -> None:
    visitor = grid.staff("county_office", own=True)
    visitor.headers["Sec-Fetch-Site"] = "cross-site"
    which = [call for call in _posts(client.application) if shut_out(call, visitor) is None]
    given = answers(client, connection, visitor, lambda _call: grid.values, which)
    assert {str(call): answer.status_code for call, answer in given.items() if answer.status_code != 403} == {}


def test_signing_in_from_a_foreign_page_is_refused(client: FlaskClient, grid: Grid) -> None:
    (call,) = _posts(client.application, {"public"})
    visitor = Visitor("anonymous", headers={"Sec-Fetch-Site": "cross-site"})
    assert visitor.ask(client, call, {}).status_code == 403


def test_the_door_leads_back_to_where_one_wanted_to_go(client: FlaskClient, grid: Grid) -> None:
    answer = client.get("/console/opinions?state=open")
    assert (answer.status_code, answer.headers["Location"]) == (
        302, "/console/sign-in?next=/console/opinions?state%3Dopen")


def test_a_second_application_of_one_process_has_the_same_routes(client: FlaskClient, program: Any) -> None:
    assert calls(client.application) == calls(client_of(program).application)
