"""Rotating codes of the station's screen."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.rules.screen_codes import SLOT_SECONDS, code_for, is_shown, seconds_left, slot_of

KEY = b"a-signing-key"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_a_code_is_eight_digits_and_the_same_for_the_same_half_minute() -> None:
    code = code_for(KEY, 1, slot_of(NOON), 0)
    assert len(code) == 8
    assert code.isdigit()
    assert code == code_for(KEY, 1, slot_of(NOON + timedelta(seconds=29)), 0)


def test_the_next_half_minute_has_another_code() -> None:
    assert code_for(KEY, 1, slot_of(NOON), 0) != code_for(KEY, 1, slot_of(NOON + timedelta(seconds=30)), 0)


def test_station_sequence_and_key_all_change_the_code() -> None:
    slot = slot_of(NOON)
    codes = {code_for(KEY, 1, slot, 0), code_for(KEY, 2, slot, 0), code_for(KEY, 1, slot, 1),
             code_for(b"another-key", 1, slot, 0)}
    assert len(codes) == 4


def test_the_countdown_runs_from_thirty_to_one() -> None:
    assert seconds_left(NOON) == 30
    assert seconds_left(NOON + timedelta(seconds=29)) == 1


@given(st.integers(0, 40 * 365 * 86400))
def test_a_slot_changes_exactly_when_the_countdown_ends(seconds: int) -> None:
    moment = NOON + timedelta(seconds=seconds)
    later = moment + timedelta(seconds=seconds_left(moment))
    assert slot_of(later) == slot_of(moment) + 1
    assert 1 <= seconds_left(moment) <= SLOT_SECONDS


def test_a_shared_code_is_good_for_this_and_the_last_half_minute() -> None:
    code = code_for(KEY, "activity:3", slot_of(NOON), 0)
    assert [is_shown(KEY, "activity:3", NOON + timedelta(seconds=after), code) for after in (0, 29, 59, 60)] == [
        True, True, True, False]
    assert not is_shown(KEY, "activity:4", NOON, code)
