"""Mini-program codes that open a page with a scene.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/qrcode-link/qr-code/getUnlimitedQRCode.html
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from typing import Literal

from wechat.account import Account
from wechat.errors import InvalidArgument

GET_UNLIMITED = "/wxa/getwxacodeunlimit"
EnvVersion = Literal["release", "trial", "develop"]

_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
_RESERVED_SCENE = "scancode_time"
MIN_WIDTH, MAX_WIDTH = 280, 1280
KEPT_CODES = 64


class CodeShelf:
    """Keeps the latest pictures: the same page, scene, version and width always look the same."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._guard = threading.Lock()

    def make_code(
        self, account: Account, scene: str, page: str, *, env_version: EnvVersion, width: int, check_path: bool
    ) -> bytes:
        """See make_code below."""
        key = (page, scene, env_version, width)
        with self._guard:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        picture = make_code(
            account, scene, page, env_version=env_version, width=width, check_path=check_path
        )
        with self._guard:
            self._kept[key] = picture
            if len(self._kept) > KEPT_CODES:
                self._kept.popitem(last=False)
        return picture


def make_code(
    account: Account,
    scene: str,
    page: str,
    *,
    env_version: EnvVersion = "release",
    width: int = 430,
    check_path: bool = True,
) -> bytes:
    """A JPEG of the code. The page of a release must exist, so its path is always checked."""
    problem = _find_problem(scene, page, env_version, width, check_path)
    if problem:
        raise InvalidArgument(problem, api=GET_UNLIMITED, appid=account.config.appid)
    body = {
        "scene": scene,
        "page": page,
        "check_path": check_path,
        "env_version": env_version,
        "width": width,
    }
    return account.fetch_image(GET_UNLIMITED, body)


def _find_problem(scene: str, page: str, env_version: str, width: int, check_path: bool) -> str | None:
    if not _SCENE.fullmatch(scene) or _RESERVED_SCENE in scene:
        return "scene must be 1 to 32 allowed characters"
    if page.startswith("/") or "?" in page:
        return "page has no leading slash and no query"
    if not MIN_WIDTH <= width <= MAX_WIDTH:
        return f"width must be {MIN_WIDTH} to {MAX_WIDTH}"
    if not check_path and env_version == "release":
        return "the page of a release must be checked"
    return None
