"""Care of the roster one deputy at a time."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from models.audit import AuditRow
from models.deputies import Mandate, Person
from models.identity import Account, LoginSession
from models.outbox import OutboxMessage
from models.points import PointEntry
from models.stations import ReceptionDeputy
from services import access, audiences, audit, deputies, duties, identity, notices, persons, points, reports, stations
from services.context import ANONYMOUS, Context
from services.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from services.persons import DeputyForm, FactsForm, MandateForm, MoveForm
from tests.factories import World

TODAY = date(2026, 11, 23)
NEW = "13922220000"


def _clerk(world: World) -> Context:
    return world.ctx_of(world.staff())


def _office(world: World) -> Context:
    return world.ctx_of(world.staff("county_office"))


def _written(world: World, action: str) -> AuditRow:
    audit.seal(world.system)
    return world.system.session.scalars(select(AuditRow).where(AuditRow.action == action)).one()


def _phone(world: World, person_id: int) -> str:
    return identity.reveal_phone(_clerk(world), person_id, reason="测试")


# --- a new deputy -----------------------------------------------------------------------------------


def _form(**changes: str) -> DeputyForm:
    return DeputyForm(**({"name": "王建国", "phone": "139 1111 0000", "level": "township", "term_no": "第18届",
                          "title": "支书", "deputy_no": "18-001", "constituency": "第1选区",
                          "delegation": "第一代表团"} | changes))


def test_a_deputy_entered_by_a_form_is_one_as_if_imported(world: World) -> None:
    clerk = _clerk(world)
    person_id = persons.add_deputy(clerk, world.township.id, _form())
    card = deputies.get_for_staff(clerk, person_id)
    assert (card.name, card.title, card.phone_masked) == ("王建国", "支书", "139****0000")
    (mandate,) = card.mandates
    assert (mandate.level, mandate.term_no, mandate.constituency, mandate.delegation, mandate.deputy_no) == (
        "township", 18, "第1选区", "第一代表团", "18-001")
    assert _written(world, "person.added").changes == {"level": "township", "term": 18}


def test_a_known_number_gives_its_person_a_further_mandate(world: World) -> None:
    clerk = _clerk(world)
    first = persons.add_deputy(clerk, world.township.id, _form())
    assert persons.add_deputy(clerk, world.township.id, _form(level="county")) == first
    assert {mandate.level for mandate in deputies.get_for_staff(clerk, first).mandates} == {"township", "county"}
    assert _written(world, "mandate.added").subject == f"person:{first}"


def test_the_same_mandate_is_not_entered_twice(world: World) -> None:
    clerk = _clerk(world)
    persons.add_deputy(clerk, world.township.id, _form())
    with pytest.raises(Conflict, match="roster_mandate_exists"):
        persons.add_deputy(clerk, world.township.id, _form())


@pytest.mark.parametrize(("changes", "field"), [
    ({"name": " "}, "name"), ({"name": "王" * 41}, "name"), ({"phone": "1391111"}, "phone"), ({"level": "village"}, "level"),
    ({"term_no": "十八"}, "term_no"), ({"term_no": "0"}, "term_no"), ({"title": "长" * 61}, "title"),
    ({"delegation": "长" * 61}, "delegation"), ({"level": "municipal"}, "level")])
def test_a_wrong_field_is_named_and_nobody_entered(world: World, changes: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        persons.add_deputy(_clerk(world), world.township.id, _form(**changes))
    assert list(refused.value.fields) == [field]
    assert world.system.session.scalar(select(func.count()).select_from(Person)) == 0


@pytest.mark.parametrize("where", ["here under another name", "elsewhere"])
def test_a_number_of_somebody_else_is_refused(world: World, where: str) -> None:
    region = world.other_township if where == "elsewhere" else world.township
    world.create_person(region, name="李四", phone="13911110000")
    with pytest.raises(Invalid) as refused:
        persons.add_deputy(_clerk(world), world.township.id, _form())
    assert "该手机号已登记" in refused.value.fields["phone"]


def test_who_was_a_deputy_of_an_earlier_term_is_one_again(world: World) -> None:
    deputy, clerk = world.deputy(), _clerk(world)
    world.system.session.scalars(select(Mandate)).one().state = "ended"
    persons.add_deputy(clerk, world.township.id, _form(phone=_phone(world, deputy.person_id or 0), term_no="19"))
    account = world.system.session.get_one(Account, deputy.account_id)
    assert identity.seat_of(world.system.session, account) == deputy.person_id


def test_an_ended_mandate_is_not_revived_by_entering_it_again(world: World) -> None:
    clerk = _clerk(world)
    persons.add_deputy(clerk, world.township.id, _form())
    row = world.system.session.scalars(select(Mandate)).one()
    row.state, row.ended_on = "ended", TODAY
    with pytest.raises(Invalid) as refused:
        persons.add_deputy(clerk, world.township.id, _form())
    assert list(refused.value.fields) == ["term_no"]


def test_deputies_are_entered_in_the_own_region_only(world: World) -> None:
    with pytest.raises(NotFound):
        persons.add_deputy(_clerk(world), world.other_township.id, _form())
    with pytest.raises(Invalid):
        persons.add_deputy(_clerk(world), world.village.id, _form())
    with pytest.raises(Forbidden):
        persons.add_deputy(world.ctx_of(world.staff("township_chair")), world.township.id, _form())


# --- facts ------------------------------------------------------------------------------------------


def test_facts_groups_and_stations_are_set_as_ticked(world: World) -> None:
    deputy = world.deputy()
    old, new = world.group(deputy), world.group(name="第二代表小组")
    left, joined = world.create_station(deputies=(deputy,)), world.create_station(world.village, name="石桥村工作室")
    clerk = _clerk(world)
    persons.edit_facts(clerk, deputy.person_id or 0, FactsForm(
        " 王建新 ", "村主任", [new.id], [joined.id], new_group="农业农村组"))
    card = deputies.get_for_staff(clerk, deputy.person_id or 0)
    assert (card.name, card.title, card.groups, card.stations) == (
        "王建新", "村主任", ["农业农村组", "第二代表小组"], [(joined.id, "石桥村工作室")])
    assert world.system.session.get_one(Account, deputy.account_id).name == "王建新"
    assert _written(world, "person.edited").changes == {"changed": ["name", "title"], "groups": 2, "stations": 1}
    assert (old.id in persons.belongings(clerk, deputy.person_id or 0)[0], left.id == joined.id) == (False, False)


def test_what_lies_out_of_reach_stays_and_cannot_be_ticked(world: World) -> None:
    deputy = world.deputy()
    above, foreign = world.group(deputy, region=world.county, name="县级小组"), world.group(
        region=world.other_township, name="别处小组")
    persons.edit_facts(_clerk(world), deputy.person_id or 0, FactsForm("王建国", "", [foreign.id]))
    assert persons.belongings(world.system, deputy.person_id or 0)[0] == {above.id}
    assert [row.id for row in persons.list_places(_office(world), world.township).groups] == [above.id]


@pytest.mark.parametrize("name", ["", "王" * 41])
def test_a_person_has_a_name_of_some_length(world: World, name: str) -> None:
    with pytest.raises(Invalid):
        persons.edit_facts(_clerk(world), world.create_person().id, FactsForm(name, ""))


def test_a_mandate_is_corrected_and_an_ended_one_is_a_record(world: World) -> None:
    person, clerk = world.create_person(), _clerk(world)
    row = world.system.session.scalars(select(Mandate)).one()
    form = MandateForm("18-009", "第3选区", "第二代表团", date(2026, 2, 1))
    persons.edit_mandate(clerk, row.id, form)
    assert (row.deputy_no, row.constituency, row.began_on) == ("18-009", "第3选区", date(2026, 2, 1))
    assert persons.delegations_of(clerk, row) == ("第二代表团", ["第二代表团"])
    assert _written(world, "mandate.edited").changes == {"person": person.id}
    persons.edit_mandate(clerk, row.id, MandateForm("", "", "", date(2026, 2, 1)))
    assert row.delegation_id is None
    row.state = "ended"
    with pytest.raises(Conflict, match="mandate_ended"):
        persons.edit_mandate(clerk, row.id, form)


def test_a_mandate_does_not_begin_tomorrow(world: World) -> None:
    world.create_person()
    row = world.system.session.scalars(select(Mandate)).one()
    with pytest.raises(Invalid) as refused:
        persons.edit_mandate(_clerk(world), row.id, MandateForm("", "", "", TODAY + timedelta(days=1)))
    assert list(refused.value.fields) == ["began_on"]


# --- the phone --------------------------------------------------------------------------------------


def _change(world: World, person_id: int, phone: str = "+86 139-2222-0000", reason: str = "换号") -> Person:
    return persons.change_phone(_clerk(world), person_id, phone=phone, reason=reason)


def test_a_new_number_is_sealed_indexed_and_shown_masked(world: World) -> None:
    person = world.create_person(phone="13911110000")
    before = person.phone_cipher
    _change(world, person.id)
    assert person.phone_cipher != before
    assert NEW not in person.phone_cipher
    assert _phone(world, person.id) == NEW
    clerk = _clerk(world)
    assert deputies.find_by_phone(clerk, NEW) == person.id
    assert deputies.get_for_staff(clerk, person.id).phone_masked == "139****0000"
    with pytest.raises(Invalid, match="roster_phone_unknown"):
        deputies.find_by_phone(clerk, "13911110000")


def test_the_audit_row_of_a_new_number_holds_no_number(world: World) -> None:
    person = world.create_person(phone="13911110000")
    _change(world, person.id, reason="本人来电，13911110000改为13922220000")
    row = _written(world, "person.phone_changed")
    assert (row.subject, row.region_id) == (f"person:{person.id}", world.township.id)
    assert row.changes == {"reason": "本人来电，139****0000改为139****0000"}


def test_a_number_of_another_person_of_the_roster_is_refused_wherever_that_is(world: World) -> None:
    mine = world.create_person(phone="13911110000")
    for region in (world.township, world.other_township):
        other = world.create_person(region, name="李四")
        with pytest.raises(Conflict, match="roster_phone_taken") as refused:
            _change(world, mine.id, identity.reveal_phone(_office(world), other.id, reason="测试"))
        assert "李四" not in refused.value.message
    assert _phone(world, mine.id) == "13911110000"


@pytest.mark.parametrize(("phone", "reason", "code"), [
    ("1392222", "换号", "phone_invalid"), (NEW, " ", "reason_required"), ("13911110000", "换号", "roster_phone_same")])
def test_a_wrong_form_leaves_the_number(world: World, phone: str, reason: str, code: str) -> None:
    person = world.create_person(phone="13911110000")
    with pytest.raises(Invalid, match=code):
        _change(world, person.id, phone, reason)


def test_another_township_and_a_chair_change_no_number(world: World) -> None:
    person = world.create_person()
    foreign = world.ctx_of(world.staff(region=world.other_township))
    with pytest.raises(NotFound):
        persons.change_phone(foreign, person.id, phone=NEW, reason="换号")
    with pytest.raises(Forbidden):
        persons.change_phone(world.ctx_of(world.staff("township_chair")), person.id, phone=NEW, reason="换号")


def test_the_wechat_user_stays_bound_and_every_log_in_is_asked_anew(world: World) -> None:
    deputy = world.deputy(openid="o-1")
    session = world.system.session
    issued = identity.issue_session(world.system, session.get_one(Account, deputy.account_id))
    _change(world, deputy.person_id or 0)
    with pytest.raises(Unauthenticated, match="session_expired"):
        identity.resolve_token(session, issued.token, world.clock())
    bound = identity.account_of_wechat(world.system, identity.WeChatUser("wxtestmini", "o-1", None))
    assert (bound.id, identity.seat_of(session, bound)) == (deputy.account_id, deputy.person_id)


def _log_in(world: World, phone: str) -> Account:
    ctx = world.ctx_of(ANONYMOUS)
    return identity.login_with_phone(ctx, phone=phone, code=identity.prepare_login_code(ctx, phone=phone).code).account


def test_the_browsers_code_goes_to_the_new_number_and_the_old_one_is_a_strangers(world: World) -> None:
    deputy = world.deputy()
    old = _phone(world, deputy.person_id or 0)
    _change(world, deputy.person_id or 0)
    assert _log_in(world, NEW).id == deputy.account_id
    stranger = _log_in(world, old)
    assert (stranger.id == deputy.account_id, stranger.person_id) == (False, None)


def test_a_resident_with_the_new_number_takes_an_empty_seat_but_never_a_taken_one(world: World) -> None:
    early = _log_in(world, NEW)
    empty = world.create_person()
    _change(world, empty.id)
    assert early.person_id == empty.id
    other, taken = _log_in(world, "13922220001"), world.deputy(name="李四")
    _change(world, taken.person_id or 0, "13922220001")
    assert other.person_id is None
    assert world.system.session.scalars(
        select(Account.id).where(Account.person_id == taken.person_id)).one() == taken.account_id


def test_a_stolen_browser_session_ends_with_the_number(world: World) -> None:
    deputy = world.deputy()
    _log_in(world, _phone(world, deputy.person_id or 0))
    _change(world, deputy.person_id or 0)
    assert world.system.session.scalars(
        select(LoginSession.id).where(LoginSession.revoked_at.is_(None), LoginSession.account_id == deputy.account_id)
    ).all() == []


# --- the move ---------------------------------------------------------------------------------------


class Mover:
    """A deputy of the first township with work and belongings there, about to go to the other one."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.deputy = world.deputy(name="王建国")
        self.person_id = self.deputy.person_id or 0
        self.group, self.county_group = world.group(self.deputy), world.group(
            self.deputy, region=world.county, name="县级小组")
        self.new_group = world.group(region=world.other_township, name="流沙小组")
        self.station = world.create_station(deputies=(self.deputy,))
        self.new_station = world.create_station(world.other_township, name="流沙镇代表工作站")
        points.post(world.system, person_id=self.person_id, item_code="C1", cause="x", occurred_on=TODAY)
        self.mandate = world.system.session.scalars(select(Mandate)).one()

    def move(self, ctx: Context | None = None, *, ends: bool = True, **changes: object) -> Person:
        values: dict[str, object] = {
            "region_id": self.world.other_township.id, "ended_on": TODAY, "note": "工作调动",
            "mandate_ids": [self.mandate.id] if ends else [], "group_ids": [self.county_group.id, self.new_group.id],
            "station_ids": [self.new_station.id]}
        return persons.move(ctx or _office(self.world), self.person_id, MoveForm(**(values | changes)))  # type: ignore[arg-type]


