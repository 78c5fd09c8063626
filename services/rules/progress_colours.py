"""The colour of a project under supervision: progress against its plan, in five colours that are never without words.

The plan runs evenly from the start to the due date. Percentages are compared as exact fractions.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from services.rules.counts import BadCount

COLOURS = {"blue": "蓝色：已完工验收", "green": "绿色：按计划推进", "yellow": "黄色：略有滞后",
           "orange": "橙色：明显滞后", "red": "红色：严重滞后"}


@dataclass(frozen=True)
class ColourProfile:
    """Percentage points behind the plan that each colour still allows, and the days in which work must begin."""

    green: int = 5
    yellow: int = 15
    orange: int = 30
    days_to_begin: int = 60


def planned(start: date, due: date, on: date) -> Fraction:
    """The percentage that the plan expects at that day: 0 until the start, 100 from the due date."""
    if on >= due:
        return Fraction(100)
    return max(Fraction(0), Fraction(100 * (on - start).days, (due - start).days))


def colour(start: date, due: date, progress: int | Fraction, on: date, *, is_accepted: bool,
           profile: ColourProfile = ColourProfile()) -> str:
    if due < start:
        raise BadCount("plan_ends_before_start")
    if not 0 <= progress <= 100:
        raise BadCount("progress_not_percent")
    if is_accepted:
        return "blue"
    if progress == 0 and (on - start).days >= profile.days_to_begin:
        return "red"
    behind = planned(start, due, on) - progress
    for name, allowed in (("green", profile.green), ("yellow", profile.yellow), ("orange", profile.orange)):
        if behind <= allowed:
            return name
    return "red"
