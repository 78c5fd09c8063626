"""Ranking of a congress's deputies by a year's points: within one congress, so never across levels (履职积分排名)."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

import xlsxwriter
from sqlalchemy import ColumnElement, Integer, Select, case, cast, func, select

from models.deputies import Congress, Delegation, DeputyGroup, GroupMember, Mandate, Person
from models.points import PointEntry, PointRule
from services import access
from services.context import Context
from services.rules import default_points
from services.rules.point_book import ADJUSTS
from services.rules.point_grades import active_months, grade
from services.rules.point_table import plain

#: A quarter of a field of fewer would point at single people.
LEAST_FOR_QUARTERS = 8
#: More than any congress has deputies.
_MOST_LINES = 10_000


@dataclass(frozen=True)
class Field:
    """Whom a deputy is compared with: a congress, or one delegation or group of it."""

    congress_id: int
    delegation_id: int | None = None
    group_id: int | None = None


@dataclass(frozen=True)
class RankedLine:
    rank: int
    mandate_id: int
    person_id: int
    name: str
    delegation: str | None
    total_half: int
    #: What the rules propose; a person confirms it.
    grade: str

    @property
    def total(self) -> str:
        return plain(self.total_half)


def rank(ctx: Context, field: Field, *, year: int, page: int = 1, page_size: int = 20) -> tuple[list[RankedLine], int]:
    """The field's deputies in force, most points first; equal totals share a place. Staff see those of their region.

    Places are counted in the whole field before the region narrows the lines: a township reads true places.
    """
    access.require(ctx, "points.view")
    places = ranked(field, year).subquery()
    query = select(places).join(Person, Person.id == places.c.person_id).where(access.in_scope(ctx, Person.region_id))
    total = ctx.session.scalar(select(func.count()).select_from(Mandate).join(Person, Person.id == Mandate.person_id)
                               .where(*_members(field), access.in_scope(ctx, Person.region_id))) or 0
    rows = ctx.session.execute(query.order_by(places.c.place, places.c.mandate_id).limit(page_size)
                               .offset((page - 1) * page_size)).all()
    barred = _barred(ctx, [row.mandate_id for row in rows], year)
    return [RankedLine(row.place, row.mandate_id, row.person_id, row.name, row.delegation, row.total,
                       grade(row.total, months=active_months(year, row.began_on, row.ended_on),
                             is_barred=row.mandate_id in barred)) for row in rows], total


def _members(field: Field) -> list[ColumnElement[bool]]:
    which = [Mandate.congress_id == field.congress_id, Mandate.state == "active"]
    if field.delegation_id is not None:
        which.append(Mandate.delegation_id == field.delegation_id)
    if field.group_id is not None:
        which.append(Mandate.person_id.in_(
            select(GroupMember.person_id).where(GroupMember.group_id == field.group_id)))
    return which


def ranked(field: Field, year: int) -> Select[*tuple[Any, ...]]:
    """One statement: each member's sum from the totals' index, then places by a window over the field."""
    summed = (select(func.coalesce(func.sum(PointEntry.amount_half), 0))
              .where(PointEntry.year == year, PointEntry.mandate_id == Mandate.id).scalar_subquery())
    members = (select(Mandate.id, Mandate.person_id, Mandate.delegation_id, Mandate.began_on, Mandate.ended_on,
                      summed.label("sum")).where(*_members(field)).cte("members")
               .prefix_with("MATERIALIZED"))  # or every mention of the sum would add it up again
    total = case((members.c.sum > 0, members.c.sum), else_=0)
    return (select(func.rank().over(order_by=total.desc()).label("place"), members.c.id.label("mandate_id"),
                   members.c.person_id, Person.name, Delegation.name.label("delegation"),
                   cast(total, Integer).label("total"), members.c.began_on, members.c.ended_on)
            .join(Person, Person.id == members.c.person_id)
            .outerjoin(Delegation, Delegation.id == members.c.delegation_id))


def _barred(ctx: Context, mandate_ids: list[int], year: int) -> set[int]:
    """Those whom a decision of the year leaves without a grade: more breaches entered than reversed."""
    sign = case((PointEntry.reverses_id.is_(None), 1), else_=-1)
    return set(ctx.session.scalars(
        select(PointEntry.mandate_id).join(PointRule, PointRule.id == PointEntry.rule_id)
        .where(PointEntry.year == year, PointEntry.mandate_id.in_(mandate_ids),
               PointRule.code == default_points.BARS_GRADE, PointEntry.cause.not_like(f"{ADJUSTS}%"))
        .group_by(PointEntry.mandate_id).having(func.sum(sign) > 0)))


def write_publicity_table(ctx: Context, field: Field, *, year: int) -> bytes:
    """The ranking as an .xlsx table to print and put up (积分公示表)."""
    lines, _total = rank(ctx, field, year=year, page_size=_MOST_LINES)
    title = f"{ctx.session.get_one(Congress, field.congress_id).name}{year}年代表履职积分公示表"
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("积分公示")
        head = book.add_format({"bold": True, "align": "center", "border": 1})
        cell, number = book.add_format({"border": 1}), book.add_format({"border": 1, "num_format": "0.0"})
        sheet.merge_range(0, 0, 0, 4, title, book.add_format({"bold": True, "align": "center", "font_size": 16}))
        for column, (name, width) in enumerate((("名次", 8), ("姓名", 16), ("代表团", 28), ("得分", 10), ("备注", 24))):
            sheet.set_column(column, column, width)
            sheet.write(1, column, name, head)
        for row, line in enumerate(lines, 2):
            sheet.write_number(row, 0, line.rank, cell)
            sheet.write_string(row, 1, line.name, cell)
            sheet.write_string(row, 2, line.delegation or "", cell)
            sheet.write_number(row, 3, line.total_half / 2, number)
            sheet.write_blank(row, 4, None, cell)
        sheet.repeat_rows(0, 1)
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer(f"&L统计至{ctx.today.isoformat()}。如有错、重、漏，请提出更正。&R第 &P 页，共 &N 页")
    return buffer.getvalue()


# --- whom to compare --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Choice:
    id: int
    name: str


def list_congresses(ctx: Context) -> list[Choice]:
    """Congresses in which somebody of the staff's region sits, the most local first."""
    access.require(ctx, "points.view")
    rows = ctx.session.execute(
        select(Congress.id, Congress.name, func.count()).join(Mandate, Mandate.congress_id == Congress.id)
        .join(Person, Person.id == Mandate.person_id)
        .where(access.in_scope(ctx, Person.region_id), Mandate.state == "active")
        .group_by(Congress.id, Congress.name).order_by(func.count().desc(), Congress.id))
    return [Choice(row.id, row.name) for row in rows]


