"""Access tokens: fetched once, renewed in time, never kept against the platform's word."""

from __future__ import annotations

import pickle
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.wechat.world import Control, FrozenClock
from wechat.config import AccountConfig
from wechat.errors import Misconfigured, TokenRejected, WeChatError, WeChatProtocolError
from wechat.mini import MiniProgram
from wechat.sandbox.server import RunningSandbox
from wechat.tokens import MemoryTokenStore, StoredToken, TokenProvider
from wechat.transport import Transport

STABLE, PLAIN, LIST = "/cgi-bin/stable_token", "/cgi-bin/token", "/wxaapi/newtmpl/gettemplate"


@pytest.mark.requirement(1)
def test_sixteen_threads_on_a_cold_cache_fetch_once(
    tokens: TokenProvider,
    mini_config: AccountConfig,
    transport: Transport,
    control: Control,
    sandbox: RunningSandbox,
) -> None:
    sandbox.state.latency = 0.05
    start = threading.Barrier(16)

    def obtain(_: int) -> str:
        start.wait()
        return tokens.obtain(mini_config, transport).value

    with ThreadPoolExecutor(16) as pool:
        values = set(pool.map(obtain, range(16)))
    assert len(values) == 1
    assert control.calls(STABLE) == 1


def test_waiting_threads_share_the_failure_too(
    tokens: TokenProvider, mini_config: AccountConfig, transport: Transport, control: Control
) -> None:
    control.fault(STABLE, "slow", seconds=0.1)
    wrong = replace(mini_config, secret="wrong")
    start = threading.Barrier(8)

    def obtain(_: int) -> str:
        start.wait()
        try:
            return tokens.obtain(wrong, transport).value
        except WeChatError as problem:
            return type(problem).__name__

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(obtain, range(8))) == {"Misconfigured"}
    assert control.calls(STABLE) < 8


@pytest.mark.requirement(2)
def test_stable_token_is_the_default_and_never_forces(
    mini: MiniProgram, control: Control, sandbox: RunningSandbox
) -> None:
    mini.list_templates()
    assert (control.calls(STABLE), control.calls(PLAIN)) == (1, 0)


@pytest.mark.requirement(2)
def test_plain_endpoint_is_used_when_asked_for(
    mini_config: AccountConfig, transport: Transport, control: Control, clock: FrozenClock
) -> None:
    tokens = TokenProvider(MemoryTokenStore(), clock=clock, plain_endpoint=True)
    assert tokens.obtain(mini_config, transport).value
    assert (control.calls(STABLE), control.calls(PLAIN)) == (0, 1)


@pytest.mark.requirement(3)
@pytest.mark.parametrize("plain", [True, False])
def test_a_day_of_calls_never_shows_an_expired_token(
    mini_config: AccountConfig, transport: Transport, control: Control, clock: FrozenClock, plain: bool
) -> None:
    tokens = TokenProvider(MemoryTokenStore(), clock=clock, plain_endpoint=plain)
    mini = MiniProgram(mini_config, transport, tokens, clock=clock)
    for _ in range(24 * 20):
        mini.list_templates()
        clock.move(180)
    assert control.calls(LIST) == 24 * 20  # a rejected token would have cost a second call
    assert 12 <= control.calls(PLAIN if plain else STABLE) <= 40


@pytest.mark.requirement(3)
def test_others_go_on_with_the_old_token_while_one_renews(
    tokens: TokenProvider,
    mini_config: AccountConfig,
    transport: Transport,
    control: Control,
    clock: FrozenClock,
) -> None:
    old = tokens.obtain(mini_config, transport).value
    clock.move(7200 - 200)
    control.fault(STABLE, "slow", seconds=0.3)
    with ThreadPoolExecutor(1) as pool:
        renewing = pool.submit(tokens.obtain, mini_config, transport)
        deadline = time.monotonic() + 5
        while control.calls(STABLE) < 2:
            assert time.monotonic() < deadline
        assert tokens.obtain(mini_config, transport).value == old
        assert renewing.result().value != old
    assert control.calls(STABLE) == 2


@pytest.mark.requirement(3)
def test_failed_renewal_keeps_the_old_token_and_rests(
    tokens: TokenProvider,
    mini_config: AccountConfig,
    transport: Transport,
    control: Control,
    clock: FrozenClock,
) -> None:
    old = tokens.obtain(mini_config, transport).value
    clock.move(7200 - 200)
    control.fault(STABLE, "errcode", code=45009, times=99)
    assert {tokens.obtain(mini_config, transport).value for _ in range(20)} == {old}
    assert control.calls(STABLE) == 2
    clock.move(11)
    tokens.obtain(mini_config, transport)
    assert control.calls(STABLE) == 3


@pytest.mark.requirement(4)
@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_rejected_token_is_renewed_once_and_the_call_sent_again(
    mini: MiniProgram, control: Control, code: int
) -> None:
    mini.list_templates()
    control.fault(LIST, "errcode", code=code)
    assert mini.list_templates()
    assert (control.calls(LIST), control.calls(STABLE)) == (3, 2)


