"""Forms come from our own pages: a token bound to the console session, verified before every POST."""

import hmac
from hashlib import sha256

from flask import current_app, request

from app.http.lifecycle import CONSOLE_COOKIE
from services.errors import Forbidden
from services.rules.typed import same_code


def csrf_token() -> str:
    """HMAC of the session's cookie; another session, or an ended one, has another token."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, f"form:{request.cookies.get(CONSOLE_COOKIE, '')}".encode(), sha256).hexdigest()


def refuse_foreign_form() -> None:
    """Refuse a POST without the token; before sign-in there is no session, so the browser's word counts as well."""
    if request.method in ("GET", "HEAD", "OPTIONS") or not request.path.startswith("/console"):
        return
    is_foreign = request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none")
    if is_foreign or not same_code(csrf_token(), request.form.get("csrf_token", "")):
        raise Forbidden("stale_page")
