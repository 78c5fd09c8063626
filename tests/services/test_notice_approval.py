"""A second person's yes above the region's size, the schedule, and the quiet hours."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from models.deputies import Mandate
from services import notices, regions
from services.context import Context
from services.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories import World
from tests.services.reachable import build_form, create_deputy, states


def _set(world: World, name: str, value: int) -> None:
    regions.set_setting(world.system, world.township, name=name, value=value, effective_on=world.system.today)


def _submitted(world: World, clerk: Context) -> notices.Notice:
    create_deputy(world)
    create_deputy(world, "o-2", name="李四")
    _set(world, "notice.approval_size", 1)
    return notices.send(clerk, notices.create_draft(clerk, build_form()).id)


def test_the_size_itself_needs_nobody_one_more_needs_a_second_person(world: World) -> None:
    clerk = world.ctx_of(world.staff())
    notice = _submitted(world, clerk)
    assert (notice.state, states(world)) == ("awaiting_approval", [])
    _set(world, "notice.approval_size", 2)
    assert notices.send(clerk, notices.create_draft(clerk, build_form()).id).state == "sent"


def test_the_second_persons_yes_sends_it(world: World) -> None:
    notice = _submitted(world, world.ctx_of(world.staff()))
    chair = world.ctx_of(world.staff("township_chair"))
    assert notices.count_to_approve(chair) == 1
    notices.approve(chair, notice.id)
    assert (notice.state, notice.approved_by, len(states(world))) == ("sent", chair.actor.staff_id, 2)
    assert notices.count_to_approve(chair) == 0
    with pytest.raises(Conflict, match="notice_not_waiting"):
        notices.approve(chair, notice.id)


def test_a_no_comes_back_with_its_reason_and_may_be_sent_again(world: World) -> None:
    clerk, chair = world.ctx_of(world.staff()), world.ctx_of(world.staff("township_chair"))
    notice = _submitted(world, clerk)
    with pytest.raises(Invalid, match="reason_required"):
        notices.return_to_author(chair, notice.id, reason=" ")
    notices.return_to_author(chair, notice.id, reason="时间写错了")
    assert (notice.state, notice.return_reason) == ("draft", "时间写错了")
    notices.update_draft(clerk, notice.id, build_form(title="改正"))
    assert notices.send(clerk, notice.id).return_reason is None
    assert notice.state == "awaiting_approval"


def test_neither_the_author_nor_who_submitted_it_may_approve(world: World) -> None:
    author, submitter = (world.ctx_of(world.staff("township_chair")) for _ in range(2))
    create_deputy(world)
    _set(world, "notice.approval_size", 0)
    notice = notices.send(submitter, notices.create_draft(author, build_form()).id)
    for ctx in (author, submitter):
        with pytest.raises(Conflict, match="notice_own"):
            notices.approve(ctx, notice.id)
        with pytest.raises(Conflict, match="notice_own"):
            notices.return_to_author(ctx, notice.id, reason="不妥")


def test_a_clerk_and_another_township_may_not_approve(world: World) -> None:
    notice = _submitted(world, world.ctx_of(world.staff()))
    with pytest.raises(Forbidden):
        notices.approve(world.ctx_of(world.staff()), notice.id)
    with pytest.raises(NotFound):
        notices.approve(world.ctx_of(world.staff("township_chair", world.other_township)), notice.id)


def test_what_waits_cannot_be_changed_and_can_be_taken_back(world: World) -> None:
    clerk = world.ctx_of(world.staff())
    notice = _submitted(world, clerk)
    for act in (lambda: notices.update_draft(clerk, notice.id, build_form()), lambda: notices.send(clerk, notice.id)):
        with pytest.raises(Conflict, match="notice_under_way"):
            act()
    assert notices.recall(clerk, notice.id).state == "draft"
    with pytest.raises(Conflict, match="notice_not_waiting"):
        notices.recall(clerk, notice.id)


def test_an_approval_is_void_once_the_notice_is_taken_back(world: World) -> None:
    clerk, chair = world.ctx_of(world.staff()), world.ctx_of(world.staff("township_chair"))
    notice = _submitted(world, clerk)
    notice.send_at = world.clock() + timedelta(hours=2)
    assert notices.approve(chair, notice.id).state == "scheduled"
    notices.recall(clerk, notice.id)
    assert (notice.approved_by, notice.due_at) == (None, None)
    assert notices.send(clerk, notice.id).state == "awaiting_approval"


def test_a_scheduled_notice_leaves_at_its_moment_once_to_who_is_there_then(world: World) -> None:
    create_deputy(world)
    clerk = world.ctx_of(world.staff())
    notice = notices.send(clerk, notices.create_draft(clerk, build_form(
        send_at=world.clock() + timedelta(hours=2))).id)
    assert (notice.state, states(world), notices.send_due(world.system)) == ("scheduled", [], 0)
    create_deputy(world, "o-2", name="后来的")
    world.clock.advance(hours=2)
    assert (notices.send_due(world.system), notices.send_due(world.system)) == (1, 0)
    assert (notice.state, notice.due_at, len(states(world))) == ("sent", None, 2)


def test_a_moment_in_the_past_is_refused(world: World) -> None:
    create_deputy(world)
    clerk = world.ctx_of(world.staff())
    draft = notices.create_draft(clerk, build_form(send_at=world.clock()))
    with pytest.raises(Invalid, match="notice_send_at_past"):
        notices.send(clerk, draft.id)


def test_in_the_quiet_hours_only_an_urgent_notice_leaves(world: World) -> None:
    create_deputy(world)
    _set(world, "notice.quiet_from", 9 * 60)
    _set(world, "notice.quiet_until", 10 * 60)
    clerk = world.ctx_of(world.staff())
    quiet = notices.send(clerk, notices.create_draft(clerk, build_form()).id)
    urgent = notices.send(clerk, notices.create_draft(clerk, build_form(is_urgent=True)).id)
    assert (quiet.state, quiet.due_at, urgent.state) == ("scheduled", world.clock() + timedelta(hours=1), "sent")


def test_a_scheduled_notice_that_nobody_is_left_to_get_comes_back(world: World) -> None:
    deputy = create_deputy(world)
    group = world.group(deputy)
    clerk = world.ctx_of(world.staff())
    notice = notices.send(clerk, notices.create_draft(clerk, build_form(
        audience="group", audience_id=group.id, send_at=world.clock() + timedelta(hours=1))).id)
    clerk.session.execute(update(Mandate).values(state="ended"))
    world.clock.advance(hours=1)
    notices.send_due(world.system)
    assert (notice.state, states(world)) == ("draft", [])
    assert notice.return_reason
