"""After sending: corrections, withdrawal and reminders, each told to those it concerns."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.notices import Notice, NoticeDelivery
from services import audiences, notice_changes, notice_reading, notices, regions
from services.context import Actor
from services.errors import Conflict, Invalid, NotFound
from tests.factories import World
from tests.services.reachable import allow, build_form, claim_all, create_deputy, create_draft, send_one

NEW = build_form(title="小组会议改期", body="改到周六。", place="二楼", note="改到周六上午。")


def _two_readers(world: World) -> tuple[Actor, Actor, Notice]:
    """A notice to two, of whom the first read it."""
    reader, other = create_deputy(world), create_deputy(world, "o-2", name="李四")
    notice = send_one(world)
    notice_reading.mark_read(world.ctx_of(reader), notice.id)
    world.clock.advance(hours=1)
    return reader, other, notice


def _told(world: World, notice: Notice) -> list[int]:
    world.system.session.flush()
    return list(world.system.session.scalars(select(NoticeDelivery.person_id).where(
        NoticeDelivery.notice_id == notice.id)))


def test_a_correction_keeps_the_old_text_and_is_told_to_its_readers_only(world: World) -> None:
    reader, other, notice = _two_readers(world)
    ctx = world.ctx_of(world.staff())
    correction = notice_changes.draft_correction(ctx, notice.id, NEW)
    assert notice_reading.get_mine(world.ctx_of(other), notice.id).notice.title == "小组会议"
    assert audiences.forecast(ctx, correction).people == 1
    notices.send(ctx, correction.id)
    assert _told(world, correction) == [reader.person_id]
    assert [(row.number, row.title, row.note) for row in notices.list_versions(ctx, notice)] == [
        (1, "小组会议", "改到周六上午。")]
    for who in (reader, other):
        card = notice_reading.get_mine(world.ctx_of(who), notice.id)
        assert (card.notice.title, card.notice.place, card.correction_note) == ("小组会议改期", "二楼", "改到周六上午。")
    assert correction.title == "更正：小组会议改期"


def test_a_corrected_notice_is_unread_again_until_it_is_opened_through_either_door(world: World) -> None:
    reader, _other, notice = _two_readers(world)
    ctx, mine = world.ctx_of(world.staff()), world.ctx_of(reader)
    assert notice_reading.count_unread(mine) == 0
    correction = notices.send(ctx, notice_changes.draft_correction(ctx, notice.id, NEW).id)
    ctx.session.flush()
    assert (notice_reading.count_unread(mine), notice_reading.list_mine(mine, unread=True)[1]) == (1, 1)
    assert notice_reading.mark_read(mine, correction.id).notice.id == notice.id
    ctx.session.flush()
    assert (notice_reading.count_unread(mine), notice_reading.list_mine(mine)[1]) == (0, 1)
    unread = select(NoticeDelivery.id).where(NoticeDelivery.person_id == reader.person_id,
                                             NoticeDelivery.read_at.is_(None))
    assert ctx.session.scalars(unread).all() == []


def test_a_correction_to_many_needs_a_second_person_like_the_notice_itself(world: World) -> None:
    _reader, _other, notice = _two_readers(world)
    regions.set_setting(world.system, world.township, name="notice.approval_size", value=1,
                        effective_on=world.system.today)
    ctx = world.ctx_of(world.staff())
    correction = notices.send(ctx, notice_changes.draft_correction(ctx, notice.id, NEW).id)
    assert (correction.state, notice.title) == ("awaiting_approval", "小组会议")
    notices.approve(world.ctx_of(world.staff("township_chair")), correction.id)
    assert (correction.state, notice.title) == ("sent", "小组会议改期")


@pytest.mark.parametrize(("changes", "code"), [({"note": " "}, "notice_note_required"), ({"body": ""}, "notice_empty")])
def test_a_correction_says_what_it_changes(world: World, changes: dict[str, object], code: str) -> None:
    _reader, _other, notice = _two_readers(world)
    with pytest.raises(Invalid, match=code):
        notice_changes.draft_correction(world.ctx_of(world.staff()), notice.id,
                                        build_form(**({"note": "改期"} | changes)))


def test_one_correction_at_a_time(world: World) -> None:
    _reader, _other, notice = _two_readers(world)
    ctx = world.ctx_of(world.staff())
    first = notice_changes.draft_correction(ctx, notice.id, NEW)
    with pytest.raises(Conflict, match="correction_open"):
        notice_changes.draft_correction(ctx, notice.id, NEW)
    with pytest.raises(Invalid, match="notice_note_required"):
        notices.update_draft(ctx, first.id, build_form(note=""))
    notices.update_draft(ctx, first.id, build_form(title="再改", note="再改一次。"))
    notices.send(ctx, first.id)
    assert notice.title == "再改"
    assert notice_changes.draft_correction(ctx, notice.id, NEW).id != first.id


def test_a_withdrawal_stops_what_is_queued_and_tells_the_readers(world: World) -> None:
    reader, other, notice = _two_readers(world)
    ctx = world.ctx_of(world.staff())
    notice_changes.withdraw(ctx, notice.id, reason="会议取消。")
    ctx.session.flush()
    assert claim_all(world, notice) == []
    word = notices.list_follow_ups(ctx, notice)[-1]
    assert (word.follow_up, word.title, _told(world, word)) == ("withdrawal", "撤回：小组会议", [reader.person_id])
    card = notice_reading.get_mine(world.ctx_of(other), notice.id)
    assert (card.is_withdrawn, card.notice.withdraw_reason, card.must_answer) == (True, "会议取消。", False)
    assert notice_reading.count_unread(world.ctx_of(other)) == 0
    assert notices.list_deliveries(ctx, notice, only="phone")[1] == 0
    assert notice_reading.mark_read(world.ctx_of(reader), word.id).notice.id == notice.id


def test_a_public_notice_is_corrected_and_withdrawn_for_residents(world: World) -> None:
    resident = world.ctx_of(world.resident())
    notice = send_one(world, kind="bulletin", audience="residents")
    ctx = world.ctx_of(world.staff())
    notices.send(ctx, notice_changes.draft_correction(ctx, notice.id, NEW).id)
    assert [line.title for line in notice_reading.list_mine(resident)[0]] == ["小组会议改期"]
    notice_changes.withdraw(ctx, notice.id, reason="有误。")
    assert [line.withdrawn_at for line in notice_reading.list_mine(resident)[0]] == [world.clock()]


def test_a_correction_that_waits_for_its_moment_comes_back_when_the_notice_was_withdrawn(world: World) -> None:
    _reader, _other, notice = _two_readers(world)
    ctx = world.ctx_of(world.staff())
    correction = notice_changes.draft_correction(ctx, notice.id, build_form(
        note="改期。", send_at=world.clock() + timedelta(hours=1)))
    notices.send(ctx, correction.id)
    notice_changes.withdraw(ctx, notice.id, reason="取消。")
    world.clock.advance(hours=2)
    assert notices.send_due(world.system) == 1
    assert (correction.state, correction.return_reason) == ("draft", "这条通知已经撤回。")


def test_a_reminder_goes_to_the_unread_who_can_be_reached_once_a_day(world: World) -> None:
    reader = create_deputy(world)
    other = world.deputy(name="李四", openid="o-2")
    allow(world, "o-2")
    world.create_person(name="未登录")
    notice = send_one(world)
    notice_reading.mark_read(world.ctx_of(reader), notice.id)
    ctx = world.ctx_of(world.staff())
    reminder = notice_changes.remind(ctx, notice.id)
    assert (reminder.title, _told(world, reminder)) == ("提醒：小组会议", [other.person_id])
    with pytest.raises(Conflict, match="reminded_today"):
        notice_changes.remind(ctx, notice.id)
    world.clock.advance(days=1)
    assert notice_changes.remind(world.ctx_of(world.staff()), notice.id).state == "sent"
    assert notice_reading.list_mine(world.ctx_of(other))[1] == 1


def test_nobody_to_remind_is_refused(world: World) -> None:
    reader = create_deputy(world)
    notice = send_one(world)
    notice_reading.mark_read(world.ctx_of(reader), notice.id)
    with pytest.raises(Invalid, match="notice_nobody_unread"):
        notice_changes.remind(world.ctx_of(world.staff()), notice.id)


def _act(name: str) -> Callable[..., object]:
    acts: dict[str, Callable[..., object]] = {
        "correct": lambda ctx, number: notice_changes.draft_correction(ctx, number, NEW),
        "withdraw": lambda ctx, number: notice_changes.withdraw(ctx, number, reason="取消。"),
        "remind": lambda ctx, number: notice_changes.remind(ctx, number)}
    return acts[name]


@pytest.mark.parametrize("name", ["correct", "withdraw", "remind"])
def test_only_a_sent_notice_of_the_own_region_changes(world: World, name: str) -> None:
    create_deputy(world)
    draft, sent = create_draft(world), send_one(world)
    ctx, act = world.ctx_of(world.staff()), _act(name)
    with pytest.raises(Conflict, match="notice_not_sent"):
        act(ctx, draft.id)
    with pytest.raises(NotFound):
        act(world.ctx_of(world.staff(region=world.other_township)), sent.id)
    notice_changes.withdraw(ctx, sent.id, reason="取消。")
    with pytest.raises(Conflict, match="notice_withdrawn"):
        act(ctx, sent.id)
    with pytest.raises(Conflict, match="notice_is_follow_up"):
        act(ctx, notices.list_follow_ups(ctx, sent)[0].id)


def test_a_withdrawal_gives_its_reason_and_a_public_notice_reminds_nobody(world: World) -> None:
    ctx, notice = world.ctx_of(world.staff()), send_one(world, audience="residents")
    with pytest.raises(Invalid, match="reason_required"):
        notice_changes.withdraw(ctx, notice.id, reason=" ")
    with pytest.raises(Conflict, match="notice_public_no_reminder"):
        notice_changes.remind(ctx, notice.id)
