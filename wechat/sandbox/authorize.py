"""Agreeing to a web log-in: what comes with the address, and what is sent back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from wechat.sandbox.people import Person
from wechat.sandbox.platform_errors import PlatformError
from wechat.sandbox.state import SandboxState

_STATE = re.compile(r"[0-9A-Za-z]{1,128}")


class Authorization:
    """What a page asked for; raises the platform's codes where it asked wrongly."""

    def __init__(self, state: SandboxState, query: Mapping[str, str]) -> None:
        named = [
            name
            for name, config in state.accounts.items()
            if config.kind == "oa" and config.appid == query.get("appid")
        ]
        if not named:
            raise PlatformError(40013)
        self._state, self._account = state, named[0]
        self._redirect = query.get("redirect_uri", "")
        self._said = query.get("state", "")
        self._scope = query.get("scope", "")
        if query.get("response_type") != "code" or not _STATE.fullmatch(self._said):
            raise PlatformError(40097)
        if self._scope not in ("snsapi_base", "snsapi_userinfo"):
            raise PlatformError(10005)
        if urlsplit(self._redirect).scheme not in ("http", "https"):
            raise PlatformError(10003)

    def agree(self, person: Person, *, snapshot: bool) -> str:
        """Where the person is sent back to. A snapshot page has a user who is nobody."""
        with self._state.lock:
            openid = person.openids[self._account]
            code = self._state.codes.issue("web", self._account, openid, self._state.now())
        marks = self._scope.removeprefix("snsapi_") + ("-snapshot" if snapshot else "")
        query = urlencode({"code": f"{code}.{marks}", "state": self._said})
        return f"{self._redirect}{'&' if '?' in self._redirect else '?'}{query}"
