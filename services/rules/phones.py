"""Mainland mobile numbers: one normal form, and how they are shown."""

import re

_MOBILE = re.compile(r"1[3-9]\d{9}")


def normalise_phone(raw: str) -> str | None:
    """The 11 digits of a mainland mobile number, or None: `+86 138-0000-1234` gives `13800001234`."""
    digits = re.sub(r"[\s\-()（）]", "", raw.strip())
    digits = re.sub(r"^(\+86|0086|86(?=1\d{10}$))", "", digits)
    return digits if _MOBILE.fullmatch(digits) else None


def mask_phone(phone: str) -> str:
    """`138****1234`."""
    return f"{phone[:3]}****{phone[-4:]}"