def list_delegations(ctx: Context, congress_id: int) -> list[Choice]:
    """Delegations of a congress (代表团)."""
    rows = ctx.session.execute(select(Delegation.id, Delegation.name).where(Delegation.congress_id == congress_id)
                               .order_by(Delegation.id))
    return [Choice(*row) for row in rows]


def list_groups(ctx: Context, congress_id: int) -> list[Choice]:
    """Groups of the staff's region with members who sit in the congress."""
    access.require(ctx, "points.view")
    rows = ctx.session.execute(
        select(DeputyGroup.id, DeputyGroup.name).where(
            access.in_scope(ctx, DeputyGroup.region_id), DeputyGroup.id.in_(
                select(GroupMember.group_id).join(Mandate, Mandate.person_id == GroupMember.person_id)
                .where(Mandate.congress_id == congress_id, Mandate.state == "active")))
        .order_by(DeputyGroup.id))
    return [Choice(*row) for row in rows]


# --- the deputy's own place -------------------------------------------------------------------------


def quarter_of(ctx: Context, mandate: Mandate, *, year: int) -> int | None:
    """In which quarter of its congress a mandate stands, 1 the foremost; None where the field is too small to tell."""
    places = ranked(Field(mandate.congress_id), year).subquery()
    found = ctx.session.execute(select(
        places.c.place, select(func.count()).select_from(places).scalar_subquery().label("size"))
        .where(places.c.mandate_id == mandate.id)).first()
    if found is None or found.size < LEAST_FOR_QUARTERS:
        return None
    return int((found.place - 1) * 4 // found.size) + 1
