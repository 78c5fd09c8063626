"""Warnings that a clock ends, what a leader hears of, and reminders to rate: each exactly once (提醒、督办).

A run that was missed is made up by the next one: what is due is computed from the days, and the rows already there
say what was done.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select

from models.comments import Opinion, OpinionAlert, OpinionAssignment
from models.insert_once import insert_once
from services import access, audit, regions
from services.comments import merging, moves
from services.context import Context, local_day
from services.errors import Conflict, Invalid
from services.rules import due_warnings

_RUNNING = ("screening", "registered", "assigned", "merged")
_PHRASES = {"due_30": "办理提醒", "due_7": "办理提醒", "due_1": "即将到期", "due_0": "今日到期", "overdue": "已经超期"}
_AUDIENCES = {"township_chair": ("township",), "county_office": ("township", "county")}


def warn(ctx: Context, *, after_id: int = 0, limit: int = 500) -> int | None:
    """Give the warnings whose day has come to the next opinions by id; returns where to go on, None at the end."""
    horizon = ctx.today + timedelta(days=max(due_warnings.WARNINGS.values()))
    rows = ctx.session.scalars(
        select(Opinion).where(Opinion.id > after_id, Opinion.state.in_(_RUNNING), Opinion.due_on <= horizon)
        .order_by(Opinion.id).limit(limit).with_for_update(of=Opinion)).all()
    known: dict[int, set[tuple[str, date]]] = defaultdict(set)
    for opinion_id, kind, about_on in ctx.session.execute(
            select(OpinionAlert.opinion_id, OpinionAlert.kind, OpinionAlert.about_on)
            .where(OpinionAlert.opinion_id.in_([row.id for row in rows]))):
        known[opinion_id].add((kind, about_on))
    for opinion in rows:
        _warn_of(ctx, opinion, known[opinion.id])
    return rows[-1].id if len(rows) == limit else None


def _warn_of(ctx: Context, opinion: Opinion, known: set[tuple[str, date]]) -> None:
    due_on = opinion.due_on
    if due_on is None:
        return
    set_on = opinion.due_set_on or local_day(opinion.submitted_at)
    new = [kind for kind in due_warnings.warnings_due(set_on, due_on, ctx.today) if (kind, due_on) not in known]
    for kind in new:
        _record(ctx, opinion, kind, due_on, "township" if kind == "overdue" else "handler")
    if new:
        # Of several that were missed only the most pressing one is still true.
        _tell_handler(ctx, opinion, new[-1], due_on)
    if due_on < ctx.today and ("overdue_long", due_on) not in known and _is_long_overdue(ctx, opinion, due_on):
        _record(ctx, opinion, "overdue_long", due_on, "county")


def _record(ctx: Context, opinion: Opinion, kind: str, about_on: date, audience: str) -> bool:
    row = insert_once(ctx.session, OpinionAlert, opinion_id=opinion.id, kind=kind, about_on=about_on,
                      audience=audience, made_at=ctx.now)
    if row is not None and audience != "handler":
        moves.note_inside(ctx, opinion, f"{due_warnings.ALERT_NAMES[kind]}，已报告负责人", "")
        audit.record(ctx, "opinion.escalated", f"opinion:{opinion.id}", {"kind": kind, "to": audience},
                     region_id=opinion.township_id)
    return row is not None


def _tell_handler(ctx: Context, opinion: Opinion, kind: str, due_on: date) -> None:
    handled = merging.lead_of(ctx, opinion) or opinion
    assignment = moves.live_assignment(ctx, handled) if handled.state == "assigned" else None
    if assignment is not None and assignment.state == "open":
        detail = "请尽快答复群众" if kind == "overdue" else f"请在{due_on:%m月%d日}前答复群众"
        moves.send_handler_word(ctx, opinion, assignment.person_id, f"{kind}:{due_on}", _PHRASES[kind], detail)


def _is_long_overdue(ctx: Context, opinion: Opinion, due_on: date) -> bool:
    township = regions.get_region(ctx.session, opinion.township_id)
    days = regions.setting(ctx.session, township, "opinion.escalation_workdays", ctx.today)
    return due_warnings.is_long_overdue(due_on, ctx.today, days, regions.workday_overrides(ctx.session))


def report_unsatisfied(ctx: Context, opinion: Opinion) -> None:
    """The township's leader hears of a resident who is not satisfied."""
    _record(ctx, opinion, "unsatisfied", ctx.today, "township")


