"""Periodic work: any worker starts it, a unique row (name, due time) decides which one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.jobs.retention import run_retention
from app.jobs.send_marks import SendMarks
from app.program import Program
from app.unit_of_work import unit_of_work
from services import checkin, comments, notices, outbox, pushes, schedule, subscriptions, suggestions

_EPOCH = datetime.fromtimestamp(0, UTC)


def settle_pushes(program: Program) -> None:
    """Give pushes without a final word their state, and announce notices that still have some to send."""
    with unit_of_work(program) as ctx:
        for notice_id in pushes.sweep_pushes(ctx, SendMarks(program.redis).never_sent):
            outbox.publish(ctx, "notice.sent", notice_id=notice_id)
        for word_id in pushes.list_postponed_words(ctx):
            outbox.publish(ctx, "opinion.word", word_id=word_id)


def send_due_notices(program: Program) -> None:
    """Send the notices whose moment has come."""
    with unit_of_work(program) as ctx:
        notices.send_due(ctx)


def sync_templates(program: Program) -> None:
    with unit_of_work(program) as ctx:
        subscriptions.sync_templates(ctx)


def close_unrated_opinions(program: Program) -> None:
    with unit_of_work(program) as ctx:
        comments.close_unrated(ctx)


def close_unevaluated_suggestions(program: Program) -> None:
    with unit_of_work(program) as ctx:
        suggestions.close_unevaluated(ctx)


def warn_of_clocks(program: Program) -> None:
    """Warn handlers and leaders of clocks, and residents of answers not rated; a day that was missed is made up."""
    for step in (comments.warn, comments.remind_to_rate):
        after: int | None = 0
        while after is not None:
            with unit_of_work(program) as ctx:
                after = step(ctx, after_id=after)


def end_stranded_visits(program: Program) -> None:
    with unit_of_work(program) as ctx:
        checkin.end_stranded_visits(ctx)


def keep_retention(program: Program) -> None:
    run_retention(program)


@dataclass(frozen=True)
class Periodic:
    name: str
    every: timedelta
    run: Callable[[Program], None]
    #: When in its period it is due; a day begins at eight in the morning in China.
    offset: timedelta = timedelta(0)

    def due_at(self, now: datetime) -> datetime:
        """The due moment of the period that `now` is in."""
        begun = (now - _EPOCH - self.offset) // self.every
        return _EPOCH + begun * self.every + self.offset


SCHEDULE = (
    Periodic("settle_pushes", timedelta(minutes=1), settle_pushes),
    Periodic("send_due_notices", timedelta(minutes=1), send_due_notices),
    Periodic("sync_templates", timedelta(hours=1), sync_templates),
    Periodic("close_unrated_opinions", timedelta(hours=1), close_unrated_opinions),
    Periodic("close_unevaluated_suggestions", timedelta(hours=1), close_unevaluated_suggestions),
    # Half past eight in the morning in China.
    Periodic("warn_of_clocks", timedelta(days=1), warn_of_clocks, offset=timedelta(minutes=30)),
    Periodic("end_stranded_visits", timedelta(hours=1), end_stranded_visits),
    # Half past three at night in China.
    Periodic("retention", timedelta(days=1), keep_retention, offset=timedelta(hours=19, minutes=30)),
)


def run_due(program: Program) -> list[str]:
    """Run every periodic job whose current period nobody has started; returns their names."""
    return [job.name for job in SCHEDULE if run_once(program, job)]


def run_once(program: Program, job: Periodic) -> bool:
    """Run the job unless its period has an owner already; a failure is kept as its outcome."""
    due_at = job.due_at(program.clock())
    with unit_of_work(program) as ctx:
        if not schedule.start_run(ctx, job.name, due_at):
            return False
    outcome = "failed"
    try:
        job.run(program)
        outcome = "done"
    finally:
        with unit_of_work(program) as ctx:
            schedule.finish_run(ctx, job.name, due_at, outcome)
    return True


def next_due(name: str, now: datetime) -> datetime:
    """When a periodic job is due next."""
    job = next(job for job in SCHEDULE if job.name == name)
    return job.due_at(now) + job.every
