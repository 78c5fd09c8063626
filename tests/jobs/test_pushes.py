"""Pushing notices and words: accepted, refused, postponed, uncertain; once, twice, to the end."""

from dataclasses import replace

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import select

from app.jobs import run, schedule
from app.jobs.send_marks import SendMarks
from app.program import Program
from models.notices import NoticeDelivery, OpinionWord, PushCampaign
from models.outbox import OutboxMessage
from services import campaigns, comments, notices, pushes, subscriptions
from services.ports import PushHalted, PushPostponed, PushRefused, PushUncertain
from tests.factories import World
from tests.fakes import FakeMessenger


@pytest.fixture
def messenger(program: Program) -> FakeMessenger:
    fake = program.gateways.messenger
    assert isinstance(fake, FakeMessenger)
    return fake


@pytest.fixture
def sent(world: World, program: Program) -> int:
    """A notice to one subscribed deputy, committed and waiting in the outbox; the outbox row's id."""
    world.deputy(openid="o-1")
    _subscribe(world, "o-1", "tmpl-notice")
    ctx = world.ctx_of(world.staff())
    notices.send(ctx, notices.create_draft(ctx, notices.NoticeForm(
        kind="meeting", title="小组会议", body="开会。", audience="region_deputies")).id)
    world.commit()
    return world.system.session.scalars(select(OutboxMessage.id)).one()


@pytest.fixture
def word(world: World, program: Program) -> int:
    """A word to a subscribed resident, committed; the outbox row's id."""
    resident = world.resident(openid="o-r")
    _subscribe(world, "o-r", "tmpl-opinion")
    comments.register(world.ctx_of(world.staff()), world.opinion(resident).number)
    world.commit()
    return world.system.session.scalars(select(OutboxMessage.id).where(OutboxMessage.topic == "opinion.word")).one()


def _subscribe(world: World, openid: str, template: str) -> None:
    subscriptions.record_subscription(world.system, openid=openid, template_id=template, result="accept", origin="callback",
                                dedupe_key=f"{openid}:{template}")


def _delivery(world: World) -> tuple[str, str | None]:
    world.system.session.expire_all()
    row = world.system.session.scalars(select(NoticeDelivery)).one()
    return row.state, row.reason


def _word(world: World) -> tuple[str, str | None]:
    world.system.session.expire_all()
    row = world.system.session.scalars(select(OpinionWord)).one()
    return row.state, row.reason


def _message(world: World, number: int) -> OutboxMessage:
    world.system.session.expire_all()
    return world.system.session.get_one(OutboxMessage, number)


def test_a_notice_reaches_the_platform_once(
        world: World, program: Program, sent: int, messenger: FakeMessenger) -> None:
    assert run.run_message(program, sent) == "done"
    assert [(openid, template, data["thing1"]) for openid, template, data, _page in messenger.notices] == [
        ("o-1", "tmpl-notice", "小组会议")]
    assert _delivery(world) == ("accepted", None)
    assert run.run_message(program, sent) == "taken"
    assert len(messenger.notices) == 1


def test_the_same_topic_published_twice_sends_once(
        world: World, program: Program, sent: int, messenger: FakeMessenger) -> None:
    schedule.settle_pushes(program)  # the sweep sees the queued delivery and announces it again
    assert run.drain(program) == 2
    assert len(messenger.notices) == 1


@pytest.fixture
def crowd(world: World, program: Program) -> int:
    """A notice to 120 subscribed deputies, committed and waiting; its id."""
    for number in range(120):
        world.deputy(name=f"代表{number}", openid=f"o-{number}")
        _subscribe(world, f"o-{number}", "tmpl-notice")
    ctx = world.ctx_of(world.staff())
    notice = notices.send(ctx, notices.create_draft(ctx, notices.NoticeForm(
        kind="meeting", title="会议", body="开会。", audience="region_deputies")).id)
    world.commit()
    return notice.id


def _campaign(world: World) -> tuple[str, str | None]:
    world.system.session.expire_all()
    row = world.system.session.scalars(select(PushCampaign)).one()
    return row.state, row.reason


def test_a_large_notice_goes_to_twenty_first_and_then_to_all(
        world: World, program: Program, crowd: int, messenger: FakeMessenger) -> None:
    run.drain(program)
    assert (len(messenger.notices), _campaign(world)) == (campaigns.CANARY, ("canary", None))
    _play(world, program, 2)
    assert len({openid for openid, *_ in messenger.notices}) == len(messenger.notices) == 120


def test_a_template_the_platform_does_not_take_stops_the_rest_until_staff_resumes(
        world: World, program: Program, crowd: int, messenger: FakeMessenger) -> None:
    messenger.failures.update({f"o-{number}": PushHalted("template_invalid", code="40037", rid="r-1")
                               for number in range(120)})
    run.drain(program)
    assert _campaign(world) == ("stopped", "template_invalid")
    assert set(world.system.session.scalars(select(NoticeDelivery.state))) == {"queued"}
    messenger.failures.clear()
    _play(world, program, 3)
    assert messenger.notices == []
    campaigns.resume(world.ctx_of(world.staff()), crowd)
    world.commit()
    _play(world, program, 1)
    assert len({openid for openid, *_ in messenger.notices}) == len(messenger.notices) == 120


def test_a_used_up_quota_pauses_until_it_returns_and_costs_no_attempt(
        world: World, program: Program, sent: int, messenger: FakeMessenger) -> None:
    messenger.failures["o-1"] = PushPostponed("rate_limited", wait_seconds=3600)
    run.drain(program)
    assert _campaign(world) == ("paused", "quota")
    messenger.failures.clear()
    _play(world, program, 30)
    assert messenger.notices == []
    _play(world, program, 32)
    assert len(messenger.notices) == 1


