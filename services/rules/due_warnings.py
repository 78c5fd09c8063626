"""When somebody is warned that a clock ends, and when a resident is asked again for a rating.

A warning belongs to a day: thirty days, seven, one and none before the end, and the day after it. One whose day lay
before the clock was set is no news; one whose day was missed, because nothing ran, is given on the next day that runs.
"""

from collections.abc import Mapping
from datetime import date, timedelta

from services.rules.workdays import add_workdays

#: Days before the end; the day after it is the first one overdue.
WARNINGS = {"due_30": 30, "due_7": 7, "due_1": 1, "due_0": 0, "overdue": -1}
ALERT_NAMES = {
    "due_30": "还有30天到期", "due_7": "还有7天到期", "due_1": "明天到期", "due_0": "今天到期", "overdue": "已超期",
    "overdue_long": "长期超期", "unsatisfied": "群众评价不满意",
}
MAX_REMINDERS = 2


def warnings_due(set_on: date, due_on: date, today: date) -> list[str]:
    """The warnings whose day has come, the most pressing one last."""
    return [name for name, days in WARNINGS.items() if set_on < due_on - timedelta(days=days) <= today]


def is_long_overdue(due_on: date, today: date, workdays: int, overrides: Mapping[date, bool]) -> bool:
    """Whether so many working days have gone by since the due day."""
    return add_workdays(due_on, workdays, overrides) <= today


def reminder_due(answered_on: date, today: date, rating_days: int) -> int:
    """Which reminder a resident who has not rated gets by now: the first after a third, the second after two thirds."""
    passed = (today - answered_on).days
    return min(passed * (MAX_REMINDERS + 1) // max(rating_days, 1), MAX_REMINDERS) if passed < rating_days else 0
