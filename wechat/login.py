"""Who opened the mini-program: the one-use login code for an openid.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html
"""

from __future__ import annotations

from dataclasses import dataclass, field

from wechat.account import Account
from wechat.call import INTERACTIVE, Call
from wechat.errors import WeChatProtocolError

CODE2SESSION = "/sns/jscode2session"


@dataclass(frozen=True, slots=True)
class Login:
    """`session_key` stays on the server, encrypted; it is no session token of ours."""

    openid: str = field(repr=False)
    unionid: str | None = field(repr=False)
    session_key: str = field(repr=False)


def exchange_login_code(account: Account, code: str) -> Login:
    """Exchange the code of wx.login: without an access token, and never twice once it may have been used."""
    config = account.config
    query = {
        "appid": config.appid,
        "secret": config.secret,
        "js_code": code,
        "grant_type": "authorization_code",
    }
    call = Call(
        CODE2SESSION, config.appid, "GET", query=query, limits=INTERACTIVE, secrets=(*config.secrets, code)
    )
    answer = account.transport.call(call)
    openid, session_key = answer.get("openid"), answer.get("session_key")
    if not isinstance(openid, str) or not isinstance(session_key, str) or not openid or not session_key:
        raise WeChatProtocolError("openid or session_key missing", api=CODE2SESSION, appid=config.appid)
    return Login(openid, answer.get("unionid") or None, session_key)
