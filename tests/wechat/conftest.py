"""The stand-in over real HTTP, clients of it, and a product that receives its callbacks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.wechat.world import AES_KEY, PHONE, Control, FrozenClock, Product
from wechat.config import AccountConfig
from wechat.mini import MiniProgram
from wechat.official import OfficialAccount
from wechat.sandbox.server import RunningSandbox, start_sandbox
from wechat.tokens import MemoryTokenStore, TokenProvider
from wechat.transport import Transport


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def mini_config() -> AccountConfig:
    return AccountConfig(
        "mini",
        "wxmini0000000001",
        "mini-secret-literal",
        "mini-token-literal",
        (AES_KEY,),
        secret_version="7",
    )


@pytest.fixture
def oa_config() -> AccountConfig:
    return AccountConfig("oa", "wxoa000000000001", "oa-secret-literal", "oa-token-literal", (AES_KEY,))


@pytest.fixture
def sandbox(
    mini_config: AccountConfig, oa_config: AccountConfig, clock: FrozenClock
) -> Iterator[RunningSandbox]:
    with start_sandbox(mini_config, oa_config, clock=clock, callback_delay=0.01) as running:
        yield running


@pytest.fixture
def control(sandbox: RunningSandbox) -> Control:
    return Control(sandbox.url)


@pytest.fixture
def product(
    sandbox: RunningSandbox, mini_config: AccountConfig, oa_config: AccountConfig, clock: FrozenClock
) -> Iterator[Product]:
    running = Product({"mini": mini_config, "oa": oa_config}, clock)
    sandbox.state.product_url = running.url
    yield running
    running.stop()


@pytest.fixture
def person(control: Control) -> dict[str, str]:
    found: dict[str, str] = control.post("users", name="张三", phone=PHONE)
    return found


@pytest.fixture
def transport(sandbox: RunningSandbox) -> Transport:
    return Transport([sandbox.url], pause=lambda seconds: None)


@pytest.fixture
def tokens(clock: FrozenClock) -> TokenProvider:
    return TokenProvider(MemoryTokenStore(), clock=clock)


@pytest.fixture
def mini(
    mini_config: AccountConfig, transport: Transport, tokens: TokenProvider, clock: FrozenClock
) -> MiniProgram:
    return MiniProgram(mini_config, transport, tokens, clock=clock)


@pytest.fixture
def official(
    oa_config: AccountConfig, transport: Transport, tokens: TokenProvider, clock: FrozenClock
) -> OfficialAccount:
    return OfficialAccount(oa_config, transport, tokens, clock=clock)


@pytest.fixture
def visitor(control: Control, person: dict[str, str], mini: MiniProgram) -> dict[str, str]:
    """A person who has just logged in to the mini-program."""
    mini.exchange_login_code(control.post("login-codes", phone=PHONE)["code"])
    return person
