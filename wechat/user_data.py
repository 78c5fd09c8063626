"""Encrypted user data of the older client interfaces, such as the group id of a share.

https://developers.weixin.qq.com/miniprogram/dev/framework/open-ability/signature.html
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7


class UserDataInvalid(ValueError):
    """The data was not sealed with this session key for this mini-program."""


def decrypt_user_data(session_key: str, iv: str, encrypted: str, *, appid: str) -> dict[str, Any]:
    """The object the client got sealed; raises UserDataInvalid. The caller judges the watermark's age."""
    problem = False
    try:
        cipher = Cipher(algorithms.AES(_decode(session_key)), modes.CBC(_decode(iv))).decryptor()
        unpadder = PKCS7(128).unpadder()
        plain = unpadder.update(cipher.update(_decode(encrypted)) + cipher.finalize()) + unpadder.finalize()
        data = json.loads(plain)
        problem = data["watermark"]["appid"] != appid
    except (ValueError, TypeError, KeyError, RecursionError):
        problem = True
    if problem:
        raise UserDataInvalid("not sealed for this mini-program and session")
    if not isinstance(data, dict):
        raise UserDataInvalid("not an object")
    return data


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
