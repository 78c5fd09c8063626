"""The messages and events the platform pushes, as plain data."""

from __future__ import annotations

from typing import Any

from wechat.sandbox.people import Person, Window
from wechat.sandbox.state import SandboxState

MESSAGE_WINDOW = (5, 48 * 3600.0)
SHORT_WINDOW = (3, 60.0)
ENTER_WINDOW = (2, 60.0)
_OPENING_EVENTS = {
    "subscribe": SHORT_WINDOW,
    "scan": SHORT_WINDOW,
    "click": SHORT_WINDOW,
    "user_enter_tempsession": ENTER_WINDOW,
}


def text_message(state: SandboxState, kind: str, person: Person, text: str) -> dict[str, Any]:
    """The person writes; that opens the customer-message window."""
    _open_window(state, kind, person, MESSAGE_WINDOW)
    return {**_head(state, kind, person), "MsgType": "text", "Content": text, "MsgId": next(state.ids)}


def media_message(state: SandboxState, kind: str, person: Person, msg_type: str) -> dict[str, Any]:
    """The person sends a picture or speaks; the platform no longer recognises speech."""
    _open_window(state, kind, person, MESSAGE_WINDOW)
    media_id = f"media-{next(state.ids)}"
    message = {
        **_head(state, kind, person),
        "MsgType": msg_type,
        "MediaId": media_id,
        "MsgId": next(state.ids),
    }
    if msg_type == "voice":
        message |= {"Format": "amr", "Recognition": ""}
    return message


def event(state: SandboxState, kind: str, person: Person, name: str, **members: Any) -> dict[str, Any]:
    """Something else the person did, or that became of a message to them."""
    window = _OPENING_EVENTS.get(name.lower())
    if window:
        _open_window(state, kind, person, window)
    return {**_head(state, kind, person), "MsgType": "event", "Event": name, **members}


def popup_event(state: SandboxState, person: Person, template_id: str, *, accept: bool) -> dict[str, Any]:
    """The person tapped in the subscription dialogue."""
    decision = "accept" if accept else "reject"
    row = {"TemplateId": template_id, "SubscribeStatusString": decision, "PopupScene": "0"}
    return event(state, "mini", person, "subscribe_msg_popup_event", List=row)


def sent_event(state: SandboxState, person: Person, template_id: str, *, failed: bool) -> dict[str, Any]:
    """What became of a subscribe message."""
    row = {
        "TemplateId": template_id,
        "MsgID": str(next(state.ids)),
        "ErrorCode": "1" if failed else "0",
        "ErrorStatus": "user block" if failed else "success",
    }
    return event(state, "mini", person, "subscribe_msg_sent_event", List=row)


def _head(state: SandboxState, kind: str, person: Person) -> dict[str, Any]:
    openid = person.openid_mini if kind == "mini" else person.openid_oa
    return {"ToUserName": f"gh_sandbox_{kind}", "FromUserName": openid, "CreateTime": int(state.now())}


def _open_window(state: SandboxState, kind: str, person: Person, window: tuple[int, float]) -> None:
    """A small window does not narrow a large one that is still open."""
    messages, seconds = window
    held = person.windows.get(kind)
    if held and held.left >= messages and held.closes_at >= state.now() + seconds:
        return
    person.windows[kind] = Window(messages, state.now() + seconds)
