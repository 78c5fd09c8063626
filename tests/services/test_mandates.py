"""The end of mandates, and what ends with them."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from models.audit import AuditRow
from models.deputies import Congress, Mandate
from models.outbox import OutboxMessage
from services import audiences, audit, comments, deputies, identity, mandates, me, notices, points, reports, stations
from services.comments import Handler
from services.context import Actor, Context
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.mandates import Ending
from tests.factories import World

TODAY = date(2026, 11, 23)


def _mandate(world: World, deputy: Actor) -> Mandate:
    return world.system.session.scalars(select(Mandate).where(Mandate.person_id == deputy.person_id)).one()


def _end(world: World, deputy: Actor, *, ctx: Context | None = None, **changes: object) -> Mandate:
    ending = Ending(**({"reason": "resigned", "ended_on": TODAY} | changes))  # type: ignore[arg-type]
    return mandates.end_mandate(ctx or world.ctx_of(world.staff()), _mandate(world, deputy).id, ending)


def _add_county_mandate(world: World, deputy: Actor) -> Mandate:
    session = world.system.session
    row = Mandate(person_id=deputy.person_id, congress_id=world.congress(world.county).id, began_on=date(2026, 1, 1))
    session.add(row)
    session.flush()
    return row


def _again(world: World, deputy: Actor) -> Actor:
    """The same account as the next request sees it."""
    issued = identity.issue_session(world.system, world.system.session.get_one(identity.Account, deputy.account_id))
    return identity.resolve_token(world.system.session, issued.token, world.clock())


def _actions(world: World) -> list[AuditRow]:
    audit.seal(world.system)
    return list(world.system.session.scalars(select(AuditRow).order_by(AuditRow.id)))


# --- one mandate ------------------------------------------------------------------------------------


def test_an_ended_mandate_keeps_day_cause_and_what_it_rests_on(world: World) -> None:
    deputy = world.deputy()
    row = _end(world, deputy, ended_on=date(2026, 11, 20), note="主席团第3号公告")
    world.system.session.refresh(row)
    assert (row.state, row.ended_on, row.state_reason) == (
        "ended", date(2026, 11, 20), "辞职被接受（主席团第3号公告）")


def test_the_audit_names_the_cause_and_nobody(world: World) -> None:
    deputy = world.deputy(name="王建国")
    row = _end(world, deputy, reason="recalled", note="王建国，见公告")
    written = next(line for line in _actions(world) if line.action == "mandate.ended")
    assert (written.subject, written.changes, written.region_id) == (
        f"mandate:{row.id}", {"person": deputy.person_id, "reason": "recalled", "on": "2026-11-23"}, world.township.id)


def test_a_job_is_left_to_settle_what_the_deputy_had_to_do(world: World) -> None:
    deputy = world.deputy()
    _end(world, deputy)
    left = world.system.session.scalars(
        select(OutboxMessage.payload).where(OutboxMessage.topic == "deputy.reach_changed")).all()
    assert left == [{"person_id": deputy.person_id}]


def test_a_mandate_ends_once(world: World) -> None:
    deputy = world.deputy()
    _end(world, deputy)
    with pytest.raises(Conflict, match="mandate_ended"):
        _end(world, deputy, reason="died")
    row = _mandate(world, deputy)
    assert row.state_reason == "辞职被接受"


@pytest.mark.parametrize(("changes", "code"), [
    ({"reason": "tired"}, "invalid_input"), ({"ended_on": TODAY + timedelta(days=1)}, "mandate_end_future"),
    ({"ended_on": date(2025, 12, 31)}, "mandate_end_early"), ({"note": "长" * 101}, "invalid_input")])
def test_a_wrong_form_changes_nothing(world: World, changes: dict[str, object], code: str) -> None:
    deputy = world.deputy()
    with pytest.raises(Invalid, match=code):
        _end(world, deputy, **changes)
    assert _mandate(world, deputy).state == "active"


def test_only_those_who_keep_the_roster_end_mandates(world: World) -> None:
    deputy = world.deputy()
    for role in ("township_chair", "auditor", "admin", "handling_unit"):
        with pytest.raises(Forbidden):
            _end(world, deputy, ctx=world.ctx_of(world.staff(role)))
    with pytest.raises(NotFound):
        _end(world, deputy, ctx=world.ctx_of(world.staff(region=world.other_township)))
    assert _end(world, deputy, ctx=world.ctx_of(world.staff("county_office"))).state == "ended"


def test_a_suspended_mandate_can_end_too(world: World) -> None:
    deputy = world.deputy()
    _mandate(world, deputy).state = "suspended"
    world.system.session.flush()
    assert _end(world, deputy).state == "ended"


# --- what ends with the last mandate ----------------------------------------------------------------


def test_the_account_is_a_residents_at_the_very_next_request(world: World) -> None:
    deputy = world.deputy(openid="o-1")
    assert _again(world, deputy).person_id == deputy.person_id
    _end(world, deputy)
    later = _again(world, deputy)
    assert (later.person_id, later.account_id) == (None, deputy.account_id)
    with pytest.raises(Forbidden, match="deputy_only"):
        reports.checkin.current(world.ctx_of(later))


def test_home_and_me_say_since_when(world: World) -> None:
    deputy = world.deputy()
    _end(world, deputy, ended_on=date(2026, 11, 20))
    ctx = world.ctx_of(_again(world, deputy))
    home, mine = reports.build_home(ctx), me.build_me(ctx)
    assert home.role == "resident"
    assert home.seat_note == mine.seat_note
    assert mine.seat_note is not None
    assert "2026年11月20日终止" in mine.seat_note
    assert (mine.card, mine.name) == (None, "王建国")
    assert mine.phone_masked is not None


def test_the_latest_end_is_told(world: World) -> None:
    deputy = world.deputy()
    _add_county_mandate(world, deputy)
    ctx = world.ctx_of(world.staff())
    for row, day in zip(world.system.session.scalars(select(Mandate).order_by(Mandate.id)).all(), (20, 10), strict=True):
        mandates.end_mandate(ctx, row.id, Ending("resigned", date(2026, 11, day)))
    note = me.build_me(world.ctx_of(_again(world, deputy))).seat_note
    assert note is not None
    assert "11月20日" in note


def test_with_another_mandate_in_force_a_deputy_stays_one(world: World) -> None:
    deputy = world.deputy()
    _add_county_mandate(world, deputy)
    town = world.system.session.scalars(select(Mandate).order_by(Mandate.id).limit(1)).one()
    mandates.end_mandate(world.ctx_of(world.staff()), town.id, Ending("resigned", TODAY))
    later = _again(world, deputy)
    assert later.person_id == deputy.person_id
    found = me.build_me(world.ctx_of(later))
    assert found.seat_note is None
    assert found.card is not None
    assert found.card.level_names == ["县级"]


def test_nobody_invites_assigns_or_stations_who_has_left(world: World) -> None:
    deputy, other = world.deputy(), world.deputy(name="李四")
    world.group(deputy, other)
    station = world.create_station(deputies=(deputy, other))
    clerk = world.ctx_of(world.staff())
    _end(world, deputy)
    draft = notices.create_draft(clerk, notices.NoticeForm("meeting", "会议", "开会", "station", station.id))
    assert audiences.forecast(clerk, draft).people == 1
    assert [person.id for person in comments.list_handlers(clerk)[0]] == [other.person_id]
    opinion = world.opinion(world.resident())
    comments.register(clerk, opinion.number)
    with pytest.raises(Invalid, match="handler_unknown"):
        comments.assign(clerk, opinion.number, handler=Handler(person_id=deputy.person_id))
    assert stations.deputies_of(clerk.session, station.id) == [other.person_id]
    stations.set_deputies(clerk, station.id, person_ids=[deputy.person_id or 0, other.person_id or 0])
    assert stations.deputies_of(clerk.session, station.id) == [other.person_id]


def test_reception_days_to_come_name_only_those_in_office(world: World) -> None:
    deputy, other = world.deputy(), world.deputy(name="李四")
    station, clerk = world.create_station(), world.ctx_of(world.staff())
    start = world.clock() + timedelta(days=1)
    stations.plan_reception(clerk, station.id, starts_at=start, ends_at=start + timedelta(hours=2),
                            person_ids=[deputy.person_id or 0, other.person_id or 0])
    _end(world, deputy)
    card = stations.list_receptions(clerk.session, after=world.clock(), station_ids=[station.id])[0]
    assert card.person_ids == [other.person_id]


def test_unread_notices_of_who_has_left_trouble_nobody(world: World) -> None:
    deputy = world.deputy()
    clerk = world.ctx_of(world.staff())
    notice = notices.send(clerk, notices.create_draft(clerk, notices.NoticeForm(
        "meeting", "会议", "开会", "region_deputies")).id)
    assert notices.count_unread_in_region(clerk) == 1
    _end(world, deputy)
    assert notices.count_unread_in_region(clerk) == 0
    assert notices.list_deliveries(clerk, notice)[1] == 1


def test_the_ranking_and_the_months_sum_leave_an_ended_mandate_out_and_its_book_stays(world: World) -> None:
    deputy, chair = world.deputy(), world.ctx_of(world.staff("township_chair"))
    points.post(world.system, person_id=deputy.person_id or 0, item_code="C1", cause="x", occurred_on=TODAY)
    assert reports.list_points(chair, year=2026)[1] == 1
    row = _end(world, deputy)
    assert reports.list_points(chair, year=2026) == ([], 0)
    assert next(tile.value for tile in reports.build_dashboard(chair) if tile.label == "本月计分") == "0"
    assert points.list_entries(chair, [row.id], year=2026)[1] == 1


def test_the_record_still_lists_the_ended_mandate_for_staff(world: World) -> None:
    deputy = world.deputy()
    _end(world, deputy)
    clerk = world.ctx_of(world.staff())
    (line,) = deputies.list_mandates(clerk, deputy.person_id or 0)
    assert (line.card.state, line.ended_on, line.state_reason, line.is_kept_here) == ("ended", TODAY, "辞职被接受", True)
    assert deputies.get_for_staff(clerk, deputy.person_id or 0).mandates == []


# --- points of acts before the end ------------------------------------------------------------------


@pytest.mark.parametrize(("day", "counted"), [(date(2026, 11, 19), 1), (date(2026, 11, 20), 0)])
def test_an_act_before_the_end_still_counts_when_it_is_confirmed_later(world: World, day: date, counted: int) -> None:
    deputy = world.deputy()
    _end(world, deputy, ended_on=date(2026, 11, 20))
    posted = points.post(world.system, person_id=deputy.person_id or 0, item_code="C1", cause="x", occurred_on=day)
    assert len(posted) == counted


def test_an_act_of_the_old_term_does_not_count_for_the_new_one(world: World) -> None:
    deputy = world.deputy()
    old = _end(world, deputy, reason="term_over", ended_on=date(2026, 11, 20))
    session = world.system.session
    congress = Congress(region_id=world.township.id, level="township", term_no=19, name="青石镇第19届人民代表大会")
    session.add(congress)
    session.flush()
    new = Mandate(person_id=deputy.person_id, congress_id=congress.id, began_on=date(2026, 11, 20))
    session.add(new)
    session.flush()
    posted = {day: [entry.mandate_id for entry in points.post(
        world.system, person_id=deputy.person_id or 0, item_code="C1", cause=f"on {day}", occurred_on=day)]
        for day in (date(2026, 11, 19), TODAY)}
    assert posted == {date(2026, 11, 19): [old.id], TODAY: [new.id]}


def test_a_roster_entered_late_counts_what_was_done_before(world: World) -> None:
    deputy = world.deputy()
    _mandate(world, deputy).began_on = TODAY
    world.system.session.flush()
    assert len(points.post(world.system, person_id=deputy.person_id or 0, item_code="C1", cause="x",
                           occurred_on=date(2026, 11, 1))) == 1


# --- a mistake --------------------------------------------------------------------------------------


def test_an_end_entered_by_mistake_is_taken_back(world: World) -> None:
    deputy, clerk = world.deputy(), world.ctx_of(world.staff())
    row = _end(world, deputy)
    mandates.restore_mandate(clerk, row.id, reason="选错了人，电话13911110000")
    world.system.session.refresh(row)
    assert (row.state, row.ended_on, row.state_reason) == ("active", None, "")
    assert _again(world, deputy).person_id == deputy.person_id
    written = next(line for line in _actions(world) if line.action == "mandate.restored")
    assert written.changes["reason"] == "选错了人，电话139****0000"


def test_taking_back_needs_a_reason_and_an_end(world: World) -> None:
    deputy, clerk = world.deputy(), world.ctx_of(world.staff())
    row = _mandate(world, deputy)
    with pytest.raises(Invalid, match="reason_required"):
        mandates.restore_mandate(clerk, row.id, reason=" ")
    with pytest.raises(Conflict, match="mandate_not_ended"):
        mandates.restore_mandate(clerk, row.id, reason="误登")


# --- a whole congress -------------------------------------------------------------------------------


def _town(world: World) -> list[Actor]:
    """Three deputies of the township, one of the county too, and one of the other township."""
    mine = [world.deputy(name=f"代表{number}") for number in range(3)]
    _add_county_mandate(world, mine[0])
    world.deputy(world.other_township, name="李四")
    return mine


def test_the_forecast_says_how_many_end_and_how_many_leave(world: World) -> None:
    _town(world)
    clerk = world.ctx_of(world.staff())
    found = mandates.forecast_term_end(clerk, world.congress(world.township).id)
    assert (found.mandates, found.leaving, found.staying) == (3, 2, 1)


def test_a_term_ends_for_all_of_its_congress_and_nobody_else(world: World) -> None:
    mine = _town(world)
    congress = world.congress(world.township)
    clerk = world.ctx_of(world.staff())
    assert mandates.end_term(clerk, congress.id, ended_on=TODAY, note="第19届一次会议", count=3) == 3
    states = world.system.session.execute(select(Mandate.congress_id, Mandate.state, Mandate.state_reason)).all()
    assert sorted({(number == congress.id, state) for number, state, _reason in states}) == [
        (False, "active"), (True, "ended")]
    assert {reason for number, _state, reason in states if number == congress.id} == {"任期届满（第19届一次会议）"}
    assert [_again(world, deputy).is_deputy for deputy in mine] == [True, False, False]
    written = [line.action for line in _actions(world)]
    assert (written.count("mandate.ended"), written.count("congress.term_ended")) == (3, 1)


def test_a_number_that_is_not_the_real_one_ends_nothing(world: World) -> None:
    mine = _town(world)
    with pytest.raises(Conflict, match="term_count_wrong") as refused:
        mandates.end_term(world.ctx_of(world.staff()), world.congress(world.township).id, ended_on=TODAY, note="",
                          count=4)
    assert "3人" in refused.value.message
    assert _again(world, mine[1]).is_deputy


@pytest.mark.parametrize(("day", "code"), [
    (TODAY + timedelta(days=1), "mandate_end_future"), (date(2025, 12, 31), "mandate_end_early")])
def test_a_day_that_cannot_be_ends_no_term(world: World, day: date, code: str) -> None:
    _town(world)
    with pytest.raises(Invalid, match=code):
        mandates.end_term(world.ctx_of(world.staff()), world.congress(world.township).id, ended_on=day, note="",
                          count=3)


def test_a_term_that_is_over_does_not_end_again(world: World) -> None:
    _town(world)
    clerk, congress = world.ctx_of(world.staff()), world.congress(world.township)
    mandates.end_term(clerk, congress.id, ended_on=TODAY, note="", count=3)
    with pytest.raises(Conflict, match="term_nobody"):
        mandates.end_term(clerk, congress.id, ended_on=TODAY, note="", count=3)


def test_a_township_ends_no_term_of_the_county_or_of_its_neighbour(world: World) -> None:
    _town(world)
    clerk = world.ctx_of(world.staff())
    for congress in (world.congress(world.county), world.congress(world.other_township)):
        with pytest.raises(NotFound):
            mandates.end_term(clerk, congress.id, ended_on=TODAY, note="", count=1)
    with pytest.raises(Forbidden):
        mandates.list_congresses(world.ctx_of(world.staff("township_chair")))


def test_each_office_lists_the_congresses_whose_terms_it_may_end(world: World) -> None:
    _town(world)
    office = mandates.list_congresses(world.ctx_of(world.staff("county_office")))
    assert [(line.level_name, line.active, line.ended) for line in office] == [
        ("县级", 1, 0), ("乡镇", 3, 0), ("乡镇", 1, 0)]
    assert [line.unended for line in mandates.list_congresses(world.ctx_of(world.staff()))] == [3]
