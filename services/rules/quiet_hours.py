"""Quiet hours: from one minute of the day to another, over midnight or not; equal minutes mean none."""

from datetime import datetime, time, timedelta


def end_of_quiet(moment: datetime, begin: int, end: int) -> datetime:
    """The moment itself, or the end of the quiet hours it falls into (local time, minutes after midnight)."""
    minute = moment.hour * 60 + moment.minute
    if begin == end or not is_quiet(minute, begin, end):
        return moment
    day = moment.date() + timedelta(days=1 if minute >= begin > end else 0)
    return datetime.combine(day, time(end // 60, end % 60), moment.tzinfo)


def is_quiet(minute: int, begin: int, end: int) -> bool:
    return begin <= minute < end if begin <= end else minute >= begin or minute < end
