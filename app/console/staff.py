"""The staff themselves: who may sign in, with which role (工作人员)."""

import pyotp
from flask import Blueprint, render_template, request

from app.console.forms import Answer, done, form_page, kept_query, number, required, search_text, text
from app.console.rendering import PAGE_SIZE, data_address, listing, page_number
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
    unit_id = int(text("unit_id")) if text("unit_id").isdigit() else None
    unit = next((row for row in staff.list_units(ctx) if row.id == unit_id), None)
    row, secret = staff.create_staff(
        ctx, login=required(text("login"), "login"), name=required(text("name"), "name"), role=text("role"),
        region=region, password=request.form.get("password", ""), unit=unit)
    address = pyotp.TOTP(secret).provisioning_uri(name=row.login, issuer_name="网上人大代表之家")
    return render_template("console/staff_secret.html", staff=row, secret=secret,
                           picture=data_address(posters.web_code(address)))


@bp.post("/console/staff/<int:staff_id>/active")
@requires("staff.manage")
@form_page(list_page)
def set_active(staff_id: int) -> Answer:
    """Let a member of staff out, or in again."""
    is_active = text("is_active") == "1"
    staff.set_active(get_context(), staff_id, is_active=is_active)
    return done("console_staff.list_page", "已启用。" if is_active else "已停用，其登录已全部失效。", **kept_query())
