"""Who handles an opinion and what they answer: assigned, reassigned, given back, answered within the clock.

Only organs and deputies answer.
"""

import re
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import aliased

from models.comments import Opinion, OpinionAssignment
from models.deputies import Congress, Mandate, Person
from models.identity import HandlingUnit
from models.regions import Region
from services import access, audit, outbox, regions
from services.comments import merging, moves
from services.context import Context, local_day
from services.errors import Invalid

#: The blank of an offered beginning (×月×日) that nobody filled in; 3×5 is a measure.
_UNFILLED = re.compile(r"(?<!\d)×|×(?!\d)")


@dataclass(frozen=True)
class Handler:
    """Exactly one of the two: a deputy or a handling unit."""

    person_id: int | None = None
    unit_id: int | None = None


def assign(ctx: Context, number: str, *, handler: Handler, due_on: date | None = None) -> Opinion:
    """Hand over to a deputy or a unit with a day in working days; a live assignment is replaced."""
    opinion = access.access_opinion(ctx, number, "opinions.assign")
    name = _handler_name(ctx, opinion, handler)
    if opinion.state == "answered":
        raise moves.refusal(opinion)  # only the resident's rating opens another round
    moves.move(ctx, opinion, "assigned")
    live = moves.live_assignment(ctx, opinion)
    if live is not None and live.state == "open":
        live.state, live.returned_reason = "returned", "改派"
        ctx.session.flush()
    township = regions.get_region(ctx.session, opinion.township_id)
    clock = "opinion.deputy_workdays" if handler.person_id else "opinion.unit_workdays"
    if due_on is not None and due_on < ctx.today:
        raise Invalid("due_date_past", fields={"due_on": "due_date_past"})
    due = due_on or regions.due_day(ctx, township, clock)
    moves.start_clock(ctx, opinion, due)
    assignment = OpinionAssignment(
        opinion_id=opinion.id, round_no=opinion.round_no, person_id=handler.person_id, unit_id=handler.unit_id,
        due_on=due, assigned_by=access.staff_id(ctx), assigned_at=ctx.now)
    ctx.session.add(assignment)
    ctx.session.flush()
    moves.tell(ctx, opinion, f"已交{name}办理", f"办理期限：{due:%Y年%m月%d日}")
    moves.send_handler_word(ctx, opinion, handler.person_id, f"assigned:{assignment.id}", "待您办理",
                            f"请在{due:%m月%d日}前答复群众")
    moves.send_word(ctx, opinion, f"assigned:{opinion.round_no}:{name}", "办理中", f"已交{name}办理")
    merging.tell_members(ctx, opinion, f"assigned:{assignment.id}", f"已交{name}办理", f"办理期限：{due:%Y年%m月%d日}")
    audit.record(ctx, "opinion.assigned", f"opinion:{opinion.id}", {"handler": vars(handler)},
                 region_id=opinion.township_id)
    return opinion


def _handler_name(ctx: Context, opinion: Opinion, handler: Handler) -> str:
    if (handler.person_id is None) == (handler.unit_id is None):
        raise Invalid("handler_required", fields={"handler": "handler_required"})
    if handler.person_id is not None:
        found = ctx.session.scalar(select(Person.name).where(
            Person.id == handler.person_id, access.in_scope(ctx, Person.region_id)))
        name = f"{found}代表" if found and moves.is_in_office(ctx, handler.person_id) else None
    else:
        name = ctx.session.scalar(select(HandlingUnit.name).where(
            HandlingUnit.id == handler.unit_id, access.in_scope(ctx, HandlingUnit.region_id)))
    if name is None:
        raise Invalid("handler_unknown", fields={"handler": "handler_unknown"})
    return name


def list_handlers(ctx: Context) -> tuple[list[Person], list[HandlingUnit]]:
    """Whom the clerk may assign to: deputies with a mandate in force and units of the region."""
    access.require(ctx, "opinions.assign")
    people = ctx.session.scalars(select(Person).where(
        access.in_office(Person.id), access.in_scope(ctx, Person.region_id)).order_by(Person.name))
    units = ctx.session.scalars(select(HandlingUnit).where(access.in_scope(ctx, HandlingUnit.region_id))
                                .order_by(HandlingUnit.name))
    return list(people), list(units)


def note(ctx: Context, number: str, *, text: str) -> None:
    """An internal note; the resident never sees it."""
    opinion = access.access_opinion(ctx, number, "opinions.view")
    if not text.strip():
        raise Invalid("invalid_input", fields={"text": "field_required"})
    moves.note_inside(ctx, opinion, "内部备注", text.strip())
    audit.record(ctx, "opinion.noted", f"opinion:{opinion.id}", region_id=opinion.township_id)


