"""Pushes: claimed, sent once, settled by what the platform says."""


import pytest
from sqlalchemy import func, select

from models.notices import OpinionWord
from services import notice_reading, notices, pushes
from services.ports import PushPostponed, PushRefused, PushUncertain
from tests.factories import World
from tests.services.reachable import (
    NOTICE,
    OPINION,
    balance,
    claim_all,
    create_deputy,
    create_word,
    send_one,
    settle,
    states,
    sweep,
)


def test_a_long_term_credit_survives_a_push_and_a_one_time_one_is_spent(world: World) -> None:
    create_deputy(world)
    claim_all(world, send_one(world))
    assert balance(world, "o-1") == 1
    pushes.claim_word(world.system, create_word(world))
    assert balance(world, "o-r", OPINION) == 0


def test_a_word_tells_number_step_and_time(world: World) -> None:
    push = pushes.claim_word(world.system, create_word(world)).pushes[0]
    assert push.data == {"character_string1": "YJ9901011012026000001", "phrase2": "已受理",
                         "thing3": "工作人员已受理您的意见", "time4": "2026年11月23日 09:00"}


def test_a_word_of_one_step_is_queued_once(world: World) -> None:
    word = create_word(world)
    row = world.system.session.get_one(OpinionWord, word)
    pushes.queue_word(world.system, account_id=row.account_id, opinion_id=row.opinion_id, cause=row.cause,
                       phrase="已受理", detail="再来一次")
    assert world.system.session.scalar(select(func.count()).select_from(OpinionWord)) == 1


@pytest.mark.parametrize(("openid", "subscribed", "reason"), [
    (None, False, "not_bound"), ("o-r", False, "not_subscribed")])
def test_a_word_nobody_can_get_is_unreachable_with_its_reason(
        world: World, openid: str | None, subscribed: bool, reason: str) -> None:
    word = create_word(world, openid, subscribed=subscribed)
    assert pushes.claim_word(world.system, word).pushes == []
    row = world.system.session.get_one(OpinionWord, word)
    assert (row.state, row.reason) == ("unreachable", reason)


def test_an_accepted_push_waits_for_its_event_and_is_settled_by_it(world: World) -> None:
    create_deputy(world)
    push = claim_all(world, send_one(world))[0]
    settle(world, pushes.DELIVERIES, push)
    assert states(world) == [("accepted", None)]
    pushes.record_sent_event(world.system, openid="o-1", template_id=NOTICE, error_code="0")
    assert states(world) == [("delivered", None)]


def test_an_event_that_came_before_the_answer_is_not_forgotten(world: World) -> None:
    create_deputy(world)
    push = claim_all(world, send_one(world))[0]
    pushes.record_sent_event(world.system, openid="o-1", template_id=NOTICE, error_code="0")
    settle(world, pushes.DELIVERIES, push)
    assert states(world) == [("delivered", None)]


def test_an_event_of_a_blocked_user_is_a_failure(world: World) -> None:
    create_deputy(world)
    settle(world, pushes.DELIVERIES, claim_all(world, send_one(world))[0])
    pushes.record_sent_event(world.system, openid="o-1", template_id=NOTICE, error_code="10003")
    assert states(world) == [("rejected", "user_block")]


def _event(world: World, msgid: str, error_code: str = "0") -> None:
    pushes.record_sent_event(world.system, openid="o-1", template_id=NOTICE, error_code=error_code, msgid=msgid)


def test_events_out_of_order_settle_each_its_own_push_by_message_id(world: World) -> None:
    create_deputy(world)
    for msgid in ("m-1", "m-2"):
        settle(world, pushes.DELIVERIES, claim_all(world, send_one(world))[0], msgid=msgid)
    _event(world, "m-2", "10003")
    assert states(world) == [("accepted", None), ("rejected", "user_block")]
    _event(world, "m-1")
    assert states(world) == [("delivered", None), ("rejected", "user_block")]


def test_an_event_with_an_unknown_message_id_settles_only_a_push_whose_id_was_never_told(world: World) -> None:
    create_deputy(world)
    named = claim_all(world, send_one(world))[0]
    settle(world, pushes.DELIVERIES, named, msgid="m-1")
    _event(world, "m-0")
    assert states(world) == [("accepted", None)]
    settle(world, pushes.DELIVERIES, claim_all(world, send_one(world))[0], PushUncertain("timeout"))
    _event(world, "m-2")
    assert states(world) == [("accepted", None), ("delivered", None)]


def test_an_event_told_again_leaves_the_next_push_alone(world: World) -> None:
    create_deputy(world)
    settle(world, pushes.DELIVERIES, claim_all(world, send_one(world))[0], msgid="m-1")
    _event(world, "m-1")
    settle(world, pushes.DELIVERIES, claim_all(world, send_one(world))[0])
    _event(world, "m-1")
    assert states(world) == [("delivered", None), ("accepted", None)]


def test_the_word_about_an_opinion_is_found_by_message_id_too(world: World) -> None:
    push = pushes.claim_word(world.system, create_word(world)).pushes[0]
    settle(world, pushes.WORDS, push, msgid="m-1")
    _event(world, "m-1")
    assert world.system.session.scalars(select(OpinionWord.state)).one() == "delivered"


