"""The three grades of a satisfaction vote."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.counts import BadCount
from services.rules.satisfaction import GRADES, SatisfactionProfile, grade


@pytest.mark.parametrize(("members", "votes", "expected"), [
    (35, (17, 11, 1), "basically_satisfied"),  # the published example: 17 of 35 is not half, 28 is more
    (35, (18, 0, 0), "satisfied"), (35, (17, 0, 18), "unsatisfied"), (35, (0, 18, 0), "basically_satisfied"),
    (34, (17, 0, 0), "unsatisfied"), (34, (17, 1, 0), "basically_satisfied"), (34, (18, 0, 16), "satisfied"),
    (193, (182, 10, 1), "satisfied"), (1, (0, 0, 0), "unsatisfied"), (1, (1, 0, 0), "satisfied")])
def test_more_than_half_of_all_members_decides(members: int, votes: tuple[int, int, int], expected: str) -> None:
    assert grade(members, *votes) == expected


def test_a_place_may_let_exactly_half_reach_the_first_grade_but_never_the_second() -> None:
    half_counts = SatisfactionProfile(is_half_enough_for_first=True)
    assert grade(34, 17, 0, 17, half_counts) == "satisfied"
    assert grade(35, 17, 0, 18, half_counts) == "unsatisfied"
    assert grade(34, 16, 1, 17, half_counts) == "unsatisfied"


def test_votes_that_cannot_be_are_refused() -> None:
    with pytest.raises(BadCount) as refused:
        grade(35, 20, 15, 1)
    assert refused.value.sentence == "各项票数之和（36）不能大于全体组成人员（35），请核对。"
    for wrong in ((0, 0, 0, 0), (35, -1, 0, 0), (35, 1, True, 0), (35, 1, 0, 1.5)):
        with pytest.raises(BadCount, match="count_not_whole"):
            grade(*wrong)  # type: ignore[arg-type]


@given(st.integers(0, 200), st.integers(0, 200), st.integers(0, 200), st.integers(0, 200))
def test_a_better_vote_never_gives_a_worse_grade(satisfied: int, basic: int, unsatisfied: int, absent: int) -> None:
    members = satisfied + basic + unsatisfied + absent + 1
    order = list(GRADES)
    now = order.index(grade(members, satisfied, basic, unsatisfied))
    assert order.index(grade(members, satisfied + 1, basic, unsatisfied)) <= now
    assert order.index(grade(members, satisfied, basic + 1, unsatisfied)) <= now


@given(st.integers(0, 200), st.integers(0, 200))
def test_those_who_stay_away_count_like_those_who_are_unsatisfied(satisfied: int, unsatisfied: int) -> None:
    members = satisfied + unsatisfied + 1
    assert grade(members, satisfied, 0, unsatisfied) == grade(members, satisfied, 0, 0)
