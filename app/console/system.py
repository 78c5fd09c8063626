"""Whether the installation itself works: workers, periodic jobs, the queue (系统运行)."""

from flask import Blueprint, render_template

from app.api.health import check_all
from app.console.home import list_warnings
from app.http.access import requires
from app.http.lifecycle import get_context
from app.program import current_program
from services import outbox, schedule

bp = Blueprint("console_system", __name__)
CHECKS = {"database": "数据库", "redis": "限流与缓存", "worker": "后台任务", "queue": "任务队列"}
WORDS = {"ok": "正常", "away": "连不上", "stopped": "没有运行", "stuck": "积压", "unknown": "不明"}


@bp.get("/console/system")
@requires("system.view")
def page() -> str:
    """Checks of the moment, who works, what ran, what waits."""
    ctx = get_context()
    checks = [(CHECKS[name], WORDS.get(found, f"失败{found.removeprefix('dead ')}件"), found == "ok")
              for name, found in check_all(current_program()).items()]
    return render_template(
        "console/system.html", checks=checks, workers=schedule.list_workers(ctx.session, ctx.now),
        runs=schedule.latest_runs(ctx.session), backlog=outbox.backlog(ctx.session, ctx.now), now=ctx.now,
        warnings=list_warnings(ctx))
