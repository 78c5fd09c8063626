"""Tokens, and who a code belongs to."""

from __future__ import annotations

import base64
import secrets

from wechat.sandbox.exchange import OK, Answer, Exchange
from wechat.sandbox.people import Person
from wechat.sandbox.platform_errors import PlatformError

MAX_FOLLOWERS = 100


def stable_token(exchange: Exchange) -> Answer:
    """POST /cgi-bin/stable_token"""
    if exchange.body.get("grant_type") != "client_credential":
        raise PlatformError(40002)
    return _issue(exchange, exchange.body.get("appid"), exchange.body.get("secret"), stable=True)


def plain_token(exchange: Exchange) -> Answer:
    """GET /cgi-bin/token"""
    return _issue(exchange, exchange.query.get("appid"), exchange.query.get("secret"), stable=False)


def wecom_token(exchange: Exchange) -> Answer:
    """GET /cgi-bin/gettoken: the same token while it lives, a wrong secret is 40001 here."""
    try:
        answer = _issue(exchange, exchange.query.get("corpid"), exchange.query.get("corpsecret"), stable=True)
    except PlatformError as problem:
        raise PlatformError(40001 if problem.code == 40125 else problem.code) from None
    return {**OK, **answer}


def _issue(exchange: Exchange, appid: object, secret: object, *, stable: bool) -> dict[str, object]:
    state = exchange.state
    value, seconds = state.tokens.issue(state.account_of(appid, secret), state.now(), stable=stable)
    return {"access_token": value, "expires_in": seconds}


def code_to_session(exchange: Exchange) -> Answer:
    """GET /sns/jscode2session: a visit, which content security asks about later."""
    state, query = exchange.state, exchange.query
    account = state.account_of(query.get("appid"), query.get("secret"))
    openid = state.codes.redeem(query.get("js_code", ""), "login", account, state.now())
    person = state.person_of(openid, account)
    person.visits[account] = state.now()
    answer = {"openid": openid, "session_key": base64.b64encode(secrets.token_bytes(16)).decode()}
    return answer | ({"unionid": person.unionid} if person.unionid else {})


def phone_number(exchange: Exchange) -> Answer:
    """POST /wxa/business/getuserphonenumber"""
    state = exchange.state
    code, claimed = str(exchange.body.get("code", "")), exchange.body.get("openid")
    owner = state.codes.redeem(code, "phone", exchange.account, state.now())
    if claimed is not None and claimed != owner:
        raise PlatformError(40029, "code does not belong to openid")
    phone = exchange.person(owner).phone
    info = {
        "phoneNumber": phone,
        "purePhoneNumber": phone,
        "countryCode": "86",
        "watermark": {"timestamp": int(state.now()), "appid": exchange.config.appid},
    }
    return {**OK, "phone_info": info}


def user_info(exchange: Exchange) -> Answer:
    """GET /cgi-bin/user/info"""
    return _describe(exchange, exchange.person(exchange.query.get("openid")))


def user_batch(exchange: Exchange) -> Answer:
    """POST /cgi-bin/user/info/batchget"""
    wanted = exchange.body.get("user_list")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= MAX_FOLLOWERS:
        raise PlatformError(40097)
    openids = [row.get("openid") if isinstance(row, dict) else None for row in wanted]
    return {"user_info_list": [_describe(exchange, exchange.person(openid)) for openid in openids]}


def _describe(exchange: Exchange, person: Person) -> dict[str, object]:
    """Those who do not follow show nothing of themselves."""
    since = person.followed.get(exchange.account)
    shown: dict[str, object] = {
        "subscribe": int(since is not None),
        "openid": person.openids[exchange.account],
    }
    if since is not None:
        shown["subscribe_time"] = int(since)
    return shown | ({"unionid": person.unionid} if person.unionid else {})


def web_token(exchange: Exchange) -> Answer:
    """GET /sns/oauth2/access_token: the scope was written into the code."""
    state, query = exchange.state, exchange.query
    account = state.account_of(query.get("appid"), query.get("secret"))
    if query.get("grant_type") != "authorization_code":
        raise PlatformError(40002)
    code, _, marks = query.get("code", "").partition(".")
    openid = state.codes.redeem(code, "web", account, state.now())
    person = state.person_of(openid, account)
    asks = marks.startswith("userinfo")
    answer: dict[str, object] = {
        "access_token": secrets.token_urlsafe(60),
        "expires_in": 7200,
        "refresh_token": secrets.token_urlsafe(60),
        "openid": openid,
        "scope": "snsapi_userinfo" if asks else "snsapi_base",
    }
    if asks and person.unionid:
        answer["unionid"] = person.unionid
    return answer | ({"is_snapshotuser": 1} if marks.endswith("snapshot") else {})


def ticket(exchange: Exchange) -> Answer:
    """GET /cgi-bin/ticket/getticket"""
    if exchange.query.get("type") != "jsapi":
        raise PlatformError(40097)
    return {**OK, "ticket": secrets.token_urlsafe(64), "expires_in": 7200}


def quota(exchange: Exchange) -> Answer:
    """POST /cgi-bin/openapi/quota/get"""
    state, path = exchange.state, str(exchange.body.get("cgi_path", ""))
    if not path.startswith("/"):
        raise PlatformError(76021)
    limit, used = state.usage.of_today(path, exchange.account, state.clock())
    return {**OK, "quota": {"daily_limit": limit, "used": used, "remain": limit - used}}


def clear_quota(exchange: Exchange) -> Answer:
    """POST /cgi-bin/clear_quota"""
    if exchange.body.get("appid") != exchange.config.appid:
        raise PlatformError(40013)
    exchange.state.usage.forgive(exchange.account)
    return OK


def check_callback(exchange: Exchange) -> Answer:
    """POST /cgi-bin/callback/check"""
    if exchange.body.get("action") not in ("all", "dns", "ping"):
        raise PlatformError(40097)
    return {
        "dns": [{"ip": "127.0.0.1", "real_operator": "UNICOM"}],
        "ping": [{"ip": "127.0.0.1", "from_operator": "UNICOM", "package_loss": "0%", "time": "1.000ms"}],
    }
