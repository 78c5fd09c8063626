"""Arithmetic of points in half points: +2 分 is 4, so that a half point is never lost to a float."""

from dataclasses import dataclass


def display(half: int) -> str:
    """`+2`, `-0.5`, `0`: signed, with the half only where there is one."""
    sign = "+" if half > 0 else "-" if half < 0 else ""
    return f"{sign}{plain(abs(half))}"


def plain(half: int) -> str:
    """`2`, `0.5`, `-1`."""
    sign, size = ("-" if half < 0 else ""), abs(half)
    return f"{sign}{size // 2}{'.5' if size % 2 else ''}"


@dataclass(frozen=True)
class Room:
    """What a mandate already has this year in an item and its block; caps in half points or None."""

    item_sum: int
    item_cap: int | None
    block_sum: int
    block_cap: int | None

    def left(self) -> int | None:
        """The most that may still be added, or None where nothing limits it."""
        rooms = [cap - used for used, cap in ((self.item_sum, self.item_cap), (self.block_sum, self.block_cap))
                 if cap is not None]
        return max(min(rooms), 0) if rooms else None


def award(points: int, room: Room) -> int:
    """What is really added: a gain up to the room left; a deduction down to its cap (caps are negative there)."""
    if points >= 0:
        left = room.left()
        return points if left is None else min(points, left)
    if room.item_cap is None:
        return points
    return min(max(points, room.item_cap - room.item_sum), 0)


def explain(name: str, unit: str, points: int, awarded: int, room: Room) -> str:
    """The arithmetic as the deputy reads it."""
    text = f"{name}：每{unit}{plain(points)}分"
    if room.item_cap is not None:
        text += f"；本年该项已得{plain(room.item_sum)}分，上限{plain(room.item_cap)}分"
    if room.block_cap is not None and awarded < points and room.block_cap - room.block_sum <= awarded:
        text += f"；本类已得{plain(room.block_sum)}分，上限{plain(room.block_cap)}分"
    return f"{text}；计{plain(awarded)}分"


def explain_free(name: str, unit: str, points: int, free_times: int, time: int) -> str:
    """The arithmetic of an act that does not count yet."""
    return f"{name}：每{unit}{plain(points)}分，本年前{free_times}{unit}不计；这是第{time}{unit}；计0分"
