"""Pushes through the platform: a notice to a deputy, a word to a resident about an opinion.

A push leaves in three steps, so that a dead process never sends twice: claim (leased, committed), send
(outside any transaction), settle (committed). A claim whose lease ran out is uncertain, never repeated.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, select, update

from models.comments import Opinion
from models.identity import Account, WeChatBinding
from models.notices import Notice, NoticeDelivery, OpinionWord
from services import campaigns, outbox, regions, subscriptions
from services.context import CHINA, Context
from services.ports import PushCalledBack, PushHalted, PushPostponed, PushRefused, PushTrouble, PushUncertain

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
    """Pushes to send now; `leased` rows were taken in all (those without a credit are settled already)."""

    pushes: list[Push]
    leased: int
    #: The first few are under way, and their outcome decides: ask again a little later.
    is_waiting: bool = False


def claim_deliveries(ctx: Context, notice_id: int, *, limit: int = 50, token: str | None = None) -> Batch:
    """Lease queued deliveries of a notice and take one credit each; others go to the phone list."""
    may = campaigns.permit(ctx, notice_id, limit=limit)
    if not may.limit:
        return Batch([], 0, may.is_waiting)
    notice = ctx.session.get_one(Notice, notice_id)
    issuer = regions.full_name(ctx.session, regions.get_region(ctx.session, notice.region_id))
    rows = _lease(ctx, NoticeDelivery, NoticeDelivery.notice_id == notice_id, may.limit, token)
    data = notice_fields(notice, issuer, ctx.now)
    openids = _openids_of_people(ctx, [row.person_id for row in rows])
    template = ctx.settings.notice_template
    allowed = subscriptions.take_credits(ctx, list(openids.values()), template)
    pushes = []
    for row in rows:
        openid = openids.get(row.person_id)
        if openid is not None and openid in allowed:
            pushes.append(Push(row.id, openid, template, data, f"pages-notice/detail/detail?id={notice_id}"))
        else:
            row.reason, row.settled_at = "not_bound" if openid is None else "not_subscribed", ctx.now
            row.channel, row.state = "phone_list", "unreachable"
    return Batch(pushes, len(rows))


def claim_word(ctx: Context, word_id: int, *, token: str | None = None) -> Batch:
    rows = _lease(ctx, OpinionWord, OpinionWord.id == word_id, 1, token)
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


def _lease(ctx: Context, table: type[T], which: ColumnElement[bool], limit: int, token: str | None) -> list[T]:
    due = (select(table.id).where(which, table.state == "queued",
                                  (table.lease_until.is_(None)) | (table.lease_until <= ctx.now))
           .order_by(table.id).limit(limit).with_for_update(skip_locked=True))
    leased = ctx.session.scalars(
        update(table).where(table.id.in_(due))
        .values(state="sending", lease_until=ctx.now + LEASE, lease_token=token, attempts=table.attempts + 1)
        .returning(table), execution_options={"populate_existing": True})
    return sorted(leased, key=lambda row: row.id)


def _openids_of_people(ctx: Context, person_ids: Sequence[int]) -> dict[int, str]:
    rows = ctx.session.execute(
        select(Account.person_id, WeChatBinding.openid).join(WeChatBinding, WeChatBinding.account_id == Account.id)
        .where(Account.person_id.in_(person_ids), WeChatBinding.appid == ctx.settings.mini_appid))
    return {person: openid for person, openid in rows if person is not None}


def _may_send(ctx: Context, row: PushRow, openid: str | None, template_id: str) -> bool:
    """Take the person's permission for one message; without it the row says why."""
    if openid is not None and subscriptions.take_credits(ctx, [openid], template_id):
        return True
    row.reason, row.settled_at = "not_bound" if openid is None else "not_subscribed", ctx.now
    return False


# --- what became of it ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """What a sender saw: `trouble` is None where the platform took the message, and `msgid` what it called it."""

    push: Push
    trouble: PushTrouble | None = None
    msgid: str | None = None


