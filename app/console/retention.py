"""What is kept for how long, what waits for its end, and what the last runs did (保存期限)."""

from flask import Blueprint, render_template

from app.http.access import requires
from app.http.lifecycle import get_context
from app.jobs.schedule import next_due
from services import retention
from services.rules.retention import BY_NAME, FATE_NAMES

bp = Blueprint("console_retention", __name__)


@bp.get("/console/retention")
@requires("audit.view")
def page() -> str:
    """The declared table as it stands."""
    ctx = get_context()
    return render_template("console/retention.html", found=retention.build_overview(ctx), fates=FATE_NAMES,
                           rules=BY_NAME, next_due=next_due("retention", ctx.now))
