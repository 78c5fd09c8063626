"""Sending pushes: claim and commit, send outside any transaction, settle and commit.

Killed between claim and settle, a push is uncertain and never repeated by itself.
"""

from app.program import Program
from app.unit_of_work import unit_of_work
from services import pushes
from services.ports import PushPostponed, PushRefused, PushUncertain

BATCH = 50


class RetryLater(Exception):
    """Some pushes were postponed: the outbox message comes back after its back-off."""


def push_notice(program: Program, *, notice_id: int) -> None:
    """Send every queued delivery of a notice, in batches."""
    postponed = False
    while True:
        with unit_of_work(program) as ctx:
            batch = pushes.claim_deliveries(ctx, notice_id, limit=BATCH)
        for push in batch.pushes:
            postponed |= send_one(program, pushes.DELIVERIES, push)
        if not batch.leased:
            break
    if postponed:
        raise RetryLater


def push_opinion_word(program: Program, *, word_id: int) -> None:
    """Tell a resident about a step of an opinion."""
    with unit_of_work(program) as ctx:
        batch = pushes.claim_word(ctx, word_id)
    postponed = [send_one(program, pushes.WORDS, push) for push in batch.pushes]
    if any(postponed):
        raise RetryLater


def send_one(program: Program, table: type[pushes.PushRow], push: pushes.Push) -> bool:
    """Send and settle one push; True when it was postponed."""
    outcome: Exception | None = None
    try:
        program.gateways.messenger.send_notice(push.openid, template_id=push.template_id, data=push.data,
                                               page=push.page)
    except (PushRefused, PushPostponed, PushUncertain) as error:
        outcome = error
    with unit_of_work(program) as ctx:
        if outcome is None:
            pushes.settle_accepted(ctx, table, push)
        elif isinstance(outcome, PushRefused):
            pushes.settle_refused(ctx, table, push, outcome.reason)
        elif isinstance(outcome, PushPostponed):
            return pushes.settle_postponed(ctx, table, push, outcome.reason)
        else:
            pushes.settle_uncertain(ctx, table, push)
    return False
