"""Mainland mobile numbers: one normal form, and how they are shown."""

import re

_MOBILE = re.compile(r"1[3-9]\d{9}")
#: Long enough a row of digits to be meant as a number, as typed into a search box.
_DIGITS = re.compile(r"\d{4}")
#: A mobile number or an 18-digit identity number inside a sentence, not a part of a longer row of digits.
_WRITTEN = re.compile(r"(?<![0-9])(?:(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})|([1-9]\d{5})\d{11}[0-9Xx])(?![0-9])")


def normalise_phone(raw: str) -> str | None:
    """The 11 digits of a mainland mobile number, or None: `+86 138-0000-1234` gives `13800001234`."""
    digits = re.sub(r"[\s\-()（）]", "", raw.strip())
    digits = re.sub(r"^(\+86|0086|86(?=1\d{10}$))", "", digits)
    return digits if _MOBILE.fullmatch(digits) else None


def mask_phone(phone: str) -> str:
    """`138****1234`."""
    return f"{phone[:3]}****{phone[-4:]}"


def looks_like_phone(typed: str) -> bool:
    """Whether what was typed into a box for names is a number or a part of one: no name has four digits."""
    return _DIGITS.search(re.sub(r"[\s\-()（）]", "", typed)) is not None


def mask_written(text: str) -> str:
    """A text with the mobile and identity numbers in it masked: `请打13800001234` gives `请打138****1234`."""
    return _WRITTEN.sub(lambda found: f"{found[1]}****{found[2]}" if found[1] else f"{found[3]}****", text)
