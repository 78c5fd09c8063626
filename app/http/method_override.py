"""PATCH for the mini-program: wx.request knows no PATCH, so it sends POST with X-HTTP-Method-Override."""

from collections.abc import Callable, Iterable
from typing import Any

WSGIApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def honour_method_override(app: WSGIApp) -> WSGIApp:
    """Turn such a POST into a PATCH before routing; no other method may be put on."""

    def overridden(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and environ.get("HTTP_X_HTTP_METHOD_OVERRIDE") == "PATCH":
            environ["REQUEST_METHOD"] = "PATCH"
        return app(environ, start_response)

    return overridden