def answer_as_deputy(ctx: Context, number: str, *, text: str) -> Opinion:
    """The deputy's answer goes out; a repeated one of the same round is the same answer."""
    opinion, assignment = access.access_assigned_opinion(ctx, number)
    _answer(ctx, opinion, assignment, text)
    return opinion


def answer_as_unit(ctx: Context, number: str, *, text: str) -> Opinion:
    """The handling unit's answer, by its own staff."""
    opinion = access.access_opinion(ctx, number, "opinions.answer")
    assignment = moves.live_assignment(ctx, opinion)
    if assignment is None or assignment.unit_id != ctx.actor.unit_id:
        raise moves.refusal(opinion)
    _answer(ctx, opinion, assignment, text)
    return opinion


def _answer(ctx: Context, opinion: Opinion, assignment: OpinionAssignment, text: str) -> None:
    if not text.strip():
        raise Invalid("answer_required", fields={"text": "answer_required"})
    if _UNFILLED.search(text):
        raise Invalid("answer_unfilled", fields={"text": "answer_unfilled"})
    if len(text) > moves.MAX_TEXT:
        raise Invalid("answer_too_long", fields={"text": "answer_too_long"})
    if assignment.state != "open" or assignment.round_no != opinion.round_no:
        raise moves.refusal(opinion)
    moves.move(ctx, opinion, "answered")
    assignment.state, assignment.answer, assignment.answered_at = "answered", text.strip(), ctx.now
    moves.end_clock(opinion)
    moves.tell(ctx, opinion, "已答复", "请查看答复并评价")
    moves.send_word(ctx, opinion, f"answered:{opinion.round_no}", "已答复", "请查看答复并评价")
    merging.answer_members(ctx, opinion, assignment)
    audit.record(ctx, "opinion.answered", f"opinion:{opinion.id}", {"round": opinion.round_no},
                 region_id=opinion.township_id)
    outbox.publish(ctx, "opinion.answered", assignment_id=assignment.id)


def give_back(ctx: Context, number: str, *, reason: str) -> Opinion:
    """The deputy cannot handle it: back to the clerk with the reason, which stays internal."""
    opinion, assignment = access.access_assigned_opinion(ctx, number)
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    if assignment.state != "open":
        raise moves.refusal(opinion)
    _return(ctx, opinion, assignment, "承办人退回", reason.strip())
    return opinion


def take_back(ctx: Context, person_id: int) -> int:
    """What a deputy had to answer where no mandate in force reaches any more goes back to the clerk.

    A mandate reaches the opinions of its congress's region; returns how many were taken back.
    """
    place = aliased(Region)
    here = select(place.path).where(place.id == Opinion.township_id).correlate(Opinion).scalar_subquery()
    reaching = (select(Region.id).join(Congress, Congress.region_id == Region.id)
                .join(Mandate, Mandate.congress_id == Congress.id)
                .where(Mandate.person_id == person_id, Mandate.state == "active", here.startswith(Region.path)))
    rows = ctx.session.execute(
        select(Opinion, OpinionAssignment).join(OpinionAssignment, OpinionAssignment.opinion_id == Opinion.id)
        .where(OpinionAssignment.person_id == person_id, OpinionAssignment.state == "open",
               Opinion.state == "assigned", ~reaching.correlate(Opinion).exists())
        .order_by(Opinion.id).with_for_update()).all()
    for opinion, assignment in rows:
        _return(ctx, opinion, assignment, "收回待重新交办", "承办代表的职务已终止或调离")
    return len(rows)


def _return(ctx: Context, opinion: Opinion, assignment: OpinionAssignment, title: str, reason: str) -> None:
    """Back to the clerk, with a reason that stays internal."""
    moves.move(ctx, opinion, "registered")
    assignment.state, assignment.returned_reason = "returned", reason
    moves.note_inside(ctx, opinion, title, reason)
    audit.record(ctx, "opinion.returned", f"opinion:{opinion.id}", region_id=opinion.township_id)


@dataclass(frozen=True)
class TimelyAnswer:
    person_id: int
    number: str
    answered_on: date


def timely_deputy_answer(ctx: Context, assignment_id: int) -> TimelyAnswer | None:
    """What the duty job needs: a deputy's answer given within its clock, else None."""
    row = ctx.session.get_one(OpinionAssignment, assignment_id)
    if row.person_id is None or row.answered_at is None:
        return None
    answered_on = local_day(row.answered_at)
    opinion = ctx.session.get_one(Opinion, row.opinion_id)
    return TimelyAnswer(row.person_id, opinion.number, answered_on) if answered_on <= row.due_on else None
