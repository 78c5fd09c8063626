"""Duty records: what a deputy did, from events or by report, checked by two people, then points."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from models.deputies import Person
from models.duties import DutyPhoto, DutyRecord
from models.insert_once import insert_once
from models.points import PointEntry
from services import access, audit, media, points, regions
from services.context import Context
from services.errors import Conflict, Invalid
from services.rules.point_table import display

STATE_NAMES = {"submitted": "待初审", "first_checked": "待复核", "confirmed": "已确认", "rejected": "未通过"}
SOURCE_NAMES = {"visit": "进站签到", "answer": "在线答复", "self": "本人登记",
                "suggestion": "代表建议", "activity": "会议活动签到"}


@dataclass(frozen=True)
class DutyReport:
    item_code: str
    occurred_on: date
    title: str
    content: str
    photo_ids: tuple[int, ...] = ()
    #: Told by chat, which takes no photo: the clerk then asks back before checking.
    by_chat: bool = False


def record_event(ctx: Context, *, person_id: int, item_code: str, source: str, cause: str, title: str,
                 occurred_on: date) -> DutyRecord:
    """A duty proved by an event of the system: confirmed at once, points posted, once per cause."""
    found = ctx.session.scalar(select(DutyRecord).where(DutyRecord.cause == cause))
    if found is not None:
        return found
    person = ctx.session.get_one(Person, person_id)
    duty = insert_once(
        ctx.session, DutyRecord, person_id=person.id, region_id=person.region_id, item_code=item_code, source=source,
        cause=cause, title=title, occurred_on=occurred_on, state="confirmed", created_at=ctx.now, decided_at=ctx.now)
    if duty is None:
        return ctx.session.scalars(select(DutyRecord).where(DutyRecord.cause == cause)).one()
    _post(ctx, duty)
    audit.record(ctx, "duty.recorded", f"duty:{duty.id}", {"source": source}, region_id=duty.region_id)
    return duty


def report(ctx: Context, form: DutyReport, *, idempotency: str) -> DutyRecord:
    """A deputy's own report with at least one photo, within the region's days after the act."""
    person = ctx.session.get_one(Person, access.deputy_id(ctx))
    cause = f"self:{person.id}:{idempotency}"
    found = ctx.session.scalar(select(DutyRecord).where(DutyRecord.cause == cause))
    if found is not None:
        return found
    _check(ctx, person, form)
    duty = DutyRecord(person_id=person.id, region_id=person.region_id, item_code=form.item_code, source="self",
                      cause=cause, title=form.title.strip(), content=form.content.strip(),
                      occurred_on=form.occurred_on, state="submitted", created_at=ctx.now)
    ctx.session.add(duty)
    ctx.session.flush()
    ctx.session.add_all(DutyPhoto(duty_id=duty.id, media_id=number)
                        for number in media.attach(ctx, form.photo_ids, purpose="duty"))
    audit.record(ctx, "duty.reported", f"duty:{duty.id}", {"item": form.item_code}, region_id=duty.region_id)
    return duty


def _check(ctx: Context, person: Person, form: DutyReport) -> None:
    region = regions.get_region(ctx.session, person.region_id)
    rule = points.find_rule(ctx, points.rule_set_for(ctx, region, ctx.today), form.item_code)
    if not rule.is_self_reported:
        raise Invalid("duty_item_not_reported", fields={"item_code": "duty_item_not_reported"})
    if not form.title.strip() or len(form.title) > 60:
        problem = "field_too_long" if form.title.strip() else "field_required"
        raise Invalid("invalid_input", fields={"title": problem})
    if form.occurred_on > ctx.today:
        raise Invalid("duty_in_future", fields={"occurred_on": "duty_in_future"})
    days = regions.setting(ctx.session, region, "duty.report_within_days", ctx.today)
    if form.occurred_on < ctx.today - timedelta(days=days):
        raise Invalid("duty_too_old", days=days)
    if not form.photo_ids and not form.by_chat:
        raise Invalid("duty_needs_photo", fields={"photo_ids": "duty_needs_photo"})


# --- the two checks ---------------------------------------------------------------------------------


def first_check(ctx: Context, duty_id: int) -> DutyRecord:
    """初审 by a clerk."""
    duty = access.access_duty(ctx, duty_id, "duties.first_check")
    if duty.state != "submitted":
        raise Conflict("duty_decided")
    duty.state, duty.first_checked_by = "first_checked", access.staff_id(ctx)
    audit.record(ctx, "duty.first_checked", f"duty:{duty.id}", region_id=duty.region_id)
    return duty


def second_check(ctx: Context, duty_id: int) -> DutyRecord:
    """复核 by another person; the points are posted with it."""
    duty = access.access_duty(ctx, duty_id, "duties.second_check")
    if duty.state != "first_checked":
        raise Conflict("duty_decided")
    if duty.first_checked_by == access.staff_id(ctx):
        raise Conflict("duty_same_checker")
    duty.state, duty.second_checked_by, duty.decided_at = "confirmed", access.staff_id(ctx), ctx.now
    _post(ctx, duty)
    audit.record(ctx, "duty.confirmed", f"duty:{duty.id}", region_id=duty.region_id)
    return duty


def reject(ctx: Context, duty_id: int, *, reason: str) -> DutyRecord:
    """Either check may refuse, with a reason the deputy reads."""
    duty = access.access_duty(ctx, duty_id, "duties.second_check")
    if duty.state not in ("submitted", "first_checked"):
        raise Conflict("duty_decided")
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    duty.state, duty.reject_reason, duty.decided_at = "rejected", reason.strip(), ctx.now
    audit.record(ctx, "duty.rejected", f"duty:{duty.id}", region_id=duty.region_id)
    return duty


def _post(ctx: Context, duty: DutyRecord) -> None:
    points.post(ctx, person_id=duty.person_id, item_code=duty.item_code, cause=f"duty:{duty.id}",
                occurred_on=duty.occurred_on)


# --- reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DutyLine:
    duty: DutyRecord
    person_name: str
    item_name: str
    points_display: str | None

    @property
    def state_name(self) -> str:
        return STATE_NAMES[self.duty.state]

    @property
    def source_name(self) -> str:
        return SOURCE_NAMES[self.duty.source]


def describe(ctx: Context, duties: Sequence[DutyRecord]) -> list[DutyLine]:
    """Records with names and the points of the first mandate, in a fixed number of queries."""
    if not duties:
        return []
    region = regions.get_region(ctx.session, duties[0].region_id)
    names = points.item_names(ctx, region, ctx.today)
    people = dict(ctx.session.execute(
        select(Person.id, Person.name).where(Person.id.in_([duty.person_id for duty in duties]))).all())
    awarded: dict[str, int] = {}
    causes = [f"duty:{duty.id}" for duty in duties]
    for cause, amount in ctx.session.execute(
            select(PointEntry.cause, PointEntry.amount_half).where(PointEntry.cause.in_(causes)).order_by(
                PointEntry.mandate_id.desc())):
        awarded[cause] = amount
    return [DutyLine(duty, people[duty.person_id], names.get(duty.item_code, duty.item_code),
                     f"{display(awarded[cause])} 分" if (cause := f"duty:{duty.id}") in awarded else None)
            for duty in duties]


def list_mine(ctx: Context, *, year: int | None, page: int, page_size: int) -> tuple[list[DutyLine], int]:
    query = select(DutyRecord).where(DutyRecord.person_id == access.deputy_id(ctx))
    if year is not None:
        query = query.where(DutyRecord.occurred_on.between(date(year, 1, 1), date(year, 12, 31)))
    total = ctx.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = ctx.session.scalars(query.order_by(DutyRecord.occurred_on.desc(), DutyRecord.id.desc())
                               .limit(page_size).offset((page - 1) * page_size)).all()
    return describe(ctx, rows), total


def get_mine(ctx: Context, duty_id: int) -> DutyLine:
    return describe(ctx, [access.access_own_duty(ctx, duty_id)])[0]


def list_for_staff(ctx: Context, *, state: str = "", search: str = "", page: int = 1, page_size: int = 20
                   ) -> tuple[list[DutyLine], int]:
    access.require(ctx, "duties.view")
    query = (select(DutyRecord).join(Person, Person.id == DutyRecord.person_id)
             .where(access.in_scope(ctx, DutyRecord.region_id)))
    if state == "open":
        query = query.where(DutyRecord.state.in_(("submitted", "first_checked")))
    elif state:
        query = query.where(DutyRecord.state == state)
    if search:
        query = query.where(Person.name.contains(search, autoescape=True)
                            | DutyRecord.title.contains(search, autoescape=True))
    total = ctx.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = ctx.session.scalars(query.order_by(DutyRecord.id.desc()).limit(page_size)
                               .offset((page - 1) * page_size)).all()
    return describe(ctx, rows), total


def get_for_staff(ctx: Context, duty_id: int) -> DutyLine:
    return describe(ctx, [access.access_duty(ctx, duty_id, "duties.view")])[0]


def photo_ids(ctx: Context, duty_id: int) -> list[int]:
    return list(ctx.session.scalars(select(DutyPhoto.media_id).where(DutyPhoto.duty_id == duty_id)
                                    .order_by(DutyPhoto.media_id)))


def counts_by_item(ctx: Context, person_id: int, year: int) -> list[tuple[str, int]]:
    """How often each kind of duty was confirmed this year, for the public profile (代表法 §58)."""
    return [(code, count) for code, count in ctx.session.execute(
        select(DutyRecord.item_code, func.count()).where(
            DutyRecord.person_id == person_id, DutyRecord.state == "confirmed",
            DutyRecord.occurred_on.between(date(year, 1, 1), date(year, 12, 31)))
        .group_by(DutyRecord.item_code).order_by(DutyRecord.item_code))]


def home_region(ctx: Context) -> regions.Region:
    """The region whose rules the deputy reports by."""
    person = ctx.session.get_one(Person, access.deputy_id(ctx))
    return regions.get_region(ctx.session, person.region_id)
