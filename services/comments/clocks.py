"""A clock that is stopped for a reason, goes on, or ends later by the office's decision (暂停、延期)."""

from datetime import date, timedelta

from sqlalchemy import select

from models.comments import Opinion, OpinionAssignment, OpinionExtension
from models.insert_once import insert_once
from services import access, audit, regions
from services.comments import moves
from services.context import Context
from services.errors import Conflict, Invalid
from services.rules import workdays


def pause(ctx: Context, number: str, *, reason: str) -> Opinion:
    """The clock stands still with a reason that the resident reads; one that has run out cannot be stopped."""
    opinion = access.access_opinion(ctx, number, "opinions.assign")
    _need(reason, "reason")
    due_on = _running(ctx, opinion)
    opinion.paused_workdays = workdays.count_workdays(ctx.today, due_on, regions.workday_overrides(ctx.session))
    opinion.due_on = None
    moves.tell(ctx, opinion, "暂停计时", reason.strip())
    moves.send_word(ctx, opinion, f"paused:{opinion.round_no}:{ctx.today}", "暂停计时", "办理暂停计时，请点开查看原因")
    audit.record(ctx, "opinion.paused", f"opinion:{opinion.id}", {"left": opinion.paused_workdays},
                 region_id=opinion.township_id)
    return opinion


def resume(ctx: Context, number: str) -> Opinion:
    """The clock goes on with the working days it had left."""
    opinion = access.access_opinion(ctx, number, "opinions.assign")
    if not moves.run_clock(ctx, opinion) or opinion.due_on is None:
        raise Conflict("opinion_clock_not_paused")
    assignment = moves.live_assignment(ctx, opinion)
    if assignment is not None and assignment.state == "open":
        assignment.due_on = opinion.due_on
    moves.tell(ctx, opinion, "恢复计时", f"办理期限：{opinion.due_on:%Y年%m月%d日}")
    audit.record(ctx, "opinion.resumed", f"opinion:{opinion.id}", {"due_on": opinion.due_on.isoformat()},
                 region_id=opinion.township_id)
    return opinion


def ask_extension(ctx: Context, number: str, *, wanted_on: date, reason: str) -> OpinionExtension:
    """The deputy asks for a later day before the clock has run out; raises `extension_asked` for a second request."""
    opinion, assignment = access.access_assigned_opinion(ctx, number)
    return _ask(ctx, opinion, assignment, wanted_on, reason)


def ask_extension_as_unit(ctx: Context, number: str, *, wanted_on: date, reason: str) -> OpinionExtension:
    """The handling unit asks, by its own staff."""
    opinion = access.access_opinion(ctx, number, "opinions.answer")
    assignment = moves.live_assignment(ctx, opinion)
    if assignment is None or assignment.unit_id != ctx.actor.unit_id:
        raise moves.refusal(opinion)
    return _ask(ctx, opinion, assignment, wanted_on, reason)


def _ask(ctx: Context, opinion: Opinion, assignment: OpinionAssignment, wanted_on: date, reason: str
         ) -> OpinionExtension:
    _need(reason, "reason")
    if assignment.state != "open" or opinion.state != "assigned":
        raise moves.refusal(opinion)
    due_on = _running(ctx, opinion)
    latest = due_on + timedelta(days=_longest(ctx, opinion))
    if not due_on < wanted_on <= latest:
        raise Invalid("extension_day", fields={"wanted_on": "extension_day_field"}, first=due_on + timedelta(days=1),
                      latest=latest)
    row = insert_once(ctx.session, OpinionExtension, opinion_id=opinion.id, assignment_id=assignment.id,
                      reason=reason.strip(), wanted_on=wanted_on, asked_by=ctx.actor.key, asked_at=ctx.now)
    if row is None:
        raise Conflict("extension_asked")
    moves.note_inside(ctx, opinion, "申请延期", f"申请延至{wanted_on:%Y年%m月%d日}：{reason.strip()}")
    audit.record(ctx, "opinion.extension_asked", f"opinion:{opinion.id}", {"wanted_on": wanted_on.isoformat()},
                 region_id=opinion.township_id)
    return row


def grant_extension(ctx: Context, number: str, *, due_on: date | None = None, note: str = "") -> Opinion:
    """The asked day, or an earlier one; the resident reads the new day and why."""
    opinion, assignment, row = _pending(ctx, number)
    granted_on = due_on or row.wanted_on
    if granted_on < ctx.today:
        raise Invalid("due_date_past", fields={"due_on": "due_date_past"})
    if granted_on > row.wanted_on:
        raise Invalid("extension_beyond_request", fields={"due_on": "extension_beyond_request"})
    _decide(ctx, row, "granted", note)
    row.granted_on = assignment.due_on = granted_on
    moves.start_clock(ctx, opinion, granted_on)
    moves.tell(ctx, opinion, "办理期限延长", f"延至{granted_on:%Y年%m月%d日}，原因：{row.reason}")
    moves.send_word(ctx, opinion, f"extended:{row.id}", "办理延期", f"办理期限延至{granted_on:%m月%d日}")
    moves.send_handler_word(ctx, opinion, assignment.person_id, f"extension:{row.id}", "同意延期",
                            f"请在{granted_on:%m月%d日}前答复群众")
    audit.record(ctx, "opinion.extended", f"opinion:{opinion.id}", {"due_on": granted_on.isoformat()},
                 region_id=opinion.township_id)
    return opinion


def decline_extension(ctx: Context, number: str, *, note: str) -> Opinion:
    """The day stays; the handler reads why, and may ask again with a better reason."""
    opinion, assignment, row = _pending(ctx, number)
    _need(note, "note")
    _decide(ctx, row, "declined", note)
    moves.note_inside(ctx, opinion, "不同意延期", note.strip())
    moves.send_handler_word(ctx, opinion, assignment.person_id, f"extension:{row.id}", "不予延期", "请按原定期限办理")
    audit.record(ctx, "opinion.extension_declined", f"opinion:{opinion.id}", region_id=opinion.township_id)
    return opinion


def _pending(ctx: Context, number: str) -> tuple[Opinion, OpinionAssignment, OpinionExtension]:
    opinion = access.access_opinion(ctx, number, "opinions.assign")
    found = ctx.session.execute(
        select(OpinionAssignment, OpinionExtension)
        .join(OpinionExtension, OpinionExtension.assignment_id == OpinionAssignment.id)
        .where(OpinionAssignment.opinion_id == opinion.id, OpinionAssignment.state == "open",
               OpinionExtension.state == "pending")).first()
    if found is None or opinion.state != "assigned":
        raise Conflict("extension_not_asked")
    return opinion, found.OpinionAssignment, found.OpinionExtension


def _decide(ctx: Context, row: OpinionExtension, state: str, note: str) -> None:
    row.state, row.decided_by, row.decided_at = state, access.staff_id(ctx), ctx.now
    row.decision_note = note.strip() or None


def _running(ctx: Context, opinion: Opinion) -> date:
    """The day of a clock that runs and has not run out."""
    if opinion.state not in ("registered", "assigned") or opinion.due_on is None:
        raise Conflict("opinion_clock_not_running")
    if opinion.due_on < ctx.today:
        raise Conflict("opinion_clock_over")
    return opinion.due_on


def _longest(ctx: Context, opinion: Opinion) -> int:
    township = regions.get_region(ctx.session, opinion.township_id)
    return regions.setting(ctx.session, township, "opinion.extension_days", ctx.today)


def _need(words: str, name: str) -> None:
    if not words.strip():
        raise Invalid("reason_required", fields={name: "field_required"})
