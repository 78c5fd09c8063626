"""Access tokens and one-use codes, with their lives."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Literal

from wechat.sandbox.platform_errors import PlatformError

TOKEN_SECONDS = 7200
OVERLAP_SECONDS = 300
CODE_SECONDS = 300
CodeKind = Literal["login", "phone", "web"]


@dataclass(slots=True)
class _Token:
    account: str
    expires_at: float


class TokenBook:
    """The tokens of all accounts; those of the stable and of the plain endpoint leave each other alone."""

    def __init__(self) -> None:
        self._tokens: dict[str, _Token] = {}
        self._newest: dict[tuple[str, bool], str] = {}

    def issue(self, account: str, now: float, *, stable: bool) -> tuple[str, int]:
        """A token and the seconds it has left. Stable: the same one until its last five minutes."""
        held = self._newest.get((account, stable))
        if held and stable and self._tokens[held].expires_at - now > OVERLAP_SECONDS:
            return held, int(self._tokens[held].expires_at - now)
        if held:
            self._tokens[held].expires_at = min(self._tokens[held].expires_at, now + OVERLAP_SECONDS)
        value = secrets.token_urlsafe(102)
        self._tokens[value] = _Token(account, now + TOKEN_SECONDS)
        self._newest[account, stable] = value
        return value, TOKEN_SECONDS

    def account_of(self, value: str, now: float) -> str:
        """The account a token speaks for; raises 40001 for a foreign one, 42001 for a dead one."""
        token = self._tokens.get(value)
        if token is None:
            raise PlatformError(40001)
        if token.expires_at <= now:
            raise PlatformError(42001)
        return token.account

    def revoke(self) -> None:
        """Make every token invalid at once."""
        self._tokens.clear()
        self._newest.clear()


@dataclass(slots=True)
class _Code:
    kind: CodeKind
    account: str
    openid: str
    expires_at: float
    used: bool = False


class CodeStore:
    """Codes of wx.login, of the phone button and of the web: one use, five minutes, not interchangeable."""

    def __init__(self) -> None:
        self._codes: dict[str, _Code] = {}

    def issue(self, kind: CodeKind, account: str, openid: str, now: float) -> str:
        """A new code for this person at this account."""
        value = secrets.token_urlsafe(24)
        self._codes[value] = _Code(kind, account, openid, now + CODE_SECONDS)
        return value

    def redeem(self, value: str, kind: CodeKind, account: str, now: float) -> str:
        """The openid of the code, which is used up by asking; raises 40029, 40013 or 40163."""
        code = self._codes.get(value)
        if code is None or code.kind != kind or code.expires_at <= now:
            raise PlatformError(40029)
        if code.account != account:
            raise PlatformError(40013)
        if code.used:
            raise PlatformError(40029 if kind == "phone" else 40163)
        code.used = True
        return code.openid
