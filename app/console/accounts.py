"""Closing an account for somebody who cannot do it alone (账号注销)."""

from flask import Blueprint, render_template

from app.console.forms import Answer, done, form_page, required, text
from app.http.access import requires
from app.http.lifecycle import get_context
from services import closing

bp = Blueprint("console_accounts", __name__)


@bp.get("/console/accounts")
@requires("accounts.close")
def search_page() -> str:
    """Whose account: asked by a form, so that no number stands in an address."""
    return render_template("console/accounts_search.html")


@bp.post("/console/accounts")
@requires("accounts.close")
@form_page(search_page)
def search() -> Answer:
    """Find by a whole phone number or an opinion's number."""
    found = closing.find_account(get_context(), required(text("wanted"), "wanted"))
    return done("console_accounts.detail_page", "已找到账号，请核对后再办理。", account_id=found)


@bp.get("/console/accounts/<int:account_id>")
@requires("accounts.close")
def detail_page(account_id: int) -> str:
    """The account with what a closing does to it."""
    return render_template("console/account_detail.html", card=closing.get_card(get_context(), account_id))


@bp.post("/console/accounts/<int:account_id>/close")
@requires("accounts.close")
@form_page(detail_page)
def close(account_id: int) -> Answer:
    """Close it; the reason goes to the audit."""
    closing.close_for(get_context(), account_id, reason=text("reason"))
    return done("console_accounts.search_page", "已注销账号，本人的登录已全部失效。")
