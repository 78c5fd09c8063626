"""How long each step of an opinion may take, by region and from a day on (办理时限)."""

from flask import Blueprint, render_template

from app.console.forms import Answer, day, done, form_page, number, required, text
from app.console.words import OPINION_LIMITS
from app.http.access import requires
from app.http.lifecycle import get_context
from services import regions
from services.errors import Invalid

bp = Blueprint("console_limits", __name__)
LONGEST = 365


@bp.get("/console/limits")
@requires("settings.edit")
def page() -> str:
    """What holds today in each county and township, and every change that was entered."""
    ctx = get_context()
    names = tuple(OPINION_LIMITS)
    places = regions.list_in_reach(ctx, ("county", "township"))
    return render_template("console/limits.html", places=places, values=regions.settings_of(ctx, places, names),
                           entered=regions.list_settings(ctx, names), today=ctx.today)


@bp.post("/console/limits")
@requires("settings.edit")
@form_page(page)
def set_limit() -> Answer:
    """A step's length for a region and those below it, from a day on."""
    ctx = get_context()
    name, value = text("name"), number("value")
    if name not in OPINION_LIMITS:
        raise Invalid("invalid_input", fields={"name": "field_not_a_choice"})
    if value > LONGEST:
        raise Invalid("setting_out_of_range", fields={"value": "setting_out_of_range"})
    place = regions.get_region(ctx.session, number("region_id"))
    effective_on = required(day("effective_on"), "effective_on")
    regions.set_setting(ctx, place, name=name, value=value, effective_on=effective_on)
    return done("console_limits.page", f"已设置，自{effective_on.isoformat()}起执行。")
