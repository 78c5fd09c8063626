"""A call as it goes over the line, and the answer as it came: sealed where API security is on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from urllib3.filepost import encode_multipart_formdata

from wechat.answer import RawAnswer, carries_error, failure
from wechat.api_security import UnsealFailed
from wechat.call import Call, encode_body
from wechat.errors import WeChatProtocolError

_JSON = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Wire:
    """One request."""

    url: str
    body: bytes | None
    headers: Mapping[str, str]


def write_wire(call: Call, base: str, now: float) -> Wire:
    """The request to `base`. The signature covers the address, so every attempt has its own."""
    address = base + call.api
    url = f"{address}?{urlencode(call.query)}" if call.query else address
    if call.upload is not None:
        file = (call.upload.name, call.upload.content, call.upload.media_type)
        body, media_type = encode_multipart_formdata({"media": file})
        return Wire(url, body, {"Content-Type": media_type})
    if call.body is None:
        return Wire(url, None, {})
    if call.security is not None:
        sealed = call.security.seal(address, call.appid, call.body, int(now))
        return Wire(url, sealed.body, {"Content-Type": _JSON, **sealed.headers})
    return Wire(url, encode_body(call.body), {"Content-Type": _JSON})


def read_wire(answer: RawAnswer, call: Call, base: str, now: float) -> RawAnswer:
    """The answer, opened. An unsigned one is believed only when it refuses: a refusal gives nobody anything."""
    if call.security is None or answer.status != 200:
        return answer
    if "Wechatmp-Signature" not in answer.headers and carries_error(answer.body):
        return answer
    problem = ""
    try:
        plain = call.security.unseal(base + call.api, call.appid, answer.headers, answer.body, now=now)
    except UnsealFailed as failed:
        problem = str(failed)
    if problem:
        raise failure(WeChatProtocolError, f"answer not authentic: {problem}", call)
    return replace(answer, body=plain)
