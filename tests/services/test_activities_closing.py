"""The end: minutes, final attendance, points."""

import pytest
from sqlalchemy import select

from models.outbox import OutboxMessage
from models.points import PointEntry
from services import activities
from services.errors import Conflict, Forbidden, Invalid
from tests.factories import World
from tests.services.activity_case import ASKS, Meeting


def halves(world: World) -> list[int]:
    return list(world.system.session.scalars(select(PointEntry.amount_half).order_by(PointEntry.id)))


def test_closing_waits_for_every_decision(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    meeting.arrive(deputy, activity, ASKS)
    with pytest.raises(Conflict, match="activity_undecided") as refused:
        activities.close(world.ctx_of(meeting.clerk), activity.id)
    assert "还有1人" in refused.value.message


def test_nothing_is_closed_before_it_begins_or_twice(world: World) -> None:
    world.deputy()
    meeting = Meeting(world)
    activity = meeting.publish()
    with pytest.raises(Conflict, match="activity_not_begun"):
        activities.close(world.ctx_of(meeting.clerk), activity.id)
    meeting.begin()
    activities.close(world.ctx_of(meeting.clerk), activity.id)
    with pytest.raises(Conflict, match="activity_not_open"):
        activities.close(world.ctx_of(meeting.clerk), activity.id)
    topics = world.system.session.scalars(select(OutboxMessage.topic)).all()
    assert list(topics).count("activity.closed") == 1


def test_who_left_too_soon_earns_nothing_and_pays_once(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish(needs_check_out=True, deducts=True)
    meeting.begin()
    meeting.arrive(deputy, activity)
    world.clock.advance(minutes=29)
    activities.check_out(world.ctx_of(deputy), activity.id)
    meeting.close(activity)
    assert halves(world) == [-1]


def test_late_and_present_earns_and_pays(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish(deducts=True)
    meeting.begin(minutes=20)
    meeting.arrive(deputy, activity)
    meeting.close(activity)
    assert sorted(halves(world)) == [-1, 2]


def test_an_activity_without_an_item_counts_nothing(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish(item_code=None)
    meeting.begin()
    meeting.arrive(deputy, activity)
    meeting.close(activity)
    assert halves(world) == []
    assert meeting.row(activity, deputy).credited_at is not None


def test_who_did_not_sign_up_is_not_absent(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish(signs_up=True)
    meeting.begin()
    meeting.close(activity)
    assert meeting.row(activity, deputy).state == "invited"


def test_an_open_activity_credits_nobody_yet(world: World) -> None:
    world.deputy()
    activity = Meeting(world).publish()
    assert [activities.credit_some(world.system, number) for number in (activity.id, 999)] == [0, 0]


def test_minutes_are_written_before_and_after_the_end(world: World) -> None:
    world.deputy()
    meeting = Meeting(world)
    activity, draft = meeting.publish(), meeting.draft()
    ctx = world.ctx_of(meeting.clerk)
    assert activities.write_minutes(ctx, activity.id, text=" 议定三件事。 ").minutes == "议定三件事。"
    meeting.begin()
    activities.close(world.ctx_of(meeting.clerk), activity.id)
    assert activities.write_minutes(ctx, activity.id, text="补充。").minutes == "补充。"
    with pytest.raises(Conflict, match="activity_not_open"):
        activities.write_minutes(ctx, draft.id, text="x")
    with pytest.raises(Invalid):
        activities.write_minutes(ctx, activity.id, text="长" * 10_001)


def test_the_chair_confirms_and_does_not_close(world: World) -> None:
    world.deputy()
    meeting = Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    with pytest.raises(Forbidden):
        activities.close(world.ctx_of(world.staff("township_chair")), activity.id)
