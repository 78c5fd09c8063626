"""The account book of points."""

from datetime import date

import pytest
from sqlalchemy import Executable, delete, func, select, update
from sqlalchemy.exc import DBAPIError

from models.deputies import Congress, Mandate
from models.points import PointBlock, PointEntry, PointRule, PointRuleSet
from services import access, points, reports
from services.context import Actor
from services.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories import World

DAY = date(2026, 11, 23)


def _post(world: World, deputy: Actor, item: str, cause: str, on: date = DAY) -> list[PointEntry]:
    assert deputy.person_id is not None
    return points.post(world.system, person_id=deputy.person_id, item_code=item, cause=cause, occurred_on=on)


def _amounts(world: World, deputy: Actor, item: str, times: int, prefix: str = "act") -> list[int]:
    return [_post(world, deputy, item, f"{prefix}:{item}:{number}")[0].amount_half for number in range(times)]


def _total(world: World, deputy: Actor, year: int = 2026) -> str:
    ctx = world.ctx_of(deputy)
    return points.totals(ctx, access.access_own_mandates(ctx), year)[0].total


def _second_mandate(world: World, deputy: Actor) -> Mandate:
    session = world.system.session
    mandate = Mandate(person_id=deputy.person_id, congress_id=world.congress(world.county).id,
                      began_on=date(2026, 1, 1))
    session.add(mandate)
    session.flush()
    return mandate


def test_an_act_is_entered_with_its_arithmetic(world: World) -> None:
    entry = _post(world, world.deputy(), "C1", "duty:1")[0]
    assert (entry.amount_half, entry.year, entry.posted_by) == (4, 2026, "system")
    assert entry.arithmetic == "接待日进站接待：每次2分；本年该项已得0分，上限12分；计2分"


def test_half_points_are_kept(world: World) -> None:
    deputy = world.deputy()
    assert _amounts(world, deputy, "C2", 3) == [1, 1, 1]
    assert _total(world, deputy) == "1.5"


def test_an_item_stops_at_its_cap(world: World) -> None:
    deputy = world.deputy()
    assert _amounts(world, deputy, "C1", 8) == [4] * 6 + [0, 0]
    assert _total(world, deputy) == "12"


def test_the_last_act_before_the_cap_is_cut_to_fit(world: World) -> None:
    # D5 gives 1.5 up to 3; after B1-like cuts the rest is what the block leaves.
    deputy = world.deputy()
    assert _amounts(world, deputy, "F2", 1) == [6]
    assert _amounts(world, deputy, "F4", 3) == [4, 4, 2]


def test_a_block_stops_at_its_cap_although_its_items_have_room(world: World) -> None:
    deputy = world.deputy()
    given = sum(sum(_amounts(world, deputy, f"F{number}", 20)) for number in range(1, 8))
    assert given == 40
    assert _total(world, deputy) == "20"


def test_all_regular_items_together_give_exactly_a_hundred(world: World) -> None:
    deputy = world.deputy()
    codes = world.system.session.scalars(select(PointRule.code).where(PointRule.block_code.in_(list("ABCDE")))).all()
    assert sum(sum(_amounts(world, deputy, code, 13)) for code in codes) == 200
    assert _total(world, deputy) == "100"


def test_a_new_year_starts_from_zero(world: World) -> None:
    deputy = world.deputy()
    _amounts(world, deputy, "A4", 1)
    assert _post(world, deputy, "A4", "x", date(2027, 1, 4))[0].amount_half == 4
    assert _post(world, deputy, "A4", "y")[0].amount_half == 0
    assert (_total(world, deputy), _total(world, deputy, 2027)) == ("2", "2")


def test_deductions_stop_at_their_cap_and_the_shown_total_never_goes_below_zero(world: World) -> None:
    deputy = world.deputy()
    assert _amounts(world, deputy, "G5", 6) == [-1] * 4 + [0, 0]
    assert _amounts(world, deputy, "G2", 2) == [-20, -20]
    assert _total(world, deputy) == "0"
    ctx = world.ctx_of(deputy)
    assert points.totals(ctx, access.access_own_mandates(ctx), 2026)[0].total_half == -44


