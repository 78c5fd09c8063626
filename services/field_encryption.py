"""Encryption of single fields (phones, secrets) with key ids, and the keyed index that finds them.

Sealed text: `v1.<key id>.<nonce ‖ ciphertext ‖ tag, base64url>`, bound to its purpose ("persons.phone") as
associated data, so that a value cannot be moved to another column. A key id says which key opens it:
rotation adds a key in front and re-seals at leisure (`flask --app wsgi keys rotate`).
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
_TAG = 16


class FieldKeyError(ValueError):
    """The keys are unusable, or a sealed value does not open with them; the text never holds a value."""


@dataclass(frozen=True, repr=False)
class FieldKey:
    key_id: str
    algorithm: str
    secret: bytes


class FieldCipher:
    """Seals and opens fields; `keys` newest first, `index_secret` for the blind index."""

    def __init__(self, keys: list[FieldKey], index_secret: bytes) -> None:
        if not keys:
            raise FieldKeyError("at least one field key is needed")
        self._keys = {key.key_id: key for key in keys}
        if len(self._keys) != len(keys):
            raise FieldKeyError("two field keys have the same id")
        self._current = keys[0]
        self._index_secret = index_secret

    @classmethod
    def from_text(cls, text: str) -> "FieldCipher":
        """Parse `k2:sm4gcm:<base64>,k1:aes256gcm:<base64>,index:hmacsha256:<base64>`.

        The first key seals; the entry named `index` keys the blind index and never rotates by itself.
        """
        keys: list[FieldKey] = []
        index_secret = b""
        for entry in filter(None, (part.strip() for part in text.split(","))):
            try:
                key_id, algorithm, encoded = entry.split(":")
                secret = base64.b64decode(encoded, validate=True)
            except ValueError as error:
                raise FieldKeyError("a field key reads id:algorithm:base64") from error
            if key_id == "index":
                index_secret = secret
            else:
                keys.append(_checked_key(key_id, algorithm, secret))
        if len(index_secret) < 32:
            raise FieldKeyError("the index key needs at least 32 bytes")
        return cls(keys, index_secret)

    @property
    def current_key_id(self) -> str:
        return self._current.key_id

    def seal(self, plain: str, purpose: str) -> str:
        nonce = secrets.token_bytes(_NONCE)
        body = _ENCRYPT[self._current.algorithm](self._current.secret, nonce, plain.encode(), purpose.encode())
        return f"v1.{self._current.key_id}.{base64.urlsafe_b64encode(nonce + body).decode()}"

    def open(self, sealed: str, purpose: str) -> str:
        try:
            version, key_id, encoded = sealed.split(".")
            raw = base64.urlsafe_b64decode(encoded)
            key = self._keys[key_id]
            if version != "v1":
                raise FieldKeyError("unknown version of a sealed field")
            plain = _DECRYPT[key.algorithm](key.secret, raw[:_NONCE], raw[_NONCE:], purpose.encode())
        except (KeyError, ValueError, InvalidTag) as error:
            raise FieldKeyError("a sealed field does not open with the configured keys") from error
        return plain.decode()

    def uses_current_key(self, sealed: str) -> bool:
        return sealed.startswith(f"v1.{self._current.key_id}.")

    def index(self, plain: str, purpose: str) -> str:
        """The keyed digest a look-up compares; equal values of one purpose have equal digests."""
        return hmac.new(self._index_secret, f"{purpose}\x00{plain}".encode(), hashlib.sha256).hexdigest()[:40]


def _checked_key(key_id: str, algorithm: str, secret: bytes) -> FieldKey:
    sizes = {"aes256gcm": 32, "sm4gcm": 16}
    if sizes.get(algorithm) != len(secret):
        raise FieldKeyError("a field key is aes256gcm with 32 bytes or sm4gcm with 16 bytes")
    return FieldKey(key_id, algorithm, secret)


def _seal_aes(secret: bytes, nonce: bytes, plain: bytes, purpose: bytes) -> bytes:
    return AESGCM(secret).encrypt(nonce, plain, purpose)


def _open_aes(secret: bytes, nonce: bytes, body: bytes, purpose: bytes) -> bytes:
    return AESGCM(secret).decrypt(nonce, body, purpose)


def _seal_sm4(secret: bytes, nonce: bytes, plain: bytes, purpose: bytes) -> bytes:
    encryptor = Cipher(algorithms.SM4(secret), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(purpose)
    return encryptor.update(plain) + encryptor.finalize() + encryptor.tag


def _open_sm4(secret: bytes, nonce: bytes, body: bytes, purpose: bytes) -> bytes:
    decryptor = Cipher(algorithms.SM4(secret), modes.GCM(nonce, body[-_TAG:])).decryptor()
    decryptor.authenticate_additional_data(purpose)
    return decryptor.update(body[:-_TAG]) + decryptor.finalize()


_Crypt = Callable[[bytes, bytes, bytes, bytes], bytes]
_ENCRYPT: dict[str, _Crypt] = {"aes256gcm": _seal_aes, "sm4gcm": _seal_sm4}
_DECRYPT: dict[str, _Crypt] = {"aes256gcm": _open_aes, "sm4gcm": _open_sm4}
