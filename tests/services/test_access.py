"""The only door to rows: whatever lies in another region does not exist."""

import inspect
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from models.deputies import Delegation, Mandate
from models.identity import SeatClaim
from services import access, checkin, comments, duties, media, notices, points, roster, screens, stations, suggestions
from services.audiences import Clause
from services.comments import Handler
from services.context import SYSTEM, Actor, Context
from services.errors import Forbidden, NotFound, Unauthenticated
from services.rules.permissions import ROLE_PERMISSIONS
from tests.factories import World
from tests.services.activity_case import Meeting
from tests.services.project_case import ProjectCase
from tests.services.suggestion_case import SuggestionCase

#: How a thing of the first township is made, by the access function that guards it: (id, permission); a thing
#: inside another has both ids, the outer one first.
Maker = Callable[[World], tuple[Any, str]]
STAFF: dict[str, Maker] = {}
OWN: dict[str, Callable[[World, Actor], Any]] = {}


def _staff(maker: Maker) -> Maker:
    STAFF[f"access_{maker.__name__}"] = maker
    return maker


@_staff
def region(world: World) -> tuple[int, str]:
    return world.township.id, "stations.edit"


@_staff
def station(world: World) -> tuple[int, str]:
    return world.create_station().id, "stations.view"


@_staff
def reception(world: World) -> tuple[tuple[int, int], str]:
    row = world.create_station()
    from datetime import timedelta

    start = world.clock()
    made = stations.plan_reception(world.ctx_of(world.staff()), row.id, starts_at=start,
                                   ends_at=start + timedelta(hours=1), person_ids=[])
    return (row.id, made.id), "stations.edit"


@_staff
def screen(world: World) -> tuple[tuple[int, int], str]:
    row = world.create_station()
    return (row.id, screens.create_link(world.ctx_of(world.staff()), row.id, label="")[0].id), "stations.screen"


@_staff
def person(world: World) -> tuple[int, str]:
    return world.create_person().id, "roster.view"


@_staff
def roster_import(world: World) -> tuple[int, str]:
    return roster.preview(world.ctx_of(world.staff()), region=world.township, filename="x",
                          content=roster.build_template()).id, "roster.import"


@_staff
def seat_claim(world: World) -> tuple[int, str]:
    row = SeatClaim(person_id=world.create_person().id, account_id=world.resident().account_id, created_at=world.clock())
    world.system.session.add(row)
    world.system.session.flush()
    return row.id, "seats.decide"


@_staff
def account(world: World) -> tuple[int, str]:
    return world.resident().account_id or 0, "accounts.close"


def _visit(world: World, deputy: Actor) -> int:
    return checkin.check_in(world.ctx_of(deputy), scene=world.scene(world.create_station()), device_id=None,
                            proof=checkin.Proof(asks_clerk=True)).visit.id


@_staff
def visit(world: World) -> tuple[int, str]:
    return _visit(world, world.deputy()), "visits.confirm"


def _duty(world: World, deputy: Actor) -> int:
    photo = media.take_photo(world.ctx_of(deputy), content=world.photo_bytes(), purpose="duty").id
    return duties.report(world.ctx_of(deputy), duties.DutyReport("C2", world.system.today, "走访", "", (photo,)),
                         idempotency="k").id


@_staff
def duty(world: World) -> tuple[int, str]:
    return _duty(world, world.deputy()), "duties.view"


def _entry(world: World) -> points.PointEntry:
    deputy = world.deputy()
    return points.post(world.system, person_id=deputy.person_id or 0, item_code="C1", cause="x",
                       occurred_on=world.system.today)[0]


@_staff
def entry(world: World) -> tuple[tuple[int, int], str]:
    row = _entry(world)
    return (row.mandate_id, row.id), "points.view"


@_staff
def mandate(world: World) -> tuple[int, str]:
    return _entry(world).mandate_id, "points.view"


@_staff
def congress(world: World) -> tuple[int, str]:
    return world.congress(world.township).id, "roster.edit"


@_staff
def opinion(world: World) -> tuple[str, str]:
    return world.opinion(world.resident()).number, "opinions.view"


