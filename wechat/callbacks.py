"""The door for everything the platform pushes: nothing is believed before it is verified.

https://developers.weixin.qq.com/miniprogram/dev/framework/server-ability/message-push.html

Only the secure mode is spoken: the body is signed by `msg_signature` over its ciphertext. The other
signature in the same address covers no body, so it never opens a message.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Literal

from wechat.clock import Clock, utc_now
from wechat.config import AccountConfig
from wechat.crypto import DecryptionFailed, decrypt, is_signed
from wechat.inbound import InboundMalformed, InboundMessage, read_message

RejectionCode = Literal[
    "signature_invalid",
    "timestamp_stale",
    "replayed",
    "plaintext_refused",
    "malformed",
    "too_large",
    "appid_mismatch",
]

MAX_BODY_BYTES = 64 * 1024
WINDOW_SECONDS = 300
_STATUS: dict[RejectionCode, int] = {"malformed": 400, "too_large": 413}
_ECHO = re.compile(r"[0-9A-Za-z]{1,64}")
_SEALED_ECHO = re.compile(r"[0-9A-Za-z+/=]{1,512}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_PRINTABLE = re.compile(r"[\x21-\x7e]{1,128}")
#: Unverified bytes never reach an XML parser.
_XML_ENCRYPT = re.compile(r"<Encrypt>\s*(?:<!\[CDATA\[([0-9A-Za-z+/=]+)\]\]>|([0-9A-Za-z+/=]+))\s*</Encrypt>")


class CallbackRejected(Exception):
    """A request not from the platform, or not meant for us. `status` is the HTTP answer it deserves."""

    def __init__(self, reason_code: RejectionCode, status: int | None = None) -> None:
        super().__init__(reason_code)
        self.reason_code = reason_code
        self.status = status or _STATUS.get(reason_code, 403)


class CallbackVerifier:
    """Verifies and opens the pushes to one account.

    `first_seen(key, ttl)` must return True the first time a key is given within ttl seconds, atomically for
    all workers; it is asked only about requests whose signature is right.
    """

    def __init__(
        self,
        config: AccountConfig,
        *,
        first_seen: Callable[[str, int], bool],
        clock: Clock = utc_now,
        window_seconds: int = WINDOW_SECONDS,
    ) -> None:
        if not config.token or not config.aes_keys:
            raise ValueError("callbacks need the account's token and EncodingAESKey")
        self.config = config
        self._first_seen = first_seen
        self._clock = clock
        self._window_seconds = window_seconds

    def answer_url_check(self, query: Mapping[str, str]) -> str:
        """What to answer, as text/plain, when the console checks our address; raises CallbackRejected."""
        timestamp, nonce = self._read_freshness(query)
        echo = query.get("echostr", "")
        if "msg_signature" in query:
            return self._open_echo(query["msg_signature"], timestamp, nonce, echo)
        self._require_signature(query.get("signature", ""), timestamp, nonce)
        if not _ECHO.fullmatch(echo):
            raise CallbackRejected("malformed")
        return echo

    def open(self, query: Mapping[str, str], body: bytes) -> InboundMessage:
        """The message in a push; raises CallbackRejected when it is forged, stale, replayed or unreadable."""
        if len(body) > MAX_BODY_BYTES:
            raise CallbackRejected("too_large")
        encrypted = _find_encrypted(body)
        if encrypted is None or not query.get("msg_signature"):
            raise CallbackRejected("plaintext_refused")
        timestamp, nonce = self._read_freshness(query)
        self._require_signature(query["msg_signature"], timestamp, nonce, encrypted)
        self._require_first(query["msg_signature"], nonce)
        try:
            return read_message(self.config, self._decrypt(encrypted))
        except InboundMalformed as problem:
            raise CallbackRejected("malformed") from problem

    def _open_echo(self, signature: str, timestamp: str, nonce: str, echo: str) -> str:
        if not _SEALED_ECHO.fullmatch(echo):
            raise CallbackRejected("malformed")
        self._require_signature(signature, timestamp, nonce, echo)
        plain = self._decrypt(echo)
        if not _ECHO.fullmatch(plain):
            raise CallbackRejected("malformed")
        return plain

    def _read_freshness(self, query: Mapping[str, str]) -> tuple[str, str]:
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not _TIMESTAMP.fullmatch(timestamp) or not _PRINTABLE.fullmatch(nonce):
            raise CallbackRejected("malformed")
        if abs(self._clock().timestamp() - int(timestamp)) > self._window_seconds:
            raise CallbackRejected("timestamp_stale")
        return timestamp, nonce

    def _require_signature(self, signature: str, *parts: str) -> None:
        if not _PRINTABLE.fullmatch(signature) or not is_signed(signature, self.config.token, *parts):
            raise CallbackRejected("signature_invalid")

    def _require_first(self, signature: str, nonce: str) -> None:
        """Remembered for as long as the timestamp could still pass, on both sides of now."""
        key = f"callback:{self.config.kind}:{self.config.appid}:{signature}:{nonce}"
        if not self._first_seen(key, 2 * self._window_seconds):
            raise CallbackRejected("replayed")

    def _decrypt(self, encrypted: str) -> str:
        """With the current key or, while a rotation lasts, an older one."""
        foreign = False
        for key in self.config.aes_keys:
            try:
                text, appid = decrypt(key, encrypted)
            except DecryptionFailed:
                continue
            if appid == self.config.appid:
                return text
            foreign = True
        raise CallbackRejected("appid_mismatch" if foreign else "malformed")


def _find_encrypted(body: bytes) -> str | None:
    """The ciphertext of a JSON or XML envelope, or None when there is none."""
    try:
        text = body.decode("utf-8").strip()
        if text.startswith("{"):
            return _find_in_json(json.loads(text))
    except (ValueError, RecursionError) as problem:
        raise CallbackRejected("malformed") from problem
    found = _XML_ENCRYPT.findall(text)
    if len(found) > 1:
        raise CallbackRejected("malformed")
    return (found[0][0] or found[0][1]) if found else None


def _find_in_json(envelope: object) -> str | None:
    encrypted = envelope.get("Encrypt") if isinstance(envelope, dict) else None
    return encrypted if isinstance(encrypted, str) and encrypted else None
