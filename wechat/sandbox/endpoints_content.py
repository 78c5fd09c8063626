"""Content security and codes."""

from __future__ import annotations

import re

from wechat.sandbox import events
from wechat.sandbox.exchange import OK, Answer, Exchange, Picture
from wechat.sandbox.people import Person
from wechat.sandbox.pictures import code_jpeg
from wechat.sandbox.platform_errors import PlatformError, new_rid

RISKY_WORD, REVIEW_WORD = "风险词", "复核词"
VISIT_SECONDS = 2 * 3600
MAX_CONTENT_CHARACTERS = 2500
_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]+")
_SUGGESTIONS = {20006: "risky", 20001: "review", 100: "pass"}


def check_text(exchange: Exchange) -> Answer:
    """POST /wxa/msg_sec_check, version 2"""
    body = exchange.body
    _require_visit(exchange)
    content = body.get("content")
    if not isinstance(content, str) or len(content) > MAX_CONTENT_CHARACTERS:
        raise PlatformError(47001)
    label = 20006 if RISKY_WORD in content else 20001 if REVIEW_WORD in content else 100
    result = {"suggest": _SUGGESTIONS[label], "label": label}
    return {**OK, "result": result, "detail": [], "trace_id": new_rid()}


def check_media(exchange: Exchange) -> Answer:
    """POST /wxa/media_check_async: a file whose address holds the word `risky` is risky."""
    body = exchange.body
    person = _require_visit(exchange)
    media_url, trace_id = body.get("media_url"), new_rid()
    if not isinstance(media_url, str) or body.get("media_type") not in (1, 2):
        raise PlatformError(40097)
    label = 20002 if "risky" in media_url else 100
    result = {"suggest": "risky" if label != 100 else "pass", "label": label}
    config = exchange.state.accounts["mini"]
    members = {
        "appid": config.appid,
        "trace_id": trace_id,
        "version": 2,
        "result": result,
        "detail": [{"strategy": "content_model", "errcode": 0, **result, "prob": 90}],
        "errcode": 0,
        "errmsg": "ok",
    }
    exchange.callbacks.schedule(
        "mini", events.event(exchange.state, "mini", person, "wxa_media_check", **members)
    )
    return {**OK, "trace_id": trace_id}


def _require_visit(exchange: Exchange) -> Person:
    body, state = exchange.body, exchange.state
    if body.get("version") != 2:
        raise PlatformError(40097)
    if body.get("scene") not in (1, 2, 3, 4):
        raise PlatformError(40129)
    person = state.person_of(body.get("openid"), "mini")
    if person.visited_at is None or state.now() - person.visited_at > VISIT_SECONDS:
        raise PlatformError(61010)
    return person


def unlimited_code(exchange: Exchange) -> Answer:
    """POST /wxa/getwxacodeunlimit: a real picture holding the page and the scene"""
    body = exchange.body
    scene, page, width = body.get("scene"), str(body.get("page", "")), body.get("width", 430)
    if not isinstance(scene, str) or not 1 <= len(scene) <= 32:
        raise PlatformError(40169)
    if not _SCENE.fullmatch(scene):
        raise PlatformError(40129)
    if page.startswith("/") or "?" in page:
        raise PlatformError(41030)
    if not isinstance(width, int) or not 280 <= width <= 1280:
        raise PlatformError(40097)
    return Picture(code_jpeg(f"{page}?scene={scene}", width))
