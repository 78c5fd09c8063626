"""Notices: written, put before a second person, scheduled, sent with one delivery per person, and how they fared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy.orm import aliased

from models.deputies import Person
from models.identity import Staff
from models.notices import Notice as Notice
from models.notices import NoticeDelivery, NoticeLeave, NoticeVersion
from services import access, audiences, audit, identity, outbox, regions, schedule
from services.audiences import Clause
from services.context import CHINA, Context
from services.errors import Conflict, DomainError, Invalid, NotFound
from services.rules import quiet_hours

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
#: With no worker alive, or none that reaches Redis, a notice to more people than this is refused at the button.
MOST_WITHOUT_SENDER = 200
FOLLOW_UP_NAMES = {"correction": "更正", "withdrawal": "撤回", "reminder": "提醒"}


@dataclass(frozen=True)
class NoticeForm:
    """`audience` with its id is the first clause, `also` are those joined to it."""

    kind: str
    title: str
    body: str
    audience: str
    audience_id: int | None = None
    also: tuple[Clause, ...] = ()
    place: str | None = None
    starts_at: datetime | None = None
    needs_confirmation: bool = True
    is_urgent: bool = False
    send_at: datetime | None = None
    #: Only of a correction: what it changes, in words for those who read the old text.
    note: str | None = None

    @property
    def clauses(self) -> tuple[Clause, ...]:
        first = Clause(self.audience, str(self.audience_id) if self.audience_id else "")
        return tuple(clause for clause in dict.fromkeys((first, *self.also))
                     if clause.kind not in (audiences.PICKED, "residents"))

    @property
    def texts(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in (
            "kind", "title", "body", "place", "starts_at", "needs_confirmation", "is_urgent", "send_at", "note")}


# --- writing ----------------------------------------------------------------------------------------


def create_draft(ctx: Context, form: NoticeForm) -> Notice:
    """A draft that shows its forecast; nothing leaves before `send`."""
    access.require(ctx, "notices.send")
    check(form)
    check_audience(form)
    notice = Notice(region_id=home(ctx), created_by=access.staff_id(ctx), created_at=ctx.now, **form.texts,
                    audience=_readers_of(form))
    ctx.session.add(notice)
    ctx.session.flush()
    audiences.replace_clauses(ctx, notice, form.clauses)
    audit.record(ctx, "notice.drafted", f"notice:{notice.id}", {"kind": form.kind}, region_id=notice.region_id)
    return notice


def update_draft(ctx: Context, notice_id: int, form: NoticeForm) -> Notice:
    """Change a draft; a follow-up keeps its audience, which is that of the notice it follows."""
    notice = access_draft(ctx, notice_id)
    check(form)
    if notice.follow_up is None:
        check_audience(form)
        notice.audience = _readers_of(form)
        audiences.replace_clauses(ctx, notice, form.clauses)
    elif not (form.note or "").strip():
        raise Invalid("notice_note_required", fields={"note": "field_required"})
    for name, value in form.texts.items():
        setattr(notice, name, value)
    audit.record(ctx, "notice.edited", f"notice:{notice.id}")
    return notice


def access_draft(ctx: Context, notice_id: int) -> Notice:
    """A notice that may still change."""
    notice = access.access_notice(ctx, notice_id, "notices.send")
    if notice.state in ("awaiting_approval", "scheduled"):
        raise Conflict("notice_under_way")
    if notice.state != "draft":
        raise Conflict("notice_sent")
    return notice


def pick_people(ctx: Context, notice_id: int, *, shown: Sequence[int], ticked: Sequence[int]) -> int:
    """Take people into a draft's audience one by one; returns how many are picked."""
    notice = access_draft(ctx, notice_id)
    if notice.follow_up is not None or notice.audience == "residents":
        raise Conflict("notice_audience_fixed")
    picked = audiences.pick_people(ctx, notice, shown=shown, ticked=ticked)
    audit.record(ctx, "notice.edited", f"notice:{notice.id}", {"picked": picked})
    return picked


def check(form: NoticeForm) -> None:
    if not form.title.strip() or not form.body.strip():
        empty = {name: "field_required" for name in ("title", "body") if not getattr(form, name).strip()}
        raise Invalid("notice_empty", fields=empty)
    if len(form.title) > 60:
        raise Invalid("notice_title_long", fields={"title": "notice_title_long"})
    if form.kind not in KIND_NAMES:
        raise Invalid("field_not_a_choice", fields={"kind": "field_not_a_choice"})


def check_audience(form: NoticeForm) -> None:
    """Deputies by clauses or residents in public, never both."""
    if form.audience == "residents":
        if form.also:
            raise Invalid("audience_mixed", fields={"audience": "audience_mixed"})
    elif any(clause.kind == "residents" for clause in form.also):
        raise Invalid("audience_mixed", fields={"audience": "audience_mixed"})


