"""The platform's numbers, and which error each becomes.

Sources: the tables of the server API pages and the global return codes,
https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/errorCode.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from wechat.errors import (
    BadCode,
    Category,
    ConcurrentSend,
    HighRiskUser,
    InvalidArgument,
    InvalidOpenid,
    Misconfigured,
    NotSubscribed,
    RateLimited,
    RecipientRefused,
    StaleOpenid,
    SystemBusy,
    TemplateInvalid,
    TokenRejected,
    WeChatError,
    WindowClosed,
)

_BY_CLASS: dict[type[WeChatError], Iterable[int]] = {
    SystemBusy: (-1,),
    TokenRejected: (40001, 40014, 42001),
    BadCode: (40029, 40163),
    HighRiskUser: (40226,),
    InvalidOpenid: (40003,),
    NotSubscribed: (43101,),
    ConcurrentSend: (43108,),
    StaleOpenid: (61010,),
    WindowClosed: (45015, 45047),
    RecipientRefused: (43004, 43019, 48002, 50001, 50002, 50005, 81013),
    TemplateInvalid: (40037, 41030, 43107, 45168, 47003),
    RateLimited: (
        *(43117, 44990, 44991, 44993, 45009, 45011, 45066, 48006, 85406, 87020, 130101),
        *(45029, 45080, 45081),
    ),
    Misconfigured: (
        *(40013, 40125, 40164, 40243, 42007, 48001, 48004, 48017, 61004),
        *range(40230, 40241),  # API security: keys, signatures, clock
        *(20001, 20002, 85079, 85402, 87008, 200011, 200012, 200013, 200014),
        *(40056, 60011, 60020, 93000, 301002),  # WeCom: application, rights, IP list, robot address
    ),
    InvalidArgument: (
        *(40002, 40097, 40129, 40165, 40169, 40212, 45010, 45065, 45067, 45072, 47001),
        *(65301, 65303, 85096, 85401, 85407, 85408, 87014),
        *(200020, 200021, 200022, 200100),
        *(47501, 47502, 47503, 47504),
        *(40004, 40006, 40009, 40058, 44004, 45002, 86001, 86003, 86101, 86215, 86216, 86217, 86220),
        *(61450, 61451),
        *range(76001, 76023),  # rid queries
    ),
}

#: Codes that need no class of their own: only their category differs from "unknown".
_BY_CATEGORY: dict[Category, Iterable[int]] = {
    "auth": (42003, 87007, 87009),
    "user": (43104, 1400001, 10001, 10002, 10003, 10004, 10005, 20003, 20004, 20005),
    "transient": (-1008,),
}

ERROR_CLASSES: dict[int, type[WeChatError]] = {
    code: error_class for error_class, codes in _BY_CLASS.items() for code in codes
}
PLAIN_CATEGORIES: dict[int, Category] = {
    code: category for category, codes in _BY_CATEGORY.items() for code in codes
}

#: Nobody lifts these by waiting: a lifetime total is used up, or the indicator is already shown.
_QUOTA_BUT_NOT_RETRYABLE = frozenset({45029, 45080, 45081})
_RID = re.compile(r"rid:\s*([0-9A-Za-z-]+)")
_MESSAGE_CHARACTERS = 300


def error_for(code: int, errmsg: str, *, api: str, appid: str) -> WeChatError:
    """The error for one platform code; a code we do not know becomes WeChatError of category unknown."""
    rid = find_rid(errmsg)
    error_class = ERROR_CLASSES.get(code, WeChatError)
    return error_class(
        errmsg[:_MESSAGE_CHARACTERS],
        code=code,
        category=PLAIN_CATEGORIES.get(code),
        retryable=False if code in _QUOTA_BUT_NOT_RETRYABLE else None,
        rid=rid,
        api=api,
        appid=appid,
    )


def find_rid(errmsg: str) -> str | None:
    """The platform's request id out of its error message, or None."""
    found = _RID.search(errmsg)
    return found.group(1) if found else None
