"""The home pages, and a dashboard whose tiles equal the lists they open."""

from datetime import timedelta

import pytest

from services import (
    checkin,
    comments,
    deputies,
    duties,
    handovers,
    media,
    notices,
    regions,
    reports,
    stations,
    suggestions,
)
from services.comments import Handler
from services.context import CHINA, Context
from services.errors import Forbidden
from tests.factories import World
from tests.services.suggestion_case import SuggestionCase


def test_a_residents_home_shows_opinions_station_deputies_and_bulletins(world: World) -> None:
    deputy, resident, clerk = world.deputy(), world.resident(), world.ctx_of(world.staff())
    station = world.create_station(deputies=(deputy,))
    opinion = world.opinion(resident)
    bulletin = notices.send(clerk, notices.create_draft(clerk, notices.NoticeForm(
        kind="bulletin", title="停水通知", body="明天停水。", audience="residents")).id)
    home = reports.build_home(world.ctx_of(resident))
    assert (home.role, home.todos, home.points_year, home.open_visit) == ("resident", [], None, None)
    assert home.station is not None
    assert home.station.id == station.id
    assert [row.number for row in home.opinions] == [opinion.number]
    assert [card.name for card in home.deputies] == ["王建国"]
    assert [line.id for line in home.notices] == [bulletin.id]


def test_a_deputys_home_shows_who_asks_for_a_signature_and_which_answers_wait(world: World) -> None:
    case = SuggestionCase(world)
    case.invite()
    todos = reports.build_home(world.ctx_of(case.colleague)).todos
    assert [(todo.kind, todo.count) for todo in todos] == [("suggestion_invitations", 1)]
    answered = SuggestionCase(world)
    answered.to("answered")
    todos = reports.build_home(answered.ctx_of_lead).todos
    assert [(todo.kind, todo.count) for todo in todos] == [("suggestions_to_evaluate", 1)]


def test_a_deputys_home_shows_work_visit_reception_and_points(world: World) -> None:
    deputy, clerk = world.deputy(), world.ctx_of(world.staff())
    station = world.create_station(deputies=(deputy,))
    start = world.clock() + timedelta(days=2)
    stations.plan_reception(clerk, station.id, starts_at=start, ends_at=start + timedelta(hours=2),
                            person_ids=[deputy.person_id or 0])
    opinion = world.opinion(world.resident())
    comments.register(clerk, opinion.number)
    comments.assign(clerk, opinion.number, handler=Handler(person_id=deputy.person_id))
    notices.send(clerk, notices.create_draft(clerk, notices.NoticeForm(
        kind="meeting", title="会议", body="开会。", audience="region_deputies")).id)
    duties.record_event(world.system, person_id=deputy.person_id or 0, item_code="C1", source="visit",
                        cause="visit:0", title="接待", occurred_on=world.system.today)
    checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=None,
                     proof=checkin.Proof(asks_clerk=True))
    home = reports.build_home(world.ctx_of(deputy))
    assert [(todo.kind, todo.count) for todo in home.todos] == [("opinions", 1), ("notices", 1)]
    assert home.points_year == (2026, "2", "2")
    assert home.open_visit is not None
    assert home.open_visit.state_name == "待工作人员确认"
    assert home.next_reception is not None
    assert home.next_reception.starts_at == start
    assert home.station is not None
    assert home.station.id == station.id


def test_somebody_new_has_an_empty_home(world: World) -> None:
    home = reports.build_home(world.ctx_of(world._account()))
    assert (home.role, home.station, home.deputies, home.opinions, home.notices) == ("resident", None, [], [], [])


