"""Private templates of an account, and the library they come from."""

from __future__ import annotations

from wechat.sandbox.exchange import OK, Answer, Exchange
from wechat.sandbox.library import CATEGORY, CATEGORY_ID, LIBRARY, MAX_TEMPLATES, take_over
from wechat.sandbox.platform_errors import PlatformError


def list_templates(exchange: Exchange) -> Answer:
    """GET /wxaapi/newtmpl/gettemplate"""
    held = exchange.state.shelves[exchange.account].everything()
    return {**OK, "data": [template.as_listed() for template in held]}


def add_template(exchange: Exchange) -> Answer:
    """POST /wxaapi/newtmpl/addtemplate"""
    state, body = exchange.state, exchange.body
    shelf = state.shelves[exchange.account]
    if len(shelf.everything()) >= MAX_TEMPLATES:
        raise PlatformError(200012)
    made = take_over(body.get("tid"), body.get("kidList"), body.get("sceneDesc"), f"tmpl-{next(state.ids)}")
    shelf.add(made)
    return {**OK, "priTmplId": made.id}


def delete_template(exchange: Exchange) -> Answer:
    """POST /wxaapi/newtmpl/deltemplate"""
    exchange.state.shelves[exchange.account].remove(str(exchange.body.get("priTmplId", "")))
    return OK


def list_categories(exchange: Exchange) -> Answer:
    """GET /wxaapi/newtmpl/getcategory"""
    return {**OK, "data": [{"id": CATEGORY_ID, "name": CATEGORY}]}


def list_titles(exchange: Exchange) -> Answer:
    """GET /wxaapi/newtmpl/getpubtemplatetitles"""
    start, limit = exchange.query.get("start", "0"), exchange.query.get("limit", "30")
    if not start.isdecimal() or not limit.isdecimal() or not 1 <= int(limit) <= 30:
        raise PlatformError(40097)
    if str(CATEGORY_ID) not in exchange.query.get("ids", "").split(","):
        return {**OK, "count": 0, "data": []}
    rows = [
        {
            "tid": one.tid,
            "title": one.title,
            "type": 2 if one.kind == "one_time" else 3,
            "categoryId": CATEGORY_ID,
        }
        for one in LIBRARY.values()
    ]
    return {**OK, "count": len(rows), "data": rows[int(start) : int(start) + int(limit)]}


def list_keywords(exchange: Exchange) -> Answer:
    """GET /wxaapi/newtmpl/getpubtemplatekeywords"""
    template = LIBRARY.get(exchange.query.get("tid", ""))
    if template is None:
        raise PlatformError(200014)
    rows = [
        {"kid": kid, "name": label, "example": "示例", "rule": rule}
        for kid, (label, rule) in template.keywords.items()
    ]
    return {**OK, "count": len(rows), "data": rows}
