"""Acting on the table of retention: what is over is deleted, emptied or made anonymous, a batch at a time (保存期限).

A batch and its audit row are one transaction, so a run may die anywhere, be repeated, or run twice at once: every
row is counted by the one that took it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from models.assistant import ChatLine, Dialogue, HandOver
from models.audit import AuditRow
from models.base import Base
from models.checkin import UsedScreenCode
from models.comments import (
    Opinion,
    OpinionAlert,
    OpinionAssignment,
    OpinionEvent,
    OpinionExtension,
    OpinionPhoto,
    OpinionRating,
)
from models.deputies import RosterImport
from models.identity import Account, DeputyDevice, LoginSession, OneTimeCode, SeatClaim, WeChatBinding
from models.media import MediaFile
from models.notices import OpinionWord, SubscriptionCredit, SubscriptionEvent
from models.outbox import IdempotencyKey, InboxMessage, OutboxMessage, ScheduledRun, WorkerBeat
from services import access, audit, closing
from services.context import Context
from services.rules.phones import mask_written
from services.rules.retention import ENDING, RULES, Rule, kept_for, period

BATCH = 500
#: A run was due every day; after this it is missing.
STALE = timedelta(days=2)
_FINISHED = "retention.finished"
Keys = Sequence[Any]


@dataclass(frozen=True)
class _Task:
    """Which rows are over when their period ended before a moment, and what becomes of them."""

    table: type[Base]
    key: InstrumentedAttribute[Any]
    is_over: Callable[[datetime], ColumnElement[bool]]
    act: Callable[[Context, Keys], None]

    def due(self, ctx: Context, rule: Rule) -> Select[Any]:
        return select(self.key).where(self.is_over(ctx.now - kept_for(rule.name)))


def _deleting(key: InstrumentedAttribute[Any], is_over: Callable[[datetime], ColumnElement[bool]]) -> _Task:
    table: Any = key.class_

    def act(ctx: Context, keys: Keys) -> None:
        ctx.session.execute(delete(table).where(key.in_(keys)))

    return _Task(table, key, is_over, act)


# --- what is more than deleting ---------------------------------------------------------------------


def _drop_photos(ctx: Context, keys: Keys) -> None:
    """Files first: a row without its file is found again, a file without its row never."""
    for storage_key in ctx.session.scalars(select(MediaFile.storage_key).where(MediaFile.id.in_(keys))):
        ctx.gateways.files.delete(storage_key)
    ctx.session.execute(delete(MediaFile).where(MediaFile.id.in_(keys)))


def _empty_rosters(ctx: Context, keys: Keys) -> None:
    ctx.session.execute(update(RosterImport).where(RosterImport.id.in_(keys)).values(rows_cipher=""))
    ctx.session.execute(update(RosterImport).where(RosterImport.id.in_(keys), RosterImport.state == "previewed")
                        .values(state="discarded"))


def _erase_accounts(ctx: Context, keys: Keys) -> None:
    for account in ctx.session.scalars(select(Account).where(Account.id.in_(keys))):
        closing.erase(ctx, account)


def _has_residue() -> ColumnElement[bool]:
    """Whether an ended account still holds something, or something hangs on it that came late."""
    own = or_(Account.name != "", *(column.is_not(None) for column in (
        Account.person_id, Account.village_id, Account.phone_cipher, Account.phone_index)))
    return or_(own, *(exists().where(table.account_id == Account.id) for table in (WeChatBinding, ChatLine, Dialogue)),
               exists().where(LoginSession.account_id == Account.id, LoginSession.revoked_at.is_(None)))


def _anonymise_opinions(ctx: Context, keys: Keys) -> None:
    """Cut the author off, drop photos and messages, and mask the numbers people wrote; the file itself stays."""
    session = ctx.session
    photos = session.scalars(select(OpinionPhoto.media_id).where(OpinionPhoto.opinion_id.in_(keys))).all()
    session.execute(delete(OpinionPhoto).where(OpinionPhoto.opinion_id.in_(keys)))
    _drop_photos(ctx, photos)
    session.execute(delete(OpinionWord).where(OpinionWord.opinion_id.in_(keys)))
    for opinion in session.scalars(select(Opinion).where(Opinion.id.in_(keys))):
        session.execute(update(OpinionEvent).where(
            OpinionEvent.opinion_id == opinion.id, OpinionEvent.actor == f"account:{opinion.account_id}"
        ).values(actor="anonymous"))
        opinion.account_id, opinion.anonymised_at = None, ctx.now
    session.flush()
    for column, owner in _WRITTEN:
        _mask(ctx, column, owner, keys)


_WRITTEN: tuple[tuple[InstrumentedAttribute[Any], InstrumentedAttribute[int]], ...] = (
    (Opinion.text, Opinion.id), (Opinion.reject_reason, Opinion.id), (OpinionEvent.detail, OpinionEvent.opinion_id),
    (OpinionRating.comment, OpinionRating.opinion_id), (OpinionAssignment.answer, OpinionAssignment.opinion_id),
    (OpinionAssignment.returned_reason, OpinionAssignment.opinion_id),
    (OpinionExtension.reason, OpinionExtension.opinion_id),
    (OpinionExtension.decision_note, OpinionExtension.opinion_id),
    (OpinionAlert.instruction, OpinionAlert.opinion_id))


def _mask(ctx: Context, column: InstrumentedAttribute[Any], owner: InstrumentedAttribute[int], keys: Keys) -> None:
    table: Any = column.class_
    for row_id, text in ctx.session.execute(select(table.id, column).where(owner.in_(keys), column.is_not(None))).all():
        masked = mask_written(text)
        if masked != text:
            ctx.session.execute(update(table).where(table.id == row_id).values({column.key: masked}))


_TASKS: Mapping[str, _Task] = {
    "login_codes": _deleting(OneTimeCode.id, lambda before: OneTimeCode.expires_at < before),
    "login_sessions": _deleting(LoginSession.id, lambda before: or_(
        LoginSession.expires_at < before, LoginSession.revoked_at < before)),
    "idempotency_keys": _deleting(IdempotencyKey.id, lambda before: IdempotencyKey.created_at < before),
    "loose_photos": _Task(MediaFile, MediaFile.id, lambda before: and_(
        MediaFile.attached_at.is_(None), MediaFile.created_at < before), _drop_photos),
    "dialogues": _deleting(Dialogue.id, lambda before: Dialogue.expires_at < before),
    "chat_lines": _deleting(ChatLine.id, lambda before: ChatLine.at < before),
    "hand_overs": _deleting(HandOver.id, lambda before: HandOver.done_at < before),
    "seat_claims": _deleting(SeatClaim.id, lambda before: SeatClaim.decided_at < before),
    "released_devices": _deleting(DeputyDevice.id, lambda before: DeputyDevice.released_at < before),
    "screen_codes": _deleting(UsedScreenCode.id, lambda before: UsedScreenCode.used_at < before),
    "subscription_events": _deleting(SubscriptionEvent.id, lambda before: SubscriptionEvent.at < before),
    "stray_credits": _deleting(SubscriptionCredit.id, lambda before: and_(
        SubscriptionCredit.changed_at < before,
        ~exists().where(WeChatBinding.appid == SubscriptionCredit.appid,
                        WeChatBinding.openid == SubscriptionCredit.openid))),
    "account_residue": _Task(Account, Account.id, lambda before: and_(
        Account.state != "active", func.coalesce(Account.ended_at, Account.created_at) < before, _has_residue()),
        _erase_accounts),
    "rosters_applied": _Task(RosterImport, RosterImport.id, lambda before: and_(
        RosterImport.rows_cipher != "", RosterImport.applied_at < before), _empty_rosters),
    "rosters_abandoned": _Task(RosterImport, RosterImport.id, lambda before: and_(
        RosterImport.rows_cipher != "", RosterImport.applied_at.is_(None), RosterImport.created_at < before),
        _empty_rosters),
    "callbacks_processed": _deleting(InboxMessage.id, lambda before: and_(
        InboxMessage.processed_at.is_not(None), InboxMessage.received_at < before)),
    "callbacks_unprocessed": _deleting(InboxMessage.id, lambda before: and_(
        InboxMessage.processed_at.is_(None), InboxMessage.received_at < before)),
    "outbox_done": _deleting(OutboxMessage.id, lambda before: and_(
        OutboxMessage.state == "done", OutboxMessage.done_at < before)),
    "scheduled_runs": _deleting(ScheduledRun.id, lambda before: ScheduledRun.due_at < before),
    "worker_beats": _deleting(WorkerBeat.name, lambda before: WorkerBeat.seen_at < before),
    "opinions": _Task(Opinion, Opinion.id, lambda before: and_(
        Opinion.state.in_(("closed", "rejected")), Opinion.closed_at < before, Opinion.anonymised_at.is_(None)),
        _anonymise_opinions),
}


# --- running ----------------------------------------------------------------------------------------


def apply_batch(ctx: Context, rule: Rule, *, limit: int = BATCH) -> int:
    """Act on up to `limit` things whose period is over; returns how many. Others' rows in hand are left to them."""
    access.require(ctx, "retention.run")
    task = _TASKS[rule.name]
    keys = ctx.session.scalars(task.due(ctx, rule).order_by(task.key).limit(limit)
                               .with_for_update(of=task.table, skip_locked=True)).all()
    if keys:
        task.act(ctx, keys)
        audit.record(ctx, "retention.applied", f"retention:{rule.name}", {"count": len(keys), "fate": rule.fate})
    return len(keys)


