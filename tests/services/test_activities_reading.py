"""Lists, the calendar and the board."""

from datetime import timedelta

import pytest

from services import activities, stations
from services.errors import NotFound
from tests.factories import World
from tests.services.activity_case import Meeting


def test_what_comes_is_listed_before_what_was(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    later = meeting.publish(title="后天的会", starts_at=meeting.form.starts_at + timedelta(days=1),
                            ends_at=meeting.form.ends_at + timedelta(days=1))
    sooner, _draft = meeting.publish(), meeting.draft()
    found, total = activities.list_mine(world.ctx_of(deputy), is_past=False, page=1, page_size=10)
    assert ([card.activity.id for card in found], total) == ([sooner.id, later.id], 2)
    meeting.begin(minutes=121)
    found, _total = activities.list_mine(world.ctx_of(deputy), is_past=True, page=1, page_size=10)
    assert [card.activity.id for card in found] == [sooner.id]


def test_the_buttons_follow_the_moment(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity = meeting.publish(needs_check_out=True)

    def allowed() -> list[str]:
        card = activities.get_mine(world.ctx_of(deputy), activity.id)
        return [name for name, may in card.may(world.clock()).items() if may]

    assert allowed() == ["ask_leave"]
    meeting.begin(minutes=-60)
    assert allowed() == ["ask_leave", "check_in"]
    meeting.begin()
    meeting.arrive(deputy, activity)
    assert allowed() == ["check_out"]
    meeting.close(activity)
    assert allowed() == []


def test_a_free_activity_offers_signing_up_and_withdrawing(world: World) -> None:
    deputy = world.deputy()
    activity = Meeting(world).publish(signs_up=True)
    card = activities.get_mine(world.ctx_of(deputy), activity.id)
    assert (card.may(world.clock())["sign_up"], card.called, card.my_state_name) == (True, 0, "可报名")
    activities.sign_up(world.ctx_of(deputy), activity.id)
    card = activities.get_mine(world.ctx_of(deputy), activity.id)
    assert (card.may(world.clock())["withdraw"], card.called) == (True, 1)


def test_somebody_elses_activity_is_not_found(world: World) -> None:
    world.deputy()
    activity = Meeting(world).publish()
    with pytest.raises(NotFound):
        activities.get_mine(world.ctx_of(world.deputy(world.other_township)), activity.id)


def test_the_calendar_joins_activities_and_receptions(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    station = world.create_station(deputies=(deputy,))
    at = world.clock() + timedelta(hours=5)
    stations.plan_reception(world.ctx_of(world.staff("county_office")), station.id, starts_at=at,
                            ends_at=at + timedelta(hours=2), person_ids=[deputy.person_id or 0])
    meeting.publish()
    off = meeting.publish(title="取消的会")
    activities.cancel(world.ctx_of(meeting.clerk), off.id, reason="防汛")
    lines = activities.my_schedule(world.ctx_of(deputy), since=world.clock(), until=world.clock() + timedelta(days=3))
    assert [(line.kind, line.title, line.state_name) for line in lines] == [
        ("reception", "接待日值班", "值班"), ("activity", "代表主题活动", "应参加")]
    assert activities.my_schedule(world.ctx_of(deputy), since=world.clock() + timedelta(days=5),
                                  until=world.clock() + timedelta(days=9)) == []


def test_the_board_counts_the_quorum_of_all_called(world: World) -> None:
    people, meeting = [world.deputy(name=f"代表{number}") for number in range(3)], Meeting(world)
    activity = meeting.publish(needs_quorum=True)
    meeting.begin()
    ctx = world.ctx_of(meeting.clerk)
    meeting.arrive(people[0], activity)
    board = activities.board(ctx, activity.id)
    assert (board.card.called, board.card.arrived, board.card.quorum, board.is_quorate) == (3, 1, 2, False)
    meeting.arrive(people[1], activity)
    board = activities.board(ctx, activity.id)
    assert (board.is_quorate, board.count("expected"), board.late) == (True, 1, 0)
    assert [line.row.state for line in board.lines] == ["expected", "present", "present"]


def test_the_staffs_list_is_filtered_and_ends_at_the_region(world: World) -> None:
    world.deputy()
    meeting = Meeting(world)
    first, _second = meeting.publish(), meeting.draft(title="集中学习代表法", kind="study")
    ctx = world.ctx_of(meeting.clerk)
    assert [card.activity.id for card in activities.list_for_staff(ctx, state="published")[0]] == [first.id]
    assert activities.list_for_staff(ctx, kind="study", search="代表法")[1] == 1
    assert activities.list_for_staff(world.ctx_of(world.staff(region=world.other_township)))[1] == 0


def test_the_organiser_is_the_group_or_the_place(world: World) -> None:
    deputy = world.deputy()
    group, meeting = world.group(deputy), Meeting(world)
    meeting.publish()
    meeting.publish(group_id=group.id)
    found, _total = activities.list_mine(world.ctx_of(deputy), is_past=False, page=1, page_size=10)
    assert [card.organiser for card in found] == ["青石镇人大", "第一代表小组"]


def test_a_code_opens_its_activity_and_not_a_draft(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    activity, draft = meeting.publish(), meeting.draft()
    card = activities.find_by_code(world.ctx_of(deputy), activity.short_code)
    assert card is not None
    assert (card.activity.id, card.row is not None) == (activity.id, True)
    assert activities.find_by_code(world.ctx_of(deputy), draft.scene) is None


def test_the_home_counts_what_comes_within_a_week_and_what_is_open_for_sign_up(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    ctx = world.ctx_of(deputy)
    assert activities.count_ahead(ctx) == (0, 0)
    meeting.publish()
    later = meeting.form.starts_at + timedelta(days=30)
    meeting.publish(starts_at=later, ends_at=later + timedelta(hours=1))
    open_one = meeting.publish(signs_up=True)
    assert activities.count_ahead(world.ctx_of(deputy)) == (1, 1)
    activities.sign_up(world.ctx_of(deputy), open_one.id)
    assert activities.count_ahead(world.ctx_of(deputy)) == (2, 0)
    meeting.begin(minutes=24 * 60)
    assert activities.count_ahead(world.ctx_of(deputy)) == (0, 0)
