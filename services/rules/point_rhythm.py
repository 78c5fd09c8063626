"""What a deputy still owes the running quarter or year: a reception and a group activity a quarter, the yearly duties.

每季度至少一次进站接待、一次代表小组活动（代表小组全年不少于四次）；每年至少一件建议、一次向选民述职。
"""

from collections.abc import Collection, Iterable
from datetime import date

#: (item, months of its period, what to say while it has not happened).
RHYTHMS: tuple[tuple[str, int, str], ...] = (
    ("C1", 3, "本季度还差一次接待"),
    ("D4", 3, "本季度还差一次代表小组活动"),
    ("B3", 12, "今年还没有提出建议"),
    ("E2", 12, "今年还没有向选民述职"),
)


def period_start(today: date, months: int) -> date:
    """The first day of the running quarter (3) or year (12)."""
    return date(today.year, (today.month - 1) // months * months + 1, 1)


def missing(today: date, acts: Iterable[tuple[str, date]], items: Collection[str]) -> list[str]:
    """Sentences for what has not happened yet in its running period, of the items the local table has."""
    done = list(acts)
    return [sentence for code, months, sentence in RHYTHMS if code in items and not any(
        item == code and period_start(today, months) <= on <= today for item, on in done)]