def test_region_groups_and_stations_follow_the_person(world: World) -> None:
    mover = Mover(world)
    person = mover.move()
    assert person.region_id == world.other_township.id
    assert persons.belongings(world.system, person.id) == (
        {mover.county_group.id, mover.new_group.id}, {mover.new_station.id})
    there = world.ctx_of(world.staff(region=world.other_township))
    assert deputies.get_for_staff(there, person.id).name == "王建国"
    with pytest.raises(NotFound):
        deputies.get_for_staff(_clerk(world), person.id)


def test_the_chosen_mandate_ends_as_one_of_somebody_who_left_the_area(world: World) -> None:
    mover = Mover(world)
    mover.move()
    world.system.session.refresh(mover.mandate)
    assert (mover.mandate.state, mover.mandate.ended_on, mover.mandate.state_reason) == (
        "ended", TODAY, "迁出或调离本行政区域（工作调动）")


def test_a_mandate_that_stays_is_ranked_and_kept_where_it_was_won(world: World) -> None:
    mover = Mover(world)
    mover.move(ends=False)
    here, there = _clerk(world), world.ctx_of(world.staff(region=world.other_township))
    (line,) = reports.list_points(here, year=2026)[0]
    assert (line.person_id, line.total, line.is_registered_here) == (mover.person_id, "2", False)
    assert reports.list_points(there, year=2026) == ([], 0)
    (mandate,) = deputies.list_mandates(there, mover.person_id)
    assert (mandate.card.state, mandate.is_kept_here) == ("active", False)