@dataclass(frozen=True)
class Verdict:
    """Whether something is queued again, and whether the rest of the batch must not leave now."""

    is_postponed: bool = False
    is_halted: bool = False


def settle(ctx: Context, table: type[PushRow], outcomes: Sequence[Outcome], *, notice_id: int | None = None) -> Verdict:
    """Write down a batch of outcomes, one statement for each kind of them."""
    accepted = [outcome for outcome in outcomes if outcome.trouble is None]
    _name(ctx, table, accepted)
    _settle(ctx, table, [outcome.push.id for outcome in accepted], state="accepted", reason=None, settled=False)
    uncertain = [outcome.push.id for outcome in outcomes if isinstance(outcome.trouble, PushUncertain)]
    _settle(ctx, table, uncertain, state="uncertain", reason="no_event", settled=False)
    # What would fail for everybody holds a notice's campaign; a single word has none and is simply refused.
    final: tuple[type[PushTrouble], ...] = (PushRefused,) if notice_id is not None else (PushRefused, PushHalted)
    _settle_refused(ctx, table, [outcome for outcome in outcomes if isinstance(outcome.trouble, final)])
    is_postponed = _settle_postponed(ctx, table, [
        outcome for outcome in outcomes
        if isinstance(outcome.trouble, PushPostponed | PushHalted) and not isinstance(outcome.trouble, final)])
    if notice_id is None:
        return Verdict(is_postponed)
    return Verdict(is_postponed, _note_trouble(ctx, notice_id, outcomes))


def _name(ctx: Context, table: type[PushRow], outcomes: Sequence[Outcome]) -> None:
    """Keep what the platform called each message: its event comes under the same id."""
    named = [{"id": outcome.push.id, "msgid": outcome.msgid} for outcome in outcomes if outcome.msgid]
    if named:
        ctx.session.execute(update(table), named)


