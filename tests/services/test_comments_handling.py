"""Handling an opinion: assigned, reassigned, given back, answered, and answered in time."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models.comments import OpinionAssignment
from models.deputies import Mandate
from services import comments
from services.comments import Handler
from services.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories import World
from tests.services.opinion_case import Case, leave_office


def test_the_clock_of_the_handler_counts_working_days(case: Case) -> None:
    case.register()
    assert case.assign().due_on == date(2026, 11, 24)
    assert case.assign_to_unit().due_on == date(2026, 12, 2)
    assert case.assign(due_on=date(2026, 11, 23)).due_on == date(2026, 11, 23)


def test_a_unit_answers_by_its_own_staff(case: Case, world: World) -> None:
    case.register()
    case.assign_to_unit()
    comments.answer_as_unit(world.ctx_of(case.unit_staff), case.number, text="已修好。")
    found = comments.get_mine(world.ctx_of(case.resident), case.number)
    assert (found.opinion.state, found.answer_handler) == ("answered", "青石镇水利站")


def test_given_back_goes_to_the_clerk_with_an_internal_reason(case: Case, world: World) -> None:
    case.to("assigned")
    comments.give_back(world.ctx_of(case.deputy), case.number, reason="不属于我的选区")
    assert case.opinion.state == "registered"
    assert "承办人退回" not in case.titles()
    assert "承办人退回" in case.titles(internal=True)
    with pytest.raises(NotFound):
        comments.get_assigned(world.ctx_of(case.deputy), case.number)
    case.assign_to_unit()
    assert case.opinion.state == "assigned"


def test_giving_back_needs_a_reason_and_an_open_assignment(case: Case, world: World) -> None:
    case.to("assigned")
    ctx = world.ctx_of(case.deputy)
    with pytest.raises(Invalid, match="reason_required"):
        comments.give_back(ctx, case.number, reason=" ")
    case.answer()
    with pytest.raises(Conflict, match="opinion_move_refused"):
        comments.give_back(ctx, case.number, reason="太晚")


def test_what_waits_for_a_deputy_who_left_goes_back_to_the_clerk_once(case: Case, world: World) -> None:
    case.to("assigned")
    other = world.opinion(case.resident)
    comments.register(world.ctx_of(case.clerk), other.number)
    comments.assign(world.ctx_of(case.clerk), other.number, handler=Handler(unit_id=case.unit_staff.unit_id))
    leave_office(world, case.deputy)
    assert [comments.take_back(world.system, case.deputy.person_id or 0) for _ in range(2)] == [1, 0]
    assert (case.opinion.state, other.state) == ("registered", "assigned")
    assert "收回待重新交办" in case.titles(internal=True)
    assert "收回待重新交办" not in case.titles()
    other_deputy = world.deputy(name="李四")
    assert case.assign(Handler(person_id=other_deputy.person_id)).state == "assigned"


def test_a_deputy_in_office_keeps_what_a_mandate_reaches(case: Case, world: World) -> None:
    case.to("assigned")
    assert comments.take_back(world.system, case.deputy.person_id or 0) == 0
    session = world.system.session
    town = session.scalars(select(Mandate).where(Mandate.person_id == case.deputy.person_id)).one()
    above = world.congress(world.county)
    session.add(Mandate(person_id=town.person_id, congress_id=above.id, began_on=town.began_on))
    town.state = "ended"
    session.flush()
    assert comments.take_back(world.system, case.deputy.person_id or 0) == 0
    town.state, town.congress_id = "active", world.congress(world.other_township).id
    session.scalars(select(Mandate).where(Mandate.congress_id == above.id)).one().state = "ended"
    session.flush()
    assert comments.take_back(world.system, case.deputy.person_id or 0) == 1


def test_reassigning_takes_it_from_the_first_handler(case: Case, world: World) -> None:
    case.to("assigned")
    other = world.deputy(name="李四")
    case.assign(Handler(person_id=other.person_id))
    with pytest.raises(NotFound):
        comments.answer_as_deputy(world.ctx_of(case.deputy), case.number, text="我来答")
    comments.answer_as_deputy(world.ctx_of(other), case.number, text="我来答")
    states = world.system.session.scalars(select(OpinionAssignment.state).order_by(OpinionAssignment.id)).all()
    assert states == ["returned", "answered"]


@pytest.mark.parametrize("pick", ["nobody", "both", "unknown", "foreign deputy", "foreign unit", "former deputy"])
def test_a_handler_is_one_deputy_or_unit_of_the_region(case: Case, world: World, pick: str) -> None:
    foreign = world.deputy(world.other_township, name="李四")
    unit = world.unit(world.other_township, name="流沙镇水利站")
    former = world.deputy(name="前代表")
    world.system.session.execute(Mandate.__table__.update().where(
        Mandate.person_id == former.person_id).values(state="ended"))
    handler, code = {
        "nobody": (Handler(), "handler_required"),
        "both": (Handler(person_id=case.deputy.person_id, unit_id=case.unit_staff.unit_id), "handler_required"),
        "unknown": (Handler(person_id=10**9), "handler_unknown"),
        "foreign deputy": (Handler(person_id=foreign.person_id), "handler_unknown"),
        "foreign unit": (Handler(unit_id=unit.id), "handler_unknown"),
        "former deputy": (Handler(person_id=former.person_id), "handler_unknown")}[pick]
    case.register()
    with pytest.raises(Invalid, match=code):
        case.assign(handler)


def test_a_due_day_is_not_in_the_past(case: Case, world: World) -> None:
    case.register()
    with pytest.raises(Invalid, match="due_date_past"):
        case.assign(due_on=world.system.today - timedelta(days=1))


def test_handlers_offered_are_those_of_the_region(case: Case, world: World) -> None:
    world.deputy(world.other_township, name="李四")
    people, units = comments.list_handlers(world.ctx_of(case.clerk))
    assert [person.name for person in people] == ["王建国"]
    assert [unit.name for unit in units] == ["青石镇水利站"]


@pytest.mark.parametrize(("text", "code"), [(" ", "answer_required"), ("字" * 5001, "answer_too_long")])
def test_an_answer_has_words_and_not_too_many(case: Case, text: str, code: str) -> None:
    case.to("assigned")
    with pytest.raises(Invalid, match=code):
        case.answer(text)


def test_an_answer_is_given_once_in_a_round(case: Case) -> None:
    case.to("answered")
    with pytest.raises(Conflict, match="opinion_move_refused"):
        case.answer("再答一次")


def test_only_the_assigned_handler_answers(case: Case, world: World) -> None:
    case.to("assigned")
    with pytest.raises(NotFound):
        comments.answer_as_deputy(world.ctx_of(world.deputy(name="李四")), case.number, text="我来")
    with pytest.raises(NotFound):
        comments.answer_as_unit(world.ctx_of(case.unit_staff), case.number, text="我来")
    with pytest.raises(Forbidden):
        comments.answer_as_unit(world.ctx_of(case.clerk), case.number, text="我来")


@pytest.mark.parametrize(("days", "timely"), [(0, True), (1, True), (2, False)])
def test_an_answer_within_its_clock_is_timely(case: Case, world: World, days: int, timely: bool) -> None:
    case.to("assigned")
    world.clock.advance(days=days)
    case.answer()
    row = world.system.session.scalars(select(OpinionAssignment)).one()
    found = comments.timely_deputy_answer(world.system, row.id)
    assert (found is not None) is timely


def test_a_units_answer_earns_no_deputy_anything(case: Case, world: World) -> None:
    case.register()
    case.assign_to_unit()
    comments.answer_as_unit(world.ctx_of(case.unit_staff), case.number, text="已修好。")
    row = world.system.session.scalars(select(OpinionAssignment)).one()
    assert comments.timely_deputy_answer(world.system, row.id) is None


@pytest.mark.parametrize("text", ["×月×日已到现场查看。", "因×，目前不能解决。"])
def test_an_answer_whose_blanks_nobody_filled_in_is_refused(case: Case, text: str) -> None:
    case.to("assigned")
    with pytest.raises(Invalid, match="answer_unfilled"):
        case.answer(text)
    assert case.answer("已修好3×5米的路面。").state == "answered"
