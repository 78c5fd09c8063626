"""What every request has in common: ids, headers, refusals, limits."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.http.access import requires
from app.program import Program
from models.comments import Opinion
from models.identity import OneTimeCode
from services.context import Gateways
from services.errors import Conflict
from tests.api import contract
from tests.api.conftest import client_of, code_of
from tests.api.test_comments import form
from tests.factories import World
from tests.fakes import FakeCodeSender

#: One page of each kind: JSON, console, landing, phone page's absence, callback.
PLACES = ["/api/v1/config", "/api/v1/me", "/api/v1/nowhere", "/console/sign-in", "/healthz", "/metrics",
          "/wechat/callback/mini"]


# --- request ids ------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["abcdefgh", "A-b_c-1234", "x" * 64])
def test_the_id_of_a_request_is_echoed(client: FlaskClient, given: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "with space", "<script>", "中文的编号中文的编号"])
def test_an_id_that_is_not_plain_is_replaced(client: FlaskClient, given: str) -> None:
    made = client.get("/healthz", environ_overrides={"HTTP_X_REQUEST_ID": given.encode().decode("latin-1")})
    assert made.headers["X-Request-ID"] != given
    assert len(made.headers["X-Request-ID"]) == 16


def test_two_requests_get_two_ids(client: FlaskClient) -> None:
    assert len({client.get("/healthz").headers["X-Request-ID"] for _ in range(2)}) == 2


def test_a_refusal_names_its_request(client: FlaskClient, world: World) -> None:
    refused = client.get("/api/v1/me", headers={"X-Request-ID": "call-12345678"})
    assert refused.json["error"]["request_id"] == "call-12345678"  # type: ignore[index]


# --- headers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", PLACES)
def test_every_answer_carries_the_security_headers(client: FlaskClient, world: World, place: str) -> None:
    headers = client.get(place).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["frame-ancestors"], policy["form-action"]) == (
        "'self'", "'self'", "'self'", "'self'")
    assert (headers["X-Content-Type-Options"], headers["X-Frame-Options"]) == ("nosniff", "SAMEORIGIN")
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("place", ["/api/v1/config", "/api/v1/me", "/api/v1/nowhere", "/console/sign-in"])
def test_answers_about_people_are_not_stored_on_the_way(client: FlaskClient, world: World, place: str) -> None:
    assert client.get(place).headers["Cache-Control"] == "no-store"


def test_a_picture_may_be_kept_by_its_reader_only(client: FlaskClient, world: World) -> None:
    from tests.api.test_media import send

    url = send(client, world.token(world.resident()), world.photo_bytes()).json["url"]
    assert client.get(url).headers["Cache-Control"] == "private, max-age=3600"


# --- refusals ---------------------------------------------------------------------------------------


def test_an_address_that_does_not_exist(client: FlaskClient) -> None:
    assert code_of(client.get("/api/v1/nowhere")) == (404, "not_found")


def test_a_method_that_is_not_meant(client: FlaskClient) -> None:
    refused = client.delete("/api/v1/config")
    assert code_of(refused) == (405, "method_not_allowed")


def test_no_other_method_than_patch_is_put_on_a_post(client: FlaskClient, world: World) -> None:
    who = world.token(world.resident()) | {"X-HTTP-Method-Override": "DELETE"}
    answer = FlaskClient.open(client, "/api/v1/sessions/current", method="POST", headers=who)
    assert answer.status_code == 405


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b'"text"', b"\xff\xfe", b'{"text": NaN', b"null"])
def test_a_body_that_is_no_object_is_refused(client: FlaskClient, world: World, body: bytes) -> None:
    refused = client.post("/api/v1/opinions", data=body, content_type="application/json",
                          headers=world.token(world.resident()))
    assert refused.status_code in (400, 422)


def test_a_form_instead_of_json_is_refused(client: FlaskClient, world: World) -> None:
    refused = client.post("/api/v1/opinions", data={"text": "x"}, headers=world.token(world.resident()))
    assert refused.status_code in (400, 415, 422)


def test_a_body_over_twelve_megabytes_is_refused(client: FlaskClient, world: World) -> None:
    refused = client.post("/api/v1/opinions", data=b'{"text": "' + b"x" * 13 * 1024 * 1024 + b'"}',
                          content_type="application/json", headers=world.token(world.resident()))
    assert code_of(refused) == (413, "too_large")


@pytest.mark.parametrize("change", [
    {"text": "路灯\0坏了"}, {"text": "路灯\ud800坏了"}, {"village_id": 10**30}, {"village_id": -1},
    {"photo_ids": [10**30]}, {"village_id": 1e400}, {"category": "\0"}])
def test_what_no_column_can_hold_is_refused_or_kept_and_never_breaks(
        client: FlaskClient, world: World, change: dict[str, Any]) -> None:
    answer = client.post("/api/v1/opinions", data=json.dumps(form(world, **change)), content_type="application/json",
                         headers=world.token(world.resident()))
    assert answer.status_code in (201, 400, 404, 422)


@pytest.mark.parametrize("path", [
    "/api/v1/regions?parent_id=1000000000000000000000000000000", "/api/v1/stations?township_id=99999999999999999999",
    "/api/v1/deputies?village_id=9999999999999999999999", "/api/v1/stations?page=10000&page_size=100"])
def test_a_question_about_an_impossible_number_never_breaks(client: FlaskClient, world: World, path: str) -> None:
    assert client.get(path).status_code in (200, 404, 422)


def _break(app: Flask, error: Exception) -> None:
    @requires("public")
    def broken() -> str:
        raise error

    app.add_url_rule("/api/v1/broken", "broken", broken)
    app.add_url_rule("/console/broken", "console_broken", broken)


@pytest.mark.parametrize("place", ["/api/v1/broken", "/console/broken"])
def test_a_fault_of_ours_says_nothing_of_itself(
        program: Program, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    client = client_of(program)
    _break(client.application, ValueError("13800000000 in SELECT password"))
    answer = client.get(place)
    told = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert not {"ValueError", "13800000000", "SELECT", "Traceback"} & set(told.replace('"', " ").split())
    assert "13800000000" not in told
    assert answer.headers["X-Request-ID"] in told


def test_the_log_of_a_fault_names_its_kind_and_place_and_never_its_text(
        program: Program, capsys: pytest.CaptureFixture[str]) -> None:
    client = client_of(program)
    _break(client.application, ValueError("what a person typed"))
    client.get("/api/v1/broken")
    logged = capsys.readouterr().err
    assert "unexpected ValueError" in logged
    assert "in broken" in logged
    assert "what a person typed" not in logged


def test_a_commit_that_fails_is_an_ordinary_fault(
        client: FlaskClient, world: World, count: Callable[[type], int], capsys: pytest.CaptureFixture[str]) -> None:
    who, text = world.token(world.resident()), "-".join(["what", "a", "person", "typed"])

    def fail(_session: Session) -> None:
        raise RuntimeError(text)

    event.listen(Session, "before_commit", fail)
    try:
        answer = client.post("/api/v1/opinions", json=form(world), headers=who)
    finally:
        event.remove(Session, "before_commit", fail)
    assert code_of(answer) == (500, "internal_error")
    assert count(Opinion) == 0
    assert text not in capsys.readouterr().err


def test_a_refusal_undoes_everything(client: FlaskClient, world: World, count: Callable[[type], int]) -> None:
    app = client.application

    @requires("account")
    def half_way() -> str:
        from app.http.lifecycle import get_context
        from services import comments
        from services.rules import privacy

        comments.submit(get_context(), comments.OpinionForm("路灯坏了", "road", world.village.id, privacy.VERSION))
        raise Conflict("stale_page")

    app.add_url_rule("/api/v1/half-way", "half_way", half_way, methods=["POST"])
    assert code_of(client.post("/api/v1/half-way", headers=world.token(world.resident()))) == (409, "stale_page")
    assert count(Opinion) == 0


def test_a_refusal_in_the_console_is_a_page(client: FlaskClient, world: World) -> None:
    client.set_cookie("console_session", world.console_cookie(world.staff()), path="/console")
    refused = client.get("/console/opinions/YJ000")
    assert (refused.status_code, refused.mimetype) == (404, "text/html")
    assert "没有找到" in refused.get_data(as_text=True)


# --- limits -----------------------------------------------------------------------------------------


def test_too_many_attempts_have_to_wait(client: FlaskClient, world: World) -> None:
    answers = [client.post("/api/v1/sessions/wechat", json={"login_code": "nothing"}) for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {401}
    assert code_of(answers[60]) == (429, "too_many_requests")
    wait = int(answers[60].headers["Retry-After"])
    assert wait > 0
    assert f"{wait}秒" in answers[60].json["error"]["message"]  # type: ignore[index]


def test_a_limit_per_person_does_not_touch_the_next_one(client: FlaskClient, world: World) -> None:
    first, second = world.token(world.resident()), world.token(world.resident())
    answers = [client.post("/api/v1/opinions", json=form(world), headers=first).status_code for _ in range(11)]
    assert answers == [201] * 10 + [429]
    assert client.post("/api/v1/opinions", json=form(world), headers=second).status_code == 201


def test_what_protects_an_account_closes_while_redis_is_away(
        without_redis: FlaskClient, world: World, gateways: Gateways, count: Callable[[type], int]) -> None:
    refused = without_redis.post("/api/v1/sessions/phone-codes", json={"phone": world.phone()})
    assert code_of(refused) == (503, "limits_unavailable")
    assert count(OneTimeCode) == 0
    assert isinstance(gateways.code_sender, FakeCodeSender)
    assert gateways.code_sender.sent == []


def test_what_people_do_stays_open_while_redis_is_away(without_redis: FlaskClient, world: World) -> None:
    who = world.token(world.resident())
    assert without_redis.post("/api/v1/opinions", json=form(world), headers=who).status_code == 201
    assert without_redis.get("/api/v1/home", headers=who).status_code == 200
    assert without_redis.post("/api/v1/assistant/messages", json={"text": "帮助"}, headers=who).status_code == 200


def test_every_limit_is_open_or_closed_by_choice(client: FlaskClient) -> None:
    limited = {name: view.rate for name, view in _views(client.application).items() if hasattr(view, "rate")}
    assert {choice for _rate, _per, choice in limited.values()} == {"open", "closed"}
    closed = {name for name, (_rate, _per, choice) in limited.items() if choice == "closed"}
    assert {"identity.ask_phone_code", "identity.login_with_phone", "identity.bind_phone"} <= closed


def _views(app: Flask) -> dict[str, Any]:
    return dict(app.view_functions)


# --- the process ------------------------------------------------------------------------------------


def test_alive_says_so_without_asking_anybody(client: FlaskClient) -> None:
    assert (client.get("/healthz").status_code, client.get("/healthz").json) == (200, {"status": "ok"})


def test_ready_tells_a_stopped_worker_and_stays_ready(client: FlaskClient, world: World) -> None:
    told = client.get("/readyz")
    assert (told.status_code, told.json["ready"]) == (200, True)  # type: ignore[index]
    assert told.json["checks"] == {"database": "ok", "redis": "ok", "worker": "stopped", "queue": "ok"}  # type: ignore[index]


def test_ready_sees_a_working_worker(client: FlaskClient, world: World) -> None:
    from services import schedule

    schedule.beat(world.system, "host:1")
    world.system.session.commit()
    assert client.get("/readyz").json["checks"]["worker"] == "ok"  # type: ignore[index]


def test_ready_tells_work_that_nobody_takes(client: FlaskClient, world: World) -> None:
    world.opinion(world.resident())
    world.system.session.commit()
    world.clock.advance(seconds=121)
    assert client.get("/readyz").json["checks"]["queue"] == "stuck"  # type: ignore[index]


def test_without_redis_people_are_still_served(without_redis: FlaskClient, world: World) -> None:
    told = without_redis.get("/readyz")
    assert (told.status_code, told.json["checks"]["redis"]) == (200, "away")  # type: ignore[index]


def test_without_a_database_nobody_can_be_served(program: Program) -> None:
    from models.db import make_engine

    lost = make_engine("sqlite:////nonexistent/folder/lost.db")
    told = client_of(replace(program, engine=lost, reading_engine=lost)).get("/readyz")
    assert (told.status_code, told.json["ready"]) == (503, False)  # type: ignore[index]
    assert told.json["checks"]["database"] == "away"  # type: ignore[index]


def test_metrics_count_by_rule_and_name_nobody(client: FlaskClient, world: World) -> None:
    opinion = world.opinion(world.resident())
    client.get(f"/api/v1/opinions/{opinion.number}", headers=world.token(world.resident()))
    text = client.get("/metrics").get_data(as_text=True)
    assert 'http_requests_total{method="GET",route="/api/v1/opinions/<number>",status="404"}' in text
    assert opinion.number not in text


def test_an_unknown_address_is_counted_as_such(client: FlaskClient) -> None:
    client.get("/api/v1/13800000000")
    text = client.get("/metrics").get_data(as_text=True)
    assert 'route="unknown"' in text
    assert "13800000000" not in text


def test_the_envelope_is_the_one_of_the_contract(client: FlaskClient) -> None:
    contract.check_envelope(client.get("/api/v1/nowhere"))
