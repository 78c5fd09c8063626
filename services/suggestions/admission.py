"""The office's part at the beginning: review, register under a gap-free number, classify, assign."""

from datetime import date

from sqlalchemy import select, update

from models.deputies import Congress
from models.identity import HandlingUnit
from models.insert_once import insert_once
from models.number_series import take_serial
from models.suggestions import CongressSession, Suggestion, SuggestionObjection, SuggestionUnit
from services import access, audit, outbox, regions
from services.context import Context, local_day
from services.errors import Conflict, Invalid
from services.rules.suggestion_states import CATEGORIES, NOT_ADMITTED, RETURNED, TIMING_NAMES
from services.suggestions import moves


def add_session(ctx: Context, congress_id: int, *, session_no: int, opens_on: date, closes_on: date
                ) -> CongressSession:
    """A session of a congress with its days; suggestions of these days are 会议期间."""
    congress = access.access_congress(ctx, congress_id, "suggestions.review")
    if session_no < 1 or closes_on < opens_on:
        raise Invalid("session_days_wrong")
    row = insert_once(ctx.session, CongressSession, congress_id=congress.id, session_no=session_no, opens_on=opens_on,
                      closes_on=closes_on)
    if row is None:
        raise Conflict("session_taken")
    audit.record(ctx, "congress.session_added", f"congress:{congress.id}", {"session": session_no},
                 region_id=congress.region_id)
    return row


def list_sessions(ctx: Context) -> list[tuple[Congress, list[CongressSession]]]:
    """The congresses in reach, each with its sessions, newest first."""
    access.require(ctx, "suggestions.review")
    congresses = list(ctx.session.scalars(select(Congress).where(access.in_scope(ctx, Congress.region_id))
                                          .order_by(Congress.region_id, Congress.term_no.desc())))
    sessions = list(ctx.session.scalars(
        select(CongressSession).where(CongressSession.congress_id.in_([row.id for row in congresses]))
        .order_by(CongressSession.session_no.desc())))
    return [(row, [held for held in sessions if held.congress_id == row.id]) for row in congresses]


def send_back(ctx: Context, suggestion_id: int, *, code: str, reason: str) -> Suggestion:
    """退回修改: the deputy reads why, changes it and submits again."""
    row = _decide(ctx, suggestion_id, code=code, reason=reason, to="returned", codes=RETURNED)
    moves.tell(ctx, row, f"退回修改：{RETURNED[code]}", reason.strip(), act="returned")
    return row


def refuse(ctx: Context, suggestion_id: int, *, code: str, reason: str) -> Suggestion:
    """不予受理 for a reason of the table, explained to the deputy."""
    row = _decide(ctx, suggestion_id, code=code, reason=reason, to="not_admitted", codes=NOT_ADMITTED)
    row.closed_at = ctx.now
    moves.tell(ctx, row, f"不予受理：{NOT_ADMITTED[code]}", reason.strip(), act="not_admitted")
    moves.tell_residents(ctx, row, "相关代表建议未能立案", "您的意见仍按原办理渠道办理")
    return row


def _decide(ctx: Context, suggestion_id: int, *, code: str, reason: str, to: str, codes: dict[str, str]) -> Suggestion:
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.review")
    if code not in codes:
        raise Invalid("invalid_input", fields={"code": "field_not_a_choice"})
    words = moves.need_text("reason", reason)
    moves.move(ctx, row, to)
    row.decision_code, row.decision_text, row.due_on = code, words, None
    return row


def register(ctx: Context, suggestion_id: int, *, category: str) -> Suggestion:
    """立案登记 under the next number of its congress, term, session and series; the number is taken last."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.review")
    if category not in CATEGORIES:
        raise Invalid("invalid_input", fields={"category": "field_not_a_choice"})
    moves.need_state(row, "submitted")
    row.category, row.registered_at = category, ctx.now
    row.due_on = moves.due(ctx, moves.profile_of(ctx, row).accept)
    name, prefix = _series(ctx, row)
    outbox.publish(ctx, "suggestion.credit_due", suggestion_id=row.id)
    moves.tell_residents(ctx, row, "代表建议已立案登记", f"《{row.title}》")
    ctx.session.flush()
    row.number = f"{prefix}{take_serial(ctx.session, name):04d}"
    moves.move(ctx, row, "registered")
    moves.tell(ctx, row, "审查立案", f"{TIMING_NAMES[row.timing]}第{row.number.rpartition('-')[2]}号", act="registered")
    return row


def _series(ctx: Context, row: Suggestion) -> tuple[str, str]:
    """The counter's name and the number's beginning; between sessions it is the last session's series B."""
    congress = ctx.session.get_one(Congress, row.congress_id)
    begun = select(CongressSession.session_no).where(CongressSession.congress_id == congress.id)
    day = ctx.today if row.submitted_at is None else local_day(row.submitted_at)
    session_no = ctx.session.scalar(begun.where(CongressSession.opens_on <= day)
                                    .order_by(CongressSession.session_no.desc()).limit(1)) or 1
    series = "" if row.timing == "session" else "B"
    code = regions.get_region(ctx.session, congress.region_id).code
    return (f"JY{congress.id}-{congress.term_no}-{session_no}{series}",
            f"{code}-{congress.term_no}-{session_no}-{series}")


