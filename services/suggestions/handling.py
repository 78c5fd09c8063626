"""The handling unit's desk: take it on or object, contact the deputy, ask for more time, answer, keep promises."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from models.insert_once import insert_once
from models.suggestions import (
    Suggestion,
    SuggestionAnswer,
    SuggestionCommitment,
    SuggestionExtension,
    SuggestionObjection,
    SuggestionUnit,
)
from services import access
from services.context import Context, local_day
from services.errors import Conflict, Invalid
from services.rules.suggestion_states import ANSWER_CLASSES, CONTACT_WAYS, PROMISING
from services.suggestions import moves


def accept(ctx: Context, suggestion_id: int) -> Suggestion:
    """接办 by the lead unit."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.answer")
    moves.need_own_lead(ctx, row)
    moves.need_state(row, "assigned")
    moves.move(ctx, row, "handling")
    moves.tell(ctx, row, "承办单位已接办", act="accepted")
    return row


def object_to(ctx: Context, suggestion_id: int, *, reason: str) -> Suggestion:
    """The lead unit says that it is not its matter, within the days for it; the office decides."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.answer")
    lead = moves.need_own_lead(ctx, row)
    moves.need_state(row, "assigned")
    if row.objection_due_on is not None and ctx.today > row.objection_due_on:
        raise Conflict("suggestion_objection_late", day=f"{row.objection_due_on:%Y年%m月%d日}")
    words = moves.need_text("reason", reason)
    moves.move(ctx, row, "objected")
    ctx.session.add(SuggestionObjection(suggestion_id=row.id, unit_id=lead.unit_id, reason=words, made_at=ctx.now))
    ctx.session.flush()
    moves.note(ctx, row, "承办单位提出异议", words, act="objected")
    return row


def record_contact(ctx: Context, suggestion_id: int, *, way: str, text: str) -> Suggestion:
    """A contact with the deputy; the first one stops its clock, and no answer goes out before it."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.answer")
    moves.need_own_lead(ctx, row)
    moves.need_state(row, "handling", "redo")
    if way not in CONTACT_WAYS:
        raise Invalid("invalid_input", fields={"way": "field_not_a_choice"})
    words = moves.need_text("text", text)
    row.contacted_at = row.contacted_at or ctx.now
    moves.tell(ctx, row, f"承办单位与代表沟通（{CONTACT_WAYS[way]}）", words, act="contacted")
    return row


def give_co_opinion(ctx: Context, suggestion_id: int, *, text: str) -> Suggestion:
    """A co-handler's opinion to the lead; giving it again replaces it until the lead has answered."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.answer")
    mine = ctx.session.scalar(select(SuggestionUnit).where(
        SuggestionUnit.suggestion_id == row.id, SuggestionUnit.part == "co",
        SuggestionUnit.unit_id == ctx.actor.unit_id, SuggestionUnit.replaced_at.is_(None)))
    if mine is None:
        raise moves.refusal(row)
    moves.need_state(row, "assigned", "handling", "redo")
    mine.opinion, mine.opinion_at = moves.need_text("text", text), ctx.now
    moves.note(ctx, row, "协办单位提出办理意见", mine.opinion, act="co_opinion_given")
    return row


def ask_extension(ctx: Context, suggestion_id: int, *, reason: str, has_consent: bool) -> Suggestion:
    """A complicated matter may ask once for the longer limit, with the deputy's consent where the text wants it."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.answer")
    moves.need_own_lead(ctx, row)
    moves.need_state(row, "handling")
    words = moves.need_text("reason", reason)
    if moves.profile_of(ctx, row).needs_consent and not has_consent:
        raise Invalid("suggestion_extension_consent", fields={"has_consent": "suggestion_extension_consent"})
    if insert_once(ctx.session, SuggestionExtension, suggestion_id=row.id, reason=words, has_consent=has_consent,
                   asked_at=ctx.now) is None:
        raise Conflict("suggestion_extension_used")
    moves.tell(ctx, row, "承办单位申请延期", words, act="extension_asked")
    return row


def grant_extension(ctx: Context, suggestion_id: int, *, decision: str) -> Suggestion:
    """The longer limit, counted from the assignment."""
    row, asked = _open_extension(ctx, suggestion_id)
    limit = moves.profile_of(ctx, row).extended_limit(moves.level_of(ctx, row))
    started = local_day(row.assigned_at) if row.assigned_at else ctx.today
    row.due_on = moves.due(ctx, limit, started)
    asked.state, asked.decision, asked.decided_at, asked.due_on = "granted", decision.strip(), ctx.now, row.due_on
    moves.tell(ctx, row, "同意延期", f"答复期限延至{row.due_on:%Y年%m月%d日}", act="extension_granted")
    return row