def test_duties_and_points_stay_where_they_were_earned(world: World) -> None:
    mover = Mover(world)
    duty = duties.record_event(world.system, person_id=mover.person_id, item_code="C1", source="visit", cause="visit:1",
                               title="接待", occurred_on=TODAY)
    before = world.system.session.scalars(select(PointEntry.id)).all()
    mover.move()
    here, there = _clerk(world), world.ctx_of(world.staff(region=world.other_township))
    assert duties.get_for_staff(here, duty.id).duty.region_id == world.township.id
    with pytest.raises(NotFound):
        duties.get_for_staff(there, duty.id)
    assert world.system.session.scalars(select(PointEntry.id)).all() == before
    assert access.access_entry(here, mover.mandate.id, before[0], "points.view").mandate_id == mover.mandate.id


def test_reception_days_to_come_at_the_old_stations_lose_the_mover_and_past_ones_do_not(world: World) -> None:
    mover, office = Mover(world), _office(world)
    start = world.clock()
    made = [stations.plan_reception(office, mover.station.id, starts_at=start + timedelta(days=days),
                                    ends_at=start + timedelta(days=days, hours=1), person_ids=[mover.person_id]).id
            for days in (-1, 1)]
    mover.move(ends=False)
    left = world.system.session.scalars(select(ReceptionDeputy.reception_id)).all()
    assert left == made[:1]


