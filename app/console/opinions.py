"""Residents' opinions: screening, assignment, notes, the handling unit's answer (群众意见)."""

from flask import Blueprint, render_template, request

from app.console.forms import Answer, day, done, form_page, is_ticked, query_choice, required, search_text, text
from app.console.rendering import PAGE_SIZE, listing, may, page_number
from app.console.words import OPINION_CATEGORIES, OPINION_STATES
from app.http.access import requires
from app.http.lifecycle import get_context
from services import comments, staff, suggestions
from services.context import Context
from services.errors import Invalid
from services.rules.opinion_states import MERGEABLE

bp = Blueprint("console_opinions", __name__)
STATES = {"open": "在办（未答复）"} | OPINION_STATES
_ASSIGNABLE = ("registered", "assigned")


@bp.get("/console/opinions")
@requires("opinions.view")
def list_page() -> str:
    """Opinions in reach by state, category, due day, text check or words."""
    ctx = get_context()
    which = comments.OpinionFilter(
        state=query_choice("state", STATES), category=query_choice("category", OPINION_CATEGORIES),
        search=search_text(), overdue="overdue" in request.args, flagged="flagged" in request.args)
    found = comments.list_for_staff(ctx, which, page=page_number(), page_size=PAGE_SIZE)
    return render_template("console/opinions_list.html", listing=listing(found, "console_opinions.list_page"),
                           which=which, states=STATES, today=ctx.today,
                           likenesses=comments.count_likenesses(ctx) if may("opinions.screen") else 0)


@bp.get("/console/opinions/<number>")
@requires("opinions.view")
def detail_page(number: str) -> str:
    """Everything about one opinion except who wrote it."""
    ctx = get_context()
    file = comments.get_for_staff(ctx, number)
    can_assign = may("opinions.assign") and file.opinion.state in _ASSIGNABLE
    can_merge = may("opinions.screen") and file.opinion.state in MERGEABLE
    people, units = comments.list_handlers(ctx) if can_assign else ([], [])
    can_answer = may("opinions.answer") and file.opinion.state == "assigned"
    return render_template(
        "console/opinion_detail.html", file=file, opinion=file.opinion, people=people, units=units, today=ctx.today,
        can_assign=can_assign, can_merge=can_merge, must_supervise=comments.waits_for_me(ctx, file.opinion),
        born=suggestions.titles_of_opinion(ctx, file.opinion.id),
        templates=comments.reply_templates.list_for_answering(ctx) if can_answer else [],
        template_id=request.args.get("template", type=int),
        likenesses=comments.list_likenesses(ctx, of=file.opinion)[0] if can_merge else [],
        handlers=comments.handlers_of(ctx, file.assignments), actors=_actors(ctx, file))


def _actors(ctx: Context, file: comments.OpinionFile) -> dict[str, str]:
    """Who stands behind each line of the timeline: staff by name, everybody else by their part."""
    keys = {event.actor for event in file.events}
    ids = [int(key.split(":")[1]) for key in keys if key.startswith("staff:")]
    names = {f"staff:{number}": name for number, name in staff.names_of(ctx.session, ids).items()}
    return {key: names.get(key, "系统" if key == "system" else "") for key in keys}


@bp.post("/console/opinions/<number>/register")
@requires("opinions.screen")
@form_page(detail_page)
def register(number: str) -> Answer:
    """受理, with the category confirmed or corrected."""
    comments.register(get_context(), number, category=text("category") or None, is_urgent=is_ticked("is_urgent"),
                      matter=text("matter"))
    return done("console_opinions.detail_page", "已受理，请交办。", number=number)


@bp.post("/console/opinions/<number>/refuse")
@requires("opinions.screen")
@form_page(detail_page)
def refuse(number: str) -> Answer:
    """不予受理, with the reason that the resident reads."""
    comments.refuse(get_context(), number, reason=text("reason"))
    return done("console_opinions.detail_page", "已不予受理，群众会看到原因。", number=number)


