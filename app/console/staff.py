"""The staff themselves: who may sign in, with which role (工作人员)."""

import pyotp
from flask import Blueprint, render_template, request

from app.console.forms import Answer, done, form_page, kept_query, number, required, search_text, text
from app.console.rendering import PAGE_SIZE, listing, page_number
from app.http.access import requires
from app.http.lifecycle import get_context
from services import access, posters, regions, staff

bp = Blueprint("console_staff", __name__)


@bp.get("/console/staff")
@requires("staff.manage")
def list_page() -> str:
    """The staff of the region."""
    found = staff.list_staff(get_context(), search=search_text(), page=page_number(), page_size=PAGE_SIZE)
    return render_template("console/staff_list.html", listing=listing(found, "console_staff.list_page"))


@bp.get("/console/staff/new")
@requires("staff.manage")
def new_page() -> str:
    """A new member of staff."""
    ctx = get_context()
    return render_template("console/staff_form.html", units=staff.list_units(ctx),
                           places=regions.list_in_reach(ctx, ("province", "city", "county", "township")))


@bp.post("/console/staff/new")
@requires("staff.manage")
@form_page(new_page)
def create() -> str:
    """Create and show the authenticator's secret, once."""
    ctx = get_context()
    region = access.access_region(ctx, number("region_id"), "staff.manage")
    unit_id = int(text("unit_id")) if text("unit_id").isdecimal() else None
    unit = next((row for row in staff.list_units(ctx) if row.id == unit_id), None)
    row, secret = staff.create_staff(
        ctx, login=required(text("login"), "login"), name=required(text("name"), "name"), role=text("role"),
        region=region, password=request.form.get("password", ""), unit=unit)
    return _show_secret(row, secret)


def _show_secret(row: staff.StaffRow, secret: str) -> str:
    address = pyotp.TOTP(secret).provisioning_uri(name=row.login, issuer_name="网上人大代表之家")
    return render_template("console/staff_secret.html", staff=row, secret=secret,
                           picture=posters.data_address(posters.web_code(address)))


@bp.post("/console/staff/<int:staff_id>/credentials")
@requires("staff.manage")
@form_page(list_page)
def reset_credentials(staff_id: int) -> str:
    """A new password and a new authenticator for somebody who lost theirs; the secret is shown once."""
    row, secret = staff.reset_credentials(get_context(), staff_id, password=request.form.get("password", ""))
    return _show_secret(row, secret)


@bp.get("/console/units")
@requires("staff.manage")
def units_page() -> str:
    """The handling units of the region, and a form for a new one."""
    ctx = get_context()
    return render_template("console/units.html", units=staff.list_units(ctx),
                           places=regions.list_in_reach(ctx, ("county", "township")))


@bp.post("/console/units")
@requires("staff.manage")
@form_page(units_page)
def create_unit() -> Answer:
    """A unit that opinions can be assigned to."""
    ctx = get_context()
    region = access.access_region(ctx, number("region_id"), "staff.manage")
    staff.create_unit(ctx, region=region, name=text("name"))
    return done("console_staff.units_page", "已新建承办单位，可为其建立账号、交办意见。")


@bp.post("/console/staff/<int:staff_id>/active")
@requires("staff.manage")
@form_page(list_page)
def set_active(staff_id: int) -> Answer:
    """Let a member of staff out, or in again."""
    is_active = text("is_active") == "1"
    staff.set_active(get_context(), staff_id, is_active=is_active)
    return done("console_staff.list_page", "已启用。" if is_active else "已停用，其登录已全部失效。", **kept_query())
