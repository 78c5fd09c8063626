"""How often each interface was called, and how often it may be."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from zoneinfo import ZoneInfo

from wechat.sandbox.platform_errors import PlatformError

_SHANGHAI = ZoneInfo("Asia/Shanghai")
DAILY_LIMITS = {
    "/cgi-bin/token": 2000,
    "/cgi-bin/stable_token": 500_000,
    "/cgi-bin/message/subscribe/send": 10_000_000,
    "/cgi-bin/message/template/send": 100_000,
    "/cgi-bin/message/custom/send": 500_000,
    "/cgi-bin/menu/create": 1000,
    "/cgi-bin/qrcode/create": 100_000,
    "/wxa/msg_sec_check": 2_000_000,
    "/wxa/media_check_async": 200_000,
    "/wxa/generate_urllink": 500_000,
    "/wxa/generatescheme": 500_000,
    "/cgi-bin/user/info": 5_000_000,
    "/cgi-bin/appchat/create": 1000,
}
#: Calls in a minute, and the code that refuses one more.
MINUTE_LIMITS = {
    "/cgi-bin/stable_token": (10_000, 45011),
    "/wxa/getwxacodeunlimit": (5000, 45009),
    "/wxa/msg_sec_check": (4000, 44991),
    "/wxa/media_check_async": (2000, 44991),
    "/wxa/generate_urllink": (6000, 44990),
    "/wxa/generatescheme": (6000, 44990),
    "/cgi-bin/webhook/send": (20, 45009),
}
_DAILY_CODES = {"/wxa/generate_urllink": 44993, "/wxa/generatescheme": 44993}
_UNLIMITED = 10**9


class Usage:
    """Counters by path, for all time, for the day in Shanghai and for the minute.

    `whose` tells callers of one path apart: each account, and each robot, has its own quota.
    """

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.limits = dict(DAILY_LIMITS)
        self.minute_limits = dict(MINUTE_LIMITS)
        self._today: Counter[tuple[str, str]] = Counter()
        self._minute: Counter[tuple[str, str]] = Counter()
        self._dates = ("", "")

    def charge(self, path: str, whose: str, now: datetime) -> None:
        """Count one call; raises the code of the quota that is used up."""
        self._turn_page(now)
        key = (path, whose)
        if self._today[key] >= self.limits.get(path, _UNLIMITED):
            raise PlatformError(_DAILY_CODES.get(path, 45009))
        limit, code = self.minute_limits.get(path, (_UNLIMITED, 0))
        if self._minute[key] >= limit:
            raise PlatformError(code)
        self._today[key] += 1
        self._minute[key] += 1

    def of_today(self, path: str, whose: str, now: datetime) -> tuple[int, int]:
        """The daily limit and the calls of today."""
        self._turn_page(now)
        return self.limits.get(path, _UNLIMITED), self._today[path, whose]

    def forgive(self, whose: str) -> None:
        """Clear the counters of one account."""
        for counter in (self._today, self._minute):
            for key in [key for key in counter if key[1] == whose]:
                del counter[key]

    def _turn_page(self, now: datetime) -> None:
        local = now.astimezone(_SHANGHAI)
        dates = (local.date().isoformat(), local.strftime("%d%H%M"))
        if dates[0] != self._dates[0]:
            self._today.clear()
        if dates[1] != self._dates[1]:
            self._minute.clear()
        self._dates = dates
