"""The life of a request: request id, who asks, one Context, then commit or roll back, once.

A Context begins lazily, so that a view may call the platform before any transaction is open.
"""

import logging
import re
import secrets
import time

from flask import Flask, Response, current_app, g, redirect, request, url_for
from sqlalchemy.orm import Session

from app.http import idempotency, measures
from app.http.access import enforce, is_reading
from app.program import current_program
from app.unit_of_work import commit, open_context
from services import identity, screens, staff
from services.context import ANONYMOUS, Actor, Context
from services.errors import Unauthenticated

logger = logging.getLogger("app.requests")

CONSOLE_COOKIE = "console_session"
SCREEN_COOKIE = "station_screen"
_REQUEST_ID = re.compile(r"[0-9A-Za-z_-]{8,64}")
#: What a page of ours may load: nothing from elsewhere, and no inline script.
_SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
                               "script-src 'self'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'",
    "X-Content-Type-Options": "nosniff", "X-Frame-Options": "SAMEORIGIN", "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def register_lifecycle(app: Flask) -> None:
    app.before_request(_open)
    app.after_request(_finish)
    app.teardown_request(_close)


def _open() -> Response | None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    g.started = time.perf_counter()
    g.actor, g.second_factor, g.keeps_changes = ANONYMOUS, False, False
    if request.endpoint is None or request.endpoint.endswith("static"):
        return None
    view = _view_access(request.endpoint)
    if view is None:
        raise RuntimeError(f"route {request.endpoint} does not declare its access")
    try:
        if view != "public" or _token():
            g.actor, g.second_factor = _resolve(view)
        enforce(view, g.actor, is_second_factor_done=g.second_factor)
    except Unauthenticated:
        if request.path.startswith("/console") and request.method == "GET":
            return redirect(url_for("console_signin.sign_in_page", next=request.full_path.rstrip("?")))  # type: ignore[return-value]
        raise
    return idempotency.replay()


def _view_access(endpoint: str) -> str | None:
    return getattr(current_app.view_functions[endpoint], "access", None)


def _token() -> str:
    if request.path.startswith("/console"):
        return request.cookies.get(CONSOLE_COOKIE, "")
    if _is_wall():
        return request.cookies.get(SCREEN_COOKIE, "")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _is_wall() -> bool:
    """The pages of a station's wall screen, which know its own cookie only."""
    return request.path == "/screen" or request.path.startswith("/screen/")


def _resolve(level: str) -> tuple[Actor, bool]:
    """The visitor behind the token, read in the request's own transaction where that costs nobody a wait."""
    token = _token()
    if not token:
        raise Unauthenticated("screen_not_linked" if _is_wall() else "login_required")
    try:
        if current_program().is_one_writer_database and not is_reading():
            # SQLite's writer is taken only when the view begins, not while the visitor is looked up.
            with Session(current_program().reading_engine) as session:
                return _visitor(session, token)
        return _visitor(get_context().session, token)
    except Unauthenticated:
        if level == "public":
            return ANONYMOUS, False
        raise


def _visitor(session: Session, token: str) -> tuple[Actor, bool]:
    now = current_program().clock()
    if request.path.startswith("/console"):
        return staff.resolve_console_token(session, token, now)
    if _is_wall():
        return screens.resolve_token(session, token, now), False
    return identity.resolve_token(session, token, now), False


def get_context() -> Context:
    """The request's Context, opened when first asked for."""
    if "ctx" not in g:
        g.ctx = open_context(current_program(), g.actor, request_id=g.request_id, reads_only=is_reading())
    ctx: Context = g.ctx
    ctx.actor = g.actor
    return ctx


def _finish(response: Response) -> Response:
    ctx: Context | None = g.get("ctx")
    if ctx is not None:
        response = _settle(ctx, response)
    response.headers["X-Request-ID"] = g.get("request_id", "")
    for name, value in _SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path.startswith(("/api/", "/console", "/screen")) and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    _measure(response)
    return response


def _settle(ctx: Context, response: Response) -> Response:
    """Commit or roll back; what is refused or fails this late gets its envelope like everything else."""
    try:
        if response.status_code >= 400 and not g.keeps_changes:
            ctx.session.rollback()
            return response
        response = idempotency.keep(ctx, response)
        if "ctx" in g:
            commit(current_program(), ctx)
    except Exception as error:
        ctx.session.rollback()
        return current_app.make_response(current_app.handle_user_exception(error))
    return response


def _measure(response: Response) -> None:
    seconds = time.perf_counter() - g.get("started", time.perf_counter())
    rule = request.url_rule.rule if request.url_rule else "unknown"
    measures.observe_request(request.method, rule, response.status_code, seconds)
    if not rule.endswith(("healthz", "readyz", "metrics")) and "static" not in rule:
        # The rule, not the address: addresses carry numbers of people's matters.
        logger.info("request", extra={"method": request.method, "rule": rule, "status": response.status_code,
                                      "ms": round(seconds * 1000, 1), "request_id": g.get("request_id", ""),
                                      "actor": g.actor.key if "actor" in g else ""})


def _close(_error: BaseException | None) -> None:
    ctx: Context | None = g.pop("ctx", None)
    if ctx is not None:
        ctx.session.close()
