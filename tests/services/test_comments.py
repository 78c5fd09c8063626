"""The whole life of a resident's opinion."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from models.comments import Opinion, OpinionAssignment, OpinionEvent, OpinionPhoto
from models.deputies import Mandate
from models.notices import OpinionWord
from models.outbox import OutboxMessage
from services import comments, media, regions
from services.comments import Handler
from services.context import Actor
from services.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, Unauthenticated
from tests.factories import World


class Case:
    """One opinion with everybody around it, moved by the services only."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.resident, self.clerk, self.deputy = world.resident(), world.staff(), world.deputy()
        self.unit_staff = world.staff("handling_unit")
        self.opinion = world.opinion(self.resident)
        self.number = self.opinion.number

    def register(self) -> Opinion:
        return comments.register(self.world.ctx_of(self.clerk), self.number)

    def assign(self, handler: Handler | None = None, due_on: date | None = None) -> Opinion:
        return comments.assign(self.world.ctx_of(self.clerk), self.number, due_on=due_on,
                               handler=handler or Handler(person_id=self.deputy.person_id))

    def assign_to_unit(self) -> Opinion:
        return self.assign(Handler(unit_id=self.unit_staff.unit_id))

    def answer(self, text: str = "已联系供电所，三天内修好。") -> Opinion:
        return comments.answer_as_deputy(self.world.ctx_of(self.deputy), self.number, text=text)

    def rate(self, grade: str = "satisfied", comment: str = "") -> Opinion:
        return comments.rate(self.world.ctx_of(self.resident), self.number, grade=grade, comment=comment)

    def to(self, state: str) -> "Case":
        for name, step in (("registered", self.register), ("assigned", self.assign), ("answered", self.answer),
                           ("closed", self.rate)):
            if self.opinion.state == state:
                return self
            if name in ("registered", "assigned", "answered", "closed"):
                step()
        assert self.opinion.state == state
        return self

    def titles(self, *, internal: bool = False) -> list[str]:
        found = (comments.get_for_staff(self.world.ctx_of(self.clerk), self.number) if internal
                 else comments.get_mine(self.world.ctx_of(self.resident), self.number))
        return [event.title for event in found.events]


@pytest.fixture
def case(world: World) -> Case:
    return Case(world)


def _topics(world: World) -> list[str]:
    return list(world.system.session.scalars(select(OutboxMessage.topic).order_by(OutboxMessage.id)))


# --- intake -----------------------------------------------------------------------------------------


def test_a_new_opinion_has_a_number_a_clock_and_waits_for_a_person(case: Case, world: World) -> None:
    opinion = case.opinion
    assert opinion.number == "YJ9901011012026000001"
    assert (opinion.state, opinion.text_check, opinion.due_on) == ("screening", "pending", date(2026, 11, 24))
    assert (opinion.township_id, opinion.village_id) == (world.township.id, world.village.id)
    assert _topics(world) == ["opinion.submitted"]


def test_numbers_are_consecutive_in_a_township_and_start_anew_elsewhere_and_next_year(world: World) -> None:
    resident = world.resident()
    numbers = [world.opinion(resident).number for _ in range(3)]
    assert [number[-6:] for number in numbers] == ["000001", "000002", "000003"]
    assert world.opinion(resident, village_id=world.other_village.id).number == "YJ9901011022026000001"
    world.clock.advance(days=60)
    assert world.opinion(resident).number == "YJ9901011012027000001"


@pytest.mark.parametrize(("changes", "code"), [
    ({"text": " "}, "opinion_text_length"), ({"text": "字" * 5001}, "opinion_text_length"),
    ({"category": "weather"}, "opinion_category_unknown"), ({"consent_version": "2020-01"}, "consent_outdated"),
    ({"consent_version": ""}, "consent_outdated"), ({"photo_ids": tuple(range(10))}, "opinion_too_many_photos"),
    ({"photo_ids": (10**9,)}, "photo_unknown")])
