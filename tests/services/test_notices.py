"""Notices: audience, forecast, readers, and the clerk's figures."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.deputies import GroupMember, Mandate
from models.notices import NoticeDelivery, SubscriptionEvent
from models.outbox import OutboxMessage
from services import audiences, notice_reading, notices, schedule
from services.errors import Conflict, DomainError, Forbidden, Invalid, NotFound
from tests.factories import World
from tests.services.reachable import (
    NOTICE,
    allow,
    balance,
    build_form,
    claim_all,
    create_deputy,
    create_draft,
    send_one,
    states,
)


@pytest.mark.parametrize(("changes", "error", "code"), [
    ({"title": " "}, Invalid, "notice_empty"), ({"body": ""}, Invalid, "notice_empty"),
    ({"title": "题" * 61}, Invalid, "notice_title_long"), ({"kind": "party"}, Invalid, "field_not_a_choice"),
    ({"audience": "everybody"}, Invalid, "audience_unknown"), ({"audience": "group"}, NotFound, "not_found"),
    ({"audience": "station", "audience_id": 10**6}, NotFound, "not_found")])
def test_each_mistake_of_a_notice_is_refused(
        world: World, changes: dict[str, object], error: type[DomainError], code: str) -> None:
    with pytest.raises(error, match=code):
        create_draft(world, **changes)


def test_a_foreign_group_is_no_audience(world: World) -> None:
    group = world.group(region=world.other_township)
    with pytest.raises(NotFound):
        create_draft(world, audience="group", audience_id=group.id)


def test_a_draft_is_edited_until_it_is_sent(world: World) -> None:
    create_deputy(world)
    ctx = world.ctx_of(world.staff())
    notice = notices.create_draft(ctx, build_form())
    assert notices.update_draft(ctx, notice.id, build_form(title="改期")).title == "改期"
    notices.send(ctx, notice.id)
    for act in (lambda: notices.update_draft(ctx, notice.id, build_form()), lambda: notices.send(ctx, notice.id)):
        with pytest.raises(Conflict, match="notice_sent"):
            act()


def many(world: World, people: int) -> notices.Notice:
    for _ in range(people):
        world.create_person()
    return create_draft(world)


@pytest.mark.parametrize(("people", "is_refused"), [
    (notices.MOST_WITHOUT_SENDER, False), (notices.MOST_WITHOUT_SENDER + 1, True)])
def test_many_people_are_promised_nothing_while_no_worker_lives(
        world: World, people: int, is_refused: bool) -> None:
    notice, ctx = many(world, people), world.ctx_of(world.staff())
    if not is_refused:
        assert notices.send(ctx, notice.id).state == "sent"
        return
    with pytest.raises(Conflict, match="notice_sender_away"):
        notices.send(ctx, notice.id)
    assert notice.state == "draft"
    schedule.beat(world.system, "worker:1")
    notices.send(ctx, notice.id)
    world.clock.advance(minutes=5)
    with pytest.raises(Conflict, match="notice_sender_away"):
        notices.approve(world.ctx_of(world.staff("township_chair")), notice.id)
    assert notice.state == "awaiting_approval"


def test_roles_without_the_right_send_nothing(world: World) -> None:
    for role in ("auditor", "admin", "handling_unit"):
        with pytest.raises(Forbidden):
            notices.create_draft(world.ctx_of(world.staff(role)), build_form())


def test_a_notice_without_readers_is_not_sent(world: World) -> None:
    with pytest.raises(Invalid, match="notice_no_audience"):
        send_one(world)


def test_the_forecast_tells_channels_and_reasons(world: World) -> None:
    create_deputy(world, "o-1")
    create_deputy(world, "o-2", subscribed=False, name="李四")
    world.deputy(name="未绑定")
    world.create_person(name="未登录")
    found = audiences.forecast(world.system, create_draft(world))
    assert found.people == 4
    assert found.by_channel == {"subscription": 1, "phone_list": 3}
    assert found.by_reason == {"not_subscribed": 1, "not_bound": 1, "not_claimed": 1}


def test_the_forecast_changes_nothing(world: World) -> None:
    create_deputy(world)
    audiences.forecast(world.system, create_draft(world))
    assert (balance(world, "o-1"), states(world)) == (1, [])


def test_sending_makes_one_delivery_a_person_and_announces_it(world: World) -> None:
    create_deputy(world)
    world.create_person(name="未登录")
    notice = send_one(world)
    assert states(world) == [("queued", None), ("unreachable", "not_claimed")]
    topics = world.system.session.execute(select(OutboxMessage.topic, OutboxMessage.payload)).all()
    assert topics == [("notice.sent", {"notice_id": notice.id})]


def test_somebody_who_joins_later_does_not_get_it(world: World) -> None:
    member, later = create_deputy(world), create_deputy(world, "o-2", name="李四")
    group = world.group(member)
    notice = send_one(world, audience="group", audience_id=group.id)
    world.system.session.add(GroupMember(group_id=group.id, person_id=later.person_id))
    world.system.session.flush()
    assert len(claim_all(world, notice)) == 1
    with pytest.raises(NotFound):
        notice_reading.get_mine(world.ctx_of(later), notice.id)


def test_two_mandates_of_one_person_are_one_delivery(world: World) -> None:
    deputy = create_deputy(world)
    session = world.system.session
    session.add(Mandate(person_id=deputy.person_id, congress_id=world.congress(world.county).id,
                        began_on=world.system.today))
    send_one(world)
    assert len(states(world)) == 1


def test_only_those_addressed_get_it(world: World) -> None:
    mine, other = create_deputy(world), create_deputy(world, "o-2", name="李四")
    station = world.create_station(deputies=(mine,))
    world.deputy(world.other_township, name="赵六")
    send_one(world, audience="station", audience_id=station.id)
    assert world.system.session.scalars(select(NoticeDelivery.person_id)).all() == [mine.person_id]
    assert notice_reading.list_mine(world.ctx_of(other))[1] == 0


def test_every_report_of_a_subscription_is_kept(world: World) -> None:
    for result in ("accept", "reject", "filter"):
        allow(world, "o-1", result=result)
    assert world.system.session.scalar(select(func.count()).select_from(SubscriptionEvent)) == 3


def test_a_claim_leases_each_delivery_once_with_its_fields(world: World) -> None:
    create_deputy(world)
    notice = send_one(world, place="镇政府三楼", starts_at=world.clock() + timedelta(days=4))
    push = claim_all(world, notice)[0]
    assert (push.openid, push.template_id) == ("o-1", NOTICE)
    assert push.data == {"thing1": "小组会议", "thing2": "白鹿县青石镇", "time3": "2026年11月27日 09:00", "thing4": "镇政府三楼"}
    assert push.page.endswith(f"id={notice.id}")
    assert claim_all(world, notice) == []
    assert states(world) == [("sending", None)]


def test_a_subscription_withdrawn_after_sending_puts_the_person_on_the_phone_list(world: World) -> None:
    create_deputy(world)
    notice = send_one(world)
    allow(world, "o-1", result="reject")
    assert claim_all(world, notice) == []
    assert states(world) == [("unreachable", "not_subscribed")]


def test_reading_and_confirming_keep_their_first_moment(world: World) -> None:
    deputy = create_deputy(world)
    notice = send_one(world)
    assert notice_reading.count_unread(world.ctx_of(deputy)) == 1
    first = world.clock()
    assert notice_reading.mark_read(world.ctx_of(deputy), notice.id).delivery.read_at == first  # type: ignore[union-attr]
    world.clock.advance(hours=1)
    confirmed = notice_reading.confirm(world.ctx_of(deputy), notice.id).delivery
    world.clock.advance(hours=1)
    again = notice_reading.confirm(world.ctx_of(deputy), notice.id).delivery
    assert confirmed is not None
    assert again is not None
    assert (again.read_at, again.confirmed_at) == (first, first + timedelta(hours=1))
    assert notice_reading.count_unread(world.ctx_of(deputy)) == 0


def test_a_confirmation_counts_as_read(world: World) -> None:
    deputy = create_deputy(world)
    notice = send_one(world)
    notice_reading.confirm(world.ctx_of(deputy), notice.id)
    assert [line.id for line in notice_reading.list_mine(world.ctx_of(deputy), unread=False)[0]] == [notice.id]
    assert notice_reading.list_mine(world.ctx_of(deputy), unread=True)[1] == 0


def test_a_draft_is_nobodys_notice(world: World) -> None:
    deputy = create_deputy(world)
    notice = create_draft(world)
    with pytest.raises(NotFound):
        notice_reading.mark_read(world.ctx_of(deputy), notice.id)


def test_a_bulletin_is_read_by_residents_of_its_region_only(world: World) -> None:
    here, there = world.resident(), world.resident(world.other_village)
    notice = send_one(world, kind="bulletin", audience="residents")
    county = notices.send(ctx := world.ctx_of(world.staff("county_office")),
                          notices.create_draft(ctx, build_form(kind="bulletin", audience="residents")).id)
    assert {line.id for line in notice_reading.list_mine(world.ctx_of(here))[0]} == {notice.id, county.id}
    assert {line.id for line in notice_reading.list_mine(world.ctx_of(there))[0]} == {county.id}
    assert notice_reading.mark_read(world.ctx_of(here), notice.id).delivery is None
    with pytest.raises(NotFound):
        notice_reading.get_mine(world.ctx_of(there), notice.id)


def test_a_resident_reads_no_deputies_notice(world: World) -> None:
    create_deputy(world)
    notice = send_one(world)
    with pytest.raises(NotFound):
        notice_reading.get_mine(world.ctx_of(world.resident()), notice.id)


def test_the_phone_list_shrinks_by_reading_and_by_phoning(world: World) -> None:
    reader = create_deputy(world, "o-1", subscribed=False)
    world.create_person(name="未登录")
    clerk = world.ctx_of(world.staff())
    notice = notices.send(clerk, notices.create_draft(clerk, build_form()).id)
    lines, total = notices.list_deliveries(clerk, notice, only="phone")
    assert total == 2
    assert {line.reason_name for line in lines} == {"未订阅或订阅已用完", "未登录过小程序"}
    notice_reading.mark_read(world.ctx_of(reader), notice.id)
    left = notices.list_deliveries(clerk, notice, only="phone")[0]
    assert [line.name for line in left] == ["未登录"]
    phoned = notices.mark_phoned(clerk, notice.id, left[0].delivery.id)
    assert phoned.phoned_by == clerk.actor.staff_id
    clerk.session.flush()
    assert notices.list_deliveries(clerk, notice, only="phone")[1] == 0
    figures = notices.count_deliveries(clerk, notice)
    assert (figures.people, figures.read, figures.failed, figures.to_phone, figures.phoned) == (2, 1, 2, 0, 1)


@pytest.mark.parametrize(("only", "names"), [("", ["王建国", "李四"]), ("unread", ["李四"]), ("unconfirmed", ["李四"])])
def test_deliveries_are_filtered(world: World, only: str, names: list[str]) -> None:
    one = create_deputy(world, "o-1")
    create_deputy(world, "o-2", name="李四")
    notice = send_one(world)
    notice_reading.confirm(world.ctx_of(one), notice.id)
    clerk = world.ctx_of(world.staff())
    clerk.session.flush()
    assert [line.name for line in notices.list_deliveries(clerk, notice, only=only)[0]] == names


def test_another_township_sees_no_notice_and_phones_nobody(world: World) -> None:
    person = world.create_person()
    notice = send_one(world)
    delivery = world.system.session.scalars(select(NoticeDelivery.id)).one()
    foreign = world.ctx_of(world.staff(region=world.other_township))
    assert notices.list_for_staff(foreign) == ([], 0)
    for act in (lambda: notices.get_for_staff(foreign, notice.id),
                lambda: notices.mark_phoned(foreign, notice.id, delivery),
                lambda: notices.reveal_phone(foreign, notice.id, person.id, reason="电话通知")):
        with pytest.raises(NotFound):
            act()


def test_a_number_is_shown_only_of_somebody_the_notice_is_for(world: World) -> None:
    deputy, group = world.deputy(), world.group()
    notice = send_one(world)
    late = world.create_person(name="李四")
    clerk = world.ctx_of(world.staff())
    name, number = notices.reveal_phone(clerk, notice.id, deputy.person_id or 0, reason="电话通知")
    assert (name, number[:3]) == ("王建国", "138")
    with pytest.raises(NotFound):
        notices.reveal_phone(clerk, notice.id, late.id, reason="电话通知")
    draft = create_draft(world, audience="group", audience_id=group.id)
    with pytest.raises(NotFound):
        notices.reveal_phone(clerk, draft.id, deputy.person_id or 0, reason="电话通知")


def test_audiences_are_named_in_words(world: World) -> None:
    create_deputy(world)
    group, station = world.group(), world.create_station()
    names = [audiences.name_in_words(world.system, create_draft(world, **changes)) for changes in (
        {"audience": "group", "audience_id": group.id}, {"audience": "station", "audience_id": station.id}, {},
        {"audience": "residents"})]
    assert names == ["第一代表小组成员", "青石镇人大代表工作站驻站代表", "本辖区全体代表", "本辖区群众（公开）"]
