"""Audiences: clauses joined to one, checked for reach, counted, and frozen with the reason for each person."""

from datetime import date

import pytest
from sqlalchemy import select

from models.deputies import Delegation, GroupMember, Mandate
from models.notices import NoticeDelivery
from services import audiences, notices
from services.audiences import Clause
from services.context import Actor
from services.errors import Conflict, Invalid, NotFound
from tests.factories import World
from tests.services.reachable import build_form, create_draft


def _county_deputy(world: World, actor: Actor, delegation: Delegation | None = None) -> None:
    world.system.session.add(Mandate(
        person_id=actor.person_id, congress_id=world.congress(world.county).id, began_on=date(2026, 1, 1),
        delegation_id=delegation.id if delegation else None))
    world.system.session.flush()


def _delegation(world: World) -> Delegation:
    row = Delegation(congress_id=world.congress(world.county).id, name="青石代表团")
    world.system.session.add(row)
    world.system.session.flush()
    return row


def _people_of(world: World, *clauses: Clause, role: str = "county_office") -> set[int]:
    ctx = world.ctx_of(world.staff(role))
    notice = notices.create_draft(ctx, build_form(audience=audiences.PICKED, also=clauses))
    return {person for person, _reason in audiences.freeze(ctx, notice)}


def test_each_kind_of_clause_catches_its_people(world: World) -> None:
    one, two, three = (world.deputy(name=name) for name in ("一", "二", "三"))
    delegation = _delegation(world)
    _county_deputy(world, one, delegation)
    _county_deputy(world, two)
    group, station = world.group(two), world.create_station(deputies=(three,))
    congress = world.congress(world.county)
    assert _people_of(world, Clause("congress", str(congress.id))) == {one.person_id, two.person_id}
    assert _people_of(world, Clause("delegation", str(delegation.id))) == {one.person_id}
    assert _people_of(world, Clause("level", "county")) == {one.person_id, two.person_id}
    assert _people_of(world, Clause("group", str(group.id))) == {two.person_id}
    assert _people_of(world, Clause("station", str(station.id))) == {three.person_id}
    assert _people_of(world, Clause("person", str(one.person_id))) == {one.person_id}
    assert _people_of(world, Clause("region_deputies")) == {one.person_id, two.person_id, three.person_id}


def test_clauses_are_joined_and_everybody_is_counted_once_with_every_reason(world: World) -> None:
    one, two = world.deputy(name="一"), world.deputy(name="二")
    group = world.group(one, two)
    ctx = world.ctx_of(world.staff())
    notice = notices.create_draft(ctx, build_form(audience="group", audience_id=group.id,
                                                  also=(Clause("person", str(one.person_id)),)))
    assert audiences.forecast(ctx, notice).people == 2
    assert audiences.name_in_words(ctx, notice) == "第一代表小组成员；一"
    notices.send(ctx, notice.id)
    ctx.session.flush()
    assert audiences.causes(ctx, notice, [one.person_id or 0, two.person_id or 0]) == {
        one.person_id: "第一代表小组成员、点选", two.person_id: "第一代表小组成员"}


def test_the_reason_stays_when_the_group_changes_after_sending(world: World) -> None:
    one = world.deputy()
    group = world.group(one)
    ctx = world.ctx_of(world.staff())
    notice = notices.send(ctx, notices.create_draft(ctx, build_form(audience="group", audience_id=group.id)).id)
    ctx.session.delete(ctx.session.get_one(GroupMember, (group.id, one.person_id)))
    group.name = "改名小组"
    ctx.session.flush()
    assert audiences.causes(ctx, notice, [one.person_id or 0]) == {one.person_id: "第一代表小组成员"}


def test_a_mandate_that_ended_is_caught_by_no_clause(world: World) -> None:
    one = world.deputy()
    group = world.group(one)
    world.system.session.scalars(select(Mandate)).one().state = "ended"
    world.system.session.flush()
    assert _people_of(world, Clause("group", str(group.id)), Clause("person", str(one.person_id)),
                      Clause("region_deputies"), Clause("congress", str(world.congress(world.township).id))) == set()


@pytest.mark.parametrize("kind", ["congress", "delegation", "group", "station", "person"])
def test_what_lies_in_another_region_is_no_audience(world: World, kind: str) -> None:
    there = world.other_township
    target = {
        "congress": lambda: world.congress(world.county).id, "delegation": lambda: _delegation(world).id,
        "group": lambda: world.group(region=there).id, "station": lambda: world.create_station(there).id,
        "person": lambda: world.create_person(there).id}[kind]()
    with pytest.raises(NotFound):
        create_draft(world, audience=kind, audience_id=target)


@pytest.mark.parametrize(("clauses", "code"), [
    ((Clause("level", "galactic"),), "audience_unknown"), ((Clause("readers", "1"),), "audience_unknown"),
    ((Clause("residents"), Clause("region_deputies")), "audience_mixed")])
def test_a_clause_nobody_knows_and_a_mixed_audience_are_refused(
        world: World, clauses: tuple[Clause, ...], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        create_draft(world, audience=audiences.PICKED, also=clauses)


def test_ticked_people_join_and_those_shown_without_a_tick_leave(world: World) -> None:
    one, two = (world.create_person(name=name).id for name in ("一", "二"))
    ctx = world.ctx_of(world.staff())
    notice = notices.create_draft(ctx, build_form(audience=audiences.PICKED))
    assert notices.pick_people(ctx, notice.id, shown=[one, two], ticked=[one, two]) == 2
    assert notices.pick_people(ctx, notice.id, shown=[one], ticked=[]) == 1
    notices.update_draft(ctx, notice.id, build_form(audience=audiences.PICKED, title="改"))
    assert audiences.picked_ids(ctx, notice) == [two]
    assert [card.id for card in audiences.search_people(ctx, notice, search="", page=1, page_size=20)[0]] == [two, one]
    assert [card.name for card in audiences.search_people(ctx, notice, search="一", page=1, page_size=20)[0]] == ["一"]
    notices.send(ctx, notice.id)
    ctx.session.flush()
    assert ctx.session.scalars(select(NoticeDelivery.person_id)).all() == [two]
    with pytest.raises(Conflict, match="notice_sent"):
        notices.pick_people(ctx, notice.id, shown=[], ticked=[one])


def test_somebody_of_another_township_cannot_be_ticked(world: World) -> None:
    ctx = world.ctx_of(world.staff())
    notice = notices.create_draft(ctx, build_form(audience=audiences.PICKED))
    with pytest.raises(NotFound):
        notices.pick_people(ctx, notice.id, shown=[], ticked=[world.create_person(world.other_township).id])


def test_more_hand_picked_people_than_one_draft_takes_are_refused(world: World) -> None:
    ctx = world.ctx_of(world.staff())
    notice = notices.create_draft(ctx, build_form(audience=audiences.PICKED))
    with pytest.raises(Invalid, match="audience_too_many_picked"):
        notices.pick_people(ctx, notice.id, shown=[], ticked=range(1, audiences.MAX_PICKED + 2))


def test_the_choices_are_those_of_the_own_region(world: World) -> None:
    mine, _foreign = world.group(), world.group(region=world.other_township, name="别处小组")
    delegation = _delegation(world)
    found = audiences.list_choices(world.ctx_of(world.staff()))
    assert ([row.id for row in found.groups], found.delegations) == ([mine.id], [])
    office = audiences.list_choices(world.ctx_of(world.staff("county_office")))
    assert [row.id for row, _congress in office.delegations] == [delegation.id]
