"""One call to the platform, as plain data."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from wechat.api_security import ApiSecurity

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: to make the connection, and for the whole call with its repetitions."""

    connect: float
    total: float


#: A person waits for these.
INTERACTIVE = Limits(connect=3.0, total=5.0)
#: A job waits for these.
PUSH = Limits(connect=3.0, total=10.0)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that goes out instead of a JSON body."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """What to send. `api` is the path; it names the call in errors and metrics, where no query ever appears.

    `idempotent` says that repeating the call after an unknown outcome harms nobody. `security` seals and
    signs it and verifies the answer.
    `secrets` are the literals to be cut out of anything the platform says back.
    """

    api: str
    appid: str
    method: Literal["GET", "POST"] = "POST"
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: Body | None = field(default=None, repr=False)
    limits: Limits = PUSH
    idempotent: bool = False
    accepted: frozenset[int] = frozenset({0})
    upload: Upload | None = field(default=None, repr=False)
    security: ApiSecurity | None = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


def encode_body(body: Body) -> bytes:
    """UTF-8 with Chinese as it is: some platform APIs show `\\uXXXX` literally to the user."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
