"""Working days of the PRC: the office's own table first, then the calendar library, then Monday to Friday.

The library knows years up to its release only (it raises beyond them); the office enters the State
Council's yearly arrangement, and the console warns in December while next year's is missing.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import chinese_calendar

_ONE_DAY = timedelta(days=1)


def is_workday(day: date, overrides: Mapping[date, bool]) -> bool:
    if day in overrides:
        return overrides[day]
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


def is_calendar_known(year: int) -> bool:
    """Whether the library knows the year's 调休."""
    try:
        chinese_calendar.is_workday(date(year, 7, 1))
    except NotImplementedError:
        return False
    return True


def add_workdays(start: date, count: int, overrides: Mapping[date, bool]) -> date:
    """The day `count` working days after `start`, which itself is not counted (民法典 §201)."""
    day = start
    for _ in range(count):
        day += _ONE_DAY
        while not is_workday(day, overrides):
            day += _ONE_DAY
    return day


def count_workdays(start: date, end: date, overrides: Mapping[date, bool]) -> int:
    """The working days after `start` up to and with `end`; none where `end` does not come after it."""
    days = (start + _ONE_DAY * number for number in range(1, (end - start).days + 1))
    return sum(is_workday(day, overrides) for day in days)


def workday_from(day: date, overrides: Mapping[date, bool]) -> date:
    """The day itself where it is a working day, else the next one."""
    while not is_workday(day, overrides):
        day += _ONE_DAY
    return day