def finish(ctx: Context, counts: Mapping[str, int], failed: Sequence[str]) -> None:
    """Note that a run came to its end, with what it did by line of the table."""
    access.require(ctx, "retention.run")
    audit.record(ctx, _FINISHED, "retention:all", {
        "counts": {name: count for name, count in counts.items() if count}, "failed": list(failed)})


def count_due(ctx: Context) -> dict[str, int]:
    """How many things of each line are over now."""
    return {rule.name: ctx.session.scalar(select(func.count()).select_from(_TASKS[rule.name].due(ctx, rule).subquery()))
            or 0 for rule in ENDING}


# --- reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One line of the table as it stands."""

    rule: Rule
    #: What is over and waits for the next run; None where nothing ends.
    due: int | None
    #: What the last run did to it.
    done: int

    @property
    def period(self) -> str:
        return period(self.rule)


@dataclass(frozen=True)
class Run:
    at: datetime
    counts: dict[str, int]
    failed: list[str]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Overview:
    lines: list[Line]
    runs: list[Run]
    is_stale: bool


def build_overview(ctx: Context) -> Overview:
    """The table with what waits, and the latest runs, for the auditor."""
    access.require(ctx, "audit.view")
    rows = ctx.session.scalars(select(AuditRow).where(AuditRow.action == _FINISHED)
                               .order_by(AuditRow.id.desc()).limit(14))
    runs = [Run(row.at, row.changes.get("counts", {}), row.changes.get("failed", [])) for row in rows]
    due = count_due(ctx)
    last = runs[0].counts if runs else {}
    return Overview([Line(rule, due.get(rule.name), last.get(rule.name, 0)) for rule in RULES], runs,
                    not runs or ctx.now - runs[0].at > STALE)
