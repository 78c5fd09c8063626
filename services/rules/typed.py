"""Codes as people type them: full-width digits from a Chinese keyboard count, anything else is simply wrong."""

import hmac
import unicodedata


def normalised(typed: str) -> str:
    """Half-width and without spaces around: `１２３４５６ ` is `123456`."""
    return unicodedata.normalize("NFKC", typed).strip()


def same_code(expected: str, typed: str) -> bool:
    """Whether what was typed is the code, in a time that tells nothing; never raises, whatever was typed."""
    return hmac.compare_digest(expected.encode(), normalised(typed).encode("utf-8", "replace"))
