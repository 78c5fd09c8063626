"""Running the table of retention: every line in batches of their own, so that a dead process loses nothing done."""

import logging
from collections.abc import Iterator

from app.program import Program
from app.unit_of_work import unit_of_work
from services import retention
from services.rules.retention import ENDING, Rule

logger = logging.getLogger("app.jobs")
#: What one run does to one line at most; the rest waits for the next, so that a first run does not stop the worker.
MAX_BATCHES = 100


class RetentionFailed(Exception):
    """Some lines of the table could not be acted on; the others were."""


def run_retention(program: Program) -> dict[str, int]:
    """Act on every line; one that fails does not keep the others from their end."""
    counts: dict[str, int] = {}
    failed: list[str] = []
    for rule in ENDING:
        try:
            for count in _batches(program, rule):
                counts[rule.name] = counts.get(rule.name, 0) + count
        except Exception as error:
            logger.error("retention failed", extra={"rule": rule.name, "error": type(error).__name__})
            failed.append(rule.name)
    with unit_of_work(program) as ctx:
        retention.finish(ctx, counts, failed)
    if failed:
        raise RetentionFailed(", ".join(failed))
    return counts


def _batches(program: Program, rule: Rule) -> Iterator[int]:
    for _ in range(MAX_BATCHES):
        with unit_of_work(program) as ctx:
            count = retention.apply_batch(ctx, rule)
        yield count
        if count < retention.BATCH:
            return
