"""The house the tests live in: one migrated database per run, each test in a transaction that is rolled back."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

import pytest
import redis
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import ORMExecuteState, Session

from app import create_app, embedded_redis, settings
from app.program import Program
from app.unit_of_work import open_context
from app.wiring import Argon2Passwords
from models.db import make_engine
from services.assistant.understanding import classifier
from services.context import CHINA, SYSTEM, Actor, Context, Gateways, ProgramSettings
from services.field_encryption import FieldCipher
from tests import databases, fakes
from tests.factories import World

#: A working Monday morning in Beijing.
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=CHINA)
FIELD_KEYS = (f"k1:aes256gcm:{base64.b64encode(b'1' * 32).decode()},"
              f"index:hmacsha256:{base64.b64encode(b'i' * 32).decode()}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", choices=("sqlite", "postgres"), default="sqlite", help="the database of the service tests")


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    if request.config.getoption("--db") == "postgres":
        with databases.postgres_url(f"tests_{worker}") as url:
            yield url
    else:
        with databases.sqlite_url(tmp_path_factory.mktemp("db")) as url:
            yield url


@pytest.fixture(scope="session")
def engine(database: str) -> Iterator[Engine]:
    engine = make_engine(database, sqlite_synchronous="OFF")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session", autouse=True)
def trained_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One trained model for all workers of a run."""
    classifier.keep_in(tmp_path_factory.getbasetemp().parent / "understanding")


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server for the limits and the queue of the tests."""
    folder = tmp_path_factory.mktemp("valkey")
    yield f"unix://{embedded_redis.ensure_server(folder)}"
    embedded_redis.stop_server(folder)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """The connection of one test; whatever is committed on it is a savepoint, and all of it is undone."""
    with engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


@pytest.fixture
def clock() -> fakes.FrozenClock:
    return fakes.FrozenClock(MONDAY)


@pytest.fixture(scope="session")
def test_settings(tmp_path_factory: pytest.TempPathFactory) -> settings.Settings:
    return settings.from_env({
        "APP_STAGE": "testing", "DATA_DIR": str(tmp_path_factory.mktemp("data")), "LOG_LEVEL": "WARNING",
        "SECRET_KEY": "test-" * 8, "FIELD_KEYS": FIELD_KEYS, "PUBLIC_BASE_URL": "https://home.example",
        "WECHAT_TEMPLATE_NOTICE": "tmpl-notice", "WECHAT_TEMPLATE_OPINION": "tmpl-opinion",
        "WECHAT_TEMPLATE_RECEPTION": "tmpl-reception", "PUSH_RATE": "0"})


@pytest.fixture
def gateways() -> Gateways:
    return Gateways(
        identity=fakes.FakeIdentity(), messenger=fakes.FakeMessenger(), code_maker=fakes.FakeCodeMaker(),
        moderator=fakes.FakeModerator(), code_sender=fakes.FakeCodeSender(), files=fakes.MemoryFiles(),
        passwords=Argon2Passwords(cheap=True), cipher=FieldCipher.from_text(FIELD_KEYS))


@pytest.fixture
def program(connection: Connection, clock: fakes.FrozenClock, gateways: Gateways, test_settings: settings.Settings,
            valkey: str) -> Iterator[Program]:
    """The program on the test's own connection, with fakes in its ports and a frozen clock."""
    store = redis.Redis.from_url(valkey)
    store.flushall()
    yield Program(
        settings=replace(test_settings, redis_url=valkey), engine=connection, reading_engine=connection,  # type: ignore[arg-type]
        redis=store, gateways=gateways, clock=clock, announce=lambda _ids: None, callbacks={},
        is_one_writer_database=connection.dialect.name == "sqlite",
        program_settings=ProgramSettings(
            mini_appid=fakes.MINI_APPID, official_appid=fakes.OFFICIAL_APPID, notice_template="tmpl-notice",
            opinion_template="tmpl-opinion", reception_template="tmpl-reception",
            public_base_url="https://home.example", signing_key=b"test-signing-key",
            service_phone="0799-1234567"))
    store.close()


@pytest.fixture(autouse=True)
def readers_only_read() -> Iterator[None]:
    """A request that reads may not write: on PostgreSQL its connection refuses, here every database does."""

    def refuse(state: ORMExecuteState) -> None:
        if state.session.info.get("reads_only") and not state.is_select:
            raise AssertionError("a reading request writes")

    def refuse_flush(session: Session, *_rest: object) -> None:
        if session.info.get("reads_only"):
            raise AssertionError("a reading request flushes")

    event.listen(Session, "do_orm_execute", refuse)
    event.listen(Session, "before_flush", refuse_flush)
    yield
    event.remove(Session, "do_orm_execute", refuse)
    event.remove(Session, "before_flush", refuse_flush)


@pytest.fixture
def ctx_of(program: Program) -> Iterator[Callable[[Actor], Context]]:
    """Contexts of one shared session, as any actor, at the clock's moment."""
    shared = open_context(program, SYSTEM)

    def as_actor(actor: Actor) -> Context:
        shared.now = program.clock()
        return shared.as_actor(actor)

    yield as_actor
    shared.session.close()


@pytest.fixture
def ctx(ctx_of: Callable[[Actor], Context]) -> Context:
    return ctx_of(SYSTEM)


@pytest.fixture
def world(ctx_of: Callable[[Actor], Context], clock: fakes.FrozenClock) -> World:
    """A county with two townships, their rules, and ways to make people; see tests/factories.py."""
    return World(ctx_of, clock)


@pytest.fixture
def client(program: Program) -> FlaskClient:
    return create_app(program=program).test_client()

