"""Messages out to people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wechat.sandbox import events
from wechat.sandbox.exchange import OK, Answer, Exchange
from wechat.sandbox.mailbox import MessageKind
from wechat.sandbox.people import Person
from wechat.sandbox.platform_errors import PlatformError
from wechat.sandbox.shelf import SandboxTemplate

SUBSCRIBE_SEND = "/cgi-bin/message/subscribe/send"
TEMPLATE_SEND = "/cgi-bin/message/template/send"
MAX_TEXT_BYTES = 2048
TYPING_SECONDS, IDLE_SECONDS = 15.0, 30.0


def subscribe_send(exchange: Exchange) -> Answer:
    """POST /cgi-bin/message/subscribe/send: the answer names the message, which the documents do not promise."""
    body = exchange.body
    page = str(body.get("page", ""))
    if page.startswith(("http:", "https:")):
        raise PlatformError(41030)
    if body.get("miniprogram_state", "formal") not in ("formal", "trial", "developer"):
        raise PlatformError(40097)
    return _send_to_subscriber(exchange, "subscribe", page)


def notification_send(exchange: Exchange) -> Answer:
    """POST /cgi-bin/message/subscribe/bizsend"""
    return _send_to_subscriber(exchange, "notification", _target(exchange.body, "page"))


def _send_to_subscriber(exchange: Exchange, kind: MessageKind, page: str) -> Answer:
    state, body, account = exchange.state, exchange.body, exchange.account
    shelf = state.shelves[account]
    person = exchange.person(body.get("touser"))
    template = shelf.get(body.get("template_id"))
    values = template.read_values(body.get("data"))
    shelf.spend(person.openids[account], template)
    failed = state.faults.take(exchange.path, inner=True) is not None
    if not failed:
        _deliver(exchange, person, kind, template, values, page)
    msgid = next(state.ids)
    report = events.sent_event(state, account, person, template.id, msgid, failed=failed)
    exchange.callbacks.schedule(account, report)
    if kind == "subscribe" and state.names_messages:
        return {**OK, "msgid": msgid}
    return OK


def template_send(exchange: Exchange) -> Answer:
    """POST /cgi-bin/message/template/send; the same client_msg_id is sent once."""
    state, body, account = exchange.state, exchange.body, exchange.account
    person = exchange.person(body.get("touser"))
    client_msg_id = str(body.get("client_msg_id", ""))
    if client_msg_id and client_msg_id in state.client_msg_ids:
        raise PlatformError(45065, msgid=state.client_msg_ids[client_msg_id])
    template = state.shelves[account].get(body.get("template_id"))
    values = template.read_values(body.get("data"))
    if account not in person.followed:
        raise PlatformError(43004)
    msgid = next(state.ids)
    if client_msg_id:
        state.client_msg_ids[client_msg_id] = msgid
    failed = state.faults.take(exchange.path, inner=True) is not None
    if not failed:
        _deliver(exchange, person, "template", template, values, _target(body, "url"))
    status = "failed:user block" if failed else "success"
    done = events.event(state, account, person, "TEMPLATESENDJOBFINISH", MsgID=msgid, Status=status)
    exchange.callbacks.schedule(account, done)
    return {**OK, "msgid": msgid}


def _target(body: Any, otherwise: str) -> str:
    """What a tap opens: a page of a linked mini-program, else an address."""
    mini = body.get("miniprogram")
    return str(mini.get("pagepath", "") if isinstance(mini, dict) else body.get(otherwise, ""))


def _deliver(
    exchange: Exchange,
    person: Person,
    kind: MessageKind,
    template: SandboxTemplate,
    values: dict[str, str],
    page: str,
) -> None:
    exchange.state.mailbox.put(
        person.phone,
        kind,
        exchange.state.clock(),
        account=exchange.account,
        title=template.title,
        data=values,
        labels=template.fields,
        template_id=template.id,
        page=page,
    )


def custom_send(exchange: Exchange) -> Answer:
    """POST /cgi-bin/message/custom/send, for either kind of account"""
    state, body = exchange.state, exchange.body
    person = exchange.person(body.get("touser"))
    kind = str(body.get("msgtype", ""))
    inner, show = body.get(kind), _SHOWN.get((exchange.kind, kind))
    if show is None or not isinstance(inner, dict):
        raise PlatformError(40008 if show is None else 40097)
    shown = show(exchange, inner)
    _spend_window(exchange, person)
    is_ai = isinstance(body.get("aimsgcontext"), dict) and body["aimsgcontext"].get("is_ai_msg") == 1
    state.mailbox.put(person.phone, "custom", state.clock(), account=exchange.account, is_ai=is_ai, **shown)
    return OK


def _show_text(exchange: Exchange, inner: dict[str, Any]) -> dict[str, str]:
    text = inner.get("content")
    if not isinstance(text, str) or not text:
        raise PlatformError(40097)
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise PlatformError(40097, "content size out of limit")
    return {"text": text}


def _show_image(exchange: Exchange, inner: dict[str, Any]) -> dict[str, str]:
    _require_media(exchange, inner.get("media_id"))
    return {"text": "[图片]"}


def _show_link(exchange: Exchange, inner: dict[str, Any]) -> dict[str, str]:
    picture = "picurl" if exchange.kind == "oa" else "thumb_url"
    if not all(isinstance(inner.get(name), str) and inner[name] for name in ("title", "description", "url", picture)):
        raise PlatformError(40097)
    return {"title": inner["title"], "text": inner["description"], "page": inner["url"]}


def _show_news(exchange: Exchange, inner: dict[str, Any]) -> dict[str, str]:
    articles = inner.get("articles")
    if not isinstance(articles, list) or len(articles) != 1 or not isinstance(articles[0], dict):
        raise PlatformError(45008)
    return _show_link(exchange, articles[0])


def _show_page(exchange: Exchange, inner: dict[str, Any]) -> dict[str, str]:
    _require_media(exchange, inner.get("thumb_media_id"))
    minis = {one.appid for one in exchange.state.accounts.values() if one.kind == "mini"}
    if exchange.kind == "oa" and inner.get("appid") not in minis:
        raise PlatformError(40013)
    path = inner.get("pagepath")
    if not isinstance(path, str) or not path or path.startswith("/"):
        raise PlatformError(40165)
    return {"title": str(inner.get("title", "")), "text": "[小程序]", "page": path}


_SHOWN: dict[tuple[str, str], Callable[[Exchange, dict[str, Any]], dict[str, str]]] = {
    ("mini", "text"): _show_text,
    ("mini", "image"): _show_image,
    ("mini", "link"): _show_link,
    ("mini", "miniprogrampage"): _show_page,
    ("oa", "text"): _show_text,
    ("oa", "image"): _show_image,
    ("oa", "news"): _show_news,
    ("oa", "miniprogrampage"): _show_page,
}


def _require_media(exchange: Exchange, media_id: object) -> None:
    if media_id not in exchange.state.media_ids:
        raise PlatformError(40007)


def _spend_window(exchange: Exchange, person: Person) -> None:
    window = person.windows.get(exchange.account)
    if window is None or window.closes_at <= exchange.state.now():
        raise PlatformError(45015)
    if window.left <= 0:
        raise PlatformError(45047)
    window.left -= 1
    person.typing_until.pop(exchange.account, None)


def typing(exchange: Exchange) -> Answer:
    """POST /cgi-bin/message/custom/typing"""
    account, now = exchange.account, exchange.state.now()
    person = exchange.person(exchange.body.get("touser"))
    command = exchange.body.get("command")
    if command not in ("Typing", "CancelTyping"):
        raise PlatformError(45072)
    window = person.windows.get(account)
    if window is None or now - window.opened_at >= IDLE_SECONDS:
        raise PlatformError(45080)
    if command == "CancelTyping":
        person.typing_until.pop(account, None)
        return OK
    if person.typing_until.get(account, 0.0) > now:
        raise PlatformError(45081)
    person.typing_until[account] = now + TYPING_SECONDS
    return OK


def upload_media(exchange: Exchange) -> Answer:
    """POST /cgi-bin/media/upload"""
    if exchange.query.get("type") not in ("image", "voice", "video", "thumb"):
        raise PlatformError(40004)
    if not exchange.upload:
        raise PlatformError(41005)
    media_id = f"media-{next(exchange.state.ids)}"
    exchange.state.media_ids.add(media_id)
    return {"type": exchange.query["type"], "media_id": media_id, "created_at": int(exchange.state.now())}
