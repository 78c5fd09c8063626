"""Points as an account book: rule versions, entries with their arithmetic, reversals, totals."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.orm import aliased

from models.deputies import Congress, Mandate
from models.insert_once import insert_once
from models.points import PointBlock, PointEntry, PointRule, PointRuleSet
from models.regions import Region
from services import access, audit, regions
from services.context import Context
from services.errors import Conflict, Invalid
from services.rules import default_points
from services.rules.mandate_ends import was_in_force
from services.rules.point_book import ADJUSTS, Difference, Item, Line, YearBook, recompute
from services.rules.point_grades import active_months, grade
from services.rules.point_rhythm import missing
from services.rules.point_simulation import half
from services.rules.point_table import display, explain, explain_free, plain


def install_default_rules(ctx: Context, region: Region, *, version: str, effective_on: date) -> PointRuleSet:
    """Enter the default table as one version of a region; below it is inherited."""
    rule_set = PointRuleSet(region_id=region.id, version=version, name=f"{region.name}代表履职积分规则",
                            effective_on=effective_on, created_at=ctx.now)
    ctx.session.add(rule_set)
    ctx.session.flush()
    ctx.session.add_all(PointBlock(rule_set_id=rule_set.id, code=code, name=name, cap_half=half(cap))
                        for code, name, cap in default_points.BLOCKS)
    ctx.session.add_all(
        PointRule(rule_set_id=rule_set.id, block_code=block, code=code, name=name, unit=unit,
                  points_half=round(points * 2), cap_half=half(cap), is_self_reported=reported, evidence=evidence,
                  free_times=default_points.FREE_TIMES.get(code, 0))
        for code, block, name, unit, points, cap, reported, evidence in default_points.ITEMS)
    audit.record(ctx, "point_rules.installed", f"rule_set:{rule_set.id}", {"version": version}, region_id=region.id)
    return rule_set


def rule_set_for(ctx: Context, region: Region, on: date) -> PointRuleSet:
    """The version in force on a day: the nearest region's newest one; refuses where there is none."""
    found = find_rule_set(ctx, region, on)
    if found is None:
        raise Invalid("points_no_rules")
    return found


def find_rule_set(ctx: Context, region: Region, on: date) -> PointRuleSet | None:
    """The version in force, or None: a congress that keeps no points here does not count the act."""
    chain = [row.id for row in regions.ancestors(ctx.session, region)]
    found = ctx.session.scalars(
        select(PointRuleSet).where(PointRuleSet.region_id.in_(chain), PointRuleSet.effective_on <= on)
        .order_by(PointRuleSet.effective_on.desc(), PointRuleSet.id.desc())).all()
    for region_id in chain:
        for rule_set in found:
            if rule_set.region_id == region_id:
                return rule_set
    return None


def find_rule(ctx: Context, rule_set: PointRuleSet, code: str) -> PointRule:
    rule = ctx.session.scalar(select(PointRule).where(PointRule.rule_set_id == rule_set.id, PointRule.code == code))
    if rule is None:
        raise Invalid("field_not_a_choice", fields={"item_code": "field_not_a_choice"})
    return rule


def list_reportable(ctx: Context, region: Region) -> list[tuple[PointRule, str]]:
    """The items a deputy may report, with their block's name."""
    rule_set = rule_set_for(ctx, region, ctx.today)
    rows = ctx.session.execute(
        select(PointRule, PointBlock.name)
        .join(PointBlock, (PointBlock.rule_set_id == PointRule.rule_set_id) & (PointBlock.code == PointRule.block_code))
        .where(PointRule.rule_set_id == rule_set.id, PointRule.is_self_reported).order_by(PointRule.id))
    return [(rule, name) for rule, name in rows]


def item_names(ctx: Context, region: Region, on: date) -> dict[str, str]:
    rule_set = find_rule_set(ctx, region, on)
    if rule_set is None:
        return {}
    rows = ctx.session.execute(select(PointRule.code, PointRule.name).where(PointRule.rule_set_id == rule_set.id))
    return dict(rows.all())


# --- posting ----------------------------------------------------------------------------------------


def post(ctx: Context, *, person_id: int, item_code: str, cause: str, occurred_on: date) -> list[PointEntry]:
    """Enter one act into the book of every mandate that held that day, and whose congress keeps points here.

    A cause counts once. The mandate row is locked while its caps are read, so that two acts of one moment share them.
    """
    return [entry for mandate in _held_on(ctx, person_id, occurred_on)
            if (entry := _post_one(ctx, mandate, item_code, cause, occurred_on)) is not None]


