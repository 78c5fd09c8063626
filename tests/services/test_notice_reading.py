"""The reader's answers: acknowledging, asking for leave with a reason, and the calendar file."""

from datetime import UTC, timedelta

import pytest

from services import notice_changes, notice_reading, notices
from services.errors import Conflict, DomainError, Invalid
from tests.factories import World
from tests.services.reachable import build_form, create_deputy, send_one


def test_leave_with_a_reason_takes_the_place_of_an_acknowledgement_and_back(world: World) -> None:
    deputy = create_deputy(world)
    create_deputy(world, "o-2", name="李四")
    notice = send_one(world)
    ctx, clerk = world.ctx_of(deputy), world.ctx_of(world.staff())

    def figures() -> tuple[int, int, int]:
        clerk.session.flush()
        found = notices.count_deliveries(clerk, notice)
        return found.confirmed, found.leave, found.silent

    notice_reading.confirm(ctx, notice.id)
    assert figures() == (1, 0, 1)
    leave = notice_reading.ask_leave(ctx, notice.id, reason=" 出差在外 ").leave
    assert (leave.reason if leave else "", figures()) == ("出差在外", (0, 1, 1))
    assert [line.leave_reason for line in notices.list_deliveries(clerk, notice, only="leave")[0]] == ["出差在外"]
    assert notice_reading.ask_leave(ctx, notice.id, reason="生病").leave is not None
    assert notice_reading.list_mine(ctx)[0][0].leave_at == world.clock()
    assert notice_reading.confirm(ctx, notice.id).leave is None
    assert figures() == (1, 0, 1)
    assert [line.name for line in notices.list_deliveries(clerk, notice, only="unconfirmed")[0]] == ["李四"]


@pytest.mark.parametrize("reason", ["", "  ", "因" * 201])
def test_leave_needs_a_reason(world: World, reason: str) -> None:
    deputy = create_deputy(world)
    notice = send_one(world)
    with pytest.raises(Invalid, match="leave_reason_length"):
        notice_reading.ask_leave(world.ctx_of(deputy), notice.id, reason=reason)


@pytest.mark.parametrize(("hours", "asks", "withdrawn", "code"), [
    (0, True, False, "leave_too_late"), (1, False, False, "leave_not_asked"), (1, True, True, "notice_withdrawn")])
def test_leave_is_refused_when_it_makes_no_sense(
        world: World, hours: int, asks: bool, withdrawn: bool, code: str) -> None:
    deputy = create_deputy(world)
    notice = send_one(world, starts_at=world.clock() + timedelta(hours=hours), needs_confirmation=asks)
    if withdrawn:
        notice_changes.withdraw(world.ctx_of(world.staff()), notice.id, reason="取消。")
    with pytest.raises(Conflict, match=code):
        notice_reading.ask_leave(world.ctx_of(deputy), notice.id, reason="出差")


def test_a_withdrawn_notice_is_not_acknowledged_and_others_find_nothing(world: World) -> None:
    deputy, stranger = create_deputy(world), world.resident()
    notice = send_one(world)
    with pytest.raises(DomainError):
        notice_reading.ask_leave(world.ctx_of(stranger), notice.id, reason="出差")
    notice_changes.withdraw(world.ctx_of(world.staff()), notice.id, reason="取消。")
    with pytest.raises(Conflict, match="notice_withdrawn"):
        notice_reading.confirm(world.ctx_of(deputy), notice.id)


def test_the_calendar_file_follows_corrections_and_the_withdrawal(world: World) -> None:
    deputy = create_deputy(world)
    starts = world.clock() + timedelta(days=4)
    notice = send_one(world, starts_at=starts, place="三楼")
    ctx, clerk = world.ctx_of(deputy), world.ctx_of(world.staff())
    first = notice_reading.build_calendar(ctx, notice.id).decode()
    assert f"DTSTART:{starts.astimezone(UTC):%Y%m%dT%H%M%SZ}" in first
    assert "SEQUENCE:0" in first
    later = build_form(starts_at=starts + timedelta(days=1), note="改期。")
    notices.send(clerk, notice_changes.draft_correction(clerk, notice.id, later).id)
    second = notice_reading.build_calendar(ctx, notice.id).decode()
    assert f"DTSTART:{(starts + timedelta(days=1)).astimezone(UTC):%Y%m%dT%H%M%SZ}" in second
    assert "SEQUENCE:1" in second
    notice_changes.withdraw(clerk, notice.id, reason="取消。")
    assert "STATUS:CANCELLED" in notice_reading.build_calendar(ctx, notice.id).decode()


def test_a_notice_without_a_time_has_no_calendar_file(world: World) -> None:
    deputy = create_deputy(world)
    notice = send_one(world)
    with pytest.raises(Conflict, match="notice_no_time"):
        notice_reading.build_calendar(world.ctx_of(deputy), notice.id)
