"""Who opened the mini-program: the one-use login code for an openid.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/user-login/code2Session.html
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from wechat.account import Account
from wechat.call import INTERACTIVE, Call
from wechat.shared_call import SharedCall

CODE2SESSION = "/sns/jscode2session"


@dataclass(frozen=True, slots=True)
class Login:
    """`session_key` stays on the server; it is no session token of ours.

    It is None where another process exchanged the code: it is written nowhere, not even between processes.
    """

    openid: str = field(repr=False)
    unionid: str | None = field(repr=False)
    session_key: str | None = field(repr=False)


def share_logins(account: Account) -> SharedCall[Login]:
    """What makes one exchange of a code that was sent twice at once."""
    return SharedCall(account.tokens.store, write=_write, read=_read)


def exchange_login_code(account: Account, shared: SharedCall[Login], code: str) -> Login:
    """Exchange the code of wx.login: without an access token, and never twice once it may have been used."""
    digest = hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()[:40]
    return shared.run(f"login:{account.config.identity}:{digest}", lambda: _exchange(account, code))


def _exchange(account: Account, code: str) -> Login:
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
        raise account.malformed(CODE2SESSION, "openid or session_key missing")
    return Login(openid, answer.get("unionid") or None, session_key)


def _write(login: Login) -> str:
    return json.dumps({"openid": login.openid, "unionid": login.unionid})


def _read(text: str) -> Login:
    kept = json.loads(text)
    return Login(kept["openid"], kept["unionid"], None)