def _readers_of(form: NoticeForm) -> str:
    return "residents" if form.audience == "residents" else "deputies"


def home(ctx: Context) -> int:
    """A notice belongs to the region of the staff who writes it."""
    if ctx.actor.region_id is None:
        raise NotFound("not_found")
    return ctx.actor.region_id


# --- sending ----------------------------------------------------------------------------------------


def send(ctx: Context, notice_id: int) -> Notice:
    """Send a draft, or put it before a second person when it reaches more people than one may decide on."""
    notice = access_draft(ctx, notice_id)
    if notice.send_at is not None and notice.send_at <= ctx.now:
        raise Invalid("notice_send_at_past", fields={"send_at": "notice_send_at_past"})
    people = count_reached(ctx, notice)
    if not people and notice.audience != "residents":
        raise Invalid("notice_no_audience")
    _check_sender(ctx, people)
    notice.submitted_by, notice.return_reason = access.staff_id(ctx), None
    if people <= approval_size(ctx, notice):
        return release(ctx, notice)
    notice.state = "awaiting_approval"
    audit.record(ctx, "notice.submitted", f"notice:{notice.id}", {"people": people}, region_id=notice.region_id)
    return notice


def _check_sender(ctx: Context, people: int) -> None:
    """Many people are promised a message only while something is there to send it."""
    if people > MOST_WITHOUT_SENDER and not schedule.has_live_worker(ctx):
        raise Conflict("notice_sender_away", most=MOST_WITHOUT_SENDER)


def count_reached(ctx: Context, notice: Notice) -> int:
    """How many people it concerns; a correction all who got the notice, for it changes what they all see."""
    if notice.follow_up == "correction":
        return ctx.session.scalar(select(func.count()).select_from(NoticeDelivery).where(
            NoticeDelivery.notice_id == notice.follows_id)) or 0
    return audiences.forecast(ctx, notice).people


def approval_size(ctx: Context, notice: Notice) -> int:
    """The most people a single member of staff may send to in this region."""
    return regions.setting(ctx.session, regions.get_region(ctx.session, notice.region_id), "notice.approval_size",
                           ctx.today)


def approve(ctx: Context, notice_id: int) -> Notice:
    """The second person's yes: it leaves at once or at its moment. Never by its author or who submitted it."""
    notice = _access_waiting(ctx, notice_id)
    _check_sender(ctx, count_reached(ctx, notice))
    notice.approved_by, notice.approved_at = access.staff_id(ctx), ctx.now
    audit.record(ctx, "notice.approved", f"notice:{notice.id}", region_id=notice.region_id)
    return release(ctx, notice)


def return_to_author(ctx: Context, notice_id: int, *, reason: str) -> Notice:
    """The second person's no, with what to change."""
    notice = _access_waiting(ctx, notice_id)
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    notice.state, notice.return_reason = "draft", reason.strip()
    audit.record(ctx, "notice.returned", f"notice:{notice.id}", {"reason": reason.strip()}, region_id=notice.region_id)
    return notice


def _access_waiting(ctx: Context, notice_id: int) -> Notice:
    notice = access.access_notice(ctx, notice_id, "notices.approve")
    if notice.state != "awaiting_approval":
        raise Conflict("notice_not_waiting")
    if access.staff_id(ctx) in (notice.created_by, notice.submitted_by):
        raise Conflict("notice_own")
    return notice


def count_to_approve(ctx: Context) -> int:
    """Notices of the actor's region that wait for a second person's word."""
    return ctx.session.scalar(select(func.count()).select_from(Notice).where(
        access.in_scope(ctx, Notice.region_id), Notice.state == "awaiting_approval")) or 0


def recall(ctx: Context, notice_id: int) -> Notice:
    """Take a notice back before it leaves: it is a draft again, and an approval is void."""
    notice = access.access_notice(ctx, notice_id, "notices.send")
    if notice.state not in ("awaiting_approval", "scheduled"):
        raise Conflict("notice_sent" if notice.sent_at else "notice_not_waiting")
    notice.state, notice.due_at, notice.approved_by, notice.approved_at = "draft", None, None, None
    audit.record(ctx, "notice.recalled", f"notice:{notice.id}", region_id=notice.region_id)
    return notice


def release(ctx: Context, notice: Notice) -> Notice:
    """Send now, or put it on the schedule: the author's moment, moved behind the quiet hours unless urgent."""
    moment = leaves_at(ctx, notice)
    if moment <= ctx.now:
        dispatch(ctx, notice)
        return notice
    notice.state, notice.due_at = "scheduled", moment
    audit.record(ctx, "notice.scheduled", f"notice:{notice.id}", {"due_at": moment.isoformat()},
                 region_id=notice.region_id)
    return notice


