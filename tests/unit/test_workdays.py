"""Working days of the PRC."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.rules.workdays import add_workdays, count_workdays, is_calendar_known, is_workday, workday_from


def test_the_national_day_holiday_of_2026_is_skipped() -> None:
    assert add_workdays(date(2026, 9, 29), 3, {}) == date(2026, 10, 9)


def test_a_saturday_made_a_working_day_by_the_state_council_counts() -> None:
    assert is_workday(date(2026, 10, 10), {})


def test_an_ordinary_weekend_does_not_count() -> None:
    assert add_workdays(date(2026, 11, 27), 1, {}) == date(2026, 11, 30)


def test_the_start_itself_is_not_counted() -> None:
    assert add_workdays(date(2026, 11, 23), 1, {}) == date(2026, 11, 24)


def test_no_days_later_is_the_same_day() -> None:
    assert add_workdays(date(2026, 11, 22), 0, {}) == date(2026, 11, 22)


def test_the_offices_table_makes_a_working_day_free() -> None:
    assert add_workdays(date(2026, 11, 23), 1, {date(2026, 11, 24): False}) == date(2026, 11, 25)


def test_the_offices_table_makes_a_holiday_a_working_day() -> None:
    assert add_workdays(date(2026, 9, 30), 1, {date(2026, 10, 1): True}) == date(2026, 10, 1)


def test_a_year_the_library_does_not_know_falls_back_to_monday_to_friday() -> None:
    assert not is_calendar_known(2199)
    assert is_workday(date(2199, 10, 1), {})  # a Tuesday
    assert not is_workday(date(2199, 10, 5), {})  # a Saturday


def test_the_library_knows_the_present_year() -> None:
    assert is_calendar_known(2026)


@given(st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.integers(1, 40))
def test_the_day_found_is_a_working_day_with_exactly_that_many_behind_it(start: date, count: int) -> None:
    end = add_workdays(start, count, {})
    between = [start + timedelta(days=step) for step in range(1, (end - start).days + 1)]
    assert sum(is_workday(day, {}) for day in between) == count
    assert is_workday(end, {})


def test_working_days_between_are_those_after_the_first_up_to_the_last() -> None:
    friday, monday = date(2026, 11, 20), date(2026, 11, 23)
    assert count_workdays(friday, monday, {}) == 1
    assert count_workdays(monday, monday, {}) == 0
    assert count_workdays(monday, friday, {}) == 0
    assert add_workdays(friday, count_workdays(friday, date(2026, 12, 1), {}), {}) == date(2026, 12, 1)


def test_a_day_off_goes_on_to_the_next_working_day() -> None:
    saturday = date(2026, 11, 21)
    assert workday_from(saturday, {}) == date(2026, 11, 23)
    assert workday_from(saturday, {saturday: True}) == saturday
