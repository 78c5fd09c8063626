"""What the platform accepts in a template field, written apart from the client's validator on purpose."""

from __future__ import annotations

import re

_HAN = r"[\u3400-\u9fff\U00020000-\U0003ffff]"  # rare characters live in names
_CLOCK = r"\d{1,2}:\d{2}(:\d{2})?"
_DAY = r"\d{4}(年\d{1,2}月\d{1,2}日|[-/.]\d{1,2}[-/.]\d{1,2})"
_TIME = rf"({_DAY} ?)?{_CLOCK}"
_DATE = rf"{_DAY}( ?{_CLOCK})?"

_PATTERNS = {
    "thing": r".{1,20}",
    "number": r"-?\d+(\.\d+)?",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": r"([^\w\s]|_){1,5}",
    "character_string": r"[\x20-\x7e]{1,32}",
    "time": rf"{_TIME}( ?~ ?{_TIME})?",
    "date": rf"{_DATE}( ?~ ?{_DATE})?",
    "amount": r"[^\w\s]?\d+(\.\d+)?元?",
    "phone_number": r"[\d+\-() #*]{1,17}",
    "car_number": rf"{_HAN}[A-Z][0-9A-Z]{{4,6}}[\u3400-\u9fff0-9A-Z]?",
    "name": rf"({_HAN}|·){{1,10}}|[\x20-\x7e]{{1,20}}",
    "phrase": rf"{_HAN}{{1,5}}",
    "enum": r".+",
}
_DIGITS = {"number": 32, "amount": 10}
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\u2028\u2029\U0001f000-\U0001faff]")


def accepts(name: str, value: object) -> bool:
    """Whether the platform would take `value` for the field `name`."""
    kind = name.rstrip("0123456789")
    if not isinstance(value, str) or not value.strip() or _FORBIDDEN.search(value) or kind not in _PATTERNS:
        return False
    if sum(character.isdigit() for character in value) > _DIGITS.get(kind, 1000):
        return False
    return re.fullmatch(_PATTERNS[kind], value, re.ASCII) is not None
