"""Running migrations: up, down, check for drift; the same for SQLite and PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

_HERE = Path(__file__).parent / "migrations"
_LOCK = 7_260_141


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """One transaction of changes.

    SQLite changes a column by building its table anew and dropping the old one, which is the parent of others:
    meanwhile their foreign keys rest, and all of them are checked before the commit.
    """
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        is_sqlite = engine.dialect.name == "sqlite"
        if is_sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                yield connection
                if is_sqlite and driver.execute("PRAGMA foreign_key_check").fetchone() is not None:
                    raise RuntimeError("a migration left a row without the row it refers to")
        finally:
            if is_sqlite:
                driver.execute("PRAGMA foreign_keys=ON")


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database to a revision; two processes starting at once take turns."""
    with _changing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str = "-1") -> None:
    with _changing(engine) as connection:
        command.downgrade(_config(connection), revision)


def check(engine: Engine) -> None:
    """Raise when the models have drifted from the migrations."""
    with engine.begin() as connection:
        command.check(_config(connection))


def revise(engine: Engine, message: str, number: str) -> None:
    """Write the next migration from what changed in the models."""
    with engine.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=number)


def heads() -> list[str]:
    return list(ScriptDirectory.from_config(_config()).get_heads())
