"""Trying out the default table."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.default_points import ITEMS
from services.rules.point_simulation import BadLine, simulate

LINES = st.lists(st.builds(
    lambda item, month, times: json.dumps({"item": item, "on": f"2026-{month:02}-05", "times": times}),
    st.sampled_from([row[0] for row in ITEMS]), st.integers(1, 12), st.integers(1, 9)), max_size=40)


def line(item: str, on: str = "2026-03-02", times: int = 1, **more: str) -> str:
    return json.dumps({"item": item, "on": on, "times": times, **more})


def test_the_example_of_the_command() -> None:
    assert simulate([line("C1")]) == {
        "total": 2.0, "blocks": {"A": 0.0, "B": 0.0, "C": 2.0, "D": 0.0, "E": 0.0, "F": 0.0, "G": 0.0}, "grade": "差",
        "entries": [{"item": "C1", "on": "2026-03-02", "points": 2.0, "cut_by": None}]}


def test_everything_to_the_full_is_a_hundred_and_twenty() -> None:
    found = simulate([line(row[0], times=40) for row in ITEMS if row[4] > 0])
    assert found["total"] == 120.0
    assert found["blocks"] == {"A": 25.0, "B": 20.0, "C": 30.0, "D": 20.0, "E": 5.0, "F": 20.0, "G": 0.0}
    assert found["grade"] == "好"


def test_the_total_never_goes_below_zero_but_its_block_tells() -> None:
    found = simulate([line("G2", times=3), line("C2")])
    assert (found["total"], found["blocks"]["G"]) == (0.0, -30.0)  # type: ignore[index]


@settings(deadline=None)
@given(LINES.flatmap(lambda lines: st.tuples(st.just(lines), st.permutations(lines))))
def test_the_order_of_the_lines_changes_no_total(orders: tuple[list[str], list[str]]) -> None:
    one, other = (simulate(order) for order in orders)
    assert [one[key] for key in ("total", "blocks", "grade")] == [other[key] for key in ("total", "blocks", "grade")]


@settings(deadline=None)
@given(LINES)
def test_the_entries_of_a_block_add_up_to_it(lines: list[str]) -> None:
    found = simulate(lines)
    for block, total in found["blocks"].items():  # type: ignore[attr-defined]
        assert sum(row["points"] for row in found["entries"] if row["item"][0] == block) == total  # type: ignore[attr-defined]


def test_the_act_that_comes_last_in_the_year_is_the_one_cut() -> None:
    found = simulate([line("A4", "2026-09-01"), line("A4", "2026-02-01")])
    assert [(row["on"], row["points"], row["cut_by"]) for row in found["entries"]] == [  # type: ignore[attr-defined]
        ("2026-02-01", 2.0, None), ("2026-09-01", 0.0, "item")]


def test_acts_outside_the_mandate_count_nothing_and_the_grade_follows_the_months() -> None:
    lines = [line("C1", "2026-06-30", 6), line("C1", "2026-07-01", 6), line("D1", "2026-08-01", 2),
             line("B3", "2026-08-02", 3), line("A1", "2026-07-02", 4), line("A2", "2026-07-02", 3)]
    found = simulate([*lines, '{"active_from": "2026-07-01"}'])
    assert (found["total"], found["grade"]) == (41.0, "好")
    assert found["entries"][0] == {"item": "C1", "on": "2026-06-30", "points": 0.0, "cut_by": "inactive"}  # type: ignore[index]
    assert simulate(lines)["grade"] == "差"


def test_the_period_may_stand_in_every_line_and_a_missing_times_is_once() -> None:
    found = simulate(['{"item": "C1", "on": "2026-03-02", "active_from": "2026-03-02", "active_to": "2026-03-02"}',
                      "", line("C1", "2026-03-03", active_from="2026-03-02")])
    assert (found["total"], found["grade"]) == (2.0, "差")


def test_a_breach_leaves_the_year_without_a_grade() -> None:
    assert simulate([line("G11")])["grade"] == "不评定等次"


def test_nothing_is_a_year_of_nothing() -> None:
    assert simulate([]) == {"total": 0.0, "blocks": dict.fromkeys("ABCDEFG", 0.0), "grade": "差", "entries": []}


@pytest.mark.parametrize(("bad", "word"), [
    ("C1", "JSON"), ("[1]", "JSON"), ("{}", "JSON"), ("[" * 100000, "JSON"), (line("Z9"), "A1 至 G11"), ('{"item": 3}', "A1 至 G11"),
    ('{"on": "2026-03-02"}', "A1 至 G11"), (line("C1", "2026-02-29"), "on 请填写日期"), (line("C1", "20260302"), "on 请填写日期"),
    (line("C1", "2026-3-2"), "on 请填写日期"), ('{"item": "C1", "times": 1}', "on 请填写日期"), (line("C1", times=0), "整数"),
    (line("C1", times=-1), "整数"), (line("C1", times=10001), "整数"), (line("C1", times=True), "整数"),
    ('{"item": "C1", "on": "2026-03-02", "times": 1.5}', "整数"), ('{"item": "C1", "on": "2026-03-02", "time": 3}', "time"),
    (line("C1", "2027-01-01"), "一个年度"), (line("C1", active_from="2026-02-30"), "active_from 请填写日期"),
    (line("C1", active_from="2026-01-15", active_to="2026-01-14"), "不能晚于"),
    (line("C1", active_from="2026-05-01"), "不一致")])
def test_a_bad_line_is_told_with_its_number(bad: str, word: str) -> None:
    with pytest.raises(BadLine, match=word) as told:
        simulate([line("C2", active_from="2026-01-15"), "", bad])
    assert str(told.value).startswith("第3行：")