def leaves_at(ctx: Context, notice: Notice) -> datetime:
    wanted = max(notice.send_at or ctx.now, ctx.now)
    if notice.is_urgent:
        return wanted
    region = regions.get_region(ctx.session, notice.region_id)
    begin, end = (regions.setting(ctx.session, region, name, ctx.today)
                  for name in ("notice.quiet_from", "notice.quiet_until"))
    return quiet_hours.end_of_quiet(wanted.astimezone(CHINA), begin, end)


def send_due(ctx: Context) -> int:
    """Send what is due; one that nobody is left to get, or whose notice was withdrawn, goes back to its author."""
    due = ctx.session.scalars(select(Notice).where(Notice.state == "scheduled", Notice.due_at <= ctx.now)
                              .order_by(Notice.due_at).limit(50).with_for_update(skip_locked=True)).all()
    for notice in due:
        try:
            dispatch(ctx, notice)
        except DomainError as refusal:
            notice.state, notice.due_at, notice.return_reason = "draft", None, refusal.message
            notice.approved_by = notice.approved_at = None
            audit.record(ctx, "notice.returned", f"notice:{notice.id}", {"reason": refusal.code},
                         region_id=notice.region_id)
    return len(due)


def dispatch(ctx: Context, notice: Notice) -> None:
    """Freeze the audience into one delivery per person; pushes leave after the commit."""
    if notice.follow_up == "correction":
        _apply_correction(ctx, notice)
    reach = audiences.freeze(ctx, notice)
    if notice.follow_up == "reminder":  # the others are on the phone list of the notice itself
        reach = [(person, reason) for person, reason in reach if reason is None]
    if not reach and notice.audience != "residents" and notice.follow_up in (None, "reminder"):
        raise Invalid("notice_nobody_unread" if notice.follow_up else "notice_no_audience")
    notice.state, notice.sent_at, notice.due_at = "sent", ctx.now, None
    ctx.session.add_all(
        NoticeDelivery(notice_id=notice.id, person_id=person, channel="phone_list" if reason else "subscription",
                       state="unreachable" if reason else "queued", reason=reason,
                       settled_at=ctx.now if reason else None)
        for person, reason in reach)
    audit.record(ctx, "notice.sent", f"notice:{notice.id}", {"people": len(reach)}, region_id=notice.region_id)
    outbox.publish(ctx, "notice.sent", notice_id=notice.id)


def _apply_correction(ctx: Context, correction: Notice) -> None:
    """The old text becomes a version, the new one takes its place; the correction is told under its own title."""
    notice = ctx.session.scalars(select(Notice).where(Notice.id == correction.follows_id)
                                 .with_for_update().execution_options(populate_existing=True)).one()
    if notice.state != "sent":
        raise Conflict("notice_withdrawn")
    number = ctx.session.scalar(select(func.count()).select_from(NoticeVersion).where(
        NoticeVersion.notice_id == notice.id)) or 0
    ctx.session.add(NoticeVersion(notice_id=notice.id, number=number + 1, title=notice.title, body=notice.body,
                                  place=notice.place, starts_at=notice.starts_at, note=correction.note or "",
                                  replaced_at=ctx.now))
    for name in ("title", "body", "place", "starts_at"):
        setattr(notice, name, getattr(correction, name))
    notice.corrected_at = ctx.now
    correction.title = title_of("correction", notice.title)
    audit.record(ctx, "notice.corrected", f"notice:{notice.id}", {"by": correction.id}, region_id=notice.region_id)


def title_of(follow_up: str, title: str) -> str:
    """`更正：` before the title, within the length a title may have."""
    return f"{FOLLOW_UP_NAMES[follow_up]}：{title}"[:60]


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


def needs_phone() -> ColumnElement[bool]:
    """Nothing reached the person, who neither read it nor was called; what was withdrawn needs no call."""
    d, parent = NoticeDelivery, aliased(Notice)
    return (d.state.in_(_TO_PHONE) & d.read_at.is_(None) & d.phoned_at.is_(None)
            & ~exists().where(parent.id == d.notice_id, parent.state == "withdrawn").correlate(d))


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
               func.count(case((needs_phone(), 1))))
        .join(Staff, Staff.id == Notice.created_by).outerjoin(d, d.notice_id == Notice.id)
        .where(Notice.id.in_(ids)).group_by(Notice.id, Staff.name).order_by(Notice.id.desc()))
    return [NoticeLine(*row) for row in rows], total


@dataclass(frozen=True)
class DeliveryLine:
    delivery: NoticeDelivery
    name: str
    #: Why the person will not come.
    leave_reason: str | None

    @property
    def state_name(self) -> str:
        return STATE_NAMES[self.delivery.state]

    @property
    def reason_name(self) -> str:
        return REASONS.get(self.delivery.reason or "", "")


