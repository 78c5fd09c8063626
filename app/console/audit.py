"""The audit log and the proof that nothing of it was changed (审计日志)."""

import json

from flask import Blueprint, render_template, request

from app.console.rendering import listing, page_number
from app.http.access import requires
from app.http.lifecycle import get_context
from services import audit, reports, staff

bp = Blueprint("console_audit", __name__)
_ROWS = 50


@bp.get("/console/audit")
@requires("audit.view")
def list_page() -> str:
    """Who did what to what, newest first."""
    return _show(None)


@bp.post("/console/audit/verify")
@requires("audit.verify")
def verify() -> str:
    """Walk the whole chain and say whether it holds."""
    return _show(audit.verify_chain(get_context().session))


def _show(report: audit.ChainReport | None) -> str:
    ctx = get_context()
    which = reports.AuditFilter(*(request.args.get(name, "").strip() for name in ("actor", "action", "subject")))
    rows, total = reports.list_audit(ctx, which, page=page_number(), page_size=_ROWS)
    ids = {int(row.actor.split(":")[1]) for row in rows if row.actor.startswith("staff:")}
    return render_template(
        "console/audit_list.html", which=which, report=report, names=staff.names_of(ctx.session, ids),
        listing=listing((rows, total), "console_audit.list_page", size=_ROWS), compact=_compact)


def _compact(changes: dict[str, object]) -> str:
    return json.dumps(changes, ensure_ascii=False, separators=(", ", ": ")) if changes else ""
