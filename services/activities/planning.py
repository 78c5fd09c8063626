"""What a clerk does before a meeting: draft it, call its people, move it, call it off."""

import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, insert, literal, select, union
from sqlalchemy.orm import Session

from models.activities import ACTIVITY_CLAUSES, Activity, ActivityClause, ActivityPerson
from models.deputies import Congress, GroupMember, Mandate, Person
from models.notices import Notice
from models.regions import Region
from models.stations import ScanCode, StationDeputy
from services import access, audiences, audit, notice_changes, notices, points, regions
from services.audiences import Clause
from services.context import CHINA, Context
from services.errors import Conflict, Invalid
from services.rules.activity_rules import KIND_NAMES
from services.stations import SCENE_LENGTH

_BASE62 = string.ascii_letters + string.digits
MAX_TITLE, MAX_PLACE, MAX_CONTENT = 60, 60, 2000
_NOTICE_KINDS = {"meeting": "meeting", "study": "study", "training": "study"}


@dataclass(frozen=True)
class ActivityForm:
    """What a clerk fills in; `clauses` are whom it calls, joined."""

    kind: str
    title: str
    place: str
    starts_at: datetime
    ends_at: datetime
    clauses: tuple[Clause, ...]
    content: str = ""
    group_id: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    fence_m: int = 200
    signs_up: bool = False
    capacity: int | None = None
    sign_up_until: datetime | None = None
    item_code: str | None = None
    needs_quorum: bool = False
    needs_check_out: bool = False
    deducts: bool = False

    @property
    def values(self) -> dict[str, Any]:
        found = {name: value for name, value in vars(self).items() if name != "clauses"}
        if not self.signs_up:
            found |= {"capacity": None, "sign_up_until": None}
        return found | {"title": self.title.strip(), "place": self.place.strip()}


def create(ctx: Context, form: ActivityForm) -> Activity:
    """A draft of the staff's own region, with the code that will hang at the door."""
    access.require(ctx, "activities.edit")
    _check(ctx, form)
    activity = Activity(region_id=notices.home(ctx), created_by=access.staff_id(ctx), created_at=ctx.now,
                        scene="".join(secrets.choice(_BASE62) for _ in range(SCENE_LENGTH)),
                        short_code=_fresh_short_code(ctx.session), **form.values)
    ctx.session.add(activity)
    ctx.session.flush()
    _set_clauses(ctx, activity, form.clauses)
    audit.record(ctx, "activity.drafted", f"activity:{activity.id}", {"kind": form.kind}, region_id=activity.region_id)
    return activity


def update(ctx: Context, activity_id: int, form: ActivityForm) -> Activity:
    """Change a draft; what is published is moved or called off instead."""
    activity = access.access_activity_alone(ctx, activity_id, "activities.edit")
    if activity.state != "draft":
        raise Conflict("activity_published")
    _check(ctx, form)
    for name, value in form.values.items():
        setattr(activity, name, value)
    _set_clauses(ctx, activity, form.clauses)
    audit.record(ctx, "activity.edited", f"activity:{activity.id}", region_id=activity.region_id)
    return activity


def _check(ctx: Context, form: ActivityForm) -> None:
    wrong = _wrong_fields(form)
    if wrong:
        raise Invalid("invalid_input", fields=wrong)
    _check_times(form.starts_at, form.ends_at, form.sign_up_until if form.signs_up else None)
    if form.signs_up and form.deducts:
        raise Invalid("activity_free_cannot_deduct", fields={"deducts": "activity_free_cannot_deduct"})
    if form.group_id is not None:
        access.access_group(ctx, form.group_id, "activities.edit")
    if form.item_code and form.item_code not in list_items(ctx):
        raise Invalid("invalid_input", fields={"item_code": "field_not_a_choice"})


def _wrong_fields(form: ActivityForm) -> dict[str, str]:
    found = {name: "field_too_long" if getattr(form, name).strip() else "field_required"
             for name, most in (("title", MAX_TITLE), ("place", MAX_PLACE))
             if not 1 <= len(getattr(form, name).strip()) <= most}
    known = all(clause.kind in ACTIVITY_CLAUSES for clause in form.clauses)
    checks = (
        ("kind", form.kind in KIND_NAMES, "field_not_a_choice"),
        ("content", len(form.content) <= MAX_CONTENT, "field_too_long"),
        ("audience", bool(form.clauses) and known, "audience_unknown"),
        ("fence_m", 30 <= form.fence_m <= 2000, "fence_invalid"),
        ("latitude", _is_location(form.latitude, form.longitude), "location_invalid"),
        ("capacity", form.capacity is None or form.capacity >= 1, "field_invalid"))
    return found | {name: word for name, is_right, word in checks if not is_right}


