"""What the program needs from outside, in its own words; `app.wiring` plugs the platform in.

Implementations raise `services.errors.DomainError` with a code of ours, or `PushRefused` and
`PushUncertain` for messages; no type of the platform crosses this line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class WeChatUser:
    appid: str
    openid: str
    unionid: str | None


@dataclass(frozen=True)
class TextVerdict:
    """`suggestion` is pass, review, risky or unreachable; only pass lets a text on by itself."""

    suggestion: str
    label: str = ""


@dataclass(frozen=True)
class TemplateInfo:
    id: str
    appid: str
    title: str
    is_long_term: bool
    fields: tuple[str, ...]


class PushTrouble(Exception):
    """A message that did not go through, with the platform's code and request id where it gave them."""

    def __init__(self, reason: str = "", *, code: str = "", rid: str = "") -> None:
        super().__init__(reason)
        self.reason, self.code, self.rid = reason, code, rid


class PushRefused(PushTrouble):
    """The platform said no for this person (`not_subscribed`, `openid_invalid`, …): do not repeat."""


class PushHalted(PushTrouble):
    """Nothing was sent, and every other message of the batch would fail alike: people must look first."""


class PushPostponed(PushTrouble):
    """Nothing was sent; the same push may be tried later, after `wait_seconds` where a quota is used up."""

    def __init__(self, reason: str, *, code: str = "", rid: str = "", wait_seconds: int = 0) -> None:
        super().__init__(reason, code=code, rid=rid)
        self.wait_seconds = wait_seconds


class PushCalledBack(PushPostponed):
    """Our own sender took it back before it left; it has not used up an attempt."""


class PushUncertain(PushTrouble):
    """The request left and no answer came: the person may or may not have it."""


class IdentityProvider(Protocol):
    def exchange_login_code(self, code: str) -> WeChatUser: ...

    def find_official_unionid(self, openid: str, *, appid: str) -> str | None:
        """The unionid of a follower of this official account; None where the platform knows none or tells us none."""
        ...

    def exchange_phone_code(self, code: str, *, openid: str) -> str:
        """The verified mainland number, 11 digits."""
        ...


class Messenger(Protocol):
    def send_notice(self, openid: str, *, template_id: str, data: Mapping[str, str], page: str) -> str | None:
        """The platform's id of the message, under which its event comes, where the platform tells it."""
        ...

    def send_chat_answer(self, account_kind: str, openid: str, text: str, *, appid: str = "") -> None:
        """From the account that was written to; without an appid from the first one of its kind."""
        ...

    def list_templates(self) -> list[TemplateInfo]: ...


class CodeMaker(Protocol):
    def make_station_code(self, scene: str) -> bytes:
        """A picture (PNG or JPEG) of the code that opens the check-in page for `scene`."""
        ...


class TextModerator(Protocol):
    def check_text(self, text: str, *, openid: str | None) -> TextVerdict: ...


class CodeSender(Protocol):
    def send_login_code(self, phone: str, code: str) -> None: ...


class FileStore(Protocol):
    def save(self, key: str, content: bytes) -> None: ...

    def load(self, key: str) -> bytes: ...

    def delete(self, key: str) -> None: ...


class PasswordHasher(Protocol):
    def hash(self, password: str) -> str: ...

    def matches(self, password_hash: str, password: str) -> bool: ...
