"""Checking in and out at a station."""

import pytest
from sqlalchemy import func, select

from models.audit import AuditRow
from models.checkin import Visit
from models.deputies import Mandate
from models.points import PointEntry
from models.stations import ScanCode
from services import audit, checkin, stations
from services.errors import Conflict, Forbidden, Gone, Invalid, NotFound
from services.rules.fences import Position
from tests.factories import World

INSIDE = checkin.Proof(location=Position(28.1001, 112.9001, 20))
PHONE = "device-0001"


def test_a_scan_inside_the_fence_opens_a_visit_and_keeps_no_coordinates(world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    done = checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=PHONE, proof=INSIDE)
    assert (done.is_new, done.visit.state, done.visit.factor) == (True, "open", "fence")
    assert not {"latitude", "longitude"} & set(Visit.__table__.columns.keys())


def test_the_printed_code_alone_never_proves_presence(world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    with pytest.raises(Invalid, match="presence_required"):
        checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=PHONE, proof=checkin.Proof())


def test_a_scan_outside_the_fence_is_refused(world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    far = checkin.Proof(location=Position(28.2, 112.9, 20))
    with pytest.raises(Invalid, match="outside_fence"):
        checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=PHONE, proof=far)


def test_a_vague_position_proves_nothing(world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    vague = checkin.Proof(location=Position(28.1, 112.9, 5000))
    with pytest.raises(Invalid, match="location_inaccurate"):
        checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=PHONE, proof=vague)


def test_a_second_scan_of_the_same_visit_changes_nothing(world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    ctx, scene = world.ctx_of(deputy), world.scene(station)
    first = checkin.check_in(ctx, scene=scene, device_id=PHONE, proof=INSIDE)
    world.clock.advance(minutes=5)
    again = checkin.check_in(world.ctx_of(deputy), scene=scene, device_id=PHONE, proof=INSIDE)
    assert (again.visit.id, again.is_new) == (first.visit.id, False)
    assert ctx.session.scalar(select(func.count()).select_from(Visit)) == 1


def test_leaving_after_the_minimum_stay_earns_two_points_with_their_arithmetic(world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    done = checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=PHONE, proof=INSIDE)
    world.clock.advance(minutes=30)
    visit = checkin.check_out(world.ctx_of(deputy), done.visit.id)
    card = checkin.describe(world.ctx_of(deputy), [visit.id])[0]
    assert (card.visit.state, card.points_display) == ("closed", "+2 分")
    assert "每次2分" in card.visit.note


def test_leaving_too_early_earns_nothing_and_says_why(world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    done = checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=PHONE, proof=INSIDE)
    world.clock.advance(minutes=29)
    visit = checkin.check_out(world.ctx_of(deputy), done.visit.id)
    assert visit.note == "停留不足30分钟，不计入履职"
    assert world.system.session.scalar(select(func.count()).select_from(PointEntry)) == 0


def test_a_second_visit_of_the_day_is_kept_but_not_counted_again(world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    for _ in range(2):
        done = checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=PHONE, proof=INSIDE)
        world.clock.advance(minutes=40)
        visit = checkin.check_out(world.ctx_of(deputy), done.visit.id)
    assert visit.note == "今天的进站接待已计过分"
    assert world.system.session.scalar(select(func.count()).select_from(PointEntry)) == 1


def test_checking_out_twice_is_the_same_check_out(world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    done = checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=PHONE, proof=INSIDE)
    world.clock.advance(minutes=40)
    left_at = checkin.check_out(world.ctx_of(deputy), done.visit.id).checked_out_at
    world.clock.advance(minutes=40)
    assert checkin.check_out(world.ctx_of(deputy), done.visit.id).checked_out_at == left_at


def test_another_station_is_refused_while_a_visit_is_open(world: World) -> None:
    deputy, here = world.deputy(), world.create_station()
    there = world.create_station(name="青石镇石桥村代表工作室")
    checkin.check_in(world.ctx_of(deputy), scene=world.scene(here), device_id=PHONE, proof=INSIDE)
    with pytest.raises(Conflict, match="visit_open_elsewhere") as refused:
        checkin.check_in(world.ctx_of(deputy), scene=world.scene(there), device_id=PHONE, proof=INSIDE)
    assert here.name in refused.value.message


def test_a_second_phone_of_the_deputy_is_refused(world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    done = checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=PHONE, proof=INSIDE)
    world.clock.advance(minutes=40)
    checkin.check_out(world.ctx_of(deputy), done.visit.id)
    with pytest.raises(Conflict, match="device_not_bound"):
        checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id="device-0002", proof=INSIDE)


def test_a_station_of_another_township_is_out_of_reach(world: World) -> None:
    deputy = world.deputy()
    foreign = world.create_station(world.other_township, name="流沙镇人大代表工作站")
    with pytest.raises(Forbidden, match="station_out_of_scope"):
        checkin.check_in(world.ctx_of(deputy), scene=world.scene(foreign), device_id=PHONE, proof=INSIDE)


@pytest.mark.parametrize(("code", "error", "name"), [("nosuchscene", NotFound, "scan_code_unknown")])
def test_an_unknown_code_says_so(world: World, code: str, error: type[Exception], name: str) -> None:
    with pytest.raises(error, match=name):
        checkin.check_in(world.ctx_of(world.deputy()), scene=code, device_id=PHONE, proof=INSIDE)


