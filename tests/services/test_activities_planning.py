"""Drafting a meeting, calling its people, moving it, calling it off."""

from dataclasses import replace
from datetime import timedelta

import pytest

from models.notices import Notice
from services import activities, notices, regions
from services.activities import ActivityPerson
from services.audiences import Clause
from services.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories import World
from tests.services.activity_case import Meeting


def called(world: World, activity_id: int) -> set[tuple[int, str]]:
    rows = world.system.session.query(ActivityPerson).filter_by(activity_id=activity_id)
    return {(row.person_id, row.state) for row in rows}


def test_publishing_expects_everybody_it_calls_once(world: World) -> None:
    first, second = world.deputy(), world.deputy(name="李秀英")
    group = world.group(first)
    world.deputy(world.other_township)
    meeting = Meeting(world)
    activity = meeting.publish(clauses=(Clause("group", str(group.id)), Clause("region_deputies")))
    assert called(world, activity.id) == {(first.person_id, "expected"), (second.person_id, "expected")}


@pytest.mark.parametrize("clause", ["level", "congress", "station", "group"])
def test_each_clause_calls_its_own(world: World, clause: str) -> None:
    chosen, other = world.deputy(), world.deputy(name="李秀英")
    targets = {"level": "township", "congress": str(world.congress(world.township).id),
               "station": str(world.create_station(deputies=(chosen,)).id), "group": str(world.group(chosen).id)}
    activity = Meeting(world).publish(clauses=(Clause(clause, targets[clause]),))
    everybody = {chosen.person_id, other.person_id} if clause in ("level", "congress") else {chosen.person_id}
    assert {person for person, _state in called(world, activity.id)} == everybody


def test_the_notice_says_when_where_and_what_to_do(world: World) -> None:
    world.deputy()
    activity = Meeting(world).publish(content="请带上走访记录。")
    notice = world.system.session.get_one(Notice, activity.notice_id)
    assert (notice.kind, notice.state, notice.needs_confirmation) == ("activity", "sent", False)
    assert notice.body == ("请带上走访记录。\n时间：11月24日09:00至11月24日11:00\n地点：镇政府三楼会议室\n"
                           "请准时参加，到场后扫码签到；不能参加的，请提前在小程序“活动日程”中请假。")


def test_an_audience_of_nobody_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="activity_nobody"):
        Meeting(world).publish()


def test_what_has_begun_cannot_be_published(world: World) -> None:
    world.deputy()
    meeting = Meeting(world)
    draft = meeting.draft()
    meeting.begin()
    with pytest.raises(Invalid, match="activity_start_past"):
        activities.publish(world.ctx_of(meeting.clerk), draft.id)


def test_only_the_office_that_wrote_it_publishes_it(world: World) -> None:
    world.deputy()
    draft = Meeting(world).draft()
    with pytest.raises(Conflict, match="activity_of_other_office"):
        activities.publish(world.ctx_of(world.staff("county_office")), draft.id)
    with pytest.raises(NotFound):
        activities.publish(world.ctx_of(world.staff(region=world.other_township)), draft.id)


@pytest.mark.parametrize(("changes", "field"), [
    ({"title": " "}, "title"), ({"place": "长" * 61}, "place"), ({"kind": "party"}, "kind"), ({"clauses": ()}, "audience"),
    ({"clauses": (Clause("residents"),)}, "audience"), ({"fence_m": 5}, "fence_m"), ({"longitude": None}, "latitude"),
    ({"latitude": 99.0}, "latitude"), ({"signs_up": True, "capacity": 0}, "capacity"),
    ({"signs_up": True, "deducts": True}, "deducts"), ({"item_code": "Z9"}, "item_code"), ({"item_code": "G3"}, "item_code"),
    ({"content": "长" * 2001}, "content")])
