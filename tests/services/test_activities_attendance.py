"""Coming and leaving: four proofs, one row a person."""

from typing import Any

import pytest
from sqlalchemy import event

from services import activities, checkin, identity
from services.activities import ActivityPerson
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.rules.fences import Position
from tests.factories import World
from tests.services.activity_case import ASKS, INSIDE, Meeting


def test_inside_the_fence_one_is_there_and_no_coordinates_are_kept(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    row = meeting.arrive(deputy, activity)
    assert (row.state, row.factor, row.is_late, row.arrived_at) == ("present", "fence", False, world.clock())
    assert not {"latitude", "longitude"} & set(ActivityPerson.__table__.columns.keys())


def test_the_short_code_opens_the_same(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    done = activities.check_in(world.ctx_of(deputy), scene=activity.short_code, device_id=None, proof=INSIDE)
    assert done.is_new


def test_a_second_scan_changes_nothing(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    first = meeting.arrive(deputy, activity).arrived_at
    world.clock.advance(minutes=30)
    again = activities.check_in(world.ctx_of(deputy), scene=activity.scene, device_id="phone-of-another", proof=INSIDE)
    assert (again.is_new, again.row.arrived_at) == (False, first)


@pytest.mark.parametrize(("proof", "code"), [
    (checkin.Proof(), "presence_required_there"), (checkin.Proof(screen_code="12345678"), "hall_code_wrong"),
    (checkin.Proof(location=Position(28.2, 112.9, 20)), "outside_place"),
    (checkin.Proof(location=Position(28.1, 112.9, 5000)), "location_inaccurate")])
def test_without_a_proof_nobody_is_there(world: World, proof: checkin.Proof, code: str) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    with pytest.raises(Invalid, match=code):
        meeting.arrive(deputy, activity, proof)


def test_a_place_without_a_location_proves_nothing_by_location(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish(latitude=None, longitude=None)
    meeting.begin()
    with pytest.raises(Invalid, match="activity_without_location"):
        meeting.arrive(deputy, activity)


def test_one_code_on_the_wall_serves_the_whole_room(world: World) -> None:
    people, meeting = [world.deputy(name=f"代表{number}") for number in range(3)], Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    code = activities.current_code(world.ctx_of(meeting.clerk), activity).code
    rows = [meeting.arrive(who, activity, checkin.Proof(screen_code=code)) for who in people]
    assert [row.factor for row in rows] == ["screen"] * 3


@pytest.mark.parametrize("seconds", [60, 61, 3600])
def test_a_photo_of_the_wall_is_worth_nothing_a_minute_later(world: World, seconds: int) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    code = activities.current_code(world.ctx_of(meeting.clerk), activity).code
    world.clock.advance(seconds=seconds)
    with pytest.raises(Invalid, match="hall_code_wrong"):
        meeting.arrive(deputy, activity, checkin.Proof(screen_code=code))


def test_the_code_of_another_hall_is_refused(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity, other = meeting.publish(), meeting.publish(title="另一个会")
    meeting.begin()
    code = activities.current_code(world.ctx_of(meeting.clerk), other).code
    with pytest.raises(Invalid, match="hall_code_wrong"):
        meeting.arrive(deputy, activity, checkin.Proof(screen_code=code))


def test_a_second_phone_is_not_the_deputys(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    identity.bind_device(world.system, deputy.person_id or 0, "device-0001")
    meeting.begin()
    with pytest.raises(Conflict, match="device_not_bound"):
        meeting.arrive(deputy, activity, device="device-0002")


def test_outside_its_hours_nobody_checks_in(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    for minutes, code in ((-121, "activity_not_begun"), (121, "activity_over")):
        meeting.begin(minutes=minutes)
        with pytest.raises(Conflict, match=code):
            meeting.arrive(deputy, activity)


def test_who_was_not_called_is_told_so_and_an_unknown_code_too(world: World) -> None:
    meeting = Meeting(world)
    world.deputy()
    activity, draft = meeting.publish(), meeting.draft()
    stranger = world.deputy(world.other_township)
    meeting.begin()
    with pytest.raises(Forbidden, match="activity_not_called"):
        meeting.arrive(stranger, activity)
    with pytest.raises(NotFound, match="scan_code_unknown"):
        meeting.arrive(stranger, draft)


def test_after_the_grace_one_is_late(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    meeting.begin(minutes=11)
    assert meeting.arrive(deputy, activity).is_late


def test_who_asked_for_leave_and_came_is_there(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    activities.ask_leave(world.ctx_of(deputy), activity.id, reason="出差")
    meeting.begin()
    assert meeting.arrive(deputy, activity).state == "present"


def test_who_comes_without_signing_up_takes_a_place(world: World) -> None:
    first, second, meeting = world.deputy(), world.deputy(name="李秀英"), Meeting(world)
    activity = meeting.publish(signs_up=True, capacity=1)
    meeting.begin()
    assert meeting.arrive(first, activity).state == "present"
    with pytest.raises(Conflict, match="activity_full"):
        meeting.arrive(second, activity)


def test_the_clerks_word_dates_from_the_moment_it_was_asked(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    asked = world.clock()
    for _ in range(2):
        assert meeting.arrive(deputy, activity, ASKS).state == "awaiting_confirmation"
    world.clock.advance(minutes=30)
    ctx, person = world.ctx_of(meeting.clerk), deputy.person_id or 0
    row = activities.confirm_arrival(ctx, activity.id, person)
    assert (row.state, row.factor, row.arrived_at, row.is_late, row.decided_by) == (
        "present", "clerk", asked, False, meeting.clerk.staff_id)
    with pytest.raises(Conflict, match="arrival_decided"):
        activities.refuse_arrival(ctx, activity.id, person, reason="没有见到")


def test_a_refused_arrival_may_be_proved_after_all(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    meeting.arrive(deputy, activity, ASKS)
    ctx = world.ctx_of(meeting.clerk)
    with pytest.raises(Invalid, match="reason_required"):
        activities.refuse_arrival(ctx, activity.id, deputy.person_id or 0, reason=" ")
    row = activities.refuse_arrival(ctx, activity.id, deputy.person_id or 0, reason="没有见到")
    assert (row.state, row.arrived_at, row.note) == ("expected", None, "没有见到")
    assert meeting.arrive(deputy, activity).state == "present"


def test_staff_enter_whom_no_phone_could_check_in(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    ctx, person = world.ctx_of(meeting.clerk), deputy.person_id or 0
    with pytest.raises(Conflict, match="activity_not_begun"):
        activities.mark_present(ctx, activity.id, person, reason="纸质签到")
    meeting.begin(minutes=90)
    with pytest.raises(Invalid, match="reason_required"):
        activities.mark_present(world.ctx_of(meeting.clerk), activity.id, person, reason="")
    row = activities.mark_present(world.ctx_of(meeting.clerk), activity.id, person, reason="纸质签到")
    assert (row.state, row.factor, row.arrived_at, row.is_late) == ("present", "clerk", meeting.form.starts_at, False)


def test_staff_scan_the_deputys_own_code_at_the_door(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    text = activities.door_code(world.ctx_of(deputy)).code
    ctx = world.ctx_of(meeting.clerk)
    done, name = activities.check_in_at_door(ctx, activity.id, text=f" {text.lower()} ")
    assert (done.is_new, done.row.factor, name) == (True, "door", "王建国")
    assert not activities.check_in_at_door(ctx, activity.id, text=text)[0].is_new
    world.clock.advance(seconds=60)
    with pytest.raises(Invalid, match="door_code_wrong"):
        activities.check_in_at_door(world.ctx_of(meeting.clerk), activity.id, text=text)


@pytest.mark.parametrize("text", ["", "D", "D-", "D1-", "Dx-12345678", "D999999999999999999-12345678", "D²-12345678"])
def test_whatever_else_is_scanned_is_refused_kindly(world: World, text: str) -> None:
    world.deputy()
    meeting = Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    with pytest.raises(Invalid, match="door_code_wrong"):
        activities.check_in_at_door(world.ctx_of(meeting.clerk), activity.id, text=text)


def test_another_townships_deputy_is_not_on_the_list(world: World) -> None:
    world.deputy()
    stranger, meeting = world.deputy(world.other_township), Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    text = activities.door_code(world.ctx_of(stranger)).code
    with pytest.raises(Conflict, match="activity_other_not_called"):
        activities.check_in_at_door(world.ctx_of(meeting.clerk), activity.id, text=text)


def test_leaving_before_the_end_is_early_and_happens_once(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish(needs_check_out=True)
    meeting.begin()
    with pytest.raises(Conflict, match="activity_not_arrived"):
        activities.check_out(world.ctx_of(deputy), activity.id)
    meeting.arrive(deputy, activity)
    world.clock.advance(minutes=60)
    row = activities.check_out(world.ctx_of(deputy), activity.id)
    left = row.left_at
    world.clock.advance(minutes=60)
    again = activities.check_out(world.ctx_of(deputy), activity.id)
    assert (again.state, again.is_early, again.left_at) == ("left", True, left)


def test_where_nobody_checks_out_it_is_said(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    meeting.arrive(deputy, activity)
    with pytest.raises(Conflict, match="activity_no_check_out"):
        activities.check_out(world.ctx_of(deputy), activity.id)


def test_staff_check_out_who_forgot(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish(needs_check_out=True)
    meeting.begin()
    meeting.arrive(deputy, activity)
    meeting.begin(minutes=125)
    row = activities.check_out_by_clerk(world.ctx_of(meeting.clerk), activity.id, deputy.person_id or 0)
    assert (row.state, row.is_early, row.decided_by) == ("left", False, meeting.clerk.staff_id)


def test_what_is_closed_takes_nobody_in(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    activities.close(world.ctx_of(meeting.clerk), activity.id)
    with pytest.raises(Conflict, match="activity_not_open"):
        meeting.arrive(deputy, activity)


def test_a_check_in_asks_little_of_the_database(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish()
    meeting.begin()
    identity.bind_device(world.system, deputy.person_id or 0, "device-0001")
    proof = checkin.Proof(screen_code=activities.current_code(world.system, activity).code)
    world.system.session.flush()
    seen: list[str] = []
    connection = world.system.session.connection()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        meeting.arrive(deputy, activity, proof, device="device-0001")
    finally:
        event.remove(connection, "before_cursor_execute", note)
    assert len(seen) <= 5, seen
