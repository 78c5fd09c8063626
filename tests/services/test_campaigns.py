"""The sending of one notice: who may go on, what stops it, and what becomes of those still waiting."""

import pytest
from sqlalchemy import select

from models.notices import PushCampaign
from services import campaigns, notices, pushes
from services.errors import Conflict, Forbidden, NotFound
from services.ports import PushHalted, PushPostponed, PushRefused
from tests.factories import World
from tests.services.reachable import claim_all, create_deputy, create_draft, send_one, settle, states, sweep


def _campaign(world: World) -> PushCampaign:
    world.system.session.flush()
    return world.system.session.scalars(select(PushCampaign).execution_options(populate_existing=True)).one()


def _crowd(world: World, size: int = campaigns.CANARY_FROM) -> notices.Notice:
    for number in range(size):
        create_deputy(world, f"o-{number}", name=f"代表{number}")
    return send_one(world)


def test_a_paused_campaign_gives_nothing_out_and_resumed_gives_what_is_left(world: World) -> None:
    create_deputy(world)
    notice = send_one(world)
    clerk = world.ctx_of(world.staff())
    campaigns.pause(clerk, notice.id)
    assert claim_all(world, notice) == []
    assert sweep(world) == []
    campaigns.resume(clerk, notice.id)
    assert sweep(world) == [notice.id]
    assert len(claim_all(world, notice)) == 1


def test_a_stopped_campaign_hands_the_rest_to_the_telephone(world: World) -> None:
    create_deputy(world, "o-1")
    notice = send_one(world)
    campaigns.stop(world.ctx_of(world.staff()), notice.id)
    assert states(world) == [("unreachable", "stopped")]
    assert claim_all(world, notice) == []


@pytest.mark.parametrize(("first", "second", "code"), [
    ("pause", "pause", "campaign_not_running"), ("stop", "pause", "campaign_not_running"),
    ("resume", None, "campaign_running")])
def test_what_makes_no_sense_now_is_refused(world: World, first: str, second: str | None, code: str) -> None:
    create_deputy(world)
    notice = send_one(world)
    clerk = world.ctx_of(world.staff())
    if second is not None:
        getattr(campaigns, first)(clerk, notice.id)
    with pytest.raises(Conflict) as refused:
        getattr(campaigns, second or first)(clerk, notice.id)
    assert refused.value.code == code


def test_a_draft_has_no_campaign(world: World) -> None:
    draft = create_draft(world)
    with pytest.raises(Conflict) as refused:
        campaigns.pause(world.ctx_of(world.staff()), draft.id)
    assert refused.value.code == "notice_not_sent"


def test_only_those_who_send_may_hold_it_and_only_in_their_region(world: World) -> None:
    create_deputy(world)
    notice = send_one(world)
    with pytest.raises(Forbidden):
        campaigns.stop(world.ctx_of(world.staff("auditor")), notice.id)
    with pytest.raises(NotFound):
        campaigns.stop(world.ctx_of(world.staff(region=world.other_township)), notice.id)


def test_a_large_notice_begins_with_a_canary_and_waits_for_its_outcome(world: World) -> None:
    notice = _crowd(world)
    first = claim_all(world, notice)
    assert len(first) == campaigns.CANARY
    batch = pushes.claim_deliveries(world.system, notice.id)
    assert (batch.leased, batch.is_waiting) == (0, True)
    for push in first:
        settle(world, pushes.DELIVERIES, push)
        pushes.record_sent_event(world.system, openid=push.openid, template_id=push.template_id, error_code="0")
    assert len(claim_all(world, notice)) == 50


def test_a_canary_that_fails_for_the_templates_sake_stops_the_rest(world: World) -> None:
    notice = _crowd(world)
    for number, push in enumerate(claim_all(world, notice)):
        settle(world, pushes.DELIVERIES, push, PushRefused("template_invalid" if number < 5 else "not_subscribed"))
    assert claim_all(world, notice) == []
    assert (_campaign(world).state, _campaign(world).reason) == ("stopped", "canary_failed")


def test_a_canary_whose_people_simply_did_not_subscribe_goes_on(world: World) -> None:
    notice = _crowd(world)
    for push in claim_all(world, notice):
        settle(world, pushes.DELIVERIES, push, PushRefused("not_subscribed"))
    assert len(claim_all(world, notice)) == 50


def test_a_silent_canary_is_waited_for_a_minute_and_no_longer(world: World) -> None:
    notice = _crowd(world)
    for push in claim_all(world, notice):
        settle(world, pushes.DELIVERIES, push)
    assert pushes.claim_deliveries(world.system, notice.id).is_waiting
    world.clock.advance(seconds=60)
    assert len(claim_all(world, notice)) == 50


def test_what_concerns_everybody_keeps_the_platforms_words_for_its_support(world: World) -> None:
    create_deputy(world)
    notice = send_one(world)
    push = claim_all(world, notice)[0]
    pushes.settle(world.system, pushes.DELIVERIES,
                  [pushes.Outcome(push, PushHalted("template_invalid", code="40037", rid="rid-9"))],
                  notice_id=notice.id)
    shown = campaigns.progress(world.ctx_of(world.staff()), notice.id)
    assert (shown.state, shown.last_code, shown.last_rid) == ("stopped", "40037", "rid-9")
    assert shown.counts == {"queued": 1}


def test_a_pause_of_staff_outlives_a_quota_that_returns(world: World) -> None:
    create_deputy(world)
    notice = send_one(world)
    push = claim_all(world, notice)[0]
    campaigns.pause(world.ctx_of(world.staff()), notice.id)
    pushes.settle(world.system, pushes.DELIVERIES,
                  [pushes.Outcome(push, PushPostponed("rate_limited", wait_seconds=60))], notice_id=notice.id)
    world.clock.advance(minutes=5)
    assert claim_all(world, notice) == []
    assert _campaign(world).reason == "by_staff"


def test_after_a_day_at_a_standstill_the_rest_is_for_the_telephone(world: World) -> None:
    create_deputy(world)
    notice = send_one(world)
    campaigns.pause(world.ctx_of(world.staff()), notice.id)
    world.clock.advance(hours=23)
    sweep(world)
    assert states(world) == [("queued", None)]
    world.clock.advance(hours=1)
    sweep(world)
    assert states(world) == [("unreachable", "expired")]


def test_progress_counts_states_pace_and_time_left(world: World) -> None:
    for number in range(4):
        create_deputy(world, f"o-{number}", name=f"代表{number}")
    notice = send_one(world)
    for push in pushes.claim_deliveries(world.system, notice.id, limit=3).pushes:
        settle(world, pushes.DELIVERIES, push)
    shown = campaigns.progress(world.ctx_of(world.staff()), notice.id)
    assert (shown.total, shown.waiting, shown.counts) == (4, 1, {"accepted": 3, "queued": 1})
    assert (shown.per_second, shown.seconds_left, shown.is_live) == (0.05, 20, True)
