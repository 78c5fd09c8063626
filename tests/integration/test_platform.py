"""The whole way over HTTP: phone → product → platform → callback → product."""

import base64
import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import settings
from app.jobs import schedule
from app.program import Program
from app.unit_of_work import unit_of_work
from app.wiring import build_program
from models.comments import Opinion
from models.identity import Account
from models.notices import MessageTemplate, NoticeDelivery, OpinionWord, SubscriptionCredit
from models.outbox import InboxMessage
from services import comments, identity, notices, posters
from services.context import Actor
from services.rules import privacy
from tests.factories import World
from tests.fakes import FrozenClock
from tests.integration.conftest import SECRETS, Product, Sandbox, Town

SEND = "/cgi-bin/message/subscribe/send"
CALLBACK = "/wechat/callback/mini"


def stored(program: Program, model: type) -> list[Any]:
    with Session(program.engine) as session:
        return list(session.scalars(select(model)))


def log_in(product: Product, sandbox: Sandbox, phone: str) -> str:
    """The token of a person who opens the mini-program."""
    sandbox.post("users", phone=phone, name="张三")
    code = sandbox.post("login-codes", phone=phone)["code"]
    return str(product.ask("POST", "/api/v1/sessions/wechat", {"login_code": code}).json["token"])


def claim_seat(product: Product, sandbox: Sandbox, phone: str) -> str:
    """The token of a deputy whose number is on the roster and who has tapped the button."""
    token = log_in(product, sandbox, phone)
    code = sandbox.post("phone-codes", phone=phone)["code"]
    me = product.ask("POST", "/api/v1/me/phone", {"phone_code": code}, token=token)
    assert (me.status, me.json["role"]) == (200, "deputy")
    return token


# --- logging in -------------------------------------------------------------------------------------


def test_a_code_of_the_platform_logs_in_once(product: Product, sandbox: Sandbox, town: Town) -> None:
    sandbox.post("users", phone="13900000001", name="张三")
    code = sandbox.post("login-codes", phone="13900000001")["code"]
    first, second = (product.ask("POST", "/api/v1/sessions/wechat", {"login_code": code}) for _ in range(2))
    assert (first.status, second.status, second.json["error"]["code"]) == (200, 401, "code_invalid")


def test_a_phone_of_the_roster_claims_its_seat_once(product: Product, sandbox: Sandbox, town: Town) -> None:
    town.build(lambda world: world.create_person(phone="13900000001", name="刘代表"))
    token = claim_seat(product, sandbox, "13900000001")
    assert product.ask("GET", "/api/v1/me", token=token).json["name"] == "刘代表"
    used = product.ask("POST", "/api/v1/me/phone", {"phone_code": "made-up"}, token=token)
    assert (used.status, used.json["error"]["code"]) == (401, "code_invalid")


def test_a_phone_code_of_somebody_else_is_refused(product: Product, sandbox: Sandbox, town: Town) -> None:
    token = log_in(product, sandbox, "13900000001")
    sandbox.post("users", phone="13900000002", name="李四")
    foreign = sandbox.post("phone-codes", phone="13900000002")["code"]
    refused = product.ask("POST", "/api/v1/me/phone", {"phone_code": foreign}, token=token)
    assert (refused.status, refused.json["error"]["code"]) == (401, "code_invalid")


@pytest.mark.parametrize(("kind", "rest", "status", "code"), [
    ("errcode", {"code": 40029}, 401, "code_invalid"), ("errcode", {"code": 40226}, 403, "account_at_risk"),
    ("errcode", {"code": 45011}, 429, "too_many_requests"), ("errcode", {"code": 40125}, 503, "wechat_unavailable"),
    ("html_502", {"times": 9}, 503, "wechat_unavailable"), ("truncated_json", {"times": 9}, 503, "wechat_unavailable")])
def test_what_the_platform_says_wrong_is_told_in_our_words(
        product: Product, sandbox: Sandbox, town: Town, kind: str, rest: dict[str, int], status: int,
        code: str) -> None:
    sandbox.post("users", phone="13900000001", name="张三")
    sandbox.fault("/sns/jscode2session", kind, **rest)
    login_code = sandbox.post("login-codes", phone="13900000001")["code"]
    refused = product.ask("POST", "/api/v1/sessions/wechat", {"login_code": login_code})
    assert (refused.status, refused.json["error"]["code"]) == (status, code)


