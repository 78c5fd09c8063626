"""Whole numbers of a count: what is not a count is refused with a sentence, never rounded or repaired."""

from services.rules.sentences import SENTENCES


class BadCount(ValueError):
    """Numbers that cannot come from a real count; `sentence` says which and why."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data = data

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code].format(**self.data)


def whole(name: str, value: object, *, least: int = 0) -> int:
    """The value itself, if it is a whole number of at least `least`; true and 3.0 are not."""
    if type(value) is not int or value < least:
        raise BadCount("count_not_whole", name=name, least=least)
    return value


def at_most(name: str, value: int, limit_name: str, limit: int) -> None:
    if value > limit:
        raise BadCount("count_too_high", name=name, value=value, limit_name=limit_name, limit=limit)


def is_more_than_half(part: int, whole_number: int) -> bool:
    """Strictly more than half (过半数): 17 of 35 is not, 18 is; 17 of 34 is not."""
    return 2 * part > whole_number


def least_majority(whole_number: int) -> int:
    """The smallest number that is more than half: 33 of 65, 23 of 45, 23 of 44."""
    return whole_number // 2 + 1
