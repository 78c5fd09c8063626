"""Content security: the platform's opinion on what a user wrote or uploaded.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/sec-center/sec-check/msgSecCheck.html
https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/sec-center/sec-check/mediaCheckAsync.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, cast

from wechat.account import Account
from wechat.errors import WeChatProtocolError

MSG_SEC_CHECK = "/wxa/msg_sec_check"
MEDIA_CHECK = "/wxa/media_check_async"
Suggestion = Literal["pass", "review", "risky"]

_SEVERITY: dict[str, int] = {"pass": 0, "review": 1, "risky": 2}
PIECE_CHARACTERS = 2500
#: Pieces of a long text overlap, so that a word on the border is seen whole.
OVERLAP_CHARACTERS = 50
_MEDIA_TYPES = {"audio": 1, "image": 2}


@dataclass(frozen=True, slots=True)
class TextVerdict:
    """`pass`, `review` or `risky`, with the platform's label (100 is normal) and its trace id."""

    suggestion: Suggestion
    label: int
    trace_id: str


def check_text(account: Account, openid: str, text: str, *, scene: int = 2) -> TextVerdict:
    """The worst verdict over the pieces of `text`. Scenes: 1 profile, 2 comment, 3 forum, 4 social log.

    Raises StaleOpenid when the user has not visited within two hours. Whatever is raised, the text has not
    passed.
    """
    verdicts = [_check_piece(account, openid, piece, scene) for piece in _pieces(text)]
    return max(verdicts, key=lambda verdict: _SEVERITY[verdict.suggestion])


def check_media(
    account: Account, openid: str, media_url: str, media_type: Literal["audio", "image"], *, scene: int = 2
) -> str:
    """Ask for a check of a file and return the trace id; the result comes as a wxa_media_check event."""
    body = {
        "version": 2,
        "openid": openid,
        "scene": scene,
        "media_url": media_url,
        "media_type": _MEDIA_TYPES[media_type],
    }
    trace_id = account.post(MEDIA_CHECK, body).get("trace_id")
    if not trace_id:
        raise WeChatProtocolError("trace_id missing", api=MEDIA_CHECK, appid=account.config.appid)
    return str(trace_id)


def _pieces(text: str) -> Iterator[str]:
    step = PIECE_CHARACTERS - OVERLAP_CHARACTERS
    for start in range(0, max(len(text) - OVERLAP_CHARACTERS, 1), step):
        yield text[start : start + PIECE_CHARACTERS]


def _check_piece(account: Account, openid: str, piece: str, scene: int) -> TextVerdict:
    body = {"version": 2, "openid": openid, "scene": scene, "content": piece}
    answer = account.post(MSG_SEC_CHECK, body, idempotent=True)
    result = answer.get("result")
    if not isinstance(result, Mapping) or result.get("suggest") not in _SEVERITY:
        raise WeChatProtocolError("verdict missing", api=MSG_SEC_CHECK, appid=account.config.appid)
    label = result.get("label")
    return TextVerdict(
        suggestion=cast(Suggestion, result["suggest"]),
        label=label if isinstance(label, int) else 0,
        trace_id=str(answer.get("trace_id", "")),
    )
