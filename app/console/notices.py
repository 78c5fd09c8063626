"""Notices: draft with its audience and forecast, approval, sending, and what became of it (通知推送)."""

from urllib.parse import quote

from flask import Blueprint, Response, render_template, request

from app.console.forms import (
    Answer,
    done,
    form_page,
    is_ticked,
    kept_query,
    moment,
    numbers,
    query_choice,
    search_text,
    text,
)
from app.console.rendering import PAGE_SIZE, listing, page_number
from app.console.roster import XLSX
from app.console.words import NOTICE_STATES
from app.http.access import requires
from app.http.lifecycle import get_context
from services import audiences, notice_changes, notice_sheets, notices, staff
from services.audiences import Clause
from services.notices import Notice

bp = Blueprint("console_notices", __name__)
ONLY = {"unread": "未读", "unconfirmed": "未回复", "leave": "请假", "phone": "需电话通知"}
_DELIVERIES = 50
#: What the page says after pressing "send", by the state it led to.
_SENT = {"sent": "已发送，送达情况会陆续更新。", "awaiting_approval": "接收人较多，已提交审批，由另一位负责人审批后发出。",
         "scheduled": "已安排定时发送，发出前可以撤回。"}


@bp.get("/console/notices")
@requires("notices.view")
def list_page() -> str:
    """Notices with the figures of their deliveries, newest first."""
    state = query_choice("state", NOTICE_STATES)
    found = notices.list_for_staff(get_context(), search=search_text(), state=state, page=page_number(),
                                   page_size=PAGE_SIZE)
    return render_template("console/notices_list.html", listing=listing(found, "console_notices.list_page"),
                           state=state)


# --- writing ----------------------------------------------------------------------------------------


@bp.get("/console/notices/new")
@requires("notices.send")
def new_page() -> str:
    """A new draft."""
    return render_template("console/notice_form.html", notice=None, choices=audiences.list_choices(get_context()),
                           chosen=(), levels=audiences.LEVEL_NAMES)


@bp.post("/console/notices/new")
@requires("notices.send")
@form_page(new_page)
def create() -> Answer:
    """Keep the draft; nothing leaves before it is sent."""
    return _saved(notices.create_draft(get_context(), _form()))


def _saved(notice: Notice) -> Response:
    if audiences.PICKED in request.form.getlist("audience"):
        return done("console_notices.people_page", "已保存草稿，请勾选接收人。", notice_id=notice.id)
    return done("console_notices.detail_page", "已保存草稿，请核对后发送。", notice_id=notice.id)


def _form() -> notices.NoticeForm:
    ticked = tuple(Clause(*value.split(":", 1)) for value in request.form.getlist("audience"))
    first = "residents" if ticked == (Clause("residents"),) else audiences.PICKED if ticked else ""
    return notices.NoticeForm(
        kind=text("kind"), title=text("title"), body=text("body"), audience=first,
        also=() if first == "residents" else ticked, place=text("place") or None, starts_at=moment("starts_at"),
        needs_confirmation=is_ticked("needs_confirmation"), send_at=moment("send_at"),
        is_urgent=is_ticked("is_urgent"), note=text("note") or None)


@bp.get("/console/notices/<int:notice_id>/edit")
@requires("notices.send")
def edit_page(notice_id: int) -> Answer:
    """The draft's form; a sent notice cannot change."""
    ctx = get_context()
    notice = notices.get_for_staff(ctx, notice_id)
    if notice.state != "draft":
        return done("console_notices.detail_page", "这条通知不是草稿，不能修改。", notice_id=notice_id)
    if notice.follow_up is not None:
        return render_template("console/notice_correction.html", notice=notice, original=None)
    clauses = audiences.list_clauses(ctx, notice)
    chosen = {f"{row.kind}:{row.target}" if row.target else row.kind for row in clauses}
    if notice.audience == "residents":
        chosen.add("residents")
    if any(row.kind == "person" for row in clauses):
        chosen.add(audiences.PICKED)
    return render_template("console/notice_form.html", notice=notice, choices=audiences.list_choices(ctx),
                           chosen=chosen, levels=audiences.LEVEL_NAMES)


