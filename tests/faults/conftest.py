"""Real commits on PostgreSQL: a cluster for the session, a fresh migrated database for every test."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
import redis
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from app.program import Program
from app.unit_of_work import open_context, unit_of_work
from models import migrate
from models.db import make_engine, make_reading_engine
from services.context import SYSTEM, Actor, Context, Gateways, ProgramSettings
from tests import databases, fakes
from tests.factories import World

THREADS = 20
#: As many run side by side where a test asks for more.
MOST_THREADS = 50


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Races need a server that runs writers side by side."""
    for item in items:
        if "faults" in item.path.parts and config.getoption("--db") != "postgres":
            item.add_marker(pytest.mark.skip(reason="races are tested on PostgreSQL: --db postgres"))


@pytest.fixture(scope="session")
def template() -> Iterator[str]:
    """The address of a migrated database that the tests copy."""
    with databases.started_cluster() as base:
        _execute(base, 'CREATE DATABASE "faults_template"')
        url = make_url(base).set(database="faults_template").render_as_string(hide_password=False)
        engine = make_engine(url)
        migrate.upgrade(engine)
        engine.dispose()
        yield url


def _execute(url: str, statement: str) -> None:
    admin = create_engine(make_url(url).set(drivername="postgresql+psycopg", database="postgres"),
                          isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(statement))
    admin.dispose()


@pytest.fixture
def url(template: str) -> Iterator[str]:
    _execute(template, 'CREATE DATABASE "faults" TEMPLATE "faults_template"')
    yield make_url(template).set(database="faults").render_as_string(hide_password=False)
    _execute(template, 'DROP DATABASE "faults" WITH (FORCE)')


@pytest.fixture
def program(url: str, valkey: str, gateways: Gateways, clock: fakes.FrozenClock, test_settings: Any) -> Iterator[Program]:
    engine = make_engine(url, pool_size=MOST_THREADS + 2)
    store = redis.Redis.from_url(valkey)
    store.flushall()
    built = build(url, store, gateways, clock, test_settings, engine)
    yield built
    built.reading_engine.dispose()
    store.close()
    engine.dispose()


def build(url: str, store: "redis.Redis", gateways: Gateways, clock: fakes.FrozenClock, settings: Any,
          engine: Any) -> Program:
    return Program(
        settings=settings, engine=engine, reading_engine=make_reading_engine(url, engine), redis=store, gateways=gateways, clock=clock,
        announce=lambda _ids: None, callbacks={}, is_one_writer_database=False, program_settings=ProgramSettings(
            mini_appid=fakes.MINI_APPID, official_appid=fakes.OFFICIAL_APPID, notice_template="tmpl-notice",
            opinion_template="tmpl-opinion", reception_template="tmpl-reception",
            public_base_url="https://home.example", signing_key=b"test-signing-key",
            service_phone="0799-1234567"))


@pytest.fixture
def ctx_of(program: Program) -> Iterator[Callable[[Actor], Context]]:
    """As everywhere, but what a test commits here is committed for everybody."""
    shared = open_context(program, SYSTEM)

    def as_actor(actor: Actor) -> Context:
        shared.now = program.clock()
        return shared.as_actor(actor)

    yield as_actor
    shared.session.close()


@dataclass(frozen=True)
class Outcomes:
    results: list[Any]
    errors: list[Exception]


@pytest.fixture
def together(program: Program, world: World) -> Callable[..., Outcomes]:
    """Run `work(ctx, number)` in many threads at the same moment, each in a transaction of its own."""

    def run(work: Callable[[Context, int], Any], *, actors: list[Actor] | None = None, times: int = THREADS
            ) -> Outcomes:
        world.commit()
        world.system.session.close()  # no lock of the arrangement stays behind
        barrier = threading.Barrier(min(times, MOST_THREADS))
        found, failed = [], []

        def once(number: int) -> None:
            if number < barrier.parties:
                barrier.wait(timeout=20)
            actor = actors[number % len(actors)] if actors else SYSTEM
            try:
                with unit_of_work(program, actor) as ctx:
                    result = work(ctx, number)
                found.append(result)
            except Exception as error:
                failed.append(error)

        with ThreadPoolExecutor(max_workers=barrier.parties) as pool:
            list(pool.map(once, range(times)))
        return Outcomes(found, failed)

    return run
