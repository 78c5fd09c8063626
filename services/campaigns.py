"""How the sending of one notice stands: a first few, then all; paused, stopped or resumed by staff or by the platform.

A large notice starts with a canary: twenty people, whose outcome decides whether the rest follows. What the
platform refuses for everybody alike stops the rest, which stays queued and goes on where it was.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ScalarResult, Select, exists, func, select, update

from models.insert_once import insert_once
from models.notices import NoticeDelivery, PushCampaign
from services import access, audit, outbox
from services.context import Context
from services.errors import Conflict

STATE_NAMES = {"canary": "试发中", "running": "发送中", "paused": "已暂停", "stopped": "已停止"}
REASON_NAMES = {
    "by_staff": "由工作人员操作", "canary_failed": "试发的失败过多", "template_invalid": "消息模板有误，请先更正模板",
    "account_refused": "平台拒绝本账号发送，请检查小程序配置", "quota": "平台额度已用完，到时自动继续",
    "too_old": "超过一天没有发完，其余改为电话通知",
}
CANARY = 20
#: A notice with fewer waiting than this goes out at once.
CANARY_FROM = 100
CANARY_WAIT = timedelta(seconds=60)
#: More failures than one in five that have nothing to do with the person stop the rest.
CANARY_TOLERANCE = 5
#: What cannot go out within this is for the telephone: a deputy must hear of a meeting before it.
GIVE_UP = timedelta(hours=24)
_PERSONAL = ("not_subscribed", "openid_invalid", "user_block", "refused", "not_bound", "not_claimed")
_UNDECIDED = ("sending", "accepted")


@dataclass(frozen=True)
class Permit:
    """How many deliveries may be taken now; none and `is_waiting` means: ask again a little later."""

    limit: int
    is_waiting: bool = False


def open_campaign(ctx: Context, notice_id: int) -> PushCampaign:
    """The campaign of a notice, locked; made when its sending is first asked for."""
    found = _locked(ctx, notice_id).one_or_none()
    if found is None:
        waiting = ctx.session.scalar(select(func.count()).select_from(NoticeDelivery).where(
            NoticeDelivery.notice_id == notice_id, NoticeDelivery.state == "queued")) or 0
        state = "canary" if waiting >= CANARY_FROM else "running"
        insert_once(ctx.session, PushCampaign, notice_id=notice_id, state=state, changed_at=ctx.now)
        found = _locked(ctx, notice_id).one()
    return found


def _locked(ctx: Context, notice_id: int) -> ScalarResult[PushCampaign]:
    return ctx.session.scalars(select(PushCampaign).where(PushCampaign.notice_id == notice_id).with_for_update()
                               .execution_options(populate_existing=True))


def permit(ctx: Context, notice_id: int, *, limit: int) -> Permit:
    """How many deliveries of this notice may be claimed now."""
    campaign = open_campaign(ctx, notice_id)
    if campaign.state == "paused" and campaign.paused_until is not None and campaign.paused_until <= ctx.now:
        campaign.state, campaign.reason, campaign.paused_until = "running", None, None
    if campaign.state in ("paused", "stopped"):
        return Permit(0)
    if campaign.state == "canary":
        return _permit_canary(ctx, campaign, limit)
    return Permit(limit)


def held(ctx: Context) -> Select[int]:
    """Notices whose campaign gives nothing out now, as a subquery."""
    return select(PushCampaign.notice_id).where(
        PushCampaign.state.in_(("paused", "stopped")),
        PushCampaign.paused_until.is_(None) | (PushCampaign.paused_until > ctx.now))


def _permit_canary(ctx: Context, campaign: PushCampaign, limit: int) -> Permit:
    counts: dict[tuple[str, str | None], int] = {
        (state, reason): number for state, reason, number in ctx.session.execute(
            select(NoticeDelivery.state, NoticeDelivery.reason, func.count())
            .where(NoticeDelivery.notice_id == campaign.notice_id, NoticeDelivery.attempts > 0)
            .group_by(NoticeDelivery.state, NoticeDelivery.reason))}
    tried = sum(counts.values())
    if tried < CANARY:
        return Permit(min(limit, CANARY - tried))
    if campaign.paused_until is None:
        campaign.paused_until = ctx.now + CANARY_WAIT
    if any(state in _UNDECIDED for state, _reason in counts) and ctx.now < campaign.paused_until:
        return Permit(0, is_waiting=True)
    failed = sum(number for (state, reason), number in counts.items()
                 if state == "rejected" and reason not in _PERSONAL)
    campaign.paused_until = None
    if failed * CANARY_TOLERANCE > tried:
        _set(ctx, campaign, "stopped", "canary_failed")
        return Permit(0)
    _set(ctx, campaign, "running", None)
    return Permit(limit)


# --- what the platform says -------------------------------------------------------------------------


@dataclass(frozen=True)
class Trouble:
    """An answer that concerns every message: `wait_seconds` until a quota returns, or 0 when people must look."""

    reason: str
    code: str = ""
    rid: str = ""
    wait_seconds: int = 0


def note_trouble(ctx: Context, notice_id: int, trouble: Trouble) -> None:
    """Pause until the quota is back, or stop until staff has looked; what is queued stays queued."""
    campaign = open_campaign(ctx, notice_id)
    campaign.last_code, campaign.last_rid = trouble.code, trouble.rid
    if campaign.state == "stopped" or (campaign.state == "paused" and campaign.paused_until is None):
        return  # staff or a graver answer decided already
    if trouble.wait_seconds:
        _set(ctx, campaign, "paused", "quota", ctx.now + timedelta(seconds=trouble.wait_seconds))
    else:
        _set(ctx, campaign, "stopped", trouble.reason)


def note_error(ctx: Context, notice_id: int, *, code: str, rid: str) -> None:
    """Keep the platform's last words about a single message, for the page and for its support."""
    ctx.session.execute(update(PushCampaign).where(PushCampaign.notice_id == notice_id)
                        .values(last_code=code, last_rid=rid))


