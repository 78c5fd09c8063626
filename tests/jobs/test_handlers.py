"""Jobs after a commit: the text check, the timely answer, and callbacks of the platform."""

import pytest
from sqlalchemy import func, select

from app.jobs import run
from app.jobs.handlers import HANDLERS
from app.program import Program
from models.assistant import ChatLine
from models.audit import AuditRow
from models.checkin import Visit
from models.comments import Opinion
from models.deputies import Mandate
from models.duties import DutyRecord
from models.identity import Account, WeChatBinding
from models.notices import NoticeDelivery, SubscriptionCredit
from models.outbox import InboxMessage, OutboxMessage
from models.points import PointEntry
from services import checkin, comments, handovers, identity, inbox, mandates, notices, outbox, subscriptions
from services.comments import Handler
from services.context import ANONYMOUS
from services.errors import Unavailable
from services.ports import PushRefused, TextVerdict
from tests.factories import World
from tests.fakes import MINI_APPID, OFFICIAL_APPID, FakeIdentity, FakeMessenger, FakeModerator


@pytest.fixture
def messenger(program: Program) -> FakeMessenger:
    fake = program.gateways.messenger
    assert isinstance(fake, FakeMessenger)
    return fake


@pytest.fixture
def moderator(program: Program) -> FakeModerator:
    fake = program.gateways.moderator
    assert isinstance(fake, FakeModerator)
    return fake


@pytest.fixture
def platform(program: Program) -> FakeIdentity:
    fake = program.gateways.identity
    assert isinstance(fake, FakeIdentity)
    return fake


def _messages(world: World, topic: str) -> list[OutboxMessage]:
    world.system.session.expire_all()
    return list(world.system.session.scalars(select(OutboxMessage).where(OutboxMessage.topic == topic)))


# --- the text check ---------------------------------------------------------------------------------


@pytest.mark.parametrize("verdict", ["pass", "review", "risky"])
def test_the_platforms_verdict_is_recorded_and_moves_nothing(
        world: World, program: Program, moderator: FakeModerator, verdict: str) -> None:
    moderator.suggestion = verdict
    opinion = world.opinion(world.resident(openid="o-r"))
    world.commit()
    assert run.drain(program) == 1
    world.system.session.expire_all()
    found = world.system.session.get_one(Opinion, opinion.id)
    assert (found.text_check, found.state) == (verdict, "screening")
    assert moderator.asked == [(found.text, "o-r")]


def test_who_did_not_come_from_wechat_is_not_checkable(world: World, program: Program) -> None:
    opinion = world.opinion(world.resident())
    world.commit()
    run.drain(program)
    world.system.session.expire_all()
    assert world.system.session.get_one(Opinion, opinion.id).text_check == "unreachable"


def test_a_checked_text_is_not_sent_to_the_platform_again(
        world: World, program: Program, moderator: FakeModerator) -> None:
    opinion = world.opinion(world.resident(openid="o-r"))
    world.commit()
    for _ in range(2):
        HANDLERS["opinion.submitted"](program, opinion_id=opinion.id)
    assert len(moderator.asked) == 1


class _Away(FakeModerator):
    """A platform that refuses in our own words."""

    def check_text(self, text: str, *, openid: str | None) -> TextVerdict:
        raise Unavailable("wechat_unavailable")


def test_a_domain_refusal_backs_off_with_its_code_and_dies_visibly_at_the_end(world: World, program: Program) -> None:
    from dataclasses import replace

    program.gateways = replace(program.gateways, moderator=_Away())
    world.opinion(world.resident(openid="o-r"))
    world.commit()
    outcomes = []
    for _ in range(outbox.MAX_ATTEMPTS):
        row = _messages(world, "opinion.submitted")[0]
        world.clock.moment = max(row.not_before, world.clock.moment)
        outcomes.append(run.run_message(program, row.id))
    assert outcomes == ["retry"] * 7 + ["dead"]
    row = _messages(world, "opinion.submitted")[0]
    assert (row.state, row.last_error) == ("dead", "Unavailable:wechat_unavailable")
    assert run.drain(program) == 0


