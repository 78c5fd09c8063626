"""Connections that died while the program did not look."""

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import InternalError, OperationalError

from models.audit import AuditHead
from models.db import make_engine, make_reading_engine

pytestmark = [pytest.mark.faults, pytest.mark.postgres]


def _kill_the_pooled(url: str, engine: Engine) -> None:
    """End the one connection the pool keeps, as a restarted server would."""
    with engine.connect() as connection:
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
    other = make_engine(url, pool_size=1)
    with other.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    other.dispose()


def test_a_connection_that_rested_is_tried_before_use(url: str) -> None:
    engine = make_engine(url, pool_size=1, rested_seconds=0.0)
    _kill_the_pooled(url, engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    engine.dispose()


def test_a_dead_busy_connection_costs_one_failure_and_no_more(url: str) -> None:
    engine = make_engine(url, pool_size=1)
    _kill_the_pooled(url, engine)
    with engine.connect() as connection, pytest.raises(OperationalError):
        connection.scalar(text("SELECT 1"))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    engine.dispose()


def test_a_reading_request_holds_no_row_and_cannot_write(url: str) -> None:
    engine = make_engine(url)
    reading = make_reading_engine(url, engine)
    first_head = select(AuditHead).where(AuditHead.id == 1).with_for_update(nowait=True)
    with reading.connect() as reader, engine.begin() as writer:
        reader.execute(first_head)
        writer.execute(first_head)
        with pytest.raises(InternalError, match="read-only"):
            reader.execute(text("UPDATE audit_head SET seq = 0"))
    engine.dispose()
    reading.dispose()