def test_the_same_cause_counts_once(world: World) -> None:
    deputy = world.deputy()
    first, again = _post(world, deputy, "C1", "duty:1")[0], _post(world, deputy, "C1", "duty:1")[0]
    assert first.id == again.id
    assert world.system.session.scalar(select(func.count()).select_from(PointEntry)) == 1


def test_an_act_is_entered_into_the_book_of_every_mandate(world: World) -> None:
    deputy = world.deputy()
    mandate = _second_mandate(world, deputy)
    entries = _post(world, deputy, "C1", "duty:1")
    assert len(entries) == 2
    assert mandate.id in {entry.mandate_id for entry in entries}
    assert [entry.amount_half for entry in entries] == [4, 4]


def test_a_mandate_whose_congress_keeps_no_points_is_skipped(world: World) -> None:
    deputy = world.deputy()
    session = world.system.session
    province = world._region("99", "某省", "province", None)
    congress = Congress(region_id=province.id, level="provincial", term_no=14, name="某省第14届人民代表大会")
    session.add(congress)
    session.flush()
    session.add(Mandate(person_id=deputy.person_id, congress_id=congress.id, began_on=date(2026, 1, 1)))
    session.flush()
    assert len(_post(world, deputy, "C1", "duty:1")) == 1
    ctx = world.ctx_of(deputy)
    assert len(points.totals(ctx, access.access_own_mandates(ctx), 2026)) == 1


@pytest.mark.parametrize("state", ["suspended", "ended"])
def test_a_mandate_not_in_force_earns_nothing(world: World, state: str) -> None:
    deputy = world.deputy()
    world.system.session.scalars(select(Mandate)).one().state = state
    assert _post(world, deputy, "C1", "duty:1") == []


def test_an_unknown_item_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="field_not_a_choice"):
        _post(world, world.deputy(), "Z1", "duty:1")


# --- versions ---------------------------------------------------------------------------------------


def test_a_newer_version_holds_from_its_day_and_the_caps_run_on(world: World) -> None:
    deputy = world.deputy()
    points.install_default_rules(world.system, world.county, version="2026-2", effective_on=date(2026, 11, 1))
    session = world.system.session
    newest = session.scalars(select(PointRuleSet.id).where(PointRuleSet.version == "2026-2")).one()
    session.execute(update(PointRule).where(PointRule.rule_set_id == newest, PointRule.code == "C1").values(
        points_half=10, cap_half=12))
    assert _post(world, deputy, "C1", "old", date(2026, 10, 31))[0].amount_half == 4
    assert _post(world, deputy, "C1", "new", date(2026, 11, 1))[0].amount_half == 8


def test_a_townships_own_rules_win_over_the_countys(world: World) -> None:
    deputy = world.deputy()
    own = points.install_default_rules(world.system, world.township, version="镇-1", effective_on=date(2026, 1, 1))
    entry = _post(world, deputy, "C1", "duty:1")[0]
    assert world.system.session.get_one(PointRule, entry.rule_id).rule_set_id == own.id


def test_a_region_without_rules_says_so(world: World) -> None:
    with pytest.raises(Invalid, match="points_no_rules"):
        points.rule_set_for(world.system, world.county, date(2025, 12, 31))


def test_the_installed_table_is_the_default_one(world: World) -> None:
    session = world.system.session
    assert session.scalar(select(func.count()).select_from(PointRule)) == 42
    assert session.scalar(select(func.count()).select_from(PointBlock)) == 7


def test_only_reportable_items_are_offered(world: World) -> None:
    offered = {rule.code for rule, _block in points.list_reportable(world.system, world.township)}
    assert "C2" in offered
    assert not {"C1", "C4", "A1", "G10"} & offered


# --- reversing --------------------------------------------------------------------------------------


