"""Pictures for customer messages, kept by the platform for three days.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/kf-mgnt/kf-message/uploadTempMedia.html
"""

from __future__ import annotations

from wechat.account import Account
from wechat.call import Upload

UPLOAD = "/cgi-bin/media/upload"
MAX_BYTES = 10 * 1024 * 1024
_KINDS = {b"\xff\xd8": ("jpg", "image/jpeg"), b"\x89PNG": ("png", "image/png"), b"GIF8": ("gif", "image/gif")}


def upload_image(account: Account, content: bytes) -> str:
    """The media id of an uploaded picture. What is no picture, or too large, is refused before it is sent."""
    if len(content) > MAX_BYTES:
        raise account.invalid(UPLOAD, "a picture has at most 10 MB")
    kind = next((kind for magic, kind in _KINDS.items() if content.startswith(magic)), None)
    if kind is None:
        raise account.invalid(UPLOAD, "not a JPEG, PNG or GIF picture")
    answer = account.upload(UPLOAD, {"type": "image"}, Upload(f"picture.{kind[0]}", kind[1], content))
    media_id = answer.get("media_id")
    if not isinstance(media_id, str) or not media_id:
        raise account.malformed(UPLOAD, "media_id missing")
    return media_id