def _held_on(ctx: Context, person_id: int, day: date) -> list[Mandate]:
    """The mandates an act of that day counts for, locked: also one that has ended since, and then not its successor.

    A roster is often entered late, so the day a mandate began matters only where an earlier one held.
    """
    rows = ctx.session.execute(
        select(Mandate, Congress.level).join(Congress, Congress.id == Mandate.congress_id)
        .where(Mandate.person_id == person_id).order_by(Mandate.id).with_for_update(of=Mandate)).all()
    held = [(mandate, level) for mandate, level in rows if was_in_force(mandate.state, mandate.ended_on, day)]
    before = {level for mandate, level in held if mandate.state == "ended"}
    return [mandate for mandate, level in held
            if mandate.state == "ended" or mandate.began_on <= day or level not in before]


def _post_one(ctx: Context, mandate: Mandate, item_code: str, cause: str, occurred_on: date) -> PointEntry | None:
    found = ctx.session.scalar(select(PointEntry).where(PointEntry.mandate_id == mandate.id, PointEntry.cause == cause))
    if found is not None:
        return found
    congress = ctx.session.get_one(Congress, mandate.congress_id)
    rule_set = find_rule_set(ctx, regions.get_region(ctx.session, congress.region_id), occurred_on)
    if rule_set is None:
        return None
    rule = find_rule(ctx, rule_set, item_code)
    book = _book(ctx, mandate.id, rule, occurred_on.year)
    awarded = book.enter(_item(rule, _block_cap(ctx, rule)))
    time = book.item_times[rule.code]
    arithmetic = (explain_free(rule.name, rule.unit, rule.points_half, rule.free_times, time)
                  if awarded.cut_by == "allowance" else
                  explain(rule.name, rule.unit, rule.points_half, awarded.points, awarded.room))
    entry = insert_once(
        ctx.session, PointEntry, mandate_id=mandate.id, rule_id=rule.id, cause=cause, year=occurred_on.year,
        occurred_on=occurred_on, amount_half=awarded.points, posted_at=ctx.now, posted_by=ctx.actor.key,
        arithmetic=arithmetic)
    if entry is None:
        return ctx.session.scalar(select(PointEntry).where(
            PointEntry.mandate_id == mandate.id, PointEntry.cause == cause))
    audit.record(ctx, "points.posted", f"mandate:{mandate.id}", {"entry": entry.id, "half": awarded.points})
    return entry


def _item(rule: PointRule, block_cap: int | None) -> Item:
    return Item(rule.code, rule.block_code, rule.points_half, rule.cap_half, block_cap, rule.free_times)


def _block_cap(ctx: Context, rule: PointRule) -> int | None:
    return ctx.session.scalar(select(PointBlock.cap_half).where(
        PointBlock.rule_set_id == rule.rule_set_id, PointBlock.code == rule.block_code))


def _book(ctx: Context, mandate_id: int, rule: PointRule, year: int) -> YearBook:
    """The running sums that matter to one item: of its code, and of its block's gains."""
    gains = case((PointRule.points_half > 0, PointEntry.amount_half), else_=0)
    book = YearBook()
    for code, total, gained in ctx.session.execute(
            select(PointRule.code, func.sum(PointEntry.amount_half), func.sum(gains))
            .join(PointRule, PointRule.id == PointEntry.rule_id)
            .where(PointEntry.mandate_id == mandate_id, PointEntry.year == year,
                   PointRule.block_code == rule.block_code)
            .group_by(PointRule.code)):
        book.item_sums[code] = int(total)
        book.block_gains[rule.block_code] = book.block_gains.get(rule.block_code, 0) + int(gained)
    if rule.free_times:
        book.item_times[rule.code] = _times(ctx, mandate_id, rule.code, year)
    return book


def _times(ctx: Context, mandate_id: int, code: str, year: int) -> int:
    """How often an item happened in a year: its acts without the reversed ones."""
    acts = _live_acts(mandate_id, year).where(PointRule.code == code)
    return ctx.session.scalar(select(func.count()).select_from(acts.subquery())) or 0


def _live_acts(mandate_id: int, year: int) -> Select[*tuple[Any, ...]]:
    """Item and day of a year's acts: neither reversals, nor adjustments, nor what was reversed."""
    reversals = aliased(PointEntry)
    return (select(PointRule.code, PointEntry.occurred_on).select_from(PointEntry)
            .join(PointRule, PointRule.id == PointEntry.rule_id)
            .outerjoin(reversals, reversals.reverses_id == PointEntry.id)
            .where(PointEntry.mandate_id == mandate_id, PointEntry.year == year, PointEntry.reverses_id.is_(None),
                   PointEntry.cause.not_like(f"{ADJUSTS}%"), reversals.id.is_(None)))


