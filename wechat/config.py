"""What must be known about one account of the platform."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass, field
from typing import Literal

from wechat.api_security import ApiSecurity

AccountKind = Literal["mini", "oa", "wecom"]
MiniProgramState = Literal["formal", "trial", "developer"]

PRIMARY_BASE = "https://api.weixin.qq.com"
DISASTER_RECOVERY_BASE = "https://api2.weixin.qq.com"
OPEN_BASE = "https://open.weixin.qq.com"
WECOM_BASE = "https://qyapi.weixin.qq.com"
AES_KEY_CHARACTERS = 43


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """One mini-program, official account or WeCom application. Several may live in one process.

    For WeCom `appid` is the corp id and `agent_id` the application. `aes_keys` holds the current
    EncodingAESKey first; older ones stay readable while a rotation lasts. `api_bases` holds the primary host
    first; the others are fail-over. `open_base` is where people are sent to log in on the web.
    `api_security` signs and seals the calls that support it.
    """

    kind: AccountKind
    appid: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    aes_keys: tuple[str, ...] = field(default=(), repr=False)
    api_bases: tuple[str, ...] = (PRIMARY_BASE, DISASTER_RECOVERY_BASE)
    miniprogram_state: MiniProgramState = "formal"
    secret_version: str = ""
    agent_id: int | None = None
    open_base: str = OPEN_BASE
    api_security: ApiSecurity | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in ("mini", "oa", "wecom"):
            raise ValueError("kind must be 'mini', 'oa' or 'wecom'")
        if not self.appid or not self.secret:
            raise ValueError("appid and secret are required")
        if (self.kind == "wecom") != (self.agent_id is not None):
            raise ValueError("a WeCom application, and nothing else, has an agent_id")
        if self.miniprogram_state not in ("formal", "trial", "developer"):
            raise ValueError("miniprogram_state must be formal, trial or developer")
        if not self.api_bases:
            raise ValueError("api_bases must name at least one host")
        for position, key in enumerate(self.aes_keys):
            _check_aes_key(position, key)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Literals that must never be written anywhere."""
        return (self.secret, self.token, *self.aes_keys)

    @property
    def identity(self) -> str:
        """Kind, id and secret version: what keeps the accounts apart in a shared store.

        The version changes with the secret, so that a token bought with the old one is never used with the
        new one.
        """
        version = self.secret_version or hashlib.sha256(f"{self.appid}:{self.secret}".encode()).hexdigest()[:8]
        agent = "" if self.agent_id is None else f"/{self.agent_id}"
        return f"{self.kind}:{self.appid}{agent}:{version}"


def _check_aes_key(position: int, key: str) -> None:
    if len(key) != AES_KEY_CHARACTERS:
        raise ValueError(f"aes_keys[{position}] must have {AES_KEY_CHARACTERS} characters, has {len(key)}")
    try:
        base64.b64decode(key + "=", validate=True)
    except binascii.Error:
        problem = ValueError(f"aes_keys[{position}] is not base64")
    else:
        return
    raise problem  # outside the handler: the chained error would carry the key
