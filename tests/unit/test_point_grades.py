"""Grades and the months they are measured by."""

from datetime import date

import pytest

from services.rules.point_grades import active_months, grade


@pytest.mark.parametrize(("total", "name"), [
    (160, "好"), (159, "较好"), (120, "较好"), (119, "差"), (0, "差"), (240, "好")])
def test_a_whole_year_is_graded_at_eighty_and_sixty(total: int, name: str) -> None:
    assert grade(total) == name


@pytest.mark.parametrize(("total", "months", "name"), [
    (80, 6, "好"), (79, 6, "较好"), (60, 6, "较好"), (59, 6, "差"),
    # 7 months: 46⅔ and 35 points, compared without rounding.
    (94, 7, "好"), (93, 7, "较好"), (70, 7, "较好"), (69, 7, "差"), (14, 1, "好"), (13, 1, "较好")])
def test_a_part_of_a_year_is_graded_in_proportion_to_its_months(total: int, months: int, name: str) -> None:
    assert grade(total, months=months) == name


def test_a_decided_breach_or_a_year_outside_the_mandate_has_no_grade() -> None:
    assert grade(200, is_barred=True) == "不评定等次"
    assert grade(0, months=0) == "不评定等次"


@pytest.mark.parametrize(("began", "ended", "months"), [
    (None, None, 12), (date(2021, 3, 1), None, 12), (date(2026, 7, 1), None, 6), (date(2026, 7, 31), None, 6),
    (None, date(2026, 3, 1), 3), (date(2026, 5, 31), date(2026, 6, 1), 2), (date(2027, 1, 1), None, 0),
    (None, date(2025, 12, 31), 0), (date(2026, 12, 31), date(2030, 1, 1), 1)])
def test_a_month_counts_when_the_mandate_was_in_force_on_any_of_its_days(
        began: date | None, ended: date | None, months: int) -> None:
    assert active_months(2026, began, ended) == months