def _settle_refused(ctx: Context, table: type[PushRow], outcomes: Sequence[Outcome]) -> None:
    """The platform said no: the person goes on the phone list; a missing subscription empties the credit."""
    by_reason: dict[str, list[Push]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.trouble is not None:
            by_reason[outcome.trouble.reason].append(outcome.push)
    for reason, pushes in by_reason.items():
        if reason == "not_subscribed":
            subscriptions.empty_credits(ctx, pushes[0].template_id, [push.openid for push in pushes])
        else:
            subscriptions.give_credits_back(ctx, pushes[0].template_id, [push.openid for push in pushes])
        _settle(ctx, table, [push.id for push in pushes], state="rejected", reason=reason, settled=True)


def _settle_postponed(ctx: Context, table: type[PushRow], outcomes: Sequence[Outcome]) -> bool:
    """Nothing was sent: queue it again a little later, or give up after the last attempt. True where queued.

    What waits for a quota or for staff has not used up an attempt: the campaign itself is held.
    """
    if not outcomes:
        return False
    subscriptions.give_credits_back(ctx, outcomes[0].push.template_id, [outcome.push.openid for outcome in outcomes])
    waits = {outcome.push.id: getattr(outcome.trouble, "wait_seconds", 0) for outcome in outcomes}
    held = [outcome.push.id for outcome in outcomes
            if isinstance(outcome.trouble, PushHalted | PushCalledBack) or waits[outcome.push.id]]
    if held:
        wait = timedelta(seconds=max(waits[number] for number in held))
        ctx.session.execute(update(table).where(table.id.in_(held)).values(
            state="queued", reason=None, lease_until=ctx.now + wait, attempts=table.attempts - 1))
    tried = [outcome.push.id for outcome in outcomes if outcome.push.id not in held]
    reasons = {outcome.push.id: outcome.trouble.reason for outcome in outcomes if outcome.trouble is not None}
    attempts: dict[int, int] = dict(ctx.session.execute(
        select(table.id, table.attempts).where(table.id.in_(tried))).all()) if tried else {}
    spent = [number for number, count in attempts.items() if count >= MAX_ATTEMPTS]
    _settle(ctx, table, spent, state="rejected", reason="expired", settled=True)
    groups: dict[tuple[int, str], list[int]] = defaultdict(list)
    for number, count in attempts.items():
        if count < MAX_ATTEMPTS:
            groups[count, reasons[number]].append(number)
    for (count, reason), numbers in groups.items():
        ctx.session.execute(update(table).where(table.id.in_(numbers)).values(
            state="queued", reason=reason, lease_until=ctx.now + _RETRY_WAIT * count))
    return bool(groups) or bool(held)


def _note_trouble(ctx: Context, notice_id: int, outcomes: Sequence[Outcome]) -> bool:
    """Tell the campaign what concerns all its messages; True where no more may leave now."""
    troubles = [outcome.trouble for outcome in outcomes if outcome.trouble is not None]
    for trouble in troubles:
        if isinstance(trouble, PushHalted):
            campaigns.note_trouble(ctx, notice_id, campaigns.Trouble(trouble.reason, trouble.code, trouble.rid))
            return True
    waits = [trouble for trouble in troubles if isinstance(trouble, PushPostponed) and trouble.wait_seconds]
    if waits:
        last = max(waits, key=lambda trouble: trouble.wait_seconds)
        campaigns.note_trouble(ctx, notice_id, campaigns.Trouble(
            last.reason, last.code, last.rid, wait_seconds=last.wait_seconds))
        return True
    told = [trouble for trouble in troubles if trouble.code]
    if told:
        campaigns.note_error(ctx, notice_id, code=told[-1].code, rid=told[-1].rid)
    return False


def _settle(ctx: Context, table: type[PushRow], push_ids: Sequence[int], *, state: str, reason: str | None,
            settled: bool) -> None:
    if not push_ids:
        return
    values: dict[str, object] = {"state": state, "reason": reason, "lease_until": ctx.now + EVENT_WAIT}
    if settled:
        values["settled_at"] = ctx.now
    if state == "accepted" and table is NoticeDelivery:
        values["accepted_at"] = ctx.now
    # The platform's event may have been faster than its answer: what is final stays.
    ctx.session.execute(update(table).where(
        table.id.in_(push_ids), table.state.in_(("sending", "accepted", "uncertain"))).values(**values))


def record_sent_event(ctx: Context, *, openid: str, template_id: str, error_code: str, msgid: str = "") -> None:
    """The platform's word about a push: settles the one of this message id, else the oldest one it can be about."""
    found = _named(ctx, msgid) or _oldest_nameless(ctx, openid, template_id)
    if found is not None:
        good = error_code == "0"
        table, number = found
        _settle(ctx, table, [number], state="delivered" if good else "rejected", reason=None if good else "user_block",
                settled=True)


def _named(ctx: Context, msgid: str) -> tuple[type[PushRow], int] | None:
    tables: tuple[type[PushRow], ...] = (NoticeDelivery, OpinionWord)
    for table in tables:
        found = ctx.session.scalar(select(table.id).where(table.msgid == msgid).limit(1)) if msgid else None
        if found is not None:
            return table, found
    return None


def _oldest_nameless(ctx: Context, openid: str, template_id: str) -> tuple[type[PushRow], int] | None:
    """The oldest push waiting for this person and template whose message id the platform never told."""
    account = ctx.session.scalar(select(WeChatBinding.account_id).where(
        WeChatBinding.openid == openid, WeChatBinding.appid == ctx.settings.mini_appid))
    if account is None:
        return None
    is_word = template_id == ctx.settings.opinion_template
    table: type[PushRow] = OpinionWord if is_word else NoticeDelivery
    person = ctx.session.scalar(select(Account.person_id).where(Account.id == account))
    owner = OpinionWord.account_id == account if is_word else NoticeDelivery.person_id == person
    waiting = ctx.session.scalar(
        select(table.id).where(owner, table.msgid.is_(None), table.state.in_(("accepted", "sending", "uncertain")))
        .order_by(table.lease_until, table.id).limit(1))
    return None if waiting is None else (table, waiting)


#: Of the rows under one lease token, those whose request certainly never left.
NeverSent = Callable[[str, Sequence[int]], set[int]]


def sweep_pushes(ctx: Context, never_sent: NeverSent) -> list[int]:
    """Settle what time has decided; returns notices with queued deliveries, to be announced again.

    A lease that ran out belonged to a dead sender: what it had not begun to send is queued again, the rest is
    uncertain and waits for its event.
    """
    for table in (NoticeDelivery, OpinionWord):
        _sweep_leases(ctx, table, never_sent)
        ctx.session.execute(
            update(table).where(table.state.in_(("accepted", "uncertain")), table.lease_until <= ctx.now,
                                table.settled_at.is_(None))
            .values(state="uncertain", reason="no_event", settled_at=ctx.now))
    campaigns.give_up_old(ctx)
    return list(ctx.session.scalars(
        select(NoticeDelivery.notice_id).where(
            NoticeDelivery.state == "queued",
            (NoticeDelivery.lease_until.is_(None)) | (NoticeDelivery.lease_until <= ctx.now),
            NoticeDelivery.notice_id.not_in(campaigns.held(ctx))).distinct()))


def _sweep_leases(ctx: Context, table: type[PushRow], never_sent: NeverSent) -> None:
    expired = ctx.session.execute(
        select(table.id, table.lease_token).where(table.state == "sending", table.lease_until <= ctx.now)
        .with_for_update(skip_locked=True)).all()
    by_token: dict[str | None, list[int]] = defaultdict(list)
    for number, token in expired:
        by_token[token].append(number)
    for token, numbers in by_token.items():
        unsent = never_sent(token, numbers) if token else set()
        _queue_again(ctx, table, unsent)
        begun = [number for number in numbers if number not in unsent]
        if begun:
            ctx.session.execute(update(table).where(table.id.in_(begun)).values(
                state="uncertain", reason="interrupted", lease_until=ctx.now + EVENT_WAIT))


def _queue_again(ctx: Context, table: type[PushRow], ids: set[int]) -> None:
    """Never sent: back in the queue as if never taken, with the credit it held."""
    if not ids:
        return
    if table is NoticeDelivery:
        owner = select(NoticeDelivery.person_id).where(NoticeDelivery.id.in_(ids))
        accounts = select(Account.id).where(Account.person_id.in_(owner))
        template = ctx.settings.notice_template
    else:
        accounts = select(OpinionWord.account_id).where(OpinionWord.id.in_(ids))
        template = ctx.settings.opinion_template
    openids = list(ctx.session.scalars(select(WeChatBinding.openid).where(
        WeChatBinding.appid == ctx.settings.mini_appid, WeChatBinding.account_id.in_(accounts))))
    subscriptions.give_credits_back(ctx, template, openids)
    ctx.session.execute(update(table).where(table.id.in_(ids)).values(
        state="queued", reason=None, lease_until=None, lease_token=None, attempts=table.attempts - 1))


def list_postponed_words(ctx: Context) -> list[int]:
    """Words about opinions whose wait after a postponed push is over, to be announced again."""
    return list(ctx.session.scalars(select(OpinionWord.id).where(
        OpinionWord.state == "queued", OpinionWord.attempts > 0,
        OpinionWord.lease_until.is_(None) | (OpinionWord.lease_until <= ctx.now))))


def notice_fields(notice: Notice, issuer: str, now: datetime) -> dict[str, str]:
    """The template's fields; what does not fit twenty characters is cut by the adapter."""
    moment = (notice.starts_at or notice.sent_at or now).astimezone(CHINA)
    return {"thing1": notice.title, "thing2": issuer, "time3": moment.strftime("%Y年%m月%d日 %H:%M"),
            "thing4": notice.place or "请点开查看并确认"}


def _word_fields(ctx: Context, word: OpinionWord) -> dict[str, str]:
    number = ctx.session.scalar(select(Opinion.number).where(Opinion.id == word.opinion_id)) or ""
    return {"character_string1": number, "phrase2": word.status_phrase, "thing3": word.detail,
            "time4": ctx.now.astimezone(CHINA).strftime("%Y年%m月%d日 %H:%M")}
