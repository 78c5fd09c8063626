"""Opinions of the same thing: the worklist of likenesses, two side by side, merged or taken apart (同类比对、并案办理)."""

from flask import Blueprint, render_template, request

from app.console.forms import Answer, done, form_page, required, text
from app.console.opinions import detail_page
from app.console.rendering import PAGE_SIZE, listing, page_number
from app.http.access import requires
from app.http.lifecycle import get_context
from services import comments

bp = Blueprint("console_merging", __name__)


@bp.get("/console/opinion-likenesses")
@requires("opinions.screen")
def list_page() -> str:
    """Pairs of open opinions that may be one thing, the surest first."""
    found = comments.list_likenesses(get_context(), page=page_number(), page_size=PAGE_SIZE)
    return render_template("console/likenesses_list.html", listing=listing(found, "console_merging.list_page"))


@bp.get("/console/opinions/<number>/beside")
@requires("opinions.screen")
def compare_page(number: str) -> str:
    """The opinion beside the one of the number given with it, with everything that decides; without one, alone."""
    ctx, other = get_context(), request.values.get("with", "").strip().upper()
    if not other:
        return detail_page(number)
    files = [comments.get_for_staff(ctx, each) for each in (number, other)]
    return render_template("console/opinions_compare.html", files=files, number=number, other=other)


@bp.post("/console/opinions/<number>/merge")
@requires("opinions.screen")
@form_page(compare_page)
def merge(number: str) -> Answer:
    """并案: the other is handled together with this one, whose answer goes to both."""
    other = required(text("with"), "with")
    comments.merge(get_context(), number, other)
    return done("console_opinions.detail_page", f"已并案，{other}与本件一并办理，答复会同时告诉双方。", number=number)


@bp.post("/console/opinions/<number>/apart")
@requires("opinions.screen")
@form_page(compare_page)
def set_apart(number: str) -> Answer:
    """不是同一事项: not proposed again."""
    comments.set_apart(get_context(), number, required(text("with"), "with"))
    return done("console_merging.list_page", "已记下，不再提示这两件。")


@bp.post("/console/opinions/<number>/unmerge")
@requires("opinions.screen")
@form_page(detail_page)
def unmerge(number: str) -> Answer:
    """拆分: back to the state and the handler it had."""
    comments.unmerge(get_context(), number)
    return done("console_opinions.detail_page", "已拆分，这件意见恢复单独办理。", number=number)
