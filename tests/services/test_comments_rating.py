"""The resident's last word: rating, redo, the meeting, and answers that nobody rated."""

from datetime import date

import pytest

from services import comments
from services.errors import Conflict, Invalid
from tests.factories import World
from tests.services.opinion_case import Case, leave_office


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


def test_a_redo_of_a_deputy_who_left_waits_for_another_handler(case: Case, world: World) -> None:
    case.to("answered")
    leave_office(world, case.deputy)
    opinion = case.rate("unsatisfied", "还是没有修好")
    assert (opinion.state, opinion.round_no) == ("registered", 2)
    assert case.titles()[-1] == "重新交办"
    assert case.assign_to_unit().state == "assigned"


def test_unsatisfied_needs_a_word_why_and_satisfied_does_not(case: Case) -> None:
    case.to("answered")
    with pytest.raises(Invalid, match="rating_comment_required"):
        case.rate("unsatisfied", " ")
    assert case.rate("satisfied").state == "closed"


def test_attitude_is_rated_apart_and_moves_nothing(case: Case, world: World) -> None:
    case.to("answered")
    resident = world.ctx_of(case.resident)
    with pytest.raises(Invalid, match="rating_comment_required"):
        comments.rate(resident, case.number, grade="satisfied", attitude="unsatisfied", comment="")
    with pytest.raises(Invalid, match="field_not_a_choice"):
        comments.rate(resident, case.number, grade="satisfied", attitude="rude", comment="")
    comments.rate(resident, case.number, grade="satisfied", attitude="unsatisfied", comment="说话难听")
    file = comments.get_mine(resident, case.number)
    assert file.rating is not None
    assert (file.opinion.state, file.rating.grade, file.rating.attitude) == ("closed", "satisfied", "unsatisfied")
    assert case.titles()[-1] == "您的评价：结果满意，态度不满意"
    assert comments.waits_for_me(world.ctx_of(world.staff("township_chair")), case.opinion) == ["群众评价不满意"]


def test_a_rating_is_given_once_and_only_to_an_answer(case: Case) -> None:
    with pytest.raises(Conflict, match="opinion_move_refused"):
        case.rate()
    case.to("answered")
    with pytest.raises(Invalid, match="field_not_a_choice"):
        case.rate("wonderful")
    case.rate()
    with pytest.raises(Conflict, match="already_rated"):
        case.rate()


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
