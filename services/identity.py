"""Login of residents and deputies: WeChat, phone with a one-time code, and claiming a deputy's seat.

Tokens are opaque; only their digest is stored. Calls to the platform come before the first row is read,
so that no transaction waits for the network.
"""

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, case, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models.assistant import ChatLine, HandOver
from models.comments import Opinion
from models.deputies import Person
from models.identity import Account, DeputyDevice, LoginSession, OneTimeCode, SeatClaim, WeChatBinding
from models.insert_once import insert_once
from models.media import MediaFile
from models.notices import OpinionWord
from models.projects import ProjectIdea
from models.regions import Region
from services import access, audit, outbox, regions
from services.context import Actor, Context
from services.errors import Conflict, Forbidden, Invalid, TooMany, Unauthenticated
from services.ports import WeChatUser
from services.rules import privacy
from services.rules.phones import normalise_phone
from services.rules.typed import normalised

PHONE = "phone"  #: purpose of every sealed number and of its blind index
SESSION_LIFE = timedelta(days=30)
CODE_LIFE = timedelta(minutes=5)
CODE_INTERVAL = timedelta(seconds=60)
CODE_ATTEMPTS = 5
BINDING_LIFE = timedelta(minutes=10)
GUESS_WINDOW = timedelta(hours=1)


@dataclass(frozen=True)
class IssuedSession:
    token: str
    expires_at: datetime
    account: Account


#: The person whose seat an account holds while a mandate is in force; without one it is a resident's account.
_SEAT = case((access.in_office(Account.person_id), Account.person_id)).label("person_id")
#: Asked with every request, so it is put together once.
_VISITOR = (
    select(LoginSession.id, Account.id.label("account_id"), _SEAT, Account.name)
    .join(Account, Account.id == LoginSession.account_id)
    .where(LoginSession.token_digest == bindparam("digest"), LoginSession.revoked_at.is_(None),
           LoginSession.expires_at > bindparam("now"), Account.state == "active"))
_DEVICE = select(DeputyDevice.device_digest).where(
    DeputyDevice.person_id == bindparam("person_id"), DeputyDevice.released_at.is_(None))
#: The open account of a seat, held so: a closing waits until this is done.
_OPEN_ACCOUNT = (select(Account.id).where(Account.person_id == bindparam("person_id"), Account.state == "active")
         .with_for_update(read=True, key_share=True))


def digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()


# --- sessions ---------------------------------------------------------------------------------------


def issue_session(ctx: Context, account: Account) -> IssuedSession:
    token = secrets.token_urlsafe(32)
    expires = ctx.now + SESSION_LIFE
    ctx.session.add(LoginSession(token_digest=digest(token), account_id=account.id, created_at=ctx.now,
                                 expires_at=expires))
    ctx.session.flush()
    return IssuedSession(token, expires, account)


def resolve_token(session: Session, token: str, now: datetime) -> Actor:
    """The person behind a token; expired, revoked and unknown tokens are refused alike."""
    row = session.connection().execute(_VISITOR, {"digest": digest(token), "now": now}).first()
    if row is None:
        raise Unauthenticated("session_expired")
    return Actor(kind="account", account_id=row.account_id, person_id=row.person_id, session_id=row.id, name=row.name)


def seat_of(session: Session, account: Account) -> int | None:
    """The person an account acts as: its deputy while a mandate is in force, else nobody."""
    return session.scalar(select(_SEAT).where(Account.id == account.id))


def rotate_session(ctx: Context) -> IssuedSession:
    """Swap the token for a new one; the old one ends at once. Raises `consent_required` as a log-in does."""
    account = access.own_account(ctx)
    agree(ctx, account, "")
    end_session(ctx)
    return issue_session(ctx, account)


def end_session(ctx: Context) -> None:
    ctx.session.execute(update(LoginSession).where(LoginSession.id == ctx.actor.session_id)
                        .values(revoked_at=ctx.now))


