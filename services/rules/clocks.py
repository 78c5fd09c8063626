"""Ends of periods by the Civil Code: the first day does not count, the last one runs to its end (民法典 §§200-204)."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from services.rules.workdays import add_workdays, is_workday

CHINA = ZoneInfo("Asia/Shanghai")
Unit = Literal["day", "workday", "month"]
#: Long enough for every clock of the law, and short enough that no calendar ends.
MAX_LENGTH = {"day": 3660, "workday": 2500, "month": 120}


def period_end(start: datetime, length: int, unit: Unit, overrides: Mapping[date, bool]) -> datetime:
    """The last second, China time, of the period that begins with the moment `start`.

    The day of the start is not counted (§201). Months end on the day of the same number, or on the month's last day
    (§202). A period of days or months whose last day is a day off ends with the next working day (§203). Its last
    day runs to 24:00; the office's closing hour is the office's matter and not the resident's.
    """
    first = start.astimezone(CHINA).date()
    if unit == "workday":
        last = add_workdays(first, length, overrides)
    else:
        last = _months_later(first, length) if unit == "month" else first + timedelta(days=length)
        while not is_workday(last, overrides):
            last += timedelta(days=1)
    return datetime.combine(last, time(23, 59, 59), CHINA)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
