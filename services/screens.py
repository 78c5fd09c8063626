"""The wall screens of stations: linked once by a clerk, then on their own until they are withdrawn (签到大屏).

A screen's token opens the wall of its one station and nothing else.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from models.identity import Staff
from models.stations import Station, StationScreen
from services import access, audit
from services.context import Actor, Context
from services.errors import Invalid, Unauthenticated
from services.identity import digest
from services.rules.typed import normalised

LINK_LIFE = timedelta(minutes=15)
#: A screen that was dark this long has to be linked again.
DARK = timedelta(days=30)
#: How often a screen says that it is there; one that missed three times is off.
HEARTBEAT = timedelta(minutes=10)
MAX_LABEL = 20
STATE_NAMES = {"waiting": "等待输入开通码", "on": "在线", "off": "离线", "lapsed": "已失效，请重新开通"}
#: Without 0, 1, I and O: a code is read off one screen and typed on another.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE_LENGTH = 8


def create_link(ctx: Context, station_id: int, *, label: str) -> tuple[StationScreen, str]:
    """A code that opens one screen of this station, once, within a quarter of an hour; it is shown only now."""
    station = access.access_station(ctx, station_id, "stations.screen")
    if len(label.strip()) > MAX_LABEL:
        raise Invalid("invalid_input", fields={"label": "field_too_long"})
    code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
    row = StationScreen(station_id=station.id, label=label.strip() or "大屏", code_digest=digest(code),
                        code_expires_at=ctx.now + LINK_LIFE, created_by=access.staff_id(ctx), created_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    audit.record(ctx, "screen.linked", f"screen:{row.id}", {"station": station.id}, region_id=station.region_id)
    return row, code


def activate(ctx: Context, *, code: str) -> str:
    """Spend a code; returns the token of the screen that typed it, which is no other screen any more."""
    token = secrets.token_urlsafe(32)
    typed = normalised(code).upper().replace(" ", "").replace("-", "")
    row = ctx.session.scalar(
        update(StationScreen)
        .where(StationScreen.code_digest == digest(typed), StationScreen.opened_at.is_(None),
               StationScreen.revoked_at.is_(None), StationScreen.code_expires_at > ctx.now)
        .values(token_digest=digest(token), opened_at=ctx.now, seen_at=ctx.now).returning(StationScreen))
    if row is None:
        raise Invalid("screen_link_wrong", fields={"code": "screen_link_wrong"})
    if ctx.actor.screen_id is not None:
        ctx.session.execute(update(StationScreen).where(StationScreen.id == ctx.actor.screen_id)
                            .values(revoked_at=ctx.now))
    region_id = ctx.session.get_one(Station, row.station_id).region_id
    audit.record(ctx, "screen.opened", f"screen:{row.id}", {"station": row.station_id}, region_id=region_id)
    return token


def resolve_token(session: Session, token: str, now: datetime) -> Actor:
    """The screen behind a token; withdrawn, long dark and unknown ones are refused alike."""
    row = session.scalar(select(StationScreen).where(
        StationScreen.token_digest == digest(token), StationScreen.revoked_at.is_(None),
        StationScreen.seen_at > now - DARK))
    if row is None:
        raise Unauthenticated("screen_not_linked")
    return Actor(kind="screen", screen_id=row.id, station_id=row.station_id)


def station_of(ctx: Context) -> Station:
    """The one station that the screen asking may show."""
    if ctx.actor.station_id is None:
        raise Unauthenticated("screen_not_linked")
    return ctx.session.get_one(Station, ctx.actor.station_id)


def mark_seen(ctx: Context) -> None:
    ctx.session.execute(update(StationScreen).where(StationScreen.id == ctx.actor.screen_id).values(seen_at=ctx.now))


@dataclass(frozen=True)
class ScreenLine:
    row: StationScreen
    state: str
    author: str

    @property
    def state_name(self) -> str:
        return STATE_NAMES[self.state]


def list_for_station(ctx: Context, station_id: int) -> list[ScreenLine]:
    """The screens of a station and the codes that wait to be typed; what was withdrawn or ran out is left out."""
    station = access.access_station(ctx, station_id, "stations.screen")
    rows = ctx.session.execute(
        select(StationScreen, Staff.name).join(Staff, Staff.id == StationScreen.created_by)
        .where(StationScreen.station_id == station.id, StationScreen.revoked_at.is_(None),
               or_(StationScreen.opened_at.is_not(None), StationScreen.code_expires_at > ctx.now))
        .order_by(StationScreen.id))
    return [ScreenLine(row, _state(row, ctx.now), name) for row, name in rows]


def _state(row: StationScreen, now: datetime) -> str:
    if row.seen_at is None:
        return "waiting"
    if row.seen_at <= now - DARK:
        return "lapsed"
    return "on" if row.seen_at > now - 3 * HEARTBEAT else "off"


def revoke(ctx: Context, station_id: int, screen_id: int) -> StationScreen:
    """Withdraw a screen, or a code nobody typed yet: from this moment it shows nothing."""
    row = access.access_screen(ctx, station_id, screen_id, "stations.screen")
    if row.revoked_at is None:
        row.revoked_at = ctx.now
        audit.record(ctx, "screen.revoked", f"screen:{row.id}", {"station": station_id})
    return row
