"""Mandates: corrected, ended one by one or with the term of their congress, and an end taken back (职务、换届)."""

from flask import Blueprint, render_template

from app.console.forms import Answer, day, done, form_page, number, required, text
from app.http.access import requires
from app.http.lifecycle import get_context
from services import access, deputies, mandates, persons
from services.rules.mandate_ends import REASONS

bp = Blueprint("console_mandates", __name__)


def _show(template: str, mandate_id: int) -> str:
    """A page about one mandate and its deputy."""
    ctx = get_context()
    mandate = access.access_mandate(ctx, mandate_id, "roster.edit")
    delegation, known = persons.delegations_of(ctx, mandate)
    return render_template(
        template, mandate=mandate, card=deputies.get_card(ctx.session, mandate.person_id), today=ctx.today,
        congress=deputies.congress_name(ctx.session, mandate.congress_id), delegation=delegation, known=known,
        reasons=REASONS)


@bp.get("/console/roster/mandates/<int:mandate_id>/edit")
@requires("roster.edit")
def edit_page(mandate_id: int) -> str:
    """Constituency, delegation, number and first day."""
    return _show("console/mandate_edit.html", mandate_id)


@bp.post("/console/roster/mandates/<int:mandate_id>/edit")
@requires("roster.edit")
@form_page(edit_page)
def update(mandate_id: int) -> Answer:
    """Correct the mandate."""
    mandate = persons.edit_mandate(get_context(), mandate_id, persons.MandateForm(
        text("deputy_no"), text("constituency"), text("delegation"), required(day("began_on"), "began_on")))
    return done("console_roster.detail_page", "已保存任职信息。", person_id=mandate.person_id)


@bp.get("/console/roster/mandates/<int:mandate_id>/end")
@requires("roster.edit")
def end_page(mandate_id: int) -> str:
    """What ends with the mandate, and the confirmation; for an ended one how to take a mistake back."""
    return _show("console/mandate_end.html", mandate_id)


@bp.post("/console/roster/mandates/<int:mandate_id>/end")
@requires("roster.edit")
@form_page(end_page)
def end(mandate_id: int) -> Answer:
    """End the mandate."""
    mandate = mandates.end_mandate(get_context(), mandate_id, mandates.Ending(
        text("reason"), required(day("ended_on"), "ended_on"), text("note")))
    return done("console_roster.detail_page", "已终止这项职务，履职记录和积分都保留。", person_id=mandate.person_id)


@bp.post("/console/roster/mandates/<int:mandate_id>/restore")
@requires("roster.edit")
@form_page(end_page)
def restore(mandate_id: int) -> Answer:
    """Take back an end that was entered by mistake."""
    mandate = mandates.restore_mandate(get_context(), mandate_id, reason=text("reason"))
    return done("console_roster.detail_page", "已撤销终止，职务恢复在任。", person_id=mandate.person_id)


# --- terms ------------------------------------------------------------------------------------------


@bp.get("/console/roster/congresses")
@requires("roster.edit")
def congresses_page() -> str:
    """The congresses of the region and how their mandates stand."""
    return render_template("console/congresses_list.html", congresses=mandates.list_congresses(get_context()))


@bp.get("/console/roster/congresses/<int:congress_id>/end")
@requires("roster.edit")
def term_page(congress_id: int) -> str:
    """How many mandates end with the term, and how many people then hold none."""
    ctx = get_context()
    return render_template("console/congress_end.html", congress=mandates.get_congress(ctx, congress_id),
                           forecast=mandates.forecast_term_end(ctx, congress_id), today=ctx.today)


@bp.post("/console/roster/congresses/<int:congress_id>/end")
@requires("roster.edit")
@form_page(term_page)
def end_term(congress_id: int) -> Answer:
    """End the term; the number of mandates is typed to confirm."""
    count = mandates.end_term(get_context(), congress_id, ended_on=required(day("ended_on"), "ended_on"),
                              note=text("note"), count=number("count"))
    return done("console_mandates.congresses_page", f"已终止本届{count}项职务，履职记录和积分都保留。")
