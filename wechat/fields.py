"""What each kind of template field may hold.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-message-management/subscribe-message/sendMessage.html
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

THING_CHARACTERS = 20

_NAME = re.compile(r"(?P<kind>[a-z]+(?:_[a-z]+)*)(?P<number>\d*)")
_CLOCK_TIME = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_DAY_OF_MONTH = r"(?:0?[1-9]|[12]\d|3[01])"
_DAY = rf"\d{{4}}(?:年{_MONTH}月{_DAY_OF_MONTH}日|-{_MONTH}-{_DAY_OF_MONTH}|/{_MONTH}/{_DAY_OF_MONTH})"
_TIME = rf"(?:{_DAY} ?)?{_CLOCK_TIME}"
_DATE = rf"{_DAY}(?: ?{_CLOCK_TIME})?"
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领"


class FieldInvalid(ValueError):
    """A value the platform would refuse with 47003. `reason` is a word for programs."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field = field
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


def validate_fields(data: Mapping[str, str]) -> dict[str, str]:
    """The values as they may be sent, or FieldInvalid(field, reason).

    Line breaks, control characters and emoji are taken out. Only `thing` is shortened, with `…`: it is
    prose. Any other value that does not fit would say something false when cut, so it is refused.
    """
    return {name: _validate(name, value) for name, value in data.items()}


def refusal_of(name: str, value: object) -> str | None:
    """Why the platform would refuse the value exactly as it is written, or None.

    empty, too_long, characters (line breaks, control characters and emoji too), format, unknown_kind, not_text.
    """
    if not isinstance(value, str):
        return "not_text"
    try:
        sendable = _validate(name, value)
    except FieldInvalid as error:
        return error.reason
    if clean_value(value) != value.strip():
        return "characters"
    return None if sendable == clean_value(value) else "too_long"


def _validate(name: str, value: str) -> str:
    found = _NAME.fullmatch(name)
    rule = _RULES.get(found["kind"]) if found else None
    if rule is None or not found or (found["kind"] != "enum" and not found["number"]):
        raise FieldInvalid(name, "unknown_kind")
    clean = clean_value(value)
    if not clean:
        raise FieldInvalid(name, "empty")
    if found["kind"] == "thing":
        return shorten(clean, THING_CHARACTERS)
    reason = rule(clean)
    if reason:
        raise FieldInvalid(name, reason)
    return clean


def clean_value(value: str) -> str:
    """One line without control characters, invisible marks or emoji."""
    spaced = re.sub(r"[\t\r\n\v\f\x85\u2028\u2029]+", " ", value)
    return "".join(character for character in spaced if _is_plain(character)).strip()


def shorten(value: str, limit: int) -> str:
    """`value` if it fits, otherwise its beginning and `…`, together `limit` code points."""
    return value if len(value) <= limit else value[: limit - 1].rstrip() + "…"


def _is_plain(character: str) -> bool:
    if 0xFE00 <= ord(character) <= 0xFE0F or 0x1F000 <= ord(character) <= 0x1FAFF:
        return False  # variation selectors, pictographs
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Me")


def _is_chinese(value: str) -> bool:
    return all(unicodedata.name(character, "").startswith("CJK UNIFIED") for character in value)


def _matching(pattern: str) -> Callable[[str], str | None]:
    compiled = re.compile(pattern)
    return lambda value: None if compiled.fullmatch(value) else "format"


def _limited(limit: int, allowed: Callable[[str], bool]) -> Callable[[str], str | None]:
    def check(value: str) -> str | None:
        if len(value) > limit:
            return "too_long"
        return None if all(allowed(character) for character in value) else "characters"

    return check


def _is_ascii_print(character: str) -> bool:
    return " " <= character <= "~"


def _is_symbol(character: str) -> bool:
    return unicodedata.category(character)[0] in "PS"


def _check_amount(value: str) -> str | None:
    if not re.fullmatch(r"[¥￥$€£₩฿]?\d+(?:\.\d+)?元?", value, re.ASCII):
        return "format"
    return "too_long" if sum(character.isdecimal() for character in value) > 10 else None


def _check_number(value: str) -> str | None:
    if not re.fullmatch(r"-?\d+(?:\.\d+)?", value, re.ASCII):
        return "format"
    return "too_long" if sum(character.isdecimal() for character in value) > 32 else None


def _check_name(value: str) -> str | None:
    if all(_is_ascii_print(character) for character in value):
        return "too_long" if len(value) > 20 else None
    if not all(_is_chinese(character) or character == "·" for character in value):
        return "characters"
    return "too_long" if len(value) > 10 else None


def _check_phrase(value: str) -> str | None:
    if not _is_chinese(value):
        return "characters"
    return "too_long" if len(value) > 5 else None


def _range_of(pattern: str) -> Callable[[str], str | None]:
    """One moment, or two with `~` between."""
    one = re.compile(pattern, re.ASCII)

    def check(value: str) -> str | None:
        ends = [end.strip() for end in value.split("~")]
        return None if len(ends) <= 2 and all(one.fullmatch(end) for end in ends) else "format"

    return check


_RULES: dict[str, Callable[[str], str | None]] = {
    "thing": lambda value: None,
    "number": _check_number,
    "letter": _limited(32, lambda character: character.isascii() and character.isalpha()),
    "symbol": _limited(5, _is_symbol),
    "character_string": _limited(32, _is_ascii_print),
    "time": _range_of(_TIME),
    "date": _range_of(_DATE),
    "amount": _check_amount,
    "phone_number": _matching(r"[0-9+\-() #*]{1,17}"),
    "car_number": _matching(rf"[{_PROVINCES}][A-Z][0-9A-Z]{{4,6}}[0-9A-Z挂学警港澳]?"),
    "name": _check_name,
    "phrase": _check_phrase,
    "enum": lambda value: None,
}
