"""The roster as lists."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event, select

from models.deputies import Mandate
from services import deputies
from services.deputies import RosterFilter
from services.errors import Forbidden, Invalid, NotFound
from tests.factories import World


@contextmanager
def _statements(connection: Connection) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    yield seen
    event.remove(connection, "before_cursor_execute", note)


def _names(found: tuple[list[deputies.DeputyCard], int]) -> list[str]:
    return [card.name for card in found[0]]


def test_the_roster_is_searched_by_part_of_a_name(world: World) -> None:
    world.create_person(name="王建国")
    world.create_person(name="李四")
    ctx = world.ctx_of(world.staff())
    assert _names(deputies.list_for_staff(ctx, RosterFilter("建"))) == ["王建国"]


@pytest.mark.parametrize("typed", ["13911110000", "139 1111 0000", "+8613911110000"])
def test_a_whole_number_in_any_form_finds_its_person(world: World, typed: str) -> None:
    person = world.create_person(name="王建国", phone="13911110000")
    world.create_person(name="李四")
    assert deputies.find_by_phone(world.ctx_of(world.staff()), typed) == person.id


@pytest.mark.parametrize(("typed", "code"), [("1391111", "phone_invalid"), ("", "phone_invalid"),
                                             ("13911110001", "roster_phone_unknown")])
def test_a_part_of_a_number_and_an_unknown_one_say_so(world: World, typed: str, code: str) -> None:
    world.create_person(name="王建国", phone="13911110000")
    with pytest.raises(Invalid, match=code):
        deputies.find_by_phone(world.ctx_of(world.staff()), typed)


def test_a_number_of_another_township_is_unknown_here(world: World) -> None:
    world.create_person(world.other_township, phone="13911110000")
    with pytest.raises(Invalid, match="roster_phone_unknown"):
        deputies.find_by_phone(world.ctx_of(world.staff()), "13911110000")


@pytest.mark.parametrize("search", ["13911110000", "%", "_", "没有这个人"])
def test_numbers_and_wildcards_find_nobody_by_name(world: World, search: str) -> None:
    world.create_person(name="王建国", phone="13911110000")
    assert deputies.list_for_staff(world.ctx_of(world.staff()), RosterFilter(search)) == ([], 0)


def test_staff_see_masked_numbers_and_who_has_logged_in(world: World) -> None:
    world.deputy(name="王建国")
    world.create_person(name="李四", phone="13911110000")
    cards = deputies.list_for_staff(world.ctx_of(world.staff()))[0]
    assert {card.name: card.has_account for card in cards} == {"王建国": True, "李四": False}
    assert cards[1].phone_masked == "139****0000"


def test_each_clerk_sees_the_own_region_and_the_county_all(world: World) -> None:
    world.create_person(name="王建国")
    world.create_person(world.other_township, name="李四")
    assert _names(deputies.list_for_staff(world.ctx_of(world.staff()))) == ["王建国"]
    assert _names(deputies.list_for_staff(world.ctx_of(world.staff("county_office")))) == ["王建国", "李四"]


def test_a_group_narrows_the_list(world: World) -> None:
    member = world.deputy(name="王建国")
    world.create_person(name="李四")
    group = world.group(member)
    ctx = world.ctx_of(world.staff())
    assert _names(deputies.list_for_staff(ctx, RosterFilter(group_id=group.id))) == ["王建国"]
    assert [(line.name, line.members) for line in deputies.list_groups(ctx)] == [("第一代表小组", 1)]


def test_pages_follow_each_other_without_overlap(world: World) -> None:
    for number in range(5):
        world.create_person(name=f"代表{number}")
    ctx = world.ctx_of(world.staff())
    pages = [deputies.list_for_staff(ctx, page=page, page_size=2) for page in (1, 2, 3)]
    assert [name for page in pages for name in _names(page)] == [f"代表{number}" for number in range(5)]
    assert {total for _, total in pages} == {5}


@pytest.mark.parametrize("count", [12])
def test_the_number_of_queries_does_not_grow_with_the_rows(world: World, connection: Connection, count: int) -> None:
    station = world.create_station()
    ctx = world.ctx_of(world.staff())

    def queries() -> int:
        ctx.session.expire_all()
        with _statements(connection) as seen:
            deputies.list_for_staff(ctx, page_size=50)
            deputies.list_public(ctx.session, village=None, page=1, page_size=50)
        return len(seen)

    world.group(world.deputy(), name="第零组")
    few = queries()
    for number in range(count):
        world.group(world.deputy(name=f"代表{number}"), name=f"第{number + 1}组")
    assert deputies.list_for_staff(ctx)[1] == count + 1
    assert queries() == few
    assert station.id


def test_residents_see_the_deputies_of_their_township_without_numbers(world: World) -> None:
    world.create_person(name="王建国")
    world.create_person(world.other_township, name="李四")
    cards, total = deputies.list_public(world.system.session, village=world.village, page=1, page_size=10)
    assert ([card.name for card in cards], total) == (["王建国"], 1)
    assert cards[0].phone_masked is None
    assert cards[0].level_names == ["乡镇"]


@pytest.mark.parametrize("state", ["suspended", "ended"])
def test_who_has_no_mandate_in_force_is_not_shown_to_the_public(world: World, state: str) -> None:
    world.create_person()
    world.system.session.scalars(select(Mandate)).one().state = state
    world.system.session.flush()
    assert deputies.list_public(world.system.session, village=None, page=1, page_size=10) == ([], 0)


def test_an_unknown_deputy_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        deputies.get_card(world.system.session, 10**9)


def test_a_role_without_the_roster_sees_nobody(world: World) -> None:
    for role in ("auditor", "admin", "handling_unit"):
        with pytest.raises(Forbidden):
            deputies.list_for_staff(world.ctx_of(world.staff(role)))


def test_the_roster_is_filtered_by_the_state_of_the_mandates(world: World) -> None:
    people = {state: world.create_person(name=state) for state in ("active", "suspended", "ended")}
    ctx = world.ctx_of(world.staff())
    for state, person in people.items():
        ctx.session.scalars(select(Mandate).where(Mandate.person_id == person.id)).one().state = state
    ctx.session.flush()
    for state in people:
        assert _names(deputies.list_for_staff(ctx, RosterFilter(state=state))) == [state]
    assert _names(deputies.list_for_staff(ctx)) == ["active", "suspended", "ended"]


def test_who_left_office_is_no_deputy_for_the_public_and_counts_in_no_group(world: World) -> None:
    member = world.deputy()
    world.group(member)
    ctx = world.ctx_of(world.staff())
    assert deputies.get_public(ctx.session, member.person_id or 0).name == "王建国"
    ctx.session.scalars(select(Mandate)).one().state = "ended"
    ctx.session.flush()
    with pytest.raises(NotFound):
        deputies.get_public(ctx.session, member.person_id or 0)
    assert [line.members for line in deputies.list_groups(ctx)] == [0]
