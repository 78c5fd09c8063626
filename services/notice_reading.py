"""Notices as their readers have them: lists, the text in force, reading, acknowledging, asking for leave."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Select, and_, bindparam, case, func, literal, not_, null, or_, select, update

from models.identity import Account
from models.insert_once import insert_once
from models.notices import Notice, NoticeDelivery, NoticeLeave, NoticeVersion
from models.regions import Region
from services import access, audit
from services.context import Context
from services.errors import Conflict, Invalid, NotFound
from services.notices import KIND_NAMES
from services.rules import calendar_file

MAX_REASON = 200
#: States a reader meets.
SHOWN = ("sent", "withdrawn")


@dataclass(frozen=True)
class NoticeCard:
    """A notice as its reader has it; `delivery` is None for a public notice to residents."""

    notice: Notice
    delivery: NoticeDelivery | None
    issuer: str
    leave: NoticeLeave | None = None
    #: What the newest correction changed.
    correction_note: str | None = None

    @property
    def kind_name(self) -> str:
        return KIND_NAMES[self.notice.kind]

    @property
    def is_withdrawn(self) -> bool:
        return self.notice.state == "withdrawn"

    @property
    def is_unread(self) -> bool:
        """Never opened, or not since its text was corrected."""
        if self.delivery is None:
            return False
        read, corrected = self.delivery.read_at, self.notice.corrected_at
        return read is None or (corrected is not None and read < corrected)

    @property
    def must_answer(self) -> bool:
        return self.notice.needs_confirmation and self.delivery is not None and not self.is_withdrawn


@dataclass(frozen=True)
class ReaderLine:
    """A notice in its reader's list: no text, and only what one line shows."""

    id: int
    title: str
    kind: str
    issuer: str
    sent_at: datetime
    starts_at: datetime | None
    place: str | None
    corrected_at: datetime | None
    withdrawn_at: datetime | None
    needs_confirmation: bool
    #: Since the last correction.
    read_at: datetime | None
    confirmed_at: datetime | None
    leave_at: datetime | None

    @property
    def kind_name(self) -> str:
        return KIND_NAMES[self.kind]


_LINE = (Notice.id, Notice.title, Notice.kind, Region.name.label("issuer"), Notice.sent_at, Notice.starts_at,
         Notice.place, Notice.corrected_at, Notice.withdrawn_at)
_IS_READ = and_(NoticeDelivery.read_at.is_not(None),
                or_(Notice.corrected_at.is_(None), NoticeDelivery.read_at >= Notice.corrected_at))
_IS_UNREAD = and_(Notice.state == "sent", Notice.follow_up.is_(None), not_(_IS_READ))
#: The page a deputy opens every day, put together once; the total comes with its rows.
_PAGE_OF_DEPUTY = (
    select(*_LINE, (Notice.needs_confirmation & (Notice.state == "sent")).label("needs_confirmation"),
           case((_IS_READ, NoticeDelivery.read_at)), NoticeDelivery.confirmed_at, NoticeLeave.at,
           func.count().over().label("total"))
    .join(NoticeDelivery, NoticeDelivery.notice_id == Notice.id).join(Region, Region.id == Notice.region_id)
    .outerjoin(NoticeLeave, (NoticeLeave.notice_id == Notice.id)
               & (NoticeLeave.person_id == NoticeDelivery.person_id))
    .where(NoticeDelivery.person_id == bindparam("person_id"), Notice.state.in_(SHOWN), Notice.follow_up.is_(None))
    .order_by(Notice.sent_at.desc(), Notice.id.desc()).limit(bindparam("limit")).offset(bindparam("offset")))
_PAGE_BY_UNREAD = {None: _PAGE_OF_DEPUTY, True: _PAGE_OF_DEPUTY.where(_IS_UNREAD),
                   False: _PAGE_OF_DEPUTY.where(not_(_IS_UNREAD))}
