"""Limits the platform counts in UTF-8 bytes."""

from __future__ import annotations

#: Content of a customer or passive text message.
MESSAGE_BYTES = 2048
_ELLIPSIS = "…"


def cut_to_bytes(text: str, limit: int = MESSAGE_BYTES) -> str:
    """`text` if it fits; otherwise its beginning with `…`, cut between characters."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= limit:
        return text
    room = limit - len(_ELLIPSIS.encode())
    return encoded[:room].decode("utf-8", "ignore") + _ELLIPSIS
