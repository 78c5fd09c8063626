"""Grades of a year's total, in proportion to the months a mandate was in force.

80 分以上为好，60 分以上不满 80 分为较好，不满 60 分为差。补选、任期届满等只在任一部分月份的，标准按在任月数折算。
"""

from datetime import date

GOOD, FAIR, POOR, UNRATED = "好", "较好", "差", "不评定等次"
MONTHS = 12
#: From how many half points of a whole year a grade is reached, best first.
THRESHOLDS = ((160, GOOD), (120, FAIR))


def active_months(year: int, began_on: date | None, ended_on: date | None) -> int:
    """How many months of the year hold at least one day of the mandate."""
    first, last = max(began_on or date.min, date(year, 1, 1)), min(ended_on or date.max, date(year, 12, 31))
    return 0 if first > last else last.month - first.month + 1


def grade(total: int, *, months: int = MONTHS, is_barred: bool = False) -> str:
    """The grade the rules propose for a total of half points; a person confirms it.

    Compared without division: total / (months / 12) >= 80 is total * 12 >= 80 * months.
    """
    if is_barred or months == 0:
        return UNRATED
    return next((name for least, name in THRESHOLDS if total * MONTHS >= least * months), POOR)
