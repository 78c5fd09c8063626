"""One envelope for every refusal: {"error": {"code", "message", "fields", "request_id"}}."""

import logging
from typing import Any

from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Response, g, jsonify, render_template, request
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException

from services.errors import DomainError
from services.rules.sentences import SENTENCES

logger = logging.getLogger(__name__)

STATUS = {
    "invalid": 422, "not_found": 404, "conflict": 409, "gone": 410, "forbidden": 403, "unauthenticated": 401,
    "too_large": 413, "too_many": 429, "unavailable": 503,
}
_HTTP_CODES = {400: "bad_request", 401: "login_required", 403: "forbidden", 404: "not_found",
               405: "method_not_allowed", 413: "too_large", 415: "bad_request", 422: "invalid_input",
               429: "too_many_requests"}


def register_errors(app: APIFlask) -> None:
    # First: APIFlask registers a handler of its own with it, which ours then replace.
    app.error_processor(_api_error)
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)
    for kind in (DataError, OverflowError, UnicodeEncodeError):
        app.register_error_handler(kind, _unstorable)


def envelope(code: str, message: str, fields: dict[str, str] | None = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "fields": fields or {}, "request_id": g.get("request_id", "")}}


def _domain_error(error: DomainError) -> Response:
    g.keeps_changes = error.keeps_changes
    return _answer(error.code, error.message, STATUS[error.kind], error.fields, error.retry_after)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    code = _HTTP_CODES.get(status, "internal_error")
    return _answer(code, SENTENCES[code], status)


def _unstorable(_error: Exception) -> Response:
    """A number or a character that no column can hold: 10**30, a NUL, half a surrogate pair."""
    return _answer("invalid_input", SENTENCES["invalid_input"], 422)


def _unexpected(error: Exception) -> Response:
    # The class and the place, never the text: it may quote what a person typed.
    logger.error("unexpected %s", type(error).__name__, exc_info=_without_text(error))
    return _answer("internal_error", SENTENCES["internal_error"], 500)


def _without_text(error: Exception) -> tuple[type[BaseException], BaseException, Any]:
    return RuntimeError, RuntimeError(type(error).__name__), error.__traceback__


def _answer(code: str, message: str, status: int, fields: dict[str, str] | None = None,
            retry_after: int | None = None) -> Response:
    if request.path.startswith(("/console", "/screen")) or request.path == "/":
        response = Response(render_template("console/error.html", code=code, message=message, fields=fields or {},
                                            status=status), status, mimetype="text/html")
    else:
        response = jsonify(envelope(code, message, fields))
        response.status_code = status
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _api_error(error: HTTPError) -> tuple[dict[str, Any], int, Any]:
    """APIFlask's own refusals: input that does not fit the declared shape."""
    code = _HTTP_CODES.get(error.status_code, "internal_error")
    places = error.detail if isinstance(error.detail, dict) else {}
    fields = {name: _field_sentence(messages) for place in places.values() if isinstance(place, dict)
              for name, messages in place.items()}
    return envelope(code, SENTENCES[code], fields), error.status_code, error.headers


def _field_sentence(messages: Any) -> str:
    """The Chinese sentence for pydantic's first complaint about a field."""
    text = str(messages[0] if isinstance(messages, list) and messages else messages)
    for part, code in (("required", "field_required"), ("at least", "field_too_short"), ("at most", "field_too_long"),
                       ("Input should be '", "field_not_a_choice")):
        if part in text:
            return SENTENCES[code]
    return SENTENCES["field_invalid"]