def test_a_form_says_which_field_is_wrong(world: World, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        Meeting(world).draft(**changes)
    assert set(refused.value.fields) == {field}


def test_times_must_be_in_order(world: World) -> None:
    meeting = Meeting(world)
    with pytest.raises(Invalid, match="activity_times_invalid"):
        meeting.draft(ends_at=meeting.form.starts_at)
    with pytest.raises(Invalid, match="activity_deadline_late"):
        meeting.draft(signs_up=True, sign_up_until=meeting.form.starts_at + timedelta(seconds=1))


def test_a_draft_changes_and_what_is_published_does_not(world: World) -> None:
    world.deputy()
    meeting = Meeting(world)
    draft = meeting.draft(signs_up=True, capacity=5)
    ctx = world.ctx_of(meeting.clerk)
    changed = activities.update(ctx, draft.id, replace(meeting.form, title="新的题目"))
    assert (changed.title, changed.signs_up, changed.capacity) == ("新的题目", False, None)
    activities.publish(ctx, draft.id)
    for attempt in (lambda: activities.update(ctx, draft.id, meeting.form), lambda: activities.publish(ctx, draft.id)):
        with pytest.raises(Conflict, match="activity_published"):
            attempt()


def test_a_new_member_is_called_later_and_nobody_twice(world: World) -> None:
    world.deputy()
    meeting = Meeting(world)
    activity = meeting.publish()
    late = world.deputy(name="李秀英")
    ctx = world.ctx_of(meeting.clerk)
    assert [activities.call_again(ctx, activity.id), activities.call_again(ctx, activity.id)] == [1, 0]
    assert (late.person_id, "expected") in called(world, activity.id)


def test_moving_it_tells_the_readers_why(world: World) -> None:
    world.deputy()
    meeting = Meeting(world)
    activity = meeting.publish()
    later = meeting.form.starts_at + timedelta(days=1)
    activities.reschedule(world.ctx_of(meeting.clerk), activity.id, place="镇影剧院", starts_at=later,
                          ends_at=later + timedelta(hours=1), reason="会议室检修")
    world.system.session.expire_all()
    notice = world.system.session.get_one(Notice, activity.notice_id)
    assert (notice.place, notice.starts_at, notice.corrected_at is not None) == ("镇影剧院", later, True)
    assert "会议室检修" in [row.note for row in world.system.session.query(Notice).filter_by(follow_up="correction")]


def test_a_notice_that_still_waits_is_written_anew(world: World) -> None:
    world.deputy()
    meeting = Meeting(world)
    regions.set_setting(world.system, world.township, name="notice.approval_size", value=0,
                        effective_on=world.system.today)
    activity = meeting.publish()
    later = meeting.form.starts_at + timedelta(days=1)
    activities.reschedule(world.ctx_of(meeting.clerk), activity.id, place="镇影剧院", starts_at=later,
                          ends_at=later + timedelta(hours=1), reason="会议室检修")
    notice = notices.get_for_staff(world.ctx_of(meeting.clerk), activity.notice_id or 0)
    assert (notice.state, notice.place) == ("awaiting_approval", "镇影剧院")


def test_calling_it_off_withdraws_the_notice_with_the_reason(world: World) -> None:
    world.deputy()
    meeting = Meeting(world)
    activity = meeting.publish()
    ctx = world.ctx_of(meeting.clerk)
    with pytest.raises(Invalid, match="reason_required"):
        activities.cancel(ctx, activity.id, reason=" ")
    activities.cancel(ctx, activity.id, reason="防汛")
    notice = notices.get_for_staff(ctx, activity.notice_id or 0)
    assert (activity.state, notice.state, notice.withdraw_reason) == ("cancelled", "withdrawn", "活动取消：防汛")
    with pytest.raises(Conflict, match="activity_not_open"):
        activities.cancel(ctx, activity.id, reason="防汛")


def test_a_draft_is_dropped_by_calling_it_off(world: World) -> None:
    meeting = Meeting(world)
    draft = meeting.draft()
    assert activities.cancel(world.ctx_of(meeting.clerk), draft.id, reason="不办了").state == "cancelled"


def test_no_two_codes_are_alike(world: World) -> None:
    meeting = Meeting(world)
    drafts = [meeting.draft() for _ in range(3)]
    assert len({draft.scene for draft in drafts} | {draft.short_code for draft in drafts}) == 6


def test_who_may_only_look_drafts_nothing(world: World) -> None:
    meeting = Meeting(world)
    with pytest.raises(Forbidden):
        activities.create(world.ctx_of(world.staff("township_chair")), meeting.form)
