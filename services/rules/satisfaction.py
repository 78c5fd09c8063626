"""The grade of a satisfaction vote: 满意, 基本满意, 不满意, by the published rule of half of ALL members (半数规则).

More than half satisfied gives the first grade; otherwise more than half satisfied or basically satisfied gives the
second; a sum of exactly half is not enough. The published text leaves open whether exactly half reaches the first
grade; the default says no, and a place may say yes.
"""

from dataclasses import dataclass

from services.rules.counts import at_most, is_more_than_half, whole

GRADES = {"satisfied": "满意", "basically_satisfied": "基本满意", "unsatisfied": "不满意"}


@dataclass(frozen=True)
class SatisfactionProfile:
    #: The reading of 半数以上 in which exactly half reaches the first grade.
    is_half_enough_for_first: bool = False


def grade(members: int, satisfied: int, basic: int, unsatisfied: int,
          profile: SatisfactionProfile = SatisfactionProfile()) -> str:
    whole("全体组成人员", members, least=1)
    for name, value in (("满意票", satisfied), ("基本满意票", basic), ("不满意票", unsatisfied)):
        whole(name, value)
    at_most("各项票数之和", satisfied + basic + unsatisfied, "全体组成人员", members)
    if is_more_than_half(satisfied, members) or (profile.is_half_enough_for_first and 2 * satisfied == members):
        return "satisfied"
    return "basically_satisfied" if is_more_than_half(satisfied + basic, members) else "unsatisfied"
