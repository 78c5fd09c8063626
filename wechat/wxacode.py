"""Mini-program codes that open a page with a scene.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/qrcode-link/qr-code/getUnlimitedQRCode.html
"""

from __future__ import annotations

import re
from typing import Literal

from wechat.account import Account
from wechat.errors import InvalidArgument

GET_UNLIMITED = "/wxa/getwxacodeunlimit"
EnvVersion = Literal["release", "trial", "develop"]

_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
_RESERVED_SCENE = "scancode_time"
MIN_WIDTH, MAX_WIDTH = 280, 1280


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
