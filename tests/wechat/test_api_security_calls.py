"""Calls of an account that has switched API security on, over HTTP against the stand-in's own side of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.wechat.world import NOTICE, PHONE, Control, FrozenClock
from wechat.api_security import SEALED_APIS, ApiSecurity, read_api_security
from wechat.config import AccountConfig
from wechat.errors import Misconfigured, NotSubscribed, WeChatProtocolError
from wechat.mini import MiniProgram
from wechat.sandbox.api_security import SECURED_PATHS
from wechat.sandbox.server import RunningSandbox
from wechat.tokens import TokenProvider
from wechat.transport import Transport

pytestmark = pytest.mark.requirement(69)
SEND, QUOTA = "/cgi-bin/message/subscribe/send", "/cgi-bin/openapi/quota/get"


@pytest.fixture
def keys(control: Control) -> ApiSecurity:
    return read_api_security(json.dumps(control.post("api-security")))


@pytest.fixture
def transport(sandbox: RunningSandbox, clock: FrozenClock) -> Transport:
    return Transport([sandbox.url], pause=lambda seconds: None, clock=clock)


@pytest.fixture
def secured(
    mini_config: AccountConfig, keys: ApiSecurity, transport: Transport, tokens: TokenProvider, clock: FrozenClock
) -> MiniProgram:
    return MiniProgram(replace(mini_config, api_security=keys), transport, tokens, clock=clock)


def test_sealed_calls_do_what_plain_ones_do(
    secured: MiniProgram, control: Control, person: dict[str, str]
) -> None:
    secured.exchange_login_code(control.post("login-codes", phone=PHONE)["code"])
    phone = secured.exchange_phone_code(control.post("phone-codes", phone=PHONE)["code"], person["openid_mini"])
    assert phone.national_number == PHONE
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True)
    secured.send_subscribe_message(person["openid_mini"], "tmpl-notice", NOTICE, "pages/a")
    assert control.get("messages", phone=PHONE)["messages"][0]["data"] == NOTICE
    assert secured.check_text(person["openid_mini"], "路灯坏了 \U0001f600").suggestion == "pass"
    assert secured.get_quota(SEND).used == 1


def test_calls_that_are_not_on_the_list_stay_plain(secured: MiniProgram) -> None:
    assert secured.list_templates()
    assert secured.make_code("a=1", "pages/a").startswith(b"\xff\xd8")


def test_plain_call_is_refused_where_a_sealed_one_is_due(
    mini: MiniProgram, keys: ApiSecurity, control: Control
) -> None:
    with pytest.raises(Misconfigured) as caught:
        mini.get_quota(SEND)
    assert caught.value.code == 40233


def test_keys_of_another_account_are_refused(
    mini_config: AccountConfig,
    keys: ApiSecurity,
    transport: Transport,
    tokens: TokenProvider,
    control: Control,
    clock: FrozenClock,
) -> None:
    control.post("api-security")  # new keys; those we hold are of yesterday
    old = MiniProgram(replace(mini_config, api_security=keys), transport, tokens, clock=clock)
    with pytest.raises(Misconfigured) as caught:
        old.get_quota(SEND)
    assert (caught.value.code, caught.value.category, caught.value.stops_batch) == (40234, "config", True)


def test_refusal_comes_unsigned_and_is_believed(
    secured: MiniProgram, control: Control, person: dict[str, str]
) -> None:
    with pytest.raises(NotSubscribed):
        secured.send_subscribe_message(person["openid_mini"], "tmpl-notice", NOTICE, "pages/a")


def test_unsigned_success_is_no_success(secured: MiniProgram, control: Control, person: dict[str, str]) -> None:
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True)
    control.fault(SEND, "unsigned")
    with pytest.raises(WeChatProtocolError, match="not authentic") as caught:
        secured.send_subscribe_message(person["openid_mini"], "tmpl-notice", NOTICE, "pages/a")
    assert (caught.value.outcome_unknown, caught.value.retryable) == (True, False)
    assert len(control.get("messages", phone=PHONE)["messages"]) == 1


@pytest.mark.parametrize("kind", ["html", "truncated_json", "html_502"])
def test_garbled_answer_is_no_success(secured: MiniProgram, control: Control, kind: str) -> None:
    control.fault(QUOTA, kind, times=9)
    with pytest.raises(WeChatProtocolError):
        secured.get_quota(SEND)


def test_clock_that_is_off_is_told_as_such(
    mini_config: AccountConfig, keys: ApiSecurity, sandbox: RunningSandbox, tokens: TokenProvider
) -> None:
    late = FrozenClock()
    late.move(400)
    transport = Transport([sandbox.url], pause=lambda seconds: None, clock=late)
    mini = MiniProgram(replace(mini_config, api_security=keys), transport, tokens)
    with pytest.raises(Misconfigured) as caught:
        mini.get_quota(SEND)
    assert caught.value.code == 40240


@pytest.mark.parametrize("code", [40230, 40231, 40234, 40235, 40236, 40237, 40238, 40239, 40240])
def test_every_fault_of_the_keys_is_an_alarm(secured: MiniProgram, control: Control, code: int) -> None:
    control.fault(QUOTA, "errcode", code=code)
    with pytest.raises(Misconfigured):
        secured.get_quota(SEND)


def test_secrets_of_the_phone_stay_inside_the_seal(
    secured: MiniProgram, sandbox: RunningSandbox, control: Control, person: dict[str, str]
) -> None:
    code = control.post("phone-codes", phone=PHONE)["code"]
    account = secured._account
    sealed = account.config.api_security
    assert sealed is not None
    body = sealed.seal(f"{sandbox.url}/wxa/business/getuserphonenumber", "wx", {"code": code, "openid": "o1"}, 1).body
    assert code.encode() not in body
    assert set(json.loads(body)) == {"iv", "data", "authtag"}


def test_both_sides_seal_the_same_calls() -> None:
    assert SECURED_PATHS <= SEALED_APIS