def test_a_topic_nobody_knows_backs_off_by_class_name(world: World, program: Program) -> None:
    outbox.publish(world.system, "made.up", number=1)
    world.commit()
    assert run.drain(program) == 1
    assert _messages(world, "made.up")[0].last_error == "KeyError"


# --- the timely answer ------------------------------------------------------------------------------


def _answer(world: World, *, days: float = 0) -> None:
    deputy, clerk = world.deputy(), world.ctx_of(world.staff())
    opinion = world.opinion(world.resident())
    comments.register(clerk, opinion.number)
    comments.assign(clerk, opinion.number, handler=Handler(person_id=deputy.person_id))
    world.clock.advance(days=days)
    comments.answer_as_deputy(world.ctx_of(deputy), opinion.number, text="已修好。")
    world.commit()


def test_a_timely_answer_is_a_duty_with_points_and_counts_once(world: World, program: Program) -> None:
    _answer(world)
    run.drain(program)
    message = _messages(world, "opinion.answered")[0]
    HANDLERS["opinion.answered"](program, **message.payload)
    world.system.session.expire_all()
    duty = world.system.session.scalars(select(DutyRecord)).one()
    assert (duty.item_code, duty.source, duty.state) == ("C4", "answer", "confirmed")
    assert world.system.session.scalars(select(PointEntry.amount_half)).all() == [1]


def test_a_late_answer_is_no_duty(world: World, program: Program) -> None:
    _answer(world, days=5)
    run.drain(program)
    assert world.system.session.scalar(select(func.count()).select_from(DutyRecord)) == 0


# --- callbacks --------------------------------------------------------------------------------------


def _arrive(world: World, *, event: str | None = None, body: dict[str, object] | None = None, openid: str = "o-1",
            kind: str = "mini", msg_type: str = "", key: str = "k-1") -> None:
    appid = MINI_APPID if kind == "mini" else OFFICIAL_APPID
    inbox.store(world.system, inbox.Arrived(key, kind, appid, openid, msg_type or ("event" if event else "text"), event,
                                            body or {}))
    world.commit()


def _credit(world: World, template: str) -> int:
    world.system.session.expire_all()
    return world.system.session.scalar(select(SubscriptionCredit.balance).where(
        SubscriptionCredit.template_id == template)) or 0


@pytest.mark.parametrize(("template", "balance"), [("tmpl-notice", 1), ("tmpl-opinion", 1)])
def test_an_acceptance_in_the_popup_is_a_credit_counted_once(
        world: World, program: Program, template: str, balance: int) -> None:
    _arrive(world, event="subscribe_msg_popup_event", body={"List": [
        {"TemplateId": template, "SubscribeStatusString": "accept", "PopupScene": "0"}]})
    run.drain(program)
    HANDLERS["callback.arrived"](program, inbox_id=world.system.session.scalars(select(InboxMessage.id)).one())
    assert _credit(world, template) == balance


def test_two_acceptances_add_up_for_a_one_time_template_only(world: World, program: Program) -> None:
    for key in ("k-1", "k-2"):
        _arrive(world, key=key, event="subscribe_msg_popup_event", body={"List": [
            {"TemplateId": "tmpl-notice", "SubscribeStatusString": "accept"},
            {"TemplateId": "tmpl-opinion", "SubscribeStatusString": "accept"}]})
    run.drain(program)
    assert (_credit(world, "tmpl-notice"), _credit(world, "tmpl-opinion")) == (1, 2)


def test_a_withdrawal_in_the_settings_ends_a_long_term_credit(world: World, program: Program) -> None:
    for number, (event, word) in enumerate((("subscribe_msg_popup_event", "accept"),
                                            ("subscribe_msg_change_event", "reject"))):
        _arrive(world, key=f"k-{number}", event=event,
                body={"List": [{"TemplateId": "tmpl-notice", "SubscribeStatusString": word}]})
        run.drain(program)
    assert _credit(world, "tmpl-notice") == 0


