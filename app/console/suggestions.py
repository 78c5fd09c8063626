"""Deputies' suggestions: review, registration, assignment, the unit's desk, promises, sessions (代表建议)."""

from flask import Blueprint, render_template, request

from app.console.forms import Answer, day, done, form_page, is_ticked, numbers, query_choice, search_text, text
from app.console.rendering import PAGE_SIZE, listing, may, page_number
from app.http.access import requires
from app.http.lifecycle import get_context
from services import suggestions
from services.errors import Invalid
from services.rules import suggestion_states as rules

bp = Blueprint("console_suggestions", __name__)
STATES = {"open": "在办"} | {key: name for key, name in rules.STATE_NAMES.items() if key not in ("draft", "cosigning")}
PROMISE_STATES = {"open": "未到结果", "fulfilled": "已兑现", "explained": "已说明"}
_DETAIL = "console_suggestions.detail_page"
_AT = "/console/suggestions/<int:suggestion_id>"


@bp.get("/console/suggestions")
@requires("suggestions.view")
def list_page() -> str:
    """The work queue in reach, soonest due first."""
    ctx = get_context()
    which = suggestions.SuggestionFilter(
        state=query_choice("state", STATES), category=query_choice("category", rules.CATEGORIES), search=search_text(),
        overdue="overdue" in request.args, is_key="key" in request.args)
    found = suggestions.list_for_staff(ctx, which, page=page_number(), page_size=PAGE_SIZE)
    return render_template("console/suggestions_list.html", listing=listing(found, "console_suggestions.list_page"),
                           which=which, states=STATES, rules=rules, today=ctx.today)


@bp.get("/console/suggestion-commitments")
@requires("suggestions.view")
def commitments_page() -> str:
    """The ledger of promises, soonest due first."""
    ctx = get_context()
    state = query_choice("state", PROMISE_STATES)
    found = suggestions.list_commitments(ctx, state=state, page=page_number(), page_size=PAGE_SIZE)
    return render_template("console/suggestion_commitments.html", state=state, states=PROMISE_STATES, today=ctx.today,
                           listing=listing(found, "console_suggestions.commitments_page"))


@bp.get("/console/congress-sessions")
@requires("suggestions.review")
def sessions_page() -> str:
    """The sessions of the congresses in reach; they decide what is 会议期间 and how numbers run."""
    return render_template("console/congress_sessions.html", congresses=suggestions.list_sessions(get_context()))


@bp.post("/console/congress-sessions")
@requires("suggestions.review")
@form_page(sessions_page)
def add_session() -> Answer:
    opens_on, closes_on = day("opens_on"), day("closes_on")
    if opens_on is None or closes_on is None:
        raise Invalid("session_days_wrong")
    suggestions.add_session(get_context(), _number("congress_id"), session_no=_number("session_no"),
                            opens_on=opens_on, closes_on=closes_on)
    return done("console_suggestions.sessions_page", "已登记会议。")


@bp.get(_AT)
@requires("suggestions.view")
def detail_page(suggestion_id: int) -> str:
    """Everything about one suggestion, and the next steps of whoever looks."""
    ctx = get_context()
    file = suggestions.get_for_staff(ctx, suggestion_id)
    can_assign = may("suggestions.assign") and file.row.state in ("registered", "objected")
    is_lead = file.lead_unit is not None and file.lead_unit[0].unit_id == ctx.actor.unit_id
    return render_template(
        "console/suggestion_detail.html", file=file, row=file.row, rules=rules, today=ctx.today, is_lead=is_lead,
        is_co=any(unit.unit_id == ctx.actor.unit_id for unit, _name in file.co_units),
        units=suggestions.list_units(ctx) if can_assign else [], can_assign=can_assign, promise_states=PROMISE_STATES)


def _done(message: str, suggestion_id: int) -> Answer:
    return done(_DETAIL, message, suggestion_id=suggestion_id)


def _number(name: str) -> int:
    """A number of the form, 0 where there is none; no row has it."""
    raw = text(name)
    return int(raw) if raw.isdecimal() and len(raw) < 10 else 0


# --- the office -------------------------------------------------------------------------------------


@bp.post(f"{_AT}/register")
@requires("suggestions.review")
@form_page(detail_page)
def register(suggestion_id: int) -> Answer:
    suggestions.register(get_context(), suggestion_id, category=text("category"))
    return _done("已立案登记，请交办。", suggestion_id)


@bp.post(f"{_AT}/return")
@requires("suggestions.review")
@form_page(detail_page)
def send_back(suggestion_id: int) -> Answer:
    suggestions.send_back(get_context(), suggestion_id, code=text("code"), reason=text("reason"))
    return _done("已退回代表修改。", suggestion_id)


@bp.post(f"{_AT}/refuse")
@requires("suggestions.review")
@form_page(detail_page)
def refuse(suggestion_id: int) -> Answer:
    suggestions.refuse(get_context(), suggestion_id, code=text("code"), reason=text("reason"))
    return _done("已不予受理，代表会看到理由。", suggestion_id)


@bp.post(f"{_AT}/withdraw")
@requires("suggestions.review")
@form_page(detail_page)
def withdraw(suggestion_id: int) -> Answer:
    suggestions.withdraw_for_all(get_context(), suggestion_id, reason=text("reason"))
    return _done("已按书面材料撤回。", suggestion_id)


@bp.post(f"{_AT}/assign")
@requires("suggestions.assign")
@form_page(detail_page)
def assign(suggestion_id: int) -> Answer:
    suggestions.assign(get_context(), suggestion_id, lead_unit_id=_number("lead_unit_id"),
                       co_unit_ids=tuple(numbers("co_unit_ids")))
    return _done("已交办。", suggestion_id)


