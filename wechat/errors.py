"""What can go wrong between us and the platform, and what a caller should do about it.

Every error carries `code`, `category`, `retryable`, `rid`, `api` and `appid`. None carries a secret, a
token, a request or a response, so it may be logged, pickled and stored as it is.
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo

_SHANGHAI = ZoneInfo("Asia/Shanghai")
_FIELD = re.compile(r"data\.(\w{1,32})\.value")

Category = Literal["auth", "user", "quota", "content", "config", "transient", "unknown", "protocol"]


class WeChatError(Exception):
    """A call that did not succeed.

    `retryable`: the same call may succeed later and repeating it harms nobody.
    `outcome_unknown`: the platform may have executed the call although we hold no answer.
    `rid`: the platform's request id, good for seven days at /cgi-bin/openapi/rid/get.
    """

    default_category: ClassVar[Category] = "unknown"
    default_retryable: ClassVar[bool] = False
    default_unknown: ClassVar[bool] = False

    def __init__(
        self,
        message: str = "",
        *,
        code: int | None = None,
        category: Category | None = None,
        retryable: bool | None = None,
        outcome_unknown: bool | None = None,
        rid: str | None = None,
        api: str = "",
        appid: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.category: Category = category or self.default_category
        self.outcome_unknown = self.default_unknown if outcome_unknown is None else outcome_unknown
        self.retryable = self.default_retryable if retryable is None else retryable
        self.rid = rid
        self.api = api
        self.appid = appid

    @property
    def stops_batch(self) -> bool:
        """Whether every other message of the same batch would fail as well: an operator must look first."""
        return self.category == "config" or isinstance(self, TemplateInvalid)

    def __str__(self) -> str:
        parts = [self.message or type(self).__name__]
        if self.code is not None:
            parts.append(f"code={self.code}")
        parts += [f"{name}={value}" for name in ("api", "appid", "rid") if (value := getattr(self, name))]
        return " ".join(parts)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message,), self.__dict__.copy()


class WeChatTimeout(WeChatError):
    """No answer in time. `sent` tells whether the request may have been executed."""

    default_category = "transient"
    default_retryable = True
    default_unknown = True

    @property
    def sent(self) -> bool:
        """Whether the request may have been executed."""
        return self.outcome_unknown


class ConnectionLost(WeChatTimeout):
    """The connection broke after the request went out. A kind of timeout: the outcome is as unknown."""


class WeChatUnreachable(WeChatError):
    """No connection could be made: the request was provably not sent, any call may be repeated."""

    default_category = "transient"
    default_retryable = True


class WeChatProtocolError(WeChatError):
    """An answer that is not what the platform documents: HTML, truncated JSON, an empty body, a 5xx page."""

    default_category = "protocol"
    default_retryable = True
    default_unknown = True


class SystemBusy(WeChatError):
    """-1: the platform is busy; the call may or may not have been executed."""

    default_category = "transient"
    default_retryable = True
    default_unknown = True


class TokenRejected(WeChatError):
    """40001, 40014, 42001: the platform does not accept the access token."""

    default_category = "auth"


class BadCode(WeChatError):
    """40029, 40163: the one-use code is wrong, expired or used; the client must ask for another one."""

    default_category = "user"


class RateLimited(WeChatError):
    """A quota is used up. `daily` tells whether it returns at midnight in Shanghai or within a minute."""

    default_category = "quota"
    default_retryable = True
    daily_codes: ClassVar[frozenset[int]] = frozenset({45009, 44993, 48006, 85406})

    @property
    def daily(self) -> bool:
        """Whether the quota is counted by day. A group robot counts by the minute under the same number."""
        return self.code in self.daily_codes and not self.api.startswith("/cgi-bin/webhook/")

    def seconds_to_wait(self, now: datetime) -> int:
        """Until the quota returns: midnight in Shanghai, or a minute."""
        if not self.daily:
            return 60
        midnight = datetime.combine(now.astimezone(_SHANGHAI) + timedelta(days=1), time(), _SHANGHAI)
        return int((midnight - now).total_seconds()) + 1


class HighRiskUser(WeChatError):
    """40226: the platform blocks this user from logging in."""

    default_category = "user"


class NotSubscribed(WeChatError):
    """43101: the user has not subscribed to the template, or the credit is used up."""

    default_category = "user"


class InvalidOpenid(WeChatError):
    """40003: the openid is wrong or belongs to another account; the binding is broken."""

    default_category = "user"


class RecipientRefused(WeChatError):
    """43004, 43019, 48002, 50005 and the like: this user does not want or cannot get messages from us."""

    default_category = "user"


class ConcurrentSend(WeChatError):
    """43108: another message to the same user is being sent; try again a moment later."""

    default_category = "transient"
    default_retryable = True


class TemplateInvalid(WeChatError):
    """40037, 41030, 43107, 45168, 47003: the message is wrong for everybody; stop the batch."""

    default_category = "content"

    @property
    def field(self) -> str | None:
        """The field the platform named as wrong, such as thing1, or None."""
        found = _FIELD.search(self.message)
        return found[1] if found else None


class InvalidArgument(WeChatError):
    """The platform, or our check before it, does not accept a value of the call."""

    default_category = "content"


class Misconfigured(WeChatError):
    """The account, its secret, its IP white list or its permissions are wrong; an operator must act."""

    default_category = "config"


class WindowClosed(WeChatError):
    """45015, 45047: the user has not written lately, or has been sent all that one message allows."""

    default_category = "user"


class PhoneUntrusted(WeChatError):
    """The watermark of a phone number is of another mini-program or too old: do not believe the number."""

    default_category = "user"


class VirtualUser(WeChatError):
    """The web log-in was made on a snapshot page: this openid is nobody's and must not be bound."""

    default_category = "user"


class StateInvalid(WeChatError):
    """The state of a web log-in is forged, old, used, or of another visitor."""

    default_category = "auth"


class StaleOpenid(WeChatError):
    """61010: the user has not visited within two hours; content must go to another moderator."""

    default_category = "user"