def test_a_replaced_code_has_expired(world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    old = world.scene(station)
    stations.replace_code(world.ctx_of(world.staff("county_office")), station.id)
    with pytest.raises(Gone, match="scan_code_expired"):
        checkin.check_in(world.ctx_of(deputy), scene=old, device_id=PHONE, proof=INSIDE)
    assert world.system.session.scalar(select(func.count()).select_from(ScanCode)) == 2


def _screen(world: World, station: stations.Station) -> str:
    return checkin.current_screen_code(world.system, station).code


def _with_code(world: World, deputy: object, station: stations.Station, code: str) -> checkin.CheckedIn:
    return checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=None,  # type: ignore[arg-type]
                            proof=checkin.Proof(screen_code=code))


def test_the_screen_code_proves_presence_and_changes_at_once_after_use(world: World) -> None:
    station = world.create_station()
    code = _screen(world, station)
    assert _with_code(world, world.deputy(), station, code).visit.factor == "screen"
    assert _screen(world, station) != code


def test_a_used_screen_code_is_refused_to_the_next_person(world: World) -> None:
    station = world.create_station()
    code = _screen(world, station)
    _with_code(world, world.deputy(), station, code)
    with pytest.raises(Invalid, match="screen_code_replayed"):
        _with_code(world, world.deputy(name="李四"), station, code)


def test_a_screen_code_expires_after_a_minute(world: World) -> None:
    station = world.create_station()
    code = _screen(world, station)
    world.clock.advance(seconds=61)
    with pytest.raises(Invalid, match="screen_code_expired"):
        _with_code(world, world.deputy(), station, code)


def test_a_forged_screen_code_is_refused(world: World) -> None:
    station = world.create_station()
    code = _screen(world, station)
    forged = f"{(int(code) + 1) % 10**8:08d}"
    with pytest.raises(Invalid, match="screen_code_invalid"):
        _with_code(world, world.deputy(), station, forged)


def test_the_code_of_another_stations_screen_says_so(world: World) -> None:
    station, other = world.create_station(), world.create_station(name="青石镇石桥村代表工作室")
    with pytest.raises(Invalid, match="screen_code_other_station"):
        _with_code(world, world.deputy(), station, _screen(world, other))


def test_the_clerks_word_opens_a_visit_that_waited(world: World) -> None:
    deputy, station, clerk = world.deputy(), world.create_station(), world.staff()
    done = checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=PHONE,
                            proof=checkin.Proof(asks_clerk=True))
    assert done.visit.state == "awaiting_confirmation"
    visit = checkin.confirm_visit(world.ctx_of(clerk), done.visit.id)
    assert (visit.state, visit.factor) == ("open", "clerk")


def test_a_clerk_of_another_township_does_not_see_the_visit(world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    done = checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=PHONE,
                            proof=checkin.Proof(asks_clerk=True))
    foreign = world.staff(region=world.other_township)
    with pytest.raises(NotFound):
        checkin.confirm_visit(world.ctx_of(foreign), done.visit.id)


def test_every_step_of_a_visit_is_in_the_audit_chain(world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    done = checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id=PHONE, proof=INSIDE)
    world.clock.advance(minutes=40)
    ctx = world.ctx_of(deputy)
    checkin.check_out(ctx, done.visit.id)
    audit.seal(ctx)
    actions = set(ctx.session.scalars(select(AuditRow.action)))
    assert {"visit.opened", "visit.closed", "duty.recorded", "points.posted"} <= actions
    assert audit.verify_chain(ctx.session).broken_at is None


def test_proof_that_comes_late_starts_the_stay_when_it_comes(world: World) -> None:
    deputy, station = world.deputy(), world.create_station()
    ctx, scene = world.ctx_of(deputy), world.scene(station)
    checkin.check_in(ctx, scene=scene, device_id=PHONE, proof=checkin.Proof(asks_clerk=True))
    world.clock.advance(minutes=60)
    done = checkin.check_in(world.ctx_of(deputy), scene=scene, device_id=PHONE, proof=INSIDE)
    assert (done.visit.state, done.visit.checked_in_at) == ("open", world.clock())


def test_a_withdrawn_visit_leaves_the_way_free_to_another_station(world: World) -> None:
    deputy, here = world.deputy(), world.create_station()
    there = world.create_station(name="青石镇石桥村代表工作室")
    waiting = checkin.check_in(world.ctx_of(deputy), scene=world.scene(here), device_id=PHONE,
                               proof=checkin.Proof(asks_clerk=True))
    checkin.check_out(world.ctx_of(deputy), waiting.visit.id)
    assert checkin.check_in(world.ctx_of(deputy), scene=world.scene(there), device_id=PHONE, proof=INSIDE).is_new


def test_a_screen_code_in_full_width_digits_is_understood(world: World) -> None:
    station = world.create_station()
    wide = _screen(world, station).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    assert _with_code(world, world.deputy(), station, wide).visit.state == "open"


# --- out of office ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("proof", "state"), [(INSIDE, "closed"), (checkin.Proof(asks_clerk=True), "refused")])
def test_a_visit_of_somebody_who_left_office_ends_by_itself_without_points(
        world: World, proof: checkin.Proof, state: str) -> None:
    deputy, other, station = world.deputy(), world.deputy(name="李四"), world.create_station()
    visits = [checkin.check_in(world.ctx_of(actor), scene=world.scene(station), device_id=None, proof=proof).visit
              for actor in (deputy, other)]
    world.system.session.scalars(select(Mandate).where(Mandate.person_id == deputy.person_id)).one().state = "ended"
    world.system.session.flush()
    world.clock.advance(minutes=40)
    assert [checkin.end_stranded_visits(world.system) for _ in range(2)] == [1, 0]
    assert (visits[0].state, visits[0].note) == (state, "代表职务已终止，系统自动结束，不计入履职")
    assert visits[1].state in checkin.LIVE
    assert world.system.session.scalar(select(func.count()).select_from(PointEntry)) == 0