def agree(ctx: Context, account: Account, version: str) -> None:
    """Keep a consent given at a log-in; a silent log-in without one goes by the last.

    Raises `consent_required` where that was withdrawn or a later text asks anew.
    """
    if version:
        if not privacy.holds(version):
            raise Invalid("consent_outdated", fields={"consent_version": "consent_outdated"})
        if version != account.consent_version or account.consent_withdrawn_at is not None:
            account.consent_version, account.consent_at, account.consent_withdrawn_at = version, ctx.now, None
            audit.record(ctx, "consent.given", f"account:{account.id}", {"version": version})
    elif account.consent_withdrawn_at is not None or not privacy.holds(account.consent_version or privacy.VERSION):
        raise Forbidden("consent_required")


# --- WeChat -----------------------------------------------------------------------------------------


def login_with_wechat(ctx: Context, *, login_code: str, consent_version: str = "") -> IssuedSession:
    """Exchange a `wx.login` code; an openid seen for the first time becomes a resident."""
    user = ctx.gateways.identity.exchange_login_code(login_code)
    account = account_of_wechat(ctx, user)
    agree(ctx, account, consent_version)
    issued = issue_session(ctx, account)
    audit.record(ctx, "session.opened", f"account:{account.id}", {"by": "wechat"})
    return issued


def account_of_wechat(ctx: Context, user: WeChatUser) -> Account:
    """The account of this WeChat user: by openid, else by the same unionid, else a new resident."""
    account = _bound_account(ctx, user)
    if account is not None:
        return account
    try:
        # With the savepoint goes everything that a slower one had made, also its account.
        with ctx.session.begin_nested():
            account = account_by_unionid(ctx.session, user) or _create_account(ctx)
            _bind(ctx, account, user)
    except IntegrityError:
        # The same user's other tab was faster; its row is the one.
        account = _bound_account(ctx, user)
        if account is None:
            raise
    return account


def _bound_account(ctx: Context, user: WeChatUser) -> Account | None:
    """The open account this WeChat user is bound to; a closing waits until this log-in is done, and the reverse.

    A unionid told only now may show that two accounts are one person's: a worker looks.
    """
    is_bound = (WeChatBinding.appid == user.appid) & (WeChatBinding.openid == user.openid)
    row = ctx.session.execute(
        select(Account, WeChatBinding.unionid).join(WeChatBinding, WeChatBinding.account_id == Account.id)
        .where(is_bound, Account.state == "active")
        .with_for_update(of=Account, read=True, key_share=True).execution_options(populate_existing=True)).first()
    if row is None:
        return None
    ctx.session.execute(update(WeChatBinding).where(is_bound).values(
        seen_at=ctx.now, unionid=func.coalesce(user.unionid or None, WeChatBinding.unionid)))
    if user.unionid and user.unionid != row.unionid:
        outbox.publish(ctx, "unionid.learned", account_id=row.Account.id)
    account: Account = row.Account
    return account


def find_binding(session: Session, appid: str, openid: str) -> WeChatBinding | None:
    return session.scalar(select(WeChatBinding).where(WeChatBinding.appid == appid, WeChatBinding.openid == openid))


def account_by_unionid(session: Session, user: WeChatUser) -> Account | None:
    """Only an equal, non-empty unionid links two apps, and only where this app is not linked yet."""
    if not user.unionid:
        return None
    taken = select(WeChatBinding.account_id).where(WeChatBinding.appid == user.appid)
    same = select(WeChatBinding.account_id).where(WeChatBinding.unionid == user.unionid)
    found = session.scalars(
        select(Account).where(Account.id.in_(same), Account.state == "active", Account.id.not_in(taken))
        .with_for_update(read=True, key_share=True)).all()
    return found[0] if len(found) == 1 else None


