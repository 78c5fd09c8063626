"""The deputies' roster: search, one deputy, import from .xlsx, contested seats (代表名册)."""

from collections import Counter
from urllib.parse import quote

from flask import Blueprint, Response, redirect, render_template, request, url_for

from app.console.forms import Answer, done, form_page, kept_query, number, query_choice, search_text, text
from app.console.rendering import PAGE_SIZE, listing, page_number
from app.console.words import CLAIM_STATES, MANDATE_STATES
from app.http.access import requires
from app.http.lifecycle import get_context
from services import access, deputies, identity, regions, roster
from services.errors import Invalid
from services.rules.phones import looks_like_phone, mask_phone
from services.rules.typed import normalised

bp = Blueprint("console_roster", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


#: Those in office first of all; who has left stays on the roster.
STATES = MANDATE_STATES | {"all": "全部"}


@bp.get("/console/roster")
@requires("roster.view")
def list_page() -> str:
    """The deputies of the region, by name, group or state of their mandates."""
    ctx = get_context()
    group_id = request.args.get("group", type=int)
    state = query_choice("state", STATES) or "active"
    which = deputies.RosterFilter(search_text(), group_id, "" if state == "all" else state)
    found = deputies.list_for_staff(ctx, which, page=page_number(), page_size=PAGE_SIZE)
    return render_template("console/roster_list.html", listing=listing(found, "console_roster.list_page"),
                           groups=deputies.list_groups(ctx), group_id=group_id, state=state, states=STATES)


@bp.post("/console/roster/search")
@requires("roster.view")
@form_page(list_page)
def search() -> Answer:
    """A number is looked up from the form's body and never lands in an address; anything else filters the list."""
    typed = normalised(text("q"))
    if looks_like_phone(typed):
        return _go("console_roster.detail_page", person_id=deputies.find_by_phone(get_context(), typed))
    wanted = {"q": typed, "group": text("group"), "state": text("state")}
    return _go("console_roster.list_page", **{name: value for name, value in wanted.items() if value})


def _go(endpoint: str, **values: object) -> Response:
    return redirect(url_for(endpoint, **values), 303)  # type: ignore[return-value,arg-type]


@bp.get("/console/roster/<int:person_id>")
@requires("roster.view")
def detail_page(person_id: int) -> str:
    """One deputy; the number stays masked."""
    return show_detail(person_id)


def show_detail(person_id: int, revealed: str | None = None) -> str:
    ctx = get_context()
    card = deputies.get_for_staff(ctx, person_id)
    return render_template(
        "console/roster_detail.html", card=card, mandates=deputies.list_mandates(ctx, person_id), revealed=revealed,
        region=regions.full_name(ctx.session, regions.get_region(ctx.session, card.region_id)))


@bp.post("/console/roster/<int:person_id>/phone")
@requires("roster.reveal")
@form_page(detail_page)
def reveal_phone(person_id: int) -> str:
    """The plain number, once, on this answer only; the reason goes to the audit."""
    return show_detail(person_id, identity.reveal_phone(get_context(), person_id, reason=text("reason")))


@bp.post("/console/roster/<int:person_id>/device")
@requires("devices.release")
@form_page(detail_page)
def release_device(person_id: int) -> Answer:
    """Free the phone the deputy checks in with; the next check-in binds the new one."""
    identity.release_device(get_context(), person_id, reason=text("reason"))
    return done("console_roster.detail_page", "已解除绑定，代表下次签到时绑定新手机。", person_id=person_id)


# --- import -----------------------------------------------------------------------------------------


@bp.get("/console/roster/import")
@requires("roster.import")
def import_page() -> str:
    """Choose a file; nothing is written before the preview is accepted."""
    ctx = get_context()
    return render_template("console/roster_import.html", imports=roster.list_imports(ctx),
                           places=regions.list_in_reach(ctx, ("county", "township")))


@bp.get("/console/roster/template.xlsx")
@requires("roster.import")
def template() -> Response:
    """The form to fill in."""
    return Response(roster.build_template(), mimetype=XLSX, headers={
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote('代表名册模板')}.xlsx"})


@bp.post("/console/roster/import")
@requires("roster.import")
@form_page(import_page)
def upload() -> Answer:
    """Judge every row of the file, write none."""
    ctx = get_context()
    part = request.files.get("file")
    if part is None or not part.filename:
        raise Invalid("invalid_input", fields={"file": "field_required"})
    region = access.access_region(ctx, number("region_id"), "roster.import")
    record = roster.preview(ctx, region=region, filename=part.filename, content=part.read(roster.MAX_BYTES + 1))
    return done("console_roster.preview_page", "已读取名册，请核对后再导入。", import_id=record.id)


@bp.get("/console/roster/imports/<int:import_id>")
@requires("roster.import")
def preview_page(import_id: int) -> str:
    """What will happen, or happened, to each row."""
    ctx = get_context()
    record = access.access_roster_import(ctx, import_id, "roster.import")
    rows = {row.row: row for row in roster.open_rows(ctx, record)}
    counts = Counter(line["outcome"] for line in record.results)
    return render_template("console/roster_preview.html", record=record, rows=rows, counts=counts,
                           mask_phone=mask_phone, region=regions.get_region(ctx.session, record.region_id))


@bp.post("/console/roster/imports/<int:import_id>/apply")
@requires("roster.import")
@form_page(preview_page)
def apply_import(import_id: int) -> Answer:
    """Write the whole roster or nothing."""
    record = roster.apply(get_context(), import_id)
    return done("console_roster.preview_page", f"已导入{len(record.results)}行。", import_id=import_id)


@bp.post("/console/roster/imports/<int:import_id>/discard")
@requires("roster.import")
@form_page(preview_page)
def discard_import(import_id: int) -> Answer:
    """Throw the upload away; the roster stays as it was."""
    roster.discard(get_context(), import_id)
    return done("console_roster.import_page", "已放弃这份名册，名册没有改动。")


# --- contested seats --------------------------------------------------------------------------------


@bp.get("/console/roster/claims")
@requires("seats.decide")
def claims_page() -> str:
    """Second WeChat accounts that asked for a taken seat."""
    ctx = get_context()
    state = query_choice("state", CLAIM_STATES)
    claims = deputies.list_claims(ctx, state=state or None)
    return render_template("console/roster_claims.html", claims=claims, state=state)


@bp.post("/console/roster/claims/<int:claim_id>/approve")
@requires("seats.decide")
@form_page(claims_page)
def approve_claim(claim_id: int) -> Answer:
    """Move the seat to the new WeChat; the old one is signed out."""
    identity.decide_claim(get_context(), claim_id, approve=True, reason=text("reason"))
    return done("console_roster.claims_page", "已同意换绑，原微信已退出登录。", **kept_query())


@bp.post("/console/roster/claims/<int:claim_id>/refuse")
@requires("seats.decide")
@form_page(claims_page)
def refuse_claim(claim_id: int) -> Answer:
    """The seat stays where it is."""
    identity.decide_claim(get_context(), claim_id, approve=False, reason=text("reason"))
    return done("console_roster.claims_page", "已拒绝换绑，原绑定不变。", **kept_query())
