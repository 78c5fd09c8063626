"""Whatever goes wrong, no secret, token, code or person shows in an error, log, metric or pickle."""

from __future__ import annotations

import logging
import pickle
import re
import traceback
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.wechat.stages import ROBOT_KEY, build_clients
from tests.wechat.world import NOTICE, PHONE, Control, FrozenClock
from wechat.config import AccountConfig
from wechat.errors import WeChatError
from wechat.mini import MiniProgram
from wechat.redaction import redact
from wechat.sandbox.server import RunningSandbox
from wechat.tokens import MemoryTokenStore, TokenProvider, token_key
from wechat.transport import Transport

CALLS: dict[str, Callable[[MiniProgram, str, str], object]] = {
    "/cgi-bin/stable_token": lambda mini, openid, code: mini.list_templates(),
    "/sns/jscode2session": lambda mini, openid, code: mini.exchange_login_code(code),
    "/wxa/business/getuserphonenumber": lambda mini, openid, code: mini.exchange_phone_code(code, openid),
    "/cgi-bin/message/subscribe/send": lambda mini, openid, code: mini.send_subscribe_message(
        openid, "tmpl-notice", NOTICE, "p"
    ),
    "/wxa/msg_sec_check": lambda mini, openid, code: mini.check_text(openid, "好"),
    "/wxa/getwxacodeunlimit": lambda mini, openid, code: mini.make_code("a=1", "pages/a"),
}
KINDS = ["reset", "drop_after_execute", "html_502", "truncated_json", "errcode"]
OPENID = re.compile(r"o[0-9A-Za-z_-]{27}")


@pytest.mark.requirement(7, 68)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", CALLS)
def test_no_literal_leaks(
    path: str,
    kind: str,
    mini_config: AccountConfig,
    sandbox: RunningSandbox,
    control: Control,
    person: dict[str, str],
    clock: FrozenClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    metrics: list[object] = []
    transport = Transport([sandbox.url], pause=lambda seconds: None, metrics=lambda *one: metrics.append(one))
    store = MemoryTokenStore()
    mini = MiniProgram(mini_config, transport, TokenProvider(store, clock=clock), clock=clock)
    if path != "/cgi-bin/stable_token":
        mini.list_templates()
    token = store.load(token_key(mini_config))
    code = control.post("login-codes", phone=PHONE)["code"]
    control.fault(path, kind, times=99, code=40001)
    with pytest.raises(WeChatError) as caught:
        CALLS[path](mini, person["openid_mini"], code)

    said = "\n".join(
        [
            *(record.getMessage() for record in caplog.records if record.name != "asyncio"),
            str(caught.value),
            repr(caught.value),
            "".join(traceback.format_exception(caught.value)),
            pickle.dumps(caught.value).decode("latin-1"),
            repr(mini_config),
            repr(metrics),
        ]
    )
    literals = [*mini_config.secrets, code, PHONE, *([token.value] if token else [])]
    assert [one for one in literals if one in said] == []
    assert not OPENID.search(said)


def test_errors_survive_a_pickle(mini: MiniProgram) -> None:
    with pytest.raises(WeChatError) as caught:
        mini.exchange_login_code("none")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert (type(copy), str(copy), vars(copy)) == (type(caught.value), str(caught.value), vars(caught.value))


@pytest.mark.requirement(7, 68)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", ["/cgi-bin/gettoken", "/cgi-bin/agent/get", "/cgi-bin/webhook/send", "/sns/oauth2/access_token"])
def test_no_secret_of_wecom_or_the_web_leaks(
    path: str, kind: str, oa_config: AccountConfig, sandbox: RunningSandbox, control: Control, clock: FrozenClock,
    person: dict[str, str], caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    wecom = AccountConfig("wecom", "ww1", "wecom-secret-literal", agent_id=7)
    sandbox.state.accounts["wecom"] = wecom
    clients = build_clients(sandbox.url, {"mini": oa_config, "oa": oa_config, "wecom": wecom}, clock)
    if path == "/cgi-bin/agent/get":
        clients.wecom.get_name()
    login = clients.official.open_web_login(
        signing_key=b"signing-key-literal", first_seen=lambda key, ttl: True, redirect_hosts=["a.example"])
    address = login.build_address("https://a.example/", session="s1")
    state = parse_qs(urlsplit(address.partition("#")[0]).query)["state"][0]
    code = control.post("login-codes", phone=PHONE)["code"]
    calls: dict[str, Callable[[], object]] = {
        "/sns/oauth2/access_token": lambda: login.finish(code=code, state=state, session="s1"),
        "/cgi-bin/webhook/send": lambda: clients.robot.send_text("通知"),
    }
    control.fault(path, kind, times=99, code=40001)
    with pytest.raises(WeChatError) as caught:
        calls.get(path, clients.wecom.get_name)()
    said = "\n".join(
        [*(record.getMessage() for record in caplog.records if record.name != "asyncio"), str(caught.value),
         repr(caught.value), "".join(traceback.format_exception(caught.value)),
         pickle.dumps(caught.value).decode("latin-1"), repr(wecom), repr(clients.robot)])
    tokens = list(sandbox.state.tokens._newest.values())
    literals = ["wecom-secret-literal", *oa_config.secrets, code, ROBOT_KEY, "signing-key-literal", *tokens]
    assert [one for one in literals if one in said] == []


@pytest.mark.requirement(7)
def test_no_foreign_error_is_chained(mini: MiniProgram, control: Control) -> None:
    """urllib3's errors hold the address with the secret in it."""
    control.fault("/sns/jscode2session", "reset")
    with pytest.raises(WeChatError) as caught:
        mini.exchange_login_code("none")
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.requirement(7)
def test_secret_echoed_by_the_platform_is_cut_out() -> None:
    said = redact("bad https://h/x?access_token=AAA&secret=BBB rid: 1 CCC", ["CCC"])
    assert said == "bad https://h/x?access_token=***&secret=*** rid: 1 ***"