def _create_account(ctx: Context) -> Account:
    account = Account(created_at=ctx.now)
    ctx.session.add(account)
    ctx.session.flush()
    return account


def _bind(ctx: Context, account: Account, user: WeChatUser) -> None:
    ctx.session.add(WeChatBinding(account_id=account.id, appid=user.appid, openid=user.openid, unionid=user.unionid,
                                  bound_at=ctx.now, seen_at=ctx.now))
    ctx.session.flush()


def openid_of(session: Session, account_id: int, appid: str) -> str | None:
    return session.scalar(select(WeChatBinding.openid)
                          .where(WeChatBinding.account_id == account_id, WeChatBinding.appid == appid))


# --- phone: claiming a seat -------------------------------------------------------------------------


def bind_phone_from_wechat(ctx: Context, *, phone_code: str, openid: str) -> Account:
    """Exchange a getPhoneNumber code: a number on the roster claims the seat, another makes a resident.

    Raises `seat_taken` (and opens a claim for the clerk) when the seat has another WeChat account, `seat_closed`
    (likewise) when its account was closed.
    """
    return _adopt_phone(ctx, ctx.gateways.identity.exchange_phone_code(phone_code, openid=openid))


def bind_phone_by_code(ctx: Context, *, phone: str, code: str) -> Account:
    """Change the number without WeChat: the code sent to the new one proves it; then as above."""
    number = normalise_phone(phone)
    if number is None:
        raise Invalid("phone_invalid", fields={"phone": "phone_invalid"})
    _spend_code(ctx, ctx.gateways.cipher.index(number, PHONE), code)
    return _adopt_phone(ctx, number)


def _lock_seat(ctx: Context, which: ColumnElement[bool]) -> Person | None:
    """The person of a seat; who takes, moves or closes it takes turns here, before any account is locked."""
    return ctx.session.scalar(select(Person).where(which).with_for_update(key_share=True)
                              .execution_options(populate_existing=True))


def _adopt_phone(ctx: Context, phone: str) -> Account:
    index = ctx.gateways.cipher.index(phone, PHONE)
    person = _lock_seat(ctx, Person.phone_index == index)
    account = access.own_account_alone(ctx)
    if person is None:
        return _become_resident(ctx, account, phone, index)
    if account.person_id == person.id:
        return account
    if account.person_id is not None:
        raise Conflict("account_has_seat")
    owner = ctx.session.scalar(select(Account).where(Account.person_id == person.id).with_for_update())
    if owner is None and person.seat_closed_at is not None:
        _open_claim(ctx, person, account)
        raise Conflict("seat_closed", keeps_changes=True)
    if owner is None:
        return _claim_seat(ctx, account, person)
    if _has_other_wechat(ctx, owner, account):
        _open_claim(ctx, person, account)
        raise Conflict("seat_taken", keeps_changes=True)
    return _merge_accounts(ctx, account, into=owner)


def _become_resident(ctx: Context, account: Account, phone: str, index: str) -> Account:
    if account.person_id is not None:
        raise Conflict("account_has_seat")
    owner = ctx.session.scalar(select(Account).where(Account.phone_index == index, Account.state == "active")
                               .with_for_update())
    if owner is not None and owner.id != account.id:
        if _has_other_wechat(ctx, owner, account):
            raise Conflict("phone_taken")
        return _merge_accounts(ctx, account, into=owner)
    account.phone_index = index
    account.phone_cipher = ctx.gateways.cipher.seal(phone, PHONE)
    audit.record(ctx, "phone.bound", f"account:{account.id}")
    return account


def _claim_seat(ctx: Context, account: Account, person: Person) -> Account:
    account.person_id = person.id
    account.name = person.name
    account.phone_index = None
    account.phone_cipher = None
    person.seat_closed_at = None
    audit.record(ctx, "seat.claimed", f"person:{person.id}", {"account": account.id}, region_id=person.region_id)
    return account


