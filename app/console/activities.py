"""Meetings and activities: drafting, calling, the hall's code, the attendance board, closing (会议活动)."""

from urllib.parse import quote, urlencode

from flask import Blueprint, Response, render_template, request

from app.console.forms import (
    Answer,
    decimal,
    done,
    form_page,
    is_ticked,
    moment,
    number,
    query_choice,
    required,
    search_text,
    text,
)
from app.console.rendering import PAGE_SIZE, listing, may, page_number
from app.console.roster import XLSX
from app.console.words import ACTIVITY_KINDS, ACTIVITY_STATES
from app.http.access import requires
from app.http.lifecycle import get_context
from services import access, activities, audiences, posters
from services.activities import planning
from services.audiences import Clause
from services.rules.activity_rules import ITEM_OF_KIND

bp = Blueprint("console_activities", __name__)
_PAGE = "console_activities.detail_page"


@bp.get("/console/activities")
@requires("activities.view")
def list_page() -> str:
    """The region's activities, the latest first."""
    state, kind = query_choice("state", ACTIVITY_STATES), query_choice("kind", ACTIVITY_KINDS)
    found = activities.list_for_staff(get_context(), state=state, kind=kind, search=search_text(), page=page_number(),
                                      page_size=PAGE_SIZE)
    return render_template("console/activities_list.html", listing=listing(found, "console_activities.list_page"),
                           state=state, kind=kind)


# --- drafting ---------------------------------------------------------------------------------------


@bp.get("/console/activities/new")
@requires("activities.edit")
def new_page() -> str:
    """A new draft."""
    return _form_page(None, set())


def _form_page(activity: activities.Activity | None, chosen: set[str]) -> str:
    ctx = get_context()
    return render_template(
        "console/activity_form.html", activity=activity, chosen=chosen, choices=audiences.list_choices(ctx),
        levels=audiences.LEVEL_NAMES, items=planning.list_items(ctx), defaults=ITEM_OF_KIND)


@bp.post("/console/activities/new")
@requires("activities.edit")
@form_page(new_page)
def create() -> Answer:
    """Keep the draft; nobody is called before it is published."""
    activity = activities.create(get_context(), _form())
    return done(_PAGE, "已保存草稿，请核对后发布。", activity_id=activity.id)


def _form() -> activities.ActivityForm:
    """`item` is a code of the rule table, `none`, or empty for what the kind proposes."""
    kind, item, signs_up = text("kind"), text("item_code"), text("attendance") == "sign_up"
    return activities.ActivityForm(
        kind=kind, title=text("title"), place=text("place"), content=text("content"),
        starts_at=required(moment("starts_at"), "starts_at"), ends_at=required(moment("ends_at"), "ends_at"),
        clauses=tuple(Clause(*value.split(":", 1)) for value in request.form.getlist("audience")),
        group_id=number("group_id") if text("group_id") else None, latitude=decimal("latitude"),
        longitude=decimal("longitude"), fence_m=number("fence_m") if text("fence_m") else 200, signs_up=signs_up,
        capacity=number("capacity") if signs_up and text("capacity") else None,
        sign_up_until=moment("sign_up_until") if signs_up else None,
        item_code=None if item == "none" else item or ITEM_OF_KIND.get(kind), needs_quorum=is_ticked("needs_quorum"),
        needs_check_out=is_ticked("needs_check_out"), deducts=is_ticked("deducts"))


@bp.get("/console/activities/<int:activity_id>/edit")
@requires("activities.edit")
def edit_page(activity_id: int) -> Answer:
    """The draft's form; what is published is moved or called off instead."""
    ctx = get_context()
    activity = access.access_activity(ctx, activity_id, "activities.edit")
    if activity.state != "draft":
        return done(_PAGE, "这项活动已经发布，不能再改内容；可以改期或取消。", activity_id=activity_id)
    rows = planning.list_clauses(ctx.session, activity_id)
    return _form_page(activity, {f"{row.kind}:{row.target}" if row.target else row.kind for row in rows})


