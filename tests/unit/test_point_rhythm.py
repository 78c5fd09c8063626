"""What is still missing."""

from datetime import date

import pytest

from services.rules.default_points import ITEMS
from services.rules.point_rhythm import RHYTHMS, missing, period_start

CODES = [row[0] for row in ITEMS]
TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(("today", "months", "start"), [
    (date(2026, 1, 1), 3, date(2026, 1, 1)), (date(2026, 3, 31), 3, date(2026, 1, 1)),
    (date(2026, 4, 1), 3, date(2026, 4, 1)), (date(2026, 12, 31), 3, date(2026, 10, 1)),
    (date(2026, 12, 31), 12, date(2026, 1, 1))])
def test_a_period_starts_on_its_first_day(today: date, months: int, start: date) -> None:
    assert period_start(today, months) == start


def test_everything_is_missing_at_first_and_only_what_the_table_has() -> None:
    assert missing(TODAY, [], CODES) == [sentence for _code, _months, sentence in RHYTHMS]
    assert missing(TODAY, [], ["C1"]) == ["本季度还差一次接待"]


@pytest.mark.parametrize(("on", "is_missing"), [
    (date(2026, 10, 1), False), (TODAY, False), (date(2026, 9, 30), True), (date(2025, 11, 1), True)])
def test_a_reception_counts_for_its_own_quarter(on: date, is_missing: bool) -> None:
    assert ("本季度还差一次接待" in missing(TODAY, [("C1", on)], CODES)) is is_missing


def test_a_yearly_duty_counts_for_the_whole_year() -> None:
    assert missing(TODAY, [("B3", date(2026, 1, 5)), ("E2", date(2026, 2, 5))], CODES) == [
        "本季度还差一次接待", "本季度还差一次代表小组活动"]


def test_the_items_spoken_of_are_in_the_default_table() -> None:
    assert {code for code, _months, _sentence in RHYTHMS} <= set(CODES)
