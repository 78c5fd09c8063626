"""How the platform says no."""

from __future__ import annotations

import secrets

_MESSAGES = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40003: "invalid openid",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40029: "invalid code",
    40037: "invalid template_id",
    40097: "invalid args",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40163: "code been used",
    40169: "invalid length for scene, or the data is not json string",
    40165: "invalid weapp pagepath",
    40234: "API_Invalid_Signature",
    40235: "API_Invalid_Encrypt",
    40240: "API_Timestamp_Expired",
    41030: "invalid page",
    42001: "access_token expired",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    43108: "concurrent send to the same user",
    45009: "reach max api daily quota limit",
    45015: "response out of time limit or subscription is canceled",
    45047: "out of response count limit",
    45065: "clientmsgid exist",
    45072: "invalid command",
    45080: "need user interaction first",
    47001: "data format error",
    47003: "argument invalid!",
    48001: "api unauthorized",
    44004: "empty content",
    44990: "reach max generate frequency limit",
    44991: "reach max api minute quota limit",
    44993: "reach max generate count of today",
    45002: "content size out of limit",
    45081: "typing already",
    60020: "not allow to access from your ip",
    81013: "user & party & tag all invalid",
    85401: "invalid expire interval",
    86001: "invalid chatid",
    93000: "invalid webhook url",
    301002: "not allow operate another agent with this accesstoken",
    61010: "code is expired",
    87014: "risky content",
}


class PlatformError(Exception):
    """An answer with an errcode. `extra` are further members of the answer."""

    def __init__(self, code: int, detail: str = "", **extra: object) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.extra = extra

    def as_answer(self) -> dict[str, object]:
        """The JSON the platform sends, with a request id in the message."""
        message = f"{_MESSAGES.get(self.code, 'error')} {self.detail}".strip()
        return {"errcode": self.code, "errmsg": f"{message} rid: {new_rid()}", **self.extra}


def new_rid() -> str:
    """A request id in the platform's form."""
    return "-".join(secrets.token_hex(4) for _ in range(3))
