"""One person in the mini-program and in the official account has one account, by unionid."""

import pytest
from sqlalchemy import func, select

from models.assistant import HandOver
from models.audit import AuditRow
from models.identity import Account, WeChatBinding
from models.outbox import OutboxMessage
from services import audit, handovers, identity, linking
from services.context import ANONYMOUS, Actor
from services.ports import WeChatUser
from tests.factories import World
from tests.fakes import OFFICIAL_APPID, FakeIdentity

wechat = pytest.fixture(name="wechat")(lambda world: world.system.gateways.identity)


def _login(world: World, wechat: FakeIdentity, openid: str, unionid: str | None = None) -> Actor:
    wechat.logins["code"] = openid
    if unionid:
        wechat.unionids[openid] = unionid
    account = identity.login_with_wechat(world.ctx_of(ANONYMOUS), login_code="code").account
    return identity.actor_of_account(world.system.session, account)


def _chat(world: World, openid: str) -> Account:
    """Who writes to the official account before anybody told a unionid."""
    return identity.account_of_wechat(world.system, WeChatUser(OFFICIAL_APPID, openid, None))


def _recognise(world: World, openid: str, unionid: str) -> None:
    """What the two jobs do: keep the unionid, then join what is one person's."""
    linking.recognise(world.system, WeChatUser(OFFICIAL_APPID, openid, unionid))
    _join_learned(world)


def _join_learned(world: World) -> None:
    for message in world.system.session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "unionid.learned")):
        linking.join(world.system, int(message.payload["account_id"]))
    world.system.session.flush()
    world.system.session.expire_all()


def _bind_by_code(world: World, actor: Actor, openid: str) -> None:
    code, _until = identity.issue_official_account_code(world.ctx_of(actor))
    identity.bind_official_account(world.system, user=WeChatUser(OFFICIAL_APPID, openid, None), code=code)


def _official_openid(world: World, actor: Actor) -> str | None:
    return identity.openid_of(world.system.session, actor.account_id or 0, OFFICIAL_APPID)


def test_who_chatted_before_the_unionid_was_known_joins_the_mini_programs_account(
        world: World, wechat: FakeIdentity) -> None:
    actor, chat = _login(world, wechat, "o-1", "u-1"), _chat(world, "oa-1")
    handovers.open_hand_over(world.ctx_of(identity.actor_of_account(world.system.session, chat)), question="低保怎么办")
    _recognise(world, "oa-1", "u-1")
    assert _official_openid(world, actor) == "oa-1"
    assert world.system.session.scalars(select(HandOver.account_id)).one() == actor.account_id
    assert chat.state == "merged"
    assert world.system.session.scalar(select(func.count()).select_from(WeChatBinding)) == 2
    audit.seal(world.system)
    assert "official_account.bound" in set(world.system.session.scalars(select(AuditRow.action)))


def test_a_mini_program_that_learns_its_unionid_later_draws_the_chat_over(world: World, wechat: FakeIdentity) -> None:
    actor = _login(world, wechat, "o-1")
    _chat(world, "oa-1")
    _recognise(world, "oa-1", "u-1")
    assert _official_openid(world, actor) is None
    assert _login(world, wechat, "o-1", "u-1").account_id == actor.account_id
    _join_learned(world)
    assert _official_openid(world, actor) == "oa-1"


def test_what_a_code_has_bound_no_unionid_moves(world: World, wechat: FakeIdentity) -> None:
    by_code, other = _login(world, wechat, "o-1"), _login(world, wechat, "o-2", "u-2")
    _bind_by_code(world, by_code, "oa-2")
    _recognise(world, "oa-2", "u-2")
    assert (_official_openid(world, by_code), _official_openid(world, other)) == ("oa-2", None)


def test_an_account_that_has_its_official_user_draws_no_second_one(world: World, wechat: FakeIdentity) -> None:
    actor = _login(world, wechat, "o-1", "u-1")
    _bind_by_code(world, actor, "oa-9")
    chat = _chat(world, "oa-1")
    _recognise(world, "oa-1", "u-1")
    assert (_official_openid(world, actor), chat.state) == ("oa-9", "active")


def test_a_follower_who_is_nobodys_account_leaves_nothing(world: World) -> None:
    _recognise(world, "oa-1", "u-1")
    assert world.system.session.scalar(select(func.count()).select_from(WeChatBinding)) == 0


def test_joining_again_changes_nothing(world: World, wechat: FakeIdentity) -> None:
    actor = _login(world, wechat, "o-1", "u-1")
    _chat(world, "oa-1")
    _recognise(world, "oa-1", "u-1")
    assert linking.join(world.system, actor.account_id or 0) is None
    assert _official_openid(world, actor) == "oa-1"


def test_a_follower_is_asked_about_once_and_then_once_a_day_until_known(world: World) -> None:
    user = WeChatUser(OFFICIAL_APPID, "oa-1", None)
    assert linking.is_unrecognised(world.system, user)
    _chat(world, "oa-1")
    assert not linking.is_unrecognised(world.system, user)
    world.clock.advance(days=1)
    assert linking.is_unrecognised(world.system, user)
    linking.recognise(world.system, WeChatUser(OFFICIAL_APPID, "oa-1", "u-1"))
    world.clock.advance(days=1)
    assert not linking.is_unrecognised(world.system, user)