@pytest.mark.parametrize("names_messages", [True, False])
def test_a_sent_event_settles_the_delivery(
        world: World, program: Program, messenger: FakeMessenger, names_messages: bool) -> None:
    messenger.names_messages = names_messages
    world.deputy(openid="o-1")
    subscriptions.record_subscription(world.system, openid="o-1", template_id="tmpl-notice", result="accept", origin="callback",
                                dedupe_key="s")
    ctx = world.ctx_of(world.staff())
    notices.send(ctx, notices.create_draft(ctx, notices.NoticeForm(
        kind="meeting", title="会议", body="开会。", audience="region_deputies")).id)
    world.commit()
    run.drain(program)
    _arrive(world, event="subscribe_msg_sent_event", body={"List": [
        {"TemplateId": "tmpl-notice", "MsgID": "m-1", "ErrorCode": "0", "ErrorStatus": "success"}]})
    run.drain(program)
    world.system.session.expire_all()
    row = world.system.session.scalars(select(NoticeDelivery)).one()
    assert (row.state, row.msgid) == ("delivered", "m-1" if names_messages else None)


@pytest.mark.parametrize(("event", "body"), [
    ("subscribe_msg_popup_event", {}), ("subscribe_msg_popup_event", {"List": "odd"}),
    ("subscribe_msg_popup_event", {"List": ["odd", 1]}), ("subscribe_msg_sent_event", {"List": [{}]}),
    ("unsubscribe", {}), ("brand_new_event", {"List": [{"TemplateId": "tmpl-notice"}]})])
def test_an_unknown_or_malformed_event_is_processed_and_changes_nothing(
        world: World, program: Program, event: str, body: dict[str, object]) -> None:
    _arrive(world, event=event, body=body)
    run.drain(program)
    world.system.session.expire_all()
    assert _messages(world, "callback.arrived")[0].state == "done"
    assert world.system.session.scalars(select(InboxMessage.processed_at)).one() is not None
    assert _credit(world, "tmpl-notice") == 0


def test_a_chat_text_is_answered_once(world: World, program: Program, messenger: FakeMessenger) -> None:
    _arrive(world, body={"Content": "帮助"})
    run.drain(program)
    HANDLERS["callback.arrived"](program, inbox_id=world.system.session.scalars(select(InboxMessage.id)).one())
    assert [(kind, openid) for kind, openid, _text in messenger.answers] == [("mini", "o-1")]
    assert "我是代表助手" in messenger.answers[0][2]
    assert world.system.session.scalar(select(func.count()).select_from(ChatLine)) == 2


def test_a_picture_is_answered_with_a_request_for_words(
        world: World, program: Program, messenger: FakeMessenger) -> None:
    _arrive(world, msg_type="image")
    run.drain(program)
    assert "请用文字告诉我" in messenger.answers[0][2]


def test_an_answer_the_platform_refuses_is_not_repeated(
        world: World, program: Program, messenger: FakeMessenger) -> None:
    messenger.failures["o-1"] = RuntimeError()
    _arrive(world, body={"Content": "帮助"})
    run.drain(program)
    messenger.failures.clear()
    world.clock.advance(hours=1)
    run.drain(program)
    assert messenger.answers == []
    assert _messages(world, "callback.arrived")[0].state == "done"


def test_the_official_accounts_text_is_answered_through_the_official_account(
        world: World, program: Program, messenger: FakeMessenger) -> None:
    _arrive(world, kind="oa", body={"Content": "我要提意见"})
    run.drain(program)
    assert [kind for kind, *_ in messenger.answers] == ["oa"]
    assert set(world.system.session.scalars(select(ChatLine.channel))) == {"official_account"}


# --- a deputy leaves --------------------------------------------------------------------------------


