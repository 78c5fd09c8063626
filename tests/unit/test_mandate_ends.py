"""How a mandate ends."""

from datetime import date

import pytest

from services.rules.mandate_ends import LEFT_AREA, REASONS, TERM_OVER, describe, tell_former, was_in_force

DAY = date(2026, 11, 20)


def test_the_causes_of_a_move_and_of_a_term_are_among_the_causes() -> None:
    assert {LEFT_AREA, TERM_OVER} < set(REASONS)


@pytest.mark.parametrize(("note", "words"), [
    ("", "辞职被接受"), (" ", "辞职被接受"), (" 第3号公告 ", "辞职被接受（第3号公告）")])
def test_a_cause_is_told_with_what_it_rests_on(note: str, words: str) -> None:
    assert describe("resigned", note) == words


@pytest.mark.parametrize(("state", "ended_on", "day", "held"), [
    ("active", None, DAY, True), ("suspended", None, DAY, False), ("ended", DAY, date(2026, 11, 19), True),
    ("ended", DAY, DAY, False), ("ended", DAY, date(2026, 11, 21), False), ("ended", None, DAY, False)])
def test_the_day_a_mandate_ends_is_the_first_without_it(
        state: str, ended_on: date | None, day: date, held: bool) -> None:
    assert was_in_force(state, ended_on, day) is held


@pytest.mark.parametrize(("suspended", "ended_on", "words"), [
    (False, DAY, "已于2026年11月20日终止"), (True, None, "目前暂停执行")])
def test_somebody_out_of_office_reads_since_when_and_never_why(
        suspended: bool, ended_on: date | None, words: str) -> None:
    told = tell_former(suspended, ended_on)
    assert words in told
    assert not any(cause in told for cause in REASONS.values())
