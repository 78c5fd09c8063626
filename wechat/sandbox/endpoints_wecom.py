"""WeCom: messages of an application, its group chats, and robots in groups."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from wechat.sandbox.exchange import OK, Answer, Exchange
from wechat.sandbox.platform_errors import PlatformError
from wechat.sandbox.wecom_book import Chat, PlaceKind, WeComPost

MAX_USERS = 1000
_LIMITS = {"text": 2048, "markdown": 2048, "textcard": 512}
ROBOT_LIMITS = {"text": 2048, "markdown": 4096, "markdown_v2": 4096}
_CHAT_ID = re.compile(r"[0-9A-Za-z]{1,32}")


def agent(exchange: Exchange) -> Answer:
    """GET /cgi-bin/agent/get"""
    _require_agent(exchange, exchange.query.get("agentid"))
    return {**OK, "agentid": exchange.config.agent_id, "name": "代表之家"}


def send_message(exchange: Exchange) -> Answer:
    """POST /cgi-bin/message/send, to members by name; a repetition within the interval shows nothing new."""
    state, body, book = exchange.state, exchange.body, exchange.state.wecom
    _require_agent(exchange, body.get("agentid"))
    content = _read_content(body, _LIMITS)
    users = [one for one in str(body.get("touser", "")).split("|") if one]
    if not users or len(users) > MAX_USERS:
        raise PlatformError(40058 if users else 40063)
    known = [user for user in users if user.casefold() in book.members]
    invalid = [user for user in users if user.casefold() not in book.members]
    if not known:
        raise PlatformError(81013)
    interval = float(body.get("duplicate_check_interval", 1800)) if body.get("enable_duplicate_check") == 1 else 0.0
    for user in known:
        said = f"{exchange.account} {user.casefold()} {json.dumps(content, sort_keys=True)}"
        what = hashlib.sha256(said.encode()).hexdigest()
        if interval and book.is_repeated(what, state.now(), interval):
            continue
        if book.may_reach(user.casefold(), state.now()):
            _post(exchange, "member", user.casefold(), content)
    return {**OK, "msgid": f"msg-{next(state.ids)}", "invaliduser": "|".join(invalid)}


def recall_message(exchange: Exchange) -> Answer:
    """POST /cgi-bin/message/recall"""
    if not str(exchange.body.get("msgid", "")).startswith("msg-"):
        raise PlatformError(40058)
    return OK


def create_chat(exchange: Exchange) -> Answer:
    """POST /cgi-bin/appchat/create"""
    state, body = exchange.state, exchange.body
    chat_id = str(body.get("chatid") or f"chat{next(state.ids)}")
    members, owner = body.get("userlist"), body.get("owner")
    if not _CHAT_ID.fullmatch(chat_id):
        raise PlatformError(86001)
    if chat_id in state.wecom.chats:
        raise PlatformError(86215)
    if not isinstance(members, list) or not 2 <= len(members) <= 2000 or owner not in members:
        raise PlatformError(86216)
    if any(str(member).casefold() not in state.wecom.members for member in members):
        raise PlatformError(86217)
    state.wecom.chats[chat_id] = Chat(str(body.get("name", "")), str(owner), [str(one) for one in members])
    return {**OK, "chatid": chat_id}


def update_chat(exchange: Exchange) -> Answer:
    """POST /cgi-bin/appchat/update"""
    chat = _chat(exchange)
    joining, leaving = exchange.body.get("add_user_list", []), exchange.body.get("del_user_list", [])
    chat.members = [one for one in dict.fromkeys([*chat.members, *joining]) if one not in leaving]
    return OK


def send_to_chat(exchange: Exchange) -> Answer:
    """POST /cgi-bin/appchat/send"""
    _chat(exchange)
    _post(exchange, "chat", str(exchange.body["chatid"]), _read_content(exchange.body, _LIMITS))
    return OK


def robot_send(exchange: Exchange) -> Answer:
    """POST /cgi-bin/webhook/send: the key in the address is all that is asked for."""
    name = exchange.state.wecom.robots.get(exchange.query.get("key", ""))
    if name is None:
        raise PlatformError(93000)
    _post(exchange, "robot", name, _read_content(exchange.body, ROBOT_LIMITS))
    return OK


def _require_agent(exchange: Exchange, given: object) -> None:
    if str(given) != str(exchange.config.agent_id):
        raise PlatformError(301002)


def _chat(exchange: Exchange) -> Chat:
    chat = exchange.state.wecom.chats.get(str(exchange.body.get("chatid", "")))
    if chat is None:
        raise PlatformError(86001)
    return chat


def _read_content(body: Any, limits: dict[str, int]) -> dict[str, str]:
    """What is shown: kind, text, title and url; raises 40008, 44004, 45002."""
    kind = str(body.get("msgtype", ""))
    inner = body.get(kind)
    if kind not in limits or not isinstance(inner, dict):
        raise PlatformError(40008)
    text = inner.get("description" if kind == "textcard" else "content")
    if not isinstance(text, str) or not text:
        raise PlatformError(44004)
    if len(text.encode()) > limits[kind]:
        raise PlatformError(45002)
    return {"kind": kind, "text": text, "title": str(inner.get("title", "")), "url": str(inner.get("url", ""))}


def _post(exchange: Exchange, place: PlaceKind, name: str, content: dict[str, str]) -> None:
    state = exchange.state
    state.wecom.post(WeComPost(next(state.ids), place, name, state.clock(), **content))
