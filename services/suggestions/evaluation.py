"""The deputy's word on the answer: satisfied settles, unsatisfied opens the redo once, then the office coordinates."""

from sqlalchemy import select, update

from models.insert_once import insert_once
from models.suggestions import Suggestion, SuggestionAnswer, SuggestionCommitment, SuggestionEvaluation
from services import access, outbox
from services.context import Context
from services.errors import Conflict, Invalid
from services.rules.suggestion_states import GRADE_NAMES, MAX_ROUNDS, is_unsatisfied
from services.suggestions import moves


def evaluate(ctx: Context, suggestion_id: int, *, attitude: str, result: str, comment: str) -> Suggestion:
    """Attitude and result of one answer, once; an unsatisfied result says why."""
    row = access.access_own_suggestion(ctx, suggestion_id)
    for name, grade in (("attitude", attitude), ("result", result)):
        if grade not in GRADE_NAMES:
            raise Invalid("invalid_input", fields={name: "field_not_a_choice"})
    if row.state != "answered":
        raise Conflict("suggestion_already_evaluated") if _is_evaluated(ctx, row) else moves.refusal(row)
    if is_unsatisfied(result):
        moves.need_text("comment", comment, "rating_comment_required")
    if insert_once(ctx.session, SuggestionEvaluation, suggestion_id=row.id, round_no=row.round_no, attitude=attitude,
                   result=result, comment=comment.strip()[:moves.MAX_TEXT], due_on=row.due_on or ctx.today,
                   evaluated_at=ctx.now) is None:
        raise Conflict("suggestion_already_evaluated")
    moves.tell(ctx, row, f"代表评价：态度{GRADE_NAMES[attitude]}，结果{GRADE_NAMES[result]}", comment.strip(),
               act="evaluated")
    outbox.publish(ctx, "suggestion.credit_due", suggestion_id=row.id)
    if is_unsatisfied(result):
        _reopen(ctx, row)
    else:
        _settle(ctx, row)
    return row


def _is_evaluated(ctx: Context, row: Suggestion) -> bool:
    return ctx.session.scalar(select(SuggestionEvaluation.id).where(
        SuggestionEvaluation.suggestion_id == row.id).limit(1)) is not None


def _reopen(ctx: Context, row: Suggestion) -> None:
    """The redo has its own clock; what the refused answer promised is not followed further."""
    profile = moves.profile_of(ctx, row)
    ctx.session.execute(update(SuggestionCommitment).where(
        SuggestionCommitment.suggestion_id == row.id, SuggestionCommitment.state == "open")
        .values(state="explained", outcome="代表不满意，重新办理", settled_at=ctx.now))
    if row.round_no >= MAX_ROUNDS:
        moves.move(ctx, row, "coordination")
        row.due_on = moves.due(ctx, profile.redo)
        moves.tell(ctx, row, f"转{profile.after_redo}", "代表对重新办理的结果仍不满意", act="coordination_opened")
        return
    moves.move(ctx, row, "redo")
    row.round_no, row.due_on = row.round_no + 1, moves.due(ctx, profile.redo)
    moves.tell(ctx, row, "重新办理", f"请承办单位在{row.due_on:%Y年%m月%d日}前重新答复", act="redo_opened")


def _settle(ctx: Context, row: Suggestion) -> None:
    """Closed, or followed until the promise of a class B or C answer is kept."""
    promise = ctx.session.scalar(select(SuggestionCommitment).where(
        SuggestionCommitment.suggestion_id == row.id, SuggestionCommitment.state == "open"))
    if promise is not None:
        moves.move(ctx, row, "commitment")
        row.due_on = promise.due_on
        return
    moves.move(ctx, row, "closed")
    row.due_on, row.closed_at = None, ctx.now
    moves.tell_residents(ctx, row, "代表建议已办结", _last_words(ctx, row))


def _last_words(ctx: Context, row: Suggestion) -> str:
    found = ctx.session.scalar(select(SuggestionAnswer.body).where(SuggestionAnswer.suggestion_id == row.id)
                               .order_by(SuggestionAnswer.round_no.desc()).limit(1))
    return (found or "")[:200]


def close_coordination(ctx: Context, suggestion_id: int, *, result: str) -> Suggestion:
    """What came of the meeting or expert review; it ends the matter."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.decide")
    moves.need_state(row, "coordination")
    words = moves.need_text("result", result)
    moves.tell(ctx, row, "协调督办结果", words, act="coordinated")
    _settle(ctx, row)
    return row


def close_unevaluated(ctx: Context, *, limit: int = 200) -> int:
    """Answers that the deputy did not evaluate in time count as settled, and in no rate; returns how many."""
    waiting = ctx.session.scalars(
        select(Suggestion).where(Suggestion.state == "answered", Suggestion.due_on < ctx.today)
        .order_by(Suggestion.due_on).limit(limit).with_for_update(skip_locked=True)).all()
    for row in waiting:
        moves.tell(ctx, row, "逾期未评价，视为没有反馈", "不计入满意率", act="unevaluated")
        _settle(ctx, row)
    return len(waiting)