@bp.post("/console/opinions/<number>/assign")
@requires("opinions.assign")
@form_page(detail_page)
def assign(number: str) -> Answer:
    """交办 to a deputy or a unit; without a day the region's clock counts."""
    comments.assign(get_context(), number, handler=_handler(), due_on=day("due_on"))
    return done("console_opinions.detail_page", "已交办。", number=number)


def _handler() -> comments.Handler:
    kind, _, raw = text("handler").partition(":")
    if not raw.isdecimal() or kind not in ("person", "unit"):
        raise Invalid("handler_required", fields={"handler": "handler_required"})
    return comments.Handler(person_id=int(raw)) if kind == "person" else comments.Handler(unit_id=int(raw))


@bp.post("/console/opinions/<number>/pause")
@requires("opinions.assign")
@form_page(detail_page)
def pause(number: str) -> Answer:
    """暂停计时, with the reason that the resident reads."""
    comments.pause(get_context(), number, reason=text("reason"))
    return done("console_opinions.detail_page", "已暂停计时，群众会看到原因。", number=number)


@bp.post("/console/opinions/<number>/resume")
@requires("opinions.assign")
@form_page(detail_page)
def resume(number: str) -> Answer:
    """恢复计时 with the working days that were left."""
    opinion = comments.resume(get_context(), number)
    return done("console_opinions.detail_page", f"已恢复计时，办理期限{opinion.due_on}。", number=number)


@bp.post("/console/opinions/<number>/extension")
@requires("opinions.answer")
@form_page(detail_page)
def ask_extension(number: str) -> Answer:
    """The handling unit asks for a later day."""
    comments.ask_extension_as_unit(get_context(), number, wanted_on=required(day("wanted_on"), "wanted_on"),
                                   reason=text("reason"))
    return done("console_opinions.detail_page", "已提交延期申请，批准前仍按原期限办理。", number=number)


@bp.post("/console/opinions/<number>/extension/grant")
@requires("opinions.assign")
@form_page(detail_page)
def grant_extension(number: str) -> Answer:
    """同意延期, to the asked day or an earlier one."""
    comments.grant_extension(get_context(), number, due_on=day("due_on"), note=text("note"))
    return done("console_opinions.detail_page", "已同意延期，已告知承办人和群众。", number=number)


@bp.post("/console/opinions/<number>/extension/decline")
@requires("opinions.assign")
@form_page(detail_page)
def decline_extension(number: str) -> Answer:
    """不同意延期, with the reason that the handler reads."""
    comments.decline_extension(get_context(), number, note=text("note"))
    return done("console_opinions.detail_page", "未同意延期，已告知承办人。", number=number)


@bp.post("/console/opinions/<number>/supervision")
@requires("opinions.supervise")
@form_page(detail_page)
def supervise(number: str) -> Answer:
    """督办意见, which the handler reads."""
    comments.supervise(get_context(), number, instruction=text("instruction"))
    return done("console_opinions.detail_page", "已督办，承办人会看到您的意见。", number=number)


@bp.post("/console/opinions/<number>/settlement")
@requires("opinions.screen")
@form_page(detail_page)
def close_after_meeting(number: str) -> Answer:
    """What came of meeting the resident; it closes the matter."""
    comments.close_after_meeting(get_context(), number, result=text("result"))
    return done("console_opinions.detail_page", "已办结。", number=number)


@bp.post("/console/opinions/<number>/note")
@requires("opinions.view")
@form_page(detail_page)
def note(number: str) -> Answer:
    """An internal note; the resident never sees it."""
    comments.note(get_context(), number, text=text("text"))
    return done("console_opinions.detail_page", "已添加内部备注。", number=number)


@bp.post("/console/opinions/<number>/answer")
@requires("opinions.answer")
@form_page(detail_page)
def answer(number: str) -> Answer:
    """The handling unit's answer, which the resident reads and rates."""
    comments.answer_as_unit(get_context(), number, text=text("text"))
    return done("console_opinions.detail_page", "已答复，等待群众评价。", number=number)
