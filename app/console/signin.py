"""Sign-in of staff: password, then the authenticator's code (登录)."""

from datetime import datetime

from flask import Blueprint, Response, g, redirect, render_template, request, url_for

from app.console.forms import Answer, form_page, text
from app.console.rendering import actor, is_signed_in
from app.http.access import requires
from app.http.lifecycle import CONSOLE_COOKIE, get_context
from app.http.limits import rate_limit
from app.program import current_program
from services import staff

bp = Blueprint("console_signin", __name__)


def _next() -> str:
    """Where to go after signing in: only an address of this console."""
    wanted = request.values.get("next", "")
    is_ours = wanted == "/console" or wanted.startswith("/console/")
    return wanted if is_ours and "\\" not in wanted and "//" not in wanted.partition("?")[0] else ""


@bp.get("/console/sign-in")
@requires("public")
def sign_in_page() -> Answer:
    """The first factor; who has shown it goes on to the second one."""
    if is_signed_in():
        return redirect(_next() or url_for("console_home.dashboard"))  # type: ignore[return-value]
    if actor() is not None:
        return redirect(url_for("console_signin.second_factor_page", next=_next() or None))  # type: ignore[return-value]
    return _show_sign_in()


def _show_sign_in() -> Answer:
    return render_template("console/sign_in.html", next=_next())


@bp.post("/console/sign-in")
@requires("public")
@form_page(_show_sign_in)
@rate_limit("60/hour", per="address", when_redis_is_away="closed")
def sign_in() -> Answer:
    """Check the password; five wrong ones lock the account for a while."""
    session = staff.sign_in(get_context(), login=text("login"), password=request.form.get("password", ""))
    answer = redirect(url_for("console_signin.second_factor_page", next=_next() or None), 303)
    return _with_cookie(answer, session.token, session.expires_at)  # type: ignore[arg-type]


@bp.get("/console/second-factor")
@requires("half_staff")
def second_factor_page() -> Answer:
    """The second factor: six digits of the authenticator."""
    if g.second_factor:
        return redirect(_next() or url_for("console_home.dashboard"))  # type: ignore[return-value]
    return render_template("console/second_factor.html", next=_next(), name=g.actor.name)


@bp.post("/console/second-factor")
@requires("half_staff")
@form_page(second_factor_page)
@rate_limit("60/hour", per="actor", when_redis_is_away="closed")
def second_factor() -> Answer:
    """Check the code; a code works once, and the session gets a new token."""
    session = staff.confirm_second_factor(get_context(), code=text("code"))
    answer = redirect(_next() or url_for("console_home.dashboard"), 303)
    return _with_cookie(answer, session.token, session.expires_at)  # type: ignore[arg-type]


@bp.post("/console/sign-out")
@requires("half_staff")
def sign_out() -> Response:
    """End the session here and on the server."""
    staff.sign_out(get_context())
    answer = redirect(url_for("console_signin.sign_in_page"), 303)
    answer.delete_cookie(CONSOLE_COOKIE, path="/console")
    return answer  # type: ignore[return-value]


def _with_cookie(answer: Response, token: str, expires_at: datetime) -> Response:
    answer.set_cookie(CONSOLE_COOKIE, token, expires=expires_at, path="/console", httponly=True, samesite="Strict",
                      secure=current_program().settings.is_production)
    return answer
