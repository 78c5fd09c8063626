"""What a person sees of their own record."""

import pytest
from sqlalchemy import select

from models.identity import SeatClaim
from services import identity, me
from services.errors import Conflict
from services.ports import WeChatUser
from tests.factories import World
from tests.fakes import OFFICIAL_APPID, FakeIdentity


def test_a_deputy_sees_card_station_township_and_a_masked_number(world: World) -> None:
    deputy = world.deputy()
    station = world.create_station(deputies=(deputy,))
    found = me.build_me(world.ctx_of(deputy))
    assert found.card is not None
    assert (found.name, found.card.name) == ("王建国", "王建国")
    assert found.station is not None
    assert found.station.id == station.id
    assert found.township is not None
    assert found.township.id == world.township.id
    assert found.phone_masked is not None
    assert found.phone_masked[3:7] == "****"


def test_a_new_resident_sees_an_empty_record(world: World) -> None:
    found = me.build_me(world.ctx_of(world._account()))
    assert (found.name, found.phone_masked, found.village, found.township, found.card, found.seat_claim) == (
        "", None, None, None, None, None)


def test_a_claimant_sees_that_the_claim_waits_and_how_it_ended(world: World) -> None:
    owner, claimant = world.deputy(openid="o-1"), world.resident(openid="o-2")
    platform = world.system.gateways.identity
    assert isinstance(platform, FakeIdentity)
    platform.phones["c"] = identity.reveal_phone(world.ctx_of(world.staff()), owner.person_id or 0, reason="测试")
    with pytest.raises(Conflict, match="seat_taken"):
        identity.bind_phone_from_wechat(world.ctx_of(claimant), phone_code="c", openid="o-2")
    assert me.build_me(world.ctx_of(claimant)).seat_claim == "pending"
    claim = world.system.session.scalars(select(SeatClaim.id)).one()
    identity.decide_claim(world.ctx_of(world.staff()), claim, approve=False, reason="非本人")
    assert me.build_me(world.ctx_of(claimant)).seat_claim == "refused"


def test_the_official_account_is_shown_once_bound(world: World) -> None:
    deputy = world.deputy(openid="o-1")
    assert not me.build_me(world.ctx_of(deputy)).official_account_bound
    code, _until = identity.issue_official_account_code(world.ctx_of(deputy))
    identity.bind_official_account(world.system, user=WeChatUser(OFFICIAL_APPID, "oa-1", None), code=code)
    assert me.build_me(world.ctx_of(deputy)).official_account_bound
    assert me.own_openid(world.ctx_of(deputy)) == "o-1"