def test_what_a_deputy_had_to_do_is_settled_after_the_mandate_ended(world: World, program: Program) -> None:
    deputy, clerk = world.deputy(), world.ctx_of(world.staff())
    opinion = world.opinion(world.resident())
    comments.register(clerk, opinion.number)
    comments.assign(clerk, opinion.number, handler=Handler(person_id=deputy.person_id))
    visit = checkin.check_in(world.ctx_of(deputy), scene=world.scene(world.create_station()), device_id=None,
                             proof=checkin.Proof(asks_clerk=True)).visit
    mandate = clerk.session.scalars(select(Mandate.id)).one()
    mandates.end_mandate(clerk, mandate, mandates.Ending("resigned", clerk.today))
    world.commit()
    run.drain(program)
    for _ in range(2):
        world.system.session.expire_all()
        assert world.system.session.get_one(Opinion, opinion.id).state == "registered"
        assert world.system.session.get_one(Visit, visit.id).state == "refused"
        HANDLERS["deputy.reach_changed"](program, person_id=deputy.person_id)


# --- what a person takes back in WeChat itself ------------------------------------------------------


def _bound_resident(world: World) -> Account:
    actor, cipher = world.resident(openid="o-1"), world.system.gateways.cipher
    row = world.system.session.get_one(Account, actor.account_id)
    row.phone_cipher, row.phone_index = cipher.seal("13911110009", "phone"), cipher.index("13911110009", "phone")
    world.commit()
    return row


@pytest.mark.parametrize("body", [{"OpenID": "o-1", "RevokeInfo": "1"}, {}])
def test_ending_the_app_in_wechat_closes_the_account_once(
        world: World, program: Program, body: dict[str, object]) -> None:
    account = _bound_resident(world)
    for key in ("k-1", "k-2"):
        _arrive(world, key=key, event="user_authorization_cancellation", body=body)
        run.drain(program)
    world.system.session.expire_all()
    assert (account.state, account.phone_index) == ("closed", None)
    assert {message.state for message in _messages(world, "callback.arrived")} == {"done"}
    assert list(world.system.session.scalars(select(AuditRow.changes).where(AuditRow.action == "account.closed"))) == [
        {"by": "wechat", "open_opinions": 0}]


def test_ending_the_official_account_in_wechat_only_unbinds_it(world: World, program: Program) -> None:
    account = _bound_resident(world)
    world.system.session.add(WeChatBinding(account_id=account.id, appid=OFFICIAL_APPID, openid="oa-1",
                                           bound_at=world.clock(), seen_at=world.clock()))
    _arrive(world, kind="oa", openid="oa-1", event="user_authorization_cancellation")
    run.drain(program)
    world.system.session.expire_all()
    assert account.state == "active"
    assert world.system.session.scalars(select(WeChatBinding.appid)).all() == [MINI_APPID]


@pytest.mark.parametrize(("revoked", "is_kept"), [("8", False), ("6,8", False), ("13", True), ("", True), ("odd", True)])
def test_taking_the_number_back_in_wechat_deletes_it(
        world: World, program: Program, revoked: str, is_kept: bool) -> None:
    account = _bound_resident(world)
    _arrive(world, event="user_authorization_revoke", body={"OpenID": "o-1", "RevokeInfo": revoked})
    run.drain(program)
    world.system.session.expire_all()
    assert (account.phone_index is not None) == is_kept


@pytest.mark.parametrize("event", ["user_authorization_cancellation", "user_authorization_revoke"])
def test_a_withdrawal_of_somebody_unknown_changes_nothing(world: World, program: Program, event: str) -> None:
    account = _bound_resident(world)
    _arrive(world, openid="o-other", event=event, body={"OpenID": "o-other", "RevokeInfo": "8"})
    run.drain(program)
    world.system.session.expire_all()
    assert (account.state, account.phone_index is None) == ("active", False)


# --- who follows the official account ---------------------------------------------------------------


def _is_bound(world: World, account_id: int | None) -> bool:
    world.system.session.expire_all()
    return identity.openid_of(world.system.session, account_id or 0, OFFICIAL_APPID) == "oa-1"


