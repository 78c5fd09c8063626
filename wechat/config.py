"""What must be known about one WeChat account."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from typing import Literal

AccountKind = Literal["mini", "oa"]
MiniProgramState = Literal["formal", "trial", "developer"]

PRIMARY_BASE = "https://api.weixin.qq.com"
DISASTER_RECOVERY_BASE = "https://api2.weixin.qq.com"
AES_KEY_CHARACTERS = 43


@dataclass(frozen=True, slots=True)
class AccountConfig:
    """One mini-program or official account. Several may live in one process; nothing here is global.

    `aes_keys` holds the current EncodingAESKey first; older ones stay readable while a rotation lasts.
    `api_bases` holds the primary host first; the others are fail-over. `secret_version` changes with the
    AppSecret, so that a token bought with the old secret is never used with the new one.
    """

    kind: AccountKind
    appid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    aes_keys: tuple[str, ...] = field(repr=False)
    api_bases: tuple[str, ...] = (PRIMARY_BASE, DISASTER_RECOVERY_BASE)
    miniprogram_state: MiniProgramState = "formal"
    secret_version: str = "1"  # noqa: S105 - a version

    def __post_init__(self) -> None:
        if self.kind not in ("mini", "oa"):
            raise ValueError("kind must be 'mini' or 'oa'")
        if not self.appid or not self.secret:
            raise ValueError("appid and secret are required")
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
