"""API security: calls that are sealed and signed both ways, where the account has switched it on.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/getting_started/api_signature.html

AES256_GCM seals, RSAwithSHA256 (PSS, salt of 32) signs four lines: address, appid, timestamp, body. A fifth
line with the key's serial, as one release of another library had it, is refused by the platform (40234).
"""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509 import load_pem_x509_certificate

#: The platform seals these; a picture or a file is never sealed.
SEALED_APIS = frozenset(
    {
        "/cgi-bin/clear_quota",
        "/cgi-bin/openapi/quota/get",
        "/cgi-bin/openapi/rid/get",
        "/cgi-bin/message/custom/send",
        "/cgi-bin/message/subscribe/send",
        "/wxa/business/getuserphonenumber",
        "/wxa/getuserriskrank",
        "/wxa/media_check_async",
        "/wxa/msg_sec_check",
        "/wxaapi/newtmpl/addtemplate",
        "/wxaapi/newtmpl/deltemplate",
    }
)
WINDOW_SECONDS = 300
_IV_BYTES, _TAG_BYTES, _KEY_BYTES, _SALT_BYTES = 12, 16, 32, 32


class UnsealFailed(Exception):
    """The answer was not sealed and signed by the platform for this account and call."""


@dataclass(frozen=True, slots=True)
class SealedBody:
    """What goes out: the body and the headers that vouch for it."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ApiSecurity:
    """The keys of one account: ours to seal and sign with, the platform's certificates to verify by.

    Serials are those of the console, not those inside a certificate.
    """

    symmetric_serial: str
    symmetric_key: bytes = field(repr=False)
    private_key: RSAPrivateKey = field(repr=False)
    platform_keys: Mapping[str, RSAPublicKey] = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.symmetric_key) != _KEY_BYTES:
            raise ValueError("the symmetric key must have 32 bytes")
        if not self.platform_keys:
            raise ValueError("a platform certificate is needed")

    def seals(self, api: str) -> bool:
        """Whether the platform takes this call sealed."""
        return api in SEALED_APIS

    def seal(
        self, url: str, appid: str, body: Mapping[str, Any], timestamp: int, *, iv: bytes = b"", nonce: str = ""
    ) -> SealedBody:
        """`body` sealed for `url` (without its query) and signed."""
        iv = iv or secrets.token_bytes(_IV_BYTES)
        safe = {"_n": nonce or secrets.token_urlsafe(24), "_appid": appid, "_timestamp": timestamp}
        plain = json.dumps({**safe, **body}, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
        aad = f"{url}|{appid}|{timestamp}|{self.symmetric_serial}".encode()
        sealed = AESGCM(self.symmetric_key).encrypt(iv, plain, aad)
        envelope = {
            "iv": _encode(iv),
            "data": _encode(sealed[:-_TAG_BYTES]),
            "authtag": _encode(sealed[-_TAG_BYTES:]),
        }
        out = json.dumps(envelope, separators=(",", ":")).encode()
        signature = self.private_key.sign(signed_lines(url, appid, timestamp, out), _PSS_OUT, hashes.SHA256())
        headers = {
            "Wechatmp-Appid": appid,
            "Wechatmp-TimeStamp": str(timestamp),
            "Wechatmp-Signature": _encode(signature),
        }
        return SealedBody(out, headers)

    def unseal(self, url: str, appid: str, headers: Mapping[str, str], body: bytes, *, now: float) -> bytes:
        """The plain answer; raises UnsealFailed unless the platform sealed it for this call just now."""
        timestamp = headers.get("Wechatmp-TimeStamp", "")
        if headers.get("Wechatmp-Appid") != appid or not timestamp.isdecimal():
            raise UnsealFailed("headers missing or of another account")
        if abs(now - int(timestamp)) > WINDOW_SECONDS:
            raise UnsealFailed("timestamp outside the window")
        self._verify(headers, signed_lines(url, appid, int(timestamp), body))
        plain = self._decrypt(body, f"{url}|{appid}|{timestamp}|{self.symmetric_serial}".encode())
        try:
            inner = json.loads(plain)
            mine = inner["_appid"] == appid and int(inner["_timestamp"]) == int(timestamp)
        except (ValueError, TypeError, KeyError, RecursionError):
            mine = False
        if not mine:
            raise UnsealFailed("inside does not agree with the headers")
        return plain

    def _verify(self, headers: Mapping[str, str], lines: bytes) -> None:
        """By the current certificate or, while one is being replaced, by the one going out of use."""
        for suffix in ("", "-Deprecated"):
            key = self.platform_keys.get(headers.get(f"Wechatmp-Serial{suffix}", ""))
            if key is None:
                continue
            try:
                signature = _decode(headers.get(f"Wechatmp-Signature{suffix}", ""))
                key.verify(signature, lines, _PSS_IN, hashes.SHA256())
            except (InvalidSignature, ValueError):
                continue
            return
        raise UnsealFailed("no signature of a known certificate")

    def _decrypt(self, body: bytes, aad: bytes) -> bytes:
        try:
            envelope = json.loads(body)
            parts = [_decode(envelope[name]) for name in ("iv", "data", "authtag")]
            return AESGCM(self.symmetric_key).decrypt(parts[0], parts[1] + parts[2], aad)
        except (ValueError, TypeError, KeyError, InvalidTag, RecursionError) as problem:
            raise UnsealFailed("not sealed with our key") from problem


_PSS_OUT = padding.PSS(padding.MGF1(hashes.SHA256()), _SALT_BYTES)
_PSS_IN = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.AUTO)


def read_api_security(text: str) -> ApiSecurity:
    """The keys out of a JSON file: symmetric_serial, symmetric_key, private_key, platform_certificates.

    `platform_certificates` maps each serial of the console to a certificate or public key in PEM. Raises
    ValueError, which repeats no key.
    """
    problem = ValueError("the file of API security keys is not complete")
    try:
        kept = json.loads(text)
        private = load_pem_private_key(kept["private_key"].encode(), None)
        certificates = {serial: _read_public(pem) for serial, pem in kept["platform_certificates"].items()}
        if isinstance(private, RSAPrivateKey):
            return ApiSecurity(
                str(kept["symmetric_serial"]), _decode(kept["symmetric_key"]), private, certificates
            )
    except (ValueError, TypeError, KeyError, AttributeError):
        problem = ValueError("the file of API security keys cannot be read")
    raise problem


def signed_lines(url: str, appid: str, timestamp: int, body: bytes) -> bytes:
    """The four lines that a signature covers."""
    return f"{url}\n{appid}\n{timestamp}\n".encode() + body


def _read_public(pem: str) -> RSAPublicKey:
    raw = pem.encode()
    key = load_pem_x509_certificate(raw).public_key() if b"CERTIFICATE" in raw else load_pem_public_key(raw)
    if not isinstance(key, RSAPublicKey):
        raise TypeError("not an RSA key")
    return key


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
