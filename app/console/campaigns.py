"""The sending of one notice, live: progress and pace, the platform's last words, pause, resume and stop."""

from flask import Blueprint, render_template

from app.console.forms import Answer, done, form_page
from app.http.access import requires
from app.http.lifecycle import get_context
from services import campaigns, notices

bp = Blueprint("console_campaigns", __name__)


@bp.get("/console/notices/<int:notice_id>/sending")
@requires("notices.view")
def sending_page(notice_id: int) -> str:
    """How far the sending is, and what may be done about it."""
    ctx = get_context()
    return render_template("console/notice_sending.html", notice=notices.get_for_staff(ctx, notice_id),
                           progress=campaigns.progress(ctx, notice_id))


@bp.post("/console/notices/<int:notice_id>/sending/pause")
@requires("notices.send")
@form_page(sending_page)
def pause(notice_id: int) -> Answer:
    """Take no further people; what is on its way arrives."""
    campaigns.pause(get_context(), notice_id)
    return done("console_campaigns.sending_page", "已暂停，尚未发送的会等您继续。", notice_id=notice_id)


@bp.post("/console/notices/<int:notice_id>/sending/resume")
@requires("notices.send")
@form_page(sending_page)
def resume(notice_id: int) -> Answer:
    """Go on with those still waiting."""
    campaigns.resume(get_context(), notice_id)
    return done("console_campaigns.sending_page", "已继续发送，不会重复发给已收到的人。", notice_id=notice_id)


@bp.post("/console/notices/<int:notice_id>/sending/stop")
@requires("notices.send")
@form_page(sending_page)
def stop(notice_id: int) -> Answer:
    """End it; who is still waiting is on the phone list."""
    campaigns.stop(get_context(), notice_id)
    return done("console_campaigns.sending_page", "已停止，其余人员已转入电话通知名单。", notice_id=notice_id)