def _busy(world: World) -> None:
    """Some of everything in both townships."""
    for township, village, name in ((world.township, world.village, "王建国"),
                                    (world.other_township, world.other_village, "李四")):
        deputy, clerk = world.deputy(township, name=name), world.ctx_of(world.staff(region=township))
        station = world.create_station(township, name=f"{name}站")
        checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=None,
                         proof=checkin.Proof(asks_clerk=True))
        resident = world.resident(village)
        late = world.opinion(resident, village_id=village.id)
        late.due_set_on, late.due_on = (world.system.today - timedelta(days=days) for days in (4, 3))
        world.opinion(resident, village_id=village.id)
        handovers.open_hand_over(world.ctx_of(resident), question="回电")
        photo = media.take_photo(world.ctx_of(deputy), content=world.photo_bytes(), purpose="duty").id
        duties.report(world.ctx_of(deputy), duties.DutyReport("C2", world.system.today, "走访", "", (photo,)),
                      idempotency="k")
        notices.send(clerk, notices.create_draft(clerk, notices.NoticeForm(
            kind="meeting", title="会议", body="开会。", audience="region_deputies")).id)
        regions.set_setting(world.system, township, name="notice.approval_size", value=0,
                            effective_on=world.system.today)
        notices.send(clerk, notices.create_draft(clerk, notices.NoticeForm(
            kind="meeting", title="大会", body="开会。", audience="region_deputies")).id)
        form = suggestions.SuggestionForm(congress_id=world.congress(township).id, title="关于修路的建议",
                                          reason="路坏了。", proposal="请修好。")
        suggestion = suggestions.draft(world.ctx_of(deputy), form)
        suggestions.submit(world.ctx_of(deputy), suggestion.id)
        suggestion.due_on = late.due_on
        deputies_session = clerk.session
        deputies_session.add(deputies.SeatClaim(person_id=deputy.person_id, account_id=resident.account_id,
                                                created_at=world.clock()))
        deputies_session.flush()
    comments.warn(world.system)


def _listed(ctx: Context, role: str) -> dict[str, int]:
    """What the lists behind the tiles really hold."""
    midnight = ctx.now.astimezone(CHINA).replace(hour=0, minute=0)
    unread = sum(notices.count_deliveries(ctx, line.notice).people - line.read
                 for line in notices.list_for_staff(ctx, state="sent")[0])
    waiting = {"待审批通知": notices.list_for_staff(ctx, state="awaiting_approval")[1]}
    waiting["待督办意见"] = comments.list_board(ctx, "supervise")[1]
    return (waiting if role != "township_clerk" else {}) | {
        "今日签到": checkin.list_for_staff(ctx, on=midnight)[1],
        "待确认签到": checkin.list_for_staff(ctx, state="awaiting_confirmation")[1],
        "在办意见": comments.list_for_staff(ctx, comments.OpinionFilter(state="open"))[1],
        "超期意见": comments.list_for_staff(ctx, comments.OpinionFilter(overdue=True))[1],
        "在办代表建议": suggestions.list_for_staff(ctx, suggestions.SuggestionFilter(state="open"))[1],
        "超期代表建议": suggestions.list_for_staff(ctx, suggestions.SuggestionFilter(overdue=True))[1],
        "通知未读人次": unread,
        "待审履职": duties.list_for_staff(ctx, state="open")[1],
        "身份待核实": len(deputies.list_claims(ctx, state="pending")),
        "待回复咨询": handovers.list_for_staff(ctx, state="open")[1],
    }


@pytest.mark.parametrize(("role", "each"), [("township_clerk", 1), ("township_chair", 1), ("county_office", 2)])
def test_every_tile_equals_the_list_it_opens(world: World, role: str, each: int) -> None:
    _busy(world)
    ctx = world.ctx_of(world.staff(role))
    tiles = {tile.label: tile.value for tile in reports.build_dashboard(ctx)}
    assert tiles.pop("本月计分") == "0"
    assert {label: int(value) for label, value in tiles.items()} == _listed(ctx, role)
    assert set(_listed(ctx, role).values()) == {each, 2 * each}


def test_a_quiet_township_shows_zeros_and_asks_for_no_care(world: World) -> None:
    tiles = reports.build_dashboard(world.ctx_of(world.staff()))
    assert {tile.value for tile in tiles} == {"0"}
    assert not any(tile.needs_care for tile in tiles)


@pytest.mark.parametrize("role", ["auditor", "admin", "handling_unit"])
def test_roles_without_a_dashboard_get_none(world: World, role: str) -> None:
    with pytest.raises(Forbidden):
        reports.build_dashboard(world.ctx_of(world.staff(role)))


def test_the_log_is_read_by_those_who_may_and_filtered(world: World) -> None:
    world.opinion(world.resident())
    world.commit()
    ctx = world.ctx_of(world.staff("auditor"))
    rows, total = reports.list_audit(ctx, reports.AuditFilter(action="opinion."))
    assert ([row.action for row in rows], total) == (["opinion.submitted"], 1)
    assert reports.list_audit(ctx, reports.AuditFilter(subject="opinion:", actor="account:"))[1] == 1
    assert reports.list_audit(ctx, reports.AuditFilter(action="%"))[1] == 0
    with pytest.raises(Forbidden):
        reports.list_audit(world.ctx_of(world.staff()), reports.AuditFilter())
