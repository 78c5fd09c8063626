"""Gap-free numbers: of opinions, suggestions and ideas (编号)."""

from sqlalchemy import update
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.base import Base, Code
from models.insert_once import insert_once


class NumberSeries(Base):
    """The next serial of a numbered series; taken by an atomic update, never counted."""

    __tablename__ = "number_series"

    name: Mapped[Code] = mapped_column(primary_key=True)
    next_serial: Mapped[int]


def take_serial(session: Session, name: str) -> int:
    """The next serial of a series, from 1; gap-free, because a rolled back transaction gives its own back."""
    while True:
        serial: int | None = session.scalar(
            update(NumberSeries).where(NumberSeries.name == name)
            .values(next_serial=NumberSeries.next_serial + 1).returning(NumberSeries.next_serial - 1))
        if serial is not None:
            return serial
        # Where another makes the series at this moment, either row is the one.
        insert_once(session, NumberSeries, name=name, next_serial=1)
