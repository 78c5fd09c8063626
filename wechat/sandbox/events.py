"""The messages and events the platform pushes, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
POPUP, CHANGED, SENT = "subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event"
#: XML wraps the rows of a subscription event in an element of its own.
WRAPPERS = {POPUP: "SubscribeMsgPopupEvent", CHANGED: "SubscribeMsgChangeEvent", SENT: "SubscribeMsgSentEvent"}


def text_message(state: SandboxState, account: str, person: Person, text: str) -> dict[str, Any]:
    """The person writes; that opens the customer-message window."""
    _open_window(state, account, person, MESSAGE_WINDOW)
    return {**_head(state, account, person), "MsgType": "text", "Content": text, "MsgId": next(state.ids)}


def media_message(state: SandboxState, account: str, person: Person, msg_type: str) -> dict[str, Any]:
    """The person sends a picture or speaks; the platform no longer recognises speech."""
    _open_window(state, account, person, MESSAGE_WINDOW)
    media_id = f"media-{next(state.ids)}"
    message = {
        **_head(state, account, person),
        "MsgType": msg_type,
        "MediaId": media_id,
        "MsgId": next(state.ids),
    }
    if msg_type == "voice":
        message |= {"Format": "amr", "Recognition": ""}
    return message


def event(state: SandboxState, account: str, person: Person, name: str, **members: Any) -> dict[str, Any]:
    """Something else the person did, or that became of a message to them."""
    window = _OPENING_EVENTS.get(name.lower())
    if window:
        _open_window(state, account, person, window)
    return {**_head(state, account, person), "MsgType": "event", "Event": name, **members}


def popup_event(
    state: SandboxState, account: str, person: Person, choices: Mapping[str, bool]
) -> dict[str, Any]:
    """The person tapped in the subscription dialogue, for one template or for several."""
    rows = [
        {"TemplateId": template_id, "SubscribeStatusString": _said(accept), "PopupScene": "0"}
        for template_id, accept in choices.items()
    ]
    return event(state, account, person, POPUP, List=_one_or_many(rows))


def change_event(
    state: SandboxState, account: str, person: Person, template_ids: Sequence[str]
) -> dict[str, Any]:
    """The person refused templates in the settings; acceptances there are not told."""
    rows = [{"TemplateId": one, "SubscribeStatusString": "reject"} for one in template_ids]
    return event(state, account, person, CHANGED, List=_one_or_many(rows))


def sent_event(
    state: SandboxState, account: str, person: Person, template_id: str, msgid: int, *, failed: bool
) -> dict[str, Any]:
    """What became of a subscribe message."""
    row = {
        "TemplateId": template_id,
        "MsgID": str(msgid),
        "ErrorCode": "1" if failed else "0",
        "ErrorStatus": "user block" if failed else "success",
    }
    return event(state, account, person, SENT, List=row)


def consent_event(
    state: SandboxState, account: str, person: Person, name: str, numbers: Sequence[int]
) -> dict[str, Any]:
    """The person took something back. The blank before OpenID is the platform's own."""
    members = {" OpenID": person.openids[account], "AppID": state.accounts[account].appid}
    return event(
        state, account, person, name, **members, RevokeInfo=",".join(str(number) for number in numbers)
    )


def _said(accept: bool) -> str:
    return "accept" if accept else "reject"


def _one_or_many(rows: list[dict[str, str]]) -> Any:
    """JSON has an object where there is one row, and a list where there are several."""
    return rows[0] if len(rows) == 1 else rows


def _head(state: SandboxState, account: str, person: Person) -> dict[str, Any]:
    return {
        "ToUserName": f"gh_sandbox_{account}",
        "FromUserName": person.openids[account],
        "CreateTime": int(state.now()),
    }


def _open_window(state: SandboxState, account: str, person: Person, window: tuple[int, float]) -> None:
    """A small window does not narrow a large one that is still open."""
    messages, seconds = window
    now, held = state.now(), person.windows.get(account)
    if held and held.left >= messages and held.closes_at >= now + seconds:
        held.opened_at = now
        return
    person.windows[account] = Window(messages, now + seconds, now)
