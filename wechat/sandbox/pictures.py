"""Real pictures for mini-program codes."""

from __future__ import annotations

import io
from functools import lru_cache

import qrcode  # type: ignore[import-untyped]


@lru_cache(maxsize=64)
def code_jpeg(text: str, width: int) -> bytes:
    """A JPEG of a QR code that holds `text`."""
    picture = qrcode.make(text, border=2).get_image().convert("RGB").resize((width, width))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
