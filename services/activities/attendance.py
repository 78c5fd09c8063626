"""Coming and leaving: the code at the door opens it, presence is proved by one of four ways (签到签退).

Hundreds sign in within a minute, so a check-in is one reading and one conditional update of the person's own row.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, exists, or_, select, update

from models.activities import Activity, ActivityPerson
from models.deputies import Person
from models.identity import DeputyDevice
from services import access, audit, identity, regions
from services.activities.replies import take_place
from services.checkin import Proof
from services.context import Context
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.rules.activity_rules import ARRIVED, MOVES, is_early, is_late, window_refusal
from services.rules.fences import MAX_ACCURACY_M, Position, is_inside
from services.rules.screen_codes import code_for, is_shown, seconds_left, slot_of
from services.rules.typed import normalised

FACTOR_NAMES = {"fence": "定位核验", "screen": "现场动态码", "clerk": "工作人员确认", "door": "门口扫代表码"}
#: All that a scan asks: the code's activity, the person's row in it and the phone.
_SCAN = (
    select(Activity, ActivityPerson, DeputyDevice.device_digest)
    .outerjoin(ActivityPerson, (ActivityPerson.activity_id == Activity.id)
               & (ActivityPerson.person_id == bindparam("person_id")))
    .outerjoin(DeputyDevice, (DeputyDevice.person_id == bindparam("person_id")) & DeputyDevice.released_at.is_(None))
    .where(or_(Activity.scene == bindparam("code"), Activity.short_code == bindparam("code")),
           Activity.state != "draft"))


@dataclass(frozen=True)
class Arrived:
    activity: Activity
    row: ActivityPerson
    is_new: bool


def check_in(ctx: Context, *, scene: str, device_id: str | None, proof: Proof) -> Arrived:
    """The deputy's own check-in; a second one finds the first. `device_id` is None in chat channels."""
    person_id = access.deputy_id(ctx)
    scan = ctx.session.execute(_SCAN, {"code": scene, "person_id": person_id}).first()
    if scan is None:
        raise NotFound("scan_code_unknown")
    activity, row = scan.Activity, scan.ActivityPerson
    if row is None:
        raise Forbidden("activity_not_called")
    if row.state in ARRIVED or (row.state == "awaiting_confirmation" and proof == Proof(asks_clerk=True)):
        return Arrived(activity, row, is_new=False)
    _require_window(ctx, activity)
    if device_id is not None and scan.device_digest != identity.device_digest(device_id):
        identity.bind_device(ctx, person_id, device_id)
    factor = _prove(ctx, activity, proof)
    if factor is None:
        return ask_clerk(ctx, activity, row)
    return _arrive(ctx, activity, row, factor)


def _require_window(ctx: Context, activity: Activity) -> None:
    if activity.state != "published":
        raise Conflict("activity_not_open")
    refusal = window_refusal(ctx.now, activity.starts_at, activity.ends_at)
    if refusal is not None:
        raise Conflict(refusal)


def _prove(ctx: Context, activity: Activity, proof: Proof) -> str | None:
    """The factor that holds, None for the clerk's later word; refuses when there is no proof."""
    if proof.screen_code:
        if not is_shown(ctx.settings.signing_key, _hall(activity), ctx.now, normalised(proof.screen_code)):
            raise Invalid("hall_code_wrong", fields={"screen_code": "hall_code_wrong"})
        return "screen"
    if proof.location is not None:
        _require_inside(activity, proof.location)
        return "fence"
    if proof.asks_clerk:
        return None
    raise Invalid("presence_required_there")


def _require_inside(activity: Activity, here: Position) -> None:
    if activity.latitude is None or activity.longitude is None:
        raise Invalid("activity_without_location")
    if here.accuracy > MAX_ACCURACY_M:
        raise Invalid("location_inaccurate")
    if not is_inside(here, Position(activity.latitude, activity.longitude), activity.fence_m):
        raise Invalid("outside_place")