@bp.post("/console/notices/<int:notice_id>/edit")
@requires("notices.send")
@form_page(edit_page)
def update(notice_id: int) -> Answer:
    """Change the draft."""
    return _saved(notices.update_draft(get_context(), notice_id, _form()))


@bp.get("/console/notices/<int:notice_id>/people")
@requires("notices.send")
def people_page(notice_id: int) -> str:
    """Search the roster and tick who gets the notice."""
    ctx = get_context()
    notice = notices.get_for_staff(ctx, notice_id)
    found = audiences.search_people(ctx, notice, search=search_text(), page=page_number(), page_size=PAGE_SIZE)
    return render_template(
        "console/notice_people.html", notice=notice, picked=set(audiences.picked_ids(ctx, notice)),
        listing=listing(found, "console_notices.people_page", notice_id=notice_id))


@bp.post("/console/notices/<int:notice_id>/people")
@requires("notices.send")
@form_page(people_page)
def pick_people(notice_id: int) -> Answer:
    """Keep the ticks of the page shown."""
    picked = notices.pick_people(get_context(), notice_id, shown=numbers("shown"), ticked=numbers("person_ids"))
    return done("console_notices.people_page", f"已保存，共点选 {picked} 人。", **kept_query(), notice_id=notice_id)


# --- one notice -------------------------------------------------------------------------------------


@bp.get("/console/notices/<int:notice_id>")
@requires("notices.view")
def detail_page(notice_id: int) -> str:
    """A draft with its forecast, one that waits, or a sent notice with what became of it."""
    return _show(notice_id)


def _show(notice_id: int, revealed: tuple[str, str] | None = None) -> str:
    ctx = get_context()
    notice = notices.get_for_staff(ctx, notice_id)
    people = [number for number in (notice.created_by, notice.submitted_by, notice.approved_by) if number]
    shown = {"notice": notice, "audience": audiences.name_in_words(ctx, notice), "me": ctx.actor.staff_id,
             "names": staff.names_of(ctx.session, people)}
    if notice.sent_at is None:
        return render_template(
            "console/notice_draft.html", forecast=audiences.forecast(ctx, notice),
            concerned=notices.count_reached(ctx, notice), size=notices.approval_size(ctx, notice),
            leaves_at=notices.leaves_at(ctx, notice), now=ctx.now, **shown)
    only = query_choice("only", ONLY)
    found = notices.list_deliveries(ctx, notice, only=only, page=page_number(), page_size=_DELIVERIES)
    return render_template(
        "console/notice_sent.html", only=only, choices=ONLY, revealed=revealed,
        figures=notices.count_deliveries(ctx, notice), versions=notices.list_versions(ctx, notice),
        follow_ups=notices.list_follow_ups(ctx, notice),
        why=audiences.causes(ctx, notice, [line.delivery.person_id for line in found[0]]),
        listing=listing(found, "console_notices.detail_page", size=_DELIVERIES, notice_id=notice_id), **shown)


@bp.post("/console/notices/<int:notice_id>/send")
@requires("notices.send")
@form_page(detail_page)
def send(notice_id: int) -> Answer:
    """Freeze the audience and send to each person, at once, at its moment, or after a second person's yes."""
    notice = notices.send(get_context(), notice_id)
    return done("console_notices.detail_page", _SENT[notice.state], notice_id=notice_id)


@bp.post("/console/notices/<int:notice_id>/approve")
@requires("notices.approve")
@form_page(detail_page)
def approve(notice_id: int) -> Answer:
    """The second person's yes."""
    notice = notices.approve(get_context(), notice_id)
    return done("console_notices.detail_page", f"已审批。{_SENT[notice.state]}", notice_id=notice_id)


@bp.post("/console/notices/<int:notice_id>/return")
@requires("notices.approve")
@form_page(detail_page)
def return_to_author(notice_id: int) -> Answer:
    """The second person's no, with the reason."""
    notices.return_to_author(get_context(), notice_id, reason=text("reason"))
    return done("console_notices.detail_page", "已退回起草人修改。", notice_id=notice_id)


