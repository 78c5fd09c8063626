"""Notices as their readers have them, and what they subscribe to (通知)."""

from typing import Literal

from apiflask import APIBlueprint
from flask import Response
from pydantic import BaseModel, Field

from app.http.access import requires
from app.http.idempotency import given_key
from app.http.lifecycle import get_context
from app.http.openapi import also_answers
from app.http.paging import PageQuery, paged
from app.http.times import iso
from services import me, notice_reading, subscriptions

bp = APIBlueprint("notices", __name__, url_prefix="/api/v1", tag="notices")


class NoticeBrief(BaseModel):
    id: int
    title: str
    kind_name: str
    issuer: str
    sent_at: str
    starts_at: str | None
    place: str | None
    read_at: str | None
    confirmed_at: str | None
    needs_confirmation: bool
    corrected_at: str | None
    withdrawn_at: str | None
    #: When leave was asked; the clerk sees the reason.
    leave_at: str | None


class NoticeOut(NoticeBrief):
    #: Empty after a withdrawal, which gives its reason instead.
    body: str
    correction_note: str | None
    withdraw_reason: str | None
    leave_reason: str | None


class LeaveIn(BaseModel):
    reason: str = Field(min_length=1, max_length=notice_reading.MAX_REASON)


class NoticePage(BaseModel):
    items: list[NoticeBrief]
    page: int
    page_size: int
    total: int


class NoticeQuery(PageQuery):
    unread: bool | None = None


class SubscriptionResult(BaseModel):
    template_id: str = Field(min_length=1, max_length=64)
    result: Literal["accept", "reject", "ban", "filter"]


class SubscriptionsIn(BaseModel):
    results: list[SubscriptionResult] = Field(min_length=1, max_length=5)


class Recorded(BaseModel):
    recorded: int


def show_line(row: notice_reading.ReaderLine) -> dict[str, object]:
    return {"id": row.id, "title": row.title, "kind_name": row.kind_name, "issuer": row.issuer,
            "sent_at": iso(row.sent_at), "starts_at": iso(row.starts_at), "place": row.place,
            "read_at": iso(row.read_at), "confirmed_at": iso(row.confirmed_at),
            "needs_confirmation": row.needs_confirmation, "corrected_at": iso(row.corrected_at),
            "withdrawn_at": iso(row.withdrawn_at), "leave_at": iso(row.leave_at)}


def show_notice(card: notice_reading.NoticeCard) -> dict[str, object]:
    row, delivery, leave = card.notice, card.delivery, card.leave
    return {"id": row.id, "title": row.title, "kind_name": card.kind_name, "issuer": card.issuer,
            "body": "" if card.is_withdrawn else row.body, "correction_note": card.correction_note,
            "withdraw_reason": row.withdraw_reason, "corrected_at": iso(row.corrected_at),
            "withdrawn_at": iso(row.withdrawn_at), "leave_at": iso(leave.at) if leave else None,
            "leave_reason": leave.reason if leave else None,
            "sent_at": iso(row.sent_at), "starts_at": iso(row.starts_at), "place": row.place,
            "read_at": iso(delivery.read_at) if delivery and not card.is_unread else None,
            "confirmed_at": iso(delivery.confirmed_at) if delivery else None,
            "needs_confirmation": card.must_answer}


@bp.get("/notices")
@requires("account")
@bp.input(NoticeQuery, location="query")
@bp.output(NoticePage)
def list_notices(query_data: NoticeQuery) -> dict[str, object]:
    """A deputy's own notices; a resident's public ones."""
    found = notice_reading.list_mine(get_context(), unread=query_data.unread, page=query_data.page,
                              page_size=query_data.page_size)
    return paged(found, query_data, show_line)


@bp.get("/notices/<int:notice_id>")
@requires("account")
@bp.output(NoticeOut)
def get_notice(notice_id: int) -> dict[str, object]:
    """One notice with its text; looking does not count as reading."""
    return show_notice(notice_reading.get_mine(get_context(), notice_id))


@bp.post("/notices/<int:notice_id>/read")
@requires("account")
@bp.output(NoticeOut)
def read_notice(notice_id: int) -> dict[str, object]:
    """Note that the person opened it; the first time counts."""
    return show_notice(notice_reading.mark_read(get_context(), notice_id))


@bp.post("/notices/<int:notice_id>/confirmation")
@requires("account")
@bp.output(NoticeOut)
def confirm_notice(notice_id: int) -> dict[str, object]:
    """Acknowledge; the first time counts."""
    return show_notice(notice_reading.confirm(get_context(), notice_id))


@bp.post("/notices/<int:notice_id>/leave")
@requires("account")
@bp.input(LeaveIn)
@bp.output(NoticeOut)
def ask_leave(notice_id: int, json_data: LeaveIn) -> dict[str, object]:
    """Will not come, with the reason; an acknowledgement takes it back."""
    return show_notice(notice_reading.ask_leave(get_context(), notice_id, reason=json_data.reason))


@bp.get("/notices/<int:notice_id>/calendar.ics")
@requires("account")
@bp.doc(responses=also_answers(200, "The event", "text/calendar"))
def get_calendar(notice_id: int) -> Response:
    """Place and time for a calendar (RFC 5545)."""
    content = notice_reading.build_calendar(get_context(), notice_id)
    return Response(content, mimetype="text/calendar", headers={
        "Content-Disposition": f"attachment; filename=notice-{notice_id}.ics", "Cache-Control": "no-store"})


@bp.post("/subscriptions")
@requires("account")
@bp.input(SubscriptionsIn)
@bp.output(Recorded)
def record_subscriptions(json_data: SubscriptionsIn) -> dict[str, int]:
    """What wx.requestSubscribeMessage gave; the platform's own event has the last word."""
    ctx = get_context()
    openid = me.own_openid(ctx)
    if openid is None:
        return {"recorded": 0}
    key = given_key() or ctx.request_id
    done = [subscriptions.record_subscription(ctx, openid=openid, template_id=item.template_id, result=item.result,
                                        origin="phone", dedupe_key=f"phone:{openid}:{key}:{item.template_id}")
            for item in json_data.results]
    return {"recorded": sum(done)}
