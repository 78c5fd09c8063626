"""Periods end where a person with a paper calendar would say, in 10,000 random cases and at the known corners."""

import random
from datetime import UTC, date, datetime, timedelta

import chinese_calendar
import pytest

from services.rules.clocks import CHINA, Unit, period_end


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(("start", "length", "unit", "due"), [
    # the week of the National Day, with the Saturday that is worked
    ("2026-09-29T10:00", 1, "workday", "2026-09-30"),
    ("2026-09-29T10:00", 2, "workday", "2026-10-08"),
    ("2026-09-29T10:00", 7, "workday", "2026-10-14"),
    # the last day falls on a holiday: the next working day
    ("2026-09-28T10:00", 5, "day", "2026-10-08"),
    ("2026-09-29T23:59", 1, "day", "2026-09-30"),
    # a month ends on the day of its number, or on its last day
    ("2026-08-31T09:00", 1, "month", "2026-09-30"),
    ("2025-11-30T09:00", 3, "month", "2026-02-28"),
    ("2024-01-31T09:00", 1, "month", "2024-02-29"),
    ("2026-10-15T09:00", 15, "month", "2028-01-17"),
    ("2026-11-24T09:00", 0, "workday", "2026-11-24"),
])
def test_a_period_ends_on_the_day_the_law_says(start: str, length: int, unit: Unit, due: str) -> None:
    assert period_end(at(start), length, unit, {}) == at(f"{due}T23:59:59")


def test_a_moment_of_the_world_counts_by_the_day_in_china() -> None:
    late = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)  # already Tuesday in China
    assert period_end(late, 1, "workday", {}) == at("2026-11-25T23:59:59")


def test_the_offices_own_table_goes_before_the_calendar() -> None:
    overrides = {date(2026, 11, 25): False, date(2026, 11, 28): True}
    assert period_end(at("2026-11-24T09:00"), 3, "workday", overrides) == at("2026-11-28T23:59:59")


def _works(day: date) -> bool:
    return bool(chinese_calendar.is_workday(day)) if 2004 <= day.year <= 2026 else day.weekday() < 5


def _slowly(start: date, length: int, unit: str) -> date:
    """Walk the calendar one day at a time, crossing days off."""
    day = start
    if unit == "month":
        for _ in range(length):
            day = day.replace(day=1) + timedelta(days=32)
            day = day.replace(day=1)
        while day.day != start.day and (day + timedelta(days=1)).month == day.month:
            day += timedelta(days=1)
    elif unit == "day":
        for _ in range(length):
            day += timedelta(days=1)
    else:
        left = length
        while left:
            day += timedelta(days=1)
            left -= _works(day)
        return day
    while not _works(day):
        day += timedelta(days=1)
    return day


def test_ten_thousand_periods_over_ten_years_end_where_a_walk_through_the_calendar_ends() -> None:
    chance = random.Random(20261124)
    units: list[tuple[Unit, int]] = [("day", 120), ("workday", 90), ("month", 14)]
    for _ in range(10_000):
        start = date(2018, 1, 1) + timedelta(days=chance.randrange(3652))
        unit, most = chance.choice(units)
        length = chance.randrange(most + 1)
        moment = datetime(start.year, start.month, start.day, chance.randrange(24), chance.randrange(60), tzinfo=CHINA)
        assert period_end(moment, length, unit, {}).date() == _slowly(start, length, unit), (start, length, unit)
