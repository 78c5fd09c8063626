"""How much of a day's quota is left.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/openApi-mgnt/getApiQuota.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wechat.account import Account
from wechat.call import INTERACTIVE

GET = "/cgi-bin/openapi/quota/get"


@dataclass(frozen=True, slots=True)
class Quota:
    """Calls of one interface today."""

    daily_limit: int
    used: int
    left: int


def get_quota(account: Account, api: str) -> Quota:
    """The quota of the interface at this path."""
    quota = account.post(GET, {"cgi_path": api}, idempotent=True, limits=INTERACTIVE).get("quota")
    if not isinstance(quota, Mapping):
        raise account.malformed(GET, "quota missing")
    numbers = [quota.get(name) for name in ("daily_limit", "used", "remain")]
    limit, used, left = (number if isinstance(number, int) else 0 for number in numbers)
    return Quota(limit, used, left)
