"""Content security and codes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

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
    """POST /wxa/media_check_async

    A file whose address holds the word `risky` is risky, one with `missing` cannot be downloaded, and of one
    with `silent` nothing is heard again.
    """
    body = exchange.body
    person = _require_visit(exchange)
    media_url, trace_id = body.get("media_url"), new_rid()
    if not isinstance(media_url, str) or body.get("media_type") not in (1, 2):
        raise PlatformError(40097)
    if "silent" not in media_url:
        members = _media_verdict(exchange, media_url) | {"trace_id": trace_id}
        event = events.event(exchange.state, exchange.account, person, "wxa_media_check", **members)
        exchange.callbacks.schedule(exchange.account, event)
    return {**OK, "trace_id": trace_id}


def _media_verdict(exchange: Exchange, media_url: str) -> dict[str, object]:
    head = {"appid": exchange.config.appid, "version": 2}
    if "missing" in media_url:
        return head | {"detail": [], "errcode": -1008, "errmsg": "download failed"}
    label = 20002 if "risky" in media_url else 100
    result = {"suggest": "risky" if label != 100 else "pass", "label": label}
    detail = [{"strategy": "content_model", "errcode": 0, **result, "prob": 90}]
    return head | {"result": result, "detail": detail, "errcode": 0, "errmsg": "ok"}


def _require_visit(exchange: Exchange) -> Person:
    body, state, account = exchange.body, exchange.state, exchange.account
    if body.get("version") != 2:
        raise PlatformError(40097)
    if body.get("scene") not in (1, 2, 3, 4):
        raise PlatformError(40129)
    person = exchange.person(body.get("openid"))
    if state.now() - person.visits.get(account, float("-inf")) > VISIT_SECONDS:
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


def url_link(exchange: Exchange) -> Answer:
    """POST /wxa/generate_urllink"""
    _require_target(exchange.body, exchange.body)
    return {**OK, "url_link": f"https://wxaurl.cn/{secrets.token_urlsafe(8)}"}


def url_scheme(exchange: Exchange) -> Answer:
    """POST /wxa/generatescheme"""
    jump = exchange.body.get("jump_wxa")
    if not isinstance(jump, dict) or exchange.body.get("is_expire") is not True:
        raise PlatformError(40097)
    _require_target(jump, exchange.body)
    return {**OK, "openlink": f"weixin://dl/business/?t={secrets.token_urlsafe(8)}"}


def _require_target(target: Mapping[str, Any], life: Mapping[str, Any]) -> None:
    path, query, days = target.get("path"), target.get("query", ""), life.get("expire_interval")
    if not isinstance(path, str) or not path or "?" in path:
        raise PlatformError(40165)
    if not isinstance(query, str) or len(query) > 1024:
        raise PlatformError(40212)
    if target.get("env_version", "release") not in ("release", "trial", "develop"):
        raise PlatformError(85402)
    if life.get("expire_type") != 1 or not isinstance(days, int) or not 1 <= days <= 30:
        raise PlatformError(85401)
