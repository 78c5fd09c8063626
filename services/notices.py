"""Notices to deputy groups: audience, forecast, one delivery per person, receipts, and who to phone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, literal, null, select

from models.deputies import DeputyGroup, GroupMember, Person
from models.identity import Account, Staff, WeChatBinding
from models.notices import (
    Notice,
    NoticeDelivery,
    SubscriptionCredit,
)
from models.regions import Region
from models.stations import Station, StationDeputy
from services import access, audit, outbox, regions
from services.context import Context
from services.errors import Conflict, Invalid, NotFound

KIND_NAMES = {
    "meeting": "会议", "activity": "活动", "study": "学习", "reception": "接待值班", "handling": "意见办理",
    "ballot": "票决",
    "review": "测评", "bulletin": "公告",
}
REASONS = {
    "not_claimed": "未登录过小程序", "not_bound": "未绑定微信", "not_subscribed": "未订阅或订阅已用完",
    "openid_invalid": "微信绑定已失效", "template_invalid": "消息模板有误", "refused": "微信拒收",
    "user_block": "用户拒收",
    "no_event": "微信未回执，结果不明", "interrupted": "发送中断，结果不明", "wechat_disabled": "未接入微信",
    "expired": "多次重试未成功", "stopped": "工作人员停止了发送", "rate_limited": "平台额度用完，等待继续",
}
STATE_NAMES = {
    "queued": "待发送", "sending": "发送中", "accepted": "已发出", "delivered": "已送达", "rejected": "发送失败",
    "uncertain": "结果不明", "unreachable": "需电话通知",
}


@dataclass(frozen=True)
class NoticeForm:
    kind: str
    title: str
    body: str
    audience: str
    audience_id: int | None = None
    place: str | None = None
    starts_at: datetime | None = None
    needs_confirmation: bool = True


# --- writing ----------------------------------------------------------------------------------------


def create_draft(ctx: Context, form: NoticeForm) -> Notice:
    """A draft that shows its forecast; nothing leaves before `send`."""
    access.require(ctx, "notices.send")
    _check(ctx, form)
    notice = Notice(region_id=_home(ctx, form), created_by=access.staff_id(ctx), created_at=ctx.now, **vars(form))
    ctx.session.add(notice)
    ctx.session.flush()
    audit.record(ctx, "notice.drafted", f"notice:{notice.id}", {"kind": form.kind}, region_id=notice.region_id)
    return notice


def update_draft(ctx: Context, notice_id: int, form: NoticeForm) -> Notice:
    notice = access.access_notice(ctx, notice_id, "notices.send")
    if notice.state != "draft":
        raise Conflict("notice_sent")
    _check(ctx, form)
    for name, value in vars(form).items():
        setattr(notice, name, value)
    audit.record(ctx, "notice.edited", f"notice:{notice.id}")
    return notice


def _check(ctx: Context, form: NoticeForm) -> None:
    if not form.title.strip() or not form.body.strip():
        empty = {name: "field_required" for name in ("title", "body") if not getattr(form, name).strip()}
        raise Invalid("notice_empty", fields=empty)
    if len(form.title) > 60:
        raise Invalid("notice_title_long", fields={"title": "notice_title_long"})
    if form.kind not in KIND_NAMES:
        raise Invalid("field_not_a_choice", fields={"kind": "field_not_a_choice"})
    if form.audience == "group":
        access.access_group(ctx, form.audience_id or 0, "notices.send")
    elif form.audience == "station":
        access.access_station(ctx, form.audience_id or 0, "notices.send")
    elif form.audience not in ("region_deputies", "residents"):
        raise Invalid("audience_unknown", fields={"audience": "audience_unknown"})


def _home(ctx: Context, form: NoticeForm) -> int:
    """A notice belongs to the region of the staff who writes it."""
    if ctx.actor.region_id is None:
        raise NotFound("not_found")
    return ctx.actor.region_id


def _audience(ctx: Context, notice: Notice) -> Select[int]:
    """Ids of the persons with a mandate in force whom the notice is for."""
    people = select(Person.id).where(access.in_office(Person.id))
    if notice.audience == "group":
        return people.where(Person.id.in_(
            select(GroupMember.person_id).where(GroupMember.group_id == notice.audience_id)))
    if notice.audience == "station":
        return people.where(Person.id.in_(
            select(StationDeputy.person_id).where(StationDeputy.station_id == notice.audience_id)))
    if notice.audience == "region_deputies":
        path = regions.get_region(ctx.session, notice.region_id).path
        home = select(Region.id).where(Region.path.startswith(path, autoescape=True))
        return people.where(Person.region_id.in_(home))
    return people.where(Person.id.is_(None))


@dataclass
class Forecast:
    """How many people a notice will reach and by which channel, before it is sent."""

    people: int = 0
    by_channel: Counter[str] = field(default_factory=Counter)
    by_reason: Counter[str] = field(default_factory=Counter)


def forecast(ctx: Context, notice: Notice) -> Forecast:
    result = Forecast()
    for _person, reason in _reach(ctx, notice):
        result.people += 1
        result.by_channel["phone_list" if reason else "subscription"] += 1
        if reason:
            result.by_reason[reason] += 1
    return result


def _reach(ctx: Context, notice: Notice) -> list[tuple[int, str | None]]:
    """Every person of the audience with the reason why no push can reach them, or None."""
    credit = SubscriptionCredit
    rows = ctx.session.execute(
        select(Person.id, Account.id, WeChatBinding.id, credit.is_long_term, credit.balance)
        .outerjoin(Account, Account.person_id == Person.id)
        .outerjoin(WeChatBinding, (WeChatBinding.account_id == Account.id)
                   & (WeChatBinding.appid == ctx.settings.mini_appid))
        .outerjoin(credit, (credit.appid == WeChatBinding.appid) & (credit.openid == WeChatBinding.openid)
                   & (credit.template_id == ctx.settings.notice_template))
        .where(Person.id.in_(_audience(ctx, notice))).order_by(Person.id)
    )
    return [(person, _reason(account, binding, balance)) for person, account, binding, _long, balance in rows]


def _reason(account: int | None, binding: int | None, balance: int | None) -> str | None:
    if account is None:
        return "not_claimed"
    if binding is None:
        return "not_bound"
    return None if balance else "not_subscribed"


def send(ctx: Context, notice_id: int) -> Notice:
    """Freeze the audience into one delivery per person; pushes leave after the commit."""
    notice = access.access_notice(ctx, notice_id, "notices.send")
    if notice.state != "draft":
        raise Conflict("notice_sent")
    reach = _reach(ctx, notice)
    if not reach and notice.audience != "residents":
        raise Invalid("notice_no_audience")
    notice.state, notice.sent_at = "sent", ctx.now
    ctx.session.add_all(
        NoticeDelivery(notice_id=notice.id, person_id=person, channel="phone_list" if reason else "subscription",
                       state="unreachable" if reason else "queued", reason=reason,
                       settled_at=ctx.now if reason else None)
        for person, reason in reach)
    audit.record(ctx, "notice.sent", f"notice:{notice.id}", {"people": len(reach)}, region_id=notice.region_id)
    outbox.publish(ctx, "notice.sent", notice_id=notice.id)
    return notice


# --- the reader -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NoticeCard:
    """A notice as its reader has it; `delivery` is None for a public notice to residents."""

    notice: Notice
    delivery: NoticeDelivery | None
    issuer: str

    @property
    def kind_name(self) -> str:
        return KIND_NAMES[self.notice.kind]


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
    needs_confirmation: bool
    read_at: datetime | None
    confirmed_at: datetime | None

    @property
    def kind_name(self) -> str:
        return KIND_NAMES[self.kind]


_LINE = (Notice.id, Notice.title, Notice.kind, Region.name.label("issuer"), Notice.sent_at, Notice.starts_at,
         Notice.place)
#: The page a deputy opens every day, put together once; the total comes with its rows.
_PAGE_OF_DEPUTY = (
    select(*_LINE, Notice.needs_confirmation, NoticeDelivery.read_at, NoticeDelivery.confirmed_at,
           func.count().over().label("total"))
    .join(NoticeDelivery, NoticeDelivery.notice_id == Notice.id).join(Region, Region.id == Notice.region_id)
    .where(NoticeDelivery.person_id == bindparam("person_id"), Notice.state == "sent")
    .order_by(Notice.sent_at.desc(), Notice.id.desc()).limit(bindparam("limit")).offset(bindparam("offset")))
_PAGE_BY_UNREAD = {None: _PAGE_OF_DEPUTY, True: _PAGE_OF_DEPUTY.where(NoticeDelivery.read_at.is_(None)),
                   False: _PAGE_OF_DEPUTY.where(NoticeDelivery.read_at.is_not(None))}


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
    return (_public(ctx, select(*_LINE, literal(False), null(), null(), func.count().over().label("total")))
            .order_by(Notice.sent_at.desc(), Notice.id.desc())
            .limit(bindparam("limit")).offset(bindparam("offset")))


def _public(ctx: Context, query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Sent to the residents of the visitor's township or of a region above it."""
    village = select(Region.path).join(Account, Account.village_id == Region.id).where(
        Account.id == ctx.actor.account_id)
    path = ctx.session.scalar(village) or ""
    above = [int(part) for part in path.strip("/").split("/") if part]
    return query.join(Region, Region.id == Notice.region_id).where(
        Notice.state == "sent", Notice.audience == "residents", Notice.region_id.in_(above))


