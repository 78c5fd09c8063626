"""Time limits by jurisdiction, and the day on which they end."""

from datetime import date

import pytest

from services.rules.suggestion_sla import PROFILES, Limit, due_on

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(("start", "limit", "day"), [
    (MONDAY, Limit(5, "workday"), date(2026, 3, 9)),
    (MONDAY, Limit(3, "day"), date(2026, 3, 5)),
    # A Saturday gives way to Monday.
    (MONDAY, Limit(5, "day"), date(2026, 3, 9)),
    (date(2026, 1, 30), Limit(1, "month"), date(2026, 2, 28)),
    (date(2026, 11, 30), Limit(3, "month"), date(2027, 3, 1)),
    (date(2026, 12, 31), Limit(6, "month"), date(2027, 6, 30)),
])
def test_a_limit_ends_on_a_working_day(start: date, limit: Limit, day: date) -> None:
    assert due_on(start, limit, {}) == day


def test_the_offices_own_table_of_days_off_moves_the_end() -> None:
    assert due_on(MONDAY, Limit(3, "day"), {date(2026, 3, 5): False}) == date(2026, 3, 6)


def test_the_profiles_say_what_the_statutes_say() -> None:
    by_code = {profile.code: profile for profile in PROFILES.values()}
    assert len(by_code) == len(PROFILES)
    assert str(by_code["zhejiang"].objection) == "10日"
    assert (by_code["chongqing"].redo, by_code["chongqing"].after_redo) == (Limit(2, "month"), "召集代表与承办单位会商")
    assert by_code["henan"].evaluation == Limit(10, "workday")
    assert by_code["beijing"].evaluation == Limit(15, "workday")
    assert by_code["yulin"].objection == Limit(7, "workday")


def test_a_township_has_the_stricter_limit_where_the_text_has_one() -> None:
    shandong, national = PROFILES[2], PROFILES[0]
    assert (shandong.answer_limit("township"), shandong.extended_limit("township")) == (Limit(2, "month"), Limit(4, "month"))
    assert (shandong.answer_limit("county"), shandong.extended_limit("county")) == (Limit(3, "month"), Limit(6, "month"))
    assert national.answer_limit("township") == Limit(3, "month")
