"""Logging in on a web page: the state is ours, for this visitor, once."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3

from tests.wechat.world import PHONE, Control, FrozenClock
from wechat.config import AccountConfig
from wechat.errors import BadCode, InvalidArgument, StateInvalid, VirtualUser
from wechat.official import OfficialAccount
from wechat.sandbox.server import RunningSandbox
from wechat.tokens import TokenProvider
from wechat.transport import Transport
from wechat.web_login import WebLogin

pytestmark = pytest.mark.requirement(27)
BACK = "https://home.example/back"


@pytest.fixture
def login(
    oa_config: AccountConfig, transport: Transport, tokens: TokenProvider, clock: FrozenClock, sandbox: RunningSandbox
) -> WebLogin:
    seen: set[str] = set()

    def first_seen(key: str, ttl: int) -> bool:
        new = key not in seen
        seen.add(key)
        return new

    account = OfficialAccount(replace(oa_config, open_base=sandbox.url), transport, tokens, clock=clock)
    return account.open_web_login(
        signing_key=b"k" * 32, first_seen=first_seen, redirect_hosts=["home.example", "h5.home.example"]
    )


def come_back(address: str, *marks: str) -> dict[str, str]:
    """Agree on the platform's page; the code and the state that the visitor brings back."""
    page = "&".join([address.partition("#")[0], f"as={PHONE}", *marks])
    answer = urllib3.PoolManager(retries=False).request("GET", page, redirect=False)
    assert answer.status == 302, answer.data
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {"code": query["code"][0], "state": query["state"][0]}


def test_visitor_comes_back_as_who_they_are(login: WebLogin, person: dict[str, str]) -> None:
    brought = come_back(login.build_address(BACK, session="s1"))
    user = login.finish(**brought, session="s1")
    assert (user.openid, user.unionid) == (person["openid_oa"], None)
    assert person["openid_oa"] not in repr(user)


def test_scope_that_asks_gives_the_unionid(login: WebLogin, person: dict[str, str]) -> None:
    brought = come_back(login.build_address(BACK, session="s1", scope="snsapi_userinfo"))
    assert login.finish(**brought, session="s1").unionid == person["unionid"]


def test_address_is_the_documented_one(login: WebLogin, oa_config: AccountConfig) -> None:
    address = login.build_address(BACK + "?a=1&b=2", session="s1")
    assert address.endswith("#wechat_redirect")
    query = parse_qs(urlsplit(address).query)
    assert list(query) == ["appid", "redirect_uri", "response_type", "scope", "state"]
    assert (query["appid"], query["redirect_uri"]) == ([oa_config.appid], [BACK + "?a=1&b=2"])


def test_no_two_states_are_alike(login: WebLogin) -> None:
    assert len({login.build_address(BACK, session="s1") for _ in range(50)}) == 50


def test_state_is_good_once(login: WebLogin, person: dict[str, str], control: Control) -> None:
    brought = come_back(login.build_address(BACK, session="s1"))
    login.finish(**brought, session="s1")
    with pytest.raises(StateInvalid, match="used"):
        login.finish(**brought, session="s1")
    assert control.calls("/sns/oauth2/access_token") == 1


def test_state_of_another_visitor_is_refused(login: WebLogin, person: dict[str, str], control: Control) -> None:
    brought = come_back(login.build_address(BACK, session="s1"))
    with pytest.raises(StateInvalid):
        login.finish(**brought, session="s2")
    assert control.calls("/sns/oauth2/access_token") == 0
    assert login.finish(**brought, session="s1")  # which did not use it up


@pytest.mark.parametrize("seconds", [601, 10_000])
def test_old_state_is_refused(
    login: WebLogin, person: dict[str, str], clock: FrozenClock, seconds: int
) -> None:
    brought = come_back(login.build_address(BACK, session="s1"))
    clock.move(seconds)
    with pytest.raises(StateInvalid, match="old"):
        login.finish(**brought, session="s1")


@pytest.mark.parametrize("state", ["", "abc", "0" * 80, "0" * 79 + "G", "é" * 80, "0" * 81])
def test_forged_state_is_refused(login: WebLogin, state: str) -> None:
    with pytest.raises(StateInvalid):
        login.finish(code="c", state=state, session="s1")


def test_altered_state_is_refused(login: WebLogin, person: dict[str, str]) -> None:
    brought = come_back(login.build_address(BACK, session="s1"))
    for place in (0, 35, 79):
        digit = "0" if brought["state"][place] != "0" else "1"
        altered = brought["state"][:place] + digit + brought["state"][place + 1 :]
        with pytest.raises(StateInvalid):
            login.finish(code=brought["code"], state=altered, session="s1")


def test_snapshot_page_has_no_user(login: WebLogin, person: dict[str, str]) -> None:
    brought = come_back(login.build_address(BACK, session="s1"), "snapshot=1")
    with pytest.raises(VirtualUser):
        login.finish(**brought, session="s1")


def test_code_is_good_once(login: WebLogin, person: dict[str, str]) -> None:
    brought = come_back(login.build_address(BACK, session="s1"))
    login.finish(**brought, session="s1")
    second = come_back(login.build_address(BACK, session="s1"))
    with pytest.raises(BadCode) as caught:
        login.finish(code=brought["code"], state=second["state"], session="s1")
    assert caught.value.code == 40163


@pytest.mark.parametrize(
    "redirect",
    [
        "http://home.example/",
        "https://elsewhere.example/",
        "https://home.example.elsewhere.example/",
        "https://home.example@elsewhere.example/",
        "https://home.example:444/",
        "https://elsewhere.example/?https://home.example/",
        "javascript:alert(1)",
        "//home.example/",
        "",
    ],
)
def test_nobody_is_sent_elsewhere(login: WebLogin, redirect: str) -> None:
    with pytest.raises(InvalidArgument):
        login.build_address(redirect, session="s1")
    assert login.build_address("https://h5.home.example/a", session="s1")