# --- correcting -------------------------------------------------------------------------------------


def reverse(ctx: Context, mandate_id: int, entry_id: int, *, reason: str) -> PointEntry:
    """Correct by a counter entry with its reason (错重漏更正); an entry is reversed at most once.

    Acts that a cap had cut get the room that became free, by entries of their own, so that the year is what it would be
    without the reversed act.
    """
    entry = access.access_entry(ctx, mandate_id, entry_id, "points.reverse")
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    if entry.cause.startswith(ADJUSTS):
        raise Conflict("entry_adjusts")
    ctx.session.scalars(select(Mandate.id).where(Mandate.id == entry.mandate_id).with_for_update()).one()
    if ctx.session.scalar(select(PointEntry.id).where(PointEntry.reverses_id == entry.id)) or entry.reverses_id:
        raise Conflict("entry_reversed")
    counter = insert_once(
        ctx.session, PointEntry, mandate_id=entry.mandate_id, rule_id=entry.rule_id, cause=f"reversal:{entry.id}",
        year=entry.year, occurred_on=entry.occurred_on, amount_half=-entry.amount_half, reverses_id=entry.id,
        posted_at=ctx.now, posted_by=ctx.actor.key, arithmetic=f"冲正第{entry.id}号：{reason.strip()}")
    if counter is None:
        raise Conflict("entry_reversed")
    audit.record(ctx, "points.reversed", f"mandate:{entry.mandate_id}", {"entry": entry.id, "by": counter.id})
    level(ctx, entry.mandate_id, entry.year)
    return counter


def level(ctx: Context, mandate_id: int, year: int) -> int:
    """Enter what is missing between each act of a year and what the rules give for it; says how many entries."""
    ctx.session.scalars(select(Mandate.id).where(Mandate.id == mandate_id).with_for_update()).one()
    lines = [line_of(row) for row in ctx.session.execute(
        lines_query().where(PointEntry.mandate_id == mandate_id, PointEntry.year == year).order_by(PointEntry.id))]
    found = recompute(lines)
    for difference in found:
        _adjust(ctx, difference, after=lines[-1].id)
    return len(found)


def _adjust(ctx: Context, difference: Difference, *, after: int) -> None:
    act = ctx.session.get_one(PointEntry, difference.act_id)
    amount = difference.due - difference.posted
    ctx.session.add(PointEntry(
        mandate_id=act.mandate_id, rule_id=act.rule_id, cause=f"{ADJUSTS}{act.id}:{after}", year=act.year,
        occurred_on=act.occurred_on, amount_half=amount, posted_at=ctx.now, posted_by=ctx.actor.key,
        arithmetic=f"第{act.id}号重算：原计{plain(difference.posted)}分，应计{plain(difference.due)}分；"
                   f"{'补计' if amount > 0 else '核减'}{plain(abs(amount))}分"))
    ctx.session.flush()
    audit.record(ctx, "points.adjusted", f"mandate:{act.mandate_id}", {"entry": act.id, "half": amount})


def lines_query() -> Select[*tuple[Any, ...]]:
    """The book's lines with the items of their rules, as `line_of` reads them."""
    return (select(PointEntry.id, PointEntry.cause, PointEntry.amount_half, PointEntry.reverses_id,
                   PointRule.code, PointRule.block_code, PointRule.points_half, PointRule.cap_half,
                   PointBlock.cap_half.label("block_cap"), PointRule.free_times)
            .join(PointRule, PointRule.id == PointEntry.rule_id)
            .join(PointBlock, (PointBlock.rule_set_id == PointRule.rule_set_id)
                  & (PointBlock.code == PointRule.block_code)))


def line_of(row: Row[Any]) -> Line:
    return Line(row.id, Item(row.code, row.block_code, row.points_half, row.cap_half, row.block_cap, row.free_times),
                row.cause, row.amount_half, row.reverses_id)


# --- reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BlockTotal:
    code: str
    name: str
    total: str
    cap: str | None


@dataclass(frozen=True)
class MandateTotal:
    mandate_id: int
    congress_name: str
    level: str
    total_half: int
    blocks: list[BlockTotal]
    #: What the rules propose; a person confirms it.
    grade: str

    @property
    def total(self) -> str:
        """Never below zero (规则：最低 0 分)."""
        return plain(max(self.total_half, 0))


def totals(ctx: Context, mandates: list[Mandate], year: int) -> list[MandateTotal]:
    """The year's totals of each mandate by block, in the words of the rules in force."""
    found = [_mandate_total(ctx, mandate, year) for mandate in mandates]
    return [row for row in found if row is not None]


