"""One way for every form: a refusal shows the same page again, with the person's input and what was wrong."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import wraps
from typing import Any

from flask import Response, flash, g, make_response, redirect, request, url_for
from werkzeug.datastructures import MultiDict

from app.http.errors import STATUS
from app.http.lifecycle import get_context
from services.context import CHINA
from services.errors import DomainError, Invalid

Answer = str | Response
#: Names of `url_for` itself.
_TAKEN = ("endpoint", "values")


@dataclass(frozen=True)
class FormState:
    """What a form shows: nothing typed yet, or the refused input with its errors."""

    action: str
    values: "MultiDict[str, str] | None" = None
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return "f" + self.action.replace("/", "-")

    @property
    def is_kept(self) -> bool:
        return self.values is not None

    def value(self, name: str, default: object = "") -> str:
        found = default if self.values is None else self.values.get(name, "")
        return "" if found is None else str(found)

    def has(self, name: str, value: object, *, default: bool = False) -> bool:
        """Whether a box or a choice was ticked."""
        return default if self.values is None else str(value) in self.values.getlist(name)

    def error(self, name: str) -> str:
        return self.errors.get(name, "")


@dataclass(frozen=True)
class Refusal:
    """The refused form of this request, for the page that is shown again."""

    code: str
    message: str
    state: FormState


def form_state(action: str) -> FormState:
    """The state of the form that posts to this address."""
    path = action.partition("?")[0]
    refusal: Refusal | None = g.get("refusal")
    return refusal.state if refusal is not None and refusal.state.action == path else FormState(path)


def form_page(show: Callable[..., Answer]) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
    """Show the page `show` again when the wrapped POST is refused; nothing of the attempt is kept.

    A refusal that keeps its traces (a counted wrong password) keeps them. Rows out of reach and missing rights
    have no form to go back to: they go to the error page.
    """
    wanted = inspect.signature(show).parameters

    def wrap(view: Callable[..., Answer]) -> Callable[..., Answer]:
        @wraps(view)
        def attempt(**kwargs: Any) -> Answer:
            try:
                return view(**kwargs)
            except DomainError as error:
                if error.kind in ("not_found", "forbidden"):
                    raise
                _undo(error)
                g.refusal = Refusal(error.code, error.message, FormState(request.path, request.form, error.fields))
                page = make_response(show(**{name: value for name, value in kwargs.items() if name in wanted}))
                page.status_code = STATUS[error.kind]
                if error.retry_after:
                    page.headers["Retry-After"] = str(error.retry_after)
                return page

        return attempt

    return wrap


def _undo(error: DomainError) -> None:
    if error.keeps_changes:
        g.keeps_changes = True
        return
    ctx = get_context()
    ctx.session.rollback()
    ctx.audit_rows.clear()
    ctx.outbox_ids.clear()


def kept_query() -> dict[str, str]:
    """The filters and the page of the address, to come back to the same list."""
    return {name: value for name, value in request.args.items() if not name.startswith("_") and name not in _TAKEN}


def done(endpoint: str, message: str, /, **values: Any) -> Response:
    """After a POST: the page to go on with, and one sentence that says what happened."""
    flash(message)
    return redirect(url_for(endpoint, **values), 303)  # type: ignore[return-value]


def text(name: str) -> str:
    return request.form.get(name, "").strip()


def search_text() -> str:
    return request.args.get("q", "").strip()


def is_ticked(name: str) -> bool:
    return name in request.form


def numbers(name: str) -> list[int]:
    """The ticked ids of a list of boxes."""
    return [int(value) for value in request.form.getlist(name) if value.isdecimal()]


def number(name: str) -> int:
    raw = text(name)
    if not raw.isdecimal():
        raise Invalid("invalid_input", fields={name: "field_not_a_choice" if not raw else "field_invalid"})
    return int(raw)


def decimal(name: str) -> float | None:
    raw = text(name)
    try:
        return float(raw) if raw else None
    except ValueError as error:
        raise Invalid("invalid_input", fields={name: "field_invalid"}) from error


def day(name: str) -> date | None:
    return _read_day(text(name), name)


def moment(name: str) -> datetime | None:
    """A local date and time of China, as `datetime-local` sends it."""
    raw = text(name)
    try:
        return datetime.fromisoformat(raw).replace(tzinfo=CHINA) if raw else None
    except ValueError as error:
        raise Invalid("invalid_input", fields={name: "field_invalid"}) from error


def _read_day(raw: str, name: str) -> date | None:
    try:
        return date.fromisoformat(raw) if raw else None
    except ValueError as error:
        raise Invalid("invalid_input", fields={name: "field_invalid"}) from error


def query_day(name: str) -> date | None:
    """A day of the address; an unreadable one filters nothing."""
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def query_choice(name: str, allowed: Mapping[str, object] | tuple[str, ...]) -> str:
    """A choice of the address; an unknown one filters nothing."""
    found = request.args.get(name, "")
    return found if found in allowed else ""


def required(value: Any, name: str) -> Any:
    if value in (None, ""):
        raise Invalid("invalid_input", fields={name: "field_required"})
    return value
