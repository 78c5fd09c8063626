"""The office's table of working days over the calendar: the State Council's yearly arrangement (工作日历)."""

from flask import Blueprint, render_template

from app.console.forms import Answer, day, done, form_page, required, text
from app.http.access import requires
from app.http.lifecycle import get_context
from services import regions
from services.errors import Invalid
from services.rules.workdays import is_calendar_known

bp = Blueprint("console_workdays", __name__)


@bp.get("/console/workdays")
@requires("workdays.edit")
def page() -> str:
    """Which years are known, and the days entered here."""
    ctx = get_context()
    entered = regions.list_workdays(ctx.session)
    years = [(year, is_calendar_known(year), sum(row.on.year == year for row in entered))
             for year in (ctx.today.year, ctx.today.year + 1)]
    return render_template("console/workdays.html", entered=list(reversed(entered)), years=years)


@bp.post("/console/workdays")
@requires("workdays.edit")
@form_page(page)
def set_day() -> Answer:
    """Declare one day a working day or a day off; a day entered again is replaced."""
    kind = text("kind")
    if kind not in ("work", "off"):
        raise Invalid("invalid_input", fields={"kind": "field_not_a_choice"})
    on = required(day("on"), "on")
    regions.set_workday(get_context(), on=on, is_workday=kind == "work", note=required(text("note"), "note"))
    return done("console_workdays.page", f"已设置 {on.isoformat()}。")
