"""Closing an account, and the smaller rights beside it: withdrawing the consent, unbinding (注销、撤回同意).

What is a person's own is erased in the transaction of the closing. What belongs to the congress stays: matters
under handling go on, and a deputy's file hangs on the roster, not on the account.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, tuple_, update

from models.assistant import ChatLine, Dialogue, HandOver
from models.base import Base
from models.comments import Opinion, OpinionAssignment
from models.deputies import Person
from models.identity import Account, DeputyDevice, LoginSession, OneTimeCode, SeatClaim, WeChatBinding
from models.notices import SubscriptionCredit, SubscriptionEvent
from models.outbox import IdempotencyKey, InboxMessage
from models.regions import Region
from services import access, audit, identity
from services.context import Context
from services.errors import Conflict, Invalid, NotFound
from services.rules import retention
from services.rules.phones import mask_phone, normalise_phone
from services.rules.typed import normalised

#: What a person types to close the account: no slip of a finger does.
WORD = "注销"
HANDLED = ("screening", "registered", "assigned", "merged", "answered")
#: WeChat's number for the phone number, in the list of what a person has taken back.
_PHONE_REVOKED = 8
_GONE = "（提问人已注销账号）"


# --- what will happen -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Forecast:
    """What a closing erases, what it leaves and why, in sentences; and the numbers to note down before."""

    erased: list[str]
    kept: list[str]
    open_numbers: list[str]


def forecast(ctx: Context) -> Forecast:
    """The asker's own forecast, before the word is typed."""
    return _forecast(ctx, ctx.session.get_one(Account, access.account_id(ctx)))


def _forecast(ctx: Context, account: Account) -> Forecast:
    numbers = _open_numbers(ctx, account.id)
    erased = ["登录：所有手机和电脑上的登录立即失效", "微信标识、公众号绑定和订阅消息",
              "与代表助手的对话；没有提交的照片在一天内删除"]
    erased.append("签到手机的绑定" if account.person_id else "手机号、称呼和所在村（社区）")
    if _count(ctx, HandOver, HandOver.account_id == account.id, HandOver.state == "open"):
        erased.append("还没有答复的咨询，不再答复")
    return Forecast(erased, _kept(ctx, account, len(numbers)), numbers)


def _kept(ctx: Context, account: Account, open_opinions: int) -> list[str]:
    kept = []
    if open_opinions:
        kept.append(f"正在办理的意见{open_opinions}件：继续办理，不再通知您。请记下编号，凭编号到联络站询问结果")
    if _count(ctx, Opinion, Opinion.account_id == account.id) > open_opinions:
        years = retention.kept_for("opinions").days // retention.YEAR
        kept.append(f"已办结的意见：作为办理档案保存，满{years}年后去掉提出人信息、删除照片")
    if account.person_id is not None:
        waiting = _count(ctx, OpinionAssignment, OpinionAssignment.person_id == account.person_id,
                         OpinionAssignment.state == "open")
        if waiting:
            kept.append(f"交您办理的意见{waiting}件：请先答复或退回，或请工作人员改派")
        kept.append("代表名册、签到、履职和积分：属于代表履职档案，由人大保存，不随账号删除")
        kept.append("代表身份：注销后不能自行恢复，再次使用须由工作人员核实")
    return [*kept, "操作日志：依照网络安全规定保存，其中没有姓名和手机号"]


def _open_numbers(ctx: Context, account_id: int) -> list[str]:
    return list(ctx.session.scalars(select(Opinion.number).where(
        Opinion.account_id == account_id, Opinion.state.in_(HANDLED)).order_by(Opinion.id)))


def _count(ctx: Context, table: type[Base], *which: Any) -> int:
    return ctx.session.scalar(select(func.count()).select_from(table).where(*which)) or 0


# --- closing ----------------------------------------------------------------------------------------


