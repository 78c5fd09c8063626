"""The platform's side of API security, written apart from the client's on purpose."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from werkzeug.datastructures import Headers

from wechat.sandbox.platform_errors import PlatformError

SECURED_PATHS = frozenset(
    {
        "/cgi-bin/clear_quota",
        "/cgi-bin/openapi/quota/get",
        "/cgi-bin/message/custom/send",
        "/cgi-bin/message/subscribe/send",
        "/wxa/business/getuserphonenumber",
        "/wxa/media_check_async",
        "/wxa/msg_sec_check",
        "/wxaapi/newtmpl/addtemplate",
        "/wxaapi/newtmpl/deltemplate",
    }
)
CLOCK_SECONDS = 300
_NAMES = {"Appid": 40233, "TimeStamp": 40231, "Signature": 40232}
_PEM, _PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
_PUBLIC = serialization.PublicFormat.SubjectPublicKeyInfo
_PLAIN = serialization.NoEncryption()


class SandboxSecurity:
    """Key pairs and the symmetric key of one account, made here so that they can be handed out."""

    def __init__(self, appid: str) -> None:
        self._appid = appid
        self._app_key = rsa.generate_private_key(65537, 2048)
        self._platform_key = rsa.generate_private_key(65537, 2048)
        self._symmetric_key = secrets.token_bytes(32)
        self._symmetric_serial, self.platform_serial = secrets.token_hex(16), secrets.token_hex(16)

    def hand_out(self) -> dict[str, Any]:
        """What an operator would download from the console, in the form the product reads."""
        public = self._platform_key.public_key().public_bytes(_PEM, _PUBLIC).decode()
        return {
            "symmetric_serial": self._symmetric_serial,
            "symmetric_key": base64.b64encode(self._symmetric_key).decode(),
            "private_key": self._app_key.private_bytes(_PEM, _PKCS8, _PLAIN).decode(),
            "platform_certificates": {self.platform_serial: public},
        }

    def open(self, url: str, headers: Headers, raw: bytes, now: float) -> bytes:
        """The plain body of a call; raises 40231 to 40240."""
        for name, code in _NAMES.items():
            if not headers.get(f"Wechatmp-{name}"):
                raise PlatformError(code)
        if headers["Wechatmp-Appid"] != self._appid:
            raise PlatformError(40237)
        stamp = headers["Wechatmp-TimeStamp"]
        if not stamp.isdecimal() or abs(now - int(stamp)) > CLOCK_SECONDS:
            raise PlatformError(40240)
        said = "\n".join((url, self._appid, stamp, raw.decode("utf-8", "replace"))).encode()
        try:
            signature = base64.b64decode(headers["Wechatmp-Signature"])
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
            self._app_key.public_key().verify(signature, said, pss, hashes.SHA256())
        except (InvalidSignature, ValueError):
            raise PlatformError(40234) from None
        return self._decrypt(url, stamp, raw)

    def _decrypt(self, url: str, stamp: str, raw: bytes) -> bytes:
        aad = "|".join((url, self._appid, stamp, self._symmetric_serial)).encode()
        try:
            sealed = {name: base64.b64decode(part) for name, part in json.loads(raw).items()}
            plain = AESGCM(self._symmetric_key).decrypt(sealed["iv"], sealed["data"] + sealed["authtag"], aad)
            inner = json.loads(plain)
            if inner.pop("_appid") != self._appid or inner.pop("_timestamp") != int(stamp) or not inner.pop("_n"):
                raise PlatformError(40235)
        except (ValueError, KeyError, TypeError, AttributeError, InvalidTag):
            raise PlatformError(40235) from None
        return json.dumps(inner, ensure_ascii=False).encode()

    def seal(self, url: str, answer: Mapping[str, Any], now: float) -> tuple[bytes, dict[str, str]]:
        """The sealed answer and the headers that vouch for it."""
        stamp = int(now)
        inner = {"_n": secrets.token_hex(12), "_appid": self._appid, "_timestamp": stamp, **answer}
        iv = secrets.token_bytes(12)
        aad = "|".join((url, self._appid, str(stamp), self._symmetric_serial)).encode()
        whole = AESGCM(self._symmetric_key).encrypt(iv, json.dumps(inner, ensure_ascii=False).encode(), aad)
        parts = {"iv": iv, "data": whole[:-16], "authtag": whole[-16:]}
        body = json.dumps({name: base64.b64encode(part).decode() for name, part in parts.items()}).encode()
        said = "\n".join((url, self._appid, str(stamp))).encode() + b"\n" + body
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        signature = base64.b64encode(self._platform_key.sign(said, pss, hashes.SHA256())).decode()
        return body, {
            "Wechatmp-Appid": self._appid,
            "Wechatmp-TimeStamp": str(stamp),
            "Wechatmp-Serial": self.platform_serial,
            "Wechatmp-Signature": signature,
        }