def test_a_login_code_by_text_message_reaches_the_phone(product: Product, sandbox: Sandbox, town: Town) -> None:
    asked = product.ask("POST", "/api/v1/sessions/phone-codes", {"phone": "13900000001"})
    assert asked.status == 202
    (message,) = sandbox.messages("13900000001", "sms")
    code = "".join(sign for sign in message["text"].partition("，")[0] if sign.isdigit())
    session = product.ask("POST", "/api/v1/sessions/phone", {"phone": "13900000001", "code": code})
    assert (session.status, session.json["me"]["phone_masked"]) == (200, "139****0001")


# --- the text check ---------------------------------------------------------------------------------


def submit(product: Product, town: Town, token: str, text: str) -> str:
    village = town.build(lambda world: world.village.id)
    sent = product.ask("POST", "/api/v1/opinions", {
        "text": text, "category": "road", "village_id": village, "consent_version": privacy.VERSION}, token=token)
    assert sent.status == 201, sent.json
    return str(sent.json["number"])


@pytest.mark.parametrize(("text", "verdict"), [
    ("路灯坏了", "pass"), ("路灯坏了，复核词", "review"), ("路灯坏了，风险词", "risky")])
def test_a_text_is_checked_and_always_screened_by_a_person(
        product: Product, sandbox: Sandbox, town: Town, text: str, verdict: str) -> None:
    submit(product, town, log_in(product, sandbox, "13900000001"), text)
    assert product.drain() == 1
    (opinion,) = stored(product.program, Opinion)
    assert (opinion.text_check, opinion.state) == (verdict, "screening")


def test_a_long_text_is_checked_to_its_end(product: Product, sandbox: Sandbox, town: Town) -> None:
    submit(product, town, log_in(product, sandbox, "13900000001"), "路" * 4997 + "风险词")
    product.drain()
    (opinion,) = stored(product.program, Opinion)
    assert opinion.text_check == "risky"


def test_a_person_the_platform_has_not_seen_for_long_cannot_be_checked(
        product: Product, sandbox: Sandbox, town: Town, clock: FrozenClock) -> None:
    token = log_in(product, sandbox, "13900000001")
    clock.advance(hours=3)
    submit(product, town, token, "路灯坏了")
    product.drain()
    (opinion,) = stored(product.program, Opinion)
    assert opinion.text_check == "unreachable"


def test_a_platform_that_answers_nothing_leaves_the_text_to_a_person(
        product: Product, sandbox: Sandbox, town: Town) -> None:
    token = log_in(product, sandbox, "13900000001")
    sandbox.fault("/wxa/msg_sec_check", "html_502", times=9)
    submit(product, town, token, "路灯坏了")
    product.drain()
    (opinion,) = stored(product.program, Opinion)
    assert opinion.text_check == "unreachable"


def test_an_opinion_by_web_is_left_to_a_person_without_asking(product: Product, sandbox: Sandbox, town: Town) -> None:
    def token(world: World) -> str:
        ctx = world.system
        account = ctx.session.get_one(Account, world.resident().account_id)
        return identity.issue_session(ctx, account).token

    submit(product, town, town.build(token), "路灯坏了")
    product.drain()
    (opinion,) = stored(product.program, Opinion)
    assert (opinion.text_check, sandbox.calls("/wxa/msg_sec_check")) == ("unreachable", 0)


# --- codes and templates ----------------------------------------------------------------------------


def test_the_poster_carries_the_platforms_code(
        program: Program, product: Product, sandbox: Sandbox, town: Town) -> None:
    station = town.build(lambda world: world.create_station().id)
    clerk = town.build(lambda world: world.staff("county_office"))
    with unit_of_work(program, clerk) as ctx:
        poster = posters.build_poster(ctx, station)
    assert poster.startswith(b"%PDF-")
    assert sandbox.calls("/wxa/getwxacodeunlimit") == 1
    picture = program.gateways.code_maker.make_station_code("abc123")
    assert Image.open(io.BytesIO(picture)).size == (430, 430)


def test_the_platforms_templates_are_kept(program: Program, sandbox: Sandbox, town: Town) -> None:
    schedule.sync_templates(program)
    assert {(row.id, row.is_long_term, tuple(row.fields)) for row in stored(program, MessageTemplate)} >= {
        ("tmpl-notice", True, ("thing1", "thing2", "time3", "thing4")),
        ("tmpl-opinion", False, ("character_string1", "phrase2", "thing3", "time4"))}


# --- pushes -----------------------------------------------------------------------------------------