def _arrive(ctx: Context, activity: Activity, row: ActivityPerson, factor: str, **by: Any) -> Arrived:
    """Note the arrival once: of several at one moment the database lets one through, the others see it."""
    if row.state in MOVES["sign_up"]:
        take_place(ctx, activity)  # who comes without having signed up takes a place
    grace = timedelta(minutes=_grace(ctx, activity))
    is_new = _change(ctx, row, "arrive", state="present", factor=factor, arrived_at=ctx.now, note="",
                     is_late=is_late(ctx.now, activity.starts_at, grace), **by)
    if is_new:
        audit.record(ctx, "activity.arrived", f"activity:{activity.id}", {"person": row.person_id, "factor": factor},
                     region_id=activity.region_id)
    return Arrived(activity, row, is_new)


def _change(ctx: Context, row: ActivityPerson, move: str, **values: Any) -> bool:
    """Move a row of an open activity from where it may be moved; says whether this call did it."""
    done = ctx.session.execute(
        update(ActivityPerson)
        .where(ActivityPerson.activity_id == row.activity_id, ActivityPerson.person_id == row.person_id,
               ActivityPerson.state.in_(MOVES[move]),
               exists().where(Activity.id == row.activity_id, Activity.state == "published"))
        .values(**values).returning(ActivityPerson.person_id).execution_options(synchronize_session=False)).first()
    ctx.session.refresh(row)
    if done is None and row.state not in (*ARRIVED, values["state"]):
        raise Conflict("activity_not_open")
    return done is not None


def _grace(ctx: Context, activity: Activity) -> int:
    region = regions.get_region(ctx.session, activity.region_id)
    return regions.setting(ctx.session, region, "activity.grace_minutes", ctx.today)


def check_out(ctx: Context, activity_id: int) -> ActivityPerson:
    """Leave; a second time changes nothing. Before the end it counts as early."""
    activity, row = access.access_own_activity(ctx, activity_id)
    return _leave(ctx, activity, row)


def _leave(ctx: Context, activity: Activity, row: ActivityPerson) -> ActivityPerson:
    if row.state == "left":
        return row
    if not activity.needs_check_out:
        raise Conflict("activity_no_check_out")
    if activity.state != "published" or row.state not in MOVES["leave"]:
        raise Conflict("activity_not_arrived")
    grace = timedelta(minutes=_grace(ctx, activity))
    row.state, row.left_at, row.is_early = "left", ctx.now, is_early(ctx.now, activity.ends_at, grace)
    audit.record(ctx, "activity.left", f"activity:{activity.id}", {"person": row.person_id},
                 region_id=activity.region_id)
    return row


# --- the hall's code and the deputy's own ----------------------------------------------------------


@dataclass(frozen=True)
class RotatingCode:
    code: str
    seconds_left: int


def _hall(activity: Activity) -> str:
    return f"activity:{activity.id}"


def current_code(ctx: Context, activity: Activity) -> RotatingCode:
    """What the hall's projector shows now: one code for everybody in the room, new every half minute."""
    code = code_for(ctx.settings.signing_key, _hall(activity), slot_of(ctx.now), 0)
    return RotatingCode(code, seconds_left(ctx.now))


def door_code(ctx: Context) -> RotatingCode:
    """The deputy's own code, which staff scan at the door: `D7-12345678`, new every half minute."""
    person_id = access.deputy_id(ctx)
    digits = code_for(ctx.settings.signing_key, f"deputy:{person_id}", slot_of(ctx.now), 0)
    return RotatingCode(f"D{person_id}-{digits}", seconds_left(ctx.now))


