"""Time limits of deputies' suggestions by jurisdiction, as shipped data, and how a limit becomes a day.

A region chooses a profile by its number (`suggestion.profile`), from a day on. Where a local text sets no limit
for a step, the national profile's holds. The stricter township limits (2 and 4 months) hold where a text has them.
"""

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from services.rules import workdays

Unit = Literal["day", "workday", "month"]
UNIT_NAMES = {"day": "日", "workday": "个工作日", "month": "个月"}


@dataclass(frozen=True)
class Limit:
    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count}{UNIT_NAMES[self.unit]}"


@dataclass(frozen=True)
class Profile:
    """The limits of one jurisdiction; what a text leaves open is the national default."""

    code: str
    name: str
    accept: Limit = Limit(7, "workday")
    objection: Limit = Limit(5, "workday")
    reassign: Limit = Limit(10, "workday")
    first_contact: Limit = Limit(20, "workday")
    co_opinion: Limit = Limit(1, "month")
    answer: Limit = Limit(3, "month")
    extended: Limit = Limit(6, "month")
    township_answer: Limit = Limit(3, "month")
    township_extended: Limit = Limit(6, "month")
    #: Whether a longer time needs the deputy's consent.
    needs_consent: bool = True
    evaluation: Limit = Limit(20, "workday")
    redo: Limit = Limit(1, "month")
    #: What follows a second unsatisfied evaluation.
    after_redo: str = "协调督办"

    def answer_limit(self, level: str) -> Limit:
        return self.township_answer if level == "township" else self.answer

    def extended_limit(self, level: str) -> Limit:
        return self.township_extended if level == "township" else self.extended


def _days(count: int) -> Limit:
    return Limit(count, "day")


def _workdays(count: int) -> Limit:
    return Limit(count, "workday")


def _months(count: int) -> Limit:
    return Limit(count, "month")


#: By the number that a region's setting names; numbers are never given anew.
PROFILES: dict[int, Profile] = {
    0: Profile("national", "代表法（2025）", needs_consent=False),
    1: Profile("zhejiang", "浙江（2016）", accept=_days(7), objection=_days(10), co_opinion=_months(2)),
    2: Profile("shandong", "山东（2017）", accept=_days(5), objection=_days(5), township_answer=_months(2),
               township_extended=_months(4)),
    3: Profile("chongqing", "重庆（2017）", accept=_workdays(10), objection=_workdays(10), co_opinion=_workdays(30),
               redo=_months(2), needs_consent=False, after_redo="召集代表与承办单位会商",
               township_answer=_months(2), township_extended=_months(4)),
    4: Profile("shanghai", "上海", objection=_workdays(7)),
    5: Profile("beijing", "北京（2014）", evaluation=_workdays(15), redo=_months(2)),
    6: Profile("henan", "河南（2017）", objection=_workdays(10), co_opinion=_months(2), evaluation=_workdays(10),
               needs_consent=False, after_redo="专家评议"),
    7: Profile("qingdao", "青岛（2021）", accept=_workdays(5)),
    8: Profile("yulin", "玉林", objection=_workdays(7)),
}


def due_on(start: date, limit: Limit, overrides: Mapping[date, bool]) -> date:
    """The last day of a limit that begins on the day after `start` (民法典 §§201-203).

    A month ends on the day of the same number, or on the month's last; a last day that is no working day
    gives way to the next one that is.
    """
    if limit.unit == "workday":
        return workdays.add_workdays(start, limit.count, overrides)
    last = start + timedelta(days=limit.count) if limit.unit == "day" else _add_months(start, limit.count)
    while not workdays.is_workday(last, overrides):
        last += timedelta(days=1)
    return last


def _add_months(start: date, count: int) -> date:
    year, month = divmod(start.year * 12 + start.month - 1 + count, 12)
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))