def refuse_extension(ctx: Context, suggestion_id: int, *, decision: str) -> Suggestion:
    """The day stays as it was, and the unit reads why."""
    row, asked = _open_extension(ctx, suggestion_id)
    asked.decision = moves.need_text("decision", decision)
    asked.state, asked.decided_at = "refused", ctx.now
    moves.tell(ctx, row, "不同意延期", asked.decision, act="extension_refused")
    return row


def _open_extension(ctx: Context, suggestion_id: int) -> tuple[Suggestion, SuggestionExtension]:
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.decide")
    asked = ctx.session.scalar(select(SuggestionExtension).where(
        SuggestionExtension.suggestion_id == row.id, SuggestionExtension.state == "asked"))
    if asked is None or row.state != "handling":
        raise moves.refusal(row)
    return row, asked


@dataclass(frozen=True)
class AnswerForm:
    answer_class: str
    document_no: str
    signer: str
    body: str
    promise: str = ""
    promise_due_on: date | None = None
    is_face_to_face: bool = False


def answer(ctx: Context, suggestion_id: int, form: AnswerForm) -> Suggestion:
    """The formal answer of this round, signed by the unit's head; class B and C promise something by a day."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.answer")
    lead = moves.need_own_lead(ctx, row)
    moves.need_state(row, "handling", "redo")
    if form.answer_class not in ANSWER_CLASSES:
        raise Invalid("invalid_input", fields={"answer_class": "field_not_a_choice"})
    texts = {name: moves.need_text(name, getattr(form, name)) for name in ("document_no", "signer", "body")}
    if row.contacted_at is None:
        raise Conflict("suggestion_contact_missing")
    _promise(ctx, row, lead, form)
    ctx.session.add(SuggestionAnswer(
        suggestion_id=row.id, round_no=row.round_no, unit_id=lead.unit_id, answer_class=form.answer_class,
        is_face_to_face=form.is_face_to_face, due_on=row.due_on or ctx.today, answered_at=ctx.now, **texts))
    moves.move(ctx, row, "answered")
    row.due_on = moves.due(ctx, moves.profile_of(ctx, row).evaluation)
    ctx.session.flush()
    moves.tell(ctx, row, f"已答复（{form.answer_class}类：{ANSWER_CLASSES[form.answer_class]}）",
               f"{texts['document_no']}，请代表在{row.due_on:%Y年%m月%d日}前评价", act="answered")
    moves.tell_residents(ctx, row, f"代表建议第{row.round_no}次答复", "承办单位已答复代表，请等代表评价后的结果")
    return row


def _promise(ctx: Context, row: Suggestion, lead: SuggestionUnit, form: AnswerForm) -> None:
    if form.answer_class not in PROMISING:
        return
    if not form.promise.strip() or form.promise_due_on is None or form.promise_due_on <= ctx.today:
        raise Invalid("suggestion_promise_missing", fields={"promise_due_on": "suggestion_promise_missing"})
    ctx.session.add(SuggestionCommitment(suggestion_id=row.id, round_no=row.round_no, unit_id=lead.unit_id,
                                         promise=form.promise.strip(), due_on=form.promise_due_on))


def settle_commitment(ctx: Context, suggestion_id: int, *, state: str, outcome: str) -> Suggestion:
    """The unit has kept what it promised, or explains why it cannot; the suggestion is closed with the last one."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.answer")
    moves.need_own_lead(ctx, row)
    moves.need_state(row, "commitment")
    if state not in ("fulfilled", "explained"):
        raise Invalid("invalid_input", fields={"state": "field_not_a_choice"})
    words = moves.need_text("outcome", outcome)
    live = ctx.session.scalars(select(SuggestionCommitment).where(
        SuggestionCommitment.suggestion_id == row.id, SuggestionCommitment.state == "open")).all()
    for promise in live:
        promise.state, promise.outcome, promise.settled_at = state, words, ctx.now
    moves.move(ctx, row, "closed")
    row.due_on, row.closed_at = None, ctx.now
    moves.tell(ctx, row, "承诺事项已兑现" if state == "fulfilled" else "承诺事项已说明", words, act=f"promise_{state}")
    moves.tell_residents(ctx, row, "代表建议已办结", words[:200])
    return row
