"""Beginnings of answers that the office offers to deputies and units (常用答复)."""

from flask import Blueprint, render_template

from app.console.forms import Answer, done, form_page, text
from app.http.access import requires
from app.http.lifecycle import get_context
from services.comments import reply_templates

bp = Blueprint("console_reply_templates", __name__)


@bp.get("/console/reply-templates")
@requires("opinions.screen")
def page() -> str:
    """What is offered in reach, and a form for a new one."""
    return render_template("console/reply_templates.html", templates=reply_templates.list_own(get_context()))


@bp.post("/console/reply-templates")
@requires("opinions.screen")
@form_page(page)
def create() -> Answer:
    """Offer a new one in the own region."""
    reply_templates.create(get_context(), title=text("title"), text=text("text"))
    return done("console_reply_templates.page", "已保存，代表和承办单位答复时可以选用。")


@bp.post("/console/reply-templates/<int:template_id>/retire")
@requires("opinions.screen")
@form_page(page)
def retire(template_id: int) -> Answer:
    """停用: offered no more."""
    reply_templates.retire(get_context(), template_id)
    return done("console_reply_templates.page", "已停用。")
