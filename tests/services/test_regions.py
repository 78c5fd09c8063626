"""The region tree, its settings and its working days."""

from datetime import date

import pytest
from sqlalchemy import select

from models.regions import WorkdayOverride
from services import regions
from services.errors import Forbidden, Invalid, NotFound, Unauthenticated
from tests.factories import World

NAME = "opinion.unit_workdays"


def _set(world: World, region: regions.Region, value: int, on: date = date(2026, 1, 1)) -> None:
    regions.set_setting(world.system, region, name=NAME, value=value, effective_on=on)


def _value(world: World, region: regions.Region, on: date = date(2026, 11, 23)) -> int:
    return regions.setting(world.system.session, region, NAME, on)


def test_without_any_setting_the_default_holds(world: World) -> None:
    assert _value(world, world.township) == regions.SETTING_DEFAULTS[NAME] == 7


def test_a_setting_is_inherited_down_the_tree(world: World) -> None:
    _set(world, world.county, 10)
    assert [_value(world, region) for region in (world.county, world.township, world.village)] == [10, 10, 10]


def test_the_nearest_region_wins_and_its_neighbour_is_untouched(world: World) -> None:
    _set(world, world.county, 10)
    _set(world, world.township, 5)
    assert (_value(world, world.village), _value(world, world.other_township)) == (5, 10)


def test_the_newest_value_of_a_region_wins_from_its_day_on(world: World) -> None:
    _set(world, world.county, 10)
    _set(world, world.county, 3, date(2026, 11, 23))
    assert _value(world, world.township, date(2026, 11, 22)) == 10
    assert _value(world, world.township, date(2026, 11, 23)) == 3


def test_an_old_value_nearby_wins_over_a_newer_one_above(world: World) -> None:
    _set(world, world.township, 5)
    _set(world, world.county, 3, date(2026, 6, 1))
    assert _value(world, world.village) == 5


def test_a_value_of_tomorrow_does_not_hold_today(world: World) -> None:
    _set(world, world.township, 5, date(2026, 11, 24))
    assert _value(world, world.township) == 7


def test_setting_the_same_day_again_replaces_the_value(world: World) -> None:
    _set(world, world.township, 5)
    _set(world, world.township, 6)
    assert _value(world, world.township) == 6


def test_an_unknown_setting_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="field_not_a_choice"):
        regions.set_setting(world.system, world.county, name="made.up", value=1, effective_on=date(2026, 1, 1))


def test_the_due_day_counts_working_days_and_the_offices_table(world: World) -> None:
    assert regions.due_day(world.system, world.township, NAME) == date(2026, 12, 2)
    regions.set_workday(world.system, on=date(2026, 11, 25), is_workday=False, note="停电")
    world.system.session.flush()
    assert regions.due_day(world.system, world.township, NAME) == date(2026, 12, 3)


def test_a_working_day_declared_twice_is_one_row(world: World) -> None:
    for is_workday in (False, True):
        regions.set_workday(world.system, on=date(2026, 11, 28), is_workday=is_workday, note="调休")
    row = world.system.session.scalars(select(WorkdayOverride)).one()
    assert row.is_workday


def test_the_way_up_is_nearest_first(world: World) -> None:
    chain = regions.ancestors(world.system.session, world.village)
    assert [row.name for row in chain] == ["石桥村", "青石镇", "白鹿县"]


def test_a_village_belongs_to_its_township_and_a_township_to_itself(world: World) -> None:
    session = world.system.session
    assert regions.township_of(session, world.village).id == world.township.id
    assert regions.township_of(session, world.township).id == world.township.id
    with pytest.raises(Invalid, match="village_required"):
        regions.township_of(session, world.county)


def test_the_full_name_starts_at_the_county(world: World) -> None:
    assert regions.full_name(world.system.session, world.village) == "白鹿县青石镇石桥村"


def test_choosing_starts_at_the_counties_and_goes_down(world: World) -> None:
    session = world.system.session
    assert [row.name for row in regions.list_children(session, None)] == ["白鹿县"]
    assert [row.name for row in regions.list_children(session, world.county.id)] == ["青石镇", "流沙镇"]
    assert regions.list_children(session, world.village.id) == []


