"""What a virtual person does with the phone; the control interface and the pages both act through here."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from wechat.crypto import DecryptionFailed, decrypt
from wechat.sandbox import events
from wechat.sandbox.callbacks import CallbackSender, PushResult
from wechat.sandbox.people import Person, default_unionid
from wechat.sandbox.state import SandboxState

_ENCRYPT = re.compile(r"<Encrypt><!\[CDATA\[([^\]]+)\]\]></Encrypt>")
_CONTENT = re.compile(r"<Content>((?:<!\[CDATA\[.*?\]\]>)+)</Content>", re.DOTALL)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_BOUND = object()


@dataclass(frozen=True, slots=True)
class Reply:
    """The product's HTTP status and the text of its passive reply, None when it only acknowledged."""

    status: int
    reply_text: str | None


class Actions:
    """Moves the state and tells the product, as the platform would."""

    def __init__(self, state: SandboxState, callbacks: CallbackSender) -> None:
        self._state = state
        self._callbacks = callbacks

    def register(self, phone: str, name: str, *, unionid: Any = _BOUND) -> Person:
        """A person with a phone; unless a unionid is given both accounts share one open platform."""
        with self._state.lock:
            chosen = default_unionid(phone) if unionid is _BOUND else unionid
            return self._state.people.register(phone, name, unionid=chosen)

    def decide_subscription(self, person: Person, template_id: str, *, accept: bool) -> int:
        """The person accepts or refuses a template; returns the credit now."""
        state = self._state
        with state.lock:
            credit = state.shelf.decide(person.openid_mini, template_id, accept=accept)
            popup = events.popup_event(state, person, template_id, accept=accept)
        self._callbacks.schedule("mini", popup)
        return credit

    def say(self, kind: str, person: Person, text: str) -> Reply:
        """The person writes to the account. Whoever writes to the official account follows it."""
        with self._state.lock:
            if kind == "oa":
                person.follows = True
            self._state.mailbox.put(person.phone, "said", self._state.clock(), account=kind, text=text)
            message = events.text_message(self._state, kind, person, text)
        return self._push(kind, person, message)

    def send_media(self, kind: str, person: Person, msg_type: str) -> Reply:
        """The person sends a voice message or a picture."""
        with self._state.lock:
            label = {"voice": "[语音]", "image": "[图片]"}.get(msg_type, f"[{msg_type}]")
            self._state.mailbox.put(person.phone, "said", self._state.clock(), account=kind, text=label)
            message = events.media_message(self._state, kind, person, msg_type)
        return self._push(kind, person, message)

    def do_event(self, kind: str, person: Person, name: str, event_key: str = "") -> Reply:
        """The person follows, leaves, scans, taps a menu, enters the conversation."""
        with self._state.lock:
            if kind == "oa" and name in ("subscribe", "unsubscribe"):
                person.follows = name == "subscribe"
            message = events.event(self._state, kind, person, name, EventKey=event_key)
        return self._push(kind, person, message)

    def _push(self, kind: str, person: Person, message: dict[str, Any]) -> Reply:
        result = self._callbacks.push(kind, message)
        text = self._read_reply(kind, result)
        if text is not None:
            with self._state.lock:
                self._state.mailbox.put(person.phone, "passive", self._state.clock(), account=kind, text=text)
        return Reply(result.status, text)

    def _read_reply(self, kind: str, result: PushResult) -> str | None:
        """The text of a sealed passive reply; an acknowledgement or anything unreadable is none."""
        found = _ENCRYPT.search(result.body.decode("utf-8", "replace"))
        if result.status != 200 or not found:
            return None
        config = self._state.accounts[kind]
        try:
            xml, appid = decrypt(config.aes_keys[0], found[1])
        except DecryptionFailed:
            return None
        content = _CONTENT.search(xml)
        if appid != config.appid or not content:
            return None
        return "".join(_CDATA.findall(content[1]))
