"""Messages out to people."""

from __future__ import annotations

from wechat.sandbox import events
from wechat.sandbox.exchange import OK, Answer, Exchange
from wechat.sandbox.people import Window
from wechat.sandbox.platform_errors import PlatformError

TEMPLATE_SEND = "/cgi-bin/message/template/send"
MAX_TEXT_BYTES = 2048


def subscribe_send(exchange: Exchange) -> Answer:
    """POST /cgi-bin/message/subscribe/send"""
    state, body = exchange.state, exchange.body
    person = state.person_of(body.get("touser"), "mini")
    template = state.shelf.get(body.get("template_id"))
    page = str(body.get("page", ""))
    if page.startswith(("http:", "https:")):
        raise PlatformError(41030)
    if body.get("miniprogram_state", "formal") not in ("formal", "trial", "developer"):
        raise PlatformError(40097)
    values = template.read_values(body.get("data"))
    state.shelf.spend(person.openid_mini, template)
    failed = state.faults.take(exchange.path, inner=True) is not None
    if not failed:
        state.mailbox.put(
            person.phone,
            "subscribe",
            state.clock(),
            account="mini",
            title=template.title,
            data=values,
            labels=template.fields,
            template_id=template.id,
            page=page,
        )
    exchange.callbacks.schedule("mini", events.sent_event(state, person, template.id, failed=failed))
    return OK


def list_templates(exchange: Exchange) -> Answer:
    """GET /wxaapi/newtmpl/gettemplate"""
    return {**OK, "data": [template.as_listed() for template in exchange.state.shelf.everything()]}


def custom_send(exchange: Exchange) -> Answer:
    """POST /cgi-bin/message/custom/send, for either account"""
    state, body = exchange.state, exchange.body
    person = state.person_of(body.get("touser"), exchange.kind)
    text = body.get("text", {}).get("content") if isinstance(body.get("text"), dict) else None
    if body.get("msgtype") != "text" or not isinstance(text, str) or not text:
        raise PlatformError(40097)
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise PlatformError(40097, "content size out of limit")
    _spend_window(exchange, person.windows)
    is_ai = isinstance(body.get("aimsgcontext"), dict) and body["aimsgcontext"].get("is_ai_msg") == 1
    state.mailbox.put(person.phone, "custom", state.clock(), account=exchange.kind, text=text, is_ai=is_ai)
    return OK


def _spend_window(exchange: Exchange, windows: dict[str, Window]) -> None:
    window = windows.get(exchange.kind)
    if window is None or window.closes_at <= exchange.state.now():
        raise PlatformError(45015)
    if window.left <= 0:
        raise PlatformError(45047)
    window.left -= 1


def typing(exchange: Exchange) -> Answer:
    """POST /cgi-bin/message/custom/typing"""
    person = exchange.state.person_of(exchange.body.get("touser"), exchange.kind)
    if exchange.body.get("command") not in ("Typing", "CancelTyping"):
        raise PlatformError(45072)
    window = person.windows.get(exchange.kind)
    if window is None or window.closes_at <= exchange.state.now():
        raise PlatformError(45080)
    return OK


def template_send(exchange: Exchange) -> Answer:
    """POST /cgi-bin/message/template/send; the same client_msg_id is sent once."""
    state, body = exchange.state, exchange.body
    person = state.person_of(body.get("touser"), "oa")
    client_msg_id = str(body.get("client_msg_id", ""))
    if client_msg_id and client_msg_id in state.client_msg_ids:
        raise PlatformError(45065, msgid=state.client_msg_ids[client_msg_id])
    template = state.shelf.get(body.get("template_id"))
    values = template.read_values(body.get("data"))
    if not person.follows:
        raise PlatformError(43004)
    msgid = next(state.ids)
    if client_msg_id:
        state.client_msg_ids[client_msg_id] = msgid
    failed = state.faults.take(exchange.path, inner=True) is not None
    if not failed:
        _deliver_template(exchange, person.phone, template.id, values)
    status = "failed:user block" if failed else "success"
    done = events.event(state, "oa", person, "TEMPLATESENDJOBFINISH", MsgID=msgid, Status=status)
    exchange.callbacks.schedule("oa", done)
    return {**OK, "msgid": msgid}


def _deliver_template(exchange: Exchange, phone: str, template_id: str, values: dict[str, str]) -> None:
    state = exchange.state
    template = state.shelf.get(template_id)
    mini = exchange.body.get("miniprogram")
    page = mini.get("pagepath", "") if isinstance(mini, dict) else exchange.body.get("url", "")
    state.mailbox.put(
        phone,
        "template",
        state.clock(),
        account="oa",
        title=template.title,
        data=values,
        labels=template.fields,
        template_id=template.id,
        page=str(page),
    )
