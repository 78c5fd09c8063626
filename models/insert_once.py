"""INSERT … ON CONFLICT DO NOTHING, the way races are decided: one statement, and the loser is told."""

from typing import Any, TypeVar

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from models.base import Base

Row = TypeVar("Row", bound=Base)


def insert_once(session: Session, table: type[Row], **values: Any) -> Row | None:
    """The new row, or None when a unique constraint says that it exists already.

    The surrounding transaction goes on either way, which a failed plain INSERT would not allow.
    """
    build = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = build(table).values(**values).on_conflict_do_nothing().returning(table)
    return session.scalars(statement).one_or_none()
