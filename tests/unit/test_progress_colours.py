"""Colours of projects under supervision."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.counts import BadCount
from services.rules.progress_colours import COLOURS, ColourProfile, colour, planned

START, DUE = date(2026, 1, 1), date(2026, 12, 31)
#: A plan of exactly a hundred days: a day is a percentage point.
HUNDRED = (date(2026, 1, 1), date(2026, 4, 11))


def on_day(day: int, progress: int | Fraction, **more: object) -> str:
    return colour(HUNDRED[0], HUNDRED[1], progress, HUNDRED[0] + timedelta(days=day),
                  is_accepted=False, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("day", [1, 15, 30])
def test_a_third_done_in_september_is_red(day: int) -> None:
    assert colour(START, DUE, 33, date(2026, 9, day), is_accepted=False) == "red"


@pytest.mark.parametrize(("progress", "expected"), [
    (100, "green"), (50, "green"), (45, "green"), (44, "yellow"), (35, "yellow"), (34, "orange"), (20, "orange"),
    (19, "red"), (1, "red")])
def test_each_band_ends_exactly_where_the_profile_says(progress: int, expected: str) -> None:
    assert on_day(50, progress) == expected


def test_a_fraction_of_a_point_is_enough_to_fall_into_the_next_band() -> None:
    assert on_day(50, Fraction("44.999")) == "yellow"
    assert on_day(50, Fraction("45.0")) == "green"


def test_work_that_has_not_begun_after_sixty_days_is_red() -> None:
    slow = (date(2026, 1, 1), date(2030, 1, 1))
    assert colour(*slow, 0, slow[0] + timedelta(days=59), is_accepted=False) == "green"
    assert colour(*slow, 0, slow[0] + timedelta(days=60), is_accepted=False) == "red"
    assert colour(*slow, 1, slow[0] + timedelta(days=60), is_accepted=False) == "green"


def test_accepted_is_blue_whatever_the_figures() -> None:
    assert colour(START, DUE, 0, date(2030, 1, 1), is_accepted=True) == "blue"


def test_finished_but_not_accepted_is_green_and_not_blue() -> None:
    assert colour(START, DUE, 100, date(2027, 6, 1), is_accepted=False) == "green"


def test_before_the_start_nothing_is_expected_and_after_the_end_everything() -> None:
    assert planned(START, DUE, date(2025, 6, 1)) == 0
    assert planned(START, DUE, START) == 0
    assert planned(START, DUE, DUE) == planned(START, DUE, date(2030, 1, 1)) == 100
    assert planned(START, START, START) == 100


def test_a_place_may_set_its_own_bands() -> None:
    strict = ColourProfile(green=0, yellow=1, orange=2, days_to_begin=10)
    assert [on_day(50, progress, profile=strict) for progress in (50, 49, 48, 47)] == \
        ["green", "yellow", "orange", "red"]
    assert on_day(10, 0, profile=strict) == "red"


def test_a_plan_or_a_progress_that_cannot_be_is_refused() -> None:
    with pytest.raises(BadCount, match="plan_ends_before_start"):
        colour(DUE, START, 10, START, is_accepted=False)
    for progress in (-1, 101):
        with pytest.raises(BadCount, match="progress_not_percent"):
            colour(START, DUE, progress, START, is_accepted=False)


def test_every_colour_has_words() -> None:
    assert {colour[0]: words[0] for colour, words in COLOURS.items()} == \
        {"b": "蓝", "g": "绿", "y": "黄", "o": "橙", "r": "红"}


@given(st.integers(1, 1000), st.integers(-100, 1200), st.integers(0, 99))
def test_more_progress_is_never_a_worse_colour_and_a_later_day_never_a_better_one(
        days: int, day: int, progress: int) -> None:
    order = list(COLOURS)
    due, on = START + timedelta(days=days), START + timedelta(days=day)

    def place(percent: int, moment: date) -> int:
        return order.index(colour(START, due, percent, moment, is_accepted=False))

    assert place(progress + 1, on) <= place(progress, on)
    assert place(progress, on + timedelta(days=1)) >= place(progress, on)