def _has_other_wechat(ctx: Context, owner: Account, claimant: Account) -> bool:
    """Whether the owner already has a WeChat user of an app that the claimant also comes from."""
    mine = select(WeChatBinding.appid).where(WeChatBinding.account_id == claimant.id)
    return ctx.session.scalar(select(WeChatBinding.id).where(
        WeChatBinding.account_id == owner.id, WeChatBinding.appid.in_(mine)).limit(1)) is not None


def _open_claim(ctx: Context, person: Person, account: Account) -> None:
    pending = ctx.session.scalar(select(SeatClaim.id).where(
        SeatClaim.person_id == person.id, SeatClaim.account_id == account.id, SeatClaim.state == "pending"))
    if pending is None:
        ctx.session.add(SeatClaim(person_id=person.id, account_id=account.id, created_at=ctx.now))
        audit.record(ctx, "seat.contested", f"person:{person.id}", {"account": account.id}, region_id=person.region_id)


def _merge_accounts(ctx: Context, source: Account, *, into: Account) -> Account:
    """Two accounts of one verified phone become one; what the newer one did comes along."""
    for table in (LoginSession, WeChatBinding, Opinion, OpinionWord, MediaFile, ChatLine, HandOver, ProjectIdea):
        ctx.session.execute(update(table).where(table.account_id == source.id).values(account_id=into.id))
    into.village_id = into.village_id or source.village_id
    source.state, source.ended_at = "merged", ctx.now
    source.name, source.village_id, source.phone_cipher, source.phone_index = "", None, None, None
    audit.record(ctx, "account.merged", f"account:{into.id}", {"from": source.id})
    return into


def decide_claim(ctx: Context, claim_id: int, *, approve: bool, reason: str) -> SeatClaim:
    """A clerk's decision: approving moves the seat, ends the old account's sessions and frees the device."""
    claim = access.access_seat_claim(ctx, claim_id, "seats.decide")
    if claim.state != "pending":
        raise Conflict("claim_decided")
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    if approve and (_lock_seat(ctx, Person.id == claim.person_id) is None
                    or lock_open(ctx, claim.account_id) is None):
        raise Conflict("claimant_gone")
    claim.state = "approved" if approve else "refused"
    claim.reason, claim.decided_by, claim.decided_at = reason.strip(), access.staff_id(ctx), ctx.now
    if approve:
        _move_seat(ctx, claim)
    audit.record(ctx, f"seat.{claim.state}", f"person:{claim.person_id}", {"account": claim.account_id})
    return claim


def lock_open(ctx: Context, account_id: int) -> Account | None:
    """The account while nobody else works on it, or None where it was closed or merged."""
    return ctx.session.scalar(select(Account).where(Account.id == account_id, Account.state == "active")
                              .with_for_update().execution_options(populate_existing=True))


def _move_seat(ctx: Context, claim: SeatClaim) -> None:
    old = ctx.session.scalar(select(Account).where(Account.person_id == claim.person_id).with_for_update())
    if old is not None:
        old.person_id = None
        _end_sessions(ctx, old)
        ctx.session.flush()
    _claim_seat(ctx, ctx.session.get_one(Account, claim.account_id), ctx.session.get_one(Person, claim.person_id))
    _release(ctx, claim.person_id)
    # The seat is decided: whoever else asked for it has to ask again, and is told so.
    ctx.session.execute(update(SeatClaim).where(
        SeatClaim.person_id == claim.person_id, SeatClaim.state == "pending", SeatClaim.id != claim.id
    ).values(state="refused", reason="身份已核实给另一个微信", decided_by=claim.decided_by, decided_at=ctx.now))


def _end_sessions(ctx: Context, account: Account) -> None:
    ctx.session.execute(update(LoginSession).where(
        LoginSession.account_id == account.id, LoginSession.revoked_at.is_(None)).values(revoked_at=ctx.now))


