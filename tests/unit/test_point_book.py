"""The engine of points: any order, every cap, corrections to the last half point."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.point_book import Difference, Item, Line, YearBook, recompute
from services.rules.point_simulation import default_items

ITEMS = default_items()
ACTS = st.lists(st.sampled_from(sorted(ITEMS)), max_size=120)
#: Any table at all: gains and deductions mixed in one block, with and without caps and free times.
TABLES = st.lists(st.builds(
    Item, code=st.just(""), block=st.sampled_from("XY"), points=st.integers(-9, 9), cap=st.one_of(st.none(), st.integers(0, 30)),
    block_cap=st.just(25), free_times=st.integers(0, 2)), min_size=1, max_size=5).map(
        lambda rows: [replace(row, code=f"I{number}", cap=-row.cap if row.cap and row.points < 0 else row.cap)
                      for number, row in enumerate(rows)])


def _total(acts: list[Item]) -> int:
    book = YearBook()
    return sum(book.enter(item).points for item in acts)


@settings(deadline=None)
@given(ACTS.flatmap(lambda acts: st.tuples(st.just(acts), st.permutations(acts))))
def test_any_order_of_the_same_acts_gives_the_same_total(orders: tuple[list[str], list[str]]) -> None:
    one, other = ([ITEMS[code] for code in order] for order in orders)
    assert _total(one) == _total(other)


@settings(deadline=None)
@given(TABLES, st.data())
def test_the_order_does_not_matter_under_any_table(table: list[Item], data: st.DataObject) -> None:
    acts = data.draw(st.lists(st.sampled_from(table), max_size=30))
    assert _total(acts) == _total(data.draw(st.permutations(acts)))


@settings(deadline=None)
@given(ACTS)
def test_no_cap_is_ever_exceeded(acts: list[str]) -> None:
    book, blocks = YearBook(), dict.fromkeys("ABCDEFG", 0)
    for code in acts:
        blocks[code[0]] += book.enter(ITEMS[code]).points
    for code, total in book.item_sums.items():
        cap = ITEMS[code].cap
        assert cap is None or (0 <= total <= cap or cap <= total <= 0), code
    assert all(blocks[item.block] <= item.block_cap for item in ITEMS.values() if item.block_cap is not None)
    assert sum(blocks[block] for block in "ABCDE") <= 200
    assert blocks["F"] <= 40


@settings(deadline=None)
@given(st.sampled_from(sorted(ITEMS)), st.integers(1, 40), st.integers(0, 40))
def test_several_times_at_once_are_the_same_as_one_by_one(code: str, times: int, before: int) -> None:
    one, other = YearBook(), YearBook()
    for book in (one, other):
        for _ in range(before):
            book.enter(ITEMS[code])
    assert one.enter(ITEMS[code], times).points == sum(other.enter(ITEMS[code]).points for _ in range(times))
    assert one == other


def test_the_cap_that_cut_is_named_and_the_items_own_comes_first() -> None:
    book = YearBook()
    assert book.enter(ITEMS["C1"], 6).cut_by is None
    assert book.enter(ITEMS["C1"]).cut_by == "item"
    for code in ("F1", "F2", "F4", "F5", "F7"):
        book.enter(ITEMS[code], 9)
    awarded = book.enter(ITEMS["F6"], 4)
    assert (awarded.points, awarded.cut_by) == (2, "block")
    assert book.enter(ITEMS["G5"], 4).cut_by is None
    assert book.enter(ITEMS["G5"]).cut_by == "item"


def test_the_first_two_leaves_are_free() -> None:
    book = YearBook()
    assert [(awarded.points, awarded.cut_by) for awarded in (book.enter(ITEMS["G4"]) for _ in range(4))] == [
        (0, "allowance"), (0, "allowance"), (-1, None), (-1, None)]


# --- the ledger -------------------------------------------------------------------------------------


def _posted(acts: list[str]) -> list[Line]:
    book = YearBook()
    return [Line(number, ITEMS[code], f"duty:{number}", book.enter(ITEMS[code]).points, None)
            for number, code in enumerate(acts, 1)]


def _reverse(lines: list[Line], act: Line) -> list[Line]:
    """What the program does: a counter line, then adjustments until the year is level."""
    after = [*lines, Line(len(lines) + 1, act.item, f"reversal:{act.id}", -act.amount, act.id)]
    trigger = after[-1].id
    for found in recompute(after):
        item = next(line.item for line in after if line.id == found.act_id)
        after.append(Line(len(after) + 1, item, f"adjust:{found.act_id}:{trigger}", found.due - found.posted, None))
    return after


@settings(deadline=None)
@given(ACTS)
def test_what_was_posted_is_what_a_replay_gives(acts: list[str]) -> None:
    assert recompute(_posted(acts)) == []


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(ITEMS)), max_size=40), st.data())
def test_reversing_some_leaves_the_total_of_the_others_and_reversing_all_leaves_nothing(
        acts: list[str], data: st.DataObject) -> None:
    lines = posted = _posted(acts)
    gone: set[int] = set()
    for act in data.draw(st.permutations(posted)):
        lines = _reverse(lines, act)
        gone.add(act.id)
        assert recompute(lines) == []
        assert sum(line.amount for line in lines) == _total([line.item for line in posted if line.id not in gone])
    assert sum(line.amount for line in lines) == 0
    causes = [line.cause for line in lines]
    assert len(set(causes)) == len(causes)


def test_a_line_that_is_not_what_the_rules_give_is_told() -> None:
    first, second = _posted(["C1", "C2"])
    assert recompute([first, replace(second, amount=7)]) == [Difference(2, "C2", 7, 1)]


def test_a_line_for_an_act_that_is_not_there_is_told() -> None:
    (first,) = _posted(["C1"])
    stray = Line(9, ITEMS["C1"], "adjust:77:1", 3, None)
    assert recompute([first, stray]) == [Difference(77, "?", 3, 0)]
