"""The night's run over the table of retention."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from app.jobs import retention as job
from app.jobs import schedule
from app.program import Program
from models.assistant import ChatLine
from models.audit import AuditRow
from models.media import MediaFile
from models.outbox import ScheduledRun
from services import assistant, media
from tests.factories import World
from tests.fakes import MemoryFiles


class BrokenFiles(MemoryFiles):
    def delete(self, key: str) -> None:
        raise OSError("disk")


def _old_things(world: World) -> None:
    """A talk and a loose photo whose time is over."""
    actor = world.resident()
    assistant.answer(world.ctx_of(actor), text="帮助", channel="chat")
    media.take_photo(world.ctx_of(actor), content=world.photo_bytes(), purpose="opinion")
    world.commit()
    world.clock.advance(days=181)


def _count(world: World, table: type) -> int:
    world.system.session.expire_all()
    return world.system.session.scalar(select(func.count()).select_from(table)) or 0


def _notes(world: World, action: str) -> list[dict[str, object]]:
    return list(world.system.session.scalars(select(AuditRow.changes).where(AuditRow.action == action)
                                             .order_by(AuditRow.id)))


def test_a_run_acts_on_every_line_and_a_second_finds_nothing(program: Program, world: World) -> None:
    _old_things(world)
    assert job.run_retention(program)["chat_lines"] == 2
    assert set(job.run_retention(program).values()) <= {0}
    assert (_count(world, ChatLine), _count(world, MediaFile)) == (0, 0)
    assert [note["counts"] for note in _notes(world, "retention.finished")] == [
        {"loose_photos": 1, "chat_lines": 2}, {}]


def test_a_line_that_fails_is_named_and_keeps_no_other_from_its_end(program: Program, world: World) -> None:
    _old_things(world)
    broken = replace(program, gateways=replace(program.gateways, files=BrokenFiles()))
    with pytest.raises(job.RetentionFailed, match="loose_photos"):
        job.run_retention(broken)
    assert (_count(world, ChatLine), _count(world, MediaFile)) == (0, 1)
    assert _notes(world, "retention.finished")[0]["failed"] == ["loose_photos"]
    job.run_retention(program)
    assert _count(world, MediaFile) == 0


def test_a_failed_night_is_kept_as_failed(program: Program, world: World) -> None:
    _old_things(world)
    broken = replace(program, gateways=replace(program.gateways, files=BrokenFiles()))
    night = next(entry for entry in schedule.SCHEDULE if entry.name == "retention")
    with pytest.raises(job.RetentionFailed):
        schedule.run_once(broken, night)
    assert world.system.session.scalars(select(ScheduledRun.outcome)).all() == ["failed"]


def test_every_deletion_is_in_the_log_although_the_run_never_ended(program: Program, world: World) -> None:
    """A worker killed in the middle: what it did is noted with what it did, and the next run does the rest."""
    _old_things(world)

    class Killed(BaseException):
        pass

    class DyingFiles(MemoryFiles):
        def delete(self, key: str) -> None:
            raise Killed

    dying = replace(program, gateways=replace(program.gateways, files=DyingFiles()))
    order = [rule.name for rule in job.ENDING]
    assert order.index("loose_photos") < order.index("chat_lines")
    with pytest.raises(Killed):
        job.run_retention(dying)
    assert _notes(world, "retention.finished") == []
    assert (_count(world, MediaFile), _count(world, ChatLine)) == (1, 2)
    job.run_retention(program)
    assert [note["count"] for note in _notes(world, "retention.applied")] == [1, 2]