def test_token_revoked_by_the_platform_is_replaced(mini: MiniProgram, control: Control) -> None:
    mini.list_templates()
    control.send("DELETE", "tokens")
    assert mini.list_templates()


@pytest.mark.requirement(4)
@pytest.mark.parametrize("warm", [True, False])
def test_token_rejected_for_good_costs_two_calls_and_one_token(
    mini: MiniProgram, control: Control, warm: bool
) -> None:
    if warm:
        mini.list_templates()
    calls, fetched = control.calls(LIST), control.calls(STABLE)
    control.fault(LIST, "errcode", code=40001, times=1000)
    with pytest.raises(TokenRejected) as caught:
        mini.list_templates()
    assert caught.value.category == "auth"
    assert (control.calls(LIST) - calls, control.calls(STABLE) - fetched) == (2, 1)


@pytest.mark.requirement(5)
def test_late_rejection_of_an_old_token_does_not_evict_the_new_one(
    tokens: TokenProvider, mini_config: AccountConfig, transport: Transport
) -> None:
    value = tokens.obtain(mini_config, transport).value
    tokens.discard(mini_config, "an older one")
    kept = tokens.obtain(mini_config, transport)
    assert (kept.value, kept.fresh) == (value, False)
    tokens.discard(mini_config, value)
    assert tokens.obtain(mini_config, transport).fresh is True


@pytest.mark.requirement(8)
def test_accounts_and_secret_versions_never_mix(
    tokens: TokenProvider,
    mini_config: AccountConfig,
    oa_config: AccountConfig,
    transport: Transport,
    control: Control,
) -> None:
    first = tokens.obtain(mini_config, transport).value
    assert tokens.obtain(oa_config, transport).value != first
    tokens.obtain(replace(mini_config, secret_version="8"), transport)
    assert control.calls(STABLE) == 3
    assert tokens.obtain(mini_config, transport).value == first


@pytest.mark.parametrize("code", [40013, 40125, 40164, 40243, 61004])
def test_wrong_account_settings_are_told_as_such(mini: MiniProgram, control: Control, code: int) -> None:
    control.fault(STABLE, "errcode", code=code)
    with pytest.raises(Misconfigured) as caught:
        mini.list_templates()
    assert (caught.value.category, caught.value.retryable, caught.value.api) == ("config", False, STABLE)


def test_answer_without_a_token_is_no_token(mini: MiniProgram, control: Control) -> None:
    control.fault(STABLE, "errcode", code=0)
    with pytest.raises(WeChatProtocolError):
        mini.list_templates()


@pytest.mark.requirement(7)
def test_token_shows_neither_in_repr_nor_in_a_pickle() -> None:
    token = StoredToken("t" * 512, 1.0, 2.0)
    assert "ttt" not in repr(token)
    with pytest.raises(TypeError):
        pickle.dumps(token)


@pytest.mark.requirement(4, 5)
def test_token_revoked_under_fifty_threads_costs_each_one_repetition(mini: MiniProgram, control: Control) -> None:
    mini.list_templates()
    control.send("DELETE", "tokens")
    fetched, called = control.calls(STABLE), control.calls(LIST)
    start = threading.Barrier(50)

    def call(_: int) -> int:
        start.wait()
        return sum(bool(mini.list_templates()) for _ in range(4))

    with ThreadPoolExecutor(50) as pool:
        assert list(pool.map(call, range(50))) == [4] * 50
    assert control.calls(STABLE) - fetched <= 3
    assert control.calls(LIST) - called <= 250


class CountingStore(MemoryTokenStore):
    """Knows how often it was asked."""

    asked = 0

    def load(self, key: str) -> StoredToken | None:
        self.asked += 1
        return super().load(key)


def test_store_is_asked_once_in_two_seconds(
    mini_config: AccountConfig, transport: Transport, clock: FrozenClock
) -> None:
    store = CountingStore()
    tokens = TokenProvider(store, clock=clock)
    tokens.obtain(mini_config, transport)
    store.asked = 0
    for _ in range(100):
        tokens.obtain(mini_config, transport)
    assert store.asked == 1
    clock.move(2.1)
    tokens.obtain(mini_config, transport)
    assert store.asked == 2


def test_token_of_another_worker_is_seen_within_two_seconds(
    mini_config: AccountConfig, transport: Transport, clock: FrozenClock
) -> None:
    store = MemoryTokenStore()
    one, other = TokenProvider(store, clock=clock), TokenProvider(store, clock=clock)
    first = one.obtain(mini_config, transport)
    assert one.obtain(mini_config, transport).value == first.value
    other.discard(mini_config, first.value)
    store.save(f"token:{mini_config.identity}", StoredToken("newer", 9e9, 9e9), keep_seconds=60)
    clock.move(2.1)
    assert one.obtain(mini_config, transport).value == "newer"
