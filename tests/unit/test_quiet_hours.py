"""Quiet hours, over midnight and within a day."""

from datetime import datetime, timedelta, timezone

import pytest

from services.rules.quiet_hours import end_of_quiet

CHINA = timezone(timedelta(hours=8))
NIGHT = (21 * 60, 7 * 60 + 30)


def _at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(("moment", "hours", "expected"), [
    (_at(23, 20, 59), NIGHT, _at(23, 20, 59)), (_at(23, 21), NIGHT, _at(24, 7, 30)),
    (_at(24, 0), NIGHT, _at(24, 7, 30)), (_at(24, 7, 29), NIGHT, _at(24, 7, 30)), (_at(24, 7, 30), NIGHT, _at(24, 7, 30)),
    (_at(23, 12, 30), (12 * 60, 14 * 60), _at(23, 14)), (_at(23, 14), (12 * 60, 14 * 60), _at(23, 14)),
    (_at(23, 3), (0, 0), _at(23, 3)), (_at(30, 22), NIGHT, datetime(2026, 12, 1, 7, 30, tzinfo=CHINA)),
])
def test_a_moment_in_the_quiet_hours_moves_to_their_end(
        moment: datetime, hours: tuple[int, int], expected: datetime) -> None:
    assert end_of_quiet(moment, *hours) == expected
