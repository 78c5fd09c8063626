"""The wall screens of a station: linked once, alone for weeks, withdrawn at any time."""

import pytest
from sqlalchemy import select

from models.audit import AuditRow
from models.stations import StationScreen
from services import audit, screens
from services.context import ANONYMOUS, Actor
from services.errors import Forbidden, Invalid, NotFound, Unauthenticated
from services.identity import digest
from services.stations import Station
from tests.factories import World


def _link(world: World, station: Station, label: str = "一楼大厅") -> tuple[StationScreen, str]:
    return screens.create_link(world.ctx_of(world.staff()), station.id, label=label)


def _screen(world: World, station: Station) -> Actor:
    """A screen that was linked and opened, as it asks."""
    _row, code = _link(world, station)
    return _asking(world, screens.activate(world.ctx_of(ANONYMOUS), code=code))


def _asking(world: World, token: str) -> Actor:
    return screens.resolve_token(world.system.session, token, world.clock())


def _states(world: World, station: Station) -> list[str]:
    return [line.state for line in screens.list_for_station(world.ctx_of(world.staff()), station.id)]


def test_a_code_opens_one_screen_of_one_station_once(world: World) -> None:
    station = world.create_station()
    row, code = _link(world, station)
    assert (row.label, len(code)) == ("一楼大厅", 8)
    token = screens.activate(world.ctx_of(ANONYMOUS), code=f" {code[:4].lower()}-{code[4:]} ")
    actor = _asking(world, token)
    assert (actor.kind, actor.screen_id, actor.station_id, actor.key) == ("screen", row.id, station.id, f"screen:{row.id}")
    assert screens.station_of(world.ctx_of(actor)).id == station.id
    with pytest.raises(Invalid, match="screen_link_wrong"):
        screens.activate(world.ctx_of(ANONYMOUS), code=code)


def test_neither_the_code_nor_the_token_is_stored(world: World) -> None:
    row, code = _link(world, world.create_station())
    token = screens.activate(world.ctx_of(ANONYMOUS), code=code)
    world.system.session.refresh(row)
    assert (row.code_digest, row.token_digest) == (digest(code), digest(token))


@pytest.mark.parametrize("spoil", ["wrong", "late", "withdrawn"])
def test_a_code_is_refused_that_is(world: World, spoil: str) -> None:
    station = world.create_station()
    row, code = _link(world, station)
    if spoil == "wrong":
        code = "22222222"
    elif spoil == "late":
        world.clock.advance(minutes=15)
    else:
        screens.revoke(world.ctx_of(world.staff()), station.id, row.id)
    with pytest.raises(Invalid, match="screen_link_wrong"):
        screens.activate(world.ctx_of(ANONYMOUS), code=code)


def test_a_screen_that_goes_on_needs_nobody_for_months(world: World) -> None:
    station = world.create_station()
    _row, code = _link(world, station)
    token = screens.activate(world.ctx_of(ANONYMOUS), code=code)
    for _week in range(12):
        world.clock.advance(days=7)
        screens.mark_seen(world.ctx_of(_asking(world, token)))
    assert _asking(world, token).station_id == station.id


def test_a_screen_dark_for_a_month_has_to_be_linked_again(world: World) -> None:
    station = world.create_station()
    _row, code = _link(world, station)
    token = screens.activate(world.ctx_of(ANONYMOUS), code=code)
    world.clock.advance(days=29)
    assert _asking(world, token).kind == "screen"
    world.clock.advance(days=1)
    with pytest.raises(Unauthenticated, match="screen_not_linked"):
        _asking(world, token)
    assert _states(world, station) == ["lapsed"]


def test_a_withdrawn_screen_shows_nothing_from_that_moment(world: World) -> None:
    station = world.create_station()
    row, code = _link(world, station)
    token = screens.activate(world.ctx_of(ANONYMOUS), code=code)
    clerk = world.ctx_of(world.staff())
    screens.revoke(clerk, station.id, row.id)
    with pytest.raises(Unauthenticated, match="screen_not_linked"):
        _asking(world, token)
    assert _states(world, station) == []
    screens.revoke(clerk, station.id, row.id)
    audit.seal(clerk)
    said = clerk.session.scalars(select(AuditRow.action).where(AuditRow.subject == f"screen:{row.id}")
                                 .order_by(AuditRow.id)).all()
    assert sorted(said) == ["screen.linked", "screen.opened", "screen.revoked"]


def test_a_screen_linked_anew_gives_up_what_it_was(world: World) -> None:
    first, second = world.create_station(), world.create_station(name="二站")
    old = _screen(world, first)
    _row, code = _link(world, second)
    token = screens.activate(world.ctx_of(old), code=code)
    assert _asking(world, token).station_id == second.id
    assert (_states(world, first), _states(world, second)) == ([], ["on"])


def test_the_stations_page_tells_how_each_screen_is(world: World) -> None:
    station = world.create_station()
    _link(world, station)
    running = _screen(world, station)
    assert _states(world, station) == ["waiting", "on"]
    world.clock.advance(minutes=31)
    assert _states(world, station) == ["off"]
    screens.mark_seen(world.ctx_of(running))
    (line,) = screens.list_for_station(world.ctx_of(world.staff()), station.id)
    assert (line.state, line.author, line.row.seen_at) == ("on", "周专干", world.clock())


def test_a_label_is_short_and_may_be_left_out(world: World) -> None:
    station = world.create_station()
    assert _link(world, station, " ")[0].label == "大屏"
    with pytest.raises(Invalid) as refused:
        _link(world, station, "长" * 21)
    assert set(refused.value.fields) == {"label"}


def test_screens_belong_to_whoever_may_and_to_their_own_station(world: World) -> None:
    station, other = world.create_station(), world.create_station(name="二站")
    row, _code = _link(world, station)
    foreign, auditor = world.staff(region=world.other_township), world.staff("auditor", world.township)
    for actor, error in ((foreign, NotFound), (auditor, Forbidden), (world.resident(), Unauthenticated)):
        ctx = world.ctx_of(actor)
        with pytest.raises(error):
            screens.create_link(ctx, station.id, label="")
        with pytest.raises(error):
            screens.list_for_station(ctx, station.id)
        with pytest.raises(error):
            screens.revoke(ctx, station.id, row.id)
    with pytest.raises(NotFound):
        screens.revoke(world.ctx_of(world.staff()), other.id, row.id)


def test_a_screen_may_nothing_else(world: World) -> None:
    station = world.create_station()
    ctx = world.ctx_of(_screen(world, station))
    with pytest.raises(Unauthenticated):
        screens.create_link(ctx, station.id, label="")
    with pytest.raises(Unauthenticated):
        screens.station_of(world.ctx_of(world.staff()))
