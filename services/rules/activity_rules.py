"""Meetings and activities: their kinds, what each earns, and how a person's attendance may go on (会议活动)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

KIND_NAMES = {
    "meeting": "会议", "study": "集中学习", "theme": "主题活动", "professional": "专业小组活动", "volunteer": "志愿服务",
    "inspection": "视察", "research": "专题调研", "enforcement": "执法检查", "review": "工作评议、专题询问",
    "training": "履职培训",
}
#: The item of the rule table that a kind proposes; the clerk may choose another, or none.
ITEM_OF_KIND = {
    "meeting": "A3", "study": "D4", "theme": "D4", "professional": "D4", "volunteer": "F5", "inspection": "D1",
    "research": "D2", "enforcement": "D3", "review": "D5", "training": "E1",
}
#: What is taken off where the organiser says that attendance is obligatory.
ABSENT_ITEM, LEAVE_ITEM, LATE_ITEM = "G3", "G4", "G5"

STATE_NAMES = {"draft": "草稿", "published": "已发布", "closed": "已办结", "cancelled": "已取消"}
PERSON_STATE_NAMES = {
    "invited": "可报名", "expected": "应参加", "withdrawn": "已取消报名", "leave_asked": "请假待批", "on_leave": "已请假",
    "awaiting_confirmation": "待工作人员确认", "present": "已签到", "left": "已签退", "absent": "缺席",
}
#: What may happen to a person's row. Nobody is kept out for having asked for leave: who comes is there.
MOVES: dict[str, frozenset[str]] = {
    "sign_up": frozenset({"invited", "withdrawn"}),
    "withdraw": frozenset({"expected"}),
    "ask_leave": frozenset({"expected"}),
    "decide_leave": frozenset({"leave_asked"}),
    "arrive": frozenset({"invited", "withdrawn", "expected", "leave_asked", "on_leave", "awaiting_confirmation"}),
    "ask_clerk": frozenset({"invited", "withdrawn", "expected", "leave_asked", "on_leave"}),
    "decide_arrival": frozenset({"awaiting_confirmation"}),
    "leave": frozenset({"present"}),
}
#: Those who count as having come, and those who are expected at all.
ARRIVED = ("present", "left")
CALLED = ("expected", "leave_asked", "on_leave", "awaiting_confirmation", "present", "left", "absent")
#: How long before its beginning one may check in.
OPENS_BEFORE = timedelta(hours=2)


def quorum_of(called: int) -> int:
    """At least two thirds of all who are called, whoever is on leave (全体的三分之二)."""
    return -(-2 * called // 3)


def window_refusal(now: datetime, starts_at: datetime, ends_at: datetime) -> str | None:
    """Why nobody can check in at this moment, or None."""
    if now < starts_at - OPENS_BEFORE:
        return "activity_not_begun"
    return "activity_over" if now > ends_at else None


def is_late(arrived_at: datetime, starts_at: datetime, grace: timedelta) -> bool:
    return arrived_at > starts_at + grace


def is_early(left_at: datetime, ends_at: datetime, grace: timedelta) -> bool:
    return left_at < ends_at - grace


@dataclass(frozen=True)
class Terms:
    """What counts for attendance: the item it earns, and whether absence, leave and lateness cost points."""

    item_code: str | None
    needs_check_out: bool
    deducts: bool
    minimum_stay: timedelta


@dataclass(frozen=True)
class Attended:
    state: str
    arrived_at: datetime | None
    left_at: datetime | None
    is_late: bool
    is_early: bool


def earns(terms: Terms, who: Attended) -> bool:
    """Whether the attendance is long enough to count; without a check-out arriving is enough."""
    if who.state not in ARRIVED or who.arrived_at is None:
        return False
    if not terms.needs_check_out:
        return True
    return who.left_at is not None and who.left_at - who.arrived_at >= terms.minimum_stay


def deduction(terms: Terms, who: Attended) -> str | None:
    """The item that is taken off, at most one: absence, leave, or coming late and leaving early."""
    if not terms.deducts:
        return None
    if who.state == "absent":
        return ABSENT_ITEM
    if who.state == "on_leave":
        return LEAVE_ITEM
    return LATE_ITEM if who.state in ARRIVED and (who.is_late or who.is_early) else None