def test_a_move_is_written_down_for_the_old_region_and_settled_by_a_job(world: World) -> None:
    mover = Mover(world)
    mover.move(note="调动，电话13911110000")
    row = _written(world, "person.moved")
    assert (row.region_id, row.changes) == (world.township.id, {
        "from": world.township.id, "to": world.other_township.id, "note": "调动，电话139****0000"})
    topics = world.system.session.scalars(select(OutboxMessage.topic).where(
        OutboxMessage.topic == "deputy.reach_changed")).all()
    assert len(topics) == 2


def test_only_an_office_above_both_townships_moves(world: World) -> None:
    mover = Mover(world)
    for region in (world.township, world.other_township):
        with pytest.raises(Forbidden):
            mover.move(world.ctx_of(world.staff(region=region)))
    for region in (world.township, world.other_township):
        with pytest.raises(NotFound):
            mover.move(world.ctx_of(world.staff("county_office", region)))


@pytest.mark.parametrize("where", ["township", "village"])
def test_nobody_moves_to_where_they_are_or_to_a_village(world: World, where: str) -> None:
    mover = Mover(world)
    with pytest.raises(Conflict, match="roster_move_nowhere"):
        mover.move(region_id=getattr(world, where).id)


def test_a_county_mandate_reaches_the_new_township_and_cannot_be_ended_by_the_move(world: World) -> None:
    mover, session = Mover(world), world.system.session
    county = Mandate(person_id=mover.person_id, congress_id=world.congress(world.county).id, began_on=date(2026, 1, 1))
    session.add(county)
    session.flush()
    office = _office(world)
    person = session.get_one(Person, mover.person_id)
    assert [row.id for row, _name in persons.left_behind(office, person, world.other_township)] == [mover.mandate.id]
    mover.move(office, mandate_ids=[mover.mandate.id, county.id])
    session.refresh(county)
    assert county.state == "active"


def test_the_places_to_move_to_are_the_other_ones(world: World) -> None:
    person = world.create_person()
    assert [row.name for row in persons.list_targets(_office(world), person)] == ["白鹿县", "流沙镇"]
    assert persons.list_targets(_clerk(world), person) == []


def test_a_moved_deputy_is_told_of_notices_of_the_new_township(world: World) -> None:
    mover = Mover(world)
    mover.move(ends=False)
    here, there = _clerk(world), world.ctx_of(world.staff(region=world.other_township))
    form = notices.NoticeForm("meeting", "会议", "开会", "region_deputies")
    people = {name: audiences.forecast(ctx, notices.create_draft(ctx, form)).people
              for name, ctx in (("old", here), ("new", there))}
    assert people == {"old": 0, "new": 1}


def test_a_note_of_a_move_has_an_end(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        Mover(world).move(note="长" * 101)
    assert list(refused.value.fields) == ["note"]
