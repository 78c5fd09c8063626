"""The outbox: claimed once, backing off, given up visibly, revived."""

from datetime import timedelta

from sqlalchemy import select

from models.outbox import OutboxMessage
from services import outbox
from tests.factories import World


def _publish(world: World) -> int:
    outbox.publish(world.system, "notice.sent", notice_id=1)
    return world.system.outbox_ids[-1]


def _row(world: World, number: int) -> OutboxMessage:
    world.system.session.expire_all()
    return world.system.session.get_one(OutboxMessage, number)


def test_what_is_published_is_due_at_once_and_holds_ids_only(world: World) -> None:
    number = _publish(world)
    assert outbox.list_due(world.system.session, world.clock()) == [number]
    assert _row(world, number).payload == {"notice_id": 1}


def test_a_message_is_claimed_once(world: World) -> None:
    number, session = _publish(world), world.system.session
    first = outbox.claim(session, number, world.clock())
    assert first is not None
    assert (first.topic, first.payload, first.attempts) == ("notice.sent", {"notice_id": 1}, 1)
    assert outbox.claim(session, number, world.clock()) is None
    assert outbox.list_due(session, world.clock()) == []


def test_an_expired_lease_is_found_again(world: World) -> None:
    number, session = _publish(world), world.system.session
    outbox.claim(session, number, world.clock())
    assert outbox.claim(session, number, world.clock() + timedelta(seconds=59)) is None
    later = world.clock() + outbox.LEASE
    assert outbox.list_due(session, later) == [number]
    again = outbox.claim(session, number, later)
    assert again is not None
    assert again.attempts == 2


def test_a_settled_message_is_never_claimed_again(world: World) -> None:
    number, session = _publish(world), world.system.session
    outbox.claim(session, number, world.clock())
    outbox.settle(session, number, world.clock())
    assert outbox.claim(session, number, world.clock() + timedelta(days=9)) is None
    assert _row(world, number).state == "done"


def test_failures_climb_the_ladder_and_the_eighth_gives_up(world: World) -> None:
    number, session = _publish(world), world.system.session
    waits, outcomes = [], []
    for _ in range(outbox.MAX_ATTEMPTS):
        claimed = outbox.claim(session, number, world.clock())
        assert claimed is not None
        outcomes.append(outbox.fail(session, claimed, world.clock(), "RuntimeError"))
        row = _row(world, number)
        waits.append(int((row.not_before - world.clock()).total_seconds()))
        assert outbox.claim(session, number, row.not_before - timedelta(seconds=1)) is None
        world.clock.moment = row.not_before
    assert waits[:7] == [5, 15, 60, 300, 900, 3600, 3600]
    assert outcomes == [False] * 7 + [True]
    assert (_row(world, number).state, _row(world, number).last_error) == ("dead", "RuntimeError")
    assert outbox.claim(session, number, world.clock() + timedelta(days=9)) is None


def test_the_dead_are_counted_and_revived_with_a_fresh_start(world: World) -> None:
    number, session = _publish(world), world.system.session
    outbox.fail(session, outbox.Claimed(number, "notice.sent", {}, 8), world.clock(), "X")
    assert outbox.backlog(session, world.clock()).dead == 1
    assert outbox.revive_dead(session, world.clock()) == 1
    claimed = outbox.claim(session, number, world.clock())
    assert claimed is not None
    assert claimed.attempts == 1
    assert outbox.revive_dead(session, world.clock()) == 0


def test_the_backlog_tells_how_long_the_oldest_waits_beyond_its_moment(world: World) -> None:
    session = world.system.session
    assert outbox.backlog(session, world.clock()) == outbox.Backlog(0, 0, 0.0)
    _publish(world)
    world.clock.advance(seconds=90)
    _publish(world)
    assert outbox.backlog(session, world.clock()) == outbox.Backlog(2, 0, 90.0)
    outbox.claim(session, session.scalars(select(OutboxMessage.id).order_by(OutboxMessage.id)).first() or 0,
                 world.clock())
    assert outbox.backlog(session, world.clock()).oldest_seconds == 0.0


def test_a_message_whose_last_attempt_ended_without_a_word_is_given_up(world: World) -> None:
    number = _publish(world)
    session = world.system.session
    for _ in range(outbox.MAX_ATTEMPTS):
        assert outbox.bury_exhausted(session, world.clock()) == 0
        assert outbox.claim(session, number, world.clock()) is not None
        world.clock.advance(seconds=61)
    assert outbox.bury_exhausted(session, world.clock()) == 1
    session.expire_all()
    assert (_row(world, number).state, _row(world, number).last_error) == ("dead", "died")
