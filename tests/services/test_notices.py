"""Notices: forecast, deliveries, credits, pushes, receipts and the phone list."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.deputies import GroupMember
from models.notices import NoticeDelivery, OpinionWord, SubscriptionCredit, SubscriptionEvent
from models.outbox import OutboxMessage
from services import comments, notices
from services.context import Actor
from services.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from services.notices import NoticeForm
from tests.factories import World
from tests.fakes import MINI_APPID

NOTICE, OPINION = "tmpl-notice", "tmpl-opinion"
FORM = {"kind": "meeting", "title": "小组会议", "body": "周五上午九时开会。", "audience": "region_deputies"}


def _form(**changes: object) -> NoticeForm:
    return NoticeForm(**(FORM | changes))  # type: ignore[arg-type]


def _draft(world: World, **changes: object) -> notices.Notice:
    return notices.create_draft(world.ctx_of(world.staff()), _form(**changes))


def _sent(world: World, **changes: object) -> notices.Notice:
    ctx = world.ctx_of(world.staff())
    return notices.send(ctx, notices.create_draft(ctx, _form(**changes)).id)


def _allow(world: World, openid: str, template: str = NOTICE, result: str = "accept", key: str = "") -> bool:
    return notices.record_subscription(world.system, openid=openid, template_id=template, result=result,
                                       origin="phone", dedupe_key=key or f"{openid}:{template}:{result}:{world.phone()}")


def _balance(world: World, openid: str, template: str = NOTICE) -> int:
    world.system.session.flush()
    return world.system.session.scalar(select(SubscriptionCredit.balance).where(
        SubscriptionCredit.openid == openid, SubscriptionCredit.template_id == template)) or 0


def _deputy(world: World, openid: str = "o-1", *, subscribed: bool = True, name: str = "王建国") -> Actor:
    deputy = world.deputy(name=name, openid=openid)
    if subscribed:
        _allow(world, openid)
    return deputy


def _states(world: World) -> list[tuple[str, str | None]]:
    world.system.session.flush()
    return list(world.system.session.execute(
        select(NoticeDelivery.state, NoticeDelivery.reason).order_by(NoticeDelivery.id)).all())  # type: ignore[arg-type]


def _claim(world: World, notice: notices.Notice) -> list[notices.Push]:
    return notices.claim_deliveries(world.system, notice.id).pushes


def _word(world: World, openid: str | None = "o-r", *, subscribed: bool = True) -> int:
    """A word about an opinion that waits to be pushed."""
    resident = world.resident(openid=openid)
    if openid and subscribed:
        _allow(world, openid, OPINION)
    comments.register(world.ctx_of(world.staff()), world.opinion(resident).number)
    return world.system.session.scalars(select(OpinionWord.id)).one()


# --- drafts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("changes", "error", "code"), [
    ({"title": " "}, Invalid, "notice_empty"), ({"body": ""}, Invalid, "notice_empty"),
    ({"title": "题" * 61}, Invalid, "notice_title_long"), ({"kind": "party"}, Invalid, "field_not_a_choice"),
    ({"audience": "everybody"}, Invalid, "audience_unknown"), ({"audience": "group"}, NotFound, "not_found"),
    ({"audience": "station", "audience_id": 10**6}, NotFound, "not_found")])
def test_each_mistake_of_a_notice_is_refused(
        world: World, changes: dict[str, object], error: type[DomainError], code: str) -> None:
    with pytest.raises(error, match=code):
        _draft(world, **changes)


def test_a_foreign_group_is_no_audience(world: World) -> None:
    group = world.group(region=world.other_township)
    with pytest.raises(NotFound):
        _draft(world, audience="group", audience_id=group.id)


def test_a_draft_is_edited_until_it_is_sent(world: World) -> None:
    _deputy(world)
    ctx = world.ctx_of(world.staff())
    notice = notices.create_draft(ctx, _form())
    assert notices.update_draft(ctx, notice.id, _form(title="改期")).title == "改期"
    notices.send(ctx, notice.id)
    for act in (lambda: notices.update_draft(ctx, notice.id, _form()), lambda: notices.send(ctx, notice.id)):
        with pytest.raises(Conflict, match="notice_sent"):
            act()


def test_roles_without_the_right_send_nothing(world: World) -> None:
    for role in ("auditor", "admin", "handling_unit"):
        with pytest.raises(Forbidden):
            notices.create_draft(world.ctx_of(world.staff(role)), _form())


def test_a_notice_without_readers_is_not_sent(world: World) -> None:
    with pytest.raises(Invalid, match="notice_no_audience"):
        _sent(world)


# --- forecast and freezing --------------------------------------------------------------------------


def test_the_forecast_tells_channels_and_reasons(world: World) -> None:
    _deputy(world, "o-1")
    _deputy(world, "o-2", subscribed=False, name="李四")
    world.deputy(name="未绑定")
    world.create_person(name="未登录")
    found = notices.forecast(world.system, _draft(world))
    assert found.people == 4
    assert found.by_channel == {"subscription": 1, "phone_list": 3}
    assert found.by_reason == {"not_subscribed": 1, "not_bound": 1, "not_claimed": 1}


def test_the_forecast_changes_nothing(world: World) -> None:
    _deputy(world)
    notices.forecast(world.system, _draft(world))
    assert (_balance(world, "o-1"), _states(world)) == (1, [])


def test_sending_makes_one_delivery_a_person_and_announces_it(world: World) -> None:
    _deputy(world)
    world.create_person(name="未登录")
    notice = _sent(world)
    assert _states(world) == [("queued", None), ("unreachable", "not_claimed")]
    topics = world.system.session.execute(select(OutboxMessage.topic, OutboxMessage.payload)).all()
    assert topics == [("notice.sent", {"notice_id": notice.id})]


def test_somebody_who_joins_later_does_not_get_it(world: World) -> None:
    member, later = _deputy(world), _deputy(world, "o-2", name="李四")
    group = world.group(member)
    notice = _sent(world, audience="group", audience_id=group.id)
    world.system.session.add(GroupMember(group_id=group.id, person_id=later.person_id))
    world.system.session.flush()
    assert len(_claim(world, notice)) == 1
    with pytest.raises(NotFound):
        notices.get_mine(world.ctx_of(later), notice.id)


def test_two_mandates_of_one_person_are_one_delivery(world: World) -> None:
    deputy = _deputy(world)
    session = world.system.session
    session.add(comments.Mandate(person_id=deputy.person_id, congress_id=world.congress(world.county).id,
                                 began_on=world.system.today))
    _sent(world)
    assert len(_states(world)) == 1


def test_only_those_addressed_get_it(world: World) -> None:
    mine, other = _deputy(world), _deputy(world, "o-2", name="李四")
    station = world.create_station(deputies=(mine,))
    world.deputy(world.other_township, name="赵六")
    _sent(world, audience="station", audience_id=station.id)
    assert world.system.session.scalars(select(NoticeDelivery.person_id)).all() == [mine.person_id]
    assert notices.list_mine(world.ctx_of(other))[1] == 0


# --- credits ----------------------------------------------------------------------------------------


def test_a_one_time_credit_adds_up_and_is_counted_once_a_report(world: World) -> None:
    assert _allow(world, "o-1", OPINION, key="same")
    assert not _allow(world, "o-1", OPINION, key="same")
    _allow(world, "o-1", OPINION)
    assert _balance(world, "o-1", OPINION) == 2
    _allow(world, "o-1", OPINION, result="reject")
    assert _balance(world, "o-1", OPINION) == 2


def test_a_long_term_credit_is_on_or_off(world: World) -> None:
    for _ in range(3):
        _allow(world, "o-1")
    assert _balance(world, "o-1") == 1
    _allow(world, "o-1", result="reject")
    assert _balance(world, "o-1") == 0
    _allow(world, "o-1")
    assert _balance(world, "o-1") == 1
    _allow(world, "o-1", result="ban")
    assert _balance(world, "o-1") == 0


def test_every_report_of_a_subscription_is_kept(world: World) -> None:
    for result in ("accept", "reject", "filter"):
        _allow(world, "o-1", result=result)
    assert world.system.session.scalar(select(func.count()).select_from(SubscriptionEvent)) == 3


def test_a_long_term_credit_survives_a_push_and_a_one_time_one_is_spent(world: World) -> None:
    _deputy(world)
    _claim(world, _sent(world))
    assert _balance(world, "o-1") == 1
    notices.claim_word(world.system, _word(world))
    assert _balance(world, "o-r", OPINION) == 0


# --- pushing ----------------------------------------------------------------------------------------


def test_a_claim_leases_each_delivery_once_with_its_fields(world: World) -> None:
    _deputy(world)
    notice = _sent(world, place="镇政府三楼", starts_at=world.clock() + timedelta(days=4))
    push = _claim(world, notice)[0]
    assert (push.openid, push.template_id) == ("o-1", NOTICE)
    assert push.data == {"thing1": "小组会议", "thing2": "白鹿县青石镇", "time3": "2026年11月27日 09:00", "thing4": "镇政府三楼"}
    assert push.page.endswith(f"id={notice.id}")
    assert _claim(world, notice) == []
    assert _states(world) == [("sending", None)]


def test_a_word_tells_number_step_and_time(world: World) -> None:
    push = notices.claim_word(world.system, _word(world)).pushes[0]
    assert push.data == {"character_string1": "YJ9901011012026000001", "phrase2": "已受理",
                         "thing3": "工作人员已受理您的意见", "time4": "2026年11月23日 09:00"}


def test_a_word_of_one_step_is_queued_once(world: World) -> None:
    word = _word(world)
    row = world.system.session.get_one(OpinionWord, word)
    notices.queue_word(world.system, account_id=row.account_id, opinion_id=row.opinion_id, cause=row.cause,
                       phrase="已受理", detail="再来一次")
    assert world.system.session.scalar(select(func.count()).select_from(OpinionWord)) == 1


@pytest.mark.parametrize(("openid", "subscribed", "reason"), [
    (None, False, "not_bound"), ("o-r", False, "not_subscribed")])
def test_a_word_nobody_can_get_is_unreachable_with_its_reason(
        world: World, openid: str | None, subscribed: bool, reason: str) -> None:
    word = _word(world, openid, subscribed=subscribed)
    assert notices.claim_word(world.system, word).pushes == []
    row = world.system.session.get_one(OpinionWord, word)
    assert (row.state, row.reason) == ("unreachable", reason)


def test_a_subscription_withdrawn_after_sending_puts_the_person_on_the_phone_list(world: World) -> None:
    _deputy(world)
    notice = _sent(world)
    _allow(world, "o-1", result="reject")
    assert _claim(world, notice) == []
    assert _states(world) == [("unreachable", "not_subscribed")]


def test_an_accepted_push_waits_for_its_event_and_is_settled_by_it(world: World) -> None:
    _deputy(world)
    push = _claim(world, _sent(world))[0]
    notices.settle_accepted(world.system, notices.DELIVERIES, push)
    assert _states(world) == [("accepted", None)]
    notices.record_sent_event(world.system, openid="o-1", template_id=NOTICE, error_code="0")
    assert _states(world) == [("delivered", None)]


def test_an_event_that_came_before_the_answer_is_not_forgotten(world: World) -> None:
    _deputy(world)
    push = _claim(world, _sent(world))[0]
    notices.record_sent_event(world.system, openid="o-1", template_id=NOTICE, error_code="0")
    notices.settle_accepted(world.system, notices.DELIVERIES, push)
    assert _states(world) == [("delivered", None)]


def test_an_event_of_a_blocked_user_is_a_failure(world: World) -> None:
    _deputy(world)
    notices.settle_accepted(world.system, notices.DELIVERIES, _claim(world, _sent(world))[0])
    notices.record_sent_event(world.system, openid="o-1", template_id=NOTICE, error_code="10003")
    assert _states(world) == [("rejected", "user_block")]


@pytest.mark.parametrize("openid", ["o-1", "o-unknown"])
def test_an_event_that_fits_no_push_changes_nothing(world: World, openid: str) -> None:
    _deputy(world)
    _sent(world)
    notices.record_sent_event(world.system, openid=openid, template_id=NOTICE, error_code="0")
    assert _states(world) == [("queued", None)]


def test_a_refusal_for_want_of_a_subscription_empties_the_credit(world: World) -> None:
    _deputy(world)
    notices.settle_refused(world.system, notices.DELIVERIES, _claim(world, _sent(world))[0], "not_subscribed")
    assert (_states(world), _balance(world, "o-1")) == ([("rejected", "not_subscribed")], 0)


def test_another_refusal_gives_a_one_time_credit_back(world: World) -> None:
    push = notices.claim_word(world.system, _word(world)).pushes[0]
    notices.settle_refused(world.system, notices.WORDS, push, "template_invalid")
    assert _balance(world, "o-r", OPINION) == 1


def test_a_postponed_push_is_queued_again_a_little_later_with_its_credit(world: World) -> None:
    word = _word(world)
    push = notices.claim_word(world.system, word).pushes[0]
    assert notices.settle_postponed(world.system, notices.WORDS, push, "RateLimited")
    assert _balance(world, "o-r", OPINION) == 1
    assert notices.claim_word(world.system, word).pushes == []
    world.clock.advance(seconds=20)
    assert len(notices.claim_word(world.system, word).pushes) == 1


def test_after_the_last_attempt_a_postponed_push_has_expired(world: World) -> None:
    _deputy(world)
    notice = _sent(world)
    outcomes = []
    for _ in range(notices.MAX_ATTEMPTS):
        outcomes.append(notices.settle_postponed(world.system, notices.DELIVERIES, _claim(world, notice)[0], "Busy"))
        world.clock.advance(minutes=5)
    assert outcomes == [True, True, True, False]
    assert _states(world) == [("rejected", "expired")]


def test_an_uncertain_push_is_never_queued_again_but_its_event_still_settles_it(world: World) -> None:
    _deputy(world)
    notice = _sent(world)
    notices.settle_uncertain(world.system, notices.DELIVERIES, _claim(world, notice)[0])
    world.clock.advance(hours=2)
    assert notices.sweep_pushes(world.system) == []
    assert _claim(world, notice) == []
    assert _states(world) == [("uncertain", "no_event")]
    notices.record_sent_event(world.system, openid="o-1", template_id=NOTICE, error_code="0")
    assert _states(world) == [("delivered", None)]


def test_the_sweep_calls_an_interrupted_push_uncertain_and_never_queues_it(world: World) -> None:
    _deputy(world)
    notice = _sent(world)
    _claim(world, notice)
    world.clock.advance(seconds=89)
    notices.sweep_pushes(world.system)
    assert _states(world) == [("sending", None)]
    world.clock.advance(seconds=1)
    assert notices.sweep_pushes(world.system) == []
    assert _states(world) == [("uncertain", "interrupted")]
    assert _claim(world, notice) == []


def test_the_sweep_calls_an_accepted_push_without_event_uncertain(world: World) -> None:
    _deputy(world)
    notices.settle_accepted(world.system, notices.DELIVERIES, _claim(world, _sent(world))[0])
    world.clock.advance(minutes=16)
    notices.sweep_pushes(world.system)
    assert _states(world) == [("uncertain", "no_event")]


def test_the_sweep_names_the_notices_that_still_wait(world: World) -> None:
    _deputy(world)
    notice = _sent(world)
    assert notices.sweep_pushes(world.system) == [notice.id]
    _claim(world, notice)
    assert notices.sweep_pushes(world.system) == []


def test_a_word_that_was_postponed_is_named_by_the_sweep_once_it_is_due(world: World) -> None:
    word = _word(world)
    push = notices.claim_word(world.system, word).pushes[0]
    notices.settle_postponed(world.system, notices.WORDS, push, "RateLimited")
    assert notices.list_postponed_words(world.system) == []
    world.clock.advance(seconds=20)
    assert notices.list_postponed_words(world.system) == [word]


# --- readers ----------------------------------------------------------------------------------------


def test_reading_and_confirming_keep_their_first_moment(world: World) -> None:
    deputy = _deputy(world)
    notice = _sent(world)
    assert notices.count_unread(world.ctx_of(deputy)) == 1
    first = world.clock()
    assert notices.mark_read(world.ctx_of(deputy), notice.id).delivery.read_at == first  # type: ignore[union-attr]
    world.clock.advance(hours=1)
    confirmed = notices.confirm(world.ctx_of(deputy), notice.id).delivery
    world.clock.advance(hours=1)
    again = notices.confirm(world.ctx_of(deputy), notice.id).delivery
    assert confirmed is not None
    assert again is not None
    assert (again.read_at, again.confirmed_at) == (first, first + timedelta(hours=1))
    assert notices.count_unread(world.ctx_of(deputy)) == 0


def test_a_confirmation_counts_as_read(world: World) -> None:
    deputy = _deputy(world)
    notice = _sent(world)
    notices.confirm(world.ctx_of(deputy), notice.id)
    assert [card.notice.id for card in notices.list_mine(world.ctx_of(deputy), unread=False)[0]] == [notice.id]
    assert notices.list_mine(world.ctx_of(deputy), unread=True)[1] == 0


def test_a_draft_is_nobodys_notice(world: World) -> None:
    deputy = _deputy(world)
    notice = _draft(world)
    with pytest.raises(NotFound):
        notices.mark_read(world.ctx_of(deputy), notice.id)


def test_a_bulletin_is_read_by_residents_of_its_region_only(world: World) -> None:
    here, there = world.resident(), world.resident(world.other_village)
    notice = _sent(world, kind="bulletin", audience="residents")
    county = notices.send(ctx := world.ctx_of(world.staff("county_office")),
                          notices.create_draft(ctx, _form(kind="bulletin", audience="residents")).id)
    assert {card.notice.id for card in notices.list_mine(world.ctx_of(here))[0]} == {notice.id, county.id}
    assert {card.notice.id for card in notices.list_mine(world.ctx_of(there))[0]} == {county.id}
    assert notices.mark_read(world.ctx_of(here), notice.id).delivery is None
    with pytest.raises(NotFound):
        notices.get_mine(world.ctx_of(there), notice.id)


def test_a_resident_reads_no_deputies_notice(world: World) -> None:
    _deputy(world)
    notice = _sent(world)
    with pytest.raises(NotFound):
        notices.get_mine(world.ctx_of(world.resident()), notice.id)


# --- the clerk --------------------------------------------------------------------------------------


def test_the_phone_list_shrinks_by_reading_and_by_phoning(world: World) -> None:
    reader = _deputy(world, "o-1", subscribed=False)
    world.create_person(name="未登录")
    clerk = world.ctx_of(world.staff())
    notice = notices.send(clerk, notices.create_draft(clerk, _form()).id)
    lines, total = notices.list_deliveries(clerk, notice, only="phone")
    assert total == 2
    assert {line.reason_name for line in lines} == {"未订阅或订阅已用完", "未登录过小程序"}
    notices.mark_read(world.ctx_of(reader), notice.id)
    left = notices.list_deliveries(clerk, notice, only="phone")[0]
    assert [line.name for line in left] == ["未登录"]
    phoned = notices.mark_phoned(clerk, left[0].delivery.id)
    assert phoned.phoned_by == clerk.actor.staff_id
    clerk.session.flush()
    assert notices.list_deliveries(clerk, notice, only="phone")[1] == 0
    figures = notices.count_deliveries(clerk, notice)
    assert (figures.people, figures.read, figures.failed, figures.to_phone, figures.phoned) == (2, 1, 2, 0, 1)


def test_the_figures_of_the_list_and_of_the_page_agree(world: World) -> None:
    one, two = _deputy(world, "o-1"), _deputy(world, "o-2", name="李四")
    notice = _sent(world)
    for push in _claim(world, notice):
        notices.settle_accepted(world.system, notices.DELIVERIES, push)
    notices.record_sent_event(world.system, openid="o-1", template_id=NOTICE, error_code="0")
    notices.confirm(world.ctx_of(one), notice.id)
    notices.mark_read(world.ctx_of(two), notice.id)
    clerk = world.ctx_of(world.staff())
    clerk.session.flush()
    line = notices.list_for_staff(clerk)[0][0]
    figures = notices.count_deliveries(clerk, notice)
    assert (line.people, line.delivered, line.read, line.confirmed, line.to_phone) == (2, 1, 2, 1, 0)
    assert (figures.people, figures.delivered, figures.read, figures.confirmed, figures.to_phone) == (2, 1, 2, 1, 0)
    assert (figures.pushed, figures.waiting) == (2, 0)


@pytest.mark.parametrize(("only", "names"), [("", ["王建国", "李四"]), ("unread", ["李四"]), ("unconfirmed", ["李四"])])
def test_deliveries_are_filtered(world: World, only: str, names: list[str]) -> None:
    one = _deputy(world, "o-1")
    _deputy(world, "o-2", name="李四")
    notice = _sent(world)
    notices.confirm(world.ctx_of(one), notice.id)
    clerk = world.ctx_of(world.staff())
    clerk.session.flush()
    assert [line.name for line in notices.list_deliveries(clerk, notice, only=only)[0]] == names


def test_another_township_sees_no_notice_and_phones_nobody(world: World) -> None:
    world.create_person()
    notice = _sent(world)
    delivery = world.system.session.scalars(select(NoticeDelivery.id)).one()
    foreign = world.ctx_of(world.staff(region=world.other_township))
    assert notices.list_for_staff(foreign) == ([], 0)
    for act in (lambda: notices.get_for_staff(foreign, notice.id), lambda: notices.mark_phoned(foreign, delivery)):
        with pytest.raises(NotFound):
            act()


def test_audiences_are_named_in_words(world: World) -> None:
    _deputy(world)
    group, station = world.group(), world.create_station()
    names = [notices.audience_name(world.system, _draft(world, **changes)) for changes in (
        {"audience": "group", "audience_id": group.id}, {"audience": "station", "audience_id": station.id}, {},
        {"audience": "residents"})]
    assert names == ["第一代表小组成员", "青石镇人大代表工作站驻站代表", "本辖区全体代表", "本辖区群众（公开）"]


def test_templates_of_the_platform_are_stored_once(world: World) -> None:
    assert notices.sync_templates(world.system) == notices.sync_templates(world.system) == 2
    stored = world.system.session.scalars(select(notices.MessageTemplate).order_by(notices.MessageTemplate.id)).all()
    assert [(row.id, row.is_long_term, row.appid) for row in stored] == [
        (NOTICE, True, MINI_APPID), (OPINION, False, MINI_APPID)]
