"""How an opinion moves: the one place where its state changes, its timeline grows and its resident is told."""

from datetime import date

from sqlalchemy import select

from models.comments import Opinion, OpinionAssignment, OpinionEvent
from models.deputies import Mandate
from models.identity import Account
from services import pushes, regions
from services.context import Context
from services.errors import Conflict
from services.rules import workdays
from services.rules.opinion_states import STATE_NAMES, may_move

#: Of an opinion and of its answer.
MAX_TEXT = 5000


def move(ctx: Context, opinion: Opinion, to: str) -> None:
    """To the next state where the table allows it; raises `opinion_move_refused` where it does not.

    A clock that stands still goes on, but not by being handled together with another or alone again.
    """
    if not may_move(opinion.state, to):
        raise refusal(opinion)
    if to != "merged" and (opinion.state != "merged" or to == "answered"):
        run_clock(ctx, opinion)
    opinion.state = to


def start_clock(ctx: Context, opinion: Opinion, due_on: date) -> None:
    """A new due day, of which warnings are given anew."""
    opinion.due_on, opinion.due_set_on, opinion.paused_workdays = due_on, ctx.today, None


def end_clock(opinion: Opinion) -> None:
    """Nobody has to do anything by a day any more."""
    opinion.due_on = opinion.due_set_on = opinion.paused_workdays = None


def run_clock(ctx: Context, opinion: Opinion) -> bool:
    """A clock that stood still goes on with the working days it had left; whether there was one."""
    left = opinion.paused_workdays
    if left is None:
        return False
    overrides = regions.workday_overrides(ctx.session)
    last = workdays.add_workdays(ctx.today, left, overrides)
    start_clock(ctx, opinion, workdays.workday_from(last, overrides))
    return True


def refusal(opinion: Opinion) -> Conflict:
    """The refusal that names the state the opinion is in."""
    return Conflict("opinion_move_refused", state=STATE_NAMES[opinion.state])


def tell(ctx: Context, opinion: Opinion, title: str, detail: str) -> None:
    """A line of the timeline, which the resident reads."""
    ctx.session.add(OpinionEvent(opinion_id=opinion.id, at=ctx.now, title=title, detail=detail, actor=ctx.actor.key))


def note_inside(ctx: Context, opinion: Opinion, title: str, detail: str) -> None:
    """A line of the timeline for those who handle it; the resident never sees it."""
    ctx.session.add(OpinionEvent(opinion_id=opinion.id, at=ctx.now, title=title, detail=detail, is_internal=True,
                                 actor=ctx.actor.key))


def send_word(ctx: Context, opinion: Opinion, step: str, phrase: str, detail: str) -> None:
    """A message to the resident about a step, once."""
    if opinion.account_id is not None:
        pushes.queue_word(ctx, account_id=opinion.account_id, opinion_id=opinion.id,
                          cause=f"opinion:{opinion.id}:{step}", phrase=phrase, detail=detail)


def send_handler_word(ctx: Context, opinion: Opinion, person_id: int | None, step: str, phrase: str, detail: str
                      ) -> None:
    """A message to the deputy who handles it about a step, once; a unit reads its work list."""
    account_id = None if person_id is None else ctx.session.scalar(
        select(Account.id).where(Account.person_id == person_id, Account.state == "active"))
    if account_id is not None:
        pushes.queue_word(ctx, account_id=account_id, opinion_id=opinion.id,
                          cause=f"opinion:{opinion.id}:handler:{step}", phrase=phrase, detail=detail)


def live_assignment(ctx: Context, opinion: Opinion) -> OpinionAssignment | None:
    """The newest assignment that nobody gave back or took away."""
    return ctx.session.scalar(
        select(OpinionAssignment).where(OpinionAssignment.opinion_id == opinion.id,
                                        OpinionAssignment.state != "returned")
        .order_by(OpinionAssignment.round_no.desc()).limit(1))


def is_in_office(ctx: Context, person_id: int) -> bool:
    """Whether the deputy has a mandate in force, which cannot end before this transaction does."""
    held = select(Mandate.id).where(Mandate.person_id == person_id, Mandate.state == "active")
    return ctx.session.scalar(held.with_for_update(read=True)) is not None
