"""The mini-program client against the platform's stand-in, over HTTP."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.wechat.world import NOTICE, PHONE, Control, FrozenClock, Product
from wechat.config import AccountConfig
from wechat.errors import (
    BadCode,
    ConcurrentSend,
    InvalidArgument,
    InvalidOpenid,
    NotSubscribed,
    PhoneUntrusted,
    RateLimited,
    StaleOpenid,
    SystemBusy,
    TemplateInvalid,
    WeChatTimeout,
    WindowClosed,
)
from wechat.fields import FieldInvalid
from wechat.mini import MiniProgram
from wechat.sandbox.server import RunningSandbox
from wechat.tokens import TokenProvider
from wechat.transport import Transport

SEND = "/cgi-bin/message/subscribe/send"


@pytest.mark.requirement(22)
def test_login_code_gives_openid_unionid_and_session_key(
    mini: MiniProgram, control: Control, person: dict[str, str]
) -> None:
    login = mini.exchange_login_code(control.post("login-codes", phone=PHONE)["code"])
    assert (login.openid, login.unionid) == (person["openid_mini"], person["unionid"])
    assert login.session_key
    assert login.session_key not in repr(login)


def test_login_without_open_platform_has_no_unionid(mini: MiniProgram, control: Control) -> None:
    control.post("users", name="李四", phone="139", unionid=None)
    assert mini.exchange_login_code(control.post("login-codes", phone="139")["code"]).unionid is None


@pytest.mark.requirement(20)
def test_login_needs_no_token_and_works_while_tokens_fail(
    mini: MiniProgram, control: Control, person: dict[str, str]
) -> None:
    control.fault("/cgi-bin/stable_token", "html_502", times=99)
    assert mini.exchange_login_code(control.post("login-codes", phone=PHONE)["code"]).openid
    assert control.calls("/cgi-bin/stable_token") == 0


def test_login_code_is_good_once(mini: MiniProgram, control: Control, person: dict[str, str]) -> None:
    code = control.post("login-codes", phone=PHONE)["code"]
    mini.exchange_login_code(code)
    with pytest.raises(BadCode) as caught:
        mini.exchange_login_code(code)
    assert caught.value.code == 40163
    assert caught.value.rid


def test_login_code_dies_after_five_minutes(
    mini: MiniProgram, control: Control, person: dict[str, str], clock: FrozenClock
) -> None:
    code = control.post("login-codes", phone=PHONE)["code"]
    clock.move(301)
    with pytest.raises(BadCode) as caught:
        mini.exchange_login_code(code)
    assert caught.value.code == 40029


@pytest.mark.requirement(21, 12)
@pytest.mark.parametrize("kind", ["html_502", "reset", "drop_after_execute", "truncated_json"])
def test_login_code_is_never_repeated_once_sent(
    mini: MiniProgram, control: Control, person: dict[str, str], kind: str
) -> None:
    control.fault("/sns/jscode2session", kind)
    with pytest.raises(Exception) as caught:  # noqa: PT011 - one test for several kinds
        mini.exchange_login_code(control.post("login-codes", phone=PHONE)["code"])
    assert caught.value.outcome_unknown is True  # type: ignore[attr-defined]
    assert control.calls("/sns/jscode2session") == 1


@pytest.mark.requirement(21)
def test_busy_platform_on_login_is_not_repeated(
    mini: MiniProgram, control: Control, person: dict[str, str]
) -> None:
    control.fault("/sns/jscode2session", "errcode", code=-1)
    with pytest.raises(SystemBusy) as caught:
        mini.exchange_login_code("any")
    assert caught.value.retryable is False
    assert control.calls("/sns/jscode2session") == 1


def test_phone_code_gives_the_national_number(
    mini: MiniProgram, control: Control, person: dict[str, str]
) -> None:
    code = control.post("phone-codes", phone=PHONE)["code"]
    phone = mini.exchange_phone_code(code, person["openid_mini"])
    assert (phone.country_code, phone.national_number) == ("86", PHONE)
    assert PHONE not in repr(phone)


@pytest.mark.requirement(24)
def test_phone_code_of_another_person_is_refused(
    mini: MiniProgram, control: Control, person: dict[str, str]
) -> None:
    other = control.post("users", name="李四", phone="139")
    with pytest.raises(BadCode):
        mini.exchange_phone_code(control.post("phone-codes", phone=PHONE)["code"], other["openid_mini"])


def test_login_code_is_no_phone_code(mini: MiniProgram, control: Control, person: dict[str, str]) -> None:
    with pytest.raises(BadCode):
        mini.exchange_phone_code(control.post("login-codes", phone=PHONE)["code"], person["openid_mini"])


@pytest.mark.requirement(24)
@pytest.mark.parametrize("skew", [601, -601])
def test_phone_with_an_old_watermark_is_not_trusted(
    mini_config: AccountConfig,
    transport: Transport,
    tokens: TokenProvider,
    control: Control,
    person: dict[str, str],
    clock: FrozenClock,
    skew: int,
) -> None:
    ahead = FrozenClock()
    ahead.move(skew)
    late = MiniProgram(mini_config, transport, tokens, clock=ahead)
    with pytest.raises(PhoneUntrusted):
        late.exchange_phone_code(control.post("phone-codes", phone=PHONE)["code"], person["openid_mini"])


@pytest.mark.requirement(24)
def test_phone_with_a_foreign_watermark_is_not_trusted(
    mini: MiniProgram, control: Control, person: dict[str, str], sandbox: RunningSandbox
) -> None:
    code = control.post("phone-codes", phone=PHONE)["code"]
    mini.list_templates()  # the token is in hand before the platform takes another name
    accounts = sandbox.state.accounts
    sandbox.state.accounts = {**accounts, "mini": replace(accounts["mini"], appid="wxother")}
    with pytest.raises(PhoneUntrusted):
        mini.exchange_phone_code(code, person["openid_mini"])


def test_code_is_a_real_picture(mini: MiniProgram) -> None:
    assert mini.make_code("t=abc", "pages/index/index").startswith(b"\xff\xd8")


@pytest.mark.requirement(61, 62)
@pytest.mark.parametrize(
    ("scene", "page", "width", "check_path"),
    [
        ("", "pages/a", 430, True),
        ("x" * 33, "pages/a", 430, True),
        ("a%20", "pages/a", 430, True),
        ("站", "pages/a", 430, True),
        ("scancode_time=1", "pages/a", 430, True),
        ("a=1", "/pages/a", 430, True),
        ("a=1", "pages/a?b=1", 430, True),
        ("a=1", "pages/a", 279, True),
        ("a=1", "pages/a", 430, False),
    ],
)
def test_wrong_code_request_is_refused_before_the_network(
    mini: MiniProgram, control: Control, scene: str, page: str, width: int, check_path: bool
) -> None:
    with pytest.raises(InvalidArgument):
        mini.make_code(scene, page, width=width, check_path=check_path)
    assert control.calls("/wxa/getwxacodeunlimit") == 0


@pytest.mark.requirement(15, 62)
def test_json_error_in_place_of_a_picture_is_mapped(mini: MiniProgram, control: Control) -> None:
    control.fault("/wxa/getwxacodeunlimit", "errcode", code=41030)
    with pytest.raises(TemplateInvalid):
        mini.make_code("a=1", "pages/a")


def test_templates_are_listed_with_kind_and_fields(mini: MiniProgram) -> None:
    notice, opinion, _ = mini.list_templates()
    assert (notice.id, notice.kind, opinion.kind) == ("tmpl-notice", "long_term", "one_time")
    assert [(field.name, field.label) for field in notice.fields][:2] == [
        ("thing1", "通知标题"),
        ("thing2", "发布单位"),
    ]


@pytest.mark.requirement(48)
@pytest.mark.parametrize(("change", "reason"), [({"thing9": "x"}, "unknown"), ({"thing1": None}, "missing")])
def test_template_names_are_checked_before_the_network(
    mini: MiniProgram, change: dict[str, str | None], reason: str
) -> None:
    template = mini.list_templates()[0]
    template.check_names(NOTICE)
    data = {name: value for name, value in (NOTICE | change).items() if value is not None}
    with pytest.raises(FieldInvalid) as caught:
        template.check_names(data)
    assert caught.value.reason == reason


def test_long_term_subscription_takes_any_number_of_messages(
    mini: MiniProgram, control: Control, visitor: dict[str, str]
) -> None:
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True)
    for _ in range(3):
        mini.send_subscribe_message(visitor["openid_mini"], "tmpl-notice", NOTICE, "pages/notice?id=1")
    messages = control.get("messages", phone=PHONE)["messages"]
    assert [one["kind"] for one in messages] == ["subscribe"] * 3
    assert messages[0]["data"] == NOTICE


@pytest.mark.parametrize("names_messages", [True, False])
def test_message_id_of_the_answer_is_the_events_where_the_platform_tells_it(
    mini: MiniProgram,
    control: Control,
    visitor: dict[str, str],
    product: Product,
    sandbox: RunningSandbox,
    names_messages: bool,
) -> None:
    sandbox.state.names_messages = names_messages
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True)
    msgid = mini.send_subscribe_message(visitor["openid_mini"], "tmpl-notice", NOTICE, "pages/a")
    (row,) = product.wait_for("subscribe_msg_sent_event").raw["List"]
    assert msgid == (row["MsgID"] if names_messages else None)


def test_one_time_subscription_is_one_message(
    mini: MiniProgram, control: Control, visitor: dict[str, str]
) -> None:
    data = {"character_string1": "YJ-1", "phrase2": "已办结", "thing3": "说明", "time4": "09:00"}
    control.post("subscriptions", phone=PHONE, template_id="tmpl-opinion", accept=True)
    mini.send_subscribe_message(visitor["openid_mini"], "tmpl-opinion", data, "pages/a")
    with pytest.raises(NotSubscribed):
        mini.send_subscribe_message(visitor["openid_mini"], "tmpl-opinion", data, "pages/a")


def test_message_to_a_stranger_or_by_an_unknown_template_is_refused(
    mini: MiniProgram, visitor: dict[str, str]
) -> None:
    with pytest.raises(InvalidOpenid):
        mini.send_subscribe_message("o" * 28, "tmpl-notice", NOTICE, "pages/a")
    with pytest.raises(InvalidOpenid):  # the openid of the other account
        mini.send_subscribe_message(visitor["openid_oa"], "tmpl-notice", NOTICE, "pages/a")
    with pytest.raises(TemplateInvalid):
        mini.send_subscribe_message(visitor["openid_mini"], "tmpl-none", NOTICE, "pages/a")


def test_template_with_a_missing_field_is_refused_by_name(mini: MiniProgram, visitor: dict[str, str]) -> None:
    with pytest.raises(TemplateInvalid, match=r"data\.thing4\.value") as caught:
        mini.send_subscribe_message(
            visitor["openid_mini"],
            "tmpl-notice",
            {k: v for k, v in NOTICE.items() if k != "thing4"},
            "pages/a",
        )
    assert caught.value.code == 47003


@pytest.mark.requirement(47)
def test_invalid_field_never_reaches_the_network(
    mini: MiniProgram, control: Control, visitor: dict[str, str]
) -> None:
    with pytest.raises(FieldInvalid):
        mini.send_subscribe_message(visitor["openid_mini"], "tmpl-notice", NOTICE | {"time3": "soon"}, "p")
    assert control.calls(SEND) == 0


@pytest.mark.requirement(50)
def test_hundred_threads_never_send_twice_at_once_to_one_person(
    mini: MiniProgram, control: Control, visitor: dict[str, str], sandbox: RunningSandbox
) -> None:
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True)
    sandbox.state.latency = 0.005
    with ThreadPoolExecutor(100) as pool:
        sends = [
            pool.submit(mini.send_subscribe_message, visitor["openid_mini"], "tmpl-notice", NOTICE, "p")
            for _ in range(100)
        ]
    assert len({send.result() for send in sends}) == 100


@pytest.mark.requirement(50)
def test_two_processes_sending_at_once_are_told_so(
    mini: MiniProgram,
    mini_config: AccountConfig,
    transport: Transport,
    tokens: TokenProvider,
    control: Control,
    visitor: dict[str, str],
    sandbox: RunningSandbox,
) -> None:
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True)
    sandbox.state.latency = 0.2
    other = MiniProgram(mini_config, transport, tokens)  # knows nothing of the first one's sends
    start = threading.Barrier(2)

    def send(client: MiniProgram) -> Exception | None:
        start.wait()
        try:
            client.send_subscribe_message(visitor["openid_mini"], "tmpl-notice", NOTICE, "p")
        except ConcurrentSend as problem:
            return problem
        return None

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(send, [mini, other]))
    refused = [one for one in outcomes if one is not None]
    assert len(refused) == 1
    assert refused[0].retryable is True  # type: ignore[attr-defined]


@pytest.mark.requirement(51)
def test_message_dropped_after_execution_is_unknown_and_not_repeated(
    mini: MiniProgram, control: Control, visitor: dict[str, str], product: Product
) -> None:
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True)
    mini.list_templates()
    control.fault(SEND, "drop_after_execute")
    with pytest.raises(WeChatTimeout) as caught:
        mini.send_subscribe_message(visitor["openid_mini"], "tmpl-notice", NOTICE, "p")
    assert caught.value.sent is True
    assert caught.value.retryable is False
    assert len(control.get("messages", phone=PHONE)["messages"]) == 1
    sent = product.wait_for("subscribe_msg_sent_event")  # which is how the outcome becomes known
    assert sent.raw["List"][0]["ErrorStatus"] == "success"


def test_failed_delivery_comes_as_an_event(
    mini: MiniProgram, control: Control, visitor: dict[str, str], product: Product
) -> None:
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True)
    control.fault(SEND, "delivery_failed")
    mini.send_subscribe_message(visitor["openid_mini"], "tmpl-notice", NOTICE, "p")
    assert product.wait_for("subscribe_msg_sent_event").raw["List"][0]["ErrorCode"] == "1"
    assert control.get("messages", phone=PHONE)["messages"] == []


def test_daily_quota_ends_with_the_day_in_shanghai(
    mini: MiniProgram, control: Control, visitor: dict[str, str], clock: FrozenClock
) -> None:
    control.post("quotas", path="/wxa/msg_sec_check", limit=1)
    mini.check_text(visitor["openid_mini"], "好")
    with pytest.raises(RateLimited) as caught:
        mini.check_text(visitor["openid_mini"], "好")
    assert caught.value.daily
    clock.move(15 * 3600)  # past midnight in Shanghai
    mini.exchange_login_code(control.post("login-codes", phone=PHONE)["code"])
    mini.check_text(visitor["openid_mini"], "好")


@pytest.mark.requirement(65)
@pytest.mark.parametrize(
    ("text", "suggestion", "label"),
    [("路灯坏了", "pass", 100), ("含复核词", "review", 20001), ("含风险词", "risky", 20006)],
)
def test_text_is_judged(
    mini: MiniProgram, visitor: dict[str, str], text: str, suggestion: str, label: int
) -> None:
    verdict = mini.check_text(visitor["openid_mini"], text)
    assert (verdict.suggestion, verdict.label) == (suggestion, label)
    assert verdict.trace_id


def test_long_text_is_as_bad_as_its_worst_piece(
    mini: MiniProgram, visitor: dict[str, str], control: Control
) -> None:
    assert mini.check_text(visitor["openid_mini"], "好" * 2498 + "风险词" + "好" * 4000).suggestion == "risky"
    assert control.calls("/wxa/msg_sec_check") == 3


@pytest.mark.requirement(64)
def test_text_of_someone_long_gone_has_no_verdict(
    mini: MiniProgram, visitor: dict[str, str], clock: FrozenClock
) -> None:
    clock.move(2 * 3600 + 1)
    with pytest.raises(StaleOpenid):
        mini.check_text(visitor["openid_mini"], "好")


@pytest.mark.requirement(66)
def test_media_is_judged_by_an_event(mini: MiniProgram, visitor: dict[str, str], product: Product) -> None:
    trace_id = mini.check_media(visitor["openid_mini"], "https://files.example/risky.jpg", "image")
    event = product.wait_for("wxa_media_check")
    assert event.raw["trace_id"] == trace_id
    assert event.raw["result"]["suggest"] == "risky"
    assert isinstance(event.raw["detail"], list)


@pytest.mark.requirement(44)
def test_customer_message_needs_a_window_and_is_counted(
    mini: MiniProgram, control: Control, visitor: dict[str, str], clock: FrozenClock
) -> None:
    openid = visitor["openid_mini"]
    with pytest.raises(WindowClosed) as caught:
        mini.send_custom_text(openid, "您好")
    assert caught.value.code == 45015
    control.post("mini-messages", phone=PHONE, text="在吗")
    mini.send_typing(openid)
    for _ in range(5):
        mini.send_custom_text(openid, "您好", is_ai=True)
    with pytest.raises(WindowClosed) as caught:
        mini.send_custom_text(openid, "您好")
    assert caught.value.code == 45047
    assert control.get("messages", phone=PHONE)["messages"][0]["is_ai"] is True
    clock.move(48 * 3600 + 1)
    with pytest.raises(WindowClosed):
        mini.send_custom_text(openid, "您好")


@pytest.mark.requirement(60)
def test_long_answer_is_cut_to_what_the_platform_takes(
    mini: MiniProgram, control: Control, visitor: dict[str, str]
) -> None:
    control.post("mini-messages", phone=PHONE, text="在吗")
    mini.send_custom_text(visitor["openid_mini"], "答" * 1000)
    text = control.get("messages", phone=PHONE)["messages"][-1]["text"]
    assert text.endswith("答…")
    assert 2040 < len(text.encode()) <= 2048


def test_typing_to_someone_idle_is_harmless(mini: MiniProgram, visitor: dict[str, str]) -> None:
    mini.send_typing(visitor["openid_mini"])