def test_a_clerk_reaches_only_the_own_part_of_the_tree(world: World) -> None:
    def reach(region: regions.Region) -> list[str]:
        return [row.name for row in regions.list_in_reach(world.ctx_of(world.staff(region=region)), ["village"])]

    assert reach(world.township) == ["石桥村"]
    assert reach(world.county) == ["石桥村", "河口村"]


def test_an_unknown_region_says_so(world: World) -> None:
    with pytest.raises(NotFound, match="region_unknown"):
        regions.get_region(world.system.session, 10**9)


def test_a_tree_is_loaded_above_before_below_and_may_be_loaded_again(world: World) -> None:
    rows = [regions.RegionRow("880000", "甲省", "province", ""), regions.RegionRow("880101", "乙县", "county", "880000"),
            regions.RegionRow("880101101", "丙镇", "township", "880101")]
    assert regions.load_tree(world.system, rows) == 3
    town = regions.find_by_code(world.system.session, "880101101")
    assert [row.name for row in regions.ancestors(world.system.session, town)] == ["丙镇", "乙县", "甲省"]
    renamed = [*rows[:2], regions.RegionRow("880101101", "丁镇", "township", "880101")]
    assert (regions.load_tree(world.system, renamed), town.name) == (0, "丁镇")


@pytest.mark.parametrize("row", [
    ("", "甲", "county", ""), ("88", "", "county", ""), ("88", "甲", "street", ""), ("88", "甲", "county", "77")])
def test_a_bad_line_of_the_tree_is_told_by_its_code(world: World, row: tuple[str, str, str, str]) -> None:
    with pytest.raises(Invalid, match="region_row_bad"):
        regions.load_tree(world.system, [regions.RegionRow(*row)])


def test_a_setting_is_changed_only_by_who_may_and_only_within_their_region(world: World) -> None:
    county_office, clerk = world.staff("county_office"), world.staff("township_clerk")
    change = {"name": NAME, "value": 9, "effective_on": date(2026, 11, 23)}
    regions.set_setting(world.ctx_of(county_office), world.township, **change)  # type: ignore[arg-type]
    assert _value(world, world.township) == 9
    with pytest.raises(Forbidden):
        regions.set_setting(world.ctx_of(clerk), world.township, **change)  # type: ignore[arg-type]
    with pytest.raises(Unauthenticated):
        regions.set_setting(world.ctx_of(world.resident()), world.township, **change)  # type: ignore[arg-type]
    elsewhere = world.staff("county_office", world.other_township)
    with pytest.raises(NotFound):
        regions.set_setting(world.ctx_of(elsewhere), world.township, **change)  # type: ignore[arg-type]


def test_working_days_are_entered_only_by_who_may(world: World) -> None:
    entry = {"on": date(2026, 11, 28), "is_workday": True, "note": "调休"}
    regions.set_workday(world.ctx_of(world.staff("admin")), **entry)  # type: ignore[arg-type]
    with pytest.raises(Forbidden):
        regions.set_workday(world.ctx_of(world.staff("township_clerk")), **entry)  # type: ignore[arg-type]
    with pytest.raises(Unauthenticated):
        regions.set_workday(world.ctx_of(world.resident()), **entry)  # type: ignore[arg-type]


def test_many_settings_at_once_are_what_each_is_alone(world: World) -> None:
    names = ("opinion.unit_workdays", "opinion.redo_workdays")
    _set_named(world, world.county, names[0], 9)
    _set_named(world, world.township, names[0], 5)
    _set_named(world, world.other_township, names[1], 3)
    regions.set_setting(world.system, world.township, name=names[1], value=99, effective_on=date(2030, 1, 1))
    office = world.ctx_of(world.staff("county_office"))
    places = [world.county, world.township, world.other_township]
    assert regions.settings_of(office, places, names) == {
        place.id: {name: regions.setting(office.session, place, name, office.today) for name in names} for place in places}
    assert [(row.value["value"], region) for row, region in regions.list_settings(office, names[:1])] == [
        (5, "青石镇"), (9, "白鹿县")]
    with pytest.raises(Forbidden):
        regions.list_settings(world.ctx_of(world.staff()), names)


def _set_named(world: World, region: regions.Region, name: str, value: int) -> None:
    regions.set_setting(world.system, region, name=name, value=value, effective_on=world.system.today)
