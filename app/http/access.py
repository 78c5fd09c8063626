"""What a route asks of its visitor; every route says it, a test refuses one that does not."""

from collections.abc import Callable
from typing import TypeVar

from flask import current_app, request

from services.context import Actor
from services.errors import Forbidden, Unauthenticated
from services.rules.permissions import ROLE_PERMISSIONS, role_may

View = TypeVar("View", bound=Callable[..., object])
#: public: anybody; account: a resident or deputy; deputy; staff: any role after both factors;
#: half_staff: after the password only; screen: a station's wall screen. Anything else names a permission.
LEVELS = ("public", "account", "deputy", "staff", "half_staff", "screen")
_PERMISSIONS = frozenset().union(*ROLE_PERMISSIONS.values())


def requires(level: str) -> Callable[[View], View]:
    """Declare the level of a view: one of LEVELS or a permission of `services.rules.permissions`."""
    if level not in LEVELS and level not in _PERMISSIONS:
        raise ValueError(f"no such access level: {level}")

    def declare(view: View) -> View:
        view.access = level  # type: ignore[attr-defined]
        return view

    return declare


def reads_only(view: View) -> View:
    """Declare that a POST writes nothing: it is one because what it asks belongs in no address."""
    view.reads_only = True  # type: ignore[attr-defined]
    return view


def is_reading() -> bool:
    """Whether this request writes nothing."""
    view = current_app.view_functions.get(request.endpoint or "")
    return request.method in ("GET", "HEAD") or getattr(view, "reads_only", False)


def enforce(level: str, actor: Actor, *, is_second_factor_done: bool) -> None:
    """Refuse a visitor who may not use the route; rows are judged later, by services.access."""
    if level == "public":
        return
    if level in ("account", "deputy"):
        if actor.kind != "account":
            raise Unauthenticated("login_required")
        if level == "deputy" and not actor.is_deputy:
            raise Forbidden("deputy_only")
        return
    if level == "screen":
        if actor.kind != "screen":
            raise Unauthenticated("screen_not_linked")
        return
    _enforce_staff(level, actor, is_second_factor_done=is_second_factor_done)


def _enforce_staff(level: str, actor: Actor, *, is_second_factor_done: bool) -> None:
    if actor.kind != "staff":
        raise Unauthenticated("login_required")
    if level == "half_staff":
        return
    if not is_second_factor_done:
        raise Unauthenticated("second_factor_required")
    if level != "staff" and not role_may(actor.role, level):
        raise Forbidden("forbidden")
