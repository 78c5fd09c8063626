"""Every total computed again from the ledger, one mandate's year at a time, in flat memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.deputies import Mandate
from models.points import PointEntry
from services import points
from services.context import Context
from services.rules.point_book import Difference, Line, recompute

_BATCH = 200


@dataclass(frozen=True)
class MandateYear:
    mandate_id: int
    year: int
    differences: list[Difference]


@dataclass
class Report:
    """What a walk has seen so far."""

    entries: int = 0
    totals: int = 0
    differences: int = 0
    #: The years that are not level, to be entered afterwards.
    uneven: list[tuple[int, int]] = field(default_factory=list)


def walk(session: Session, report: Report) -> Iterator[MandateYear]:
    """Replay the whole book; yields the years whose entries are not what the rules give, and counts into the report."""
    for mandate_ids in _batches(session):
        rows = session.execute(
            points.lines_query().add_columns(PointEntry.mandate_id, PointEntry.year)
            .where(PointEntry.mandate_id.between(mandate_ids[0], mandate_ids[-1]))
            .order_by(PointEntry.mandate_id, PointEntry.year, PointEntry.id))
        for (mandate_id, year), lines in groupby(rows, key=lambda row: (row.mandate_id, row.year)):
            found = _recompute(report, [points.line_of(row) for row in lines])
            if found:
                report.uneven.append((mandate_id, year))
                yield MandateYear(mandate_id, year, found)


def _batches(session: Session) -> Iterator[Sequence[int]]:
    """Mandates a few hundred at a time: no statement sorts the whole book, none runs into its time limit."""
    after = 0
    while batch := session.scalars(select(Mandate.id).where(Mandate.id > after).order_by(Mandate.id)
                                   .limit(_BATCH)).all():
        yield batch
        after = batch[-1]


def _recompute(report: Report, lines: list[Line]) -> list[Difference]:
    found = recompute(lines)
    report.entries += len(lines)
    report.totals += 1
    report.differences += len(found)
    return found


def level(ctx: Context, report: Report) -> None:
    """Enter what brings every uneven year level; nothing is changed or deleted."""
    for mandate_id, year in report.uneven:
        points.level(ctx, mandate_id, year)
