"""Signing up within places and deadline, and leave with its decision."""

from datetime import timedelta

import pytest

from services import activities
from services.errors import Conflict, Invalid, NotFound
from tests.factories import World
from tests.services.activity_case import Meeting


def test_signing_up_takes_a_place_and_withdrawing_gives_it_back(world: World) -> None:
    first, second = world.deputy(), world.deputy(name="李秀英")
    activity = Meeting(world).publish(signs_up=True, capacity=1)
    assert activities.sign_up(world.ctx_of(first), activity.id).state == "expected"
    assert activities.sign_up(world.ctx_of(first), activity.id).state == "expected"
    with pytest.raises(Conflict, match="activity_full"):
        activities.sign_up(world.ctx_of(second), activity.id)
    for _ in range(2):
        assert activities.withdraw(world.ctx_of(first), activity.id).state == "withdrawn"
    assert activities.sign_up(world.ctx_of(second), activity.id).state == "expected"


def test_after_the_deadline_nobody_signs_up_or_withdraws(world: World) -> None:
    early, late = world.deputy(), world.deputy(name="李秀英")
    meeting = Meeting(world)
    activity = meeting.publish(signs_up=True, sign_up_until=meeting.form.starts_at - timedelta(hours=1))
    activities.sign_up(world.ctx_of(early), activity.id)
    meeting.begin(minutes=-59)
    for attempt, who in ((activities.sign_up, late), (activities.withdraw, early)):
        with pytest.raises(Conflict, match="activity_sign_up_over"):
            attempt(world.ctx_of(who), activity.id)


def test_who_is_called_does_not_sign_up_but_asks_for_leave(world: World) -> None:
    deputy = world.deputy()
    activity = Meeting(world).publish()
    assert activities.sign_up(world.ctx_of(deputy), activity.id).state == "expected"
    with pytest.raises(Conflict, match="activity_no_sign_up"):
        activities.withdraw(world.ctx_of(deputy), activity.id)
    assert activities.ask_leave(world.ctx_of(deputy), activity.id, reason="出差").state == "leave_asked"
    assert activities.ask_leave(world.ctx_of(deputy), activity.id, reason="出差").state == "leave_asked"


@pytest.mark.parametrize("reason", ["", " ", "长" * 201])
def test_a_leave_says_why(world: World, reason: str) -> None:
    deputy = world.deputy()
    activity = Meeting(world).publish()
    with pytest.raises(Invalid, match="leave_reason_length"):
        activities.ask_leave(world.ctx_of(deputy), activity.id, reason=reason)


def test_a_leave_is_asked_before_the_beginning(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    with pytest.raises(Conflict, match="leave_too_late"):
        activities.ask_leave(world.ctx_of(deputy), activity.id, reason="出差")


def test_a_free_activity_knows_no_leave(world: World) -> None:
    deputy = world.deputy()
    activity = Meeting(world).publish(signs_up=True)
    with pytest.raises(Conflict, match="leave_not_open"):
        activities.ask_leave(world.ctx_of(deputy), activity.id, reason="出差")


def test_a_refused_leave_expects_the_deputy_and_says_why(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    activities.ask_leave(world.ctx_of(deputy), activity.id, reason="出差")
    ctx, person = world.ctx_of(world.staff("township_chair")), deputy.person_id or 0
    with pytest.raises(Invalid, match="reason_required"):
        activities.decide_leave(ctx, activity.id, person, is_agreed=False)
    row = activities.decide_leave(ctx, activity.id, person, is_agreed=False, note="本次须全体参加")
    assert (row.state, row.note) == ("expected", "本次须全体参加")
    with pytest.raises(Conflict, match="leave_decided"):
        activities.decide_leave(ctx, activity.id, person, is_agreed=True)


def test_a_foreign_activity_and_a_draft_are_not_there(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    draft, published = meeting.draft(), meeting.publish()
    stranger = world.deputy(world.other_township)
    for who, number in ((deputy, draft.id), (stranger, published.id)):
        with pytest.raises(NotFound):
            activities.sign_up(world.ctx_of(who), number)


def test_nothing_is_answered_to_what_was_called_off(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    activities.cancel(world.ctx_of(meeting.clerk), activity.id, reason="防汛")
    with pytest.raises(Conflict, match="activity_not_open"):
        activities.ask_leave(world.ctx_of(deputy), activity.id, reason="出差")