def follow_new_phone(ctx: Context, person: Person) -> None:
    """The roster has a new number: everybody logged in by the old one logs in anew, a bound WeChat by itself.

    A resident who has verified the new number takes an empty seat; a seat that has its account keeps it.
    """
    owner = ctx.session.scalar(select(Account).where(Account.person_id == person.id))
    if owner is not None:
        _end_sessions(ctx, owner)
    claim_seat_for_known_resident(ctx, person)


def release_device(ctx: Context, person_id: int, *, reason: str) -> None:
    """The clerk frees the deputy's phone, so that the next check-in binds the new one."""
    person = access.access_person(ctx, person_id, "devices.release")
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    _release(ctx, person.id)
    audit.record(ctx, "device.released", f"person:{person.id}", {"reason": reason.strip()}, region_id=person.region_id)


def _release(ctx: Context, person_id: int) -> None:
    ctx.session.execute(update(DeputyDevice).where(
        DeputyDevice.person_id == person_id, DeputyDevice.released_at.is_(None)).values(released_at=ctx.now))


# --- phone: one-time codes --------------------------------------------------------------------------


@dataclass(frozen=True)
class PreparedCode:
    phone: str
    code: str


def prepare_login_code(ctx: Context, *, phone: str) -> PreparedCode:
    """Store a six-digit code for five minutes, one a minute; the caller sends it after the commit."""
    number = normalise_phone(phone)
    if number is None:
        raise Invalid("phone_invalid", fields={"phone": "phone_invalid"})
    subject = ctx.gateways.cipher.index(number, PHONE)
    latest = ctx.session.scalar(select(OneTimeCode.created_at).where(
        OneTimeCode.purpose == "login", OneTimeCode.subject == subject).order_by(OneTimeCode.id.desc()).limit(1))
    if latest is not None and ctx.now - latest < CODE_INTERVAL:
        wait = int((CODE_INTERVAL - (ctx.now - latest)).total_seconds()) + 1
        raise TooMany("phone_code_too_soon", wait=wait, retry_after=wait)
    return PreparedCode(number, _store_code(ctx, "login", subject, CODE_LIFE))


def _store_code(ctx: Context, purpose: str, subject: str, life: timedelta) -> str:
    code = f"{secrets.randbelow(10**6):06d}"
    ctx.session.execute(delete(OneTimeCode).where(OneTimeCode.purpose == purpose, OneTimeCode.subject == subject))
    ctx.session.add(OneTimeCode(purpose=purpose, subject=subject, code_digest=digest(f"{subject}:{code}"),
                                created_at=ctx.now, expires_at=ctx.now + life))
    ctx.session.flush()
    return code


def login_with_phone(ctx: Context, *, phone: str, code: str, consent_version: str = "") -> IssuedSession:
    """Log in with phone and code: the seat's account, the resident's, or a new one."""
    number = normalise_phone(phone)
    if number is None:
        raise Invalid("phone_invalid", fields={"phone": "phone_invalid"})
    index = ctx.gateways.cipher.index(number, PHONE)
    _spend_code(ctx, index, code)
    account = _account_of_phone(ctx, number, index)
    agree(ctx, account, consent_version)
    issued = issue_session(ctx, account)
    audit.record(ctx, "session.opened", f"account:{account.id}", {"by": "phone"})
    return issued


def _account_of_phone(ctx: Context, phone: str, index: str) -> Account:
    person = _lock_seat(ctx, Person.phone_index == index)
    owner = None if person is None else ctx.session.scalar(
        select(Account).where(Account.person_id == person.id).with_for_update(read=True, key_share=True))
    if owner is not None:
        return owner
    if person is None or person.seat_closed_at is not None:
        account = _resident_of(ctx, index) or _become_resident(ctx, _create_account(ctx), phone, index)
        if person is not None:
            _open_claim(ctx, person, account)  # the seat was closed: a resident until the clerk has decided
        return account
    return _claim_seat(ctx, _resident_of(ctx, index) or _create_account(ctx), person)


