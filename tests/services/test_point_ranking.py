"""Places within one congress."""

from datetime import date
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from models.deputies import Delegation, Mandate
from services import point_ranking, points
from services.context import Actor
from services.errors import Forbidden, Unauthenticated
from services.point_ranking import Field
from tests.factories import World

YEAR = 2026


def _deputies(world: World, *times: int) -> list[Actor]:
    """Deputies of the township with so many receptions each."""
    made = []
    for number, count in enumerate(times):
        deputy = world.deputy(name=f"代表{number}")
        for visit in range(count):
            _earn(world, deputy, "C1", f"{number}:{visit}")
        made.append(deputy)
    return made


def _earn(world: World, deputy: Actor, item: str, cause: str) -> None:
    points.post(world.system, person_id=deputy.person_id or 0, item_code=item, cause=cause, occurred_on=date(2026, 11, 2))


def _mandate(world: World, deputy: Actor) -> Mandate:
    return world.system.session.scalars(select(Mandate).where(Mandate.person_id == deputy.person_id)).one()


def _ranked(world: World, field: Field, **rest: int) -> list[tuple[int, str, str]]:
    lines, _total = point_ranking.rank(world.ctx_of(world.staff("county_office")), field, year=YEAR, **rest)
    return [(line.rank, line.name, line.total) for line in lines]


def test_most_points_come_first_equal_ones_share_a_place_and_nobody_is_left_out(world: World) -> None:
    deputies = _deputies(world, 1, 3, 0, 3)
    _earn(world, deputies[2], "G2", "absent")
    assert _ranked(world, Field(world.congress(world.township).id)) == [
        (1, "代表1", "6"), (1, "代表3", "6"), (3, "代表0", "2"), (4, "代表2", "0")]


def test_the_ranking_comes_in_pages_with_the_places_of_the_whole(world: World) -> None:
    _deputies(world, 3, 2, 1)
    assert _ranked(world, Field(world.congress(world.township).id), page=2, page_size=2) == [(3, "代表2", "2")]


def test_another_congress_another_year_and_deputies_out_of_force_do_not_mix_in(world: World) -> None:
    deputies = _deputies(world, 1, 2, 3)
    _mandate(world, deputies[2]).state = "suspended"
    other = world.deputy(world.other_township, name="外镇")
    _earn(world, other, "C1", "x")
    points.install_default_rules(world.system, world.county, version="2025", effective_on=date(2025, 1, 1))
    field = Field(world.congress(world.township).id)
    assert _ranked(world, field) == [(1, "代表1", "4"), (2, "代表0", "2")]
    lines = point_ranking.rank(world.ctx_of(world.staff()), field, year=2025)[0]
    assert [(line.rank, line.total) for line in lines] == [(1, "0"), (1, "0")]


def test_a_delegation_and_a_group_are_fields_of_their_own(world: World) -> None:
    deputies = _deputies(world, 3, 2, 1)
    session, congress = world.system.session, world.congress(world.township)
    delegation = Delegation(congress_id=congress.id, name="第一代表团")
    session.add(delegation)
    session.flush()
    for deputy in deputies[1:]:
        _mandate(world, deputy).delegation_id = delegation.id
    session.flush()
    assert _ranked(world, Field(congress.id, delegation.id)) == [(1, "代表1", "4"), (2, "代表2", "2")]
    group = world.group(deputies[0], deputies[2])
    assert _ranked(world, Field(congress.id, group_id=group.id)) == [(1, "代表0", "6"), (2, "代表2", "2")]
    ctx = world.ctx_of(world.staff())
    assert [row.name for row in point_ranking.list_delegations(ctx, congress.id)] == ["第一代表团"]
    assert [row.id for row in point_ranking.list_groups(ctx, congress.id)] == [group.id]
    assert point_ranking.list_groups(ctx, world.congress(world.other_township).id) == []


def test_a_township_sees_its_own_deputies_with_their_place_in_the_whole_county(world: World) -> None:
    own, foreign = world.deputy(name="本镇"), world.deputy(world.other_township, name="外镇")
    county = world.congress(world.county)
    for deputy in (own, foreign):
        world.system.session.add(Mandate(person_id=deputy.person_id, congress_id=county.id, began_on=date(2026, 1, 1)))
    world.system.session.flush()
    _earn(world, foreign, "C1", "x")
    lines, total = point_ranking.rank(world.ctx_of(world.staff()), Field(county.id), year=YEAR)
    assert ([(line.rank, line.name) for line in lines], total) == ([(2, "本镇")], 1)
    assert {row.id for row in point_ranking.list_congresses(world.ctx_of(world.staff()))} == {
        county.id, world.congress(world.township).id}


def test_the_grade_follows_the_months_in_force_and_a_breach_takes_it_away(world: World) -> None:
    late, bad = _deputies(world, 6, 1)
    _mandate(world, late).began_on = date(2026, 11, 1)
    _earn(world, bad, "G11", "decision")
    lines = point_ranking.rank(world.ctx_of(world.staff()), Field(world.congress(world.township).id), year=YEAR)[0]
    # 12 points in 2 of 12 months: 72 in a whole year.
    assert [line.grade for line in lines] == ["较好", "不评定等次"]


def test_only_staff_who_may_see_points_may_rank(world: World) -> None:
    field = Field(world.congress(world.township).id)
    for stranger in (world.deputy(), world.staff("auditor"), world.staff("admin")):
        with pytest.raises((Forbidden, Unauthenticated)):
            point_ranking.rank(world.ctx_of(stranger), field, year=YEAR)


def test_the_publicity_table_holds_place_name_and_points_of_everybody(world: World) -> None:
    _deputies(world, 1, 3)
    made = point_ranking.write_publicity_table(world.ctx_of(world.staff()), Field(world.congress(world.township).id),
                                               year=YEAR)
    rows = CalamineWorkbook.from_filelike(BytesIO(made)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "青石镇第18届人民代表大会2026年代表履职积分公示表"
    assert [row[:4] for row in rows[1:]] == [
        ["名次", "姓名", "代表团", "得分"], [1.0, "代表1", "", 6.0], [2.0, "代表0", "", 2.0]]


@pytest.mark.parametrize(("position", "quarter"), [(0, 1), (1, 1), (2, 2), (3, 2), (4, 3), (7, 4)])
def test_a_deputy_learns_the_quarter_it_stands_in(world: World, position: int, quarter: int) -> None:
    deputies = _deputies(world, *([0] * 8))
    for number, deputy in enumerate(deputies):
        for act in range(8 - number):
            _earn(world, deputy, "C2", f"{number}:{act}")
    assert point_ranking.quarter_of(world.ctx_of(deputies[0]), _mandate(world, deputies[position]), year=YEAR) == quarter


def test_a_field_of_few_tells_no_quarter(world: World) -> None:
    deputies = _deputies(world, *([1] * 7))
    assert point_ranking.quarter_of(world.ctx_of(deputies[0]), _mandate(world, deputies[0]), year=YEAR) is None
