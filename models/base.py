"""The declarative base: constraint names, aware UTC times and portable keys for every table."""

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, ForeignKey, Integer, MetaData, String, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, mapped_column

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC moment on both databases; SQLite would drop the zone, and a naive value is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime may not be stored")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UTCDateTime(), dict[str, Any]: JSON(), list[Any]: JSON()}

#: SQLite only numbers rows by itself for a column that is exactly INTEGER.
BigKey = BigInteger().with_variant(Integer, "sqlite")
Key = Annotated[int, mapped_column(BigKey, primary_key=True, autoincrement=True)]


def key_to(target: str, *, index: bool = True, nullable: bool = False) -> Any:
    """A foreign key column to `table.column`, indexed because every list filters or joins by it."""
    return mapped_column(BigKey, ForeignKey(target), index=index, nullable=nullable)


def pair_key(target: str, *, index: bool = False) -> Any:
    """One half of a join table's primary key; index the half that is searched alone."""
    return mapped_column(BigKey, ForeignKey(target), primary_key=True, index=index)


Name = Annotated[str, mapped_column(String(120))]
Code = Annotated[str, mapped_column(String(64))]
Digest = Annotated[str, mapped_column(String(64))]


def one_of(column: str, *values: str) -> str:
    """The text of a CHECK that keeps a string column to the allowed words."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