@bp.post(f"{_AT}/objection/uphold")
@requires("suggestions.assign")
@form_page(detail_page)
def uphold_objection(suggestion_id: int) -> Answer:
    suggestions.uphold_objection(
        get_context(), suggestion_id, decision=text("decision"), lead_unit_id=_number("lead_unit_id"),
        co_unit_ids=tuple(numbers("co_unit_ids")))
    return _done("已改交。", suggestion_id)


@bp.post(f"{_AT}/objection/reject")
@requires("suggestions.assign")
@form_page(detail_page)
def reject_objection(suggestion_id: int) -> Answer:
    suggestions.reject_objection(get_context(), suggestion_id, decision=text("decision"))
    return _done("异议不成立，由原单位办理。", suggestion_id)


@bp.post(f"{_AT}/extension/grant")
@requires("suggestions.decide")
@form_page(detail_page)
def grant_extension(suggestion_id: int) -> Answer:
    suggestions.grant_extension(get_context(), suggestion_id, decision=text("decision"))
    return _done("已同意延期。", suggestion_id)


@bp.post(f"{_AT}/extension/refuse")
@requires("suggestions.decide")
@form_page(detail_page)
def refuse_extension(suggestion_id: int) -> Answer:
    suggestions.refuse_extension(get_context(), suggestion_id, decision=text("decision"))
    return _done("已不同意延期。", suggestion_id)


@bp.post(f"{_AT}/coordination")
@requires("suggestions.decide")
@form_page(detail_page)
def close_coordination(suggestion_id: int) -> Answer:
    suggestions.close_coordination(get_context(), suggestion_id, result=text("result"))
    return _done("已记下协调督办结果。", suggestion_id)


@bp.post(f"{_AT}/key")
@requires("suggestions.decide")
@form_page(detail_page)
def mark_key(suggestion_id: int) -> Answer:
    suggestions.mark_key(get_context(), suggestion_id)
    return _done("已列为重点督办。", suggestion_id)


@bp.post(f"{_AT}/excellent")
@requires("suggestions.decide")
@form_page(detail_page)
def mark_excellent(suggestion_id: int) -> Answer:
    suggestions.mark_excellent(get_context(), suggestion_id)
    return _done("已评为优秀建议。", suggestion_id)


@bp.post(f"{_AT}/publication")
@requires("suggestions.decide")
@form_page(detail_page)
def decide_publication(suggestion_id: int) -> Answer:
    suggestions.decide_publication(get_context(), suggestion_id, how=text("how"), summary=text("summary"))
    return _done("已记下公开决定。", suggestion_id)


@bp.post(f"{_AT}/archive")
@requires("suggestions.review")
@form_page(detail_page)
def archive(suggestion_id: int) -> Answer:
    suggestions.archive(get_context(), suggestion_id)
    return _done("已归档。", suggestion_id)


# --- the handling unit ------------------------------------------------------------------------------


@bp.post(f"{_AT}/accept")
@requires("suggestions.answer")
@form_page(detail_page)
def accept(suggestion_id: int) -> Answer:
    suggestions.accept(get_context(), suggestion_id)
    return _done("已接办，请尽快与代表沟通。", suggestion_id)


@bp.post(f"{_AT}/object")
@requires("suggestions.answer")
@form_page(detail_page)
def object_to(suggestion_id: int) -> Answer:
    suggestions.object_to(get_context(), suggestion_id, reason=text("reason"))
    return _done("已提出异议，等待交办机关决定。", suggestion_id)


@bp.post(f"{_AT}/contact")
@requires("suggestions.answer")
@form_page(detail_page)
def record_contact(suggestion_id: int) -> Answer:
    suggestions.record_contact(get_context(), suggestion_id, way=text("way"), text=text("text"))
    return _done("已登记与代表的沟通。", suggestion_id)


@bp.post(f"{_AT}/co-opinion")
@requires("suggestions.answer")
@form_page(detail_page)
def give_co_opinion(suggestion_id: int) -> Answer:
    suggestions.give_co_opinion(get_context(), suggestion_id, text=text("text"))
    return _done("已向主办单位提出协办意见。", suggestion_id)


@bp.post(f"{_AT}/extension")
@requires("suggestions.answer")
@form_page(detail_page)
def ask_extension(suggestion_id: int) -> Answer:
    suggestions.ask_extension(get_context(), suggestion_id, reason=text("reason"),
                              has_consent=is_ticked("has_consent"))
    return _done("已申请延期。", suggestion_id)


@bp.post(f"{_AT}/answer")
@requires("suggestions.answer")
@form_page(detail_page)
def answer(suggestion_id: int) -> Answer:
    suggestions.answer(get_context(), suggestion_id, suggestions.AnswerForm(
        answer_class=text("answer_class"), document_no=text("document_no"), signer=text("signer"), body=text("body"),
        promise=text("promise"), promise_due_on=day("promise_due_on"), is_face_to_face=is_ticked("is_face_to_face")))
    return _done("已答复，等待代表评价。", suggestion_id)


@bp.post(f"{_AT}/commitment")
@requires("suggestions.answer")
@form_page(detail_page)
def settle_commitment(suggestion_id: int) -> Answer:
    suggestions.settle_commitment(get_context(), suggestion_id, state=text("state"), outcome=text("outcome"))
    return _done("已记下承诺事项的结果。", suggestion_id)
