"""How an opinion moves: the one place where its state changes, its timeline grows and its resident is told."""

from sqlalchemy import select

from models.comments import Opinion, OpinionAssignment, OpinionEvent
from models.deputies import Mandate
from services import pushes
from services.context import Context
from services.errors import Conflict
from services.rules.opinion_states import STATE_NAMES, may_move

#: Of an opinion and of its answer.
MAX_TEXT = 5000


def move(ctx: Context, opinion: Opinion, to: str) -> None:
    """To the next state where the table allows it; raises `opinion_move_refused` where it does not."""
    if not may_move(opinion.state, to):
        raise refusal(opinion)
    opinion.state = to


def refusal(opinion: Opinion) -> Conflict:
    """The refusal that names the state the opinion is in."""
    return Conflict("opinion_move_refused", state=STATE_NAMES[opinion.state])


def tell(ctx: Context, opinion: Opinion, title: str, detail: str) -> None:
    """A line of the timeline, which the resident reads."""
    ctx.session.add(OpinionEvent(opinion_id=opinion.id, at=ctx.now, title=title, detail=detail, actor=ctx.actor.key))


def send_word(ctx: Context, opinion: Opinion, step: str, phrase: str, detail: str) -> None:
    """A message to the resident about a step, once."""
    if opinion.account_id is not None:
        pushes.queue_word(ctx, account_id=opinion.account_id, opinion_id=opinion.id,
                          cause=f"opinion:{opinion.id}:{step}", phrase=phrase, detail=detail)


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