def _set(ctx: Context, campaign: PushCampaign, state: Literal["canary", "running", "paused", "stopped"],
         reason: str | None, until: datetime | None = None) -> None:
    campaign.state, campaign.reason, campaign.paused_until, campaign.changed_at = state, reason, until, ctx.now
    audit.record(ctx, f"campaign.{state}", f"notice:{campaign.notice_id}", {"reason": reason})


# --- staff ------------------------------------------------------------------------------------------


def pause(ctx: Context, notice_id: int) -> PushCampaign:
    """Take no further deliveries; what is on its way arrives."""
    campaign = _of_staff(ctx, notice_id)
    if campaign.state not in ("canary", "running"):
        raise Conflict("campaign_not_running")
    _set(ctx, campaign, "paused", "by_staff")
    return campaign


def resume(ctx: Context, notice_id: int) -> PushCampaign:
    """Go on with what is queued, after a pause or a stop."""
    campaign = _of_staff(ctx, notice_id)
    if campaign.state not in ("paused", "stopped"):
        raise Conflict("campaign_running")
    _set(ctx, campaign, "running", None)
    outbox.publish(ctx, "notice.sent", notice_id=notice_id)
    return campaign


def stop(ctx: Context, notice_id: int) -> PushCampaign:
    """End the sending: everybody still queued is on the phone list."""
    campaign = _of_staff(ctx, notice_id)
    _set(ctx, campaign, "stopped", "by_staff")
    _to_phone_list(ctx, notice_id, "stopped")
    return campaign


def _of_staff(ctx: Context, notice_id: int) -> PushCampaign:
    notice = access.access_notice(ctx, notice_id, "notices.send")
    if notice.state != "sent":
        raise Conflict("notice_not_sent")
    return open_campaign(ctx, notice.id)


def _to_phone_list(ctx: Context, notice_id: int, reason: str) -> None:
    ctx.session.execute(
        update(NoticeDelivery).where(NoticeDelivery.notice_id == notice_id, NoticeDelivery.state == "queued")
        .values(state="unreachable", channel="phone_list", reason=reason, settled_at=ctx.now, lease_until=None))


def give_up_old(ctx: Context) -> int:
    """Hand the rest of campaigns that stood still for a day to the telephone; returns how many campaigns."""
    old = ctx.session.scalars(
        select(PushCampaign).where(
            PushCampaign.changed_at <= ctx.now - GIVE_UP,
            select(NoticeDelivery.id).where(NoticeDelivery.notice_id == PushCampaign.notice_id,
                                            NoticeDelivery.state == "queued").exists())
        .with_for_update(skip_locked=True)).all()
    for campaign in old:
        _set(ctx, campaign, "stopped", "too_old")
        _to_phone_list(ctx, campaign.notice_id, "expired")
    return len(old)


def is_settled(ctx: Context, notice_id: int) -> bool:
    """Whether nothing more will happen by itself to any delivery of a notice."""
    notice = access.access_notice(ctx, notice_id, "notices.view")
    return not ctx.session.scalar(select(exists().where(
        NoticeDelivery.notice_id == notice.id, NoticeDelivery.settled_at.is_(None))))


# --- the page ---------------------------------------------------------------------------------------

_RATE_WINDOW = timedelta(seconds=60)


@dataclass(frozen=True)
class Progress:
    """Counts by state, messages a second over the last minute, and seconds to the end at that pace."""

    state: str
    state_name: str
    reason_name: str
    paused_until: datetime | None
    counts: dict[str, int]
    total: int
    per_second: float
    seconds_left: int | None
    last_code: str
    last_rid: str

    @property
    def waiting(self) -> int:
        return self.counts.get("queued", 0) + self.counts.get("sending", 0)

    @property
    def is_live(self) -> bool:
        """Whether the page has news to expect."""
        return self.waiting > 0 and self.state in ("canary", "running")


def progress(ctx: Context, notice_id: int) -> Progress:
    """Where the sending of a notice stands now."""
    notice = access.access_notice(ctx, notice_id, "notices.view")
    campaign = ctx.session.get(PushCampaign, notice.id)
    counts: dict[str, int] = dict(ctx.session.execute(
        select(NoticeDelivery.state, func.count()).where(NoticeDelivery.notice_id == notice.id)
        .group_by(NoticeDelivery.state)).all())
    recent = ctx.session.scalar(select(func.count()).select_from(NoticeDelivery).where(
        NoticeDelivery.notice_id == notice.id, NoticeDelivery.accepted_at > ctx.now - _RATE_WINDOW)) or 0
    per_second = recent / _RATE_WINDOW.total_seconds()
    waiting = counts.get("queued", 0) + counts.get("sending", 0)
    state = campaign.state if campaign else "running"
    return Progress(
        state=state, state_name=STATE_NAMES[state] if waiting or state == "stopped" else "已发完",
        reason_name=REASON_NAMES.get(campaign.reason or "", "") if campaign else "",
        paused_until=campaign.paused_until if campaign and state == "paused" else None, counts=counts,
        total=sum(counts.values()), per_second=per_second,
        seconds_left=round(waiting / per_second) if waiting and per_second else None,
        last_code=campaign.last_code if campaign else "", last_rid=campaign.last_rid if campaign else "")