@bp.post("/console/notices/<int:notice_id>/recall")
@requires("notices.send")
@form_page(detail_page)
def recall(notice_id: int) -> Answer:
    """Back to a draft before it leaves."""
    notices.recall(get_context(), notice_id)
    return done("console_notices.detail_page", "已撤回到草稿，没有发出。", notice_id=notice_id)


# --- after sending ----------------------------------------------------------------------------------


@bp.get("/console/notices/<int:notice_id>/correction")
@requires("notices.send")
def correction_page(notice_id: int) -> str:
    """The text in force, to be corrected."""
    notice = notices.get_for_staff(get_context(), notice_id)
    return render_template("console/notice_correction.html", notice=notice, original=notice)


@bp.post("/console/notices/<int:notice_id>/correction")
@requires("notices.send")
@form_page(correction_page)
def draft_correction(notice_id: int) -> Answer:
    """Keep the new text as a draft; it takes the old one's place when it is sent."""
    correction = notice_changes.draft_correction(get_context(), notice_id, notices.NoticeForm(
        kind="bulletin", title=text("title"), body=text("body"), audience="", place=text("place") or None,
        starts_at=moment("starts_at"), is_urgent=is_ticked("is_urgent"), note=text("note") or None))
    return done("console_notices.detail_page", "已保存更正稿，请核对后发出。", notice_id=correction.id)


@bp.post("/console/notices/<int:notice_id>/withdraw")
@requires("notices.send")
@form_page(detail_page)
def withdraw(notice_id: int) -> Answer:
    """Show the reason in place of the text and tell those who read it."""
    notice_changes.withdraw(get_context(), notice_id, reason=text("reason"))
    return done("console_notices.detail_page", "已撤回，正在告知已读的代表。", notice_id=notice_id)


@bp.post("/console/notices/<int:notice_id>/remind")
@requires("notices.send")
@form_page(detail_page)
def remind(notice_id: int) -> Answer:
    """Push once more to those who did not read it."""
    reminder = notice_changes.remind(get_context(), notice_id)
    return done("console_notices.detail_page", f"提醒{_SENT[reminder.state]}", notice_id=notice_id)


@bp.get("/console/notices/<int:notice_id>/calls.xlsx")
@requires("notices.send")
def call_sheet(notice_id: int) -> Response:
    """The people to call, with masked numbers."""
    ctx = get_context()
    notice = notices.get_for_staff(ctx, notice_id)
    return _sheet(notice_sheets.build_call_sheet(ctx, notice), f"电话通知名单-{notice.id}")


@bp.get("/console/notices/<int:notice_id>/results.xlsx")
@requires("notices.view")
def result_sheet(notice_id: int) -> Response:
    """What became of each delivery."""
    ctx = get_context()
    notice = notices.get_for_staff(ctx, notice_id)
    return _sheet(notice_sheets.build_result_sheet(ctx, notice), f"通知送达情况-{notice.id}")


def _sheet(content: bytes, name: str) -> Response:
    return Response(content, mimetype=XLSX, headers={
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}.xlsx", "Cache-Control": "no-store"})


@bp.post("/console/notices/<int:notice_id>/deliveries/<int:delivery_id>/phoned")
@requires("notices.send")
@form_page(detail_page)
def mark_phoned(notice_id: int, delivery_id: int) -> Answer:
    """The clerk reached the person by telephone."""
    notices.mark_phoned(get_context(), notice_id, delivery_id)
    return done("console_notices.detail_page", "已记为电话通知。", **kept_query(), notice_id=notice_id)


@bp.post("/console/notices/<int:notice_id>/people/<int:person_id>/phone")
@requires("roster.reveal")
@form_page(detail_page)
def reveal_phone(notice_id: int, person_id: int) -> str:
    """The number to call, once, on this answer only; the reason goes to the audit."""
    return _show(notice_id, revealed=notices.reveal_phone(get_context(), notice_id, person_id, reason=text("reason")))
