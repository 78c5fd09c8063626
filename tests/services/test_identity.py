"""Login by WeChat and by phone, claiming a seat, and the binding of the official account."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.audit import AuditRow
from models.comments import Opinion
from models.deputies import Mandate
from models.identity import Account, DeputyDevice, LoginSession, OneTimeCode, SeatClaim, WeChatBinding
from models.notices import OpinionWord
from services import audit, comments, handovers, identity
from services.context import ANONYMOUS, Actor, Context, Gateways
from services.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, TooMany, Unauthenticated
from services.ports import WeChatUser
from tests.factories import World
from tests.fakes import MINI_APPID, OFFICIAL_APPID, FakeIdentity


@pytest.fixture
def wechat(gateways: Gateways) -> FakeIdentity:
    platform = gateways.identity
    assert isinstance(platform, FakeIdentity)
    return platform


def _count(ctx: Context, table: type) -> int:
    return ctx.session.scalar(select(func.count()).select_from(table)) or 0


def _login(world: World, wechat: FakeIdentity, openid: str, unionid: str | None = None) -> Actor:
    wechat.logins["code"] = openid
    if unionid:
        wechat.unionids[openid] = unionid
    issued = identity.login_with_wechat(world.ctx_of(ANONYMOUS), login_code="code")
    return identity.resolve_token(world.system.session, issued.token, world.clock())


def _bind(world: World, wechat: FakeIdentity, actor: Actor, phone: str) -> Account:
    wechat.phones["phone-code"] = phone
    return identity.bind_phone_from_wechat(world.ctx_of(actor), phone_code="phone-code", openid="any")


def _actions(world: World) -> list[str]:
    audit.seal(world.system)
    return list(world.system.session.scalars(select(AuditRow.action).order_by(AuditRow.id)))


def _phone_of(world: World, actor: Actor) -> str:
    office = world.ctx_of(world.staff("county_office"))
    assert actor.person_id is not None
    return identity.reveal_phone(office, actor.person_id, reason="测试")


# --- WeChat -----------------------------------------------------------------------------------------


def test_a_new_wechat_user_becomes_a_resident_with_a_session(world: World, wechat: FakeIdentity) -> None:
    actor = _login(world, wechat, "o-1")
    assert (actor.kind, actor.person_id) == ("account", None)
    assert "session.opened" in _actions(world)


def test_a_returning_wechat_user_is_the_same_account(world: World, wechat: FakeIdentity) -> None:
    first, second = _login(world, wechat, "o-1"), _login(world, wechat, "o-1")
    assert first.account_id == second.account_id
    assert _count(world.system, WeChatBinding) == 1


def test_a_login_code_works_once(world: World, wechat: FakeIdentity) -> None:
    _login(world, wechat, "o-1")
    with pytest.raises(Unauthenticated, match="code_invalid"):
        identity.login_with_wechat(world.ctx_of(ANONYMOUS), login_code="code")


def test_the_same_unionid_links_two_apps(world: World, wechat: FakeIdentity) -> None:
    actor = _login(world, wechat, "o-1", "u-1")
    found = identity.account_of_wechat(world.system, WeChatUser(OFFICIAL_APPID, "oa-1", "u-1"))
    assert found.id == actor.account_id


def test_another_or_no_unionid_links_nothing(world: World, wechat: FakeIdentity) -> None:
    actor = _login(world, wechat, "o-1", "u-1")
    for openid, unionid in (("oa-2", "u-2"), ("oa-3", None), ("oa-4", "")):
        found = identity.account_of_wechat(world.system, WeChatUser(OFFICIAL_APPID, openid, unionid))
        assert found.id != actor.account_id


def test_a_unionid_does_not_link_a_second_user_of_the_same_app(world: World, wechat: FakeIdentity) -> None:
    actor = _login(world, wechat, "o-1", "u-1")
    found = identity.account_of_wechat(world.system, WeChatUser(MINI_APPID, "o-2", "u-1"))
    assert found.id != actor.account_id


# --- the phone claims a seat ------------------------------------------------------------------------


def test_a_number_on_the_roster_claims_the_seat(world: World, wechat: FakeIdentity) -> None:
    person = world.create_person(phone="13911110000")
    actor = _login(world, wechat, "o-1")
    account = _bind(world, wechat, actor, "13911110000")
    assert (account.id, account.person_id, account.name) == (actor.account_id, person.id, "王建国")
    assert account.phone_index is None
    assert "seat.claimed" in _actions(world)


def test_binding_the_own_number_again_changes_nothing(world: World, wechat: FakeIdentity) -> None:
    world.create_person(phone="13911110000")
    actor = _login(world, wechat, "o-1")
    first = _bind(world, wechat, actor, "13911110000")
    assert _bind(world, wechat, actor, "13911110000").id == first.id
    assert _actions(world).count("seat.claimed") == 1


def test_a_number_that_is_not_on_the_roster_makes_a_resident(world: World, wechat: FakeIdentity) -> None:
    account = _bind(world, wechat, _login(world, wechat, "o-1"), "13911110009")
    assert account.person_id is None
    assert account.phone_cipher is not None
    assert "13911110009" not in account.phone_cipher


def test_a_deputy_cannot_take_a_second_seat_or_a_residents_number(world: World, wechat: FakeIdentity) -> None:
    world.create_person(phone="13911110000")
    world.create_person(name="李四", phone="13911110001")
    actor = _login(world, wechat, "o-1")
    _bind(world, wechat, actor, "13911110000")
    for other in ("13911110001", "13911110009"):
        with pytest.raises(Conflict, match="account_has_seat"):
            _bind(world, wechat, actor, other)


def _contest(world: World, wechat: FakeIdentity) -> tuple[Actor, Actor]:
    """The deputy who holds the seat, and a second WeChat account that asked for it."""
    owner = world.deputy(openid="o-owner")
    wechat.phones["phone-code"] = _phone_of(world, owner)
    claimant = _login(world, wechat, "o-claimant")
    with pytest.raises(Conflict, match="seat_taken") as refused:
        identity.bind_phone_from_wechat(world.ctx_of(claimant), phone_code="phone-code", openid="o-claimant")
    assert refused.value.keeps_changes
    return owner, claimant


def test_a_taken_seat_opens_a_claim_that_is_kept_although_refused(world: World, wechat: FakeIdentity) -> None:
    owner, claimant = _contest(world, wechat)
    claim = world.system.session.scalars(select(SeatClaim)).one()
    assert (claim.person_id, claim.account_id, claim.state) == (owner.person_id, claimant.account_id, "pending")


def test_asking_a_second_time_opens_no_second_claim(world: World, wechat: FakeIdentity) -> None:
    owner, claimant = _contest(world, wechat)
    with pytest.raises(Conflict, match="seat_taken"):
        _bind(world, wechat, claimant, _phone_of(world, owner))
    assert _count(world.system, SeatClaim) == 1


def _pending(world: World) -> int:
    return world.system.session.scalars(select(SeatClaim.id)).one()


def test_approving_a_claim_moves_the_seat_ends_sessions_and_frees_the_device(
        world: World, wechat: FakeIdentity) -> None:
    owner, claimant = _contest(world, wechat)
    token = identity.issue_session(world.system, world.system.session.get_one(Account, owner.account_id)).token
    assert owner.person_id is not None
    identity.bind_device(world.system, owner.person_id, "old-phone")
    identity.decide_claim(world.ctx_of(world.staff()), _pending(world), approve=True, reason="电话核实")
    session = world.system.session
    world.commit()
    assert session.get_one(Account, claimant.account_id).person_id == owner.person_id
    assert session.get_one(Account, owner.account_id).person_id is None
    assert session.scalars(select(DeputyDevice.released_at)).one() is not None
    with pytest.raises(Unauthenticated):
        identity.resolve_token(session, token, world.clock())
    assert {"seat.contested", "seat.approved", "seat.claimed"} <= set(_actions(world))


def test_refusing_a_claim_leaves_the_seat_where_it_is(world: World, wechat: FakeIdentity) -> None:
    owner, claimant = _contest(world, wechat)
    claim = identity.decide_claim(world.ctx_of(world.staff()), _pending(world), approve=False, reason="非本人")
    session = world.system.session
    assert claim.state == "refused"
    assert session.get_one(Account, owner.account_id).person_id == owner.person_id
    assert session.get_one(Account, claimant.account_id).person_id is None


def test_a_decided_claim_is_not_decided_again(world: World, wechat: FakeIdentity) -> None:
    _contest(world, wechat)
    clerk = world.staff()
    identity.decide_claim(world.ctx_of(clerk), _pending(world), approve=False, reason="非本人")
    with pytest.raises(Conflict, match="claim_decided"):
        identity.decide_claim(world.ctx_of(clerk), _pending(world), approve=True, reason="再看")


def test_a_decision_needs_a_reason(world: World, wechat: FakeIdentity) -> None:
    _contest(world, wechat)
    with pytest.raises(Invalid, match="reason_required"):
        identity.decide_claim(world.ctx_of(world.staff()), _pending(world), approve=True, reason=" ")


def test_a_clerk_of_another_township_finds_no_claim(world: World, wechat: FakeIdentity) -> None:
    _contest(world, wechat)
    with pytest.raises(NotFound):
        identity.decide_claim(world.ctx_of(world.staff(region=world.other_township)), _pending(world), approve=True,
                              reason="电话核实")


def test_a_refused_claimant_may_ask_again_later(world: World, wechat: FakeIdentity) -> None:
    owner, claimant = _contest(world, wechat)
    identity.decide_claim(world.ctx_of(world.staff()), _pending(world), approve=False, reason="非本人")
    with pytest.raises(Conflict, match="seat_taken"):
        _bind(world, wechat, claimant, _phone_of(world, owner))
    assert _count(world.system, SeatClaim) == 2


# --- merging ----------------------------------------------------------------------------------------


def test_what_a_wechat_user_did_before_binding_comes_along_to_the_seats_account(
        world: World, wechat: FakeIdentity) -> None:
    by_phone = world.deputy()  # the seat's account, made by a phone login: it has no WeChat yet
    newcomer = _login(world, wechat, "o-1")
    opinion = world.opinion(newcomer)
    comments.register(world.ctx_of(world.staff()), opinion.number)
    handovers.open_hand_over(world.ctx_of(newcomer), question="请回电")
    account = _bind(world, wechat, newcomer, _phone_of(world, by_phone))
    session = world.system.session
    world.commit()
    assert account.id == by_phone.account_id
    assert session.scalars(select(Opinion.account_id)).one() == account.id
    assert session.scalars(select(OpinionWord.account_id)).one() == account.id
    assert session.scalars(select(WeChatBinding.account_id)).one() == account.id
    assert session.scalars(select(handovers.HandOver.account_id)).one() == account.id
    assert session.get_one(Account, newcomer.account_id).state == "merged"


def test_the_session_that_bound_the_phone_goes_on_as_the_seats_account(world: World, wechat: FakeIdentity) -> None:
    by_phone = world.deputy()
    wechat.logins["code"] = "o-1"
    issued = identity.login_with_wechat(world.ctx_of(ANONYMOUS), login_code="code")
    actor = identity.resolve_token(world.system.session, issued.token, world.clock())
    _bind(world, wechat, actor, _phone_of(world, by_phone))
    found = identity.resolve_token(world.system.session, issued.token, world.clock())
    assert (found.account_id, found.person_id) == (by_phone.account_id, by_phone.person_id)


def test_a_residents_number_that_another_wechat_holds_is_refused(world: World, wechat: FakeIdentity) -> None:
    _bind(world, wechat, _login(world, wechat, "o-1"), "13911110009")
    with pytest.raises(Conflict, match="phone_taken"):
        _bind(world, wechat, _login(world, wechat, "o-2"), "13911110009")


def test_a_residents_phone_login_and_wechat_become_one_account(world: World, wechat: FakeIdentity) -> None:
    by_phone = _login_by_phone(world, "13911110009")
    account = _bind(world, wechat, _login(world, wechat, "o-1"), "13911110009")
    assert account.id == by_phone.id


# --- one-time codes ---------------------------------------------------------------------------------


def _login_by_phone(world: World, phone: str) -> Account:
    ctx = world.ctx_of(ANONYMOUS)
    prepared = identity.prepare_login_code(ctx, phone=phone)
    return identity.login_with_phone(ctx, phone=phone, code=prepared.code).account


def _wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_a_code_logs_a_new_resident_in(world: World) -> None:
    account = _login_by_phone(world, "+86 139-1111-0009")
    assert (account.person_id, account.state) == (None, "active")


def test_a_code_is_never_stored_readable(world: World) -> None:
    prepared = identity.prepare_login_code(world.ctx_of(ANONYMOUS), phone="13911110009")
    row = world.system.session.scalars(select(OneTimeCode)).one()
    assert prepared.code not in row.code_digest
    assert "13911110009" not in row.subject


def test_a_code_works_once(world: World) -> None:
    ctx = world.ctx_of(ANONYMOUS)
    code = identity.prepare_login_code(ctx, phone="13911110009").code
    identity.login_with_phone(ctx, phone="13911110009", code=code)
    with pytest.raises(Unauthenticated, match="phone_code_expired"):
        identity.login_with_phone(ctx, phone="13911110009", code=code)


@pytest.mark.parametrize(("minutes", "works"), [(4.99, True), (5, False)])
def test_a_code_lives_five_minutes(world: World, minutes: float, works: bool) -> None:
    code = identity.prepare_login_code(world.ctx_of(ANONYMOUS), phone="13911110009").code
    world.clock.advance(minutes=minutes)
    ctx = world.ctx_of(ANONYMOUS)
    if works:
        assert identity.login_with_phone(ctx, phone="13911110009", code=code).account.id
    else:
        with pytest.raises(Unauthenticated, match="phone_code_expired"):
            identity.login_with_phone(ctx, phone="13911110009", code=code)


def test_a_code_is_of_one_phone_only(world: World) -> None:
    ctx = world.ctx_of(ANONYMOUS)
    code = identity.prepare_login_code(ctx, phone="13911110009").code
    with pytest.raises(Unauthenticated, match="phone_code_expired"):
        identity.login_with_phone(ctx, phone="13911110008", code=code)


def test_a_wrong_code_is_counted_although_refused(world: World) -> None:
    ctx = world.ctx_of(ANONYMOUS)
    code = identity.prepare_login_code(ctx, phone="13911110009").code
    with pytest.raises(Unauthenticated, match="phone_code_wrong") as refused:
        identity.login_with_phone(ctx, phone="13911110009", code=_wrong(code))
    assert refused.value.keeps_changes
    assert ctx.session.scalars(select(OneTimeCode.attempts)).one() == 1


@pytest.mark.parametrize(("wrong_tries", "works"), [(4, True), (5, False)])
def test_five_wrong_tries_end_a_code(world: World, wrong_tries: int, works: bool) -> None:
    ctx = world.ctx_of(ANONYMOUS)
    code = identity.prepare_login_code(ctx, phone="13911110009").code
    for _ in range(wrong_tries):
        with pytest.raises(Unauthenticated, match="phone_code_wrong"):
            identity.login_with_phone(ctx, phone="13911110009", code=_wrong(code))
    if works:
        assert identity.login_with_phone(ctx, phone="13911110009", code=code).account.id
    else:
        with pytest.raises(Unauthenticated, match="phone_code_expired"):
            identity.login_with_phone(ctx, phone="13911110009", code=code)


@pytest.mark.parametrize(("seconds", "works"), [(60, True), (59, False)])
def test_a_second_code_is_sent_after_a_minute(world: World, seconds: int, works: bool) -> None:
    identity.prepare_login_code(world.ctx_of(ANONYMOUS), phone="13911110009")
    world.clock.advance(seconds=seconds)
    ctx = world.ctx_of(ANONYMOUS)
    if works:
        assert identity.prepare_login_code(ctx, phone="13911110009").phone == "13911110009"
    else:
        with pytest.raises(TooMany, match="phone_code_too_soon") as refused:
            identity.prepare_login_code(ctx, phone="13911110009")
        assert refused.value.retry_after == 2
        assert "2秒" in refused.value.message


def test_a_new_code_ends_the_old_one(world: World) -> None:
    old = identity.prepare_login_code(world.ctx_of(ANONYMOUS), phone="13911110009").code
    world.clock.advance(seconds=61)
    ctx = world.ctx_of(ANONYMOUS)
    new = identity.prepare_login_code(ctx, phone="13911110009").code
    if new != old:
        with pytest.raises(Unauthenticated, match="phone_code_wrong"):
            identity.login_with_phone(ctx, phone="13911110009", code=old)
    assert identity.login_with_phone(ctx, phone="13911110009", code=new).account.id


@pytest.mark.parametrize("phone", ["", "12345", "021-5555", "+85212345678"])
def test_a_number_in_no_form_is_refused(world: World, phone: str) -> None:
    ctx = world.ctx_of(ANONYMOUS)
    for ask in (lambda: identity.prepare_login_code(ctx, phone=phone),
                lambda: identity.login_with_phone(ctx, phone=phone, code="000000")):
        with pytest.raises(Invalid, match="phone_invalid") as refused:
            ask()
        assert set(refused.value.fields) == {"phone"}


def test_the_phone_of_a_seat_claimed_through_wechat_logs_into_the_same_account(
        world: World, wechat: FakeIdentity) -> None:
    world.create_person(phone="13911110000")
    by_wechat = _bind(world, wechat, _login(world, wechat, "o-1"), "13911110000")
    assert _login_by_phone(world, "13911110000").id == by_wechat.id


def test_the_first_phone_login_of_a_deputy_claims_the_seat(world: World) -> None:
    person = world.create_person(phone="13911110000")
    first = _login_by_phone(world, "13911110000")
    world.clock.advance(minutes=2)
    assert first.person_id == person.id
    assert _login_by_phone(world, "13911110000").id == first.id


# --- tokens -----------------------------------------------------------------------------------------


def test_a_token_is_stored_only_as_its_digest(world: World) -> None:
    issued = identity.issue_session(world.system, world.system.session.get_one(Account, world.resident().account_id))
    assert world.system.session.scalars(select(LoginSession.token_digest)).one() == identity.digest(issued.token)


@pytest.mark.parametrize(("days", "works"), [(29.9, True), (30, False)])
def test_a_token_expires_after_thirty_days(world: World, days: float, works: bool) -> None:
    account = world.system.session.get_one(Account, world.resident().account_id)
    token = identity.issue_session(world.system, account).token
    later = world.clock() + timedelta(days=days)
    if works:
        assert identity.resolve_token(world.system.session, token, later).account_id == account.id
    else:
        with pytest.raises(Unauthenticated, match="session_expired"):
            identity.resolve_token(world.system.session, token, later)


def test_an_unknown_token_is_refused_like_an_expired_one(world: World) -> None:
    with pytest.raises(Unauthenticated, match="session_expired"):
        identity.resolve_token(world.system.session, "made-up", world.clock())


def test_rotating_a_token_ends_the_old_one(world: World, wechat: FakeIdentity) -> None:
    wechat.logins["code"] = "o-1"
    old = identity.login_with_wechat(world.ctx_of(ANONYMOUS), login_code="code")
    actor = identity.resolve_token(world.system.session, old.token, world.clock())
    new = identity.rotate_session(world.ctx_of(actor))
    assert identity.resolve_token(world.system.session, new.token, world.clock()).account_id == actor.account_id
    with pytest.raises(Unauthenticated):
        identity.resolve_token(world.system.session, old.token, world.clock())


def test_signing_out_ends_this_session_and_no_other(world: World, wechat: FakeIdentity) -> None:
    here, there = _login(world, wechat, "o-1"), _login(world, wechat, "o-1")
    identity.end_session(world.ctx_of(here))
    live = world.system.session.scalars(select(LoginSession.id).where(LoginSession.revoked_at.is_(None))).all()
    assert live == [there.session_id]


# --- device -----------------------------------------------------------------------------------------


def test_a_released_device_makes_room_for_the_next_phone(world: World) -> None:
    deputy = world.deputy()
    assert deputy.person_id is not None
    identity.bind_device(world.system, deputy.person_id, "first-phone")
    with pytest.raises(Conflict, match="device_not_bound"):
        identity.bind_device(world.system, deputy.person_id, "second-phone")
    identity.release_device(world.ctx_of(world.staff()), deputy.person_id, reason="换手机")
    identity.bind_device(world.system, deputy.person_id, "second-phone")
    assert _count(world.system, DeputyDevice) == 2


@pytest.mark.parametrize(("role", "reason", "error"), [
    ("township_clerk", " ", Invalid), ("township_chair", "换手机", Forbidden), ("auditor", "换手机", Forbidden)])
def test_a_device_is_released_only_by_a_clerk_with_a_reason(
        world: World, role: str, reason: str, error: type[DomainError]) -> None:
    deputy = world.deputy()
    assert deputy.person_id is not None
    with pytest.raises(error):
        identity.release_device(world.ctx_of(world.staff(role)), deputy.person_id, reason=reason)


# --- one's own settings -----------------------------------------------------------------------------


def test_a_resident_chooses_a_village_and_a_name(world: World) -> None:
    resident = world.resident(world.other_village)
    account = identity.update_me(world.ctx_of(resident), village_id=world.village.id, elder_mode=True, name=" 张三 ")
    assert (account.village_id, account.elder_mode, account.name) == (world.village.id, True, "张三")


def test_a_township_is_no_village(world: World) -> None:
    with pytest.raises(Invalid, match="village_required"):
        identity.update_me(world.ctx_of(world.resident()), village_id=world.township.id)


def test_a_deputy_keeps_the_name_of_the_roster(world: World) -> None:
    assert identity.update_me(world.ctx_of(world.deputy()), name="别名").name == "王建国"


# --- the official account ---------------------------------------------------------------------------


def test_the_code_shown_on_the_phone_binds_the_official_account(world: World) -> None:
    deputy = world.deputy()
    code, _until = identity.issue_official_account_code(world.ctx_of(deputy))
    user = WeChatUser(OFFICIAL_APPID, "oa-1", None)
    account = identity.bind_official_account(world.system, user=user, code=code)
    assert account is not None
    assert account.id == deputy.account_id
    assert identity.account_of_wechat(world.system, user).id == deputy.account_id


def test_the_binding_code_works_once_and_ten_minutes(world: World) -> None:
    deputy, user = world.deputy(), WeChatUser(OFFICIAL_APPID, "oa-1", None)
    code, _until = identity.issue_official_account_code(world.ctx_of(deputy))
    assert identity.bind_official_account(world.system, user=user, code=code) is not None
    assert identity.bind_official_account(world.system, user=user, code=code) is None
    code, _until = identity.issue_official_account_code(world.ctx_of(deputy))
    world.clock.advance(minutes=10)
    assert identity.bind_official_account(world.system, user=user, code=code) is None


def test_binding_again_replaces_the_bindings_of_both_sides(world: World) -> None:
    deputy, resident = world.deputy(), world.resident()
    user = WeChatUser(OFFICIAL_APPID, "oa-1", None)
    for actor in (resident, deputy):
        code, _until = identity.issue_official_account_code(world.ctx_of(actor))
        identity.bind_official_account(world.system, user=user, code=code)
    assert world.system.session.scalars(select(WeChatBinding.account_id)).all() == [deputy.account_id]


# --- the plain number -------------------------------------------------------------------------------


def test_revealing_a_number_needs_a_reason_and_leaves_a_trace(world: World) -> None:
    person = world.create_person(phone="13911110000")
    ctx = world.ctx_of(world.staff())
    with pytest.raises(Invalid, match="reason_required"):
        identity.reveal_phone(ctx, person.id, reason="")
    assert identity.reveal_phone(ctx, person.id, reason="通知会议") == "13911110000"
    assert "phone.revealed" in _actions(world)


def test_a_role_without_the_permission_reveals_nothing(world: World) -> None:
    person = world.create_person()
    with pytest.raises(Forbidden):
        identity.reveal_phone(world.ctx_of(world.staff("auditor")), person.id, reason="好奇")


def test_five_wrong_binding_codes_close_the_door_for_an_hour_even_to_the_right_one(world: World) -> None:
    owner = world.resident()
    code, _until = identity.issue_official_account_code(world.ctx_of(owner))
    guesser = WeChatUser(OFFICIAL_APPID, "o-guesser", None)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(identity.CODE_ATTEMPTS):
        assert identity.bind_official_account(world.system, user=guesser, code=wrong) is None
    with pytest.raises(TooMany, match="binding_tries_over"):
        identity.bind_official_account(world.system, user=guesser, code=code)
    other = WeChatUser(OFFICIAL_APPID, "o-other", None)
    assert identity.bind_official_account(world.system, user=other, code=code) is not None


def test_wrong_binding_codes_are_forgotten_after_an_hour(world: World) -> None:
    guesser = WeChatUser(OFFICIAL_APPID, "o-guesser", None)
    for _ in range(identity.CODE_ATTEMPTS):
        identity.bind_official_account(world.system, user=guesser, code="000000")
    world.clock.advance(minutes=61)
    assert identity.bind_official_account(world.system, user=guesser, code="000000") is None


def test_a_decided_seat_closes_what_others_asked(world: World, wechat: FakeIdentity) -> None:
    _contest(world, wechat)
    session = world.system.session
    claim = session.scalars(select(SeatClaim)).one()
    other = SeatClaim(person_id=claim.person_id, account_id=world.resident().account_id or 0, created_at=world.clock())
    session.add(other)
    session.flush()
    identity.decide_claim(world.ctx_of(world.staff()), claim.id, approve=True, reason="电话核实")
    session.refresh(other)
    assert other.state == "refused"


def test_a_claimant_whose_account_is_gone_gets_no_seat(world: World, wechat: FakeIdentity) -> None:
    _contest(world, wechat)
    session = world.system.session
    claim = session.scalars(select(SeatClaim)).one()
    session.get_one(Account, claim.account_id).state = "merged"
    session.flush()
    with pytest.raises(Conflict, match="claimant_gone"):
        identity.decide_claim(world.ctx_of(world.staff()), claim.id, approve=True, reason="电话核实")


def test_somebody_who_verified_the_phone_before_the_roster_becomes_the_deputy(world: World) -> None:
    phone = world.phone()
    code = identity.prepare_login_code(world.ctx_of(ANONYMOUS), phone=phone).code
    before = identity.login_with_phone(world.ctx_of(ANONYMOUS), phone=phone, code=code).account
    person = world.create_person(phone=phone)
    identity.claim_seat_for_known_resident(world.system, person)
    assert (before.person_id, before.phone_index) == (person.id, None)


def test_what_was_done_by_chat_before_binding_comes_along(world: World) -> None:
    user = WeChatUser(OFFICIAL_APPID, "o-chat", None)
    by_chat = identity.account_of_wechat(world.system, user)
    owner = world.resident()
    opinion = world.opinion(identity.actor_of_account(world.system.session, by_chat))
    code, _until = identity.issue_official_account_code(world.ctx_of(owner))
    identity.bind_official_account(world.system, user=user, code=code)
    world.system.session.refresh(opinion)
    assert opinion.account_id == owner.account_id


@pytest.mark.parametrize(("state", "is_deputy"), [("active", True), ("suspended", False), ("ended", False)])
def test_a_seat_acts_only_while_a_mandate_is_in_force(world: World, state: str, is_deputy: bool) -> None:
    deputy = world.deputy()
    session = world.system.session
    account = session.get_one(Account, deputy.account_id)
    session.scalars(select(Mandate)).one().state = state
    session.flush()
    issued = identity.issue_session(world.system, account)
    by_token = identity.resolve_token(session, issued.token, world.clock())
    assert (by_token.is_deputy, identity.actor_of_account(session, account).is_deputy) == (is_deputy, is_deputy)
