"""Which worker runs a periodic job, and which workers are alive: decided and told by rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from models.insert_once import insert_once
from models.outbox import ScheduledRun, WorkerBeat
from services.context import Context

#: A worker that was not seen for this long is gone.
BEAT_LIFE = timedelta(seconds=60)


def start_run(ctx: Context, name: str, due_at: datetime) -> bool:
    """Whether this caller is the one to run the job of this period; the unique row decides."""
    return insert_once(ctx.session, ScheduledRun, name=name, due_at=due_at, started_at=ctx.now) is not None


def finish_run(ctx: Context, name: str, due_at: datetime, outcome: str) -> None:
    ctx.session.execute(update(ScheduledRun).where(ScheduledRun.name == name, ScheduledRun.due_at == due_at)
                        .values(finished_at=ctx.now, outcome=outcome))


def beat(ctx: Context, worker: str) -> None:
    """A worker's sign of life; one that cannot do its work gives none."""
    ctx.session.merge(WorkerBeat(name=worker, seen_at=ctx.now))


def has_live_worker(ctx: Context) -> bool:
    """Whether any worker that can do its work was seen lately."""
    return bool(ctx.session.scalar(select(exists().where(WorkerBeat.seen_at > ctx.now - BEAT_LIFE))))


@dataclass(frozen=True)
class WorkerLine:
    name: str
    seen_at: datetime
    is_alive: bool


def list_workers(session: Session, now: datetime) -> list[WorkerLine]:
    rows = session.scalars(select(WorkerBeat).order_by(WorkerBeat.seen_at.desc()).limit(50))
    return [WorkerLine(row.name, row.seen_at, now - row.seen_at < BEAT_LIFE) for row in rows]


def latest_runs(session: Session) -> list[ScheduledRun]:
    return list(session.scalars(select(ScheduledRun).order_by(ScheduledRun.id.desc()).limit(50)))
