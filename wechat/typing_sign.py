"""The sign that an answer is being written.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/kf-mgnt/kf-message/setTyping.html
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from wechat.account import Account

TYPING = "/cgi-bin/message/custom/typing"
#: The user has been idle, or the sign is already shown: nothing is lost.
_HARMLESS = frozenset({0, 45080, 45081})
REPEAT_AFTER = timedelta(seconds=5)
IDLE_AFTER = timedelta(seconds=30)
_REMEMBERED = 1000


class TypingSign:
    """Shown at most once in five seconds to one person, and never to somebody silent for thirty."""

    def __init__(self) -> None:
        self._shown: dict[str, datetime] = {}
        self._guard = threading.Lock()

    def show(self, account: Account, openid: str, *, heard_at: datetime | None = None) -> bool:
        """Show the sign; False where it would be refused or is still shown. `heard_at`: their last message."""
        now = account.clock()
        if heard_at is not None and now - heard_at >= IDLE_AFTER:
            return False
        with self._guard:
            last = self._shown.get(openid)
            if last is not None and now - last < REPEAT_AFTER:
                return False
            if len(self._shown) >= _REMEMBERED:
                self._shown = {who: at for who, at in self._shown.items() if now - at < REPEAT_AFTER}
            self._shown[openid] = now
        account.post(TYPING, {"touser": openid, "command": "Typing"}, accepted=_HARMLESS)
        return True