def test_each_mistake_of_an_opinion_is_refused(world: World, changes: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        world.opinion(world.resident(), **changes)


def test_an_opinion_needs_a_village(world: World) -> None:
    with pytest.raises(Invalid, match="village_required"):
        world.opinion(world.resident(), village_id=world.township.id)
    with pytest.raises(NotFound, match="region_unknown"):
        world.opinion(world.resident(), village_id=10**9)


def test_a_text_of_exactly_5000_characters_is_taken(world: World) -> None:
    assert len(world.opinion(world.resident(), text="字" * 5000).text) == 5000


def test_staff_submit_no_opinions(world: World) -> None:
    with pytest.raises(Unauthenticated, match="login_required"):
        world.opinion(world.staff())


def test_photos_come_in_the_order_given(world: World) -> None:
    resident = world.resident()
    photos = [media.take_photo(world.ctx_of(resident), content=world.photo_bytes(), purpose="opinion").id
              for _ in range(3)]
    opinion = world.opinion(resident, photo_ids=tuple(reversed(photos)))
    found = comments.get_mine(world.ctx_of(resident), opinion.number)
    assert [photo.id for photo in found.photos] == list(reversed(photos))
    assert world.system.session.scalar(select(func.count()).select_from(OpinionPhoto)) == 3


def test_an_anonymous_opinion_is_still_followed_by_its_author(world: World) -> None:
    resident = world.resident()
    opinion = world.opinion(resident, is_anonymous=True)
    assert opinion.is_anonymous
    assert comments.get_mine(world.ctx_of(resident), opinion.number).opinion.id == opinion.id


def test_nobody_reads_somebody_elses_opinion(case: Case, world: World) -> None:
    for other in (world.resident(), case.deputy):
        with pytest.raises(NotFound):
            comments.get_mine(world.ctx_of(other), case.number)
    with pytest.raises(NotFound):
        comments.get_assigned(world.ctx_of(case.deputy), case.number)


# --- the text check ---------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["pass", "review", "risky", "unreachable"])
def test_the_platforms_word_is_kept_and_never_moves_the_opinion(case: Case, world: World, verdict: str) -> None:
    comments.record_text_check(world.system, case.opinion.id, suggestion=verdict)
    assert (case.opinion.text_check, case.opinion.state) == (verdict, "screening")
    assert comments.text_to_check(world.system, case.opinion.id) is None
    flagged = comments.list_for_staff(world.ctx_of(case.clerk), comments.OpinionFilter(flagged=True))[1]
    assert flagged == (0 if verdict == "pass" else 1)


def test_a_second_word_of_the_platform_changes_nothing(case: Case, world: World) -> None:
    comments.record_text_check(world.system, case.opinion.id, suggestion="risky")
    comments.record_text_check(world.system, case.opinion.id, suggestion="pass")
    assert case.opinion.text_check == "risky"


# --- the straight way -------------------------------------------------------------------------------


def test_the_straight_way_ends_closed_with_a_timeline_the_resident_reads(case: Case, world: World) -> None:
    case.to("closed")
    assert (case.opinion.due_on, case.opinion.closed_at) == (None, world.clock())
    assert case.titles() == ["已提交", "已受理", "已交王建国代表办理", "已答复", "您的评价：满意"]
    found = comments.get_mine(world.ctx_of(case.resident), case.number)
    assert (found.state_name, found.answer_handler, found.can_rate) == ("已办结", "王建国代表", False)
    assert found.answer is not None
    assert found.answer.answer == "已联系供电所，三天内修好。"


def test_every_step_queues_one_word_to_the_resident(case: Case, world: World) -> None:
    case.to("closed")
    words = world.system.session.scalars(select(OpinionWord.status_phrase).order_by(OpinionWord.id)).all()
    assert words == ["已受理", "办理中", "已答复"]
    assert _topics(world) == ["opinion.submitted", "opinion.word", "opinion.word", "opinion.word", "opinion.answered"]


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


def test_registering_corrects_the_category_and_marks_urgency(case: Case, world: World) -> None:
    opinion = comments.register(world.ctx_of(case.clerk), case.number, category="safety", is_urgent=True)
    assert (opinion.category, opinion.is_urgent) == ("safety", True)


def test_a_refused_opinion_ends_with_a_reason_the_resident_reads(case: Case, world: World) -> None:
    with pytest.raises(Invalid, match="reason_required"):
        comments.refuse(world.ctx_of(case.clerk), case.number, reason=" ")
    comments.refuse(world.ctx_of(case.clerk), case.number, reason="属信访事项，请到信访局。")
    assert (case.opinion.state, case.opinion.due_on) == ("rejected", None)
    found = comments.get_mine(world.ctx_of(case.resident), case.number)
    assert [event.detail for event in found.events][-1] == "属信访事项，请到信访局。"


# --- side ways --------------------------------------------------------------------------------------


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


def _leave(world: World, deputy: Actor) -> None:
    """The deputy's mandates end."""
    session = world.system.session
    for row in session.scalars(select(Mandate).where(Mandate.person_id == deputy.person_id)):
        row.state = "ended"
    session.flush()


def test_what_waits_for_a_deputy_who_left_goes_back_to_the_clerk_once(case: Case, world: World) -> None:
    case.to("assigned")
    other = world.opinion(case.resident)
    comments.register(world.ctx_of(case.clerk), other.number)
    comments.assign(world.ctx_of(case.clerk), other.number, handler=Handler(unit_id=case.unit_staff.unit_id))
    _leave(world, case.deputy)
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


def test_a_redo_of_a_deputy_who_left_waits_for_another_handler(case: Case, world: World) -> None:
    case.to("answered")
    _leave(world, case.deputy)
    opinion = case.rate("unsatisfied", "还是没有修好")
    assert (opinion.state, opinion.round_no) == ("registered", 2)
    assert case.titles()[-1] == "重新交办"
    assert case.assign_to_unit().state == "assigned"


def test_reassigning_takes_it_from_the_first_handler(case: Case, world: World) -> None:
    case.to("assigned")
    other = world.deputy(name="李四")
    case.assign(Handler(person_id=other.person_id))
    with pytest.raises(NotFound):
        comments.answer_as_deputy(world.ctx_of(case.deputy), case.number, text="我来答")
    comments.answer_as_deputy(world.ctx_of(other), case.number, text="我来答")
    states = world.system.session.scalars(select(OpinionAssignment.state).order_by(OpinionAssignment.id)).all()
    assert states == ["returned", "answered"]


def test_an_unsatisfied_resident_opens_the_redo_with_its_own_clock(case: Case, world: World) -> None:
    case.to("answered")
    world.clock.advance(days=1)
    case.rate("unsatisfied", "灯还是不亮")
    assert (case.opinion.state, case.opinion.round_no, case.opinion.due_on) == ("assigned", 2, date(2026, 12, 3))
    file, can_answer = comments.get_assigned(world.ctx_of(case.deputy), case.number)
    assert can_answer
    assert file.rating is not None
    case.answer("换了新灯泡。")
    case.rate("basically_satisfied")
    assert case.opinion.state == "closed"
    assert case.titles().count("重新办理") == 1


def test_the_second_unsatisfied_rating_goes_to_the_clerk_who_meets_the_resident(case: Case) -> None:
    case.to("answered")
    case.rate("unsatisfied", "灯还是不亮")
    case.answer("换了。")
    case.rate("unsatisfied", "又坏了")
    assert (case.opinion.state, case.opinion.round_no) == ("registered", 3)
    assert "转工作人员当面沟通" in case.titles()
    case.assign_to_unit()
    assert case.opinion.state == "assigned"


def test_the_file_names_the_handler_of_the_round_that_runs(case: Case, world: World) -> None:
    case.to("answered")
    case.rate("unsatisfied", "灯还是不亮")
    comments.give_back(world.ctx_of(case.deputy), case.number, reason="要供电所办")
    found = comments.get_mine(world.ctx_of(case.resident), case.number)
    assert (found.state_name, found.handler_name, found.answer_handler) == ("已受理，待交办", None, "王建国代表")
    case.assign_to_unit()
    found = comments.get_mine(world.ctx_of(case.resident), case.number)
    assert (found.handler_name, found.answer_handler) == ("青石镇水利站", "王建国代表")


def test_unsatisfied_needs_a_word_why_and_satisfied_does_not(case: Case) -> None:
    case.to("answered")
    with pytest.raises(Invalid, match="rating_comment_required"):
        case.rate("unsatisfied", " ")
    assert case.rate("satisfied").state == "closed"


# --- every refusal ----------------------------------------------------------------------------------


def test_a_rating_is_given_once_and_only_to_an_answer(case: Case) -> None:
    with pytest.raises(Conflict, match="opinion_move_refused"):
        case.rate()
    case.to("answered")
    with pytest.raises(Invalid, match="field_not_a_choice"):
        case.rate("wonderful")
    case.rate()
    with pytest.raises(Conflict, match="already_rated"):
        case.rate()


@pytest.mark.parametrize("state", ["registered", "assigned", "answered", "closed"])
def test_only_a_fresh_opinion_is_registered_or_refused(case: Case, world: World, state: str) -> None:
    case.to(state)
    for act in (case.register, lambda: comments.refuse(world.ctx_of(case.clerk), case.number, reason="不受理")):
        with pytest.raises(Conflict, match="opinion_move_refused"):
            act()
    assert case.opinion.state == state


@pytest.mark.parametrize("state", ["screening", "answered", "closed"])
def test_only_a_registered_or_running_opinion_is_assigned(case: Case, state: str) -> None:
    case.to(state)
    with pytest.raises(Conflict, match="opinion_move_refused"):
        case.assign()
    assert case.opinion.state == state


def test_a_refusal_names_the_present_state(case: Case) -> None:
    with pytest.raises(Conflict) as refused:
        case.assign()
    assert "待受理" in refused.value.message


@pytest.mark.parametrize("pick", ["nobody", "both", "unknown", "foreign deputy", "foreign unit", "former deputy"])
def test_a_handler_is_one_deputy_or_unit_of_the_region(case: Case, world: World, pick: str) -> None:
    foreign = world.deputy(world.other_township, name="李四")
    unit = world.unit(world.other_township, name="流沙镇水利站")
    former = world.deputy(name="前代表")
    world.system.session.execute(comments.Mandate.__table__.update().where(
        comments.Mandate.person_id == former.person_id).values(state="ended"))
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


@pytest.mark.parametrize(("role", "error"), [
    ("township_chair", Forbidden), ("auditor", Forbidden), ("admin", Forbidden), ("handling_unit", Forbidden)])
def test_only_the_clerk_screens(case: Case, world: World, role: str, error: type[DomainError]) -> None:
    with pytest.raises(error):
        comments.register(world.ctx_of(world.staff(role)), case.number)


def test_the_clerk_of_another_township_finds_nothing(case: Case, world: World) -> None:
    foreign = world.ctx_of(world.staff(region=world.other_township))
    with pytest.raises(NotFound):
        comments.register(foreign, case.number)
    assert comments.list_for_staff(foreign, comments.OpinionFilter()) == ([], 0)


# --- who sees what ----------------------------------------------------------------------------------


def test_a_unit_sees_only_what_is_its_own_now(case: Case, world: World) -> None:
    unit = world.ctx_of(case.unit_staff)
    world.opinion(case.resident)
    case.register()
    assert comments.list_for_staff(unit, comments.OpinionFilter()) == ([], 0)
    case.assign_to_unit()
    rows, total = comments.list_for_staff(unit, comments.OpinionFilter())
    assert ([row.number for row, _village in rows], total) == ([case.number], 1)
    case.assign()
    assert comments.list_for_staff(unit, comments.OpinionFilter()) == ([], 0)


def test_internal_notes_are_never_in_the_residents_or_deputys_file(case: Case, world: World) -> None:
    case.to("assigned")
    comments.note(world.ctx_of(case.clerk), case.number, text="此人多次来访")
    with pytest.raises(Invalid, match="invalid_input"):
        comments.note(world.ctx_of(case.clerk), case.number, text=" ")
    assert "内部备注" in case.titles(internal=True)
    for file in (comments.get_mine(world.ctx_of(case.resident), case.number),
                 comments.get_assigned(world.ctx_of(case.deputy), case.number)[0]):
        assert not [event for event in file.events if event.is_internal]
    assert world.system.session.scalar(select(func.count()).select_from(OpinionEvent).where(OpinionEvent.is_internal))


@pytest.mark.parametrize(("which", "found"), [
    ({"state": "open"}, 2), ({"state": "assigned"}, 1), ({"state": "closed"}, 0), ({"category": "road"}, 2),
    ({"category": "water"}, 0), ({"search": "路灯"}, 2), ({"search": "yj990101101"}, 2), ({"search": "%"}, 0),
    ({"overdue": True}, 0)])
def test_the_clerks_list_is_filtered(case: Case, world: World, which: dict[str, object], found: int) -> None:
    case.to("assigned")
    world.opinion(case.resident)
    listed = comments.list_for_staff(world.ctx_of(case.clerk), comments.OpinionFilter(**which))  # type: ignore[arg-type]
    assert listed[1] == found


def test_what_is_past_its_day_is_overdue_and_an_answer_ends_it(case: Case, world: World) -> None:
    case.to("assigned")
    world.clock.advance(days=1)
    assert comments.count_open(world.ctx_of(case.clerk), overdue=True) == 0
    world.clock.advance(days=1)
    assert comments.count_open(world.ctx_of(case.clerk), overdue=True) == 1
    case.answer()
    world.system.session.flush()
    assert comments.count_open(world.ctx_of(case.clerk), overdue=True) == 0


def test_a_deputys_work_list_is_soonest_first_and_moves_to_done(case: Case, world: World) -> None:
    case.to("assigned")
    later = world.opinion(case.resident)
    comments.register(world.ctx_of(case.clerk), later.number)
    comments.assign(world.ctx_of(case.clerk), later.number, handler=Handler(person_id=case.deputy.person_id),
                    due_on=date(2026, 11, 23))
    ctx = world.ctx_of(case.deputy)
    assert [row.number for row in comments.list_assigned(ctx, state="open", page=1, page_size=9)[0]] == [
        later.number, case.number]
    case.answer()
    world.system.session.flush()
    assert [row.number for row in comments.list_assigned(ctx, state="done", page=1, page_size=9)[0]] == [case.number]


def test_handlers_offered_are_those_of_the_region(case: Case, world: World) -> None:
    world.deputy(world.other_township, name="李四")
    people, units = comments.list_handlers(world.ctx_of(case.clerk))
    assert [person.name for person in people] == ["王建国"]
    assert [unit.name for unit in units] == ["青石镇水利站"]


# --- the timely answer ------------------------------------------------------------------------------


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


def test_the_screening_clock_is_the_regions(world: World) -> None:
    regions.set_setting(world.system, world.county, name="opinion.screening_workdays", value=5,
                        effective_on=date(2026, 1, 1))
    assert world.opinion(world.resident()).due_on == date(2026, 11, 30)


def test_actors_of_a_case_are_not_each_other(case: Case) -> None:
    actors: list[Actor] = [case.resident, case.deputy, case.clerk, case.unit_staff]
    assert len({actor.key for actor in actors}) == 4


def test_after_meeting_the_resident_the_clerk_closes_with_what_came_of_it(case: Case, world: World) -> None:
    case.to("answered")
    case.rate("unsatisfied", "灯还是不亮")
    case.answer("换了。")
    case.rate("unsatisfied", "又坏了")
    clerk = world.ctx_of(case.clerk)
    with pytest.raises(Invalid, match="invalid_input"):
        comments.close_after_meeting(clerk, case.number, result=" ")
    closed = comments.close_after_meeting(clerk, case.number, result="已当面说明，群众表示理解。")
    assert (closed.state, closed.due_on) == ("closed", None)
    assert "当面沟通后办结" in case.titles()


@pytest.mark.parametrize("state", ["screening", "registered", "assigned", "answered", "closed"])
def test_nobody_closes_a_matter_past_the_answer_and_the_rating(case: Case, world: World, state: str) -> None:
    case.to(state)
    with pytest.raises(Conflict, match="opinion_move_refused"):
        comments.close_after_meeting(world.ctx_of(case.clerk), case.number, result="办好了")


def test_an_answer_nobody_rated_is_closed_after_the_regions_days(case: Case, world: World) -> None:
    case.to("answered")
    world.clock.advance(days=14, hours=23)
    assert comments.close_unrated(world.system) == 0
    world.clock.advance(hours=1)
    assert comments.close_unrated(world.system) == 1
    assert (case.opinion.state, comments.close_unrated(world.system)) == ("closed", 0)
    assert "逾期未评价，自动办结" in case.titles()