_UNREAD = (select(func.count()).select_from(NoticeDelivery).join(Notice, Notice.id == NoticeDelivery.notice_id)
           .where(NoticeDelivery.person_id == bindparam("person_id"), _IS_UNREAD))


def list_mine(ctx: Context, *, unread: bool | None = None, page: int = 1, page_size: int = 20
              ) -> tuple[list[ReaderLine], int]:
    """A deputy's own notices, newest first; a resident's public ones of the township and above."""
    query = _PAGE_BY_UNREAD[unread] if ctx.actor.is_deputy else _page_of_resident(ctx)
    rows: Sequence[Any] = ctx.session.execute(query, {
        "person_id": ctx.actor.person_id, "limit": page_size, "offset": (page - 1) * page_size}).all()
    if not rows and page > 1:  # beyond the end, where no row brings the total
        return [], list_mine(ctx, unread=unread, page=1, page_size=1)[1]
    return [ReaderLine(*row[:-1]) for row in rows], rows[0].total if rows else 0


def _page_of_resident(ctx: Context) -> Select[*tuple[Any, ...]]:
    return (_public(ctx, select(*_LINE, literal(False), null(), null(), null(), func.count().over().label("total")))
            .order_by(Notice.sent_at.desc(), Notice.id.desc())
            .limit(bindparam("limit")).offset(bindparam("offset")))