def get_mine(ctx: Context, notice_id: int) -> NoticeCard:
    """One notice as its reader has it; one sent to others is not found."""
    if ctx.actor.is_deputy:
        row = ctx.session.execute(
            select(Notice, NoticeDelivery, Region.name.label("issuer"))
            .join(Region, Region.id == Notice.region_id).join(NoticeDelivery, NoticeDelivery.notice_id == Notice.id)
            .where(NoticeDelivery.person_id == ctx.actor.person_id, Notice.state == "sent", Notice.id == notice_id)
        ).first()
    else:
        query = _public(ctx, select(Notice, null(), Region.name)).where(Notice.id == notice_id)
        row = ctx.session.execute(query).first()
    if row is None:
        raise NotFound("not_found")
    return NoticeCard(*row)


def mark_read(ctx: Context, notice_id: int) -> NoticeCard:
    card = get_mine(ctx, notice_id)
    if card.delivery is not None and card.delivery.read_at is None:
        card.delivery.read_at = ctx.now
        audit.record(ctx, "notice.read", f"notice:{notice_id}")
    return card


def confirm(ctx: Context, notice_id: int) -> NoticeCard:
    """Acknowledge; confirming twice keeps the first moment."""
    card = get_mine(ctx, notice_id)
    delivery = card.delivery
    if delivery is not None and delivery.confirmed_at is None:
        delivery.read_at = delivery.read_at or ctx.now
        delivery.confirmed_at = ctx.now
        audit.record(ctx, "notice.confirmed", f"notice:{notice_id}")
    return card


