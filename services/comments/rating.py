"""The resident has the last word: satisfied closes, unsatisfied opens the redo once, then the clerk meets them."""

from datetime import timedelta

from sqlalchemy import select

from models.comments import Opinion, OpinionAssignment, OpinionRating
from services import access, audit, regions
from services.comments import alerts, moves
from services.context import Context
from services.errors import Conflict, Invalid
from services.rules.opinion_states import GRADE_NAMES, MAX_ROUNDS


def rate(ctx: Context, number: str, *, grade: str, comment: str, attitude: str | None = None) -> Opinion:
    """The resident's word on the answer: an unsatisfying result opens the redo once, then the clerk meets them.

    Attitude is rated apart and moves nothing; of either failing the township's leader hears.
    """
    opinion = access.access_own_opinion(ctx, number)
    for name, value in (("grade", grade), ("attitude", attitude or grade)):
        if value not in GRADE_NAMES:
            raise Invalid("field_not_a_choice", fields={name: "field_not_a_choice"})
    is_unhappy = "unsatisfied" in (grade, attitude)
    if opinion.state == "closed" or _rating(ctx, opinion) is not None:
        raise Conflict("already_rated")
    if opinion.state != "answered":
        raise moves.refusal(opinion)
    if is_unhappy and not comment.strip():
        raise Invalid("rating_comment_required", fields={"comment": "rating_comment_required"})
    ctx.session.add(OpinionRating(opinion_id=opinion.id, round_no=opinion.round_no, grade=grade,
                                  attitude=attitude, comment=comment.strip(), rated_at=ctx.now))
    ctx.session.flush()
    words = GRADE_NAMES[grade] if attitude is None else f"结果{GRADE_NAMES[grade]}，态度{GRADE_NAMES[attitude]}"
    moves.tell(ctx, opinion, f"您的评价：{words}", comment.strip())
    if is_unhappy:
        alerts.report_unsatisfied(ctx, opinion)
    if grade == "unsatisfied":
        _redo(ctx, opinion)
    else:
        moves.move(ctx, opinion, "closed")
        opinion.closed_at = ctx.now
        moves.end_clock(opinion)
    audit.record(ctx, "opinion.rated", f"opinion:{opinion.id}", {"grade": grade, "attitude": attitude},
                 region_id=opinion.township_id)
    return opinion


def _rating(ctx: Context, opinion: Opinion) -> OpinionRating | None:
    return ctx.session.scalar(select(OpinionRating).where(
        OpinionRating.opinion_id == opinion.id, OpinionRating.round_no == opinion.round_no))


def _redo(ctx: Context, opinion: Opinion) -> None:
    """The next round with the same handler and a fresh clock; after the last round, back to the clerk.

    A deputy who has left office meanwhile has no next round: the clerk finds another handler.
    """
    township = regions.get_region(ctx.session, opinion.township_id)
    last = moves.live_assignment(ctx, opinion)
    opinion.round_no += 1
    due_on = regions.due_day(ctx, township, "opinion.redo_workdays")
    moves.start_clock(ctx, opinion, due_on)
    if opinion.round_no > MAX_ROUNDS or last is None:
        moves.move(ctx, opinion, "registered")
        moves.tell(ctx, opinion, "转工作人员当面沟通", f"请在{due_on:%m月%d日}前等候联系")
        return
    if last.person_id is not None and not moves.is_in_office(ctx, last.person_id):
        moves.move(ctx, opinion, "registered")
        moves.tell(ctx, opinion, "重新交办", "原承办代表已不在任，工作人员会另行交办")
        return
    moves.move(ctx, opinion, "assigned")
    ctx.session.add(OpinionAssignment(
        opinion_id=opinion.id, round_no=opinion.round_no, person_id=last.person_id, unit_id=last.unit_id,
        due_on=due_on, assigned_by=last.assigned_by, assigned_at=ctx.now))
    moves.tell(ctx, opinion, "重新办理", f"请承办方在{due_on:%m月%d日}前重新答复")


def close_after_meeting(ctx: Context, number: str, *, result: str) -> Opinion:
    """After the last unsatisfied rating the clerk meets the resident; what came of it closes the matter."""
    opinion = access.access_opinion(ctx, number, "opinions.screen")
    if opinion.state != "registered" or opinion.round_no <= MAX_ROUNDS:
        raise moves.refusal(opinion)
    if not result.strip():
        raise Invalid("invalid_input", fields={"result": "field_required"})
    _close(ctx, opinion, "当面沟通后办结", result.strip())
    return opinion


def close_unrated(ctx: Context, *, limit: int = 200) -> int:
    """Close answers that nobody rated within the region's days; returns how many."""
    waiting = ctx.session.execute(
        select(Opinion, OpinionAssignment.answered_at)
        .join(OpinionAssignment, (OpinionAssignment.opinion_id == Opinion.id)
              & (OpinionAssignment.round_no == Opinion.round_no) & (OpinionAssignment.state == "answered"))
        .where(Opinion.state == "answered").order_by(OpinionAssignment.answered_at).limit(limit)
        .with_for_update(of=Opinion, skip_locked=True)).all()
    closed = 0
    for opinion, answered_at in waiting:
        township = regions.get_region(ctx.session, opinion.township_id)
        days = regions.setting(ctx.session, township, "opinion.rating_days", ctx.today)
        if answered_at is not None and answered_at <= ctx.now - timedelta(days=days):
            _close(ctx, opinion, "逾期未评价，自动办结", f"答复后{days}天内没有评价。如仍有问题，请重新提交。")
            closed += 1
    return closed


def _close(ctx: Context, opinion: Opinion, title: str, detail: str) -> None:
    moves.move(ctx, opinion, "closed")
    opinion.closed_at = ctx.now
    moves.end_clock(opinion)
    moves.tell(ctx, opinion, title, detail)
    moves.send_word(ctx, opinion, "closed", "已办结", title)
    audit.record(ctx, "opinion.closed", f"opinion:{opinion.id}", {"how": title}, region_id=opinion.township_id)