def _is_location(latitude: float | None, longitude: float | None) -> bool:
    if latitude is None or longitude is None:
        return latitude is longitude
    return -90 <= latitude <= 90 and -180 <= longitude <= 180


def _check_times(starts_at: datetime, ends_at: datetime, sign_up_until: datetime | None) -> None:
    if ends_at <= starts_at:
        raise Invalid("activity_times_invalid", fields={"ends_at": "activity_times_invalid"})
    if sign_up_until is not None and sign_up_until > starts_at:
        raise Invalid("activity_deadline_late", fields={"sign_up_until": "activity_deadline_late"})


def list_items(ctx: Context) -> dict[str, str]:
    """What attendance may earn by the region's rules of today: code and name, deductions left out."""
    region = regions.get_region(ctx.session, notices.home(ctx))
    return {code: name for code, name in points.item_names(ctx, region, ctx.today).items() if not code.startswith("G")}


def _fresh_short_code(session: Session) -> str:
    """Eight digits that no other activity and no station's code has: both are typed into the same field."""
    while True:
        candidate = f"{secrets.randbelow(9 * 10**7) + 10**7}"
        taken = union(select(ScanCode.id).where(ScanCode.short_code == candidate),
                      select(Activity.id).where(Activity.short_code == candidate))
        if session.execute(taken).first() is None:
            return candidate


def _set_clauses(ctx: Context, activity: Activity, clauses: Sequence[Clause]) -> None:
    wanted = list(dict.fromkeys(clauses))
    labels = audiences.describe(ctx, wanted)
    ctx.session.execute(delete(ActivityClause).where(ActivityClause.activity_id == activity.id))
    ctx.session.add_all(ActivityClause(activity_id=activity.id, kind=clause.kind, target=clause.target, label=label)
                        for clause, label in zip(wanted, labels, strict=True))
    ctx.session.flush()


def list_clauses(session: Session, activity_id: int) -> list[ActivityClause]:
    return list(session.scalars(
        select(ActivityClause).where(ActivityClause.activity_id == activity_id).order_by(ActivityClause.id)))


# --- calling ----------------------------------------------------------------------------------------


def publish(ctx: Context, activity_id: int) -> Activity:
    """Write down everybody it calls, and send them a notice by the rules of notices."""
    activity = _own(ctx, activity_id)
    if activity.state != "draft":
        raise Conflict("activity_published")
    if activity.starts_at <= ctx.now:
        raise Invalid("activity_start_past", fields={"starts_at": "activity_start_past"})
    called = _call(ctx, activity)
    if not called:
        raise Invalid("activity_nobody")
    activity.state, activity.published_at = "published", ctx.now
    notice = notices.create_draft(ctx, _notice_form(ctx, activity))
    activity.notice_id = notice.id
    notices.send(ctx, notice.id)
    audit.record(ctx, "activity.published", f"activity:{activity.id}", {"people": called},
                 region_id=activity.region_id)
    return activity


def call_again(ctx: Context, activity_id: int) -> int:
    """Call those too who came to the audience since: new deputies, new members; returns how many."""
    activity = _own(ctx, activity_id)
    if activity.state != "published":
        raise Conflict("activity_not_open")
    added = _call(ctx, activity)
    audit.record(ctx, "activity.called_again", f"activity:{activity.id}", {"people": added},
                 region_id=activity.region_id)
    return added


def _own(ctx: Context, activity_id: int) -> Activity:
    """An activity of the actor's own office: whom `the region's deputies` are depends on who sends the notice."""
    activity = access.access_activity_alone(ctx, activity_id, "activities.edit")
    if activity.region_id != ctx.actor.region_id:
        owner = regions.get_region(ctx.session, activity.region_id)
        raise Conflict("activity_of_other_office", region=owner.name)
    return activity


def _call(ctx: Context, activity: Activity) -> int:
    region = regions.get_region(ctx.session, activity.region_id)
    caught = [_caught(Clause(row.kind, row.target), region) for row in list_clauses(ctx.session, activity.id)]
    everybody = union(*caught).subquery()
    before = _count(ctx, activity.id)
    known = select(ActivityPerson.person_id).where(ActivityPerson.activity_id == activity.id)
    state = "invited" if activity.signs_up else "expected"
    ctx.session.execute(insert(ActivityPerson).from_select(
        ["activity_id", "person_id", "state", "is_late", "is_early", "note"],
        select(literal(activity.id), *everybody.c, literal(state), literal(False), literal(False), literal(""))
        .where(everybody.c[0].not_in(known))))
    return _count(ctx, activity.id) - before


def _count(ctx: Context, activity_id: int) -> int:
    return ctx.session.scalar(select(func.count()).select_from(ActivityPerson).where(
        ActivityPerson.activity_id == activity_id)) or 0


