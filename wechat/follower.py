"""Followers of an official account.

https://developers.weixin.qq.com/doc/offiaccount/User_Management/Get_users_basic_information_UnionID.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from wechat.account import Account
from wechat.call import INTERACTIVE

USER_INFO = "/cgi-bin/user/info"
BATCH = "/cgi-bin/user/info/batchget"
MAX_BATCH = 100


@dataclass(frozen=True, slots=True)
class Follower:
    """What the account may know of somebody: of one who does not follow, next to nothing."""

    openid: str = field(repr=False)
    follows: bool
    unionid: str | None = field(repr=False)
    followed_at: datetime | None
    scene: str


def get_follower(account: Account, openid: str) -> Follower:
    """One person; raises InvalidOpenid for an openid of another account."""
    return _read(account.get(USER_INFO, {"openid": openid, "lang": "zh_CN"}, limits=INTERACTIVE))


def find_unionid(account: Account, openid: str) -> str | None:
    """The unionid of a follower; None for others, and while the account is bound to no open platform."""
    return get_follower(account, openid).unionid


def list_followers(account: Account, openids: Sequence[str]) -> list[Follower]:
    """Many people, a hundred in one call."""
    found: list[Follower] = []
    for start in range(0, len(openids), MAX_BATCH):
        wanted = [{"openid": openid, "lang": "zh_CN"} for openid in openids[start : start + MAX_BATCH]]
        rows = account.post(BATCH, {"user_list": wanted}, idempotent=True).get("user_info_list")
        if not isinstance(rows, list):
            raise account.malformed(BATCH, "no list")
        found += [_read(row) for row in rows if isinstance(row, Mapping)]
    return found


def _read(row: Mapping[str, Any]) -> Follower:
    since = row.get("subscribe_time")
    return Follower(
        openid=str(row.get("openid", "")),
        follows=row.get("subscribe") == 1,
        unionid=str(row["unionid"]) if row.get("unionid") else None,
        followed_at=datetime.fromtimestamp(since, UTC) if isinstance(since, int) and since > 0 else None,
        scene=str(row.get("qr_scene_str") or ""),
    )
