"""Reading the platform's answers: anything but the documented form is an error, never a success."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wechat.call import Call
from wechat.error_codes import error_for
from wechat.errors import WeChatError, WeChatProtocolError
from wechat.redaction import redact

_IMAGE_MAGIC = {"image/jpeg": b"\xff\xd8", "image/png": b"\x89PNG"}


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """Status, media type and bytes, before anything is believed. `headers` vouch for a sealed body."""

    status: int
    media_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def read_object(answer: RawAnswer, call: Call) -> dict[str, Any]:
    """The JSON object of a successful answer; raises the typed error of any other."""
    if answer.status != 200:
        raise _protocol_error(call, f"HTTP {answer.status}")
    payload = _parse(answer.body)
    if payload is None:
        raise _protocol_error(call, "not a JSON object")
    code = _error_code(payload)
    if code is None:
        raise _protocol_error(call, "errcode is not a number")
    if code not in call.accepted:
        raise _platform_error(code, payload, call)
    return payload


def read_image(answer: RawAnswer, call: Call) -> bytes:
    """The bytes of an image answer: media type and leading bytes must agree; JSON becomes its error."""
    magic = _IMAGE_MAGIC.get(answer.media_type)
    if answer.status == 200 and magic and answer.body.startswith(magic):
        return answer.body
    read_object(answer, call)
    raise _protocol_error(call, "neither an image nor an error")


def carries_error(body: bytes) -> bool:
    """Whether these bytes are the platform's refusal: all that may be believed of an unsigned answer."""
    payload = _parse(body)
    return payload is not None and _error_code(payload) not in (0, None)


def _parse(body: bytes) -> dict[str, Any] | None:
    try:
        payload = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


def _error_code(payload: dict[str, Any]) -> int | None:
    code = payload.get("errcode", 0)
    if isinstance(code, int):
        return int(code)
    if isinstance(code, str) and code.removeprefix("-").isdecimal() and len(code) < 12:
        return int(code)
    return None


def _platform_error(code: int, payload: dict[str, Any], call: Call) -> WeChatError:
    errmsg = redact(str(payload.get("errmsg", "")), call.secrets)
    error = error_for(code, errmsg, api=call.api, appid=call.appid)
    return _settle(error, call)


def _protocol_error(call: Call, reason: str) -> WeChatError:
    return failure(WeChatProtocolError, reason, call)


def failure(error_class: type[WeChatError], message: str, call: Call) -> WeChatError:
    """The error of `call`."""
    return _settle(error_class(message, api=call.api, appid=call.appid), call)


def _settle(error: WeChatError, call: Call) -> WeChatError:
    """An unknown outcome is retryable only where repeating harms nobody."""
    if error.outcome_unknown and not call.idempotent:
        error.retryable = False
    return error
