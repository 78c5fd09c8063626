"""The first page: what waits today, each figure a link to the list it counts (工作台)."""

from datetime import date

from flask import Blueprint, redirect, render_template

from app.api.health import check_all
from app.console.forms import Answer
from app.console.rendering import first_page, may
from app.http.access import requires
from app.http.lifecycle import get_context
from app.program import current_program
from services import regions, reports
from services.context import Context
from services.rules.workdays import is_calendar_known

bp = Blueprint("console_home", __name__)


@bp.get("/console/")
@requires("staff")
def dashboard() -> Answer:
    """The figures of the moment; a role without them begins on its own first page."""
    if not may("dashboard.view"):
        return redirect(first_page())  # type: ignore[return-value]
    ctx = get_context()
    return render_template("console/dashboard.html", tiles=reports.build_dashboard(ctx), now=ctx.now,
                           warnings=list_warnings(ctx))


def list_warnings(ctx: Context) -> list[str]:
    """What staff should know about the installation itself: stopped work, a calendar without its holidays."""
    checks = check_all(current_program())
    found = []
    if checks["worker"] != "ok":
        found.append("后台任务没有运行，通知推送、内容检测会延迟，请联系系统管理员。")
    if checks["queue"] == "stuck":
        found.append("任务队列长时间没有处理，通知可能延迟送达，请联系系统管理员。")
    elif checks["queue"].startswith("dead"):
        found.append("有任务多次失败后停止重试，请联系系统管理员处理。")
    if checks["redis"] != "ok":
        found.append("限流服务不可用，登录等功能暂停，请联系系统管理员。")
    return found + _calendar_warnings(ctx)


def _calendar_warnings(ctx: Context) -> list[str]:
    entered = {row.on.year for row in regions.list_workdays(ctx.session)}
    return [f"{year}年放假调休安排尚未录入，{year}年的办理期限暂按周一至周五计算，请在“工作日历”中补录。"
            for year in _years_in_view(ctx.today) if not is_calendar_known(year) and year not in entered]


def _years_in_view(today: date) -> tuple[int, ...]:
    """This year, and from November on the next one: the State Council publishes its arrangement about then."""
    return (today.year, today.year + 1) if today.month >= 11 else (today.year,)