def _reverse(world: World, entry: PointEntry, role: str = "township_chair", reason: str = "重复登记") -> PointEntry:
    return points.reverse(world.ctx_of(world.staff(role)), entry.mandate_id, entry.id, reason=reason)


def test_a_reversal_is_a_counter_entry_with_its_reason(world: World) -> None:
    deputy = world.deputy()
    entry = _post(world, deputy, "C1", "duty:1")[0]
    counter = _reverse(world, entry)
    assert (counter.amount_half, counter.reverses_id, counter.year) == (-4, entry.id, 2026)
    assert "重复登记" in counter.arithmetic
    assert _total(world, deputy) == "0"
    lines = points.list_entries(world.system, [entry.mandate_id])[0]
    assert [(line.amount, line.is_reversed) for line in lines] == [("-2", False), ("+2", True)]


def test_what_was_reversed_may_be_earned_again(world: World) -> None:
    deputy = world.deputy()
    _reverse(world, _post(world, deputy, "A4", "duty:1")[0])
    assert _post(world, deputy, "A4", "duty:2")[0].amount_half == 4


def test_an_act_that_a_cap_had_cut_gets_the_room_a_reversal_frees(world: World) -> None:
    deputy = world.deputy()
    entry = _post(world, deputy, "A4", "duty:1")[0]
    cut = _post(world, deputy, "A4", "duty:2")[0]
    assert cut.amount_half == 0
    _reverse(world, entry)
    adjusted = points.list_entries(world.system, [entry.mandate_id])[0][0].entry
    assert (adjusted.amount_half, adjusted.cause.split(":")[:2]) == (4, ["adjust", str(cut.id)])
    assert adjusted.arithmetic == f"第{cut.id}号重算：原计0分，应计2分；补计2分"
    assert _post(world, deputy, "A4", "duty:3")[0].amount_half == 0
    assert _total(world, deputy) == "2"


def test_an_adjustment_is_not_reversed_by_itself_but_falls_with_its_act(world: World) -> None:
    deputy = world.deputy()
    first, cut = _post(world, deputy, "A4", "duty:1")[0], _post(world, deputy, "A4", "duty:2")[0]
    _reverse(world, first)
    adjusted = points.list_entries(world.system, [first.mandate_id])[0][0].entry
    with pytest.raises(Conflict, match="entry_adjusts"):
        _reverse(world, adjusted)
    _reverse(world, cut)
    assert _total(world, deputy) == "0"


def test_the_first_two_leaves_of_a_year_cost_nothing_and_a_reversed_one_is_not_counted(world: World) -> None:
    deputy = world.deputy()
    entries = [_post(world, deputy, "G4", f"leave:{number}")[0] for number in range(4)]
    assert [entry.amount_half for entry in entries] == [0, 0, -1, -1]
    assert entries[0].arithmetic == "闭会活动请假（第3次起）：每次-0.5分，本年前2次不计；这是第1次；计0分"
    _reverse(world, entries[0])
    session = world.system.session
    assert session.scalar(select(func.sum(PointEntry.amount_half))) == -1


def test_a_year_with_a_decided_breach_has_no_grade(world: World) -> None:
    deputy = world.deputy()
    ctx = world.ctx_of(deputy)
    _amounts(world, deputy, "C1", 6)
    assert points.totals(ctx, access.access_own_mandates(ctx), 2026)[0].grade == "差"
    breach = _post(world, deputy, "G11", "decision:1")[0]
    assert points.totals(ctx, access.access_own_mandates(ctx), 2026)[0].grade == "不评定等次"
    _reverse(world, breach)
    assert points.totals(ctx, access.access_own_mandates(ctx), 2026)[0].grade == "差"


def test_an_entry_is_reversed_once_and_a_reversal_never(world: World) -> None:
    entry = _post(world, world.deputy(), "C1", "duty:1")[0]
    counter = _reverse(world, entry)
    for again in (entry, counter):
        with pytest.raises(Conflict, match="entry_reversed"):
            _reverse(world, again)


