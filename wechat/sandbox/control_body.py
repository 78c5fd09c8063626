"""Reading what the control interface is sent."""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request


def read_body(request: Request) -> dict[str, Any]:
    """The JSON object of a request; anything else is answered with 400."""
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("a JSON object is needed")
    return body
