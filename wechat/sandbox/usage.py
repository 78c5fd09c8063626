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
    "/wxa/msg_sec_check": 2_000_000,
    "/wxa/media_check_async": 200_000,
    "/cgi-bin/user/info": 5_000_000,
}


class Usage:
    """Counters by path, for all time and for the day in Shanghai."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()
        self.limits = dict(DAILY_LIMITS)
        self._today: Counter[tuple[str, str]] = Counter()

    def charge(self, path: str, now: datetime) -> None:
        """Count one call against the day's quota; raises 45009 when it is used up."""
        key = (now.astimezone(_SHANGHAI).date().isoformat(), path)
        if self._today[key] >= self.limits.get(path, 10**9):
            raise PlatformError(45009)
        self._today[key] += 1