def count_unread(ctx: Context) -> int:
    if not ctx.actor.is_deputy:
        return 0
    return ctx.session.scalar(select(func.count()).select_from(NoticeDelivery).where(
        NoticeDelivery.person_id == ctx.actor.person_id, NoticeDelivery.read_at.is_(None))) or 0


# --- the clerk --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NoticeLine:
    notice: Notice
    author: str
    people: int
    delivered: int
    read: int
    confirmed: int
    to_phone: int


_TO_PHONE = ("unreachable", "rejected", "uncertain")


def _needs_phone() -> ColumnElement[bool]:
    return (NoticeDelivery.state.in_(_TO_PHONE) & NoticeDelivery.read_at.is_(None)
            & NoticeDelivery.phoned_at.is_(None))


def list_for_staff(ctx: Context, *, search: str = "", state: str = "", page: int = 1, page_size: int = 20
                   ) -> tuple[list[NoticeLine], int]:
    """Notices of the actor's region with the figures of their deliveries, newest first."""
    access.require(ctx, "notices.view")
    query = select(Notice.id).where(access.in_scope(ctx, Notice.region_id))
    if search:
        query = query.where(Notice.title.contains(search, autoescape=True))
    if state:
        query = query.where(Notice.state == state)
    total = ctx.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    ids = list(ctx.session.scalars(query.order_by(Notice.id.desc()).limit(page_size).offset((page - 1) * page_size)))
    d = NoticeDelivery
    rows = ctx.session.execute(
        select(Notice, Staff.name, func.count(d.id),
               func.count(case((d.state == "delivered", 1))), func.count(d.read_at), func.count(d.confirmed_at),
               func.count(case((_needs_phone(), 1))))
        .join(Staff, Staff.id == Notice.created_by).outerjoin(d, d.notice_id == Notice.id)
        .where(Notice.id.in_(ids)).group_by(Notice.id, Staff.name).order_by(Notice.id.desc()))
    return [NoticeLine(*row) for row in rows], total


