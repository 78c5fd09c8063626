"""Whole numbers of a count."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.counts import BadCount, at_most, is_more_than_half, least_majority, whole


@pytest.mark.parametrize("value", [True, False, -1, 3.0, "3", None, [3]])
def test_what_is_not_a_whole_number_is_refused_by_its_name(value: object) -> None:
    with pytest.raises(BadCount) as refused:
        whole("实到", value)
    assert refused.value.sentence == "实到应为不小于0的整数。"


def test_a_whole_number_comes_back_from_its_least_value_on() -> None:
    assert [whole("应到", 1, least=1), whole("实到", 0), whole("实到", 10**30)] == [1, 0, 10**30]
    with pytest.raises(BadCount, match="count_not_whole"):
        whole("应到", 0, least=1)


def test_a_part_larger_than_its_whole_is_refused_with_both_numbers() -> None:
    at_most("实到", 65, "应到", 65)
    with pytest.raises(BadCount) as refused:
        at_most("实到", 66, "应到", 65)
    assert refused.value.sentence == "实到（66）不能大于应到（65），请核对。"


@pytest.mark.parametrize(("members", "line"), [(65, 33), (45, 23), (44, 23), (1, 1), (2, 2), (35, 18)])
def test_the_least_majority(members: int, line: int) -> None:
    assert least_majority(members) == line


@given(st.integers(1, 10**40))
def test_the_least_majority_is_a_majority_and_one_less_is_not(members: int) -> None:
    line = least_majority(members)
    assert is_more_than_half(line, members)
    assert not is_more_than_half(line - 1, members)
