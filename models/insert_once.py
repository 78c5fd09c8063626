"""INSERT … ON CONFLICT DO NOTHING, the way races are decided: one statement, and the loser is told."""

from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import Table, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, make_transient_to_detached

from models.base import Base

Row = TypeVar("Row", bound=Base)


def insert_once(session: Session, table: type[Row], **values: Any) -> Row | None:
    """The new row, or None when a unique constraint says that it exists already.

    The surrounding transaction goes on either way, which a failed plain INSERT would not allow.
    """
    session.flush()
    statement, unnamed = _prepared(table, session.get_bind().dialect.name)
    full = unnamed | values
    key = session.connection().execute(statement, full).first()
    if key is None:
        return None
    # Everything in the row is known: it joins the session as if it had been read back.
    row = table(**(full | key._asdict()))
    make_transient_to_detached(row)
    session.add(row)
    return row


def find_or_insert(session: Session, table: type[Row], key: dict[str, Any], **values: Any) -> Row:
    """The row with this unique key: the one that is there, a new one, or the one inserted by another at this moment."""
    wanted = select(table).filter_by(**key)
    return (session.scalars(wanted).one_or_none() or insert_once(session, table, **key, **values)
            or session.scalars(wanted).one())


@cache
def _prepared(model: type[Base], dialect: str) -> tuple[Any, dict[str, Any]]:
    """The statement, and what goes into columns nobody names; built once, which costs more than sending it."""
    table = cast(Table, model.__table__)
    build = postgresql.insert if dialect == "postgresql" else sqlite.insert
    key = table.primary_key.columns
    unnamed = {column.name: getattr(column.default, "arg", None) for column in table.columns if column.name not in key}
    return build(table).on_conflict_do_nothing().returning(*key), unnamed
