"""Addresses that open a page of the mini-program from outside WeChat: in a text message, on a web page.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/qrcode-link/url-link/generateUrlLink.html
https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/qrcode-link/url-scheme/generateScheme.html
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from wechat.account import Account
from wechat.wxacode import EnvVersion

URL_LINK = "/wxa/generate_urllink"
SCHEME = "/wxa/generatescheme"
MAX_DAYS = 30
MAX_QUERY_CHARACTERS = 1024
_DAY_SECONDS = 86400


@dataclass(frozen=True, slots=True)
class LinkTarget:
    """The page, its query and the days the address is good for."""

    path: str
    query: str = ""
    days: int = MAX_DAYS
    env_version: EnvVersion = "release"


def make_url_link(account: Account, target: LinkTarget) -> str:
    """An https address. The same target gets the same one until the last tenth of its life."""
    body = {
        "path": target.path,
        "query": target.query,
        "expire_type": 1,
        "expire_interval": target.days,
        "env_version": target.env_version,
    }
    return _reuse(account, URL_LINK, target, body, "url_link")


def make_scheme(account: Account, target: LinkTarget) -> str:
    """A weixin:// address. The same target gets the same one until the last tenth of its life."""
    jump = {"path": target.path, "query": target.query, "env_version": target.env_version}
    body = {"jump_wxa": jump, "is_expire": True, "expire_type": 1, "expire_interval": target.days}
    return _reuse(account, SCHEME, target, body, "openlink")


def _reuse(account: Account, api: str, target: LinkTarget, body: dict[str, Any], member: str) -> str:
    problem = _find_problem(target)
    if problem:
        raise account.invalid(api, problem)
    what = hashlib.sha256(repr((api, target)).encode()).hexdigest()[:32]
    key = f"link:{account.config.identity}:{what}"
    life = target.days * _DAY_SECONDS

    def fetch() -> tuple[str, int]:
        link = account.post(api, body, idempotent=True).get(member)
        if not isinstance(link, str) or not link:
            raise account.malformed(api, f"{member} missing")
        return link, life

    return account.tokens.values.obtain(key, fetch, early=life / 10).value


def _find_problem(target: LinkTarget) -> str | None:
    if not target.path or "?" in target.path:
        return "path names a page, without its query"
    if len(target.query) > MAX_QUERY_CHARACTERS or not target.query.isascii():
        return f"query has at most {MAX_QUERY_CHARACTERS} ASCII characters"
    if not 1 <= target.days <= MAX_DAYS:
        return f"days must be 1 to {MAX_DAYS}"
    return None
