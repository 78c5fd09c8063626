"""Requests for a person, made in the chat; staff call back or write, and close them (转人工)."""

from dataclasses import dataclass

from sqlalchemy import case, func, select

from models.assistant import ChatLine, HandOver
from models.deputies import Person
from models.identity import Account, Staff
from models.regions import LEVELS, Region
from services import access, audit, outbox
from services.context import Context
from services.errors import Invalid, NotFound
from services.identity import PHONE, openid_of
from services.rules.permissions import ROLE_PERMISSIONS, role_may
from services.rules.phones import mask_phone

MAX_REPLY = 1000


def open_hand_over(ctx: Context, *, question: str) -> HandOver:
    """Keep the question for the staff of the person's region; one open request a person is enough."""
    account = access.own_account(ctx)
    found = ctx.session.scalar(select(HandOver).where(HandOver.account_id == account.id, HandOver.state == "open"))
    if found is not None:
        found.question = f"{found.question}\n{question}"[-2000:]
        return found
    row = HandOver(account_id=account.id, region_id=_region_of(ctx, account), question=question, created_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    audit.record(ctx, "handover.opened", f"handover:{row.id}", region_id=row.region_id)
    return row


def _region_of(ctx: Context, account: Account) -> int:
    if account.person_id is not None:
        return ctx.session.get_one(Person, account.person_id).region_id
    if account.village_id is not None:
        return account.village_id
    return _office_region(ctx)


def _office_region(ctx: Context) -> int:
    """For somebody who has named no village: where the highest office sits that calls back, else the tree's top.

    The county is the usual one, but a tree may have none, or begin far above it.
    """
    height = case({level: place for place, level in enumerate(LEVELS)}, value=Region.level)
    roles = [role for role in ROLE_PERMISSIONS if role_may(role, "handovers.close")]
    staffed = select(Staff.region_id).where(Staff.is_active, Staff.role.in_(roles))
    found = ctx.session.scalar(
        select(Region.id).order_by(Region.id.in_(staffed).desc(), height, Region.id).limit(1))
    if found is None:
        raise NotFound("region_unknown")
    return found


@dataclass(frozen=True)
class HandOverLine:
    row: HandOver
    name: str
    #: None where the person left no number and can only be written to.
    phone_masked: str | None


def list_for_staff(ctx: Context, *, state: str = "", page: int = 1, page_size: int = 20
                   ) -> tuple[list[HandOverLine], int]:
    access.require(ctx, "handovers.view")
    query = (select(HandOver, Account, Person).join(Account, Account.id == HandOver.account_id)
             .outerjoin(Person, Person.id == Account.person_id).where(access.in_scope(ctx, HandOver.region_id)))
    if state:
        query = query.where(HandOver.state == state)
    total = ctx.session.scalar(select(func.count()).select_from(query.with_only_columns(HandOver.id).subquery())) or 0
    rows = ctx.session.execute(query.order_by(HandOver.id.desc()).limit(page_size).offset((page - 1) * page_size))
    return [_line(ctx, row, account, person) for row, account, person in rows], total


def _line(ctx: Context, row: HandOver, account: Account, person: Person | None) -> HandOverLine:
    sealed = _sealed_phone(account, person)
    shown = mask_phone(ctx.gateways.cipher.open(sealed, PHONE)) if sealed else None
    return HandOverLine(row, _name(account, person), shown)


def _name(account: Account, person: Person | None) -> str:
    if account.state == "closed":
        return "已注销"
    return person.name if person else account.name or "群众"


def _sealed_phone(account: Account, person: Person | None) -> str | None:
    return person.phone_cipher if person else account.phone_cipher


def _phone_of(ctx: Context, row: HandOver) -> str | None:
    account = ctx.session.get_one(Account, row.account_id)
    return _sealed_phone(account, ctx.session.get(Person, account.person_id) if account.person_id else None)


def close_hand_over(ctx: Context, hand_over_id: int, *, reply: str = "") -> HandOver:
    """Called back, or answered in writing; who left no number must be written to before the matter is closed."""
    row = _access(ctx, hand_over_id)
    if row.state != "open":
        return row
    text = reply.strip()
    if len(text) > MAX_REPLY:
        raise Invalid("hand_over_reply_long", fields={"reply": "hand_over_reply_long"})
    if not text and not _phone_of(ctx, row):
        raise Invalid("hand_over_reply_required", fields={"reply": "hand_over_reply_required"})
    row.state, row.done_by, row.done_at = "done", access.staff_id(ctx), ctx.now
    if text:
        row.reply = text
        ctx.session.add(ChatLine(account_id=row.account_id, channel="chat", speaker="assistant", text=_words(row),
                                 extras={"choices": []}, at=ctx.now))
        outbox.publish(ctx, "handover.replied", hand_over_id=row.id)
    audit.record(ctx, "handover.closed", f"handover:{row.id}", {"by": "reply" if text else "call"},
                 region_id=row.region_id)
    return row


def _words(row: HandOver) -> str:
    question = row.question if len(row.question) <= 20 else f"{row.question[:18]}…"
    return f"工作人员回复您的咨询“{question}”：\n{row.reply}"


def reply_to_send(ctx: Context, hand_over_id: int) -> tuple[str, str] | None:
    """Openid in the official account and the words, where the person follows it; else they read it in the chat."""
    row = ctx.session.get_one(HandOver, hand_over_id)
    openid = openid_of(ctx.session, row.account_id, ctx.settings.official_appid)
    return (openid, _words(row)) if openid and row.reply else None


def reveal_phone(ctx: Context, hand_over_id: int, *, reason: str) -> str:
    """The plain number of the person who waits for a call; the reason is required and logged."""
    row = _access(ctx, hand_over_id)
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    sealed = _phone_of(ctx, row)
    if not sealed:
        raise NotFound("not_found")
    audit.record(ctx, "phone.revealed", f"handover:{row.id}", {"reason": reason.strip()}, region_id=row.region_id)
    return ctx.gateways.cipher.open(sealed, PHONE)


def _access(ctx: Context, hand_over_id: int) -> HandOver:
    access.require(ctx, "handovers.close")
    row = ctx.session.scalar(select(HandOver).where(
        HandOver.id == hand_over_id, access.in_scope(ctx, HandOver.region_id)))
    if row is None:
        raise NotFound("not_found")
    return row
