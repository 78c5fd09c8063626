"""Every total computed again from the ledger, one mandate's year at a time, in flat memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy.orm import Session

from models.points import PointEntry
from services import points
from services.context import Context
from services.rules.point_book import Difference, recompute

_BATCH = 2000


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
    query = (points.lines_query().add_columns(PointEntry.mandate_id, PointEntry.year)
             .order_by(PointEntry.mandate_id, PointEntry.year, PointEntry.id)
             .execution_options(yield_per=_BATCH))
    for (mandate_id, year), rows in groupby(session.execute(query), key=lambda row: (row.mandate_id, row.year)):
        lines = [points.line_of(row) for row in rows]
        report.entries += len(lines)
        report.totals += 1
        found = recompute(lines)
        if found:
            report.differences += len(found)
            report.uneven.append((mandate_id, year))
            yield MandateYear(mandate_id, year, found)


def level(ctx: Context, report: Report) -> None:
    """Enter what brings every uneven year level; nothing is changed or deleted."""
    for mandate_id, year in report.uneven:
        points.level(ctx, mandate_id, year)
