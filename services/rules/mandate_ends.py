"""How a mandate ends: the causes of 代表法 §62, death and the term's end, and what the person then reads."""

from datetime import date

REASONS = {
    "resigned": "辞职被接受", "resigned_on_order": "被责令辞职", "recalled": "被罢免", "left_area": "迁出或调离本行政区域",
    "absent_twice": "未经批准两次不出席本级人民代表大会会议", "lost_nationality": "丧失中华人民共和国国籍",
    "lost_rights": "依法被剥夺政治权利", "lost_capacity": "丧失行为能力", "died": "去世", "term_over": "任期届满",
}
#: The cause when a person moves to another township, and when a whole congress ends.
LEFT_AREA, TERM_OVER = "left_area", "term_over"
#: Characters of the note: which session or announcement decided it.
MAX_NOTE = 100


def describe(reason: str, note: str) -> str:
    """The cause with what it rests on, as the record keeps it: `辞职被接受（2026年第3号公告）`."""
    return f"{REASONS[reason]}（{note.strip()}）" if note.strip() else REASONS[reason]


def was_in_force(state: str, ended_on: date | None, day: date) -> bool:
    """Whether a mandate held on a day: the day it ended is the first without it."""
    return state == "active" or (state == "ended" and ended_on is not None and day < ended_on)


def tell_former(suspended: bool, ended_on: date | None) -> str:
    """What somebody reads whose mandates are all out of force; the cause is told by the congress, not by a phone."""
    what = "目前暂停执行" if suspended or ended_on is None else f"已于{ended_on:%Y年%m月%d日}终止"
    return f"您的代表职务{what}，现以群众身份使用本平台。履职记录和积分仍由人大保存，如有疑问请联系工作人员。"
