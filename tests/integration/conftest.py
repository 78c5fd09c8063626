"""The product as it is wired in production, over HTTP on both sides: only the platform is the stand-in."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
import urllib3
from sqlalchemy import URL, create_engine
from sqlalchemy.engine import make_url
from werkzeug.serving import BaseWSGIServer, make_server

from app import create_app, settings
from app.jobs import run
from app.program import Program
from app.unit_of_work import commit, open_context, unit_of_work
from app.wiring import build_program
from models import migrate
from models.db import make_engine
from services import subscriptions
from services.context import SYSTEM, Actor, Context
from tests.conftest import FIELD_KEYS
from tests.factories import World
from tests.fakes import FrozenClock
from wechat.config import AccountConfig
from wechat.sandbox.server import RunningSandbox, start_sandbox

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SECRETS = {"mini": "mini-secret-literal-0123456789abcd", "oa": "oa-secret-literal-0123456789abcdef",
           "mini_token": "mini-token-literal", "oa_token": "oa-token-literal"}


class Sandbox:
    """The stand-in and its control interface."""

    def __init__(self, running: RunningSandbox) -> None:
        self.running, self.url, self.state = running, running.url, running.state
        self._pool = urllib3.PoolManager(retries=False)

    def post(self, name: str, /, **body: Any) -> dict[str, Any]:
        answer = self._pool.request("POST", f"{self.url}/sandbox/{name}", json=body)
        assert answer.status == 200, answer.data
        return dict(answer.json())

    def get(self, name: str, /, **query: str) -> dict[str, Any]:
        answer = self._pool.request("GET", f"{self.url}/sandbox/{name}", fields=query)
        assert answer.status == 200, answer.data
        return dict(answer.json())

    def fault(self, path: str, kind: str, **rest: Any) -> None:
        self.post("faults", path=path, kind=kind, **rest)

    def messages(self, phone: str, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.get("messages", phone=phone)["messages"] if one["kind"] == kind]

    def calls(self, path: str) -> int:
        return int(self.get("calls").get(path, 0))


@dataclass
class Answer:
    """An answer over HTTP."""

    status: int
    headers: dict[str, str]
    data: bytes
    json: Any


class Product:
    """Our application on a free port, and what a phone does with it."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.app = create_app(program=program)
        self._arrived = threading.Condition()
        self._answered: dict[str, int] = {}
        self._inner = self.app.wsgi_app
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, self._counted, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        self._pool = urllib3.PoolManager(retries=False)

    def _counted(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """Every request, noted once its transaction has ended."""
        answer = self._inner(environ, start_response)
        with self._arrived:
            path = str(environ["PATH_INFO"])
            self._answered[path] = self._answered.get(path, 0) + 1
            self._arrived.notify_all()
        return answer

    def wait_for(self, path: str, times: int) -> None:
        """Until so many requests of a path were answered."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: self._answered.get(path, 0) >= times, timeout=10), (
                f"{path} was asked {self._answered.get(path, 0)} times instead of {times}")

    def ask(self, method: str, path: str, body: Any = None, *, token: str = "") -> Answer:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self._pool.request(method, self.url + path, json=body, headers=headers, redirect=False) \
            if body is not None else self._pool.request(method, self.url + path, headers=headers, redirect=False)
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        return Answer(answer.status, dict(answer.headers), answer.data, answer.json() if is_json else None)

    def drain(self) -> int:
        """What the workers would do now."""
        return run.drain(self.program)

    def stop(self) -> None:
        self._pool.clear()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


def configs() -> tuple[AccountConfig, AccountConfig]:
    return (AccountConfig("mini", "wxmini0000000001", SECRETS["mini"], SECRETS["mini_token"], (AES_KEY,)),
            AccountConfig("oa", "wxoa000000000001", SECRETS["oa"], SECRETS["oa_token"], (AES_KEY,)))


@pytest.fixture
def sandbox(clock: FrozenClock) -> Iterator[Sandbox]:
    with start_sandbox(*configs(), clock=clock, callback_delay=0.0) as running:
        yield Sandbox(running)


class Copies:
    """Databases of one test each, copied from one that was migrated once; the audit of none can be swept."""

    def __init__(self, database: str, folder: Path) -> None:
        self._url, self._folder, self._made = make_url(database), folder, 0
        self._is_postgres = self._url.get_backend_name() == "postgresql"
        self._template = self._new_url("template")
        if self._is_postgres:
            self._admin(f'CREATE DATABASE "{self._template.database}"')
        engine = make_engine(self._template.render_as_string(hide_password=False))
        migrate.upgrade(engine)
        # The last connection to go folds SQLite's log into the file.
        engine.dispose()

    def _new_url(self, name: str) -> URL:
        place = f"{self._url.database}_{name}" if self._is_postgres else str(self._folder / f"{name}.db")
        return self._url.set(database=place)

    @contextmanager
    def one(self) -> Iterator[str]:
        self._made += 1
        url = self._new_url(f"copy{self._made}")
        if self._is_postgres:
            self._admin(f'CREATE DATABASE "{url.database}" TEMPLATE "{self._template.database}"')
        else:
            shutil.copy(str(self._template.database), str(url.database))
        yield url.render_as_string(hide_password=False)
        if self._is_postgres:
            self._admin(f'DROP DATABASE "{url.database}" WITH (FORCE)')

    def close(self) -> None:
        if self._is_postgres:
            self._admin(f'DROP DATABASE "{self._template.database}" WITH (FORCE)')

    def _admin(self, statement: str) -> None:
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()


@pytest.fixture(scope="session")
def copies(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copies]:
    made = Copies(database, tmp_path_factory.mktemp("copies"))
    yield made
    made.close()


@pytest.fixture
def own_database(copies: Copies) -> Iterator[str]:
    """A migrated, empty database of this test alone."""
    with copies.one() as url:
        yield url


@pytest.fixture
def environ(
        sandbox: Sandbox, own_database: str, valkey: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of an installation that is connected to the stand-in."""
    return {
        "APP_STAGE": "testing", "DATA_DIR": str(tmp_path_factory.mktemp("installation")), "LOG_LEVEL": "DEBUG",
        "DATABASE_URL": own_database, "REDIS_URL": valkey, "SECRET_KEY": "test-" * 8, "FIELD_KEYS": FIELD_KEYS,
        "PUBLIC_BASE_URL": "https://home.example", "WECHAT_API_BASE": sandbox.url, "SMS_URL": f"{sandbox.url}/sandbox/sms",
        "WECHAT_MINI_APPID": "wxmini0000000001", "WECHAT_MINI_SECRET": SECRETS["mini"],
        "WECHAT_MINI_TOKEN": SECRETS["mini_token"], "WECHAT_MINI_AES_KEY": AES_KEY,
        "WECHAT_OA_APPID": "wxoa000000000001", "WECHAT_OA_SECRET": SECRETS["oa"],
        "WECHAT_OA_TOKEN": SECRETS["oa_token"], "WECHAT_OA_AES_KEY": AES_KEY,
        "WECHAT_TEMPLATE_NOTICE": "tmpl-notice", "WECHAT_TEMPLATE_OPINION": "tmpl-opinion",
        "WECHAT_TEMPLATE_RECEPTION": "tmpl-reception"}


@pytest.fixture
def program(environ: dict[str, str], clock: FrozenClock) -> Iterator[Program]:
    """The real wiring on a real database of this test's own."""
    store = redis.Redis.from_url(environ["REDIS_URL"])
    store.flushall()
    built = build_program(settings.from_env(environ), announce=lambda _ids: None, clock=clock)
    yield built
    built.redis.close()
    built.engine.dispose()
    built.reading_engine.dispose()
    store.close()


@pytest.fixture
def product(program: Program, sandbox: Sandbox) -> Iterator[Product]:
    running = Product(program)
    sandbox.state.product_url = running.url
    yield running
    running.stop()


class Town:
    """People and places of a county, really committed."""

    def __init__(self, program: Program, clock: FrozenClock) -> None:
        self.program, self.clock = program, clock

    def build(self, make: Callable[[World], Any]) -> Any:
        """Make things through the factories in one transaction."""
        shared = open_context(self.program, SYSTEM)

        def as_actor(actor: Actor) -> Context:
            return shared.as_actor(actor)

        try:
            if not hasattr(self, "_world"):
                self._world = World(as_actor, self.clock)
            self._world.ctx_of = as_actor
            made = make(self._world)
            commit(self.program, shared)
        finally:
            shared.session.close()
        return made


@pytest.fixture
def town(program: Program, clock: FrozenClock) -> Town:
    return Town(program, clock)


@pytest.fixture
def templates(program: Program, town: Town) -> None:
    """The platform's templates are known, as the hourly job makes them."""
    with unit_of_work(program) as ctx:
        subscriptions.sync_templates(ctx)
