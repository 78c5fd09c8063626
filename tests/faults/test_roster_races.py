"""Two clerks at the roster at the same moment: the database decides, once."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from models.audit import AuditRow
from models.comments import Opinion, OpinionAssignment
from models.deputies import Congress, DeputyGroup, Mandate, Person
from models.outbox import OutboxMessage
from services import comments, deputies, identity, mandates, persons, roster
from services.context import Context
from services.errors import Conflict, Invalid
from tests.factories import World

pytestmark = [pytest.mark.faults, pytest.mark.postgres]
Together = Callable[..., Any]


def _count(world: World, table: type) -> int:
    world.system.session.expire_all()
    return world.system.session.scalar(select(func.count()).select_from(table)) or 0


def _resigned(ctx: Context) -> mandates.Ending:
    return mandates.Ending("resigned", ctx.today)


def test_twenty_clerks_end_one_mandate_once(world: World, together: Together) -> None:
    world.create_person()
    number, clerk = world.system.session.scalars(select(Mandate.id)).one(), world.staff()
    done = together(lambda ctx, _n: mandates.end_mandate(ctx, number, _resigned(ctx)).id, actors=[clerk])
    assert len(done.results) == 1
    assert {(type(error), str(error)) for error in done.errors} == {(Conflict, "mandate_ended")}
    assert world.system.session.scalar(
        select(func.count()).select_from(AuditRow).where(AuditRow.action == "mandate.ended")) == 1
    assert _count(world, OutboxMessage) == 1


def test_a_term_ended_by_twenty_at_once_ends_each_mandate_once(world: World, together: Together) -> None:
    for number in range(5):
        world.create_person(name=f"代表{number}")
    congress, clerk = world.congress(world.township).id, world.staff()
    done = together(lambda ctx, _n: mandates.end_term(ctx, congress, ended_on=ctx.today, note="", count=5),
                    actors=[clerk])
    assert done.results == [5]
    assert {(type(error), str(error)) for error in done.errors} == {(Conflict, "term_nobody")}
    assert _count(world, OutboxMessage) == 5


def test_one_clerk_ends_a_term_while_others_end_single_mandates(world: World, together: Together) -> None:
    for number in range(4):
        world.create_person(name=f"代表{number}")
    numbers = world.system.session.scalars(select(Mandate.id).order_by(Mandate.id)).all()
    congress, clerk = world.congress(world.township).id, world.staff()

    def work(ctx: Context, number: int) -> str:
        if number % 2:
            mandates.end_term(ctx, congress, ended_on=ctx.today, note="", count=4)
            return "term"
        mandates.end_mandate(ctx, numbers[number // 2 % 4], _resigned(ctx))
        return "one"

    done = together(work, actors=[clerk])
    assert {str(error) for error in done.errors} <= {"mandate_ended", "term_count_wrong", "term_nobody"}
    assert done.results.count("term") <= 1
    assert {state for (state,) in world.system.session.execute(select(Mandate.state)).all()} <= {"active", "ended"}
    ended = world.system.session.scalar(select(func.count()).select_from(Mandate).where(Mandate.state == "ended"))
    assert _count(world, OutboxMessage) == ended


def test_one_new_number_given_to_twenty_people_goes_to_one(world: World, together: Together) -> None:
    people = [world.create_person(name=f"代表{number}").id for number in range(20)]
    clerk = world.staff()
    done = together(lambda ctx, number: persons.change_phone(
        ctx, people[number], phone="13922220000", reason="换号").id, actors=[clerk])
    assert len(done.results) == 1
    assert {(type(error), str(error)) for error in done.errors} == {(Conflict, "roster_phone_taken")}
    assert deputies.find_by_phone(world.ctx_of(clerk), "13922220000") == done.results[0]


def test_one_deputy_entered_by_twenty_clerks_is_one_person_with_one_mandate(world: World, together: Together) -> None:
    clerk, township = world.staff(), world.township.id
    form = persons.DeputyForm("王建国", "13911110000", "township", "18", delegation="第一代表团")
    done = together(lambda ctx, _n: persons.add_deputy(ctx, township, form), actors=[clerk])
    assert len(set(done.results)) == 1
    assert {(type(error), str(error)) for error in done.errors} <= {(Conflict, "roster_mandate_exists")}
    assert (_count(world, Person), _count(world, Mandate), _count(world, Congress)) == (1, 1, 1)


def test_the_first_deputies_of_a_congress_entered_at_once_make_one_congress(world: World, together: Together) -> None:
    clerk, township = world.staff(), world.township.id
    done = together(lambda ctx, number: persons.add_deputy(ctx, township, persons.DeputyForm(
        f"代表{number}", f"139111100{number:02d}", "county", "17", delegation="第一代表团")), actors=[clerk])
    assert done.errors == []
    assert (_count(world, Person), _count(world, Mandate), _count(world, Congress)) == (20, 20, 1)


def test_two_townships_import_county_and_township_deputies_at_once(world: World, together: Together) -> None:
    imports = []
    for place, region in enumerate((world.township, world.other_township)):
        levels = ("乡镇", "县") if place else ("县", "乡镇")
        rows = [[f"代表{number}", f"1391111{place}{number:03d}", "", levels[number % 2], "18", "", "", "", "第一小组", ""]
                for number in range(8)]
        clerk = world.staff(region=region)
        record = roster.preview(world.ctx_of(clerk), region=region, filename="名册.xlsx", content=roster.build_sheet(rows))
        imports.append((clerk, record.id))
    done = together(lambda ctx, number: roster.apply(ctx, imports[number][1]).id, times=2,
                    actors=[clerk for clerk, _number in imports])
    assert done.errors == []
    assert (_count(world, Congress), _count(world, DeputyGroup), _count(world, Person)) == (3, 2, 16)


def test_one_roster_uploaded_twice_and_applied_at_once_doubles_nobody(world: World, together: Together) -> None:
    clerk = world.staff()
    rows = [[f"代表{number}", f"1391111{number:04d}", "", "乡镇", "18", "", "", "一团", "第一小组", ""] for number in range(8)]
    imports = [roster.preview(world.ctx_of(clerk), region=world.township, filename="名册.xlsx",
                              content=roster.build_sheet(rows)).id for _ in range(2)]
    done = together(lambda ctx, number: roster.apply(ctx, imports[number]).id, times=2, actors=[clerk])
    assert done.errors == []
    assert (_count(world, Person), _count(world, Mandate), _count(world, DeputyGroup)) == (8, 8, 1)


def test_an_opinion_is_never_left_with_a_deputy_who_left_at_that_moment(world: World, together: Together) -> None:
    deputy, clerk = world.deputy(), world.staff()
    opinions = []
    for _ in range(19):
        opinion = world.opinion(world.resident())
        comments.register(world.ctx_of(clerk), opinion.number)
        opinions.append(opinion.number)
    mandate = world.system.session.scalars(select(Mandate.id)).one()

    def work(ctx: Context, number: int) -> str:
        if number == 10:
            mandates.end_mandate(ctx, mandate, _resigned(ctx))
            return "ended"
        handler = comments.Handler(person_id=deputy.person_id)
        return comments.assign(ctx, opinions[number if number < 10 else number - 1], handler=handler).number

    done = together(work, actors=[clerk])
    assert {(type(error), str(error)) for error in done.errors} <= {(Invalid, "handler_unknown")}
    assert "ended" in done.results
    comments.take_back(world.system, deputy.person_id or 0)
    world.system.session.flush()
    assert world.system.session.scalar(select(func.count()).select_from(OpinionAssignment).where(
        OpinionAssignment.state == "open")) == 0
    assert {state for (state,) in world.system.session.execute(select(Opinion.state)).all()} == {"registered"}


def test_a_number_changed_while_its_owner_logs_in_breaks_neither(world: World, together: Together) -> None:
    person, clerk = world.create_person(phone="13911110000").id, world.staff()
    code = identity.prepare_login_code(world.system, phone="13911110000").code

    def work(ctx: Context, number: int) -> int:
        if number % 2:
            return persons.change_phone(ctx, person, phone=f"139222200{number:02d}", reason="换号").id
        return identity.login_with_phone(ctx, phone="13911110000", code=code).account.id

    done = together(work, actors=[clerk])
    assert {str(error) for error in done.errors} == {"phone_code_expired"}
    assert (len(done.results), _count(world, identity.Account)) == (11, 1)