def test_what_a_dead_sender_had_not_begun_is_sent_and_what_it_had_begun_is_not(
        world: World, program: Program, messenger: FakeMessenger) -> None:
    for number in range(2):
        world.deputy(name=f"代表{number}", openid=f"o-{number}")
        _subscribe(world, f"o-{number}", "tmpl-notice")
    ctx = world.ctx_of(world.staff())
    notice = notices.send(ctx, notices.create_draft(ctx, notices.NoticeForm(
        kind="meeting", title="会议", body="开会。", audience="region_deputies")).id)
    marks = SendMarks(program.redis)
    token = marks.new_token()
    begun, _not_begun = pushes.claim_deliveries(world.system, notice.id, token=token).pushes
    marks.begin(token, begun.id)
    world.commit()
    _play(world, program, 3)
    assert len(messenger.notices) == 1
    assert messenger.notices[0][0] != begun.openid
    assert world.system.session.get_one(NoticeDelivery, begun.id, populate_existing=True).state == "uncertain"


def test_with_redis_away_nothing_is_sent_and_nothing_is_lost(
        world: World, program: Program, sent: int, messenger: FakeMessenger) -> None:
    away = replace(program, redis=redis.Redis(port=1, retry=Retry(NoBackoff(), 0)))
    assert run.run_message(away, sent) == "retry"
    assert messenger.notices == []
    _play(world, program, 1)
    assert len(messenger.notices) == 1


@pytest.mark.parametrize("reason", ["not_subscribed", "openid_invalid", "template_invalid", "refused"])
def test_a_refusal_is_final_and_not_repeated(
        world: World, program: Program, sent: int, messenger: FakeMessenger, reason: str) -> None:
    messenger.failures["o-1"] = PushRefused(reason)
    assert run.run_message(program, sent) == "done"
    assert _delivery(world) == ("rejected", reason)
    messenger.failures.clear()
    world.clock.advance(hours=3)
    schedule.settle_pushes(program)
    run.drain(program)
    assert messenger.notices == []


def _play(world: World, program: Program, minutes: float) -> None:
    """What the worker does for a while: sweep and drain every ten seconds."""
    for _ in range(int(minutes * 6)):
        world.clock.advance(seconds=10)
        schedule.settle_pushes(program)
        run.drain(program)


def test_a_postponed_notice_is_sent_a_little_later(
        world: World, program: Program, sent: int, messenger: FakeMessenger) -> None:
    messenger.failures["o-1"] = PushPostponed("RateLimited")
    assert run.run_message(program, sent) == "retry"
    assert _delivery(world) == ("queued", "RateLimited")
    messenger.failures.clear()
    _play(world, program, 2)
    assert len(messenger.notices) == 1


def test_a_postponed_word_is_sent_a_little_later(
        world: World, program: Program, word: int, messenger: FakeMessenger) -> None:
    messenger.failures["o-r"] = PushPostponed("RateLimited")
    assert run.run_message(program, word) == "retry"
    messenger.failures.clear()
    _play(world, program, 2)
    assert len(messenger.notices) == 1
    assert _word(world)[0] in ("accepted", "uncertain")


@pytest.mark.parametrize("kind", ["notice", "word"])
def test_what_stays_postponed_expires(
        world: World, program: Program, request: pytest.FixtureRequest, messenger: FakeMessenger, kind: str) -> None:
    request.getfixturevalue("sent" if kind == "notice" else "word")
    messenger.failures.update({"o-1": PushPostponed("Busy"), "o-r": PushPostponed("Busy")})
    run.drain(program)
    _play(world, program, 10)
    assert (_delivery(world) if kind == "notice" else _word(world)) == ("rejected", "expired")
    assert messenger.notices == []


def test_an_uncertain_push_is_never_sent_again(
        world: World, program: Program, sent: int, messenger: FakeMessenger) -> None:
    messenger.failures["o-1"] = PushUncertain()
    assert run.run_message(program, sent) == "done"
    assert _delivery(world) == ("uncertain", "no_event")
    messenger.failures.clear()
    _play(world, program, 20)
    assert messenger.notices == []


def test_an_unknown_failure_backs_off_and_is_kept_by_class_name_only(
        world: World, program: Program, sent: int, messenger: FakeMessenger) -> None:
    messenger.failures["o-1"] = RuntimeError("王建国 13800000001")
    assert run.run_message(program, sent) == "retry"
    row = _message(world, sent)
    assert (row.state, row.last_error, row.attempts) == ("pending", "RuntimeError", 1)
    assert _delivery(world)[0] == "sending"


def test_a_push_whose_sender_broke_is_uncertain_and_not_repeated(
        world: World, program: Program, sent: int, messenger: FakeMessenger) -> None:
    messenger.failures["o-1"] = RuntimeError("x")
    run.run_message(program, sent)
    messenger.failures.clear()
    _play(world, program, 4)
    assert _delivery(world)[0] == "uncertain"
    assert messenger.notices == []


def test_a_word_is_pushed_once(world: World, program: Program, word: int, messenger: FakeMessenger) -> None:
    assert run.run_message(program, word) == "done"
    assert run.run_message(program, word) == "taken"
    assert [template for _openid, template, *_ in messenger.notices] == ["tmpl-opinion"]
    assert _word(world)[0] == "accepted"


def test_a_refused_word_is_final(world: World, program: Program, word: int, messenger: FakeMessenger) -> None:
    messenger.failures["o-r"] = PushRefused("openid_invalid")
    run.run_message(program, word)
    assert _word(world) == ("rejected", "openid_invalid")
