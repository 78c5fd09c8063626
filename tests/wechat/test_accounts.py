"""Several accounts in one process: a county's own mini-program beside the first one, nothing mixed up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.wechat.world import AES_KEY, NOTICE, PHONE, Control, FrozenClock, Product
from wechat.config import AccountConfig
from wechat.errors import InvalidOpenid, Misconfigured, NotSubscribed
from wechat.mini import MiniProgram
from wechat.official import OfficialAccount
from wechat.sandbox.server import RunningSandbox, start_sandbox
from wechat.tokens import TokenProvider
from wechat.transport import Transport

pytestmark = pytest.mark.requirement(73)
SECOND = AccountConfig("mini", "wxmini0000000002", "second-secret", "second-token", (AES_KEY,))
SECOND_OA = AccountConfig("oa", "wxoa000000000002", "second-oa-secret", "second-oa-token", (AES_KEY,))


@pytest.fixture
def sandbox(
    mini_config: AccountConfig, oa_config: AccountConfig, clock: FrozenClock
) -> Iterator[RunningSandbox]:
    others = {"mini-heping": SECOND, "oa-heping": SECOND_OA}
    with start_sandbox(mini_config, oa_config, others=others, clock=clock, callback_delay=0.01) as running:
        yield running


@pytest.fixture
def second(transport: Transport, tokens: TokenProvider, clock: FrozenClock) -> MiniProgram:
    return MiniProgram(SECOND, transport, tokens, clock=clock)


def test_same_person_has_another_openid_and_the_same_unionid(
    mini: MiniProgram, second: MiniProgram, control: Control, person: dict[str, str]
) -> None:
    first = mini.exchange_login_code(control.post("login-codes", phone=PHONE)["code"])
    code = control.post("login-codes", phone=PHONE, account="mini-heping")["code"]
    other = second.exchange_login_code(code)
    assert first.openid != other.openid
    assert first.unionid == other.unionid


@pytest.mark.requirement(8)
def test_each_has_its_own_token(mini: MiniProgram, second: MiniProgram, control: Control) -> None:
    for account in (mini, second, mini, second):
        account.list_templates()
    assert control.calls("/cgi-bin/stable_token") == 2


def test_code_of_one_is_nothing_to_the_other(
    mini: MiniProgram, second: MiniProgram, control: Control, person: dict[str, str]
) -> None:
    code = control.post("phone-codes", phone=PHONE, account="mini-heping")["code"]
    with pytest.raises(Misconfigured) as caught:
        mini.exchange_phone_code(code, person["openid_mini"])
    assert caught.value.code == 40013


def test_subscription_to_one_is_none_to_the_other(
    mini: MiniProgram, second: MiniProgram, control: Control, person: dict[str, str]
) -> None:
    openid = control.post("users", name="张三", phone=PHONE)["openids"]["mini-heping"]
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True)
    with pytest.raises(NotSubscribed):
        second.send_subscribe_message(openid, "tmpl-notice", NOTICE, "p")
    with pytest.raises(InvalidOpenid):
        mini.send_subscribe_message(openid, "tmpl-notice", NOTICE, "p")
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True, account="mini-heping")
    second.send_subscribe_message(openid, "tmpl-notice", NOTICE, "p")
    shown = control.get("messages", phone=PHONE)["messages"]
    assert [one["account"] for one in shown] == ["mini-heping"]


@pytest.mark.requirement(32)
def test_pushes_of_each_come_to_its_own_door(
    sandbox: RunningSandbox,
    control: Control,
    person: dict[str, str],
    mini_config: AccountConfig,
    oa_config: AccountConfig,
    clock: FrozenClock,
) -> None:
    doors = {"mini": mini_config, "oa": oa_config, "mini-heping": SECOND, "oa-heping": SECOND_OA}
    product = Product(doors, clock)
    sandbox.state.product_url = product.url
    for account in ("mini", "mini-heping"):
        assert control.post("mini-messages", phone=PHONE, text=account, account=account)["status"] == 200
    control.post("oa-messages", phone=PHONE, text="oa-heping", account="oa-heping")
    assert [(one.appid, one.content) for one in product.received] == [
        (mini_config.appid, "mini"),
        (SECOND.appid, "mini-heping"),
        (SECOND_OA.appid, "oa-heping"),
    ]
    product.stop()


@pytest.mark.requirement(32)
def test_push_of_one_does_not_open_the_door_of_another(
    sandbox: RunningSandbox, control: Control, person: dict[str, str], mini_config: AccountConfig, clock: FrozenClock
) -> None:
    mixed_up = replace(mini_config, token=SECOND.token)  # right token, right key, wrong account
    product = Product({"mini-heping": mixed_up}, clock)
    sandbox.state.product_url = product.url
    assert control.post("mini-messages", phone=PHONE, text="你好", account="mini-heping")["status"] == 403
    assert product.received == []
    assert set(product.rejected) == {"appid_mismatch"}
    product.stop()


def test_followers_of_each_are_its_own(
    sandbox: RunningSandbox,
    control: Control,
    person: dict[str, str],
    official: OfficialAccount,
    transport: Transport,
    tokens: TokenProvider,
) -> None:
    control.post("oa-messages", phone=PHONE, event="subscribe", account="oa-heping")
    openids = control.post("users", name="张三", phone=PHONE)["openids"]
    second = OfficialAccount(SECOND_OA, transport, tokens)
    assert second.get_follower(openids["oa-heping"]).follows is True
    assert official.get_follower(openids["oa"]).follows is False
