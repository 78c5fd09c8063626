"""Followers of an official account.

https://developers.weixin.qq.com/doc/offiaccount/User_Management/Get_users_basic_information_UnionID.html
"""

from __future__ import annotations

from wechat.account import Account
from wechat.call import INTERACTIVE

USER_INFO = "/cgi-bin/user/info"


def find_unionid(account: Account, openid: str) -> str | None:
    """The unionid of a follower; None for others, and while the account is bound to no open platform."""
    unionid = account.get(USER_INFO, {"openid": openid, "lang": "zh_CN"}, limits=INTERACTIVE).get("unionid")
    return str(unionid) if unionid else None