def own_totals(ctx: Context, year: int) -> list[MandateTotal]:
    """The asking deputy's totals: of the mandates in force and of those that held within the year."""
    mine = access.access_own_mandates(ctx)
    return totals(ctx, [row for row in mine if row.ended_on is None or row.ended_on.year >= year], year)


def _mandate_total(ctx: Context, mandate: Mandate, year: int) -> MandateTotal | None:
    congress = ctx.session.get_one(Congress, mandate.congress_id)
    on = min(ctx.today, date(year, 12, 31))
    rule_set = find_rule_set(ctx, regions.get_region(ctx.session, congress.region_id), on)
    if rule_set is None:
        return None
    sums = {block: int(total) for block, total in ctx.session.execute(
        select(PointRule.block_code, func.sum(PointEntry.amount_half))
        .join(PointRule, PointRule.id == PointEntry.rule_id)
        .where(PointEntry.mandate_id == mandate.id, PointEntry.year == year).group_by(PointRule.block_code))}
    blocks = [
        BlockTotal(block.code, block.name, plain(sums.get(block.code, 0)),
                   None if block.cap_half is None else plain(block.cap_half))
        for block in ctx.session.scalars(
            select(PointBlock).where(PointBlock.rule_set_id == rule_set.id).order_by(PointBlock.id))]
    total = sum(sums.values())
    months = active_months(year, mandate.began_on, mandate.ended_on)
    return MandateTotal(mandate.id, congress.name, congress.level, total, blocks,
                        grade(max(total, 0), months=months, is_barred=_is_barred(ctx, mandate.id, year)))


def list_missing(ctx: Context, mandate: Mandate) -> list[str]:
    """What the mandate still owes the running quarter and year, in sentences; nothing where it is not in force."""
    if mandate.state != "active":
        return []
    congress = ctx.session.get_one(Congress, mandate.congress_id)
    items = item_names(ctx, regions.get_region(ctx.session, congress.region_id), ctx.today)
    acts = ctx.session.execute(_live_acts(mandate.id, ctx.today.year))
    return missing(ctx.today, [(row.code, row.occurred_on) for row in acts], items)


def _is_barred(ctx: Context, mandate_id: int, year: int) -> bool:
    """Whether a decision of the year leaves it without a grade (违纪违法等：年度不评定等次)."""
    return _times(ctx, mandate_id, default_points.BARS_GRADE, year) > 0


@dataclass(frozen=True)
class EntryLine:
    entry: PointEntry
    item_code: str
    item_name: str
    version: str
    is_reversed: bool

    @property
    def amount(self) -> str:
        return display(self.entry.amount_half)


def list_entries(ctx: Context, mandate_ids: list[int], *, year: int | None = None, page: int = 1, page_size: int = 20
                 ) -> tuple[list[EntryLine], int]:
    """Lines of the book, newest first, each with its rule's version and whether it was reversed."""
    query = (
        select(PointEntry, PointRule.code, PointRule.name, PointRuleSet.version)
        .join(PointRule, PointRule.id == PointEntry.rule_id)
        .join(PointRuleSet, PointRuleSet.id == PointRule.rule_set_id).where(PointEntry.mandate_id.in_(mandate_ids)))
    if year is not None:
        query = query.where(PointEntry.year == year)
    total = ctx.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = ctx.session.execute(query.order_by(PointEntry.id.desc()).limit(page_size)
                               .offset((page - 1) * page_size)).all()
    reversed_ids = set(ctx.session.scalars(select(PointEntry.reverses_id).where(
        PointEntry.reverses_id.in_([row.PointEntry.id for row in rows]))))
    return [EntryLine(row.PointEntry, row.code, row.name, row.version, row.PointEntry.id in reversed_ids)
            for row in rows], total


def sum_of_person(ctx: Context, person_id: int, *, year: int, since: date | None = None) -> int:
    """Half points of the person's first mandate in force (the one the home page shows)."""
    mandate = select(Mandate.id).where(Mandate.person_id == person_id, Mandate.state == "active").order_by(
        Mandate.id).limit(1).scalar_subquery()
    query = select(func.coalesce(func.sum(PointEntry.amount_half), 0)).where(
        PointEntry.mandate_id == mandate, PointEntry.year == year)
    if since is not None:
        query = query.where(PointEntry.occurred_on >= since)
    return int(ctx.session.scalar(query) or 0)


def entries_of_cause(ctx: Context, cause: str) -> list[PointEntry]:
    return list(ctx.session.scalars(select(PointEntry).where(PointEntry.cause == cause).order_by(PointEntry.id)))
