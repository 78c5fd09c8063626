"""The platform's message signature and encryption, strict in both directions.

https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/Before_Develop/Technical_Plan.html

wechatpy's decryption accepts impossible padding and its encryption does not use a secure random source, so
the forty lines are ours; the tests hold both against wechatpy's.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK_BYTES = 32
_RANDOM_BYTES = 16
_HEADER_BYTES = _RANDOM_BYTES + 4


class DecryptionFailed(Exception):
    """The ciphertext is not one made with this key."""


def sign(*parts: str) -> str:
    """SHA-1 over the sorted parts, as the platform signs its callbacks."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def is_signed(signature: str, *parts: str) -> bool:
    """Whether `signature` is right, told in constant time."""
    return hmac.compare_digest(signature.encode(), sign(*parts).encode())


def encrypt(aes_key: str, appid: str, text: str, *, prefix: bytes | None = None) -> str:
    """Base64 of 16 random bytes, the length, the text and the appid, padded to blocks of 32."""
    payload = text.encode()
    plain = (prefix or _random_prefix()) + struct.pack(">I", len(payload)) + payload + appid.encode()
    padding = BLOCK_BYTES - len(plain) % BLOCK_BYTES
    encryptor = _cipher(aes_key).encryptor()
    sealed = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def decrypt(aes_key: str, encrypted: str) -> tuple[str, str]:
    """The text and the appid it was sealed for; raises DecryptionFailed."""
    try:
        sealed = base64.b64decode(encrypted, validate=True)
    except (binascii.Error, ValueError) as problem:
        raise DecryptionFailed("not base64") from problem
    if not sealed or len(sealed) % 16:
        raise DecryptionFailed("not whole blocks")
    decryptor = _cipher(aes_key).decryptor()
    plain = _unpad(decryptor.update(sealed) + decryptor.finalize())
    if len(plain) < _HEADER_BYTES:
        raise DecryptionFailed("too short")
    (length,) = struct.unpack(">I", plain[_RANDOM_BYTES:_HEADER_BYTES])
    rest = plain[_HEADER_BYTES:]
    if length > len(rest):
        raise DecryptionFailed("length beyond the end")
    try:
        return rest[:length].decode(), rest[length:].decode()
    except UnicodeDecodeError as problem:
        raise DecryptionFailed("not UTF-8") from problem


def _unpad(plain: bytes) -> bytes:
    padding = plain[-1]
    if not 1 <= padding <= min(BLOCK_BYTES, len(plain)) or plain[-padding:] != bytes([padding]) * padding:
        raise DecryptionFailed("bad padding")
    return plain[:-padding]


def _cipher(aes_key: str) -> Cipher[modes.CBC]:
    key = base64.b64decode(aes_key + "=")
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def _random_prefix() -> bytes:
    """Sixteen printable characters, as the platform's own samples use."""
    return secrets.token_hex(_RANDOM_BYTES // 2).encode()
