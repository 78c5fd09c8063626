"""What may still happen to a notice after it was sent: correction, withdrawal, a reminder to the unread.

Each is a follow-up: a notice of its own with its own deliveries, linked to the one it follows.
"""

from dataclasses import replace

from sqlalchemy import select

from models.notices import Notice
from services import access, audiences, audit, campaigns, notices
from services.context import Context
from services.errors import Conflict, Invalid
from services.notices import NoticeForm


def _access_sent(ctx: Context, notice_id: int) -> Notice:
    """A sent notice that is not itself a follow-up."""
    notice = access.access_notice(ctx, notice_id, "notices.send")
    if notice.follow_up is not None:
        raise Conflict("notice_is_follow_up")
    if notice.state == "withdrawn":
        raise Conflict("notice_withdrawn")
    if notice.state != "sent":
        raise Conflict("notice_not_sent")
    return notice


def draft_correction(ctx: Context, notice_id: int, form: NoticeForm) -> Notice:
    """The new text as a draft; sent like any notice, it replaces the old text and is told to who read that."""
    notice = _access_sent(ctx, notice_id)
    if not (form.note or "").strip():
        raise Invalid("notice_note_required", fields={"note": "field_required"})
    notices.check(form)
    if ctx.session.scalar(select(Notice.id).where(
            Notice.follows_id == notice.id, Notice.follow_up == "correction", Notice.state != "sent")) is not None:
        raise Conflict("correction_open")
    own = replace(form, kind=notice.kind, needs_confirmation=notice.needs_confirmation)
    correction = _follow_up(ctx, notice, "correction", **own.texts)
    audiences.follow(ctx, correction, kind="readers")
    audit.record(ctx, "notice.drafted", f"notice:{correction.id}", {"corrects": notice.id},
                 region_id=notice.region_id)
    return correction


def _follow_up(ctx: Context, notice: Notice, follow_up: str, **texts: object) -> Notice:
    row = Notice(region_id=notice.region_id, audience=notice.audience, follows_id=notice.id, follow_up=follow_up,
                 created_by=access.staff_id(ctx), created_at=ctx.now, **texts)
    ctx.session.add(row)
    ctx.session.flush()
    return row


def withdraw(ctx: Context, notice_id: int, *, reason: str) -> Notice:
    """Show the reason in place of the text, stop what has not left yet, and tell those who read it, at once."""
    notice = _access_sent(ctx, notice_id)
    text = reason.strip()
    if not text:
        raise Invalid("reason_required", fields={"reason": "field_required"})
    _stop(ctx, notice)
    notice.state, notice.withdrawn_at, notice.withdraw_reason = "withdrawn", ctx.now, text
    audit.record(ctx, "notice.withdrawn", f"notice:{notice.id}", {"reason": text}, region_id=notice.region_id)
    word = _follow_up(ctx, notice, "withdrawal", kind=notice.kind, body=text, needs_confirmation=False,
                      title=notices.title_of("withdrawal", notice.title))
    audiences.follow(ctx, word, kind="readers")
    notices.dispatch(ctx, word)
    return notice


def _stop(ctx: Context, notice: Notice) -> None:
    """End the sending of the notice and of its follow-ups; what a worker has in hand still arrives."""
    sent = select(Notice.id).where(
        Notice.follows_id == notice.id, Notice.state == "sent").order_by(Notice.id)
    for number in (notice.id, *ctx.session.scalars(sent)):
        campaigns.stop(ctx, number)


def remind(ctx: Context, notice_id: int) -> Notice:
    """Push once more to those who did not read it and can be reached; once a day for each notice."""
    notice = _access_sent(ctx, notice_id)
    if notice.audience == "residents":
        raise Conflict("notice_public_no_reminder")
    if ctx.session.scalar(select(Notice.id).where(
            Notice.follows_id == notice.id, Notice.remind_on == ctx.today)) is not None:
        raise Conflict("reminded_today")
    reminder = _follow_up(ctx, notice, "reminder", kind=notice.kind, body=notice.body, place=notice.place,
                          starts_at=notice.starts_at, needs_confirmation=False, remind_on=ctx.today,
                          title=notices.title_of("reminder", notice.title))
    audiences.follow(ctx, reminder, kind="unread")
    reminder.submitted_by = access.staff_id(ctx)
    audit.record(ctx, "notice.reminded", f"notice:{notice.id}", {"by": reminder.id}, region_id=notice.region_id)
    return notices.release(ctx, reminder)
