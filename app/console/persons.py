"""Care of the roster one deputy at a time: a new one, facts, the phone, a move to another township (名册维护)."""

from flask import Blueprint, render_template, request

from app.console.forms import Answer, day, done, form_page, number, numbers, required, text
from app.console.roster import detail_page
from app.http.access import requires
from app.http.lifecycle import get_context
from services import access, deputies, persons, regions

bp = Blueprint("console_persons", __name__)


@bp.get("/console/roster/new")
@requires("roster.edit")
def new_page() -> str:
    """One deputy without a file."""
    return render_template("console/person_new.html",
                           places=regions.list_in_reach(get_context(), persons.HOME_LEVELS))


@bp.post("/console/roster/new")
@requires("roster.edit")
@form_page(new_page)
def create() -> Answer:
    """Enter the deputy; groups and stations come next."""
    form = persons.DeputyForm(
        name=text("name"), phone=text("phone"), level=text("level"), term_no=text("term_no"), title=text("title"),
        deputy_no=text("deputy_no"), constituency=text("constituency"), delegation=text("delegation"))
    person_id = persons.add_deputy(get_context(), number("region_id"), form)
    return done("console_persons.edit_page", "已登记代表，请补充代表小组和联络站。", person_id=person_id)


@bp.get("/console/roster/<int:person_id>/edit")
@requires("roster.edit")
def edit_page(person_id: int) -> str:
    """Name, title, groups and stations."""
    ctx = get_context()
    person = access.access_person(ctx, person_id, "roster.edit")
    groups, stations = persons.belongings(ctx, person.id)
    return render_template(
        "console/person_edit.html", person=person, mine_groups=groups, mine_stations=stations,
        places=persons.list_places(ctx, regions.get_region(ctx.session, person.region_id)))


@bp.post("/console/roster/<int:person_id>/edit")
@requires("roster.edit")
@form_page(edit_page)
def update(person_id: int) -> Answer:
    """Change the facts; the number has a form of its own."""
    persons.edit_facts(get_context(), person_id, persons.FactsForm(
        text("name"), text("title"), numbers("group_ids"), numbers("station_ids"), text("new_group")))
    return done("console_roster.detail_page", "已保存。", person_id=person_id)


@bp.post("/console/roster/<int:person_id>/new-phone")
@requires("roster.edit")
@form_page(detail_page)
def change_phone(person_id: int) -> Answer:
    """Another number; whoever is logged in logs in again."""
    persons.change_phone(get_context(), person_id, phone=text("phone"), reason=text("reason"))
    return done("console_roster.detail_page", "已更换手机号。已绑定的微信不变；网页登录请用新号码。",
                person_id=person_id)


@bp.get("/console/roster/<int:person_id>/move")
@requires("roster.move")
def move_page(person_id: int) -> str:
    """Choose the township, then what ends and what follows."""
    ctx = get_context()
    person = access.access_person(ctx, person_id, "roster.move")
    targets = persons.list_targets(ctx, person)
    wanted = request.args.get("region_id", type=int)
    target = next((row for row in targets if row.id == wanted), None)
    groups, stations = persons.belongings(ctx, person.id)
    return render_template(
        "console/person_move.html", card=deputies.get_card(ctx.session, person.id), targets=targets, target=target,
        region=regions.get_region(ctx.session, person.region_id), today=ctx.today,
        left=persons.left_behind(ctx, person, target) if target else [],
        places=persons.list_places(ctx, target) if target else None, mine_groups=groups, mine_stations=stations)


@bp.post("/console/roster/<int:person_id>/move")
@requires("roster.move")
@form_page(move_page)
def move(person_id: int) -> Answer:
    """Register the deputy elsewhere."""
    ctx = get_context()
    mandate_ids = numbers("mandate_ids")
    ended_on = day("ended_on") or ctx.today
    persons.move(ctx, person_id, persons.MoveForm(
        required(request.args.get("region_id", type=int), "region_id"), ended_on, text("note"), mandate_ids,
        numbers("group_ids"), numbers("station_ids")))
    return done("console_roster.detail_page", "已办理调动，请核对任职、小组和联络站。", person_id=person_id)