def _has_leave() -> ColumnElement[bool]:
    return exists().where(NoticeLeave.notice_id == NoticeDelivery.notice_id,
                          NoticeLeave.person_id == NoticeDelivery.person_id)


def list_deliveries(ctx: Context, notice: Notice, *, only: str = "", page: int = 1, page_size: int = 50
                    ) -> tuple[list[DeliveryLine], int]:
    """Per person: state, reason, read, answer; `only` is unread, unconfirmed (silent), leave or phone."""
    access.require(ctx, "notices.view")
    d = NoticeDelivery
    query = (select(d, Person.name, NoticeLeave.reason).join(Person, Person.id == d.person_id)
             .outerjoin(NoticeLeave, (NoticeLeave.notice_id == d.notice_id) & (NoticeLeave.person_id == d.person_id))
             .where(d.notice_id == notice.id))
    narrow = {"unread": d.read_at.is_(None), "unconfirmed": d.confirmed_at.is_(None) & NoticeLeave.at.is_(None),
              "leave": NoticeLeave.at.is_not(None), "phone": needs_phone()}
    if only in narrow:
        query = query.where(narrow[only])
    total = ctx.session.scalar(select(func.count()).select_from(query.with_only_columns(d.id).subquery())) or 0
    rows = ctx.session.execute(query.order_by(Person.id).limit(page_size).offset((page - 1) * page_size))
    return [DeliveryLine(*row) for row in rows], total


def get_for_staff(ctx: Context, notice_id: int) -> Notice:
    return access.access_notice(ctx, notice_id, "notices.view")


def list_follow_ups(ctx: Context, notice: Notice) -> list[Notice]:
    """Corrections, reminders and the withdrawal of a notice, oldest first."""
    access.require(ctx, "notices.view")
    return list(ctx.session.scalars(select(Notice).where(Notice.follows_id == notice.id).order_by(Notice.id)))


def list_versions(ctx: Context, notice: Notice) -> list[NoticeVersion]:
    """The texts a notice had before its corrections, newest first."""
    access.require(ctx, "notices.view")
    return list(ctx.session.scalars(select(NoticeVersion).where(NoticeVersion.notice_id == notice.id)
                                    .order_by(NoticeVersion.number.desc())))


def reveal_phone(ctx: Context, notice_id: int, person_id: int, *, reason: str) -> tuple[str, str]:
    """Name and plain number of somebody this notice is for; the reason is required and logged."""
    notice = access.access_notice(ctx, notice_id, "roster.reveal")
    name = ctx.session.scalar(select(Person.name).join(NoticeDelivery, NoticeDelivery.person_id == Person.id)
                              .where(NoticeDelivery.notice_id == notice.id, Person.id == person_id))
    if name is None:
        raise NotFound("not_found")
    return name, identity.reveal_phone(ctx, person_id, reason=reason)


def mark_phoned(ctx: Context, notice_id: int, delivery_id: int) -> NoticeDelivery:
    """The clerk reached the person by telephone."""
    delivery = access.access_delivery(ctx, notice_id, delivery_id, "notices.send")
    if delivery.phoned_at is None:
        delivery.phoned_at, delivery.phoned_by = ctx.now, access.staff_id(ctx)
        audit.record(ctx, "notice.phoned", f"delivery:{delivery.id}")
    return delivery


def count_unread_in_region(ctx: Context) -> int:
    """Copies that a deputy still in office has not opened."""
    return ctx.session.scalar(
        select(func.count()).select_from(NoticeDelivery).join(Notice, Notice.id == NoticeDelivery.notice_id)
        .where(access.in_scope(ctx, Notice.region_id), Notice.state == "sent", Notice.follow_up.is_(None),
               NoticeDelivery.read_at.is_(None), access.in_office(NoticeDelivery.person_id))) or 0


@dataclass(frozen=True)
class DeliveryFigures:
    """How one notice fared: pushed (left for the platform), delivered, read, confirmed, failed, still to phone."""

    people: int
    waiting: int
    pushed: int
    delivered: int
    read: int
    confirmed: int
    leave: int
    silent: int
    failed: int
    to_phone: int
    phoned: int


def count_deliveries(ctx: Context, notice: Notice) -> DeliveryFigures:
    access.require(ctx, "notices.view")
    d = NoticeDelivery
    row = ctx.session.execute(select(
        func.count(d.id), func.count(case((d.state.in_(("queued", "sending")), 1))), func.count(d.accepted_at),
        func.count(case((d.state == "delivered", 1))), func.count(d.read_at), func.count(d.confirmed_at),
        func.count(case((_has_leave(), 1))), func.count(case((d.confirmed_at.is_(None) & ~_has_leave(), 1))),
        func.count(case((d.state.in_(_TO_PHONE), 1))), func.count(case((needs_phone(), 1))), func.count(d.phoned_at),
    ).where(d.notice_id == notice.id)).one()
    return DeliveryFigures(*row)