class Deputy:
    """A deputy with a phone who has accepted notices, and the clerk who writes them."""

    def __init__(self, product: Product, sandbox: Sandbox, town: Town, phone: str) -> None:
        self.product, self.sandbox, self.town, self.phone = product, sandbox, town, phone
        self.person_id: int = town.build(lambda world: world.create_person(phone=phone).id)
        self.token = claim_seat(product, sandbox, phone)
        self.clerk: Actor = town.build(lambda world: world.staff())

    def accept(self) -> None:
        """Tap 允许 in the dialogue: the platform knows, and tells us by its own event."""
        self.sandbox.post("subscriptions", phone=self.phone, template_id="tmpl-notice", accept=True)
        self.product.wait_for(CALLBACK, 1)
        self.product.drain()

    def send_notice(self) -> int:
        def write(world: World) -> int:
            group = world.group(Actor(kind="account", person_id=self.person_id))
            ctx = world.ctx_of(self.clerk)
            draft = notices.create_draft(ctx, notices.NoticeForm(
                "meeting", "关于召开会议的通知", "周三上午九点。", "group", group.id, place="镇政府三楼"))
            notices.send(ctx, draft.id)
            return draft.id

        return int(self.town.build(write))

    @property
    def delivery(self) -> NoticeDelivery:
        (row,) = stored(self.product.program, NoticeDelivery)
        assert isinstance(row, NoticeDelivery)
        return row


@pytest.fixture
def deputy(product: Product, sandbox: Sandbox, town: Town, templates: None) -> Deputy:
    return Deputy(product, sandbox, town, "13900000001")


def test_a_notice_reaches_the_phone_and_its_receipt_comes_back(
        deputy: Deputy, product: Product, sandbox: Sandbox) -> None:
    deputy.accept()
    notice_id = deputy.send_notice()
    product.drain()
    (message,) = sandbox.messages(deputy.phone, "subscribe")
    assert (message["data"]["thing1"], message["page"]) == (
        "关于召开会议的通知", f"pages-notice/detail/detail?id={notice_id}")
    product.wait_for(CALLBACK, 2)
    product.drain()
    assert (deputy.delivery.state, deputy.delivery.reason) == ("delivered", None)


def test_draining_again_sends_nothing_again(deputy: Deputy, product: Product, sandbox: Sandbox) -> None:
    deputy.accept()
    deputy.send_notice()
    for _ in range(3):
        product.drain()
    assert len(sandbox.messages(deputy.phone, "subscribe")) == 1


def test_a_deputy_who_never_accepted_is_on_the_phone_list(
        deputy: Deputy, product: Product, sandbox: Sandbox) -> None:
    deputy.send_notice()
    product.drain()
    assert (deputy.delivery.state, deputy.delivery.reason) == ("unreachable", "not_subscribed")
    assert sandbox.calls(SEND) == 0


def test_a_refusal_by_the_platform_is_final_and_empties_the_credit(
        deputy: Deputy, product: Product, sandbox: Sandbox) -> None:
    deputy.accept()
    sandbox.state.shelf.decide(sandbox.state.people.of_phone(deputy.phone).openid_mini,  # type: ignore[union-attr]
                               "tmpl-notice", accept=False)
    deputy.send_notice()
    product.drain()
    product.drain()
    assert (deputy.delivery.state, deputy.delivery.reason) == ("rejected", "not_subscribed")
    assert sandbox.calls(SEND) == 1
    assert [row.balance for row in stored(product.program, SubscriptionCredit)] == [0]


def test_a_person_who_blocks_the_messages_is_on_the_phone_list(
        deputy: Deputy, product: Product, sandbox: Sandbox) -> None:
    deputy.accept()
    sandbox.fault(SEND, "delivery_failed")
    deputy.send_notice()
    product.drain()
    product.wait_for(CALLBACK, 2)
    product.drain()
    assert (deputy.delivery.state, deputy.delivery.reason) == ("rejected", "user_block")


def test_an_answer_lost_on_the_way_back_is_uncertain_until_the_receipt_comes(
        deputy: Deputy, product: Product, sandbox: Sandbox) -> None:
    deputy.accept()
    sandbox.fault(SEND, "drop_after_execute")
    deputy.send_notice()
    product.drain()
    assert deputy.delivery.state == "uncertain"
    product.wait_for(CALLBACK, 2)
    product.drain()
    assert deputy.delivery.state == "delivered"
    assert len(sandbox.messages(deputy.phone, "subscribe")) == 1


def test_a_connection_that_dies_after_the_request_left_is_uncertain_and_never_sent_again(
        deputy: Deputy, product: Product, sandbox: Sandbox, clock: FrozenClock) -> None:
    deputy.accept()
    sandbox.fault(SEND, "reset")
    deputy.send_notice()
    product.drain()
    assert (deputy.delivery.state, deputy.delivery.reason) == ("uncertain", "no_event")
    clock.advance(hours=1)
    schedule.settle_pushes(product.program)
    product.drain()
    assert sandbox.calls(SEND) == 1
    assert deputy.delivery.state == "uncertain"


