"""A sitting's roll is frozen once; deputies sign in by staff or by the hall's code, each once."""

from collections.abc import Callable

import pytest

from models.ballots import SittingMember
from services import sittings
from services.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories import World
from tests.services.project_case import ProjectCase


@pytest.fixture
def case(world: World) -> ProjectCase:
    return ProjectCase(world)


def test_the_roll_holds_the_mandates_in_force_at_its_freezing(world: World, case: ProjectCase) -> None:
    sitting = case.sitting(5)
    late = world.deputy(name="后补代表")
    assert vars(sittings.attendance(case.clerk, sitting)) == {"members": 7, "present": 5}
    assert sittings.sign_in_by_staff(case.clerk, sitting, person_ids=[late.person_id or 0]) == 0
    with pytest.raises(Conflict) as refused:
        sittings.freeze_roll(case.clerk, sitting)
    assert refused.value.code == "roll_frozen"


def test_nobody_is_signed_in_twice(case: ProjectCase) -> None:
    sitting = case.sitting(2)
    people = [actor.person_id or 0 for actor in case.deputies[:3]]
    assert sittings.sign_in_by_staff(case.clerk, sitting, person_ids=people) == 1
    assert sittings.attendance(case.clerk, sitting).present == 3
    assert [member.how for member, _name in sittings.list_members(case.clerk, sitting)].count("staff") == 3


def test_before_the_roll_is_frozen_and_on_other_days_nobody_signs_in(world: World, case: ProjectCase) -> None:
    congress = world.congress(world.township)
    row = sittings.create_sitting(case.clerk, congress_id=congress.id, name="会议", place="", held_on=case.clerk.today)
    with pytest.raises(Conflict) as refused:
        sittings.sign_in_by_staff(case.clerk, row.id, person_ids=[])
    assert refused.value.code == "round_roll_open"
    sittings.freeze_roll(case.clerk, row.id)
    world.clock.advance(days=1)
    with pytest.raises(Conflict) as refused:
        sittings.sign_in_by_staff(case.clerk, row.id, person_ids=[])
    assert refused.value.code == "sitting_not_today"


def test_a_congress_without_deputies_has_no_roll(world: World, case: ProjectCase) -> None:
    congress = world.congress(world.county)
    office = world.ctx_of(world.staff("county_office"))
    row = sittings.create_sitting(office, congress_id=congress.id, name="会议", place="", held_on=office.today)
    with pytest.raises(Conflict) as refused:
        sittings.freeze_roll(office, row.id)
    assert refused.value.code == "roll_empty"


def test_a_deputy_signs_in_with_the_code_on_the_screen(world: World, case: ProjectCase) -> None:
    sitting = sittings.get_sitting(case.clerk, case.sitting(0))
    ctx = world.ctx_of(case.deputies[3])
    code = sittings.current_code(case.clerk, sitting)
    assert sittings.sign_in_by_code(ctx, code=f"{code[:3]} {code[3:]}").id == sitting.id
    assert sittings.sign_in_by_code(ctx, code=code).id == sitting.id
    member = case.clerk.session.get_one(SittingMember, (sitting.id, case.deputies[3].person_id))
    assert (member.how, member.signed_in_at) == ("code", ctx.now)
    assert sittings.list_mine(ctx) == [(sitting, member)]


def test_a_code_of_a_minute_ago_is_refused(world: World, case: ProjectCase) -> None:
    sitting = sittings.get_sitting(case.clerk, case.sitting(0))
    code = sittings.current_code(case.clerk, sitting)
    world.clock.advance(seconds=60)
    _refused(lambda: sittings.sign_in_by_code(world.ctx_of(case.deputies[0]), code=code))
    assert sittings.attendance(case.clerk, sitting.id).present == 0


def test_who_is_not_on_the_roll_does_not_sign_in(world: World, case: ProjectCase) -> None:
    code = sittings.current_code(case.clerk, sittings.get_sitting(case.clerk, case.sitting(0)))
    _refused(lambda: sittings.sign_in_by_code(world.ctx_of(world.deputy(world.other_township)), code=code))
    with pytest.raises(Forbidden):
        sittings.sign_in_by_code(world.ctx_of(world.resident()), code=code)
    assert sittings.list_mine(world.ctx_of(world.resident())) == []


def _refused(act: Callable[[], object]) -> None:
    with pytest.raises(Invalid) as refused:
        act()
    assert refused.value.code == "sitting_code_wrong"


def test_a_sitting_is_convened_once_by_staff_of_its_place(world: World, case: ProjectCase) -> None:
    case.sitting()
    with pytest.raises(Conflict) as refused:
        case.sitting()
    assert refused.value.code == "sitting_exists"
    other = world.ctx_of(world.staff("township_clerk", world.other_township))
    with pytest.raises(NotFound):
        sittings.create_sitting(other, congress_id=world.congress(world.township).id, name="会议", place="",
                                held_on=other.today)
    assert sittings.list_sittings(other) == ([], 0)
    assert [name for _row, name in sittings.list_sittings(case.clerk)[0]] == ["青石镇第18届人民代表大会"]
    assert [row.level for row in sittings.list_congresses(case.clerk)] == ["township"]
