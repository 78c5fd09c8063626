"""Stations, their codes, deputies and reception days."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.stations import ScanCode
from services import stations
from services.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from tests.factories import World

FORM = stations.StationForm(kind="township_station", name="青石镇代表工作站", address="解放路1号", latitude=28.1,
                            longitude=112.9, fence_m=200)


def _create(world: World, **changes: object) -> stations.Station:
    return stations.create_station(world.ctx_of(world.staff()), region_id=world.township.id,
                                   form=replace(FORM, **changes))  # type: ignore[arg-type]


def test_a_new_station_has_a_code_that_opens_it(world: World) -> None:
    station = _create(world)
    code = stations.live_code(world.system.session, station.id)
    assert len(code.scene) == 22
    assert len(code.short_code) == 8
    for way in (code.scene, code.short_code):
        assert stations.resolve_code(world.system.session, way)[1].id == station.id


@pytest.mark.parametrize(("changes", "error", "code", "field"), [
    ({"kind": "palace"}, Invalid, "station_kind_bad", "kind"),
    ({"name": " "}, Invalid, "invalid_input", "name"),
    ({"address": ""}, Invalid, "invalid_input", "address"),
    ({"fence_m": 29}, Invalid, "fence_invalid", "fence_m"),
    ({"fence_m": 2001}, Invalid, "fence_invalid", "fence_m"),
    ({"latitude": None}, Invalid, "location_invalid", "latitude"),
    ({"longitude": None}, Invalid, "location_invalid", "latitude"),
    ({"latitude": 90.1}, Invalid, "location_invalid", "latitude"),
    ({"longitude": -180.1}, Invalid, "location_invalid", "latitude")])
def test_each_mistake_of_the_form_names_its_field(
        world: World, changes: dict[str, object], error: type[Exception], code: str, field: str) -> None:
    with pytest.raises(error, match=code) as refused:
        _create(world, **changes)
    assert field in refused.value.fields  # type: ignore[attr-defined]


@pytest.mark.parametrize("changes", [{"fence_m": 30}, {"fence_m": 2000}, {"latitude": None, "longitude": None}])
def test_the_ends_of_what_is_allowed_are_allowed(world: World, changes: dict[str, object]) -> None:
    assert _create(world, **changes).id


def test_a_name_is_taken_once_in_a_region(world: World) -> None:
    _create(world)
    with pytest.raises(Conflict, match="station_name_taken"):
        _create(world)
    other = stations.create_station(world.ctx_of(world.staff(region=world.other_township)),
                                    region_id=world.other_township.id, form=FORM)
    assert other.name == FORM.name


def test_a_station_keeps_its_own_name_when_edited(world: World) -> None:
    station = _create(world)
    ctx = world.ctx_of(world.staff())
    assert stations.update_station(ctx, station.id, form=replace(FORM, address="新址")).address == "新址"
    _create(world, name="另一站")
    with pytest.raises(Conflict, match="station_name_taken"):
        stations.update_station(ctx, station.id, form=replace(FORM, name="另一站"))


def test_only_a_region_in_reach_gets_a_station(world: World) -> None:
    with pytest.raises(NotFound):
        stations.create_station(world.ctx_of(world.staff()), region_id=world.other_township.id, form=FORM)
    with pytest.raises(Forbidden):
        stations.create_station(world.ctx_of(world.staff("township_chair")), region_id=world.township.id, form=FORM)


def test_a_replaced_code_is_gone_and_the_new_one_opens(world: World) -> None:
    station = _create(world)
    session = world.system.session
    old = stations.live_code(session, station.id)
    new = stations.replace_code(world.ctx_of(world.staff()), station.id)
    session.expire_all()
    assert stations.live_code(session, station.id).id == new.id
    for way in (old.scene, old.short_code):
        with pytest.raises(Gone, match="scan_code_expired"):
            stations.resolve_code(session, way)
    assert stations.resolve_code(session, new.short_code)[1].id == station.id


def test_the_code_of_a_closed_station_says_so(world: World) -> None:
    station = _create(world)
    ctx = world.ctx_of(world.staff())
    stations.set_open(ctx, station.id, is_open=False)
    with pytest.raises(Conflict, match="station_closed"):
        stations.resolve_code(ctx.session, world.scene(station))
    with pytest.raises(NotFound):
        stations.get_public(ctx.session, station.id)
    assert stations.list_public(ctx.session, township_id=None, page=1, page_size=9) == ([], 0)
    stations.set_open(ctx, station.id, is_open=True)
    assert stations.get_public(ctx.session, station.id).id == station.id


def test_codes_never_repeat(world: World) -> None:
    for number in range(6):
        _create(world, name=f"第{number}站")
    codes = world.system.session.execute(select(ScanCode.scene, ScanCode.short_code)).all()
    assert len({code for row in codes for code in row}) == 12


def test_only_deputies_of_the_own_region_are_stationed(world: World) -> None:
    station = _create(world)
    mine, foreign = world.deputy(), world.deputy(world.other_township, name="李四")
    ctx = world.ctx_of(world.staff())
    stations.set_deputies(ctx, station.id, person_ids=[mine.person_id or 0, foreign.person_id or 0])
    assert stations.deputies_of(ctx.session, station.id) == [mine.person_id]
    stations.set_deputies(ctx, station.id, person_ids=[])
    assert stations.deputies_of(ctx.session, station.id) == []


# --- reception days ---------------------------------------------------------------------------------


def _plan(world: World, station: stations.Station, *, days: float = 1, hours: float = 2,
          people: tuple[int, ...] = ()) -> stations.Reception:
    start = world.clock() + timedelta(days=days)
    return stations.plan_reception(world.ctx_of(world.staff()), station.id, starts_at=start,
                                   ends_at=start + timedelta(hours=hours), person_ids=people)


def test_a_reception_day_is_listed_with_its_deputies_soonest_first(world: World) -> None:
    station, deputy = _create(world), world.deputy()
    later = _plan(world, station, days=2)
    sooner = _plan(world, station, days=1, people=(deputy.person_id or 0,))
    rows = stations.list_receptions(world.system.session, after=world.clock(), station_ids=[station.id])
    assert [row.id for row in rows] == [sooner.id, later.id]
    assert rows[0].person_ids == [deputy.person_id]
    mine = stations.list_receptions(world.system.session, after=world.clock(), person_id=deputy.person_id)
    assert [row.id for row in mine] == [sooner.id]


def test_a_reception_that_is_over_or_cancelled_is_not_listed(world: World) -> None:
    station = _create(world)
    _plan(world, station, days=-1)
    cancelled = _plan(world, station, days=1)
    running = _plan(world, station, days=-0.05)
    stations.cancel_reception(world.ctx_of(world.staff()), station.id, cancelled.id)
    world.system.session.flush()
    assert [row.id for row in stations.list_receptions(world.system.session, after=world.clock())] == [running.id]


def test_a_reception_ends_after_it_begins(world: World) -> None:
    station = _create(world)
    for hours in (0, -1):
        with pytest.raises(Invalid, match="reception_times_invalid"):
            _plan(world, station, hours=hours)


def test_one_station_has_one_reception_at_a_time_of_beginning(world: World) -> None:
    station, other = _create(world), _create(world, name="另一站")
    _plan(world, station)
    with pytest.raises(Conflict, match="reception_exists"):
        _plan(world, station)
    assert _plan(world, other).id


def test_the_stations_of_a_township_are_listed_and_searched(world: World) -> None:
    station = _create(world)
    room = stations.create_station(world.ctx_of(world.staff()), region_id=world.village.id,
                                   form=replace(FORM, kind="village_room", name="石桥村工作室"))
    stations.create_station(world.ctx_of(world.staff(region=world.other_township)), region_id=world.other_township.id,
                            form=replace(FORM, name="流沙镇工作站"))
    session = world.system.session
    found = stations.list_public(session, township_id=world.township.id, page=1, page_size=9)[0]
    assert [row.id for row in found] == [station.id, room.id]
    assert [row.id for row in stations.stations_near_home(session, world.township)] == [station.id, room.id]
    ctx = world.ctx_of(world.staff())
    assert [row.id for row in stations.list_for_staff(ctx, search="工作室")[0]] == [room.id]
    assert stations.list_for_staff(ctx)[1] == 2


@pytest.mark.parametrize("field", ["name", "address"])
def test_a_name_or_an_address_has_a_sensible_length(world: World, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        stations.create_station(world.ctx_of(world.staff()), region_id=world.township.id,
                                form=replace(FORM, **{field: "长" * 101}))
    assert set(refused.value.fields) == {field}


def test_a_cancelled_hour_can_be_planned_again_with_other_deputies(world: World) -> None:
    clerk, station = world.staff(), world.create_station()
    first, second = world.deputy(), world.deputy(name="李四")
    starts = world.clock() + timedelta(days=2)
    made = stations.plan_reception(world.ctx_of(clerk), station.id, starts_at=starts,
                                   ends_at=starts + timedelta(hours=2), person_ids=[first.person_id or 0])
    stations.cancel_reception(world.ctx_of(clerk), station.id, made.id)
    again = stations.plan_reception(world.ctx_of(clerk), station.id, starts_at=starts,
                                    ends_at=starts + timedelta(hours=1), person_ids=[second.person_id or 0])
    card = stations.list_receptions(world.system.session, after=world.clock(), station_ids=[station.id])[0]
    assert (again.id, card.person_ids, card.ends_at) == (made.id, [second.person_id], starts + timedelta(hours=1))


def test_saving_a_stations_deputies_keeps_those_of_another_region(world: World) -> None:
    station, clerk = world.create_station(), world.staff()
    above, mine = world.deputy(world.county, name="县代表"), world.deputy()
    stations.set_deputies(world.ctx_of(world.staff("county_office")), station.id, person_ids=[above.person_id or 0])
    stations.set_deputies(world.ctx_of(clerk), station.id, person_ids=[mine.person_id or 0])
    assert stations.deputies_of(world.system.session, station.id) == sorted([above.person_id, mine.person_id])
