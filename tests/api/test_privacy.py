"""Seeing, copying, taking back and closing, over HTTP."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from models.identity import Account, WeChatBinding
from models.outbox import IdempotencyKey
from services.context import Gateways
from services.rules import privacy
from tests.api.conftest import code_of
from tests.api.test_comments import form
from tests.api.test_identity import bearer, bind, log_in
from tests.factories import World
from tests.fakes import FakeCodeSender, FakeIdentity


@pytest.fixture
def wechat(gateways: Gateways) -> FakeIdentity:
    assert isinstance(gateways.identity, FakeIdentity)
    return gateways.identity


@pytest.fixture
def who(client: FlaskClient, world: World, wechat: FakeIdentity) -> dict[str, str]:
    """Somebody who came by WeChat."""
    return log_in(client, wechat, "o-1")


def close(client: FlaskClient, who: dict[str, str], word: str = "注销", **headers: str) -> Any:
    return client.post("/api/v1/me/closing", json={"word": word}, headers=who | headers)


# --- closing ----------------------------------------------------------------------------------------


def test_the_forecast_shows_the_word_and_the_open_numbers(
        client: FlaskClient, world: World, who: dict[str, str]) -> None:
    number = client.post("/api/v1/opinions", json=form(world), headers=who).json["number"]  # type: ignore[index]
    found = client.get("/api/v1/me/closing", headers=who).json
    assert found is not None
    assert (found["word"], found["open_numbers"]) == ("注销", [number])
    assert found["erased"]
    assert found["kept"]


def test_closing_ends_the_token_at_once(client: FlaskClient, who: dict[str, str]) -> None:
    assert close(client, who).status_code == 204
    assert code_of(client.get("/api/v1/me", headers=who)) == (401, "session_expired")
    assert code_of(close(client, who)) == (401, "session_expired")


def test_a_wrong_word_closes_nothing(client: FlaskClient, who: dict[str, str]) -> None:
    refused = close(client, who, "取消")
    assert code_of(refused) == (422, "closing_word_wrong")
    assert refused.json["error"]["fields"]["word"]
    assert client.get("/api/v1/me", headers=who).status_code == 200


def test_nothing_of_the_answers_kept_for_repeats_stays_either(
        client: FlaskClient, world: World, who: dict[str, str], rows: Callable[[type], list[Any]]) -> None:
    client.post("/api/v1/opinions", json=form(world), headers=who | {"Idempotency-Key": "k" * 12})
    close(client, who)
    assert rows(IdempotencyKey) == []
    assert rows(WeChatBinding) == []


def test_the_same_wechat_user_starts_anew(client: FlaskClient, who: dict[str, str], wechat: FakeIdentity) -> None:
    before = client.get("/api/v1/me", headers=who).json["account_id"]  # type: ignore[index]
    close(client, who)
    after = client.get("/api/v1/me", headers=log_in(client, wechat, "o-1")).json["account_id"]  # type: ignore[index]
    assert before != after


def test_a_deputy_who_closed_waits_for_the_clerk_and_the_claim_is_kept(
        client: FlaskClient, world: World, wechat: FakeIdentity) -> None:
    phone = world.phone()
    world.create_person(phone=phone)
    who = log_in(client, wechat, "o-deputy")
    bind(client, wechat, who, phone)
    close(client, who)
    again = log_in(client, wechat, "o-deputy")
    assert code_of(bind(client, wechat, again, phone)) == (409, "seat_closed")
    assert client.get("/api/v1/me", headers=again).json["seat_claim"] == "pending"  # type: ignore[index]


# --- the copy ---------------------------------------------------------------------------------------


def test_the_copy_is_an_archive_to_keep(client: FlaskClient, who: dict[str, str]) -> None:
    answer = client.get("/api/v1/me/export", headers=who)
    assert (answer.status_code, answer.mimetype, answer.headers["Cache-Control"]) == (200, "application/zip", "no-store")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert zipfile.ZipFile(io.BytesIO(answer.data)).namelist() == ["我的信息.html", "我的信息.json"]


def test_copies_are_limited(client: FlaskClient, who: dict[str, str]) -> None:
    given = [client.get("/api/v1/me/export", headers=who).status_code for _ in range(11)]
    assert given == [200] * 10 + [429]


# --- consents ---------------------------------------------------------------------------------------


def sign_in(client: FlaskClient, wechat: FakeIdentity, version: str) -> Any:
    wechat.logins["c"] = "o-1"
    return client.post("/api/v1/sessions/wechat", json={"login_code": "c", "consent_version": version})


def test_a_consent_is_kept_with_the_log_in_and_shown(client: FlaskClient, world: World, wechat: FakeIdentity) -> None:
    who = bearer(sign_in(client, wechat, privacy.VERSION).json["token"])
    found = client.get("/api/v1/me/privacy", headers=who).json
    assert found == {"consent_version": privacy.VERSION, "consent_at": "2026-11-23T01:00:00Z",
                     "can_forget_phone": False, "messages_on": False}


def test_a_consent_to_an_old_text_is_refused_and_makes_nobody(
        client: FlaskClient, world: World, wechat: FakeIdentity, count: Callable[[type], int]) -> None:
    assert code_of(sign_in(client, wechat, "2020-01")) == (422, "consent_outdated")
    assert count(Account) == 0


def test_after_a_withdrawal_only_a_new_consent_lets_in(
        client: FlaskClient, world: World, who: dict[str, str], wechat: FakeIdentity) -> None:
    assert client.post("/api/v1/me/consent-withdrawal", headers=who).status_code == 204
    assert code_of(client.get("/api/v1/me", headers=who)) == (401, "session_expired")
    assert code_of(sign_in(client, wechat, "")) == (403, "consent_required")
    assert sign_in(client, wechat, privacy.VERSION).status_code == 200


def test_an_opinion_agreed_under_the_text_of_before_is_taken(
        client: FlaskClient, world: World, who: dict[str, str]) -> None:
    assert client.post("/api/v1/opinions", json=form(world, consent_version="2026-11"), headers=who).status_code == 201


# --- what a person takes back -----------------------------------------------------------------------


def test_a_number_is_taken_back(client: FlaskClient, world: World, who: dict[str, str], wechat: FakeIdentity) -> None:
    bind(client, wechat, who, world.phone())
    assert client.get("/api/v1/me/privacy", headers=who).json["can_forget_phone"] is True  # type: ignore[index]
    assert client.delete("/api/v1/me/phone", headers=who).status_code == 204
    assert client.get("/api/v1/me", headers=who).json["phone_masked"] is None  # type: ignore[index]


def test_a_deputys_number_is_not_taken_back(client: FlaskClient, world: World) -> None:
    who = world.token(world.deputy(openid="o-9"))
    assert code_of(client.delete("/api/v1/me/phone", headers=who)) == (409, "phone_on_roster")


def test_messages_and_the_official_account_end_also_when_there_are_none(
        client: FlaskClient, who: dict[str, str]) -> None:
    for path in ("/api/v1/me/messages", "/api/v1/me/official-account"):
        assert client.delete(path, headers=who).status_code == 204


def test_a_number_is_changed_by_the_code_sent_to_the_new_one(
        client: FlaskClient, world: World, who: dict[str, str], gateways: Gateways) -> None:
    sms = gateways.code_sender
    assert isinstance(sms, FakeCodeSender)
    phone = world.phone()
    client.post("/api/v1/sessions/phone-codes", json={"phone": phone})
    changed = client.post("/api/v1/me/phone-change", json={"phone": phone, "code": sms.sent[0][1]}, headers=who)
    assert changed.json is not None
    assert changed.json["phone_masked"] == f"{phone[:3]}****{phone[7:]}"


# --- the console ------------------------------------------------------------------------------------


@pytest.fixture
def clerk(client: FlaskClient, world: World) -> FlaskClient:
    client.set_cookie("console_session", world.console_cookie(world.staff()), path="/console")
    return client


def post(client: FlaskClient, world: World, path: str, **data: str) -> Any:
    from tests.api.grid import token_for

    cookie = client.get_cookie("console_session", path="/console")
    assert cookie is not None
    return client.post(path, data=data | {"csrf_token": token_for(client.application, cookie.value)})


def test_a_clerk_finds_reads_and_closes(clerk: FlaskClient, world: World, rows: Callable[[type], list[Any]]) -> None:
    number = world.opinion(world.resident()).number
    world.commit()
    found = post(clerk, world, "/console/accounts", wanted=number)
    assert found.status_code in (302, 303)
    page = clerk.get(found.headers["Location"])
    assert number in page.get_data(as_text=True)
    address = f"{found.headers['Location']}/close"
    assert post(clerk, world, address, reason="").status_code == 422
    assert post(clerk, world, address, reason="本人来电").status_code in (302, 303)
    assert [row.state for row in rows(Account)] == ["closed"]


def test_an_unknown_account_keeps_what_was_typed(clerk: FlaskClient, world: World) -> None:
    refused = post(clerk, world, "/console/accounts", wanted="13900000000")
    assert refused.status_code == 422
    assert 'value="13900000000"' in refused.get_data(as_text=True)


def test_the_auditor_reads_the_table_of_retention(client: FlaskClient, world: World) -> None:
    client.set_cookie("console_session", world.console_cookie(world.staff("auditor")), path="/console")
    page = client.get("/console/retention").get_data(as_text=True)
    for words in ("与代表助手的对话", "发出后180天", "办结后5年", "个人信息保护法", "2026-11-24 03:30", "还没有执行过"):
        assert words in page, words
