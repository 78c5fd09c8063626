"""Meetings and activities of the deputy: schedule, sign-up, leave, check-in (会议活动)."""

from datetime import date, datetime, time

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.api.checkin import CheckIn
from app.http.access import requires
from app.http.lifecycle import get_context
from app.http.limits import rate_limit
from app.http.openapi import also_answers
from app.http.paging import PageQuery, paged
from app.http.times import iso
from services import activities, checkin, posters
from services.context import CHINA
from services.rules.fences import Position

bp = APIBlueprint("activities", __name__, url_prefix="/api/v1", tag="activities")


class ActivityBrief(BaseModel):
    id: int
    kind: str
    kind_name: str
    title: str
    organiser: str
    place: str
    starts_at: str
    ends_at: str
    state: str
    state_name: str
    my_state: str
    my_state_name: str


class ActivityMay(BaseModel):
    """What the deputy may do at this moment."""

    sign_up: bool
    withdraw: bool
    ask_leave: bool
    check_in: bool
    check_out: bool


class ActivityOut(ActivityBrief):
    content: str
    signs_up: bool
    capacity: int | None
    sign_up_until: str | None
    called: int
    arrived: int
    needs_check_out: bool
    deducts: bool
    has_location: bool
    leave_reason: str | None
    note: str
    arrived_at: str | None
    left_at: str | None
    factor_name: str
    is_late: bool
    is_early: bool
    minutes: str
    cancel_reason: str | None
    may: ActivityMay


class ActivityPage(BaseModel):
    items: list[ActivityBrief]
    page: int
    page_size: int
    total: int


class ActivityQuery(PageQuery):
    past: bool = False


class LeaveIn(BaseModel):
    reason: str = Field(max_length=1000)


class ScheduleLine(BaseModel):
    kind: str
    id: int
    title: str
    place: str
    starts_at: str
    ends_at: str
    state_name: str


class Schedule(BaseModel):
    items: list[ScheduleLine]


class ScheduleQuery(BaseModel):
    #: `2026-11`; this month when left out.
    month: str | None = Field(None, pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")


class DoorCode(BaseModel):
    text: str
    picture: str
    seconds_left: int


def show_brief(card: activities.ActivityCard) -> ActivityBrief:
    row = card.activity
    return ActivityBrief(
        id=row.id, kind=row.kind, kind_name=card.kind_name, title=row.title, organiser=card.organiser, place=row.place,
        starts_at=iso(row.starts_at), ends_at=iso(row.ends_at), state=row.state, state_name=card.state_name,
        my_state=card.row.state if card.row else "", my_state_name=card.my_state_name)


def _show(activity_id: int) -> ActivityOut:
    ctx = get_context()
    card = activities.get_mine(ctx, activity_id)
    activity, row = card.activity, card.row
    if row is None:
        raise AssertionError("get_mine gives the asker's row")
    return ActivityOut(
        **show_brief(card).model_dump(), content=activity.content, signs_up=activity.signs_up,
        capacity=activity.capacity, sign_up_until=iso(activity.sign_up_until), called=card.called,
        arrived=card.arrived, needs_check_out=activity.needs_check_out, deducts=activity.deducts,
        has_location=activity.latitude is not None, leave_reason=row.leave_reason, note=row.note,
        arrived_at=iso(row.arrived_at), left_at=iso(row.left_at), factor_name=card.factor_name, is_late=row.is_late,
        is_early=row.is_early, minutes=activity.minutes if activity.state == "closed" else "",
        cancel_reason=activity.cancel_reason, may=ActivityMay(**card.may(ctx.now)))


@bp.get("/activities")
@requires("deputy")
@bp.input(ActivityQuery, location="query")
@bp.output(ActivityPage)
def list_activities(query_data: ActivityQuery) -> dict[str, object]:
    """The deputy's activities to come, soonest first; with `past` those over, newest first."""
    found = activities.list_mine(get_context(), is_past=query_data.past, page=query_data.page,
                                 page_size=query_data.page_size)
    return paged(found, query_data, show_brief)


@bp.get("/activities/<int:activity_id>")
@requires("deputy")
@bp.output(ActivityOut)
def get_activity(activity_id: int) -> ActivityOut:
    """One activity that called the deputy, and how things stand with the deputy."""
    return _show(activity_id)


@bp.post("/activities/<int:activity_id>/sign-up")
@requires("deputy")
@bp.output(ActivityOut)
def sign_up(activity_id: int) -> ActivityOut:
    """Take a place; a second time changes nothing."""
    activities.sign_up(get_context(), activity_id)
    return _show(activity_id)


@bp.post("/activities/<int:activity_id>/withdrawal")
@requires("deputy")
@bp.output(ActivityOut)
def withdraw(activity_id: int) -> ActivityOut:
    """Give the place back; a second time changes nothing."""
    activities.withdraw(get_context(), activity_id)
    return _show(activity_id)


@bp.post("/activities/<int:activity_id>/leave")
@requires("deputy")
@bp.input(LeaveIn)
@bp.output(ActivityOut)
def ask_leave(activity_id: int, json_data: LeaveIn) -> ActivityOut:
    """Ask for leave with a reason; staff decide."""
    activities.ask_leave(get_context(), activity_id, reason=json_data.reason)
    return _show(activity_id)


@bp.post("/activity-check-ins")
@requires("deputy")
@rate_limit("20/minute", per="actor", when_redis_is_away="open")
@bp.input(CheckIn)
@bp.output(ActivityOut, status_code=201)
@bp.doc(responses=also_answers(200, "The arrival that was noted already", "application/json", "ActivityOut"))
def check_in(json_data: CheckIn) -> tuple[ActivityOut, int]:
    """Arrive with one proof of presence; a second scan changes nothing (200)."""
    here = json_data.location
    proof = checkin.Proof(
        location=Position(here.latitude, here.longitude, here.accuracy) if here else None,
        screen_code=json_data.screen_code or None, asks_clerk=json_data.ask_clerk)
    done = activities.check_in(get_context(), scene=json_data.scene, device_id=json_data.device_id, proof=proof)
    return _show(done.activity.id), 201 if done.is_new else 200


@bp.post("/activities/<int:activity_id>/check-out")
@requires("deputy")
@bp.output(ActivityOut)
def check_out(activity_id: int) -> ActivityOut:
    """Leave; a second time changes nothing."""
    activities.check_out(get_context(), activity_id)
    return _show(activity_id)


@bp.get("/schedule")
@requires("deputy")
@bp.input(ScheduleQuery, location="query")
@bp.output(Schedule)
def get_schedule(query_data: ScheduleQuery) -> dict[str, object]:
    """The deputy's month: activities and reception days, soonest first."""
    ctx = get_context()
    first = date.fromisoformat(f"{query_data.month}-01") if query_data.month else ctx.today.replace(day=1)
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    lines = activities.my_schedule(ctx, since=datetime.combine(first, time(), CHINA),
                                   until=datetime.combine(following, time(), CHINA))
    return {"items": [ScheduleLine(**{**vars(line), "starts_at": iso(line.starts_at), "ends_at": iso(line.ends_at)})
                      for line in lines]}


@bp.get("/door-code")
@requires("deputy")
@bp.output(DoorCode)
def get_door_code() -> dict[str, object]:
    """The deputy's own code for the door, new every half minute."""
    now = activities.door_code(get_context())
    picture = posters.data_address(posters.web_code(now.code))
    return {"text": now.code, "picture": picture, "seconds_left": now.seconds_left}