def _resident_of(ctx: Context, index: str) -> Account | None:
    return ctx.session.scalar(select(Account).where(Account.phone_index == index, Account.state == "active")
                              .with_for_update())


def claim_seat_for_known_resident(ctx: Context, person: Person) -> None:
    """Somebody who verified this phone before the roster was imported becomes the deputy they are."""
    resident = _resident_of(ctx, person.phone_index)
    taken = ctx.session.scalar(select(Account.id).where(Account.person_id == person.id))
    if resident is not None and resident.person_id is None and taken is None and person.seat_closed_at is None:
        _claim_seat(ctx, resident, person)


def _spend_code(ctx: Context, subject: str, code: str) -> None:
    """Accept a code once; the sixth wrong try ends it, also when many arrive at the same moment."""
    attempt = ctx.session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.purpose == "login", OneTimeCode.subject == subject, OneTimeCode.used_at.is_(None),
               OneTimeCode.attempts < CODE_ATTEMPTS)
        .values(attempts=OneTimeCode.attempts + 1)
        .returning(OneTimeCode.id, OneTimeCode.code_digest, OneTimeCode.expires_at)
    ).first()
    if attempt is None or attempt.expires_at <= ctx.now:
        raise Unauthenticated("phone_code_expired", keeps_changes=True, fields={"code": "phone_code_expired"})
    if not secrets.compare_digest(attempt.code_digest, digest(f"{subject}:{normalised(code)}")):
        raise Unauthenticated("phone_code_wrong", keeps_changes=True, fields={"code": "phone_code_wrong"})
    ctx.session.execute(update(OneTimeCode).where(OneTimeCode.id == attempt.id).values(used_at=ctx.now))


# --- the person's own settings ----------------------------------------------------------------------


def update_me(ctx: Context, *, village_id: int | None = None, elder_mode: bool | None = None,
              name: str | None = None) -> Account:
    account = access.own_account(ctx)
    if village_id is not None:
        village = regions.get_region(ctx.session, village_id)
        if village.level != "village":
            raise Invalid("village_required", fields={"village_id": "village_required"})
        account.village_id = village.id
    if elder_mode is not None:
        account.elder_mode = elder_mode
    if name is not None and account.person_id is None:
        account.name = name.strip()
    audit.record(ctx, "account.updated", f"account:{account.id}")
    return account


def issue_official_account_code(ctx: Context) -> tuple[str, datetime]:
    """Six digits that, sent to the official account, bind its WeChat user to this account."""
    account = access.own_account(ctx)
    code = _store_code(ctx, "official_account", str(account.id), BINDING_LIFE)
    return code, ctx.now + BINDING_LIFE


def bind_official_account(ctx: Context, *, user: WeChatUser, code: str) -> Account | None:
    """Bind the official account's user to the account that shows this code; None when no code fits.

    Raises `binding_tries_over` after five wrong codes of one WeChat user within an hour.
    """
    _refuse_guesser(ctx, user)
    live = ctx.session.scalars(select(OneTimeCode).where(
        OneTimeCode.purpose == "official_account", OneTimeCode.used_at.is_(None), OneTimeCode.expires_at > ctx.now))
    for row in live:
        if secrets.compare_digest(row.code_digest, digest(f"{row.subject}:{code}")):
            row.used_at = ctx.now
            account = lock_open(ctx, int(row.subject))
            return rebind_official(ctx, account, user) if account is not None else None
    _count_guess(ctx, user)
    return None


def _guesses(ctx: Context, user: WeChatUser) -> OneTimeCode | None:
    """The count of this user's wrong codes, while its hour lasts."""
    return ctx.session.scalar(select(OneTimeCode).where(
        OneTimeCode.purpose == "binding_guess", OneTimeCode.subject == f"{user.appid}:{user.openid}",
        OneTimeCode.expires_at > ctx.now).with_for_update())


