"""The menu and the codes of an official account."""

from __future__ import annotations

import secrets
from typing import Any

from wechat.sandbox.exchange import OK, Answer, Exchange
from wechat.sandbox.platform_errors import PlatformError

MONTH_SECONDS = 30 * 86400
DEFAULT_SECONDS = 60
FOR_EVER = float("inf")


def create_menu(exchange: Exchange) -> Answer:
    """POST /cgi-bin/menu/create"""
    buttons = exchange.body.get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise PlatformError(40016)
    for button in buttons:
        below = button.get("sub_button") if isinstance(button, dict) else None
        _require_button(button, 16, is_parent=below is not None)
        if below is None:
            continue
        if not isinstance(below, list) or not 1 <= len(below) <= 5:
            raise PlatformError(40023)
        for child in below:
            _require_button(child, 60, is_parent=False)
    exchange.state.menus[exchange.account] = buttons
    return OK


def _require_button(button: Any, name_bytes: int, *, is_parent: bool) -> None:
    name = button.get("name") if isinstance(button, dict) else None
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= name_bytes:
        raise PlatformError(40018)
    if is_parent:
        return
    needed = {"click": ["key"], "view": ["url"], "miniprogram": ["url", "appid", "pagepath"]}
    if button.get("type") not in needed:
        raise PlatformError(40017)
    if not all(isinstance(button.get(member), str) and button[member] for member in needed[button["type"]]):
        raise PlatformError(40019)


def get_menu(exchange: Exchange) -> Answer:
    """GET /cgi-bin/menu/get"""
    if exchange.account not in exchange.state.menus:
        raise PlatformError(46003)
    return {"menu": {"button": exchange.state.menus[exchange.account]}}


def delete_menu(exchange: Exchange) -> Answer:
    """GET /cgi-bin/menu/delete"""
    exchange.state.menus.pop(exchange.account, None)
    return OK


def create_follower_code(exchange: Exchange) -> Answer:
    """POST /cgi-bin/qrcode/create, with a scene in words"""
    body, state = exchange.body, exchange.state
    info = body.get("action_info")
    scene = info.get("scene", {}).get("scene_str") if isinstance(info, dict) else None
    if not isinstance(scene, str) or not 1 <= len(scene) <= 64:
        raise PlatformError(40053)
    seconds = body.get("expire_seconds", DEFAULT_SECONDS)
    if body.get("action_name") == "QR_STR_SCENE":
        if not isinstance(seconds, int) or not 1 <= seconds <= MONTH_SECONDS:
            raise PlatformError(40097)
        dies_at, life = state.now() + seconds, {"expire_seconds": seconds}
    elif body.get("action_name") == "QR_LIMIT_STR_SCENE":
        dies_at, life = FOR_EVER, {}
    else:
        raise PlatformError(40052)
    ticket = secrets.token_urlsafe(48)
    state.follower_codes[ticket] = (exchange.account, scene, dies_at)
    return {"ticket": ticket, "url": f"http://weixin.qq.com/q/{secrets.token_urlsafe(12)}", **life}