def close_own(ctx: Context, *, word: str) -> None:
    """The person closes the own account after typing the word; it works at once, and a second time changes nothing.

    Raises `closing_word_wrong`.
    """
    if normalised(word) != WORD:
        raise Invalid("closing_word_wrong", fields={"word": "closing_word_wrong"})
    _close(ctx, access.account_id(ctx), {"by": "self"})


def close_for(ctx: Context, account_id: int, *, reason: str) -> None:
    """A clerk closes an account for somebody who asked for it; the reason goes to the audit."""
    account = access.access_account(ctx, account_id, "accounts.close")
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    _close(ctx, account.id, {"by": "staff", "reason": reason.strip()})


def close_by_platform(ctx: Context, *, appid: str, openid: str) -> None:
    """The person ended the use of an app of ours in WeChat itself, which asks us to delete what we have.

    The mini-program is the account; the official account is one more way to it, and only that is unbound.
    """
    account_id = _account_of(ctx, appid, openid)
    if account_id is None:
        return
    if appid == ctx.settings.mini_appid:
        _close(ctx, account_id, {"by": "wechat"})
    else:
        _forget_bindings(ctx, account_id, appid)
        audit.record(ctx, "official_account.unbound", f"account:{account_id}", {"by": "wechat"})


def revoke_by_platform(ctx: Context, *, appid: str, openid: str, kinds: Collection[int]) -> None:
    """The person took permissions back in WeChat's settings; of what those give, we keep the number alone."""
    account_id = _account_of(ctx, appid, openid)
    if account_id is not None and _PHONE_REVOKED in kinds:
        account = ctx.session.get_one(Account, account_id, with_for_update=True)
        if account.person_id is None and account.phone_index is not None:
            account.phone_cipher = account.phone_index = None
            audit.record(ctx, "phone.unbound", f"account:{account.id}", {"by": "wechat"})


def _account_of(ctx: Context, appid: str, openid: str) -> int | None:
    return ctx.session.scalar(select(WeChatBinding.account_id).where(
        WeChatBinding.appid == appid, WeChatBinding.openid == openid))


def _close(ctx: Context, account_id: int, how: dict[str, str]) -> None:
    """Claims, seat, account: locked in the order in which a clerk's decision locks them."""
    session = ctx.session
    claims = session.scalars(
        select(SeatClaim).where(SeatClaim.account_id == account_id, SeatClaim.state == "pending")
        .order_by(SeatClaim.id).with_for_update()).all()
    person = session.scalar(select(Person).join(Account, Account.person_id == Person.id)
                            .where(Account.id == account_id).with_for_update(of=Person, key_share=True))
    account = session.scalar(select(Account).where(Account.id == account_id, Account.state == "active")
                             .with_for_update().execution_options(populate_existing=True))
    if account is None:
        return
    for claim in claims:
        claim.state, claim.reason, claim.decided_at = "refused", "申请人已注销账号", ctx.now
    region_id = person.region_id if person is not None else account.village_id
    changes: dict[str, Any] = {**how, "open_opinions": len(_open_numbers(ctx, account.id))}
    if account.person_id is not None:
        changes["person"] = account.person_id
        _leave_seat(ctx, account.person_id)
    account.state, account.ended_at = "closed", ctx.now
    erase(ctx, account)
    audit.record(ctx, "account.closed", f"account:{account.id}", changes, region_id=region_id)


def _leave_seat(ctx: Context, person_id: int) -> None:
    """The roster keeps the person; the seat waits for a clerk's decision, and nothing of the phone is known."""
    ctx.session.get_one(Person, person_id).seat_closed_at = ctx.now
    ctx.session.execute(delete(DeputyDevice).where(DeputyDevice.person_id == person_id))


