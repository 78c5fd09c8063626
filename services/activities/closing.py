"""The end of an activity: minutes, attendance made final, and the points that follow from it, once per cause."""

from datetime import timedelta

from sqlalchemy import func, select, update

from models.activities import Activity, ActivityPerson
from services import access, audit, duties, outbox, points, regions
from services.context import SYSTEM, Context, local_day
from services.errors import Conflict, Invalid
from services.rules.activity_rules import Attended, Terms, deduction, earns

MAX_MINUTES = 10_000


def write_minutes(ctx: Context, activity_id: int, *, text: str) -> Activity:
    """What was discussed and decided; may be completed after the end."""
    activity = access.access_activity_alone(ctx, activity_id, "activities.edit")
    if activity.state not in ("published", "closed"):
        raise Conflict("activity_not_open")
    if len(text) > MAX_MINUTES:
        raise Invalid("invalid_input", fields={"minutes": "field_too_long"})
    activity.minutes = text.strip()
    audit.record(ctx, "activity.minutes_written", f"activity:{activity.id}", region_id=activity.region_id)
    return activity


def close(ctx: Context, activity_id: int) -> Activity:
    """Make the attendance final: who did not come is absent. Points follow after the commit.

    Nothing may wait for a decision any more, so that nobody loses points for staff who did not answer.
    """
    activity = access.access_activity_alone(ctx, activity_id, "activities.edit")
    if activity.state != "published":
        raise Conflict("activity_not_open")
    if ctx.now < activity.starts_at:
        raise Conflict("activity_not_begun")
    waiting = ctx.session.scalar(select(func.count()).select_from(ActivityPerson).where(
        ActivityPerson.activity_id == activity.id,
        ActivityPerson.state.in_(("leave_asked", "awaiting_confirmation")))) or 0
    if waiting:
        raise Conflict("activity_undecided", count=waiting)
    ctx.session.execute(update(ActivityPerson).where(
        ActivityPerson.activity_id == activity.id, ActivityPerson.state == "expected")
        .values(state="absent").execution_options(synchronize_session=False))
    ctx.session.expire_all()
    activity.state, activity.closed_at, activity.closed_by = "closed", ctx.now, access.staff_id(ctx)
    audit.record(ctx, "activity.closed", f"activity:{activity.id}", region_id=activity.region_id)
    outbox.publish(ctx, "activity.closed", activity_id=activity.id)
    return activity


def credit_some(ctx: Context, activity_id: int, *, limit: int = 50) -> int:
    """Enter what the next people's attendance earns or costs; returns how many were looked at, 0 at the end."""
    ctx = ctx.as_actor(SYSTEM)
    activity = ctx.session.get(Activity, activity_id)
    if activity is None or activity.state != "closed":
        return 0
    rows = ctx.session.scalars(
        select(ActivityPerson).where(ActivityPerson.activity_id == activity_id, ActivityPerson.credited_at.is_(None))
        .order_by(ActivityPerson.person_id).limit(limit).with_for_update(skip_locked=True)).all()
    region = regions.get_region(ctx.session, activity.region_id)
    day = local_day(activity.starts_at)
    stay = regions.setting(ctx.session, region, "checkin.minimum_stay_minutes", day)
    terms = Terms(activity.item_code, activity.needs_check_out, activity.deducts, timedelta(minutes=stay))
    known = points.item_names(ctx, region, day)
    for row in rows:
        _credit(ctx, activity, row, terms, known)
        row.credited_at = ctx.now
    return len(rows)


def _credit(ctx: Context, activity: Activity, row: ActivityPerson, terms: Terms, known: dict[str, str]) -> None:
    who = Attended(row.state, row.arrived_at, row.left_at, row.is_late, row.is_early)
    day, cause = local_day(activity.starts_at), f"activity:{activity.id}:{row.person_id}"
    if terms.item_code in known and terms.item_code and earns(terms, who):
        duties.record_event(ctx, person_id=row.person_id, item_code=terms.item_code, source="activity", cause=cause,
                            title=f"参加{activity.title}", occurred_on=day)
    taken_off = deduction(terms, who)
    if taken_off in known:
        # Not a duty record: what is taken off belongs in the book and not in what the deputy did.
        points.post(ctx, person_id=row.person_id, item_code=str(taken_off), cause=cause, occurred_on=day)