def test_a_reversal_needs_a_reason_the_right_and_the_region(world: World) -> None:
    entry = _post(world, world.deputy(), "C1", "duty:1")[0]
    with pytest.raises(Invalid, match="reason_required"):
        _reverse(world, entry, reason=" ")
    with pytest.raises(Forbidden):
        _reverse(world, entry, "township_clerk")
    foreign = world.staff("township_chair", world.other_township)
    with pytest.raises(NotFound):
        points.reverse(world.ctx_of(foreign), entry.mandate_id, entry.id, reason="越权")


# --- append-only ------------------------------------------------------------------------------------


@pytest.mark.parametrize("change", [update(PointEntry).values(amount_half=100), delete(PointEntry)],
                         ids=["update", "delete"])
def test_the_database_refuses_to_change_the_book(world: World, change: Executable) -> None:
    entry = _post(world, world.deputy(), "C1", "duty:1")[0]
    session = world.system.session
    with pytest.raises(DBAPIError, match="append-only"), session.begin_nested():
        session.execute(change)
    session.refresh(entry)
    assert entry.amount_half == 4


# --- totals -----------------------------------------------------------------------------------------


def test_totals_are_told_by_block_with_their_caps(world: World) -> None:
    deputy = world.deputy()
    _amounts(world, deputy, "C1", 2)
    _amounts(world, deputy, "D1", 1)
    ctx = world.ctx_of(deputy)
    total = points.totals(ctx, access.access_own_mandates(ctx), 2026)[0]
    assert total.total == "7"
    assert {block.code: (block.total, block.cap) for block in total.blocks} == {
        "A": ("0", "25"), "B": ("0", "20"), "C": ("4", "30"), "D": ("3", "20"), "E": ("0", "5"), "F": ("0", "20"),
        "G": ("0", None)}


def test_the_home_page_shows_the_first_mandate_only(world: World) -> None:
    deputy = world.deputy()
    _second_mandate(world, deputy)
    _post(world, deputy, "C1", "duty:1")
    _post(world, deputy, "C1", "duty:2", date(2026, 10, 9))
    assert deputy.person_id is not None
    assert points.sum_of_person(world.system, deputy.person_id, year=2026) == 8
    assert points.sum_of_person(world.system, deputy.person_id, year=2026, since=date(2026, 11, 1)) == 4


def test_staff_see_the_totals_of_their_region_highest_first(world: World) -> None:
    low, high = world.deputy(name="李四"), world.deputy(name="王建国")
    world.deputy(world.other_township, name="赵六")
    _amounts(world, high, "C1", 2)
    _amounts(world, low, "C1", 1)
    rows, total = reports.list_points(world.ctx_of(world.staff()), year=2026)
    assert [(row.name, row.total) for row in rows] == [("王建国", "4"), ("李四", "2")]
    assert total == 2
    assert reports.list_points(world.ctx_of(world.staff()), year=2026, search="李")[1] == 1


@pytest.mark.parametrize(("ended_on", "shown"), [(date(2026, 3, 1), ["township", "township"]),
                                                 (date(2025, 12, 31), ["township"])])
def test_a_deputy_reads_the_mandates_that_held_this_year_the_present_one_first(
        world: World, ended_on: date, shown: list[str]) -> None:
    deputy = world.deputy()
    session = world.system.session
    old = session.scalars(select(Mandate)).one()
    congress = Congress(region_id=world.township.id, level="township", term_no=19, name="青石镇第19届人民代表大会")
    session.add(congress)
    session.flush()
    new = Mandate(person_id=deputy.person_id, congress_id=congress.id, began_on=ended_on)
    session.add(new)
    old.state, old.ended_on = "ended", ended_on
    session.flush()
    found = points.own_totals(world.ctx_of(deputy), 2026)
    assert [row.level for row in found] == shown
    assert found[0].mandate_id == new.id
