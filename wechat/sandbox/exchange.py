"""One call to the stand-in's platform interface, and what an endpoint may answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wechat.config import AccountConfig
from wechat.sandbox.callbacks import CallbackSender
from wechat.sandbox.people import Person
from wechat.sandbox.platform_errors import PlatformError
from wechat.sandbox.state import SandboxState


@dataclass(frozen=True, slots=True)
class Exchange:
    """The call: `account` is the one its token speaks for, empty where no token is needed.

    `upload` holds the file of a call that sends one.
    """

    state: SandboxState
    callbacks: CallbackSender
    path: str
    account: str
    query: Mapping[str, str]
    body: Mapping[str, Any] = field(default_factory=dict)
    upload: bytes = b""

    @property
    def config(self) -> AccountConfig:
        """The account the call speaks for."""
        return self.state.accounts[self.account]

    @property
    def kind(self) -> str:
        """Its kind: mini, oa or wecom."""
        return self.config.kind

    def person(self, openid: object) -> Person:
        """The person with this openid of the account; raises 40003."""
        return self.state.person_of(openid, self.account)


@dataclass(frozen=True, slots=True)
class Picture:
    """An answer that is not JSON."""

    content: bytes
    media_type: str = "image/jpeg"


Answer = dict[str, Any] | Picture
OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}


def parse_body(raw: bytes) -> dict[str, Any]:
    """The JSON object of a POST; raises 47001. Chinese must arrive as UTF-8, not escaped."""
    try:
        body = json.loads(raw.decode("utf-8"))
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise PlatformError(47001)
    return body
