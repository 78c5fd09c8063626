"""Trying out the default rule table: lines of acts of one mandate in one year in, its total and every entry out."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.rules import default_points
from services.rules.point_book import Award, Item, YearBook, total_of
from services.rules.point_grades import MONTHS, active_months, grade
from services.rules.point_table import Room

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_KEYS = {"item", "on", "times", "active_from", "active_to"}
#: More than a deputy can do in a year, so surely a slip of the pen.
MOST_TIMES = 10000


class BadLine(ValueError):
    """A line that cannot be read; the message is the sentence for the person who wrote it."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"第{number}行：{reason}")


@dataclass(frozen=True)
class Act:
    item: str
    on: date
    times: int


@dataclass
class Acts:
    """What was read: the acts, and the days between which the mandate was in force."""

    acts: list[Act]
    active_from: date | None = None
    active_to: date | None = None


def simulate(lines: Iterable[str]) -> dict[str, object]:
    """The year by the default table; raises BadLine. Acts are taken by their days, so their order does not matter."""
    read = read_acts(lines)
    items, book = default_items(), YearBook()
    blocks = dict.fromkeys((code for code, _name, _cap in default_points.BLOCKS), 0)
    entries, is_barred = [], False
    for act in sorted(read.acts, key=lambda act: act.on):
        awarded = Award(0, "inactive", Room(0, None, 0, None))
        if (read.active_from or act.on) <= act.on <= (read.active_to or act.on):
            awarded = book.enter(items[act.item], act.times)
            is_barred = is_barred or act.item == default_points.BARS_GRADE
        blocks[items[act.item].block] += awarded.points
        entries.append({"item": act.item, "on": act.on.isoformat(), "points": awarded.points / 2,
                        "cut_by": awarded.cut_by})
    total = total_of(blocks.values())
    months = active_months(read.acts[0].on.year, read.active_from, read.active_to) if read.acts else MONTHS
    return {"total": total / 2, "blocks": {code: half / 2 for code, half in blocks.items()},
            "grade": grade(total, months=months, is_barred=is_barred), "entries": entries}


def default_items() -> dict[str, Item]:
    """The default table as the engine reads it."""
    caps = {code: cap for code, _name, cap in default_points.BLOCKS}
    return {code: Item(code, block, round(points * 2), half(cap), half(caps[block]),
                       default_points.FREE_TIMES.get(code, 0))
            for code, block, _name, _unit, points, cap, _reported, _evidence in default_points.ITEMS}


def half(value: float | None) -> int | None:
    """Half points of a number as the table writes it."""
    return None if value is None else round(value * 2)


# --- reading ----------------------------------------------------------------------------------------


def read_acts(lines: Iterable[str]) -> Acts:
    """Every line as an act; empty lines are passed over. All acts lie in one year and one period of the mandate."""
    found = Acts([])
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        fields = _fields(number, text)
        _read_period(found, number, fields)
        if not {"item", "on", "times"} & fields.keys():
            continue
        act = Act(_item(number, fields), _day(number, fields, "on"), _times(number, fields))
        if found.acts and found.acts[0].on.year != act.on.year:
            raise BadLine(number, f"一次只能试算一个年度，前面是{found.acts[0].on.year}年，这一行是{act.on.year}年。")
        found.acts.append(act)
    return found


def _fields(number: int, text: str) -> dict[str, object]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise BadLine(number, '不是一个 JSON 对象，请写成 {"item": "C1", "on": "2026-03-02", "times": 1}。') from None
    if not isinstance(fields, dict) or not fields:
        raise BadLine(number, '请写成一个 JSON 对象，例如 {"item": "C1", "on": "2026-03-02", "times": 1}。')
    unknown = sorted(fields.keys() - _KEYS)
    if unknown:
        raise BadLine(number, f"不认识的字段：{'、'.join(unknown)}。可用的字段是 item、on、times、active_from、active_to。")
    return fields


def _read_period(found: Acts, number: int, fields: dict[str, object]) -> None:
    for key in ("active_from", "active_to"):
        if fields.get(key) is None:
            continue
        day, earlier = _day(number, fields, key), getattr(found, key)
        if earlier not in (None, day):
            raise BadLine(number, f"{key} 与前面的行不一致，一次只能试算一个代表资格。")
        setattr(found, key, day)
    if found.active_from and found.active_to and found.active_from > found.active_to:
        raise BadLine(number, "active_from 不能晚于 active_to。")


def _item(number: int, fields: dict[str, object]) -> str:
    code = fields.get("item")
    if not isinstance(code, str) or code not in {row[0] for row in default_points.ITEMS}:
        raise BadLine(number, "item 不在默认积分规则表的 42 项内，请填写 A1 至 G11 的项目编号。")
    return code


def _day(number: int, fields: dict[str, object], key: str) -> date:
    text = fields.get(key)
    try:
        if isinstance(text, str) and _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadLine(number, f"{key} 请填写日期，格式为 2026-03-02。")


def _times(number: int, fields: dict[str, object]) -> int:
    times = fields.get("times", 1)
    if type(times) is not int or not 1 <= times <= MOST_TIMES:
        raise BadLine(number, f"times 请填写 1 至 {MOST_TIMES} 的整数。")
    return times
