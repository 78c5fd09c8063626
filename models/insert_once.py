"""INSERT … ON CONFLICT DO NOTHING, the way races are decided: one statement, and the loser is told."""

from functools import cache
from typing import Any, TypeVar

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.base import Base

Row = TypeVar("Row", bound=Base)


def insert_once(session: Session, table: type[Row], **values: Any) -> Row | None:
    """The new row, or None when a unique constraint says that it exists already.

    The surrounding transaction goes on either way, which a failed plain INSERT would not allow.
    """
    found: Row | None = session.scalars(_statement(table, session.get_bind().dialect.name), values).one_or_none()
    return found


@cache
def _statement(table: type[Base], dialect: str) -> Any:
    """Built once for each table: putting a statement together costs more than sending it."""
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return build(table).on_conflict_do_nothing().returning(table)