@_staff
def reply_template(world: World) -> tuple[int, str]:
    return comments.reply_templates.create(world.ctx_of(world.staff()), title="已核实", text="已核实。").id, "opinions.screen"


@_staff
def group(world: World) -> tuple[int, str]:
    return world.group().id, "notices.send"


@_staff
def delegation(world: World) -> tuple[int, str]:
    row = Delegation(congress_id=world.congress(world.township).id, name="第一代表团")
    world.system.session.add(row)
    world.system.session.flush()
    return row.id, "notices.send"


def _notice(world: World) -> notices.Notice:
    world.create_person()
    ctx = world.ctx_of(world.staff())
    return notices.send(ctx, notices.create_draft(ctx, notices.NoticeForm(
        kind="meeting", title="会议", body="开会。", audience="region_deputies")).id)


@_staff
def notice(world: World) -> tuple[int, str]:
    return _notice(world).id, "notices.view"


@_staff
def delivery(world: World) -> tuple[tuple[int, int], str]:
    row = notices.list_deliveries(world.ctx_of(world.staff()), _notice(world))[0][0].delivery
    return (row.notice_id, row.id), "notices.view"


def _assigned(world: World, deputy: Actor) -> str:
    row, clerk = world.opinion(world.resident()), world.ctx_of(world.staff())
    comments.register(clerk, row.number)
    return comments.assign(clerk, row.number, handler=Handler(person_id=deputy.person_id)).number


@_staff
def suggestion(world: World) -> tuple[int, str]:
    return SuggestionCase(world).to("submitted").row.id, "suggestions.view"


@_staff
def project_year(world: World) -> tuple[int, str]:
    return ProjectCase(world).call().id, "projects.view"


@_staff
def project(world: World) -> tuple[int, str]:
    case = ProjectCase(world)
    case.call()
    return case.line(), "projects.view"


@_staff
def idea(world: World) -> tuple[int, str]:
    case = ProjectCase(world)
    case.call()
    return case.idea(world.resident()).id, "projects.view"


@_staff
def sitting(world: World) -> tuple[int, str]:
    return ProjectCase(world, deputies=1).sitting(), "ballots.view"


@_staff
def round(world: World) -> tuple[int, str]:
    return ProjectCase(world).prepared().id, "ballots.view"


@_staff
def activity(world: World) -> tuple[int, str]:
    return Meeting(world).draft().id, "activities.view"


@_staff
def activity_alone(world: World) -> tuple[int, str]:
    return Meeting(world).draft().id, "activities.edit"


@_staff
def attendance(world: World) -> tuple[tuple[int, int], str]:
    deputy = world.deputy()
    return (Meeting(world).publish().id, deputy.person_id or 0), "activities.confirm"


def _called_to(world: World, deputy: Actor) -> int:
    return Meeting(world).publish(clauses=(Clause("group", str(world.group(deputy).id)),)).id


def _draft(world: World, deputy: Actor) -> int:
    return suggestions.draft(world.ctx_of(deputy), suggestions.SuggestionForm(
        congress_id=world.congress(world.township).id, title="关于修路的建议", reason="路坏了。", proposal="请修好。")).id


OWN.update({
    "access_own_activity": _called_to,
    "access_own_suggestion": _draft,
    "access_signed_suggestion": _draft,
    "access_own_visit": _visit,
    "access_own_duty": _duty,
    "access_own_opinion": lambda world, deputy: world.opinion(deputy).number,
    "access_assigned_opinion": _assigned,
})


def _open(ctx: Context, name: str, key: Any, *permission: str) -> Any:
    keys = key if isinstance(key, tuple) else (key,)
    return getattr(access, name)(ctx, *keys, *permission)


def test_every_door_is_tried_here() -> None:
    doors = {name for name, _ in inspect.getmembers(access, inspect.isfunction) if name.startswith("access_")}
    assert doors == set(STAFF) | set(OWN) | {"access_own_mandates"}


@pytest.mark.parametrize("name", sorted(STAFF))
def test_the_own_region_and_the_one_above_reach_it(world: World, name: str) -> None:
    key, permission = STAFF[name](world)
    for actor in (world.staff("county_office"), world.staff()):
        if permission in ROLE_PERMISSIONS[actor.role or ""]:
            assert _open(world.ctx_of(actor), name, key, permission) is not None


