"""Engines for the two databases: SQLite on one host (WAL, BEGIN IMMEDIATE) and PostgreSQL."""

import math
import time
from typing import Any

from sqlalchemy import Connection, Engine, Select, create_engine, event
from sqlalchemy.dialects.postgresql.psycopg import PGCompiler_psycopg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry


def make_engine(url: str, *, pool_size: int = 8, sqlite_synchronous: str = "FULL",
                rested_seconds: float = 2.0) -> Engine:
    """An engine whose transactions behave alike on SQLite and PostgreSQL; `url` as SQLAlchemy writes it."""
    if make_url(url).get_backend_name() == "sqlite":
        return _sqlite_engine(url, sqlite_synchronous)
    return _postgres_engine(url, pool_size, rested_seconds)


def make_reading_engine(url: str, engine: Engine, *, pool_size: int = 8, rested_seconds: float = 2.0) -> Engine:
    """An engine for requests that only read: they wait for nobody, hold nothing, and a write there is an error.

    On SQLite it is `engine` with DEFERRED transactions. On PostgreSQL it has connections of its own, where each
    statement stands alone: as READ COMMITTED promises no more to several of them, BEGIN and COMMIT would be two
    round trips for nothing. A row lock that a shared query asks for is left out.
    """
    if engine.dialect.name == "sqlite":
        return engine.execution_options(sqlite_begin="DEFERRED")
    reading = _postgres_engine(url, pool_size, rested_seconds, options="-c default_transaction_read_only=on",
                               isolation_level="AUTOCOMMIT")
    reading.dialect.statement_compiler = _LockFreeCompiler
    return reading


class _LockFreeCompiler(PGCompiler_psycopg):
    def for_update_clause(self, select: Select[Any], **_kw: Any) -> str:
        return ""


def _postgres_engine(url: str, pool_size: int, rested_seconds: float, *, options: str = "", **how: Any) -> Engine:
    parsed = make_url(url)
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(
        parsed,
        pool_size=pool_size,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"options": f"-c timezone=utc -c lock_timeout=8000 -c statement_timeout=30000 {options}"},
        **how,
    )
    _ping_the_rested(engine, rested_seconds)
    return engine


def _ping_the_rested(engine: Engine, seconds: float) -> None:
    """Try a connection before use when it has rested; one that was busy a moment ago is taken at its word.

    The pool's own pre-ping asks before every transaction, a fifth of what a short one costs. A server that
    restarts under a busy connection is noticed either way: the first failure empties the pool.
    """

    @event.listens_for(engine, "checkin")
    def _note(_dbapi_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["rests_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _ping(dbapi_connection: Any, record: ConnectionPoolEntry, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("rests_since", math.inf) < seconds:
            return
        try:
            engine.dialect.do_ping(dbapi_connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise DisconnectionError("the connection died while it rested") from error


def _sqlite_engine(url: str, synchronous: str) -> Engine:
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": 15, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _prepare(dbapi_connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: it starts them deferred, and two
        # writers that both read first would then fail with "database is locked".
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", "foreign_keys=ON", "busy_timeout=15000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "IMMEDIATE")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine
