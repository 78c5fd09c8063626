"""Pushes through the platform: a notice to a deputy, a word to a resident about an opinion.

A push leaves in three steps, so that a dead process never sends twice: claim (leased, committed), send
(outside any transaction), settle (committed). A claim whose lease ran out is uncertain, never repeated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, select, update

from models.comments import Opinion
from models.identity import Account, WeChatBinding
from models.notices import Notice, NoticeDelivery, OpinionWord, SubscriptionCredit
from services import outbox, regions, subscriptions
from services.context import CHINA, Context

LEASE = timedelta(seconds=90)
#: An accepted push whose event never came is uncertain after this, and goes on the phone list.
EVENT_WAIT = timedelta(minutes=15)
MAX_ATTEMPTS = 4
_RETRY_WAIT = timedelta(seconds=20)
PushRow = NoticeDelivery | OpinionWord
T = TypeVar("T", NoticeDelivery, OpinionWord)
#: The two tables of pushes, for the jobs that send them.
DELIVERIES: type[NoticeDelivery] = NoticeDelivery
WORDS: type[OpinionWord] = OpinionWord


def queue_word(ctx: Context, *, account_id: int, opinion_id: int, cause: str, phrase: str, detail: str) -> None:
    """Tell a resident once about a step of an opinion; `cause` names the step."""
    if ctx.session.scalar(select(OpinionWord.id).where(OpinionWord.cause == cause)) is not None:
        return
    word = OpinionWord(account_id=account_id, opinion_id=opinion_id, cause=cause, status_phrase=phrase, detail=detail,
                       created_at=ctx.now)
    ctx.session.add(word)
    ctx.session.flush()
    outbox.publish(ctx, "opinion.word", word_id=word.id)


@dataclass(frozen=True)
class Push:
    """All a sender needs; it holds an openid and texts, and lives only between claim and settle."""

    id: int
    openid: str
    template_id: str
    data: dict[str, str]
    page: str


@dataclass(frozen=True)
class Batch:
    """Pushes to send now, and how many rows were taken in all (those without a credit are settled already)."""

    pushes: list[Push]
    leased: int


def claim_deliveries(ctx: Context, notice_id: int, *, limit: int = 50) -> Batch:
    """Lease queued deliveries of a notice and take one credit each; others go to the phone list."""
    notice = ctx.session.get_one(Notice, notice_id)
    issuer = regions.full_name(ctx.session, regions.get_region(ctx.session, notice.region_id))
    rows = _lease(ctx, NoticeDelivery, NoticeDelivery.notice_id == notice_id, limit)
    data = notice_fields(notice, issuer, ctx.now)
    openids = _openids_of_people(ctx, [row.person_id for row in rows])
    pushes = []
    for row in rows:
        openid = openids.get(row.person_id)
        if _may_send(ctx, row, openid, ctx.settings.notice_template):
            pushes.append(Push(row.id, openid or "", ctx.settings.notice_template, data,
                               f"pages-notice/detail/detail?id={notice_id}"))
        else:
            row.channel, row.state = "phone_list", "unreachable"
    return Batch(pushes, len(rows))


def claim_word(ctx: Context, word_id: int) -> Batch:
    rows = _lease(ctx, OpinionWord, OpinionWord.id == word_id, 1)
    pushes = []
    for row in rows:
        openid = ctx.session.scalar(select(WeChatBinding.openid).where(
            WeChatBinding.account_id == row.account_id, WeChatBinding.appid == ctx.settings.mini_appid))
        if _may_send(ctx, row, openid, ctx.settings.opinion_template):
            pushes.append(Push(row.id, openid or "", ctx.settings.opinion_template, _word_fields(ctx, row),
                               "pages/opinions/opinions"))
        else:
            row.state = "unreachable"
    return Batch(pushes, len(rows))


def _lease(ctx: Context, table: type[T], which: ColumnElement[bool], limit: int) -> list[T]:
    due = (select(table.id).where(which, table.state == "queued",
                                  (table.lease_until.is_(None)) | (table.lease_until <= ctx.now))
           .order_by(table.id).limit(limit).with_for_update(skip_locked=True))
    ids = list(ctx.session.scalars(due))
    ctx.session.execute(update(table).where(table.id.in_(ids)).values(
        state="sending", lease_until=ctx.now + LEASE, attempts=table.attempts + 1))
    return list(ctx.session.scalars(select(table).where(table.id.in_(ids)).order_by(table.id)
                                    .execution_options(populate_existing=True)))


def _openids_of_people(ctx: Context, person_ids: Sequence[int]) -> dict[int, str]:
    rows = ctx.session.execute(
        select(Account.person_id, WeChatBinding.openid).join(WeChatBinding, WeChatBinding.account_id == Account.id)
        .where(Account.person_id.in_(person_ids), WeChatBinding.appid == ctx.settings.mini_appid))
    return {person: openid for person, openid in rows if person is not None}


def _may_send(ctx: Context, row: PushRow, openid: str | None, template_id: str) -> bool:
    """Take the person's permission for one message; without it the row says why."""
    if openid is not None and subscriptions.take_credit(ctx, openid, template_id):
        return True
    row.reason, row.settled_at = "not_bound" if openid is None else "not_subscribed", ctx.now
    return False


def settle_accepted(ctx: Context, table: type[PushRow], push: Push) -> None:
    """The platform took it; the event will say whether it arrived."""
    _settle(ctx, table, push.id, state="accepted", reason=None, settled=False)


def settle_refused(ctx: Context, table: type[PushRow], push: Push, reason: str) -> None:
    """The platform said no: the person goes on the phone list; a missing subscription empties the credit."""
    if reason == "not_subscribed":
        ctx.session.execute(update(SubscriptionCredit).where(
            SubscriptionCredit.openid == push.openid, SubscriptionCredit.template_id == push.template_id
        ).values(balance=0, changed_at=ctx.now))
    else:
        subscriptions.give_credit_back(ctx, push.openid, push.template_id)
    _settle(ctx, table, push.id, state="rejected", reason=reason, settled=True)


def settle_postponed(ctx: Context, table: type[PushRow], push: Push, reason: str) -> bool:
    """Nothing was sent: queue it again a little later, or give up after the last attempt. True to retry."""
    subscriptions.give_credit_back(ctx, push.openid, push.template_id)
    attempts = ctx.session.scalar(select(table.attempts).where(table.id == push.id)) or 0
    if attempts >= MAX_ATTEMPTS:
        _settle(ctx, table, push.id, state="rejected", reason="expired", settled=True)
        return False
    ctx.session.execute(update(table).where(table.id == push.id).values(
        state="queued", reason=reason, lease_until=ctx.now + _RETRY_WAIT * attempts))
    return True


def settle_uncertain(ctx: Context, table: type[PushRow], push: Push) -> None:
    """The request left and no answer came: never send again by itself; an event may still settle it."""
    _settle(ctx, table, push.id, state="uncertain", reason="no_event", settled=False)


def _settle(ctx: Context, table: type[PushRow], push_id: int, *, state: str, reason: str | None,
            settled: bool) -> None:
    values: dict[str, object] = {"state": state, "reason": reason, "lease_until": ctx.now + EVENT_WAIT}
    if settled:
        values["settled_at"] = ctx.now
    if state == "accepted" and table is NoticeDelivery:
        values["accepted_at"] = ctx.now
    # The platform's event may have been faster than its answer: what is final stays.
    ctx.session.execute(update(table).where(
        table.id == push_id, table.state.in_(("sending", "accepted", "uncertain"))).values(**values))


def record_sent_event(ctx: Context, *, openid: str, template_id: str, error_code: str) -> None:
    """The platform's word about a push: the oldest one waiting for this person and template is settled."""
    account = ctx.session.scalar(select(WeChatBinding.account_id).where(
        WeChatBinding.openid == openid, WeChatBinding.appid == ctx.settings.mini_appid))
    if account is None:
        return
    is_word = template_id == ctx.settings.opinion_template
    table: type[PushRow] = OpinionWord if is_word else NoticeDelivery
    person = ctx.session.scalar(select(Account.person_id).where(Account.id == account))
    owner = OpinionWord.account_id == account if is_word else NoticeDelivery.person_id == person
    waiting = ctx.session.scalar(
        select(table.id).where(owner, table.state.in_(("accepted", "sending", "uncertain")))
        .order_by(table.lease_until, table.id).limit(1))
    if waiting is not None:
        good = error_code == "0"
        _settle(ctx, table, waiting, state="delivered" if good else "rejected",
                reason=None if good else "user_block", settled=True)


def sweep_pushes(ctx: Context) -> list[int]:
    """Settle what time has decided; returns notices with queued deliveries, to be announced again."""
    for table in (NoticeDelivery, OpinionWord):
        ctx.session.execute(
            update(table).where(table.state == "sending", table.lease_until <= ctx.now)
            .values(state="uncertain", reason="interrupted", lease_until=ctx.now + EVENT_WAIT))
        ctx.session.execute(
            update(table).where(table.state == "accepted", table.lease_until <= ctx.now)
            .values(state="uncertain", reason="no_event", settled_at=ctx.now))
    return list(ctx.session.scalars(
        select(NoticeDelivery.notice_id).where(
            NoticeDelivery.state == "queued",
            (NoticeDelivery.lease_until.is_(None)) | (NoticeDelivery.lease_until <= ctx.now)).distinct()))


def list_postponed_words(ctx: Context) -> list[int]:
    """Words about opinions whose wait after a postponed push is over, to be announced again."""
    return list(ctx.session.scalars(select(OpinionWord.id).where(
        OpinionWord.state == "queued", OpinionWord.lease_until <= ctx.now)))


def notice_fields(notice: Notice, issuer: str, now: datetime) -> dict[str, str]:
    """The template's fields; what does not fit twenty characters is cut by the adapter."""
    moment = (notice.starts_at or notice.sent_at or now).astimezone(CHINA)
    return {"thing1": notice.title, "thing2": issuer, "time3": moment.strftime("%Y年%m月%d日 %H:%M"),
            "thing4": notice.place or "请点开查看并确认"}


def _word_fields(ctx: Context, word: OpinionWord) -> dict[str, str]:
    number = ctx.session.scalar(select(Opinion.number).where(Opinion.id == word.opinion_id)) or ""
    return {"character_string1": number, "phrase2": word.status_phrase, "thing3": word.detail,
            "time4": ctx.now.astimezone(CHINA).strftime("%Y年%m月%d日 %H:%M")}
