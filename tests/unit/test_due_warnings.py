"""When a clock's end is announced, and when a resident is asked for a rating again."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.due_warnings import MAX_REMINDERS, WARNINGS, is_long_overdue, reminder_due, warnings_due

SET_ON, DUE_ON = date(2026, 1, 1), date(2026, 3, 1)


@pytest.mark.parametrize(("before", "kind"), [(30, "due_30"), (7, "due_7"), (1, "due_1"), (0, "due_0"), (-1, "overdue")])
def test_each_warning_comes_on_its_own_day_and_not_before(before: int, kind: str) -> None:
    day = DUE_ON - timedelta(days=before)
    assert warnings_due(SET_ON, DUE_ON, day)[-1] == kind
    assert kind not in warnings_due(SET_ON, DUE_ON, day - timedelta(days=1))


def test_a_warning_whose_day_lay_before_the_clock_is_no_news() -> None:
    set_on = DUE_ON - timedelta(days=7)
    assert warnings_due(set_on, DUE_ON, DUE_ON) == ["due_1", "due_0"]
    assert warnings_due(DUE_ON, DUE_ON, DUE_ON) == []


@given(st.integers(0, 60), st.sets(st.integers(0, 70)))
def test_whichever_days_run_each_warning_is_new_exactly_once_and_none_is_early(length: int, days: set[int]) -> None:
    due_on = SET_ON + timedelta(days=length)
    known: list[str] = []
    for number in sorted(days):
        today = SET_ON + timedelta(days=number)
        new = [kind for kind in warnings_due(SET_ON, due_on, today) if kind not in known]
        assert all((due_on - today).days <= WARNINGS[kind] for kind in new)
        known += new
    assert len(known) == len(set(known))
    if days and max(days) > length:
        assert known == [kind for kind, before in WARNINGS.items() if before < length]


def test_long_overdue_counts_working_days() -> None:
    friday = date(2026, 11, 20)
    assert not is_long_overdue(friday, date(2026, 11, 26), 5, {})
    assert is_long_overdue(friday, date(2026, 11, 27), 5, {})


@pytest.mark.parametrize(("days", "reminder"), [(0, 0), (4, 0), (5, 1), (9, 1), (10, 2), (14, 2), (15, 0)])
def test_reminders_come_after_a_third_and_two_thirds(days: int, reminder: int) -> None:
    assert reminder_due(SET_ON, SET_ON + timedelta(days=days), 15) == reminder


@given(st.integers(0, 400), st.integers(0, 400))
def test_there_are_two_reminders_at_most(days: int, rating_days: int) -> None:
    assert 0 <= reminder_due(SET_ON, SET_ON + timedelta(days=days), rating_days) <= MAX_REMINDERS
