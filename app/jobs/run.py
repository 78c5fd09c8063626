"""Running one outbox message: lease it, do the work, settle it; a failure backs off and is visible."""

import logging

from app.http import measures
from app.jobs.handlers import HANDLERS
from app.jobs.pushes import RetryLater
from app.program import Program
from app.unit_of_work import unit_of_work
from services import outbox
from services.errors import DomainError

logger = logging.getLogger("app.jobs")


def run_message(program: Program, message_id: int) -> str:
    """done, retry, dead or taken (another worker has it, or it is finished)."""
    with unit_of_work(program) as ctx:
        claimed = outbox.claim(ctx.session, message_id, ctx.now)
    if claimed is None:
        return "taken"
    try:
        HANDLERS[claimed.topic](program, **claimed.payload)
    except RetryLater:
        return _fail(program, claimed, "RetryLater")
    except DomainError as error:
        return _fail(program, claimed, f"{type(error).__name__}:{error.code}")
    except Exception as error:
        logger.error("job failed", extra={"topic": claimed.topic, "message_id": claimed.id,
                                          "error": type(error).__name__})
        return _fail(program, claimed, type(error).__name__)
    with unit_of_work(program) as ctx:
        outbox.settle(ctx.session, claimed.id, ctx.now)
    measures.JOBS.labels(claimed.topic, "done").inc()
    return "done"


def _fail(program: Program, claimed: outbox.Claimed, error: str) -> str:
    with unit_of_work(program) as ctx:
        outcome = "dead" if outbox.fail(ctx.session, claimed, ctx.now, error) else "retry"
    measures.JOBS.labels(claimed.topic, outcome).inc()
    return outcome


def drain(program: Program, *, limit: int = 200) -> int:
    """Run what is due now, in this process; what the sweep does, and what tests call."""
    with unit_of_work(program) as ctx:
        outbox.bury_exhausted(ctx.session, ctx.now)
        due = outbox.list_due(ctx.session, ctx.now, limit=limit)
    return sum(run_message(program, message_id) != "taken" for message_id in due)