@pytest.mark.parametrize("openid", ["o-1", "o-unknown"])
def test_an_event_that_fits_no_push_changes_nothing(world: World, openid: str) -> None:
    create_deputy(world)
    send_one(world)
    pushes.record_sent_event(world.system, openid=openid, template_id=NOTICE, error_code="0")
    assert states(world) == [("queued", None)]


def test_a_refusal_for_want_of_a_subscription_empties_the_credit(world: World) -> None:
    create_deputy(world)
    settle(world, pushes.DELIVERIES, claim_all(world, send_one(world))[0], PushRefused("not_subscribed"))
    assert (states(world), balance(world, "o-1")) == ([("rejected", "not_subscribed")], 0)


def test_another_refusal_gives_a_one_time_credit_back(world: World) -> None:
    push = pushes.claim_word(world.system, create_word(world)).pushes[0]
    settle(world, pushes.WORDS, push, PushRefused("template_invalid"))
    assert balance(world, "o-r", OPINION) == 1


def test_a_postponed_push_is_queued_again_a_little_later_with_its_credit(world: World) -> None:
    word = create_word(world)
    push = pushes.claim_word(world.system, word).pushes[0]
    assert settle(world, pushes.WORDS, push, PushPostponed("RateLimited")).is_postponed
    assert balance(world, "o-r", OPINION) == 1
    assert pushes.claim_word(world.system, word).pushes == []
    world.clock.advance(seconds=20)
    assert len(pushes.claim_word(world.system, word).pushes) == 1


def test_after_the_last_attempt_a_postponed_push_has_expired(world: World) -> None:
    create_deputy(world)
    notice = send_one(world)
    outcomes = []
    for _ in range(pushes.MAX_ATTEMPTS):
        outcomes.append(settle(world, pushes.DELIVERIES, claim_all(world, notice)[0], PushPostponed("Busy")).is_postponed)
        world.clock.advance(minutes=5)
    assert outcomes == [True, True, True, False]
    assert states(world) == [("rejected", "expired")]


def test_an_uncertain_push_is_never_queued_again_but_its_event_still_settles_it(world: World) -> None:
    create_deputy(world)
    notice = send_one(world)
    settle(world, pushes.DELIVERIES, claim_all(world, notice)[0], PushUncertain())
    world.clock.advance(hours=2)
    assert sweep(world) == []
    assert claim_all(world, notice) == []
    assert states(world) == [("uncertain", "no_event")]
    pushes.record_sent_event(world.system, openid="o-1", template_id=NOTICE, error_code="0")
    assert states(world) == [("delivered", None)]


def test_the_sweep_calls_an_interrupted_push_uncertain_and_never_queues_it(world: World) -> None:
    create_deputy(world)
    notice = send_one(world)
    claim_all(world, notice)
    world.clock.advance(seconds=89)
    sweep(world)
    assert states(world) == [("sending", None)]
    world.clock.advance(seconds=1)
    assert sweep(world) == []
    assert states(world) == [("uncertain", "interrupted")]
    assert claim_all(world, notice) == []


def test_the_sweep_calls_an_accepted_push_without_event_uncertain(world: World) -> None:
    create_deputy(world)
    settle(world, pushes.DELIVERIES, claim_all(world, send_one(world))[0])
    world.clock.advance(minutes=16)
    sweep(world)
    assert states(world) == [("uncertain", "no_event")]


def test_the_sweep_names_the_notices_that_still_wait(world: World) -> None:
    create_deputy(world)
    notice = send_one(world)
    assert sweep(world) == [notice.id]
    claim_all(world, notice)
    assert sweep(world) == []


def test_a_word_that_was_postponed_is_named_by_the_sweep_once_it_is_due(world: World) -> None:
    word = create_word(world)
    push = pushes.claim_word(world.system, word).pushes[0]
    settle(world, pushes.WORDS, push, PushPostponed("RateLimited"))
    assert pushes.list_postponed_words(world.system) == []
    world.clock.advance(seconds=20)
    assert pushes.list_postponed_words(world.system) == [word]


def test_the_figures_of_the_list_and_of_the_page_agree(world: World) -> None:
    one, two = create_deputy(world, "o-1"), create_deputy(world, "o-2", name="李四")
    notice = send_one(world)
    for push in claim_all(world, notice):
        settle(world, pushes.DELIVERIES, push)
    pushes.record_sent_event(world.system, openid="o-1", template_id=NOTICE, error_code="0")
    notice_reading.confirm(world.ctx_of(one), notice.id)
    notice_reading.mark_read(world.ctx_of(two), notice.id)
    clerk = world.ctx_of(world.staff())
    clerk.session.flush()
    line = notices.list_for_staff(clerk)[0][0]
    figures = notices.count_deliveries(clerk, notice)
    assert (line.people, line.delivered, line.read, line.confirmed, line.to_phone) == (2, 1, 2, 1, 0)
    assert (figures.people, figures.delivered, figures.read, figures.confirmed, figures.to_phone) == (2, 1, 2, 1, 0)
    assert (figures.pushed, figures.waiting) == (2, 0)
