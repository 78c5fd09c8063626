"""Notices: draft with its forecast, sending, one line per person, the phone list (通知推送)."""

from flask import Blueprint, render_template

from app.console.forms import Answer, done, form_page, is_ticked, kept_query, moment, query_choice, search_text, text
from app.console.rendering import PAGE_SIZE, listing, page_number
from app.console.words import NOTICE_STATES
from app.http.access import requires
from app.http.lifecycle import get_context
from services import identity, notices, staff
from services.errors import Invalid

bp = Blueprint("console_notices", __name__)
ONLY = {"unread": "未读", "unconfirmed": "未确认", "phone": "需电话通知"}
_DELIVERIES = 50


@bp.get("/console/notices")
@requires("notices.view")
def list_page() -> str:
    """Notices with the figures of their deliveries, newest first."""
    state = query_choice("state", NOTICE_STATES)
    found = notices.list_for_staff(get_context(), search=search_text(), state=state, page=page_number(),
                                   page_size=PAGE_SIZE)
    return render_template("console/notices_list.html", listing=listing(found, "console_notices.list_page"),
                           state=state)


@bp.get("/console/notices/new")
@requires("notices.send")
def new_page() -> str:
    """A new draft."""
    groups, stations = notices.list_audiences(get_context())
    return render_template("console/notice_form.html", notice=None, groups=groups, stations=stations)


@bp.post("/console/notices/new")
@requires("notices.send")
@form_page(new_page)
def create() -> Answer:
    """Keep the draft; nothing leaves before it is sent."""
    notice = notices.create_draft(get_context(), _form())
    return done("console_notices.detail_page", "已保存草稿，请核对后发送。", notice_id=notice.id)


def _form() -> notices.NoticeForm:
    audience, _, raw = text("audience").partition(":")
    if raw and not raw.isdecimal():
        raise Invalid("audience_unknown", fields={"audience": "audience_unknown"})
    return notices.NoticeForm(
        kind=text("kind"), title=text("title"), body=text("body"), audience=audience,
        audience_id=int(raw) if raw else None, place=text("place") or None, starts_at=moment("starts_at"),
        needs_confirmation=is_ticked("needs_confirmation"))


@bp.get("/console/notices/<int:notice_id>")
@requires("notices.view")
def detail_page(notice_id: int) -> str:
    """A draft with its forecast, or a sent notice with what became of it."""
    return _show(notice_id)


def _show(notice_id: int, revealed: tuple[str, str] | None = None) -> str:
    ctx = get_context()
    notice = notices.get_for_staff(ctx, notice_id)
    shown = {"notice": notice, "audience": notices.audience_name(ctx, notice),
             "author": staff.names_of(ctx.session, [notice.created_by]).get(notice.created_by, "")}
    if notice.state == "draft":
        return render_template("console/notice_draft.html", forecast=notices.forecast(ctx, notice), **shown)
    only = query_choice("only", ONLY)
    found = notices.list_deliveries(ctx, notice, only=only, page=page_number(), page_size=_DELIVERIES)
    return render_template(
        "console/notice_sent.html", only=only, choices=ONLY, revealed=revealed,
        figures=notices.count_deliveries(ctx, notice),
        listing=listing(found, "console_notices.detail_page", size=_DELIVERIES, notice_id=notice_id), **shown)


@bp.get("/console/notices/<int:notice_id>/edit")
@requires("notices.send")
def edit_page(notice_id: int) -> Answer:
    """The draft's form; a sent notice cannot change."""
    ctx = get_context()
    notice = notices.get_for_staff(ctx, notice_id)
    if notice.state != "draft":
        return done("console_notices.detail_page", "这条通知已经发出，不能再修改。", notice_id=notice_id)
    groups, stations = notices.list_audiences(ctx)
    return render_template("console/notice_form.html", notice=notice, groups=groups, stations=stations)


@bp.post("/console/notices/<int:notice_id>/edit")
@requires("notices.send")
@form_page(edit_page)
def update(notice_id: int) -> Answer:
    """Change the draft."""
    notices.update_draft(get_context(), notice_id, _form())
    return done("console_notices.detail_page", "已保存草稿，请核对后发送。", notice_id=notice_id)


@bp.post("/console/notices/<int:notice_id>/send")
@requires("notices.send")
@form_page(detail_page)
def send(notice_id: int) -> Answer:
    """Freeze the audience and send to each person."""
    notices.send(get_context(), notice_id)
    return done("console_notices.detail_page", "已发送，送达情况会陆续更新。", notice_id=notice_id)


@bp.post("/console/notices/<int:notice_id>/deliveries/<int:delivery_id>/phoned")
@requires("notices.send")
@form_page(detail_page)
def mark_phoned(notice_id: int, delivery_id: int) -> Answer:
    """The clerk reached the person by telephone."""
    notices.mark_phoned(get_context(), delivery_id)
    return done("console_notices.detail_page", "已记为电话通知。", **kept_query(), notice_id=notice_id)


@bp.post("/console/notices/<int:notice_id>/people/<int:person_id>/phone")
@requires("roster.reveal")
@form_page(detail_page)
def reveal_phone(notice_id: int, person_id: int) -> str:
    """The number to call, once, on this answer only; the reason goes to the audit."""
    number = identity.reveal_phone(get_context(), person_id, reason=text("reason"))
    return _show(notice_id, revealed=(text("name"), number))