def _public(ctx: Context, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Sent to the residents of the visitor's township or of a region above it."""
    village = select(Region.path).join(Account, Account.village_id == Region.id).where(
        Account.id == ctx.actor.account_id)
    path = ctx.session.scalar(village) or ""
    above = [int(part) for part in path.strip("/").split("/") if part]
    return query.join(Region, Region.id == Notice.region_id).where(
        Notice.state.in_(SHOWN), Notice.follow_up.is_(None), Notice.audience == "residents",
        Notice.region_id.in_(above))


def get_mine(ctx: Context, notice_id: int) -> NoticeCard:
    """One notice as its reader has it; one sent to others is not found. A follow-up opens what it follows."""
    if ctx.actor.is_deputy:
        row = ctx.session.execute(_of_deputy(ctx).where(Notice.id == notice_id)).first()
        if row is not None and row.Notice.follows_id is not None:
            row = ctx.session.execute(_of_deputy(ctx).where(Notice.id == row.Notice.follows_id)).first()
    else:
        query = _public(ctx, select(Notice, null(), Region.name, null())).where(Notice.id == notice_id)
        row = ctx.session.execute(query).first()
    if row is None:
        raise NotFound("not_found")
    notice, delivery, issuer, leave = row
    return NoticeCard(notice, delivery, issuer, leave, _newest_note(ctx, notice))


def _of_deputy(ctx: Context) -> Select[*tuple[Any, ...]]:
    person = access.deputy_id(ctx)
    return (select(Notice, NoticeDelivery, Region.name.label("issuer"), NoticeLeave)
            .join(Region, Region.id == Notice.region_id).join(NoticeDelivery, NoticeDelivery.notice_id == Notice.id)
            .outerjoin(NoticeLeave, (NoticeLeave.notice_id == Notice.id) & (NoticeLeave.person_id == person))
            .where(NoticeDelivery.person_id == person, Notice.state.in_(SHOWN)))


def _newest_note(ctx: Context, notice: Notice) -> str | None:
    if notice.corrected_at is None:
        return None
    return ctx.session.scalar(select(NoticeVersion.note).where(NoticeVersion.notice_id == notice.id)
                              .order_by(NoticeVersion.number.desc()).limit(1))


def mark_read(ctx: Context, notice_id: int) -> NoticeCard:
    """Note that the person opened it; the first time counts, and the first time after a correction again."""
    card = get_mine(ctx, notice_id)
    delivery, own = card.delivery, card.notice.id
    if delivery is not None:
        if card.is_unread:
            delivery.read_at = ctx.now
            audit.record(ctx, "notice.read", f"notice:{own}")
        _mark_follow_ups_read(ctx, own, delivery.person_id)
    return card


def _mark_follow_ups_read(ctx: Context, notice_id: int, person_id: int) -> None:
    """Whoever opens a notice has its corrections and reminders before the eyes too."""
    ctx.session.execute(update(NoticeDelivery).where(
        NoticeDelivery.person_id == person_id, NoticeDelivery.read_at.is_(None),
        NoticeDelivery.notice_id.in_(select(Notice.id).where(Notice.follows_id == notice_id))
    ).values(read_at=ctx.now).execution_options(synchronize_session=False))


def confirm(ctx: Context, notice_id: int) -> NoticeCard:
    """Acknowledge; confirming twice keeps the first moment, and takes back a leave."""
    card = mark_read(ctx, notice_id)
    delivery = card.delivery
    if delivery is None:
        return card
    _refuse_withdrawn(card)
    if card.leave is not None:
        ctx.session.delete(card.leave)
        ctx.session.flush()
    if delivery.confirmed_at is None:
        delivery.confirmed_at = ctx.now
        audit.record(ctx, "notice.confirmed", f"notice:{card.notice.id}")
    return replace(card, leave=None)


def ask_leave(ctx: Context, notice_id: int, *, reason: str) -> NoticeCard:
    """Will not come, with the reason the clerk reads; before it begins, and instead of an acknowledgement."""
    card = mark_read(ctx, notice_id)
    _refuse_withdrawn(card)
    if not card.must_answer or card.delivery is None:
        raise Conflict("leave_not_asked")
    if card.notice.starts_at is not None and card.notice.starts_at <= ctx.now:
        raise Conflict("leave_too_late")
    text = reason.strip()
    if not text or len(text) > MAX_REASON:
        raise Invalid("leave_reason_length", fields={"reason": "leave_reason_length"})
    card.delivery.confirmed_at = None
    person = card.delivery.person_id
    leave = card.leave or insert_once(ctx.session, NoticeLeave, notice_id=card.notice.id, person_id=person,
                                      reason=text, at=ctx.now)
    if leave is None:  # asked at the same moment from another device
        leave = ctx.session.get_one(NoticeLeave, (card.notice.id, person), populate_existing=True)
    if card.leave is None or leave.reason != text:
        leave.reason, leave.at = text, ctx.now
        audit.record(ctx, "notice.leave_asked", f"notice:{card.notice.id}")
    ctx.session.flush()
    return replace(card, leave=leave)


def _refuse_withdrawn(card: NoticeCard) -> None:
    if card.is_withdrawn:
        raise Conflict("notice_withdrawn")


def count_unread(ctx: Context) -> int:
    """Not opened since they were sent or corrected; withdrawn ones ask for nothing."""
    if not ctx.actor.is_deputy:
        return 0
    return ctx.session.scalar(_UNREAD, {"person_id": ctx.actor.person_id}) or 0


def build_calendar(ctx: Context, notice_id: int) -> bytes:
    """The notice's place and time as a calendar file; a withdrawn one cancels what a calendar already has."""
    card = get_mine(ctx, notice_id)
    notice = card.notice
    if notice.starts_at is None:
        raise Conflict("notice_no_time")
    newest = max(moment for moment in (notice.sent_at, notice.corrected_at, notice.withdrawn_at) if moment)
    versions = ctx.session.scalar(select(func.count()).select_from(NoticeVersion).where(
        NoticeVersion.notice_id == notice.id)) or 0
    return calendar_file.build_calendar(calendar_file.Event(
        uid=f"notice-{notice.id}@{urlsplit(ctx.settings.public_base_url).hostname or 'deputy-home'}",
        title=notice.title, place=notice.place or "",
        text=notice.withdraw_reason or notice.body, starts_at=notice.starts_at,
        ends_at=calendar_file.default_end(notice.starts_at), written_at=newest,
        sequence=versions + card.is_withdrawn, is_cancelled=card.is_withdrawn))
