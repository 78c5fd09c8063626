"""What a deputy answers beforehand: signing up, taking it back, asking for leave; and the word on a leave."""

from sqlalchemy import func, select

from models.activities import Activity, ActivityPerson
from services import access, audit
from services.context import Context
from services.errors import Conflict, Invalid
from services.rules.activity_rules import CALLED, MOVES

MAX_REASON = 200


def sign_up(ctx: Context, activity_id: int) -> ActivityPerson:
    """Take a place until the deadline; a second time changes nothing."""
    activity, row = access.access_own_activity(ctx, activity_id)
    if row.state == "expected":
        return row
    _require_open(activity)
    if not activity.signs_up or row.state not in MOVES["sign_up"]:
        raise Conflict("activity_no_sign_up")
    if ctx.now > (activity.sign_up_until or activity.starts_at):
        raise Conflict("activity_sign_up_over")
    take_place(ctx, activity)
    row.state = "expected"
    audit.record(ctx, "activity.signed_up", f"activity:{activity.id}", {"person": row.person_id},
                 region_id=activity.region_id)
    return row


def take_place(ctx: Context, activity: Activity) -> None:
    """Refuse when every place is taken; the activity's row is locked, so that two cannot take the last one."""
    if activity.capacity is None:
        return
    ctx.session.scalars(select(Activity.id).where(Activity.id == activity.id).with_for_update(key_share=True)).one()
    taken = ctx.session.scalar(select(func.count()).select_from(ActivityPerson).where(
        ActivityPerson.activity_id == activity.id, ActivityPerson.state.in_(CALLED))) or 0
    if taken >= activity.capacity:
        raise Conflict("activity_full")


def withdraw(ctx: Context, activity_id: int) -> ActivityPerson:
    """Give the place back until the deadline; a second time changes nothing."""
    activity, row = access.access_own_activity(ctx, activity_id)
    if row.state in ("invited", "withdrawn"):
        return row
    _require_open(activity)
    if not activity.signs_up or row.state not in MOVES["withdraw"]:
        raise Conflict("activity_no_sign_up")
    if ctx.now > (activity.sign_up_until or activity.starts_at):
        raise Conflict("activity_sign_up_over")
    row.state = "withdrawn"
    audit.record(ctx, "activity.withdrawn", f"activity:{activity.id}", {"person": row.person_id},
                 region_id=activity.region_id)
    return row


def ask_leave(ctx: Context, activity_id: int, *, reason: str) -> ActivityPerson:
    """Ask for leave before it begins, with the reason; staff decide."""
    activity, row = access.access_own_activity(ctx, activity_id)
    text = reason.strip()
    if not 1 <= len(text) <= MAX_REASON:
        raise Invalid("leave_reason_length", fields={"reason": "leave_reason_length"})
    if row.state == "leave_asked" and row.leave_reason == text:
        return row
    _require_open(activity)
    if ctx.now >= activity.starts_at:
        raise Conflict("leave_too_late")
    if activity.signs_up or row.state not in MOVES["ask_leave"]:
        raise Conflict("leave_not_open")
    row.state, row.leave_reason, row.note, row.decided_by = "leave_asked", text, "", None
    audit.record(ctx, "activity.leave_asked", f"activity:{activity.id}", {"person": row.person_id},
                 region_id=activity.region_id)
    return row


def decide_leave(ctx: Context, activity_id: int, person_id: int, *, is_agreed: bool, note: str = "") -> ActivityPerson:
    """Agree to a leave, or not, with a sentence for the deputy; who comes after all is there."""
    activity, row = access.access_attendance(ctx, activity_id, person_id, "activities.confirm")
    if row.state not in MOVES["decide_leave"]:
        raise Conflict("leave_decided")
    if not is_agreed and not note.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    row.state, row.note, row.decided_by = "on_leave" if is_agreed else "expected", note.strip(), access.staff_id(ctx)
    audit.record(ctx, "activity.leave_agreed" if is_agreed else "activity.leave_refused", f"activity:{activity.id}",
                 {"person": person_id}, region_id=activity.region_id)
    return row


def _require_open(activity: Activity) -> None:
    if activity.state != "published":
        raise Conflict("activity_not_open")
