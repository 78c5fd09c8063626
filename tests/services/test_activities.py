"""The whole life of a meeting: called, replied to, attended, closed, counted."""

from sqlalchemy import select

from models.duties import DutyRecord
from models.points import PointEntry
from services import activities, notices
from tests.factories import World
from tests.services.activity_case import Meeting


def test_from_the_call_to_the_points(world: World) -> None:
    came, away, missing = world.deputy(name="王建国"), world.deputy(name="李秀英"), world.deputy(name="张志强")
    meeting = Meeting(world)
    activity = meeting.publish(deducts=True)
    assert notices.get_for_staff(world.ctx_of(meeting.clerk), activity.notice_id or 0).state == "sent"
    activities.ask_leave(world.ctx_of(away), activity.id, reason="外出就医")
    activities.decide_leave(world.ctx_of(meeting.clerk), activity.id, away.person_id or 0, is_agreed=True)
    meeting.begin()
    meeting.arrive(came, activity)
    meeting.close(activity)
    assert [meeting.row(activity, who).state for who in (came, away, missing)] == ["present", "on_leave", "absent"]
    entries = world.system.session.scalars(select(PointEntry).order_by(PointEntry.mandate_id)).all()
    assert [entry.amount_half for entry in entries] == [2, 0, -4]
    duties = world.system.session.scalars(select(DutyRecord)).all()
    assert [(duty.person_id, duty.item_code, duty.state) for duty in duties] == [(came.person_id, "D4", "confirmed")]


def test_what_is_counted_is_counted_once(world: World) -> None:
    came, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    meeting.arrive(came, activity)
    meeting.close(activity)
    row = meeting.row(activity, came)
    row.credited_at = None
    world.system.session.flush()
    assert activities.credit_some(world.system, activity.id) == 1
    assert len(world.system.session.scalars(select(PointEntry)).all()) == 1
