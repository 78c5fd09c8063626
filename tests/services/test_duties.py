"""Reported duties and their two checks."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from models.duties import DutyPhoto, DutyRecord
from models.points import PointBlock, PointEntry, PointRule, PointRuleSet
from services import duties, media, regions
from services.context import Actor
from services.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories import World

TODAY = date(2026, 11, 23)


def _form(world: World, deputy: Actor, **changes: object) -> duties.DutyReport:
    photo = media.take_photo(world.ctx_of(deputy), content=world.photo_bytes(), purpose="duty").id
    values: dict[str, object] = {"item_code": "C2", "occurred_on": TODAY, "title": "走访三户", "content": "了解饮水",
                                 "photo_ids": (photo,)}
    return duties.DutyReport(**(values | changes))  # type: ignore[arg-type]


def _report(world: World, deputy: Actor, key: str = "key-1", **changes: object) -> DutyRecord:
    return duties.report(world.ctx_of(deputy), _form(world, deputy, **changes), idempotency=key)


def _entries(world: World) -> list[int]:
    return list(world.system.session.scalars(select(PointEntry.amount_half).order_by(PointEntry.id)))


def test_a_report_with_a_photo_waits_for_the_first_check_and_earns_nothing_yet(world: World) -> None:
    deputy = world.deputy()
    duty = _report(world, deputy)
    assert (duty.state, duty.source, duty.region_id) == ("submitted", "self", world.township.id)
    assert duties.photo_ids(world.system, duty.id)
    assert _entries(world) == []


@pytest.mark.parametrize(("changes", "code"), [
    ({"photo_ids": ()}, "duty_needs_photo"), ({"item_code": "C1"}, "duty_item_not_reported"),
    ({"item_code": "Z9"}, "field_not_a_choice"), ({"title": " "}, "invalid_input"),
    ({"title": "题" * 61}, "invalid_input"), ({"occurred_on": TODAY + timedelta(days=1)}, "duty_in_future"),
    ({"occurred_on": TODAY - timedelta(days=31)}, "duty_too_old"), ({"photo_ids": (10**9,)}, "photo_unknown")])
def test_each_mistake_of_a_report_is_refused(world: World, changes: dict[str, object], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        _report(world, world.deputy(), **changes)


@pytest.mark.parametrize("changes", [
    {"occurred_on": TODAY - timedelta(days=30)}, {"title": "题" * 60}, {"photo_ids": (), "by_chat": True}])
def test_the_ends_of_what_is_allowed_are_allowed(world: World, changes: dict[str, object]) -> None:
    assert _report(world, world.deputy(), **changes).state == "submitted"


def test_the_days_to_report_are_the_regions(world: World) -> None:
    regions.set_setting(world.system, world.township, name="duty.report_within_days", value=3,
                        effective_on=date(2026, 1, 1))
    with pytest.raises(Invalid, match="duty_too_old") as refused:
        _report(world, world.deputy(), occurred_on=TODAY - timedelta(days=4))
    assert "3天" in refused.value.message


def test_a_foreign_photo_is_no_evidence(world: World) -> None:
    other = world.deputy(name="李四")
    photo = media.take_photo(world.ctx_of(other), content=world.photo_bytes(), purpose="duty").id
    with pytest.raises(Invalid, match="photo_unknown"):
        _report(world, world.deputy(), photo_ids=(photo,))


def test_the_same_report_sent_twice_is_one_record(world: World) -> None:
    deputy = world.deputy()
    first, again = _report(world, deputy), _report(world, deputy)
    assert first.id == again.id
    assert _report(world, deputy, "key-2").id != first.id
    assert world.system.session.scalar(select(func.count()).select_from(DutyPhoto)) == 2


def test_the_same_key_of_two_deputies_is_two_records(world: World) -> None:
    assert _report(world, world.deputy()).id != _report(world, world.deputy(name="李四")).id


def test_two_people_check_and_then_the_points_are_posted(world: World) -> None:
    duty = _report(world, world.deputy())
    assert duties.first_check(world.ctx_of(world.staff()), duty.id).state == "first_checked"
    assert _entries(world) == []
    chair = world.staff("township_chair")
    duties.second_check(world.ctx_of(chair), duty.id)
    assert (duty.state, duty.second_checked_by) == ("confirmed", chair.staff_id)
    assert _entries(world) == [1]
    assert duties.describe(world.system, [duty])[0].points_display == "+0.5 分"


def test_one_person_never_checks_twice(world: World) -> None:
    duty, clerk = _report(world, world.deputy()), world.staff()
    duties.first_check(world.ctx_of(clerk), duty.id)
    with pytest.raises(Conflict, match="duty_same_checker"):
        duties.second_check(world.ctx_of(clerk), duty.id)
    assert (duty.state, _entries(world)) == ("first_checked", [])


def test_the_second_check_waits_for_the_first(world: World) -> None:
    duty = _report(world, world.deputy())
    with pytest.raises(Conflict, match="duty_decided"):
        duties.second_check(world.ctx_of(world.staff()), duty.id)


def test_a_checked_record_is_not_checked_again(world: World) -> None:
    duty = _report(world, world.deputy())
    one, two = world.ctx_of(world.staff()), world.ctx_of(world.staff())
    duties.first_check(one, duty.id)
    with pytest.raises(Conflict, match="duty_decided"):
        duties.first_check(two, duty.id)
    duties.second_check(two, duty.id)
    for act in (lambda: duties.second_check(two, duty.id), lambda: duties.reject(two, duty.id, reason="重复")):
        with pytest.raises(Conflict, match="duty_decided"):
            act()
    assert _entries(world) == [1]


def test_the_chair_does_not_check_first(world: World) -> None:
    duty = _report(world, world.deputy())
    with pytest.raises(Forbidden):
        duties.first_check(world.ctx_of(world.staff("township_chair")), duty.id)


@pytest.mark.parametrize("checked", [False, True])
def test_either_check_may_refuse_with_a_reason_the_deputy_reads(world: World, checked: bool) -> None:
    deputy = world.deputy()
    duty = _report(world, deputy)
    if checked:
        duties.first_check(world.ctx_of(world.staff()), duty.id)
    with pytest.raises(Invalid, match="reason_required"):
        duties.reject(world.ctx_of(world.staff()), duty.id, reason=" ")
    duties.reject(world.ctx_of(world.staff()), duty.id, reason="照片不清")
    mine = duties.get_mine(world.ctx_of(deputy), duty.id)
    assert (mine.state_name, mine.duty.reject_reason, _entries(world)) == ("未通过", "照片不清", [])


def test_an_event_is_recorded_once_with_its_points(world: World) -> None:
    deputy = world.deputy()
    made = [duties.record_event(world.system, person_id=deputy.person_id or 0, item_code="C4", source="answer",
                                cause="answer:7", title="按期答复", occurred_on=TODAY) for _ in range(2)]
    assert made[0].id == made[1].id
    assert (made[0].state, _entries(world)) == ("confirmed", [1])


def test_a_deputy_sees_only_the_own_records_of_the_year(world: World) -> None:
    deputy, other = world.deputy(), world.deputy(name="李四")
    duty = _report(world, deputy)
    _report(world, other)
    assert [line.duty.id for line in duties.list_mine(world.ctx_of(deputy), year=2026, page=1, page_size=9)[0]] == [
        duty.id]
    assert duties.list_mine(world.ctx_of(deputy), year=2025, page=1, page_size=9)[1] == 0
    with pytest.raises(NotFound):
        duties.get_mine(world.ctx_of(other), duty.id)


def test_staff_filter_by_state_and_search(world: World) -> None:
    deputy, clerk = world.deputy(), world.ctx_of(world.staff())
    first, second = _report(world, deputy, "a"), _report(world, deputy, "b", title="调解纠纷")
    duties.reject(clerk, second.id, reason="不符")
    clerk.session.flush()
    assert [line.duty.id for line in duties.list_for_staff(clerk, state="open")[0]] == [first.id]
    assert [line.duty.id for line in duties.list_for_staff(clerk, state="rejected")[0]] == [second.id]
    assert [line.duty.id for line in duties.list_for_staff(clerk, search="调解")[0]] == [second.id]
    assert duties.list_for_staff(clerk, search="王建国")[1] == 2


def test_confirmed_duties_are_counted_by_kind_for_the_public(world: World) -> None:
    deputy = world.deputy()
    for number in range(2):
        duties.record_event(world.system, person_id=deputy.person_id or 0, item_code="C1", source="visit",
                            cause=f"visit:{number}", title="接待", occurred_on=TODAY)
    _report(world, deputy)
    assert duties.counts_by_item(world.system, deputy.person_id or 0, 2026) == [("C1", 2)]


def test_where_nobody_keeps_points_the_records_are_still_readable(world: World) -> None:
    deputy = world.deputy()
    session = world.system.session
    for table in (PointRule, PointBlock, PointRuleSet):
        session.execute(table.__table__.delete())  # type: ignore[attr-defined]
    duty = duties.record_event(world.system, person_id=deputy.person_id or 0, item_code="C1", source="visit",
                               cause="visit:1", title="接待", occurred_on=TODAY)
    lines = duties.list_for_staff(world.ctx_of(world.staff()))[0]
    assert [(line.duty.id, line.item_name, line.points_display) for line in lines] == [(duty.id, "C1", None)]