def audiences(ctx: Context) -> Sequence[str]:
    """What the person asking has to settle: a chair the township's, the county office both."""
    return _AUDIENCES.get(ctx.actor.role or "", ())


def waits_for_me(ctx: Context, opinion: Opinion) -> list[str]:
    """The names of what was reported about an opinion to the leader who asks, and is not settled."""
    kinds = ctx.session.scalars(select(OpinionAlert.kind).where(
        OpinionAlert.opinion_id == opinion.id, OpinionAlert.settled_at.is_(None),
        OpinionAlert.audience.in_(audiences(ctx))).order_by(OpinionAlert.id)) if audiences(ctx) else ()
    return [due_warnings.ALERT_NAMES[kind] for kind in kinds]


def supervise(ctx: Context, number: str, *, instruction: str) -> Opinion:
    """The leader says what is to be done, which settles what was reported; the handler reads it, the resident not."""
    opinion = access.access_opinion(ctx, number, "opinions.supervise")
    if not instruction.strip():
        raise Invalid("instruction_required", fields={"instruction": "field_required"})
    waiting = ctx.session.scalars(select(OpinionAlert).where(
        OpinionAlert.opinion_id == opinion.id, OpinionAlert.settled_at.is_(None),
        OpinionAlert.audience.in_(audiences(ctx)))).all()
    if not waiting:
        raise Conflict("nothing_to_supervise")
    for row in waiting:
        row.settled_by, row.settled_at, row.instruction = access.staff_id(ctx), ctx.now, instruction.strip()
    moves.note_inside(ctx, opinion, "督办意见", instruction.strip())
    assignment = moves.live_assignment(ctx, opinion)
    if assignment is not None and assignment.state == "open":
        moves.send_handler_word(ctx, opinion, assignment.person_id, f"supervised:{waiting[-1].id}", "领导督办",
                                "请点开查看督办意见")
    audit.record(ctx, "opinion.supervised", f"opinion:{opinion.id}", region_id=opinion.township_id)
    return opinion


def instructions_of(ctx: Context, opinion: Opinion) -> list[OpinionAlert]:
    """What leaders told the handler to do, oldest first; two reports settled together carry one instruction."""
    found = ctx.session.scalars(select(OpinionAlert).where(
        OpinionAlert.opinion_id == opinion.id, OpinionAlert.instruction.is_not(None)).order_by(OpinionAlert.settled_at))
    return list({(row.settled_at, row.instruction): row for row in found}.values())


def remind_to_rate(ctx: Context, *, after_id: int = 0, limit: int = 500) -> int | None:
    """Ask residents who have not rated again, at most twice; returns where to go on, None at the end."""
    rows = ctx.session.execute(
        select(Opinion, OpinionAssignment.answered_at)
        .join(OpinionAssignment, (OpinionAssignment.opinion_id == Opinion.id)
              & (OpinionAssignment.round_no == Opinion.round_no) & (OpinionAssignment.state == "answered"))
        .where(Opinion.id > after_id, Opinion.state == "answered").order_by(Opinion.id).limit(limit)
        .with_for_update(of=Opinion)).all()
    for opinion, answered_at in rows:
        township = regions.get_region(ctx.session, opinion.township_id)
        days = regions.setting(ctx.session, township, "opinion.rating_days", ctx.today)
        if answered_at is None:
            continue
        reminder = due_warnings.reminder_due(local_day(answered_at), ctx.today, days)
        if reminder:
            moves.send_word(ctx, opinion, f"remind:{opinion.round_no}:{reminder}", "请您评价",
                            "答复已送达，请评价办理情况")
    return rows[-1].Opinion.id if len(rows) == limit else None
