"""Pushes to the product: sealed, signed, repeated when not answered, as the platform does it."""

from __future__ import annotations

import heapq
import itertools
import json
import logging
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import urllib3

from wechat.crypto import encrypt, sign
from wechat.replies import escape_cdata
from wechat.sandbox.events import WRAPPERS
from wechat.sandbox.state import SandboxState

logger = logging.getLogger(__name__)

ATTEMPTS = 3
ANSWER_SECONDS = 5.0
#: Pushes under way at once: after a large sending the events come as thick as the messages went out.
PUSHERS = 8


@dataclass(frozen=True, slots=True)
class PushResult:
    """The product's last answer; status 0 when there was none."""

    status: int
    body: bytes
    attempts: int


class CallbackSender:
    """Pushes now, or later from background threads."""

    def __init__(self, state: SandboxState) -> None:
        self._state = state
        self._pool = urllib3.PoolManager(retries=False, timeout=ANSWER_SECONDS, maxsize=2 * PUSHERS)
        self._queue: list[tuple[float, int, str, Mapping[str, Any]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._threads: list[threading.Thread] = []

    def schedule(self, account: str, message: Mapping[str, Any]) -> None:
        """Push after the state's callback delay."""
        with self._changed:
            due = time.monotonic() + self._state.callback_delay
            heapq.heappush(self._queue, (due, next(self._order), account, message))
            if len(self._threads) < min(PUSHERS, len(self._queue)):
                thread = threading.Thread(target=self._run, name="sandbox-callbacks", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()

    def push(self, account: str, message: Mapping[str, Any]) -> PushResult:
        """Push now and wait for the answer, three times at most. Every attempt is sealed anew."""
        result = PushResult(0, b"", 0)
        if self._state.product_url:
            for attempt in range(1, ATTEMPTS + 1):
                result = self._attempt(account, message, attempt)
                if result.status == 200 or self._stopped:
                    break
        self._log(account, message, result)
        return result

    def stop(self) -> None:
        """End the threads; what is still queued is dropped."""
        with self._changed:
            self._stopped = True
            self._queue.clear()
            self._changed.notify_all()
        self._pool.clear()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._stopped and not self._is_due():
                    self._changed.wait(self._queue[0][0] - time.monotonic() if self._queue else None)
                if self._stopped:
                    return
                _, _, account, message = heapq.heappop(self._queue)
            self.push(account, message)

    def _is_due(self) -> bool:
        return bool(self._queue) and self._queue[0][0] <= time.monotonic()

    def _attempt(self, account: str, message: Mapping[str, Any], attempt: int) -> PushResult:
        query, body, media_type = seal(self._state, account, message)
        url = f"{self._state.product_url}/wechat/callback/{account}?{query}"
        try:
            response = self._pool.request("POST", url, body=body, headers={"Content-Type": media_type})
        except urllib3.exceptions.HTTPError as problem:
            logger.info("callback to the product failed: %s", type(problem).__name__)
            return PushResult(0, b"", attempt)
        return PushResult(response.status, response.data, attempt)

    def _log(self, account: str, message: Mapping[str, Any], result: PushResult) -> None:
        entry = {
            "account": account,
            "message": dict(message),
            "status": result.status,
            "attempts": result.attempts,
        }
        with self._state.lock:
            self._state.callback_log.append(entry)


def seal(state: SandboxState, account: str, message: Mapping[str, Any]) -> tuple[str, bytes, str]:
    """Query, body and media type of a push in secure mode: XML, or JSON for a mini-program set to it."""
    config = state.accounts[account]
    is_json = config.kind == "mini" and state.push_format == "json"
    plain = json.dumps(message, ensure_ascii=False) if is_json else to_xml(message)
    encrypted = encrypt(config.aes_keys[0], config.appid, plain)
    timestamp, nonce = str(int(state.now())), str(secrets.randbelow(10**10))
    query = urlencode(
        {
            "signature": sign(config.token, timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "openid": message.get("FromUserName", ""),
            "encrypt_type": "aes",
            "msg_signature": sign(config.token, timestamp, nonce, encrypted),
        }
    )
    to_user = message.get("ToUserName", "")
    if is_json:
        return query, json.dumps({"ToUserName": to_user, "Encrypt": encrypted}).encode(), "application/json"
    return query, to_xml({"ToUserName": to_user, "Encrypt": encrypted}).encode(), "text/xml"


def to_xml(message: Mapping[str, Any]) -> str:
    """The platform's XML: numbers bare, text in CDATA, the rows of a subscription event wrapped."""
    wrapper = WRAPPERS.get(str(message.get("Event")))
    if wrapper and "List" in message:
        rest = {name: value for name, value in message.items() if name != "List"}
        message = {**rest, wrapper: {"List": message["List"]}}
    return f"<xml>{_members(message)}</xml>"


def _members(message: Mapping[str, Any]) -> str:
    return "".join(_element(name.strip(), value) for name, value in message.items())


def _element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(_element(name, member) for member in value)
    if isinstance(value, Mapping):
        return f"<{name}>{_members(value)}</{name}>"
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    return f"<{name}><![CDATA[{escape_cdata(str(value))}]]></{name}>"