@dataclass(frozen=True)
class DeliveryLine:
    delivery: NoticeDelivery
    name: str

    @property
    def state_name(self) -> str:
        return STATE_NAMES[self.delivery.state]

    @property
    def reason_name(self) -> str:
        return REASONS.get(self.delivery.reason or "", "")


def list_deliveries(ctx: Context, notice: Notice, *, only: str = "", page: int = 1, page_size: int = 50
                    ) -> tuple[list[DeliveryLine], int]:
    """Per person: state, reason, read, confirmed; `only` is unread, unconfirmed or phone."""
    access.require(ctx, "notices.view")
    query = (select(NoticeDelivery, Person.name).join(Person, Person.id == NoticeDelivery.person_id)
             .where(NoticeDelivery.notice_id == notice.id))
    if only == "unread":
        query = query.where(NoticeDelivery.read_at.is_(None))
    elif only == "unconfirmed":
        query = query.where(NoticeDelivery.confirmed_at.is_(None))
    elif only == "phone":
        query = query.where(_needs_phone())
    total = ctx.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = ctx.session.execute(query.order_by(Person.id).limit(page_size).offset((page - 1) * page_size))
    return [DeliveryLine(row.NoticeDelivery, row.name) for row in rows], total


def get_for_staff(ctx: Context, notice_id: int) -> Notice:
    return access.access_notice(ctx, notice_id, "notices.view")


def mark_phoned(ctx: Context, delivery_id: int) -> NoticeDelivery:
    """The clerk reached the person by telephone."""
    delivery = access.access_delivery(ctx, delivery_id, "notices.send")
    if delivery.phoned_at is None:
        delivery.phoned_at, delivery.phoned_by = ctx.now, access.staff_id(ctx)
        audit.record(ctx, "notice.phoned", f"delivery:{delivery.id}")
    return delivery


def count_unread_in_region(ctx: Context) -> int:
    """Copies that a deputy still in office has not opened."""
    return ctx.session.scalar(
        select(func.count()).select_from(NoticeDelivery).join(Notice, Notice.id == NoticeDelivery.notice_id)
        .where(access.in_scope(ctx, Notice.region_id), NoticeDelivery.read_at.is_(None),
               access.in_office(NoticeDelivery.person_id))) or 0


def list_audiences(ctx: Context) -> tuple[list[DeputyGroup], list[Station]]:
    """What a notice may be addressed to: the groups and the stations of the actor's region."""
    access.require(ctx, "notices.send")
    groups = ctx.session.scalars(select(DeputyGroup).where(access.in_scope(ctx, DeputyGroup.region_id))
                                 .order_by(DeputyGroup.name))
    stations = ctx.session.scalars(select(Station).where(access.in_scope(ctx, Station.region_id)).order_by(Station.id))
    return list(groups), list(stations)


def audience_name(ctx: Context, notice: Notice) -> str:
    """Whom a notice is for, in words."""
    if notice.audience == "group":
        group = ctx.session.get(DeputyGroup, notice.audience_id or 0)
        return f"{group.name}成员" if group else "代表小组"
    if notice.audience == "station":
        station = ctx.session.get(Station, notice.audience_id or 0)
        return f"{station.name}驻站代表" if station else "驻站代表"
    return "本辖区全体代表" if notice.audience == "region_deputies" else "本辖区群众（公开）"


@dataclass(frozen=True)
class DeliveryFigures:
    """How one notice fared: pushed (left for the platform), delivered, read, confirmed, failed, still to phone."""

    people: int
    waiting: int
    pushed: int
    delivered: int
    read: int
    confirmed: int
    failed: int
    to_phone: int
    phoned: int


def count_deliveries(ctx: Context, notice: Notice) -> DeliveryFigures:
    access.require(ctx, "notices.view")
    d = NoticeDelivery
    row = ctx.session.execute(select(
        func.count(d.id), func.count(case((d.state.in_(("queued", "sending")), 1))), func.count(d.accepted_at),
        func.count(case((d.state == "delivered", 1))), func.count(d.read_at), func.count(d.confirmed_at),
        func.count(case((d.state.in_(_TO_PHONE), 1))), func.count(case((_needs_phone(), 1))), func.count(d.phoned_at),
    ).where(d.notice_id == notice.id)).one()
    return DeliveryFigures(*row)
