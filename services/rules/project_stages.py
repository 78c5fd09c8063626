"""The way of a year's livelihood projects from the call to the decision: stages, bodies, reasons (tables, not ifs)."""

from collections.abc import Collection, Sequence

#: In the order in which a year passes them; nothing skips one.
STAGE_NAMES = {
    "collecting": "公告征集", "screening": "汇总筛选", "shortlisting": "代表初选", "reviewing": "审查把关",
    "candidates": "候选项目已确定", "voting": "大会票决", "decided": "票决结果已公布",
}
MOVES: dict[str, frozenset[str]] = {
    "collecting": frozenset({"screening"}),
    "screening": frozenset({"shortlisting"}),
    "shortlisting": frozenset({"reviewing"}),
    # reviewing → shortlisting: a body returns the list, which is drawn up again and passes every body again.
    "reviewing": frozenset({"candidates", "shortlisting"}),
    "candidates": frozenset({"voting"}),
    # voting → candidates: the round was void, the vote is held anew.
    "voting": frozenset({"decided", "candidates"}),
    "decided": frozenset(),
}
#: library → reserve or excluded: by screening; listed: on the list put before the bodies; the rest by the vote.
PROJECT_STATES = {
    "library": "项目库", "reserve": "储备库", "excluded": "未列入", "listed": "初选名单", "candidate": "候选项目",
    "elected": "当选项目", "not_elected": "未当选",
}
EXCLUSION_REASONS = {
    "not_public": "不属于公共、普惠的事项", "not_feasible": "经论证不具备实施条件", "no_funds": "资金来源不落实",
    "debt_risk": "可能增加政府债务风险", "adds_burden": "会增加群众或企业负担", "land_or_environment": "用地、环保手续不符合要求",
    "stability_or_safety": "存在稳定或安全隐患", "already_planned": "已列入其他计划", "not_this_level": "不属于本级职权",
    "too_long": "一年内无法完成且不能分年度实施",
}
BODY_NAMES = {
    "presidium": "人大主席团", "party_committee": "党委", "joint_meeting": "党政联席会议", "chairpersons_meeting": "主任会议",
    "standing_committee": "人大常委会",
}
#: The bodies that must agree to the list, in their order.
REVIEWS: dict[str, tuple[str, ...]] = {
    "township": ("presidium", "party_committee", "joint_meeting"),
    "county": ("party_committee", "chairpersons_meeting", "standing_committee"),
}
#: A call is open at least so many days.
CALL_DAYS = 15


def may_move(stage: str, to: str) -> bool:
    return to in MOVES[stage]


def has_reached(stage: str, wanted: str) -> bool:
    """Whether a year is at this stage or beyond it."""
    order = list(STAGE_NAMES)
    return order.index(stage) >= order.index(wanted)


def next_body(level: str, approved: Collection[str]) -> str | None:
    """The body whose word is due: the first in the order that has not agreed yet; None when all have."""
    return next((body for body in REVIEWS[level] if body not in approved), None)


def yuan(fen: int) -> str:
    """`12.5万元` of 12,500,000 fen, exact to the fen and without needless zeros."""
    whole, rest = divmod(fen, 1_000_000)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".") + "万元"


def fen_of_wan(text: str) -> int | None:
    """Fen from an amount typed in 万元 with at most six decimals; None when it is not one."""
    whole, _, rest = text.strip().partition(".")
    digits: Sequence[str] = (whole, rest or "0")
    if not all(part.isdecimal() and part.isascii() for part in digits) or len(rest) > 6 or len(whole) > 7:
        return None
    return int(whole) * 1_000_000 + int((rest or "0").ljust(6, "0"))