@pytest.mark.parametrize(("code", "hours"), [(45011, 0), (45009, 15)])
def test_a_used_up_quota_is_waited_for_until_it_returns(
        deputy: Deputy, product: Product, sandbox: Sandbox, clock: FrozenClock, code: int, hours: int) -> None:
    deputy.accept()
    sandbox.fault(SEND, "errcode", code=code)
    deputy.send_notice()
    product.drain()
    assert deputy.delivery.state == "queued"
    assert sandbox.messages(deputy.phone, "subscribe") == []
    clock.advance(hours=hours, minutes=2)
    schedule.settle_pushes(product.program)
    product.drain()
    assert len(sandbox.messages(deputy.phone, "subscribe")) == 1


def test_a_resident_is_told_of_each_step_while_messages_are_allowed(
        product: Product, sandbox: Sandbox, town: Town, templates: None) -> None:
    token = log_in(product, sandbox, "13900000001")
    number = submit(product, town, token, "路灯坏了")
    sandbox.post("subscriptions", phone="13900000001", template_id="tmpl-opinion", accept=True)
    product.wait_for(CALLBACK, 1)
    product.drain()
    town.build(lambda world: comments.register(world.ctx_of(world.staff()), number))
    product.drain()
    (message,) = sandbox.messages("13900000001", "subscribe")
    assert (message["data"]["character_string1"], message["data"]["phrase2"]) == (number, "已受理")
    product.wait_for(CALLBACK, 2)
    product.drain()
    assert [word.state for word in stored(product.program, OpinionWord)] == ["delivered"]


# --- the official account ---------------------------------------------------------------------------


def say(sandbox: Sandbox, text: str, phone: str = "13900000001") -> str:
    answer = sandbox.post("oa-messages", phone=phone, text=text)
    assert answer["status"] == 200
    return str(answer["reply_text"])


def test_the_official_account_answers_in_the_same_breath(product: Product, sandbox: Sandbox, town: Town) -> None:
    sandbox.post("users", phone="13900000001", name="张三")
    assert "代表助手" in say(sandbox, "帮助")
    assert "没有正在办理" in say(sandbox, "取消")
    assert [row.processed_at is not None for row in stored(product.program, InboxMessage)] == [True, True]


def test_the_official_account_knows_nobody_before_the_binding_code(
        deputy: Deputy, product: Product, sandbox: Sandbox) -> None:
    assert "代表专用功能" in say(sandbox, "我的积分")
    me = product.ask("GET", "/api/v1/me", token=deputy.token).json
    assert me["official_account_bound"] is False


def _official_bound(product: Product, token: str) -> bool:
    return bool(product.ask("GET", "/api/v1/me", token=token).json["official_account_bound"])


@pytest.mark.parametrize("said", [{"event": "subscribe"}, {"text": "帮助"}])
def test_accounts_of_one_open_platform_are_linked_by_a_worker(
        deputy: Deputy, product: Product, sandbox: Sandbox, said: dict[str, str]) -> None:
    sandbox.post("oa-messages", phone=deputy.phone, event="subscribe")
    sandbox.post("oa-messages", phone=deputy.phone, **said)
    assert (sandbox.calls("/cgi-bin/user/info"), _official_bound(product, deputy.token)) == (0, False)
    while product.drain():
        pass
    assert _official_bound(product, deputy.token)
    assert "2026年 0 分" in say(sandbox, "我的积分")


def test_who_writes_first_is_known_when_the_mini_program_is_opened(
        product: Product, sandbox: Sandbox, town: Town) -> None:
    sandbox.post("users", phone="13900000001", name="张三")
    say(sandbox, "帮助")
    while product.drain():
        pass
    assert _official_bound(product, log_in(product, sandbox, "13900000001"))


def test_without_an_open_platform_the_binding_code_is_still_the_way(
        product: Product, sandbox: Sandbox, town: Town) -> None:
    sandbox.post("users", phone="13900000001", name="张三", unionid=None)
    code = sandbox.post("login-codes", phone="13900000001")["code"]
    token = product.ask("POST", "/api/v1/sessions/wechat", {"login_code": code}).json["token"]
    say(sandbox, "帮助")
    while product.drain():
        pass
    assert (sandbox.calls("/cgi-bin/user/info"), _official_bound(product, token)) == (1, False)
    code = product.ask("POST", "/api/v1/me/official-account-code", token=token).json["code"]
    assert "绑定成功" in say(sandbox, code)
    assert _official_bound(product, token)


