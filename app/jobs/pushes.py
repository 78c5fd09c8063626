"""Sending pushes: lease a batch and commit, send side by side outside any transaction, settle the batch and commit.

A sender that dies leaves a lease; the sweep queues again what it had not begun (see `send_marks`), and calls
the rest uncertain. Nothing is ever sent twice by itself.
"""

import contextlib
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import redis

from app.jobs.pacing import Pace
from app.jobs.send_marks import SendMarks
from app.program import Program
from app.unit_of_work import unit_of_work
from services import pushes
from services.ports import PushCalledBack, PushPostponed, PushTrouble, PushUncertain

BATCH = 100


class RetryLater(Exception):
    """Some pushes were postponed: the outbox message comes back after its back-off."""


def push_notice(program: Program, *, notice_id: int) -> None:
    """Send every queued delivery of a notice that may leave now."""
    with ThreadPoolExecutor(program.settings.push_concurrency) as pool:
        if _NoticeSender(program, notice_id, pool).run():
            raise RetryLater


def push_opinion_word(program: Program, *, word_id: int) -> None:
    """Tell a resident about a step of an opinion."""
    token = _new_token(program)
    with unit_of_work(program) as ctx:
        batch = pushes.claim_word(ctx, word_id, token=token)
    outcomes = [send_one(program, push, token) for push in batch.pushes]
    with unit_of_work(program) as ctx:
        verdict = pushes.settle(ctx, pushes.WORDS, outcomes)
    if verdict.is_postponed:
        raise RetryLater


class _NoticeSender:
    """One worker's part in sending a notice: a window of requests in the air, refilled from the queue."""

    def __init__(self, program: Program, notice_id: int, pool: ThreadPoolExecutor) -> None:
        self._program, self._notice_id, self._pool = program, notice_id, pool
        self._flying: dict[Future[pushes.Outcome], pushes.Push] = {}
        self._landed: list[pushes.Outcome] = []
        self._must_retry = False
        self._broken: BaseException | None = None

    def run(self) -> bool:
        """Send until nothing more may leave; True when some of it should be tried a little later."""
        try:
            has_more = True
            while has_more or self._flying:
                if has_more and len(self._flying) < self._program.settings.push_concurrency * 2:
                    has_more = self._refill()
                self._collect()
                if len(self._landed) >= BATCH or not self._flying:
                    has_more = self._settle() and has_more and self._broken is None
        finally:
            # Also when the worker is told to end: what has not begun goes back, what is in the air is awaited.
            self._call_back()
            self._settle()
        if self._broken is not None:
            raise self._broken
        return self._must_retry

    def _refill(self) -> bool:
        token = _new_token(self._program)
        with unit_of_work(self._program) as ctx:
            batch = pushes.claim_deliveries(ctx, self._notice_id, limit=BATCH, token=token)
        for push in batch.pushes:
            self._flying[self._pool.submit(send_one, self._program, push, token)] = push
        self._must_retry |= batch.is_waiting
        return batch.leased > 0

    def _collect(self) -> None:
        done, _rest = wait(self._flying, return_when=FIRST_COMPLETED)
        for future in done:
            self._flying.pop(future)
            error = future.exception()
            if error is None:
                self._landed.append(future.result())
            else:
                # Its lease stays, and the sweep will call it uncertain; the others are still settled.
                self._broken = error

    def _settle(self) -> bool:
        """Write down what has landed; False when no more may leave."""
        landed, self._landed = self._landed, []
        if not landed:
            return True
        with unit_of_work(self._program) as ctx:
            verdict = pushes.settle(ctx, pushes.DELIVERIES, landed, notice_id=self._notice_id)
        self._must_retry |= verdict.is_postponed and not verdict.is_halted
        if verdict.is_halted:
            self._call_back()
        return not verdict.is_halted

    def _call_back(self) -> None:
        """Take back what waits for its turn; await what is in the air."""
        for future, push in list(self._flying.items()):
            if future.cancel():
                self._flying.pop(future)
                self._landed.append(pushes.Outcome(push, PushCalledBack("called_back")))
        while self._flying:
            self._collect()


def _new_token(program: Program) -> str:
    """Raises RetryLater with Redis away: without marks nothing is sent."""
    try:
        return SendMarks(program.redis).new_token()
    except redis.RedisError as error:
        raise RetryLater from error


def send_one(program: Program, push: pushes.Push, token: str) -> pushes.Outcome:
    """Send one push at the common pace; what went wrong is the outcome's trouble."""
    pace = Pace(program.redis, program.program_settings.mini_appid, per_second=program.settings.push_rate)
    try:
        pace.wait()
        if not SendMarks(program.redis).begin(token, push.id):
            return pushes.Outcome(push, PushUncertain("begun_before"))
    except redis.RedisError:
        return pushes.Outcome(push, PushCalledBack("redis_away"))
    try:
        msgid = program.gateways.messenger.send_notice(push.openid, template_id=push.template_id, data=push.data,
                                                       page=push.page)
    except PushTrouble as trouble:
        if isinstance(trouble, PushPostponed):
            _keep_pace(pace.was_refused)
        return pushes.Outcome(push, trouble)
    _keep_pace(pace.went_well)
    return pushes.Outcome(push, msgid=msgid)


def _keep_pace(note: Callable[[], None]) -> None:
    """The pace is a courtesy: with Redis away the message counts all the same."""
    with contextlib.suppress(redis.RedisError):
        note()