def erase(ctx: Context, account: Account) -> None:
    """Empty an account that has ended and remove what hangs on it; repeatable, it also takes what came late."""
    session = ctx.session
    account.consent_withdrawn_at = account.consent_withdrawn_at or ctx.now
    _forget_bindings(ctx, account.id)
    _forget_talk(ctx, account.id)
    session.execute(delete(OneTimeCode).where(
        OneTimeCode.purpose == "official_account", OneTimeCode.subject == str(account.id)))
    if account.phone_index is not None:
        session.execute(delete(OneTimeCode).where(
            OneTimeCode.purpose == "login", OneTimeCode.subject == account.phone_index))
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.actor == f"account:{account.id}"))
    session.execute(update(HandOver).where(HandOver.account_id == account.id, HandOver.state == "open")
                    .values(state="done", done_at=ctx.now))
    session.execute(update(HandOver).where(HandOver.account_id == account.id).values(question=_GONE, reply=None))
    end_sessions(ctx, account.id)
    account.person_id = account.village_id = account.phone_cipher = account.phone_index = None
    account.name, account.elder_mode = "", False
    session.flush()


def _forget_bindings(ctx: Context, account_id: int, appid: str | None = None) -> None:
    """Remove WeChat users of this account (of one app, or all), and what is known of them by their openid."""
    session = ctx.session
    query = select(WeChatBinding.appid, WeChatBinding.openid).where(WeChatBinding.account_id == account_id)
    users = session.execute(query if appid is None else query.where(WeChatBinding.appid == appid)).all()
    if not users:
        return
    pairs = [(row.appid, row.openid) for row in users]
    _forget_credits(ctx, pairs)
    session.execute(delete(OneTimeCode).where(
        OneTimeCode.purpose == "binding_guess", OneTimeCode.subject.in_([f"{app}:{openid}" for app, openid in pairs])))
    # A callback that a worker has in its hands at this moment is left to it and to the retention.
    arrived = select(InboxMessage.id).where(
        tuple_(InboxMessage.appid, InboxMessage.openid).in_(pairs)).with_for_update(skip_locked=True)
    session.execute(delete(InboxMessage).where(InboxMessage.id.in_(session.scalars(arrived).all())))
    session.execute(delete(WeChatBinding).where(
        WeChatBinding.account_id == account_id, tuple_(WeChatBinding.appid, WeChatBinding.openid).in_(pairs)))


def _forget_credits(ctx: Context, users: list[tuple[str, str]]) -> None:
    ctx.session.execute(delete(SubscriptionCredit).where(
        tuple_(SubscriptionCredit.appid, SubscriptionCredit.openid).in_(users)))
    ctx.session.execute(delete(SubscriptionEvent).where(SubscriptionEvent.openid.in_([openid for _, openid in users])))


def _forget_talk(ctx: Context, account_id: int) -> None:
    ctx.session.execute(delete(ChatLine).where(ChatLine.account_id == account_id))
    ctx.session.execute(delete(Dialogue).where(Dialogue.account_id == account_id))


def end_sessions(ctx: Context, account_id: int) -> None:
    ctx.session.execute(update(LoginSession).where(
        LoginSession.account_id == account_id, LoginSession.revoked_at.is_(None)).values(revoked_at=ctx.now))


# --- the smaller rights -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """What a person has agreed to and may take back, for the page 账号与隐私."""

    consent_version: str | None
    consent_at: datetime | None
    #: A number of the person's own that another way of logging in makes dispensable.
    can_forget_phone: bool
    messages_on: bool


def standing(ctx: Context) -> Standing:
    account = ctx.session.get_one(Account, access.account_id(ctx))
    users = _mini_users(ctx, account.id)
    messages = bool(users) and ctx.session.scalar(select(SubscriptionCredit.id).where(
        tuple_(SubscriptionCredit.appid, SubscriptionCredit.openid).in_(users),
        SubscriptionCredit.balance > 0).limit(1)) is not None
    return Standing(account.consent_version, account.consent_at, account.phone_index is not None and bool(users),
                    messages)


def _mini_users(ctx: Context, account_id: int) -> list[tuple[str, str]]:
    openid = identity.openid_of(ctx.session, account_id, ctx.settings.mini_appid)
    return [] if openid is None else [(ctx.settings.mini_appid, openid)]