def list_units(ctx: Context) -> list[HandlingUnit]:
    """The units that the office may assign to."""
    access.require(ctx, "suggestions.assign")
    return list(ctx.session.scalars(select(HandlingUnit).where(access.in_scope(ctx, HandlingUnit.region_id))
                                    .order_by(HandlingUnit.name)))


def assign(ctx: Context, suggestion_id: int, *, lead_unit_id: int, co_unit_ids: tuple[int, ...] = ()) -> Suggestion:
    """交办 to a lead and co-handlers; all clocks of handling begin today."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.assign")
    moves.need_state(row, "registered")
    _hand_over(ctx, row, lead_unit_id, co_unit_ids)
    moves.move(ctx, row, "assigned")
    moves.tell_residents(ctx, row, "代表建议已交办", "承办单位正在办理")
    return row


def _hand_over(ctx: Context, row: Suggestion, lead_unit_id: int, co_unit_ids: tuple[int, ...]) -> None:
    wanted = {lead_unit_id, *co_unit_ids}
    names = dict(ctx.session.execute(
        select(HandlingUnit.id, HandlingUnit.name).where(
            HandlingUnit.id.in_(wanted), access.in_scope(ctx, HandlingUnit.region_id))).all())
    if names.keys() != wanted or lead_unit_id in co_unit_ids or len(wanted) != 1 + len(co_unit_ids):
        raise Invalid("suggestion_unit_needed", fields={"lead_unit_id": "suggestion_unit_needed"})
    profile = moves.profile_of(ctx, row)
    ctx.session.execute(update(SuggestionUnit).where(
        SuggestionUnit.suggestion_id == row.id, SuggestionUnit.replaced_at.is_(None)).values(replaced_at=ctx.now))
    row.assigned_at = ctx.now
    row.due_on = moves.due(ctx, profile.answer_limit(moves.level_of(ctx, row)))
    row.objection_due_on = moves.due(ctx, profile.objection)
    row.contact_due_on = moves.due(ctx, profile.first_contact)
    ctx.session.add_all(
        SuggestionUnit(suggestion_id=row.id, unit_id=number, part="lead" if number == lead_unit_id else "co",
                       due_on=row.due_on if number == lead_unit_id else moves.due(ctx, profile.co_opinion),
                       assigned_by=access.staff_id(ctx), assigned_at=ctx.now)
        for number in (lead_unit_id, *co_unit_ids))
    ctx.session.flush()
    helpers = "、".join(names[number] for number in co_unit_ids)
    moves.tell(ctx, row, f"已交{names[lead_unit_id]}主办" + (f"，{helpers}协办" if helpers else ""),
               f"答复期限：{row.due_on:%Y年%m月%d日}", act="assigned")


def uphold_objection(ctx: Context, suggestion_id: int, *, decision: str, lead_unit_id: int,
                     co_unit_ids: tuple[int, ...] = ()) -> Suggestion:
    """The objection is right: other units, and the clocks begin anew."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.assign")
    moves.need_state(row, "objected")
    _settle_objection(ctx, row, "upheld", decision)
    _hand_over(ctx, row, lead_unit_id, co_unit_ids)
    moves.move(ctx, row, "assigned")
    return row


def reject_objection(ctx: Context, suggestion_id: int, *, decision: str) -> Suggestion:
    """The objection is not accepted: the same unit handles it, within the time it had."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.assign")
    moves.need_state(row, "objected")
    _settle_objection(ctx, row, "rejected", decision)
    moves.move(ctx, row, "handling")
    return row


def _settle_objection(ctx: Context, row: Suggestion, state: str, decision: str) -> None:
    found = ctx.session.scalars(select(SuggestionObjection).where(
        SuggestionObjection.suggestion_id == row.id, SuggestionObjection.state == "open")).one()
    found.decision, found.state, found.decided_at = moves.need_text("decision", decision), state, ctx.now
    title = "异议成立，改交其他单位" if state == "upheld" else "异议不成立，由原单位办理"
    moves.note(ctx, row, title, found.decision, act=f"objection_{state}")