def check_in_at_door(ctx: Context, activity_id: int, *, text: str) -> tuple[Arrived, str]:
    """Staff scanned, or typed, the code on a deputy's phone; returns the arrival and the deputy's name."""
    activity = access.access_activity(ctx, activity_id, "activities.confirm")
    number, _, digits = normalised(text).upper().removeprefix("D").partition("-")
    person_id = int(number) if number.isascii() and number.isdigit() and len(number) < 16 else 0
    if not is_shown(ctx.settings.signing_key, f"deputy:{person_id}", ctx.now, digits):
        raise Invalid("door_code_wrong", fields={"door": "door_code_wrong"})
    row = ctx.session.get(ActivityPerson, (activity.id, person_id))
    if row is None:
        raise Conflict("activity_other_not_called", fields={"door": "activity_other_not_called"})
    _require_window(ctx, activity)
    name = ctx.session.get_one(Person, person_id).name
    if row.state in ARRIVED:
        return Arrived(activity, row, is_new=False), name
    return _arrive(ctx, activity, row, "door", decided_by=access.staff_id(ctx)), name


# --- the clerk's word -------------------------------------------------------------------------------


def ask_clerk(ctx: Context, activity: Activity, row: ActivityPerson) -> Arrived:
    """Without a position and without a screen: staff look and say so."""
    if row.state in MOVES["sign_up"]:
        take_place(ctx, activity)
    is_new = _change(ctx, row, "ask_clerk", state="awaiting_confirmation", arrived_at=ctx.now)
    if is_new:
        audit.record(ctx, "activity.arrival_asked", f"activity:{activity.id}", {"person": row.person_id},
                     region_id=activity.region_id)
    return Arrived(activity, row, is_new)


def confirm_arrival(ctx: Context, activity_id: int, person_id: int) -> ActivityPerson:
    """Staff saw the deputy: present since the moment it was asked."""
    activity, row = access.access_attendance(ctx, activity_id, person_id, "activities.confirm")
    if activity.state != "published" or row.state not in MOVES["decide_arrival"]:
        raise Conflict("arrival_decided")
    grace = timedelta(minutes=_grace(ctx, activity))
    row.state, row.factor, row.decided_by = "present", "clerk", access.staff_id(ctx)
    row.is_late = is_late(row.arrived_at or ctx.now, activity.starts_at, grace)
    audit.record(ctx, "activity.arrival_confirmed", f"activity:{activity.id}", {"person": person_id},
                 region_id=activity.region_id)
    return row


def refuse_arrival(ctx: Context, activity_id: int, person_id: int, *, reason: str) -> ActivityPerson:
    """Staff did not see the deputy, who may try again and reads why."""
    activity, row = access.access_attendance(ctx, activity_id, person_id, "activities.confirm")
    if activity.state != "published" or row.state not in MOVES["decide_arrival"]:
        raise Conflict("arrival_decided")
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    row.state, row.arrived_at, row.note, row.decided_by = "expected", None, reason.strip(), access.staff_id(ctx)
    audit.record(ctx, "activity.arrival_refused", f"activity:{activity.id}", {"person": person_id},
                 region_id=activity.region_id)
    return row


def mark_present(ctx: Context, activity_id: int, person_id: int, *, reason: str) -> ActivityPerson:
    """Enter somebody who came and could not check in (paper list, phone empty), with the reason."""
    activity, row = access.access_attendance(ctx, activity_id, person_id, "activities.confirm")
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    if activity.state != "published" or ctx.now < activity.starts_at or row.state not in MOVES["arrive"]:
        raise Conflict("activity_not_open" if activity.state != "published" else "activity_not_begun")
    if row.state in MOVES["sign_up"]:
        take_place(ctx, activity)
    row.state, row.factor, row.decided_by, row.note = "present", "clerk", access.staff_id(ctx), reason.strip()
    # Nobody measured the moment: the person counts as in time.
    row.arrived_at = row.arrived_at or activity.starts_at
    audit.record(ctx, "activity.entered", f"activity:{activity.id}", {"person": person_id, "reason": reason.strip()},
                 region_id=activity.region_id)
    return row


def check_out_by_clerk(ctx: Context, activity_id: int, person_id: int) -> ActivityPerson:
    """Enter the leaving of somebody who forgot to."""
    activity, row = access.access_attendance(ctx, activity_id, person_id, "activities.confirm")
    row = _leave(ctx, activity, row)
    row.decided_by = access.staff_id(ctx)
    return row
