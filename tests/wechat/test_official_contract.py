"""The official-account client against the platform's stand-in, over HTTP."""

from __future__ import annotations

import pytest

from tests.wechat.world import NOTICE, PHONE, Control, Product
from wechat.config import AccountConfig
from wechat.errors import (
    InvalidArgument,
    InvalidOpenid,
    Misconfigured,
    RecipientRefused,
    TemplateInvalid,
    WeChatTimeout,
    WindowClosed,
)
from wechat.mini import MiniProgram
from wechat.official import OfficialAccount
from wechat.template_message import SEND
from wechat.tokens import TokenProvider
from wechat.transport import Transport


@pytest.fixture
def follower(control: Control, person: dict[str, str], product: Product) -> dict[str, str]:
    control.post("oa-messages", phone=PHONE, event="subscribe")
    return person


@pytest.mark.requirement(28)
def test_follower_has_the_unionid_of_the_mini_program(
    official: OfficialAccount, mini: MiniProgram, control: Control, follower: dict[str, str]
) -> None:
    login = mini.exchange_login_code(control.post("login-codes", phone=PHONE)["code"])
    assert official.find_unionid(follower["openid_oa"]) == login.unionid == follower["unionid"]


def test_unbound_account_knows_no_unionid(official: OfficialAccount, control: Control) -> None:
    other = control.post("users", name="李四", phone="139", unionid=None)
    assert official.find_unionid(other["openid_oa"]) is None


def test_openid_of_the_mini_program_is_foreign(official: OfficialAccount, follower: dict[str, str]) -> None:
    with pytest.raises(InvalidOpenid):
        official.find_unionid(follower["openid_mini"])


def test_template_message_arrives_and_its_end_is_reported(
    official: OfficialAccount, control: Control, follower: dict[str, str], product: Product
) -> None:
    msgid = official.send_template_message(
        follower["openid_oa"], "tmpl-notice", NOTICE, mini_appid="wxmini", mini_path="pages/a"
    )
    done = product.wait_for("TEMPLATESENDJOBFINISH")
    assert (done.raw["MsgID"], done.raw["Status"]) == (msgid, "success")
    delivered = control.get("messages", phone=PHONE)["messages"][-1]
    assert (delivered["kind"], delivered["data"], delivered["page"]) == ("template", NOTICE, "pages/a")


@pytest.mark.requirement(51)
def test_same_client_msg_id_is_sent_once(
    official: OfficialAccount, control: Control, follower: dict[str, str]
) -> None:
    ids = {
        official.send_template_message(
            follower["openid_oa"], "tmpl-notice", NOTICE, url="https://a.example", client_msg_id="outbox-1"
        )
        for _ in range(3)
    }
    assert len(ids) == 1
    assert len(control.get("messages", phone=PHONE)["messages"]) == 1


@pytest.mark.requirement(51)
def test_lost_answer_is_repeated_only_under_a_client_msg_id(
    official: OfficialAccount, control: Control, follower: dict[str, str]
) -> None:
    openid = follower["openid_oa"]
    control.fault(SEND, "drop_after_execute")
    assert official.send_template_message(openid, "tmpl-notice", NOTICE, client_msg_id="outbox-2")
    assert (control.calls(SEND), len(control.get("messages", phone=PHONE)["messages"])) == (2, 1)
    control.fault(SEND, "drop_after_execute")
    with pytest.raises(WeChatTimeout):
        official.send_template_message(openid, "tmpl-notice", NOTICE)
    assert control.calls(SEND) == 3


def test_too_long_client_msg_id_is_refused_here(official: OfficialAccount, control: Control) -> None:
    with pytest.raises(InvalidArgument):
        official.send_template_message("o", "tmpl-notice", NOTICE, client_msg_id="x" * 33)
    assert control.calls(SEND) == 0


def test_template_message_to_someone_who_left_is_refused(
    official: OfficialAccount, control: Control, follower: dict[str, str]
) -> None:
    control.post("oa-messages", phone=PHONE, event="unsubscribe")
    with pytest.raises(RecipientRefused) as caught:
        official.send_template_message(follower["openid_oa"], "tmpl-notice", NOTICE)
    assert caught.value.code == 43004


def test_unknown_template_stops_the_batch(official: OfficialAccount, follower: dict[str, str]) -> None:
    with pytest.raises(TemplateInvalid):
        official.send_template_message(follower["openid_oa"], "tmpl-none", NOTICE)


@pytest.mark.requirement(44)
def test_following_opens_a_short_window(
    official: OfficialAccount, control: Control, follower: dict[str, str]
) -> None:
    for _ in range(3):
        official.send_custom_text(follower["openid_oa"], "欢迎")
    with pytest.raises(WindowClosed):
        official.send_custom_text(follower["openid_oa"], "欢迎")
    control.post("oa-messages", phone=PHONE, text="你好")
    official.send_custom_text(follower["openid_oa"], "您好")


def test_token_of_one_account_does_not_open_the_other(
    mini_config: AccountConfig,
    transport: Transport,
    tokens: TokenProvider,
    official: OfficialAccount,
    follower: dict[str, str],
) -> None:
    stranger = OfficialAccount(mini_config, transport, tokens)
    with pytest.raises(Misconfigured) as caught:
        stranger.find_unionid(follower["openid_oa"])
    assert caught.value.code == 48001
    assert official.find_unionid(follower["openid_oa"])
