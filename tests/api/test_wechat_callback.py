"""The platform's callbacks at our door: what is forged changes nothing, what is repeated is done once."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.jobs import run
from app.program import Program
from app.settings import WeChatApp
from models.assistant import ChatLine
from models.notices import SubscriptionCredit
from models.outbox import InboxMessage, OutboxMessage
from services.context import Gateways
from tests.api.conftest import client_of
from tests.factories import World
from tests.fakes import MINI_APPID, OFFICIAL_APPID, FakeMessenger, FrozenClock
from wechat.callbacks import MAX_BODY_BYTES, CallbackVerifier
from wechat.config import AccountConfig
from wechat.crypto import decrypt, encrypt, sign

KEY, OLD_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "ABCDEFGhijklmnopqrstuvwxyz0123456789abcdefg"
TOKEN = "callback-token"
OPENID = "oAbCdEfGhIjKlMnOpQrStUvWxYz1"
APPIDS = {"mini": MINI_APPID, "oa": OFFICIAL_APPID}


def account(kind: str) -> AccountConfig:
    return AccountConfig("mini" if kind == "mini" else "oa", APPIDS[kind], "secret", TOKEN, (KEY, OLD_KEY))


@pytest.fixture
def connected(program: Program, clock: FrozenClock) -> Program:
    """The program with both accounts connected, their real verifiers and the real memory of nonces."""

    def first_seen(key: str, ttl: int) -> bool:
        return bool(program.redis.set(f"callback:{key}", 1, nx=True, ex=ttl))

    apps = {kind: WeChatApp(APPIDS[kind], "secret", TOKEN, (KEY, OLD_KEY)) for kind in APPIDS}
    return replace(
        program, settings=replace(program.settings, mini=apps["mini"], official=apps["oa"]),
        callbacks={kind: CallbackVerifier(account(kind), first_seen=first_seen, clock=clock) for kind in APPIDS})


@pytest.fixture
def client(connected: Program) -> FlaskClient:
    return client_of(connected)


class Platform:
    """Seals and signs as the platform does, and can be told to do it wrongly."""

    def __init__(self, client: FlaskClient, clock: FrozenClock) -> None:
        self.client, self.clock, self._nonces = client, clock, 0

    def deliver(self, kind: str, plain: str, *, key: str = KEY, appid: str = "", **changes: str) -> Any:
        encrypted = encrypt(key, appid or APPIDS[kind], plain)
        body = json.dumps({"ToUserName": "gh_1", "Encrypt": encrypted}) if kind == "mini" else (
            f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>")
        return self.post(kind, body, self.query(encrypted) | changes)

    def query(self, encrypted: str) -> dict[str, str]:
        self._nonces += 1
        timestamp, nonce = str(int(self.clock().timestamp())), f"nonce{self._nonces}"
        return {"timestamp": timestamp, "nonce": nonce, "signature": sign(TOKEN, timestamp, nonce),
                "msg_signature": sign(TOKEN, timestamp, nonce, encrypted), "encrypt_type": "aes"}

    def post(self, kind: str, body: str | bytes, query: dict[str, str]) -> Any:
        return self.client.post(f"/wechat/callback/{kind}", query_string=query, data=body)


@pytest.fixture
def platform(client: FlaskClient, clock: FrozenClock) -> Platform:
    return Platform(client, clock)


@pytest.fixture
def nothing_stored(count: Callable[[type], int]) -> Callable[[], bool]:
    return lambda: (count(InboxMessage), count(OutboxMessage), count(ChatLine)) == (0, 0, 0)


def text(clock: FrozenClock, content: str, *, msg_id: str = "1001") -> str:
    return (f"<xml><ToUserName><![CDATA[gh_1]]></ToUserName><FromUserName><![CDATA[{OPENID}]]></FromUserName>"
            f"<CreateTime>{int(clock().timestamp())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
            f"<Content><![CDATA[{content}]]></Content><MsgId>{msg_id}</MsgId></xml>")


def event(clock: FrozenClock, name: str, **members: Any) -> str:
    return json.dumps({"ToUserName": "gh_1", "FromUserName": OPENID, "CreateTime": int(clock().timestamp()),
                       "MsgType": "event", "Event": name} | members)


def rejected(answer: Any) -> tuple[int, str]:
    assert answer.data == b""
    return answer.status_code, answer.headers["X-Error-Code"]


# --- what is not the platform's ---------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["mini", "oa"])
def test_a_wrong_signature_is_refused(
        platform: Platform, world: World, kind: str, nothing_stored: Callable[[], bool]) -> None:
    answer = platform.deliver(kind, text(world.clock, "帮助"), msg_signature="0" * 40)
    assert rejected(answer) == (403, "signature_invalid")
    assert nothing_stored()


@pytest.mark.parametrize("seconds", [301, -301])
def test_an_old_or_early_timestamp_is_refused(
        platform: Platform, world: World, seconds: int, nothing_stored: Callable[[], bool]) -> None:
    encrypted = encrypt(KEY, OFFICIAL_APPID, text(world.clock, "帮助"))
    query = platform.query(encrypted)
    world.clock.advance(seconds=seconds)
    answer = platform.post("oa", f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>", query)
    assert rejected(answer) == (403, "timestamp_stale")
    assert nothing_stored()


def test_a_replayed_request_is_refused_and_done_once(
        platform: Platform, world: World, count: Callable[[type], int]) -> None:
    encrypted = encrypt(KEY, OFFICIAL_APPID, text(world.clock, "帮助"))
    query, body = platform.query(encrypted), f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"
    assert platform.post("oa", body, query).status_code == 200
    assert rejected(platform.post("oa", body, query)) == (403, "replayed")
    assert count(InboxMessage) == 1


@pytest.mark.parametrize("body", ["", "hello", "<xml><Content>plain</Content></xml>", '{"Content": "plain"}', "{}"])
@pytest.mark.parametrize("kind", ["mini", "oa"])
def test_plain_text_in_secure_mode_is_refused(
        platform: Platform, world: World, kind: str, body: str, nothing_stored: Callable[[], bool]) -> None:
    assert rejected(platform.post(kind, body, platform.query(""))) == (403, "plaintext_refused")
    assert nothing_stored()


@pytest.mark.parametrize("body", [b"\xff\xfe", b"{", b"<xml><Encrypt>YQ==</Encrypt><Encrypt>YQ==</Encrypt></xml>"])
def test_a_broken_envelope_is_refused(
        platform: Platform, world: World, body: bytes, nothing_stored: Callable[[], bool]) -> None:
    assert rejected(platform.post("oa", body, platform.query(""))) == (400, "malformed")
    assert nothing_stored()


@pytest.mark.parametrize("plain", [
    "<xml><MsgType>text</MsgType", "not xml", "<xml></xml>", "[]", "{}", "<xml><MsgType><a/></MsgType></xml>",
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><MsgType>&e;</MsgType></xml>'])
def test_a_broken_message_inside_a_good_envelope_is_refused(
        platform: Platform, world: World, plain: str, nothing_stored: Callable[[], bool]) -> None:
    assert rejected(platform.deliver("oa", plain)) == (400, "malformed")
    assert nothing_stored()


def test_a_message_for_another_account_is_refused(
        platform: Platform, world: World, nothing_stored: Callable[[], bool]) -> None:
    answer = platform.deliver("oa", text(world.clock, "帮助"), appid="wxsomebodyelse")
    assert rejected(answer) == (403, "appid_mismatch")
    assert nothing_stored()


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 13 * 1024 * 1024])
def test_a_body_that_is_too_large_is_refused(
        platform: Platform, world: World, size: int, nothing_stored: Callable[[], bool]) -> None:
    assert platform.post("oa", b"x" * size, platform.query("")).status_code == 413
    assert nothing_stored()


@pytest.mark.parametrize("missing", ["timestamp", "nonce", "msg_signature"])
def test_a_request_without_its_parts_is_refused(platform: Platform, world: World, missing: str) -> None:
    assert platform.deliver("oa", text(world.clock, "帮助"), **{missing: ""}).status_code in (400, 403)


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_kind_of_account_does_not_exist(client: FlaskClient, method: str) -> None:
    assert getattr(client, method)("/wechat/callback/pay").status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_account_that_is_not_connected_does_not_exist(program: Program, method: str) -> None:
    assert getattr(client_of(program), method)("/wechat/callback/oa").status_code == 404


# --- the address check ------------------------------------------------------------------------------


def test_the_console_of_the_platform_gets_its_echo(platform: Platform, client: FlaskClient, world: World) -> None:
    answer = client.get("/wechat/callback/oa", query_string=platform.query("") | {"msg_signature": ""})
    assert answer.status_code in (400, 403)
    query = platform.query("")
    del query["msg_signature"]
    answer = client.get("/wechat/callback/oa", query_string=query | {"echostr": "12345"})
    assert (answer.status_code, answer.data, answer.mimetype) == (200, b"12345", "text/plain")


def test_a_sealed_echo_is_opened(platform: Platform, client: FlaskClient, world: World) -> None:
    sealed = encrypt(KEY, MINI_APPID, "6789")
    answer = client.get("/wechat/callback/mini", query_string=platform.query(sealed) | {"echostr": sealed})
    assert (answer.status_code, answer.data) == (200, b"6789")


@pytest.mark.parametrize("echo", ["<script>alert(1)</script>", "", "x" * 65])
def test_an_echo_that_is_no_echo_is_not_repeated(
        platform: Platform, client: FlaskClient, world: World, echo: str) -> None:
    query = platform.query("")
    del query["msg_signature"]
    assert rejected(client.get("/wechat/callback/oa", query_string=query | {"echostr": echo})) == (400, "malformed")


# --- the official account ---------------------------------------------------------------------------


def opened(answer: Any) -> str:
    """The XML inside a sealed passive reply, after checking its signature as the platform does."""
    body = answer.get_data(as_text=True)
    parts = dict(re.findall(r"<(\w+)>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</\1>", body[5:-6]))
    assert parts["MsgSignature"] == sign(TOKEN, parts["TimeStamp"], parts["Nonce"], parts["Encrypt"])
    plain, appid = decrypt(KEY, parts["Encrypt"])
    assert appid == OFFICIAL_APPID
    return plain


def test_a_text_is_answered_at_once_with_the_assistants_words(
        platform: Platform, world: World, rows: Callable[[type], list[Any]]) -> None:
    answer = platform.deliver("oa", text(world.clock, "帮助"))
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    plain = opened(answer)
    said = [row.text for row in rows(ChatLine)]
    assert said[0] == "帮助"
    assert said[1] in plain
    assert f"<ToUserName><![CDATA[{OPENID}]]></ToUserName>" in plain
    (kept,) = rows(InboxMessage)
    assert kept.processed_at is not None


def test_three_deliveries_of_one_message_are_answered_and_done_once(
        platform: Platform, world: World, count: Callable[[type], int]) -> None:
    answers = [platform.deliver("oa", text(world.clock, "帮助")) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [answer.data for answer in answers[1:]] == [b"success"] * 2
    assert (count(InboxMessage), count(ChatLine)) == (1, 2)


def test_a_message_sealed_with_the_key_before_the_rotation_is_read(platform: Platform, world: World) -> None:
    assert "代表助手" in opened(platform.deliver("oa", text(world.clock, "帮助"), key=OLD_KEY))


@pytest.mark.parametrize("content", [
    "]]></Content><MsgType><![CDATA[image]]></MsgType><Content><![CDATA[x", "]]>", "&lt;xml&gt;", "帮助]]>"])
def test_no_text_can_change_the_form_of_the_answer(platform: Platform, world: World, content: str) -> None:
    safe = content.replace("]]>", "]]]]><![CDATA[>")
    plain = opened(platform.deliver("oa", text(world.clock, safe)))
    without_text = re.sub(r"<!\[CDATA\[.*?\]\]>", "", plain, flags=re.DOTALL)
    assert re.findall(r"<(\w+)>", without_text).count("MsgType") == 1
    assert "<MsgType><![CDATA[text]]></MsgType>" in plain
    assert "image" not in without_text


@pytest.mark.parametrize("content", ["", " ", "路" * 6000, "\u0001", "🙂" * 10, "'; DROP TABLE accounts; --"])
def test_any_text_gets_an_answer(platform: Platform, world: World, content: str) -> None:
    assert platform.deliver("oa", text(world.clock, content)).status_code in (200, 400)


@pytest.mark.parametrize("kind", ["voice", "image"])
def test_a_voice_or_a_picture_is_told_to_write(platform: Platform, world: World, kind: str) -> None:
    plain = text(world.clock, "").replace("[text]", f"[{kind}]").replace("<Content><![CDATA[]]></Content>",
                                                                       "<MediaId><![CDATA[m1]]></MediaId>")
    assert "请用文字" in opened(platform.deliver("oa", plain))


def test_the_answer_that_a_task_is_refused_with_is_words_too(platform: Platform, world: World) -> None:
    assert "绑定码不对" in opened(platform.deliver("oa", text(world.clock, "123456")))


def test_a_binding_code_joins_the_official_account_to_the_person(
        platform: Platform, client: FlaskClient, world: World) -> None:
    who = world.token(world.deputy())
    code = client.post("/api/v1/me/official-account-code", headers=who).json["code"]  # type: ignore[index]
    assert "绑定成功" in opened(platform.deliver("oa", text(world.clock, code)))
    assert client.get("/api/v1/me", headers=who).json["official_account_bound"] is True  # type: ignore[index]
    assert "2026年 0 分" in opened(platform.deliver("oa", text(world.clock, "我的积分", msg_id="1002")))


# --- events -----------------------------------------------------------------------------------------


def test_events_are_stored_answered_and_processed_once(
        platform: Platform, connected: Program, world: World, count: Callable[[type], int],
        rows: Callable[[type], list[Any]]) -> None:
    world.resident(openid=OPENID)
    world.system.session.commit()
    tapped = event(world.clock, "subscribe_msg_popup_event", List=[
        {"TemplateId": "tmpl-opinion", "SubscribeStatusString": "accept", "PopupScene": "0"}])
    answers = [platform.deliver("mini", tapped) for _ in range(3)]
    assert [(answer.status_code, answer.data) for answer in answers] == [(200, b"success")] * 3
    assert (count(InboxMessage), count(OutboxMessage)) == (1, 1)
    assert run.drain(connected) == 1
    assert [credit.balance for credit in rows(SubscriptionCredit)] == [1]
    assert rows(InboxMessage)[0].processed_at is not None


def test_an_event_nobody_knows_is_acknowledged(
        platform: Platform, connected: Program, world: World, rows: Callable[[type], list[Any]]) -> None:
    assert platform.deliver("mini", event(world.clock, "brand_new_event", Detail={"a": 1})).status_code == 200
    run.drain(connected)
    assert [row.state for row in rows(OutboxMessage)] == ["done"]


@pytest.mark.parametrize("members", [{"List": "x"}, {"List": [1, None]}, {"List": [{}]}, {}])
def test_an_event_with_an_odd_inside_is_processed_without_harm(
        platform: Platform, connected: Program, world: World, members: dict[str, Any],
        rows: Callable[[type], list[Any]]) -> None:
    assert platform.deliver("mini", event(world.clock, "subscribe_msg_sent_event", **members)).status_code == 200
    run.drain(connected)
    assert [row.state for row in rows(OutboxMessage)] == ["done"]


def test_a_message_of_the_customer_session_is_answered_by_a_worker(
        platform: Platform, connected: Program, world: World, gateways: Gateways) -> None:
    said = json.dumps({"ToUserName": "gh_1", "FromUserName": OPENID, "CreateTime": int(world.clock().timestamp()),
                       "MsgType": "text", "Content": "帮助", "MsgId": 77})
    assert platform.deliver("mini", said).data == b"success"
    assert isinstance(gateways.messenger, FakeMessenger)
    assert gateways.messenger.answers == []
    run.drain(connected)
    run.drain(connected)
    assert [(kind, openid) for kind, openid, _text in gateways.messenger.answers] == [("mini", OPENID)]


def test_what_was_said_is_kept_sealed_and_dropped_when_done(
        platform: Platform, connected: Program, world: World, rows: Callable[[type], list[Any]]) -> None:
    said = json.dumps({"ToUserName": "gh_1", "FromUserName": OPENID, "CreateTime": int(world.clock().timestamp()),
                       "MsgType": "text", "Content": "我的电话13800000000", "MsgId": 78})
    platform.deliver("mini", said)
    (kept,) = rows(InboxMessage)
    cipher = connected.gateways.cipher
    assert "13800000000" not in kept.body_cipher
    assert "13800000000" in cipher.open(kept.body_cipher, "inbox.body")
    run.drain(connected)
    assert cipher.open(rows(InboxMessage)[0].body_cipher, "inbox.body") == "{}"
