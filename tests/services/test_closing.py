"""Closing an account: what goes, what stays, and the smaller rights beside it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from models.assistant import ChatLine, HandOver
from models.audit import AuditRow
from models.checkin import Visit
from models.comments import Opinion
from models.deputies import Person
from models.identity import Account, DeputyDevice, LoginSession, OneTimeCode, SeatClaim, WeChatBinding
from models.notices import SubscriptionCredit, SubscriptionEvent
from models.outbox import InboxMessage
from services import (
    assistant,
    audiences,
    audit,
    checkin,
    closing,
    comments,
    deputies,
    handovers,
    identity,
    inbox,
    me,
    notices,
    roster,
    subscriptions,
)
from services.context import ANONYMOUS, Actor, Gateways
from services.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from services.ports import WeChatUser
from services.rules import privacy
from services.rules.fences import Position
from tests.factories import World
from tests.fakes import MINI_APPID, OFFICIAL_APPID, FakeIdentity
from tests.services.reachable import allow

PHONE = "13911110009"


@pytest.fixture
def wechat(gateways: Gateways) -> FakeIdentity:
    assert isinstance(gateways.identity, FakeIdentity)
    return gateways.identity


def count(world: World, table: type, *which: object) -> int:
    return world.system.session.scalar(select(func.count()).select_from(table).where(*which)) or 0  # type: ignore[arg-type]


def close(world: World, actor: Actor, word: str = "注销") -> None:
    closing.close_own(world.ctx_of(actor), word=word)
    world.commit()


def account(world: World, actor: Actor) -> Account:
    return world.system.session.get_one(Account, actor.account_id)


def actions(world: World) -> list[tuple[str, dict[str, object]]]:
    audit.seal(world.system)
    return [(row.action, row.changes) for row in world.system.session.scalars(select(AuditRow).order_by(AuditRow.id))]


def resident(world: World, openid: str = "o-1") -> Actor:
    """A resident with all that an account can gather."""
    actor = world.resident(openid=openid)
    ctx, cipher = world.ctx_of(actor), world.system.gateways.cipher
    row = account(world, actor)
    row.name, row.phone_cipher, row.phone_index = "张三", cipher.seal(PHONE, identity.PHONE), cipher.index(PHONE, identity.PHONE)
    allow(world, openid, "tmpl-opinion")
    code, _until = identity.issue_official_account_code(ctx)
    identity.bind_official_account(world.system, user=WeChatUser(OFFICIAL_APPID, f"oa-{openid}", None), code=code)
    assistant.answer(ctx, text="转人工", channel="chat")
    world.system.session.flush()
    return actor


# --- what goes --------------------------------------------------------------------------------------


def test_closing_leaves_nothing_personal_of_a_resident(world: World) -> None:
    actor = resident(world)
    identity.issue_official_account_code(world.ctx_of(actor))
    identity.prepare_login_code(world.system, phone=PHONE)
    inbox.store(world.system, inbox.Arrived("d-1", "mini", MINI_APPID, "o-1", "text", None, {"Content": "你好"}))
    close(world, actor)
    row = account(world, actor)
    assert (row.state, row.ended_at) == ("closed", world.clock())
    assert (row.name, row.phone_cipher, row.phone_index, row.village_id, row.person_id) == ("", None, None, None, None)
    for table in (WeChatBinding, SubscriptionCredit, SubscriptionEvent, ChatLine, OneTimeCode, InboxMessage):
        assert count(world, table) == 0, table.__name__


def test_every_log_in_ends_at_once(world: World) -> None:
    actor = world.resident()
    tokens = [identity.issue_session(world.system, account(world, actor)).token for _ in range(2)]
    close(world, actor)
    assert count(world, LoginSession, LoginSession.revoked_at.is_(None)) == 0
    for token in tokens:
        with pytest.raises(Unauthenticated, match="session_expired"):
            identity.resolve_token(world.system.session, token, world.clock())


@pytest.mark.parametrize("word", ["", "确定", "注 销", "注销账号"])
def test_only_the_typed_word_closes(world: World, word: str) -> None:
    actor = world.resident()
    with pytest.raises(Invalid, match="closing_word_wrong"):
        closing.close_own(world.ctx_of(actor), word=word)
    assert account(world, actor).state == "active"


def test_the_word_may_have_a_space_around_it(world: World) -> None:
    actor = world.resident()
    close(world, actor, " 注销　")
    assert account(world, actor).state == "closed"


def test_closing_twice_changes_nothing_and_is_noted_once(world: World) -> None:
    actor = world.resident()
    close(world, actor)
    ended = account(world, actor).ended_at
    world.clock.advance(hours=1)
    close(world, actor)
    assert account(world, actor).ended_at == ended
    assert [name for name, _ in actions(world)].count("account.closed") == 1


def test_the_audit_tells_who_closed_without_a_name_or_a_number(world: World) -> None:
    actor = resident(world)
    world.opinion(actor)
    close(world, actor)
    (changes,) = [changes for name, changes in actions(world) if name == "account.closed"]
    assert changes == {"by": "self", "open_opinions": 1}


def test_an_open_request_for_a_call_ends_with_the_account(world: World) -> None:
    actor = world.resident()
    handovers.open_hand_over(world.ctx_of(actor), question="我家门牌是5号")
    close(world, actor)
    row = world.system.session.scalars(select(HandOver)).one()
    assert (row.state, row.done_by) == ("done", None)
    assert "5号" not in row.question
    line = handovers.list_for_staff(world.ctx_of(world.staff()))[0][0]
    assert (line.name, line.phone_masked) == ("已注销", None)


def test_a_pending_claim_of_the_closed_account_is_decided_by_it(world: World, wechat: FakeIdentity) -> None:
    owner, claimant = world.deputy(openid="o-owner"), world.resident(openid="o-claimant")
    contest(world, wechat, owner, claimant)
    close(world, claimant)
    claim = world.system.session.scalars(select(SeatClaim)).one()
    assert (claim.state, claim.decided_by, claim.decided_at) == ("refused", None, world.clock())
    with pytest.raises(Conflict, match="claim_decided"):
        identity.decide_claim(world.ctx_of(world.staff()), claim.id, approve=True, reason="核实")


# --- what stays -------------------------------------------------------------------------------------


def test_a_matter_under_handling_goes_on_and_is_answered(world: World) -> None:
    actor, deputy = world.resident(openid="o-1"), world.deputy()
    opinion, clerk = world.opinion(actor), world.ctx_of(world.staff())
    comments.register(clerk, opinion.number)
    close(world, actor)
    comments.assign(clerk, opinion.number, handler=comments.Handler(person_id=deputy.person_id))
    comments.answer_as_deputy(world.ctx_of(deputy), opinion.number, text="已修好。")
    world.clock.advance(days=60)
    assert comments.close_unrated(world.system) == 1
    assert comments.get_for_staff(clerk, opinion.number).state_name == "已办结"


def test_staff_see_that_nobody_reads_the_messages_any_more(world: World) -> None:
    actor = world.resident()
    opinion, clerk = world.opinion(actor), world.ctx_of(world.staff())
    assert not comments.get_for_staff(clerk, opinion.number).is_author_gone
    close(world, actor)
    assert comments.get_for_staff(clerk, opinion.number).is_author_gone


def test_the_forecast_names_what_goes_and_the_numbers_to_note_down(world: World) -> None:
    actor = resident(world)
    open_one, done = world.opinion(actor), world.opinion(actor)
    comments.refuse(world.ctx_of(world.staff()), done.number, reason="涉诉事项")
    handovers.open_hand_over(world.ctx_of(actor), question="请回电")
    found = closing.forecast(world.ctx_of(actor))
    assert found.open_numbers == [open_one.number]
    assert "不再答复" in "".join(found.erased)
    kept = "".join(found.kept)
    assert "正在办理的意见1件" in kept
    assert "满5年" in kept
    assert "代表" not in kept


def test_a_deputys_forecast_tells_of_the_file_the_seat_and_the_waiting_work(world: World) -> None:
    deputy, clerk = world.deputy(), world.ctx_of(world.staff())
    opinion = world.opinion(world.resident())
    comments.register(clerk, opinion.number)
    comments.assign(clerk, opinion.number, handler=comments.Handler(person_id=deputy.person_id))
    found = closing.forecast(world.ctx_of(deputy))
    assert "签到手机的绑定" in found.erased
    kept = "".join(found.kept)
    assert "交您办理的意见1件" in kept
    assert "须由工作人员核实" in kept


def visit_once(world: World, deputy: Actor) -> None:
    scene = world.scene(world.create_station())
    done = checkin.check_in(world.ctx_of(deputy), scene=scene, device_id="device-0001",
                            proof=checkin.Proof(location=Position(28.1, 112.9, 10)))
    world.clock.advance(hours=2)
    checkin.check_out(world.ctx_of(deputy), done.visit.id)


def test_a_deputys_file_stays_with_the_roster_and_the_phone_is_forgotten(world: World) -> None:
    deputy = world.deputy(openid="o-1")
    visit_once(world, deputy)
    close(world, deputy)
    person = world.system.session.get_one(Person, deputy.person_id)
    assert (person.name, person.seat_closed_at) == ("王建国", world.clock())
    assert (count(world, Visit), count(world, DeputyDevice), count(world, WeChatBinding)) == (1, 0, 0)
    card = deputies.get_for_staff(world.ctx_of(world.staff()), person.id)
    assert (card.has_account, card.is_seat_closed) == (False, True)
    assert account(world, deputy).person_id is None


def test_notices_to_a_deputy_who_closed_go_to_the_phone_list(world: World) -> None:
    deputy = world.deputy(openid="o-1")
    allow(world, "o-1")
    close(world, deputy)
    ctx = world.ctx_of(world.staff())
    notice = notices.create_draft(ctx, notices.NoticeForm(kind="meeting", title="会议", body="开会。",
                                                          audience="region_deputies"))
    assert dict(audiences.forecast(ctx, notice).by_reason) == {"not_claimed": 1}


# --- coming back ------------------------------------------------------------------------------------


def log_in(world: World, wechat: FakeIdentity, openid: str, version: str = "") -> Actor:
    wechat.logins["code"] = openid
    issued = identity.login_with_wechat(world.ctx_of(ANONYMOUS), login_code="code", consent_version=version)
    return identity.resolve_token(world.system.session, issued.token, world.clock())


def test_the_same_wechat_user_comes_back_as_somebody_new(world: World, wechat: FakeIdentity) -> None:
    before = log_in(world, wechat, "o-1")
    opinion = world.opinion(before)
    close(world, before)
    after = log_in(world, wechat, "o-1")
    assert after.account_id != before.account_id
    assert comments.list_mine(world.ctx_of(after), page=1, page_size=10) == ([], 0)
    with pytest.raises(NotFound):
        comments.get_mine(world.ctx_of(after), opinion.number)


def test_the_same_phone_comes_back_as_somebody_new(world: World) -> None:
    before = resident(world)
    close(world, before)
    ctx = world.ctx_of(ANONYMOUS)
    code = identity.prepare_login_code(ctx, phone=PHONE).code
    assert identity.login_with_phone(ctx, phone=PHONE, code=code).account.id != before.account_id


def phone_of(world: World, deputy: Actor) -> str:
    return identity.reveal_phone(world.ctx_of(world.staff("county_office")), deputy.person_id or 0, reason="测试")


def contest(world: World, wechat: FakeIdentity, owner: Actor, claimant: Actor, code: str = "seat_taken") -> None:
    wechat.phones["c"] = phone_of(world, owner)
    with pytest.raises(Conflict, match=code) as refused:
        identity.bind_phone_from_wechat(world.ctx_of(claimant), phone_code="c", openid="any")
    assert refused.value.keeps_changes


def approve(world: World) -> None:
    claim = world.system.session.scalars(select(SeatClaim.id).where(SeatClaim.state == "pending")).one()
    identity.decide_claim(world.ctx_of(world.staff()), claim, approve=True, reason="电话核实")
    world.commit()


def test_a_closed_seat_is_opened_again_by_the_clerk_only(world: World, wechat: FakeIdentity) -> None:
    owner = world.deputy(openid="o-1")
    close(world, owner)
    again = log_in(world, wechat, "o-1")
    contest(world, wechat, owner, again, "seat_closed")
    assert account(world, again).person_id is None
    assert me.build_me(world.ctx_of(again)).seat_claim == "pending"
    (claim,) = deputies.list_claims(world.ctx_of(world.staff()))
    assert claim.is_seat_closed
    approve(world)
    assert account(world, again).person_id == owner.person_id
    assert world.system.session.get_one(Person, owner.person_id).seat_closed_at is None


def test_a_log_in_by_the_roster_phone_waits_for_the_clerk_as_a_resident(world: World) -> None:
    owner = world.deputy()
    phone = phone_of(world, owner)
    close(world, owner)
    ctx = world.ctx_of(ANONYMOUS)
    for _ in range(2):
        world.clock.advance(minutes=2)
        ctx = world.ctx_of(ANONYMOUS)
        issued = identity.login_with_phone(ctx, phone=phone, code=identity.prepare_login_code(ctx, phone=phone).code)
        assert issued.account.person_id is None
    assert count(world, SeatClaim) == 1
    approve(world)
    row = account(world, identity.actor_of_account(world.system.session, issued.account))
    assert (row.person_id, row.phone_index) == (owner.person_id, None)


def test_a_closed_seat_is_not_taken_by_an_import_of_the_roster(world: World) -> None:
    owner = world.deputy()
    phone = phone_of(world, owner)
    close(world, owner)
    ctx = world.ctx_of(ANONYMOUS)
    identity.login_with_phone(ctx, phone=phone, code=identity.prepare_login_code(ctx, phone=phone).code)
    clerk = world.ctx_of(world.staff())
    sheet = roster.build_sheet([["王建国", phone, "村支书", "乡镇", "18", "", "", "", "", ""]])
    roster.apply(clerk, roster.preview(clerk, region=world.township, filename="x", content=sheet).id)
    assert count(world, Account, Account.person_id == owner.person_id) == 0


def test_closing_while_somebody_else_asks_for_the_seat_leaves_the_clerk_to_decide(
        world: World, wechat: FakeIdentity) -> None:
    owner, claimant = world.deputy(openid="o-owner"), world.resident(openid="o-claimant")
    contest(world, wechat, owner, claimant)
    close(world, owner)
    approve(world)
    assert account(world, claimant).person_id == owner.person_id


# --- whoever is closed does nothing more ------------------------------------------------------------


def write_opinion(world: World, actor: Actor) -> None:
    world.opinion(actor)


def chat(world: World, actor: Actor) -> None:
    assistant.answer(world.ctx_of(actor), text="帮助", channel="chat")


def rename(world: World, actor: Actor) -> None:
    identity.update_me(world.ctx_of(actor), name="老张")


def ask_code(world: World, actor: Actor) -> None:
    identity.issue_official_account_code(world.ctx_of(actor))


def ask_call(world: World, actor: Actor) -> None:
    handovers.open_hand_over(world.ctx_of(actor), question="请回电")


def own_openid(world: World, actor: Actor) -> None:
    me.own_openid(world.ctx_of(actor))


@pytest.mark.parametrize("act", [write_opinion, chat, rename, ask_code, ask_call, own_openid])
def test_a_closed_account_writes_nothing_any_more(world: World, act: Callable[[World, Actor], None]) -> None:
    actor = world.resident(openid="o-1")
    close(world, actor)
    with pytest.raises(Unauthenticated, match="session_expired"):
        act(world, actor)


def test_a_phone_is_not_bound_to_a_seat_that_was_closed(world: World) -> None:
    deputy = world.deputy()
    close(world, deputy)
    with pytest.raises(Unauthenticated, match="session_expired"):
        identity.bind_device(world.system, deputy.person_id or 0, "device-0001")


def test_a_code_of_a_closed_account_binds_no_official_account(world: World) -> None:
    actor = world.resident()
    code, _until = identity.issue_official_account_code(world.ctx_of(actor))
    account(world, actor).state = "closed"
    user = WeChatUser(OFFICIAL_APPID, "oa-1", None)
    assert identity.bind_official_account(world.system, user=user, code=code) is None


# --- the clerk --------------------------------------------------------------------------------------


def test_a_clerk_finds_by_phone_or_by_opinion_number_and_closes_with_a_reason(world: World) -> None:
    actor = resident(world)
    number = world.opinion(actor).number
    clerk = world.ctx_of(world.staff())
    assert closing.find_account(clerk, PHONE) == closing.find_account(clerk, f" {number.lower()} ") == actor.account_id
    card = closing.get_card(clerk, actor.account_id or 0)
    assert (card.name, card.phone_masked, card.village, card.forecast.open_numbers) == (
        "张三", "139****0009", "石桥村", [number])
    closing.close_for(clerk, actor.account_id or 0, reason="本人来电")
    world.commit()
    assert account(world, actor).state == "closed"
    assert ("account.closed", {"by": "staff", "reason": "本人来电", "open_opinions": 1}) in actions(world)


def test_a_deputy_is_found_by_the_number_on_the_roster(world: World) -> None:
    deputy = world.deputy()
    clerk = world.ctx_of(world.staff())
    found = closing.find_account(clerk, phone_of(world, deputy))
    assert (found, closing.get_card(clerk, found).is_deputy) == (deputy.account_id, True)


def test_a_clerk_needs_a_reason(world: World) -> None:
    actor = world.resident()
    with pytest.raises(Invalid, match="reason_required"):
        closing.close_for(world.ctx_of(world.staff()), actor.account_id or 0, reason=" ")


def test_an_account_of_elsewhere_or_of_nobody_is_not_found(world: World) -> None:
    actor = resident(world)
    opinion = world.opinion(actor)
    foreign = world.ctx_of(world.staff(region=world.other_township))
    for wanted in (PHONE, opinion.number, "13900000000", "YJ000", "张三"):
        with pytest.raises(Invalid, match="account_not_found"):
            closing.find_account(foreign, wanted)
    with pytest.raises(NotFound):
        closing.close_for(foreign, actor.account_id or 0, reason="来电")


def test_a_closed_account_is_not_found_again(world: World) -> None:
    actor = resident(world)
    number = world.opinion(actor).number
    close(world, actor)
    with pytest.raises(Invalid, match="account_not_found"):
        closing.find_account(world.ctx_of(world.staff()), number)
    with pytest.raises(NotFound):
        closing.close_for(world.ctx_of(world.staff()), actor.account_id or 0, reason="来电")


def test_who_has_no_village_is_reached_by_an_opinion_or_by_the_county(world: World) -> None:
    nowhere = world._account()
    clerk, office = world.ctx_of(world.staff()), world.ctx_of(world.staff("county_office"))
    with pytest.raises(NotFound):
        closing.get_card(clerk, nowhere.account_id or 0)
    assert closing.get_card(office, nowhere.account_id or 0).village is None
    number = world.opinion(nowhere).number
    assert closing.find_account(clerk, number) == nowhere.account_id


@pytest.mark.parametrize("role", ["township_chair", "auditor", "admin", "handling_unit"])
def test_other_roles_close_nothing(world: World, role: str) -> None:
    with pytest.raises(Forbidden):
        closing.find_account(world.ctx_of(world.staff(role)), PHONE)


# --- consents ---------------------------------------------------------------------------------------


def test_a_log_in_keeps_the_consent_given_with_it(world: World, wechat: FakeIdentity) -> None:
    actor = log_in(world, wechat, "o-1", privacy.VERSION)
    found = closing.standing(world.ctx_of(actor))
    assert (found.consent_version, found.consent_at) == (privacy.VERSION, world.clock())
    world.clock.advance(days=1)
    log_in(world, wechat, "o-1")
    assert closing.standing(world.ctx_of(actor)).consent_at == world.clock() - timedelta(days=1)


def test_a_consent_to_a_text_of_before_is_not_taken(world: World, wechat: FakeIdentity) -> None:
    with pytest.raises(Invalid, match="consent_outdated"):
        log_in(world, wechat, "o-1", "2020-01")


def test_withdrawing_stops_what_rests_on_consent_and_logs_out(world: World) -> None:
    actor = resident(world)
    opinion = world.opinion(actor)
    token = identity.issue_session(world.system, account(world, actor)).token
    closing.withdraw_consent(world.ctx_of(actor))
    world.commit()
    row = account(world, actor)
    assert (row.state, row.name, row.village_id, row.phone_index) == ("active", "", None, None)
    assert (count(world, SubscriptionCredit), count(world, ChatLine)) == (0, 0)
    assert world.system.session.scalars(select(WeChatBinding.appid)).all() == [MINI_APPID]
    with pytest.raises(Unauthenticated):
        identity.resolve_token(world.system.session, token, world.clock())
    assert world.system.session.get_one(Opinion, opinion.id).account_id == actor.account_id


def test_after_a_withdrawal_a_silent_log_in_is_refused_until_the_person_agrees(
        world: World, wechat: FakeIdentity) -> None:
    actor = log_in(world, wechat, "o-1", privacy.VERSION)
    opinion = world.opinion(actor)
    closing.withdraw_consent(world.ctx_of(actor))
    with pytest.raises(Forbidden, match="consent_required"):
        log_in(world, wechat, "o-1")
    back = log_in(world, wechat, "o-1", privacy.VERSION)
    assert comments.get_mine(world.ctx_of(back), opinion.number).opinion.id == opinion.id


def test_a_text_that_asks_anew_refuses_silent_log_ins_and_rotation(world: World, wechat: FakeIdentity) -> None:
    actor = log_in(world, wechat, "o-1", privacy.VERSION)
    account(world, actor).consent_version = "2020-01"
    for again in (lambda: log_in(world, wechat, "o-1"), lambda: identity.rotate_session(world.ctx_of(actor))):
        with pytest.raises(Forbidden, match="consent_required"):
            again()


def test_a_withdrawal_keeps_the_number_that_is_the_only_way_in(world: World) -> None:
    actor = resident(world)
    for row in world.system.session.scalars(select(WeChatBinding)):
        world.system.session.delete(row)
    closing.withdraw_consent(world.ctx_of(actor))
    assert account(world, actor).phone_index is not None


def test_a_deputys_withdrawal_leaves_the_seat(world: World) -> None:
    deputy = world.deputy(openid="o-1")
    closing.withdraw_consent(world.ctx_of(deputy))
    row = account(world, deputy)
    assert (row.person_id, row.name) == (deputy.person_id, "王建国")


def test_a_resident_takes_the_number_back_where_wechat_remains(world: World) -> None:
    actor = resident(world)
    assert closing.standing(world.ctx_of(actor)).can_forget_phone
    for _ in range(2):
        closing.forget_phone(world.ctx_of(actor))
    assert account(world, actor).phone_index is None
    assert not closing.standing(world.ctx_of(actor)).can_forget_phone
    assert [name for name, _ in actions(world)].count("phone.unbound") == 1


def test_a_number_that_is_the_only_way_in_stays(world: World) -> None:
    ctx = world.ctx_of(ANONYMOUS)
    row = identity.login_with_phone(ctx, phone=PHONE, code=identity.prepare_login_code(ctx, phone=PHONE).code).account
    with pytest.raises(Conflict, match="phone_only_way_in"):
        closing.forget_phone(world.ctx_of(identity.actor_of_account(ctx.session, row)))


def test_a_deputys_number_is_the_rosters(world: World) -> None:
    with pytest.raises(Conflict, match="phone_on_roster"):
        closing.forget_phone(world.ctx_of(world.deputy(openid="o-1")))


def test_stopping_messages_voids_what_was_allowed(world: World) -> None:
    actor = resident(world)
    assert closing.standing(world.ctx_of(actor)).messages_on
    closing.stop_messages(world.ctx_of(actor))
    assert not closing.standing(world.ctx_of(actor)).messages_on
    assert not subscriptions.take_credits(world.system, ["o-1"], "tmpl-opinion")


def test_leaving_the_official_account_keeps_the_mini_program(world: World) -> None:
    actor = resident(world)
    closing.leave_official_account(world.ctx_of(actor))
    assert world.system.session.scalars(select(WeChatBinding.appid)).all() == [MINI_APPID]
    assert not me.build_me(world.ctx_of(actor)).official_account_bound
    assert closing.standing(world.ctx_of(actor)).messages_on


# --- changing the number without WeChat -------------------------------------------------------------


def test_a_new_number_is_proved_by_its_code(world: World) -> None:
    actor = world.resident()
    ctx = world.ctx_of(actor)
    code = identity.prepare_login_code(ctx, phone=PHONE).code
    with pytest.raises(Unauthenticated, match="phone_code_wrong"):
        identity.bind_phone_by_code(ctx, phone=PHONE, code=f"{(int(code) + 1) % 10**6:06d}")
    identity.bind_phone_by_code(ctx, phone=PHONE, code=code)
    assert me.build_me(world.ctx_of(actor)).phone_masked == "139****0009"


def test_what_is_no_number_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="phone_invalid"):
        identity.bind_phone_by_code(world.ctx_of(world.resident()), phone="123", code="000000")
