"""Signing a web page, so that its script may use what WeChat offers (open tags, scanning).

https://developers.weixin.qq.com/doc/offiaccount/OA_Web_Apps/JS-SDK.html
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from wechat.account import Account

TICKET = "/cgi-bin/ticket/getticket"


@dataclass(frozen=True, slots=True)
class PageSignature:
    """What `wx.config` wants."""

    appid: str
    nonce: str
    timestamp: int
    signature: str


def sign_page(account: Account, url: str) -> PageSignature:
    """The signature of the page at `url`, as the browser shows it; what follows a `#` is not signed."""
    ticket = account.tokens.values.obtain(f"ticket:{account.config.identity}", lambda: _fetch(account)).value
    nonce, timestamp = secrets.token_hex(8), int(account.clock().timestamp())
    said = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.partition('#')[0]}"
    signature = hashlib.sha1(said.encode(), usedforsecurity=False).hexdigest()
    return PageSignature(account.config.appid, nonce, timestamp, signature)


def _fetch(account: Account) -> tuple[str, int]:
    answer = account.get(TICKET, {"type": "jsapi"})
    ticket, seconds = answer.get("ticket"), answer.get("expires_in")
    if not isinstance(ticket, str) or not ticket or not isinstance(seconds, int) or seconds <= 0:
        raise account.malformed(TICKET, "ticket missing")
    return ticket, seconds