def _refuse_guesser(ctx: Context, user: WeChatUser) -> None:
    count = _guesses(ctx, user)
    if count is not None and count.attempts >= CODE_ATTEMPTS:
        raise TooMany("binding_tries_over")


def _count_guess(ctx: Context, user: WeChatUser) -> None:
    count = _guesses(ctx, user)
    if count is None:
        count = OneTimeCode(purpose="binding_guess", subject=f"{user.appid}:{user.openid}", code_digest="",
                            attempts=0, created_at=ctx.now, expires_at=ctx.now + GUESS_WINDOW)
        ctx.session.add(count)
    count.attempts += 1
    ctx.session.flush()


def rebind_official(ctx: Context, account: Account, user: WeChatUser) -> Account:
    """This user of the official account belongs to this account from now on, with what the chat alone had done."""
    before = find_binding(ctx.session, user.appid, user.openid)
    known = replace(user, unionid=user.unionid or (before.unionid if before is not None else None))
    ctx.session.execute(delete(WeChatBinding).where(
        WeChatBinding.appid == user.appid,
        (WeChatBinding.account_id == account.id) | (WeChatBinding.openid == user.openid)))
    _bind(ctx, account, known)
    if before is not None and before.account_id != account.id:
        _adopt_chat_account(ctx, ctx.session.get_one(Account, before.account_id), account)
    audit.record(ctx, "official_account.bound", f"account:{account.id}")
    return account


def _adopt_chat_account(ctx: Context, source: Account, account: Account) -> None:
    """What was done by chat before binding comes along, when that account was made by the chat alone."""
    if is_made_by_chat(ctx, source):
        _merge_accounts(ctx, source, into=account)


def is_made_by_chat(ctx: Context, account: Account) -> bool:
    """An account with nothing of its own but messages to the official account."""
    other = ctx.session.scalar(select(WeChatBinding.id).where(
        WeChatBinding.account_id == account.id, WeChatBinding.appid != ctx.settings.official_appid).limit(1))
    return account.person_id is None and account.phone_index is None and other is None


def actor_of_account(session: Session, account: Account) -> Actor:
    """The actor of a callback or a chat message, which carry no token."""
    return Actor(kind="account", account_id=account.id, person_id=seat_of(session, account), name=account.name)


def reveal_phone(ctx: Context, person_id: int, *, reason: str) -> str:
    """The plain number of a person on the roster; the reason is required and logged."""
    person = access.access_person(ctx, person_id, "roster.reveal")
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    audit.record(ctx, "phone.revealed", f"person:{person.id}", {"reason": reason.strip()}, region_id=person.region_id)
    return ctx.gateways.cipher.open(person.phone_cipher, PHONE)


def village_of(ctx: Context) -> Region | None:
    account = ctx.session.get_one(Account, access.account_id(ctx))
    return ctx.session.get(Region, account.village_id) if account.village_id else None


def device_digest(device_id: str) -> str:
    return digest(f"device:{device_id}")


def bind_device(ctx: Context, person_id: int, device_id: str) -> None:
    """The first phone a deputy checks in with is the deputy's; another one needs the clerk."""
    wanted = device_digest(device_id)
    bound = ctx.session.scalar(_DEVICE, {"person_id": person_id})
    if bound is None and ctx.session.scalar(_OPEN_ACCOUNT, {"person_id": person_id}) is None:
        raise Unauthenticated("session_expired")  # closed at this moment: nothing of the phone is kept any more
    if bound is None and insert_once(ctx.session, DeputyDevice, person_id=person_id, device_digest=wanted,
                                     bound_at=ctx.now) is None:
        # Another scan of this deputy was faster: its phone is the one.
        bound = ctx.session.scalar(_DEVICE, {"person_id": person_id})
    if bound not in (None, wanted):
        raise Conflict("device_not_bound")


