"""What a virtual person does with the phone; the control interface and the pages both act through here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wechat.crypto import DecryptionFailed, decrypt
from wechat.sandbox import events
from wechat.sandbox.callbacks import CallbackSender, PushResult
from wechat.sandbox.people import Person, default_unionid
from wechat.sandbox.platform_errors import PlatformError
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
        """A person with a phone; unless a unionid is given all accounts share one open platform."""
        with self._state.lock:
            chosen = default_unionid(phone) if unionid is _BOUND else unionid
            return self._state.people.register(phone, name, unionid=chosen)

    def decide_subscriptions(self, account: str, person: Person, choices: Mapping[str, bool]) -> dict[str, int]:
        """The person accepts or refuses templates in one dialogue; returns the credits now."""
        state = self._state
        with state.lock:
            shelf, openid = state.shelves[account], person.openids[account]
            credits = {one: shelf.decide(openid, one, accept=accept) for one, accept in choices.items()}
            popup = events.popup_event(state, account, person, choices)
        self._callbacks.schedule(account, popup)
        return credits

    def refuse_in_settings(self, account: str, person: Person, template_ids: Sequence[str]) -> None:
        """The person switches templates off in the settings: what credit there was is gone."""
        with self._state.lock:
            for template_id in template_ids:
                self._state.shelves[account].withdraw(person.openids[account], template_id)
            change = events.change_event(self._state, account, person, template_ids)
        self._callbacks.schedule(account, change)

    def change_consent(self, account: str, person: Person, name: str, numbers: Sequence[int]) -> Reply:
        """The person takes data back: one of the platform's three events about it."""
        with self._state.lock:
            message = events.consent_event(self._state, account, person, name, numbers)
        return self._push(account, person, message)

    def say(self, account: str, person: Person, text: str) -> Reply:
        """The person writes to the account. Whoever writes to an official account follows it."""
        with self._state.lock:
            self._follow(account, person)
            self._state.mailbox.put(person.phone, "said", self._state.clock(), account=account, text=text)
            message = events.text_message(self._state, account, person, text)
        return self._push(account, person, message)

    def send_media(self, account: str, person: Person, msg_type: str) -> Reply:
        """The person sends a voice message or a picture."""
        with self._state.lock:
            label = {"voice": "[语音]", "image": "[图片]"}.get(msg_type, f"[{msg_type}]")
            self._state.mailbox.put(person.phone, "said", self._state.clock(), account=account, text=label)
            message = events.media_message(self._state, account, person, msg_type)
        return self._push(account, person, message)

    def do_event(self, account: str, person: Person, name: str, event_key: str = "", **members: Any) -> Reply:
        """The person follows, leaves, scans, taps a menu, enters the conversation."""
        with self._state.lock:
            if name == "subscribe":
                self._follow(account, person)
            elif name == "unsubscribe":
                person.followed.pop(account, None)
            message = events.event(self._state, account, person, name, EventKey=event_key, **members)
        return self._push(account, person, message)

    def scan(self, person: Person, ticket: str) -> Reply:
        """The person scans a code of an official account: who does not follow yet does so by it."""
        with self._state.lock:
            account, scene, dies_at = self._state.follower_codes.get(ticket, ("", "", 0.0))
            if not account or dies_at <= self._state.now():
                raise PlatformError(40129, "no such code, or too old")
            is_new = account not in person.followed
        name, key = ("subscribe", f"qrscene_{scene}") if is_new else ("SCAN", scene)
        return self.do_event(account, person, name, key, Ticket=ticket)

    def _follow(self, account: str, person: Person) -> None:
        if self._state.accounts[account].kind == "oa":
            person.followed.setdefault(account, self._state.now())

    def _push(self, account: str, person: Person, message: dict[str, Any]) -> Reply:
        result = self._callbacks.push(account, message)
        text = self._read_reply(account, result)
        if text is not None:
            with self._state.lock:
                self._state.mailbox.put(
                    person.phone, "passive", self._state.clock(), account=account, text=text
                )
        return Reply(result.status, text)

    def _read_reply(self, account: str, result: PushResult) -> str | None:
        """The text of a sealed passive reply; an acknowledgement or anything unreadable is none."""
        found = _ENCRYPT.search(result.body.decode("utf-8", "replace"))
        if result.status != 200 or not found:
            return None
        config = self._state.accounts[account]
        try:
            xml, appid = decrypt(config.aes_keys[0], found[1])
        except DecryptionFailed:
            return None
        content = _CONTENT.search(xml)
        if appid != config.appid or not content:
            return None
        return "".join(_CDATA.findall(content[1]))