@bp.post("/console/activities/<int:activity_id>/edit")
@requires("activities.edit")
@form_page(edit_page)
def update(activity_id: int) -> Answer:
    """Change the draft."""
    activities.update(get_context(), activity_id, _form())
    return done(_PAGE, "已保存草稿，请核对后发布。", activity_id=activity_id)


# --- one activity ------------------------------------------------------------------------------------


@bp.get("/console/activities/<int:activity_id>")
@requires("activities.view")
def detail_page(activity_id: int) -> str:
    """The activity with its attendance board."""
    ctx = get_context()
    board = activities.board(ctx, activity_id)
    activity = board.card.activity
    return render_template(
        "console/activity_detail.html", board=board, card=board.card, activity=activity, now=ctx.now,
        clauses=planning.list_clauses(ctx.session, activity_id),
        item=planning.list_items(ctx).get(activity.item_code or "", ""),
        can_edit=may("activities.edit") and activity.region_id == ctx.actor.region_id)


@bp.post("/console/activities/<int:activity_id>/publish")
@requires("activities.edit")
@form_page(detail_page)
def publish(activity_id: int) -> Answer:
    """Call its people and send them the notice."""
    activities.publish(get_context(), activity_id)
    return done(_PAGE, "已发布，通知已交“通知推送”发送；接收人较多时须另一位负责人审批后发出。", activity_id=activity_id)


@bp.post("/console/activities/<int:activity_id>/call-again")
@requires("activities.edit")
@form_page(detail_page)
def call_again(activity_id: int) -> Answer:
    """Take in those who came to the audience since."""
    added = activities.call_again(get_context(), activity_id)
    return done(_PAGE, f"名单已更新，新增{added}人，请另行告知。" if added else "名单没有变化。", activity_id=activity_id)


@bp.post("/console/activities/<int:activity_id>/reschedule")
@requires("activities.edit")
@form_page(detail_page)
def reschedule(activity_id: int) -> Answer:
    """Another time or place, told to everybody who read the notice."""
    activities.reschedule(
        get_context(), activity_id, place=text("place"), starts_at=required(moment("starts_at"), "starts_at"),
        ends_at=required(moment("ends_at"), "ends_at"), reason=text("reason"))
    return done(_PAGE, "已改期，更正通知已发出。", activity_id=activity_id)


@bp.post("/console/activities/<int:activity_id>/cancel")
@requires("activities.edit")
@form_page(detail_page)
def cancel(activity_id: int) -> Answer:
    """Call it off; its notice is withdrawn."""
    activities.cancel(get_context(), activity_id, reason=text("reason"))
    return done(_PAGE, "已取消，原通知已撤回。", activity_id=activity_id)


@bp.post("/console/activities/<int:activity_id>/minutes")
@requires("activities.edit")
@form_page(detail_page)
def write_minutes(activity_id: int) -> Answer:
    """Keep the minutes."""
    activities.write_minutes(get_context(), activity_id, text=text("minutes"))
    return done(_PAGE, "已保存纪要。", activity_id=activity_id)


@bp.post("/console/activities/<int:activity_id>/close")
@requires("activities.edit")
@form_page(detail_page)
def close(activity_id: int) -> Answer:
    """Make the attendance final; points follow."""
    activities.close(get_context(), activity_id)
    return done(_PAGE, "已办结，履职记录和积分正在登记，稍后可在“履职积分”查看。", activity_id=activity_id)


# --- attendance --------------------------------------------------------------------------------------


@bp.post("/console/activities/<int:activity_id>/door")
@requires("activities.confirm")
@form_page(detail_page)
def check_in_at_door(activity_id: int) -> Answer:
    """The code of a deputy's phone, scanned or typed at the door."""
    arrived, name = activities.check_in_at_door(get_context(), activity_id, text=text("door"))
    return done(_PAGE, f"{name}已签到。" if arrived.is_new else f"{name}之前已经签到。", activity_id=activity_id,
                _anchor="door")