@pytest.mark.parametrize(("event", "body"), [("subscribe", {}), (None, {"Content": "帮助"})])
def test_who_follows_or_writes_is_linked_by_unionid_without_a_code(
        world: World, program: Program, platform: FakeIdentity, event: str | None, body: dict[str, object]) -> None:
    platform.logins["code"] = "o-1"
    platform.unionids = {"o-1": "u-1", "oa-1": "u-1"}
    account = identity.login_with_wechat(world.ctx_of(ANONYMOUS), login_code="code").account
    _arrive(world, kind="oa", openid="oa-1", event=event, body=body)
    assert run.drain(program) == 1
    assert platform.asked == []
    while run.drain(program):
        pass
    assert platform.asked == ["oa-1"]
    assert _is_bound(world, account.id)


def test_who_wrote_before_the_first_log_in_is_found_at_it(
        world: World, program: Program, platform: FakeIdentity) -> None:
    platform.unionids = {"o-1": "u-1", "oa-1": "u-1"}
    _arrive(world, kind="oa", openid="oa-1", body={"Content": "帮助"})
    run.drain(program)
    run.drain(program)
    platform.logins["code"] = "o-1"
    account = identity.login_with_wechat(world.ctx_of(ANONYMOUS), login_code="code").account
    assert _is_bound(world, account.id)


@pytest.mark.parametrize("unionids", [{}, {"oa-1": "u-1"}])
def test_a_follower_who_is_nobodys_account_leaves_none(
        world: World, program: Program, platform: FakeIdentity, unionids: dict[str, str]) -> None:
    platform.unionids = unionids
    _arrive(world, kind="oa", openid="oa-1", event="subscribe")
    run.drain(program)
    run.drain(program)
    assert platform.asked == ["oa-1"]
    assert world.system.session.scalar(select(func.count()).select_from(Account)) == 0


def test_a_platform_that_is_away_is_asked_again(world: World, program: Program, platform: FakeIdentity) -> None:
    platform.unionids, platform.is_away = {"oa-1": "u-1"}, True
    _arrive(world, kind="oa", openid="oa-1", event="subscribe")
    run.drain(program)
    run.drain(program)
    assert _messages(world, "official_account.met")[0].state == "pending"
    platform.is_away = False
    world.clock.advance(minutes=1)
    run.drain(program)
    assert _messages(world, "official_account.met")[0].state == "done"
    assert platform.asked == ["oa-1", "oa-1"]


@pytest.mark.parametrize(("kind", "event"), [("oa", "unsubscribe"), ("oa", "click"), ("mini", None)])
def test_nobody_else_is_looked_up(world: World, program: Program, platform: FakeIdentity, kind: str,
                                  event: str | None) -> None:
    _arrive(world, kind=kind, openid="oa-1", event=event, body={"Content": "帮助"})
    run.drain(program)
    run.drain(program)
    assert (platform.asked, _messages(world, "official_account.met")) == ([], [])


# --- a person's answer to a request of the chat -----------------------------------------------------


def test_a_clerks_reply_reaches_the_official_account_and_a_refusal_costs_nothing(
        world: World, program: Program, messenger: FakeMessenger) -> None:
    for openid in ("o-follows", "o-too-late"):
        resident = world.resident()
        world.system.session.add(WeChatBinding(account_id=resident.account_id, appid=OFFICIAL_APPID, openid=openid,
                                               bound_at=world.clock(), seen_at=world.clock()))
        row = handovers.open_hand_over(world.ctx_of(resident), question="低保怎么办")
        handovers.close_hand_over(world.ctx_of(world.staff()), row.id, reply="请带身份证到镇便民中心。")
    messenger.failures["o-too-late"] = PushRefused("refused")
    world.commit()
    run.drain(program)
    assert messenger.answers == [("oa", "o-follows", "工作人员回复您的咨询“低保怎么办”：\n请带身份证到镇便民中心。")]
    assert [row.state for row in _messages(world, "handover.replied")] == ["done", "done"]
