"""Notices to deputy groups: audience, forecast, one delivery per person, receipts, and who to phone.

A push leaves in three steps, so that a dead process never sends twice: claim (leased, committed), send
(outside any transaction), settle (committed). A claim whose lease ran out is uncertain, never repeated.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, case, func, select, update

from models.comments import Opinion
from models.deputies import DeputyGroup, GroupMember, Mandate, Person
from models.identity import Account, Staff, WeChatBinding
from models.insert_once import insert_once
from models.notices import (
    MessageTemplate,
    Notice,
    NoticeDelivery,
    OpinionWord,
    SubscriptionCredit,
    SubscriptionEvent,
)
from models.regions import Region
from models.stations import Station, StationDeputy
from services import access, audit, outbox, regions
from services.context import CHINA, Context
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
    "expired": "多次重试未成功",
}
STATE_NAMES = {
    "queued": "待发送", "sending": "发送中", "accepted": "已发出", "delivered": "已送达", "rejected": "发送失败",
    "uncertain": "结果不明", "unreachable": "需电话通知",
}
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
    active = select(Mandate.person_id).where(Mandate.state == "active")
    people = select(Person.id).where(Person.id.in_(active))
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


def queue_word(ctx: Context, *, account_id: int, opinion_id: int, cause: str, phrase: str, detail: str) -> None:
    """Tell a resident once about a step of an opinion; `cause` names the step."""
    if ctx.session.scalar(select(OpinionWord.id).where(OpinionWord.cause == cause)) is not None:
        return
    word = OpinionWord(account_id=account_id, opinion_id=opinion_id, cause=cause, status_phrase=phrase, detail=detail,
                       created_at=ctx.now)
    ctx.session.add(word)
    ctx.session.flush()
    outbox.publish(ctx, "opinion.word", word_id=word.id)


# --- pushing: claim, settle -------------------------------------------------------------------------


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
        if _take_credit(ctx, row, openid, ctx.settings.notice_template):
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
        if _take_credit(ctx, row, openid, ctx.settings.opinion_template):
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


def _take_credit(ctx: Context, row: PushRow, openid: str | None, template_id: str) -> bool:
    """Take one message's permission before sending; a one-time credit is spent by an atomic update."""
    if openid is None:
        row.reason, row.settled_at = "not_bound", ctx.now
        return False
    credit = SubscriptionCredit
    taken = ctx.session.scalar(
        update(credit)
        .where(credit.appid == ctx.settings.mini_appid, credit.openid == openid, credit.template_id == template_id,
               credit.balance > 0)
        .values(balance=case((credit.is_long_term, credit.balance), else_=credit.balance - 1), changed_at=ctx.now)
        .returning(credit.id))
    if taken is None:
        row.reason, row.settled_at = "not_subscribed", ctx.now
    return taken is not None


def _give_credit_back(ctx: Context, openid: str, template_id: str) -> None:
    credit = SubscriptionCredit
    ctx.session.execute(
        update(credit)
        .where(credit.appid == ctx.settings.mini_appid, credit.openid == openid, credit.template_id == template_id,
               ~credit.is_long_term)
        .values(balance=credit.balance + 1, changed_at=ctx.now))


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
        _give_credit_back(ctx, push.openid, push.template_id)
    _settle(ctx, table, push.id, state="rejected", reason=reason, settled=True)


def settle_postponed(ctx: Context, table: type[PushRow], push: Push, reason: str) -> bool:
    """Nothing was sent: queue it again a little later, or give up after the last attempt. True to retry."""
    _give_credit_back(ctx, push.openid, push.template_id)
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


# --- subscriptions ----------------------------------------------------------------------------------


def record_subscription(ctx: Context, *, openid: str, template_id: str, result: str, origin: str,
                        dedupe_key: str) -> bool:
    """Count what a person allowed, once per report; False when this report was counted already."""
    if insert_once(ctx.session, SubscriptionEvent, dedupe_key=dedupe_key, openid=openid, template_id=template_id,
                   result=result, origin=origin, at=ctx.now) is None:
        return False
    credit = _credit(ctx, openid, template_id)
    if result == "accept":
        credit.balance = 1 if credit.is_long_term else credit.balance + 1
    elif result in ("reject", "ban") and credit.is_long_term:
        credit.balance = 0
    credit.changed_at = ctx.now
    ctx.session.flush()
    return True


def _credit(ctx: Context, openid: str, template_id: str) -> SubscriptionCredit:
    template = ctx.session.get(MessageTemplate, template_id)
    insert_once(ctx.session, SubscriptionCredit, appid=ctx.settings.mini_appid, openid=openid, template_id=template_id,
                balance=0, is_long_term=template is not None and template.is_long_term, changed_at=ctx.now)
    return ctx.session.scalars(select(SubscriptionCredit).where(
        SubscriptionCredit.appid == ctx.settings.mini_appid, SubscriptionCredit.openid == openid,
        SubscriptionCredit.template_id == template_id)
        .with_for_update().execution_options(populate_existing=True)).one()


def sync_templates(ctx: Context) -> int:
    """Store the platform's list of templates and their fields; returns how many."""
    templates = ctx.gateways.messenger.list_templates()
    for info in templates:
        ctx.session.merge(MessageTemplate(id=info.id, appid=info.appid, title=info.title,
                                          is_long_term=info.is_long_term, fields=list(info.fields),
                                          synced_at=ctx.now))
    return len(templates)


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


def list_mine(ctx: Context, *, unread: bool | None = None, page: int = 1, page_size: int = 20
              ) -> tuple[list[NoticeCard], int]:
    """A deputy's own deliveries; a resident's public notices of the township and above."""
    query = _mine(ctx)
    if unread is not None and ctx.actor.is_deputy:
        query = query.where(NoticeDelivery.read_at.is_(None) if unread else NoticeDelivery.read_at.is_not(None))
    total = ctx.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = ctx.session.execute(query.order_by(Notice.sent_at.desc(), Notice.id.desc())
                               .limit(page_size).offset((page - 1) * page_size)).all()
    return [NoticeCard(row.Notice, row.NoticeDelivery, row.issuer) for row in rows], total


def _mine(ctx: Context) -> Select[Notice, NoticeDelivery, str]:
    query = (select(Notice, NoticeDelivery, Region.name.label("issuer"))
             .join(Region, Region.id == Notice.region_id).where(Notice.state == "sent"))
    if ctx.actor.is_deputy:
        return query.join(NoticeDelivery, (NoticeDelivery.notice_id == Notice.id)
                          & (NoticeDelivery.person_id == ctx.actor.person_id))
    village = select(Region.path).join(Account, Account.village_id == Region.id).where(
        Account.id == ctx.actor.account_id)
    path = ctx.session.scalar(village) or ""
    above = [int(part) for part in path.strip("/").split("/") if part]
    none = NoticeDelivery.id.is_(None)
    return query.outerjoin(NoticeDelivery, NoticeDelivery.id == -1).where(
        none, Notice.audience == "residents", Notice.region_id.in_(above))


def get_mine(ctx: Context, notice_id: int) -> NoticeCard:
    row = ctx.session.execute(_mine(ctx).where(Notice.id == notice_id)).first()
    if row is None:
        raise NotFound("not_found")
    return NoticeCard(row.Notice, row.NoticeDelivery, row.issuer)


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
    return ctx.session.scalar(
        select(func.count()).select_from(NoticeDelivery).join(Notice, Notice.id == NoticeDelivery.notice_id)
        .where(access.in_scope(ctx, Notice.region_id), NoticeDelivery.read_at.is_(None))) or 0


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
