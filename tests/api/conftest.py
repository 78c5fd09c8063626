"""The API as a phone sees it: every answer is held against the description, in every test of this folder."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any

import pytest
import redis
from apiflask import APIFlask
from flask.testing import FlaskClient
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Connection, event, func, select
from werkzeug.test import TestResponse

from app import create_app
from app.program import Program
from tests.api import contract
from tests.factories import World


class ContractClient(FlaskClient):
    """A client whose every answer keeps the contract."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        response = super().open(*args, **{"buffered": True} | kwargs)
        contract.check(self.application, response)
        return response


def client_of(program: Program) -> FlaskClient:
    app = create_app(program=program)
    app.test_client_class = ContractClient
    return app.test_client()


@pytest.fixture(autouse=True)
def _own_logs() -> Iterator[None]:
    """Building an application sets the process's log handlers; each test gives them back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def client(program: Program) -> FlaskClient:
    return client_of(program)


@pytest.fixture
def app(client: FlaskClient) -> APIFlask:
    assert isinstance(client.application, APIFlask)
    return client.application


@pytest.fixture
def without_redis(program: Program) -> Iterator[FlaskClient]:
    """The API while Redis is away."""
    away = redis.Redis.from_url("unix:///nonexistent/valkey.sock", retry=Retry(NoBackoff(), 0))
    yield client_of(replace(program, redis=away))
    away.close()


@pytest.fixture
def rows(world: World) -> Callable[[type], list[Any]]:
    """What is stored of a table, read afresh, oldest first."""

    def read(model: type) -> list[Any]:
        session = world.system.session
        session.expire_all()
        return list(session.scalars(select(model).order_by(next(iter(model.__mapper__.primary_key)))))  # type: ignore[attr-defined]

    return read


@pytest.fixture
def count(world: World) -> Callable[[type], int]:
    """How many rows a table has."""

    def read(model: type) -> int:
        return world.system.session.scalar(select(func.count()).select_from(model)) or 0

    return read


@pytest.fixture
def statements(connection: Connection) -> Callable[[], AbstractContextManager[list[str]]]:
    """The SQL statements that run inside a with block."""

    @contextmanager
    def listen() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            if "SAVEPOINT" not in statement:
                seen.append(statement)

        event.listen(connection, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(connection, "before_cursor_execute", note)

    return listen


def code_of(response: TestResponse) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert response.json is not None
    return response.status_code, response.json["error"]["code"]
