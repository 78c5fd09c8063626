"""One mandate's year of points: the single engine behind posting, simulating and re-computing.

An act earns its item's points as far as the item and its block still have room. Gains and deductions are kept apart, so
that the same acts give the same total in any order. Amounts are half points.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.rules.point_table import Room, award

#: An entry that brings an act back to what it is worth after a correction: "adjust:<act>:<the line that caused it>".
ADJUSTS = "adjust:"


@dataclass(frozen=True)
class Item:
    """A line of a rule table with its block's cap."""

    code: str
    block: str
    points: int
    cap: int | None
    block_cap: int | None
    #: How many times of a year count nothing (闭会活动请假从第3次起扣分).
    free_times: int = 0


@dataclass(frozen=True)
class Award:
    """What an act adds, what cut it ("item", "block", "allowance" or nothing), and the room it found."""

    points: int
    cut_by: str | None
    room: Room


@dataclass
class YearBook:
    """Running sums of a year: by item, of a block's gains, and how often an item happened."""

    item_sums: dict[str, int] = field(default_factory=dict)
    block_gains: dict[str, int] = field(default_factory=dict)
    item_times: dict[str, int] = field(default_factory=dict)

    def enter(self, item: Item, times: int = 1) -> Award:
        """Add an act that happened once or several times."""
        room = Room(self.item_sums.get(item.code, 0), item.cap, self.block_gains.get(item.block, 0), item.block_cap)
        before = self.item_times.get(item.code, 0)
        counted = max(before + times - item.free_times, 0) - max(before - item.free_times, 0)
        due = item.points * counted
        points = award(due, room)
        self.item_times[item.code] = before + times
        self.item_sums[item.code] = room.item_sum + points
        if points > 0:
            self.block_gains[item.block] = room.block_sum + points
        return Award(points, _cut_by(due, points, room) or ("allowance" if counted < times else None), room)


def _cut_by(due: int, points: int, room: Room) -> str | None:
    """Which cap cut a gain or a deduction; the item's own comes first where both are full."""
    if points == due:
        return None
    item_left = None if room.item_cap is None else max(room.item_cap - room.item_sum, 0)
    return "item" if due < 0 or item_left == points else "block"


@dataclass(frozen=True)
class Line:
    """A line of the account book as it was entered."""

    id: int
    item: Item
    cause: str
    amount: int
    reverses_id: int | None


@dataclass(frozen=True)
class Difference:
    """An act whose lines together are not what the rules give for it."""

    act_id: int
    code: str
    posted: int
    due: int


def recompute(lines: Sequence[Line]) -> list[Difference]:
    """Replay a mandate's year in the order of entry: acts not reversed, each by its own rule version.

    An act's own line, its adjustments and its reversal must add up to what the replay gives it; a reversed act to nothing.
    """
    reversed_ids = {line.reverses_id for line in lines}
    posted: dict[int, int] = {}
    for line in lines:
        act_id = act_of(line)
        posted[act_id] = posted.get(act_id, 0) + line.amount
    found, book = [], YearBook()
    for line in lines:
        if act_of(line) != line.id:
            continue
        due = 0 if line.id in reversed_ids else book.enter(line.item).points
        sum_of_act = posted.pop(line.id)
        if sum_of_act != due:
            found.append(Difference(line.id, line.item.code, sum_of_act, due))
    return found + [Difference(act_id, "?", amount, 0) for act_id, amount in posted.items() if amount]


def act_of(line: Line) -> int:
    """The act a line belongs to: itself, or the one it reverses or adjusts."""
    if line.reverses_id is not None:
        return line.reverses_id
    if line.cause.startswith(ADJUSTS):
        return int(line.cause.split(":")[1])
    return line.id


def total_of(amounts: Iterable[int]) -> int:
    """A year's total: never below zero (规则：最低 0 分)."""
    return max(sum(amounts), 0)