@pytest.mark.parametrize("name", sorted(STAFF))
def test_a_foreign_region_finds_nothing(world: World, name: str) -> None:
    key, permission = STAFF[name](world)
    foreign = world.staff("county_office", world.other_township)
    with pytest.raises(NotFound):
        _open(world.ctx_of(foreign), name, key, permission)


@pytest.mark.parametrize("name", sorted(STAFF))
def test_foreign_and_absent_sound_alike(world: World, name: str) -> None:
    key, permission = STAFF[name](world)
    foreign = world.ctx_of(world.staff("county_office", world.other_township))
    absent = {int: 10**9, str: "YJ000", tuple: (10**9, 10**9)}[type(key)]
    told = []
    for wanted in (key, absent):
        with pytest.raises(NotFound) as refused:
            _open(foreign, name, wanted, permission)
        told.append((refused.value.code, refused.value.message))
    assert told[0] == told[1]


@pytest.mark.parametrize("name", sorted(STAFF))
def test_a_role_without_the_permission_and_people_without_a_role_are_refused(world: World, name: str) -> None:
    key, permission = STAFF[name](world)
    with pytest.raises(Forbidden):
        _open(world.ctx_of(world.staff("auditor")), name, key, permission)
    for actor in (world.resident(), world.deputy(name="李四"), Actor(kind="anonymous")):
        with pytest.raises(Unauthenticated):
            _open(world.ctx_of(actor), name, key, permission)


@pytest.mark.parametrize("name", sorted(OWN))
def test_what_is_ones_own_is_nobody_elses(world: World, name: str) -> None:
    deputy = world.deputy()
    key = OWN[name](world, deputy)
    assert _open(world.ctx_of(deputy), name, key) is not None
    for other in (world.deputy(name="李四"), world.deputy(world.other_township, name="赵六")):
        with pytest.raises(NotFound):
            _open(world.ctx_of(other), name, key)


def test_ones_own_mandates_are_ones_own(world: World) -> None:
    deputy = world.deputy()
    world.deputy(name="李四")
    assert [row.person_id for row in access.access_own_mandates(world.ctx_of(deputy))] == [deputy.person_id]


def test_an_actor_without_a_region_reaches_nothing(world: World) -> None:
    key, permission = STAFF["access_station"](world)
    nowhere = Actor(kind="staff", staff_id=1, role="county_office")
    with pytest.raises(NotFound):
        access.access_station(world.ctx_of(nowhere), key, permission)


def test_a_region_whose_number_begins_alike_is_another_region(world: World) -> None:
    clerk = world.staff()
    near = Actor(kind="staff", staff_id=clerk.staff_id, role="county_office",
                 region_path=world.township.path.rstrip("/") + "9/")
    key, permission = STAFF["access_station"](world)
    with pytest.raises(NotFound):
        access.access_station(world.ctx_of(near), key, permission)


def test_the_system_reaches_what_its_jobs_need(world: World) -> None:
    key, permission = STAFF["access_station"](world)
    assert access.access_station(world.ctx_of(SYSTEM), key, permission).id == key


def test_a_township_mandate_stays_with_its_township_and_a_county_one_goes_with_the_deputy(world: World) -> None:
    person = world.create_person()
    session = world.system.session
    session.add(Mandate(person_id=person.id, congress_id=world.congress(world.county).id, began_on=date(2026, 1, 1)))
    session.flush()
    town, county = session.scalars(select(Mandate).order_by(Mandate.id)).all()
    person.region_id = world.other_township.id
    session.flush()
    here, there = world.ctx_of(world.staff()), world.ctx_of(world.staff(region=world.other_township))
    assert access.access_mandate(here, town.id, "points.view").id == town.id
    assert access.access_mandate(there, county.id, "points.view").id == county.id
    for ctx, foreign in ((here, county), (there, town)):
        with pytest.raises(NotFound):
            access.access_mandate(ctx, foreign.id, "points.view")