def forget_phone(ctx: Context) -> None:
    """A resident takes the number back. Raises `phone_on_roster` for a deputy, `phone_only_way_in` without WeChat."""
    account = access.own_account_alone(ctx)
    if account.person_id is not None:
        raise Conflict("phone_on_roster")
    if account.phone_index is None:
        return
    if not _mini_users(ctx, account.id):
        raise Conflict("phone_only_way_in")
    account.phone_cipher = account.phone_index = None
    audit.record(ctx, "phone.unbound", f"account:{account.id}")


def leave_official_account(ctx: Context) -> None:
    """Unbind the official account; its messages are again those of somebody unknown."""
    account = access.own_account_alone(ctx)
    _forget_bindings(ctx, account.id, ctx.settings.official_appid)
    audit.record(ctx, "official_account.unbound", f"account:{account.id}")


def stop_messages(ctx: Context) -> None:
    """No more pushes: the permissions given so far are void until the person allows new ones."""
    account = access.own_account_alone(ctx)
    _forget_credits(ctx, _mini_users(ctx, account.id))
    audit.record(ctx, "messages.stopped", f"account:{account.id}")


def withdraw_consent(ctx: Context) -> None:
    """Stop whatever rests on the consent alone, and log out everywhere until the person agrees again.

    Opinions already submitted are handled to their end. The way to log in stays, else nobody could see their answers.
    """
    account = access.own_account_alone(ctx)
    users = _mini_users(ctx, account.id)
    _forget_bindings(ctx, account.id, ctx.settings.official_appid)
    _forget_credits(ctx, users)
    _forget_talk(ctx, account.id)
    if account.person_id is None:
        account.name, account.village_id = "", None
        if users:
            account.phone_cipher = account.phone_index = None
    account.consent_withdrawn_at = ctx.now
    end_sessions(ctx, account.id)
    audit.record(ctx, "consent.withdrawn", f"account:{account.id}", {"version": account.consent_version})


# --- the clerk's page -------------------------------------------------------------------------------


@dataclass(frozen=True)
class AccountCard:
    """An account as the clerk sees it before closing it for somebody."""

    id: int
    name: str
    phone_masked: str | None
    village: str | None
    is_deputy: bool
    created_at: datetime
    forecast: Forecast = field(repr=False)


def find_account(ctx: Context, wanted: str) -> int:
    """The open account of a whole phone number or an opinion's number, if it is in reach.

    Raises `account_not_found`, the same for absent and foreign.
    """
    access.require(ctx, "accounts.close")
    number = normalise_phone(wanted)
    if number is not None:
        index = ctx.gateways.cipher.index(number, identity.PHONE)
        of_seat = select(Account.id).join(Person, Person.id == Account.person_id).where(Person.phone_index == index)
        own = select(Account.id).where(Account.phone_index == index, Account.state == "active")
        found = ctx.session.scalar(of_seat) or ctx.session.scalar(own)
    else:
        found = ctx.session.scalar(select(Opinion.account_id).where(
            Opinion.number == normalised(wanted).upper(), access.in_scope(ctx, Opinion.township_id)))
    try:
        return access.access_account(ctx, found or 0, "accounts.close").id
    except NotFound as error:
        raise Invalid("account_not_found", fields={"wanted": "account_not_found"}) from error


def get_card(ctx: Context, account_id: int) -> AccountCard:
    account = access.access_account(ctx, account_id, "accounts.close")
    person = ctx.session.get(Person, account.person_id) if account.person_id is not None else None
    village = ctx.session.get(Region, account.village_id) if account.village_id is not None else None
    sealed = person.phone_cipher if person is not None else account.phone_cipher
    return AccountCard(
        account.id, person.name if person is not None else account.name,
        mask_phone(ctx.gateways.cipher.open(sealed, identity.PHONE)) if sealed else None,
        village.name if village is not None else None, person is not None, account.created_at, _forecast(ctx, account))