@pytest.mark.parametrize(("kind", "rest", "is_asked_again"), [
    ("errcode", {"code": 48001}, False), ("html_502", {"times": 9}, True)])
def test_a_platform_that_tells_no_unionid_is_asked_again_only_where_that_may_help(
        deputy: Deputy, product: Product, sandbox: Sandbox, clock: FrozenClock, kind: str, rest: dict[str, int],
        is_asked_again: bool) -> None:
    sandbox.fault("/cgi-bin/user/info", kind, **rest)
    sandbox.post("oa-messages", phone=deputy.phone, event="subscribe")
    while product.drain():
        pass
    clock.advance(minutes=1)
    assert (product.drain() > 0) is is_asked_again


def test_a_binding_code_lets_a_deputy_work_by_chat(deputy: Deputy, product: Product, sandbox: Sandbox) -> None:
    code = product.ask("POST", "/api/v1/me/official-account-code", token=deputy.token).json["code"]
    assert "绑定成功" in say(sandbox, code)
    assert "2026年 0 分" in say(sandbox, "我的积分")


def test_an_opinion_is_submitted_by_chatting_and_only_after_a_confirmation(
        product: Product, sandbox: Sandbox, town: Town) -> None:
    town.build(lambda world: world.village.id)
    sandbox.post("users", phone="13900000001", name="张三")
    for line in ("我要提意见", "村口到小学的路灯坏了三盏，请修好", "石桥村"):
        say(sandbox, line)
    assert stored(product.program, Opinion) == []
    assert "已提交，编号 YJ9901011012026000001" in say(sandbox, "确认")
    (opinion,) = stored(product.program, Opinion)
    assert (opinion.channel, opinion.category) == ("official_account", "road")
    assert "待受理" in say(sandbox, opinion.number)


@pytest.mark.parametrize("media", ["voice", "image"])
def test_a_voice_is_answered_with_a_wish_for_text(
        product: Product, sandbox: Sandbox, town: Town, media: str) -> None:
    sandbox.post("users", phone="13900000001", name="张三")
    assert "请用文字" in sandbox.post("oa-messages", phone="13900000001", media=media)["reply_text"]


def test_following_and_leaving_are_acknowledged(product: Product, sandbox: Sandbox, town: Town) -> None:
    sandbox.post("users", phone="13900000001", name="张三")
    for event in ("subscribe", "unsubscribe"):
        assert sandbox.post("oa-messages", phone="13900000001", event=event)["status"] == 200
    product.drain()
    assert all(row.processed_at for row in stored(product.program, InboxMessage))


def test_a_message_to_the_mini_program_is_answered_by_a_worker(
        product: Product, sandbox: Sandbox, town: Town) -> None:
    log_in(product, sandbox, "13900000001")
    assert sandbox.post("mini-messages", phone="13900000001", text="帮助") == {"status": 200, "reply_text": None}
    product.drain()
    (answer,) = sandbox.messages("13900000001", "custom")
    assert "代表助手" in answer["text"]


# --- safety -----------------------------------------------------------------------------------------


def test_production_refuses_to_be_built_against_the_stand_in(environ: dict[str, str], program: Program) -> None:
    production = replace(program.settings, stage="production")
    with pytest.raises(SystemExit, match="开发替身"):
        build_program(production, announce=lambda _ids: None)


def test_production_refuses_the_stand_ins_address_by_its_form(environ: dict[str, str]) -> None:
    with pytest.raises(settings.SettingsError, match="WECHAT_API_BASE"):
        settings.from_env(environ | {"APP_STAGE": "production"})


def test_no_secret_and_no_token_of_the_platform_is_ever_logged(
        product: Product, sandbox: Sandbox, town: Town, templates: None, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    token = log_in(product, sandbox, "13900000001")
    sandbox.fault("/wxa/msg_sec_check", "errcode", code=40001)
    submit(product, town, token, "路灯坏了")
    sandbox.fault("/wxaapi/newtmpl/gettemplate", "reset")
    product.drain()
    schedule.sync_templates(product.program)
    say(sandbox, "帮助")
    written = "\n".join(f"{record.getMessage()} {record.__dict__} {record.exc_text}" for record in caplog.records)
    issued = sandbox.state.tokens._newest.values()
    assert issued
    assert "/cgi-bin/stable_token" in written
    for secret in (*SECRETS.values(), *issued, token):
        assert secret not in written
        assert base64.b64encode(secret.encode()).decode() not in written
