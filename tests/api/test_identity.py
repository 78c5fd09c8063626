"""Logging in over HTTP: WeChat, phone, seats and sessions."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.program import Program
from models.deputies import Mandate
from models.identity import Account, LoginSession, OneTimeCode, SeatClaim
from services import mandates
from services.context import Gateways
from services.errors import Unavailable
from services.identity import CODE_ATTEMPTS, SESSION_LIFE
from tests.api.conftest import client_of, code_of
from tests.factories import World
from tests.fakes import FakeCodeSender, FakeIdentity


@pytest.fixture
def wechat(gateways: Gateways) -> FakeIdentity:
    assert isinstance(gateways.identity, FakeIdentity)
    return gateways.identity


@pytest.fixture
def sms(gateways: Gateways) -> FakeCodeSender:
    assert isinstance(gateways.code_sender, FakeCodeSender)
    return gateways.code_sender


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def log_in(client: FlaskClient, wechat: FakeIdentity, openid: str) -> dict[str, str]:
    wechat.logins["code"] = openid
    return bearer(client.post("/api/v1/sessions/wechat", json={"login_code": "code"}).json["token"])  # type: ignore[index]


def bind(client: FlaskClient, wechat: FakeIdentity, who: dict[str, str], phone: str) -> Any:
    wechat.phones["phone-code"] = phone
    return client.post("/api/v1/me/phone", json={"phone_code": "phone-code"}, headers=who)


# --- WeChat -----------------------------------------------------------------------------------------


def test_a_first_wechat_login_makes_a_resident_who_is_asked_for_a_phone(
        client: FlaskClient, world: World, wechat: FakeIdentity) -> None:
    wechat.logins["c1"] = "openid-new"
    answer = client.post("/api/v1/sessions/wechat", json={"login_code": "c1"}).json
    assert answer is not None
    assert (answer["me"]["role"], answer["me"]["needs_phone"], answer["me"]["person"]) == ("resident", True, None)
    assert client.get("/api/v1/me", headers=bearer(answer["token"])).json == answer["me"]


def test_the_same_openid_comes_back_to_the_same_account(
        client: FlaskClient, world: World, wechat: FakeIdentity) -> None:
    first, second = log_in(client, wechat, "openid-1"), log_in(client, wechat, "openid-1")
    accounts = [client.get("/api/v1/me", headers=who).json["account_id"] for who in (first, second)]  # type: ignore[index]
    assert accounts[0] == accounts[1]


def test_a_login_code_works_once(client: FlaskClient, world: World, wechat: FakeIdentity) -> None:
    wechat.logins["c1"] = "openid-1"
    client.post("/api/v1/sessions/wechat", json={"login_code": "c1"})
    assert code_of(client.post("/api/v1/sessions/wechat", json={"login_code": "c1"})) == (401, "code_invalid")


def test_a_phone_on_the_roster_claims_the_seat(client: FlaskClient, world: World, wechat: FakeIdentity) -> None:
    phone = world.phone()
    world.create_person(name="刘代表", phone=phone)
    who = log_in(client, wechat, "openid-1")
    me = bind(client, wechat, who, phone).json
    assert (me["role"], me["name"], me["person"]["mandates"][0]["level"]) == ("deputy", "刘代表", "township")
    assert client.get("/api/v1/points", headers=who).status_code == 200


def test_a_phone_that_is_not_on_the_roster_stays_with_the_resident_masked(
        client: FlaskClient, world: World, wechat: FakeIdentity) -> None:
    phone = world.phone()
    me = bind(client, wechat, log_in(client, wechat, "openid-1"), phone).json
    assert (me["role"], me["phone_masked"]) == ("resident", f"{phone[:3]}****{phone[7:]}")


def test_a_taken_seat_is_refused_and_kept_for_the_clerk(
        client: FlaskClient, world: World, wechat: FakeIdentity, rows: Callable[[type], list[Any]]) -> None:
    phone = world.phone()
    world.create_person(phone=phone)
    bind(client, wechat, log_in(client, wechat, "openid-owner"), phone)
    claimant = log_in(client, wechat, "openid-second")
    refused = bind(client, wechat, claimant, phone)
    assert code_of(refused) == (409, "seat_taken")
    assert [claim.state for claim in rows(SeatClaim)] == ["pending"]
    me = client.get("/api/v1/me", headers=claimant).json
    assert me is not None
    assert (me["role"], me["seat_claim"]) == ("resident", "pending")


def test_asking_again_for_a_taken_seat_opens_no_second_claim(
        client: FlaskClient, world: World, wechat: FakeIdentity, count: Callable[[type], int]) -> None:
    phone = world.phone()
    world.create_person(phone=phone)
    bind(client, wechat, log_in(client, wechat, "openid-owner"), phone)
    claimant = log_in(client, wechat, "openid-second")
    assert [code_of(bind(client, wechat, claimant, phone))[0] for _ in range(2)] == [409, 409]
    assert count(SeatClaim) == 1


def test_a_used_phone_code_is_refused(client: FlaskClient, world: World, wechat: FakeIdentity) -> None:
    who = log_in(client, wechat, "openid-1")
    bind(client, wechat, who, world.phone())
    again = client.post("/api/v1/me/phone", json={"phone_code": "phone-code"}, headers=who)
    assert code_of(again) == (401, "code_invalid")


def test_who_came_by_phone_cannot_bind_a_wechat_phone(client: FlaskClient, world: World) -> None:
    who = world.token(world.resident())
    assert code_of(client.post("/api/v1/me/phone", json={"phone_code": "x"}, headers=who)) == (401, "code_invalid")


def test_a_platform_out_of_reach_says_so(program: Program, world: World, gateways: Gateways) -> None:
    class Away(FakeIdentity):
        def exchange_login_code(self, code: str) -> Any:
            raise Unavailable("wechat_unavailable", retry_after=5)

    client = client_of(replace(program, gateways=replace(gateways, identity=Away())))
    refused = client.post("/api/v1/sessions/wechat", json={"login_code": "x"})
    assert (*code_of(refused), refused.headers["Retry-After"]) == (503, "wechat_unavailable", "5")


# --- tokens -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Token abc"])
def test_without_a_token_a_person_is_asked_to_log_in(client: FlaskClient, world: World, header: str) -> None:
    assert code_of(client.get("/api/v1/me", headers={"Authorization": header})) == (401, "login_required")


def test_a_foreign_token_is_refused(client: FlaskClient, world: World) -> None:
    assert code_of(client.get("/api/v1/me", headers=bearer("made-up"))) == (401, "session_expired")


def test_a_token_ends_after_thirty_days(client: FlaskClient, world: World) -> None:
    who = world.token(world.resident())
    world.clock.moment += SESSION_LIFE - timedelta(seconds=1)
    assert client.get("/api/v1/me", headers=who).status_code == 200
    world.clock.moment += timedelta(seconds=1)
    assert code_of(client.get("/api/v1/me", headers=who)) == (401, "session_expired")


def test_a_console_token_opens_nothing_of_the_api(client: FlaskClient, world: World) -> None:
    token = world.console_cookie(world.staff())
    assert code_of(client.get("/api/v1/me", headers=bearer(token))) == (401, "session_expired")


def test_an_api_token_opens_nothing_of_the_console(client: FlaskClient, world: World) -> None:
    token = world.token(world.deputy())["Authorization"].partition(" ")[2]
    client.set_cookie("console_session", token, path="/console")
    assert client.get("/console/").status_code == 302


def test_rotation_gives_a_new_token_and_ends_the_old_one(client: FlaskClient, world: World) -> None:
    old = world.token(world.resident())
    fresh = client.post("/api/v1/sessions/rotation", headers=old).json
    assert fresh is not None
    assert code_of(client.get("/api/v1/me", headers=old)) == (401, "session_expired")
    assert client.get("/api/v1/me", headers=bearer(fresh["token"])).status_code == 200


def test_logging_out_ends_the_token(client: FlaskClient, world: World) -> None:
    who = world.token(world.resident())
    assert client.delete("/api/v1/sessions/current", headers=who).status_code == 204
    assert code_of(client.get("/api/v1/me", headers=who)) == (401, "session_expired")


def test_only_the_digest_of_a_token_is_stored(
        client: FlaskClient, world: World, rows: Callable[[type], list[Any]]) -> None:
    token = world.token(world.resident())["Authorization"].partition(" ")[2]
    assert token not in {row.token_digest for row in rows(LoginSession)}


# --- one-time codes ---------------------------------------------------------------------------------


def ask(client: FlaskClient, phone: str) -> Any:
    return client.post("/api/v1/sessions/phone-codes", json={"phone": phone})


def enter(client: FlaskClient, phone: str, code: str) -> Any:
    return client.post("/api/v1/sessions/phone", json={"phone": phone, "code": code})


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_code_by_text_message_logs_a_deputy_in(client: FlaskClient, world: World, sms: FakeCodeSender) -> None:
    phone = world.phone()
    world.create_person(name="刘代表", phone=phone)
    asked = ask(client, phone)
    assert (asked.status_code, asked.json) == (202, {"expires_in": 300, "resend_after": 60})
    session = enter(client, phone, sms.sent[0][1]).json
    assert (session["me"]["role"], session["me"]["name"]) == ("deputy", "刘代表")


def test_the_answer_tells_nothing_of_whether_a_number_is_known(
        client: FlaskClient, world: World, sms: FakeCodeSender) -> None:
    known, unknown = world.phone(), world.phone()
    world.create_person(phone=known)
    assert ask(client, known).json == ask(client, unknown).json


@pytest.mark.parametrize("phone", ["123", "23800000000", "1380000000a", "+1 202 555 0100"])
def test_what_is_no_mainland_number_is_refused(client: FlaskClient, world: World, phone: str) -> None:
    refused = ask(client, phone)
    assert code_of(refused) == (422, "phone_invalid")
    assert refused.json["error"]["fields"]["phone"] == refused.json["error"]["message"]


def test_a_second_code_within_a_minute_has_to_wait(client: FlaskClient, world: World, sms: FakeCodeSender) -> None:
    phone = world.phone()
    ask(client, phone)
    world.clock.advance(seconds=20)
    refused = ask(client, phone)
    assert (*code_of(refused), refused.headers["Retry-After"]) == (429, "phone_code_too_soon", "41")
    world.clock.advance(seconds=40)
    assert ask(client, phone).status_code == 202


def test_a_wrong_code_is_counted_though_it_is_refused(
        client: FlaskClient, world: World, sms: FakeCodeSender, rows: Callable[[type], list[Any]]) -> None:
    phone = world.phone()
    ask(client, phone)
    assert code_of(enter(client, phone, wrong(sms.sent[0][1]))) == (401, "phone_code_wrong")
    assert [row.attempts for row in rows(OneTimeCode)] == [1]


def test_the_right_code_is_refused_after_five_wrong_ones(
        client: FlaskClient, world: World, sms: FakeCodeSender) -> None:
    phone = world.phone()
    ask(client, phone)
    code = sms.sent[0][1]
    for _ in range(CODE_ATTEMPTS):
        enter(client, phone, wrong(code))
    assert code_of(enter(client, phone, code)) == (401, "phone_code_expired")


def test_a_code_ends_after_five_minutes(client: FlaskClient, world: World, sms: FakeCodeSender) -> None:
    phone = world.phone()
    ask(client, phone)
    world.clock.advance(minutes=5)
    assert code_of(enter(client, phone, sms.sent[0][1])) == (401, "phone_code_expired")


def test_a_code_works_once(client: FlaskClient, world: World, sms: FakeCodeSender) -> None:
    phone = world.phone()
    ask(client, phone)
    enter(client, phone, sms.sent[0][1])
    assert code_of(enter(client, phone, sms.sent[0][1])) == (401, "phone_code_expired")


def test_a_text_message_that_cannot_leave_says_so(program: Program, world: World, gateways: Gateways) -> None:
    class Broken(FakeCodeSender):
        def send_login_code(self, phone: str, code: str) -> None:
            raise Unavailable("phone_code_not_sent")

    client = client_of(replace(program, gateways=replace(gateways, code_sender=Broken())))
    assert code_of(ask(client, world.phone())) == (503, "phone_code_not_sent")


# --- the person's own settings ----------------------------------------------------------------------


def test_village_elder_mode_and_name_are_changed_one_by_one(client: FlaskClient, world: World) -> None:
    who = world.token(world.resident())
    client.patch("/api/v1/me", json={"elder_mode": True}, headers=who)
    client.patch("/api/v1/me", json={"village_id": world.other_village.id}, headers=who)
    me = client.patch("/api/v1/me", json={"name": "老张"}, headers=who).json
    assert me is not None
    assert (me["elder_mode"], me["village"]["name"], me["township"]["name"], me["name"]) == (
        True, "河口村", "流沙镇", "老张")


@pytest.mark.parametrize(("which", "status", "code"), [
    ("township", 422, "village_required"), ("absent", 404, "region_unknown")])
def test_only_a_village_is_taken_for_a_home(
        client: FlaskClient, world: World, which: str, status: int, code: str) -> None:
    wanted = world.township.id if which == "township" else 999_999
    refused = client.patch("/api/v1/me", json={"village_id": wanted}, headers=world.token(world.resident()))
    assert code_of(refused) == (status, code)


def test_the_mini_program_patches_through_a_post(client: FlaskClient, world: World) -> None:
    who = world.token(world.resident())
    client.post("/api/v1/me", json={"elder_mode": True}, headers=who | {"X-HTTP-Method-Override": "PATCH"})
    assert client.get("/api/v1/me", headers=who).json["elder_mode"] is True  # type: ignore[index]


def test_a_binding_code_has_six_digits_and_ten_minutes(client: FlaskClient, world: World) -> None:
    issued = client.post("/api/v1/me/official-account-code", headers=world.token(world.resident())).json
    assert issued is not None
    assert (len(issued["code"]), issued["code"].isdigit(), issued["expires_at"]) == (6, True, "2026-11-23T01:10:00Z")


def test_an_account_of_a_merged_person_cannot_log_in(
        client: FlaskClient, world: World, rows: Callable[[type], list[Any]]) -> None:
    who = world.token(world.resident())
    rows(Account)[0].state = "merged"
    world.system.session.commit()
    assert code_of(client.get("/api/v1/me", headers=who)) == (401, "session_expired")


# --- the end of a seat ------------------------------------------------------------------------------


def test_a_token_outlives_the_mandate_as_a_residents(client: FlaskClient, world: World) -> None:
    deputy = world.deputy(name="刘代表")
    who, clerk = world.token(deputy), world.ctx_of(world.staff())
    assert client.get("/api/v1/duties", headers=who).status_code == 200
    mandate = clerk.session.scalars(select(Mandate.id)).one()
    mandates.end_mandate(clerk, mandate, mandates.Ending("resigned", clerk.today))
    clerk.session.commit()
    mine, home = client.get("/api/v1/me", headers=who).json, client.get("/api/v1/home", headers=who).json
    assert mine is not None
    assert home is not None
    assert (mine["role"], mine["person"], home["role"], home["points"]) == ("resident", None, "resident", None)
    assert "2026年11月23日终止" in mine["seat_note"]
    assert home["seat_note"] == mine["seat_note"]
    assert code_of(client.get("/api/v1/duties", headers=who)) == (403, "deputy_only")
    assert client.get(f"/api/v1/deputies/{deputy.person_id}").status_code == 404
    assert client.get("/api/v1/deputies").json["total"] == 0  # type: ignore[index]