def _caught(clause: Clause, region: Region) -> Select[int]:
    """The deputies in office whom a clause calls."""
    people = select(Person.id).where(access.in_office(Person.id))
    held = select(Mandate.person_id).where(Mandate.state == "active")
    if clause.kind == "group":
        return people.where(Person.id.in_(select(GroupMember.person_id).where(GroupMember.group_id == clause.id)))
    if clause.kind == "station":
        return people.where(Person.id.in_(
            select(StationDeputy.person_id).where(StationDeputy.station_id == clause.id)))
    if clause.kind == "congress":
        return select(Person.id).where(Person.id.in_(held.where(Mandate.congress_id == clause.id)))
    if clause.kind == "delegation":
        return select(Person.id).where(Person.id.in_(held.where(Mandate.delegation_id == clause.id)))
    home = people.where(Person.region_id.in_(
        select(Region.id).where(Region.path.startswith(region.path, autoescape=True))))
    if clause.kind == "region_deputies":
        return home
    return home.where(Person.id.in_(
        held.join(Congress, Congress.id == Mandate.congress_id).where(Congress.level == clause.target)))


def _notice_form(ctx: Context, activity: Activity, note: str | None = None) -> notices.NoticeForm:
    clauses = tuple(Clause(row.kind, row.target) for row in list_clauses(ctx.session, activity.id))
    until = activity.sign_up_until or activity.starts_at
    how = (f"请于{_local(until)}前在小程序“活动日程”中报名。" if activity.signs_up
           else "请准时参加，到场后扫码签到；不能参加的，请提前在小程序“活动日程”中请假。")
    body = "\n".join(part for part in (
        activity.content.strip(), f"时间：{_local(activity.starts_at)}至{_local(activity.ends_at)}",
        f"地点：{activity.place}", how) if part)
    return notices.NoticeForm(
        kind=_NOTICE_KINDS.get(activity.kind, "activity"), title=activity.title, body=body, audience=audiences.PICKED,
        also=clauses, place=activity.place, starts_at=activity.starts_at,
        needs_confirmation=False, note=note)


def _local(moment: datetime) -> str:
    at = moment.astimezone(CHINA)
    return f"{at.month}月{at.day}日{at:%H:%M}"


# --- changes after publishing -----------------------------------------------------------------------


def reschedule(ctx: Context, activity_id: int, *, place: str, starts_at: datetime, ends_at: datetime, reason: str
               ) -> Activity:
    """Another time or place: replies stay, and everybody who read the notice is told what changed."""
    activity = _own(ctx, activity_id)
    if activity.state != "published":
        raise Conflict("activity_not_open")
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    if not 1 <= len(place.strip()) <= MAX_PLACE:
        raise Invalid("invalid_input", fields={"place": "field_too_long" if place.strip() else "field_required"})
    _check_times(starts_at, ends_at, None)
    if starts_at <= ctx.now:
        raise Invalid("activity_start_past", fields={"starts_at": "activity_start_past"})
    activity.place, activity.starts_at, activity.ends_at = place.strip(), starts_at, ends_at
    if activity.sign_up_until is not None:
        activity.sign_up_until = min(activity.sign_up_until, starts_at)
    _correct_notice(ctx, activity, reason.strip())
    audit.record(ctx, "activity.rescheduled", f"activity:{activity.id}", {"reason": reason.strip()},
                 region_id=activity.region_id)
    return activity


def _correct_notice(ctx: Context, activity: Activity, reason: str) -> None:
    """Correct a notice that was sent; one that still waits is written anew before it leaves."""
    notice = ctx.session.get_one(Notice, activity.notice_id)
    form = _notice_form(ctx, activity, note=reason)
    if notice.state == "sent":
        notices.send(ctx, notice_changes.draft_correction(ctx, notice.id, form).id)
    elif notice.state != "withdrawn":
        if notice.state != "draft":
            notices.recall(ctx, notice.id)
        notices.update_draft(ctx, notice.id, form)
        notices.send(ctx, notice.id)


def cancel(ctx: Context, activity_id: int, *, reason: str) -> Activity:
    """Call it off with a reason; its notice is withdrawn with the same words."""
    activity = access.access_activity_alone(ctx, activity_id, "activities.edit")
    if activity.state not in ("draft", "published"):
        raise Conflict("activity_not_open")
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    activity.state, activity.cancel_reason = "cancelled", reason.strip()
    notice = ctx.session.get(Notice, activity.notice_id) if activity.notice_id is not None else None
    if notice is not None and notice.state == "sent":
        notice_changes.withdraw(ctx, notice.id, reason=f"活动取消：{reason.strip()}")
    elif notice is not None and notice.state in ("awaiting_approval", "scheduled"):
        notices.recall(ctx, notice.id)
    audit.record(ctx, "activity.cancelled", f"activity:{activity.id}", {"reason": reason.strip()},
                 region_id=activity.region_id)
    return activity
