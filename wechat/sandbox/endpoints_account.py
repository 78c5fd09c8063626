"""Tokens, and who a code belongs to."""

from __future__ import annotations

import base64
import secrets

from wechat.sandbox.exchange import OK, Answer, Exchange
from wechat.sandbox.platform_errors import PlatformError


def stable_token(exchange: Exchange) -> Answer:
    """POST /cgi-bin/stable_token"""
    if exchange.body.get("grant_type") != "client_credential":
        raise PlatformError(40002)
    return _issue(exchange, exchange.body.get("appid"), exchange.body.get("secret"), stable=True)


def plain_token(exchange: Exchange) -> Answer:
    """GET /cgi-bin/token"""
    return _issue(exchange, exchange.query.get("appid"), exchange.query.get("secret"), stable=False)


def _issue(exchange: Exchange, appid: object, secret: object, *, stable: bool) -> Answer:
    config = exchange.state.account_of(appid)
    if secret != config.secret:
        raise PlatformError(40125)
    value, seconds = exchange.state.tokens.issue(config.kind, exchange.state.now(), stable=stable)
    return {"access_token": value, "expires_in": seconds}


def code_to_session(exchange: Exchange) -> Answer:
    """GET /sns/jscode2session: a visit, which content security asks about later."""
    state, query = exchange.state, exchange.query
    config = state.account_of(query.get("appid"))
    if query.get("secret") != config.secret:
        raise PlatformError(40125)
    openid = state.codes.redeem(query.get("js_code", ""), "login", state.now())
    person = state.person_of(openid, "mini")
    person.visited_at = state.now()
    answer = {"openid": openid, "session_key": base64.b64encode(secrets.token_bytes(16)).decode()}
    return answer | ({"unionid": person.unionid} if person.unionid else {})


def phone_number(exchange: Exchange) -> Answer:
    """POST /wxa/business/getuserphonenumber"""
    state = exchange.state
    code, claimed = str(exchange.body.get("code", "")), exchange.body.get("openid")
    owner = state.codes.redeem(code, "phone", state.now())
    if claimed is not None and claimed != owner:
        raise PlatformError(40029, "code does not belong to openid")
    phone = state.person_of(owner, "mini").phone
    info = {
        "phoneNumber": phone,
        "purePhoneNumber": phone,
        "countryCode": "86",
        "watermark": {"timestamp": int(state.now()), "appid": state.accounts["mini"].appid},
    }
    return {**OK, "phone_info": info}


def user_info(exchange: Exchange) -> Answer:
    """GET /cgi-bin/user/info: those who do not follow show nothing of themselves."""
    person = exchange.state.person_of(exchange.query.get("openid"), "oa")
    answer: dict[str, object] = {"subscribe": int(person.follows), "openid": person.openid_oa}
    if person.unionid:
        answer["unionid"] = person.unionid
    return answer
