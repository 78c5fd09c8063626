"""QR codes of an official account that say where a follower came from.

https://developers.weixin.qq.com/doc/offiaccount/Account_Management/Generating_a_Parametric_QR_Code.html
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from wechat.account import Account

CREATE = "/cgi-bin/qrcode/create"
MAX_SCENE_CHARACTERS = 64
MAX_SECONDS = 30 * 86400


@dataclass(frozen=True, slots=True)
class FollowerCode:
    """`url` is what the code holds, to be drawn by ourselves; the ticket names it at the platform."""

    ticket: str = field(repr=False)
    url: str
    seconds: int | None

    def picture_url(self, show_base: str = "https://mp.weixin.qq.com") -> str:
        """Where the platform shows the picture."""
        return f"{show_base}/cgi-bin/showqrcode?ticket={quote(self.ticket, safe='')}"


def make_follower_code(account: Account, scene: str, *, seconds: int | None) -> FollowerCode:
    """A code for `scene`, good for `seconds`, or for ever (of those an account has 100,000).

    Scanning it comes as a `subscribe` or a `SCAN` event with the scene as its key.
    """
    if not 1 <= len(scene) <= MAX_SCENE_CHARACTERS:
        raise account.invalid(CREATE, f"scene has 1 to {MAX_SCENE_CHARACTERS} characters")
    if seconds is not None and not 1 <= seconds <= MAX_SECONDS:
        raise account.invalid(CREATE, "a temporary code lives at most 30 days")
    body: dict[str, Any] = {"action_info": {"scene": {"scene_str": scene}}}
    if seconds is None:
        answer = account.post(CREATE, {"action_name": "QR_LIMIT_STR_SCENE", **body})
    else:
        temporary = {"expire_seconds": seconds, "action_name": "QR_STR_SCENE", **body}
        answer = account.post(CREATE, temporary, idempotent=True)
    ticket, url, left = answer.get("ticket"), answer.get("url"), answer.get("expire_seconds")
    if not isinstance(ticket, str) or not isinstance(url, str) or not ticket or not url:
        raise account.malformed(CREATE, "ticket or url missing")
    return FollowerCode(ticket, url, int(left) if isinstance(left, int) and seconds is not None else None)
