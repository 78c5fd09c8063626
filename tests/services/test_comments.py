"""The whole life of a resident's opinion, and the moves it allows."""

import pytest
from sqlalchemy import select

from models.notices import OpinionWord
from models.outbox import OutboxMessage
from services import comments
from services.context import Actor
from services.errors import Conflict
from tests.factories import World
from tests.services.opinion_case import Case


def _topics(world: World) -> list[str]:
    return list(world.system.session.scalars(select(OutboxMessage.topic).order_by(OutboxMessage.id)))


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
    words = world.system.session.execute(
        select(OpinionWord.account_id, OpinionWord.status_phrase).order_by(OpinionWord.id)).all()
    assert [phrase for account_id, phrase in words if account_id == case.resident.account_id] == [
        "已受理", "办理中", "已答复"]
    assert [phrase for account_id, phrase in words if account_id == case.deputy.account_id] == ["待您办理"]
    assert _topics(world) == ["opinion.submitted", *["opinion.word"] * 4, "opinion.answered"]


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


def test_actors_of_a_case_are_not_each_other(case: Case) -> None:
    actors: list[Actor] = [case.resident, case.deputy, case.clerk, case.unit_staff]
    assert len({actor.key for actor in actors}) == 4