@bp.post("/console/activities/<int:activity_id>/people/<int:person_id>/confirm")
@requires("activities.confirm")
@form_page(detail_page)
def confirm_arrival(activity_id: int, person_id: int) -> Answer:
    """Staff saw the deputy."""
    activities.confirm_arrival(get_context(), activity_id, person_id)
    return done(_PAGE, "已确认签到。", activity_id=activity_id)


@bp.post("/console/activities/<int:activity_id>/people/<int:person_id>/refuse")
@requires("activities.confirm")
@form_page(detail_page)
def refuse_arrival(activity_id: int, person_id: int) -> Answer:
    """Staff did not see the deputy; the reason is shown to them."""
    activities.refuse_arrival(get_context(), activity_id, person_id, reason=text("reason"))
    return done(_PAGE, "已标记为未到场。", activity_id=activity_id)


@bp.post("/console/activities/<int:activity_id>/people/<int:person_id>/leave")
@requires("activities.confirm")
@form_page(detail_page)
def decide_leave(activity_id: int, person_id: int) -> Answer:
    """Agree to a leave, or not."""
    is_agreed = text("agree") == "1"
    activities.decide_leave(get_context(), activity_id, person_id, is_agreed=is_agreed, note=text("reason"))
    return done(_PAGE, "已同意请假。" if is_agreed else "未同意请假，代表会看到原因。", activity_id=activity_id)


@bp.post("/console/activities/<int:activity_id>/people/<int:person_id>/present")
@requires("activities.confirm")
@form_page(detail_page)
def mark_present(activity_id: int, person_id: int) -> Answer:
    """Enter somebody who came and could not check in."""
    activities.mark_present(get_context(), activity_id, person_id, reason=text("reason"))
    return done(_PAGE, "已补登签到。", activity_id=activity_id)


@bp.post("/console/activities/<int:activity_id>/people/<int:person_id>/check-out")
@requires("activities.confirm")
@form_page(detail_page)
def check_out(activity_id: int, person_id: int) -> Answer:
    """Enter the leaving of somebody who forgot to."""
    activities.check_out_by_clerk(get_context(), activity_id, person_id)
    return done(_PAGE, "已登记签退。", activity_id=activity_id)


# --- the hall and the papers ------------------------------------------------------------------------


@bp.get("/console/activities/<int:activity_id>/hall")
@requires("activities.confirm")
def hall_page(activity_id: int) -> str:
    """The projector's page: the rotating code, how many are here, whether that is a quorum."""
    return render_template("console/activity_hall.html", **_hall(activity_id))


@bp.get("/console/activities/<int:activity_id>/hall/now")
@requires("activities.confirm")
def hall_part(activity_id: int) -> str:
    """What changes on the projector, asked for every two seconds."""
    return render_template("console/_activity_hall_now.html", **_hall(activity_id))


def _hall(activity_id: int) -> dict[str, object]:
    ctx = get_context()
    board = activities.board(ctx, activity_id, "activities.confirm")
    activity = board.card.activity
    now = activities.current_code(ctx, activity)
    address = f"{ctx.settings.public_base_url}/s/{activity.scene}?{urlencode({'k': now.code})}"
    return {"board": board, "card": board.card, "activity": activity, "code": now.code,
            "seconds_left": now.seconds_left, "picture": posters.data_address(posters.web_code(address)),
            "now": ctx.now, "is_open": activity.state == "published" and ctx.now <= activity.ends_at}


@bp.get("/console/activities/<int:activity_id>/poster.pdf")
@requires("activities.view")
def poster(activity_id: int) -> Response:
    """The poster for the door."""
    return _file(activities.build_poster(get_context(), activity_id), "application/pdf", activity_id, "pdf")


@bp.post("/console/activities/<int:activity_id>/attendance.xlsx")
@requires("activities.view")
def sheet(activity_id: int) -> Response:
    """The attendance list; the export is audited, so it is a POST."""
    return _file(activities.build_sheet(get_context(), activity_id), XLSX, activity_id, "xlsx")


def _file(content: bytes, mimetype: str, activity_id: int, suffix: str) -> Response:
    title = access.access_activity(get_context(), activity_id, "activities.view").title
    return Response(content, mimetype=mimetype, headers={
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(title)}.{suffix}"})
