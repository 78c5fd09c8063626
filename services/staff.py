"""Staff sign-in to the console: password, then a time-based code; lockout, expiry, rotation."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import func, literal, select, update
from sqlalchemy.orm import Session

from models.identity import HandlingUnit, LoginSession, Staff
from models.insert_once import insert_once
from models.regions import Region
from services import access, audit
from services.context import CHINA, Actor, Context
from services.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from services.identity import digest
from services.rules.permissions import ROLE_NAMES
from services.rules.typed import same_code

TOTP = "staff.totp"
#: The row that callers get to show.
StaffRow = Staff
PASSWORD_STEP_LIFE = timedelta(minutes=5)
CONSOLE_LIFE = timedelta(hours=10)
PASSWORD_LENGTH = 10
LOCK_AFTER = 5
LOCK_FOR = timedelta(minutes=15)
_STEP = 30


@dataclass(frozen=True)
class ConsoleSession:
    token: str
    expires_at: datetime


def create_staff(ctx: Context, *, login: str, name: str, role: str, region: Region, password: str,
                 unit: HandlingUnit | None = None, totp_secret: str | None = None) -> tuple[Staff, str]:
    """A new member of staff and the TOTP secret to put into an authenticator; the secret is shown once."""
    access.require(ctx, "staff.manage")
    if role not in ROLE_NAMES or (role == "handling_unit") != (unit is not None):
        raise Invalid("field_not_a_choice", fields={"role": "field_not_a_choice"})
    if len(password) < PASSWORD_LENGTH:
        raise Invalid("field_too_short", fields={"password": "field_too_short"})
    if ctx.session.scalar(select(Staff.id).where(Staff.login == login)):
        raise Conflict("field_invalid", fields={"login": "field_invalid"})
    secret = totp_secret or pyotp.random_base32()
    row = Staff(login=login, name=name, role=role, region_id=region.id, unit_id=unit.id if unit else None,
                password_hash=ctx.gateways.passwords.hash(password),
                totp_cipher=ctx.gateways.cipher.seal(secret, TOTP), created_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    audit.record(ctx, "staff.created", f"staff:{row.id}", {"role": role}, region_id=region.id)
    return row, secret


def sign_in(ctx: Context, *, login: str, password: str) -> ConsoleSession:
    """The first factor: a short session that opens only the page for the second one."""
    row = ctx.session.scalar(select(Staff).where(Staff.login == login.strip()).with_for_update())
    if row is None or not row.is_active:
        # The same work for an unknown name, so that the time tells nothing.
        ctx.gateways.passwords.hash(password)
        raise Unauthenticated("sign_in_failed")
    _refuse_locked(ctx, row)
    if not ctx.gateways.passwords.matches(row.password_hash, password):
        raise _counted_failure(ctx, row)
    return _issue(ctx, row, PASSWORD_STEP_LIFE, second_factor=False)


def confirm_second_factor(ctx: Context, *, code: str) -> ConsoleSession:
    """The second factor: a fresh 6-digit code, never one that was used; the token is replaced."""
    row = ctx.session.scalar(select(Staff).where(Staff.id == access.staff_id(ctx)).with_for_update())
    if row is None:
        raise Unauthenticated("session_expired")
    _refuse_locked(ctx, row)
    step = _matching_step(ctx, row, code.strip())
    if step is None:
        raise _counted_failure(ctx, row)
    row.totp_step, row.failed_count, row.locked_until = step, 0, None
    sign_out(ctx)
    audit.record(ctx, "staff.signed_in", f"staff:{row.id}", region_id=row.region_id)
    return _issue(ctx, row, CONSOLE_LIFE, second_factor=True)


def sign_out(ctx: Context) -> None:
    ctx.session.execute(update(LoginSession).where(LoginSession.id == ctx.actor.session_id)
                        .values(revoked_at=ctx.now))


def resolve_console_token(session: Session, token: str, now: datetime) -> tuple[Actor, bool]:
    """The staff behind a console token, and whether the second factor was shown."""
    row = session.execute(
        select(LoginSession.id, LoginSession.second_factor_at, Staff, Region.path)
        .join(Staff, Staff.id == LoginSession.staff_id).join(Region, Region.id == Staff.region_id)
        .where(LoginSession.token_digest == digest(token), LoginSession.revoked_at.is_(None),
               LoginSession.expires_at > now, Staff.is_active)
    ).first()
    if row is None:
        raise Unauthenticated("session_expired")
    return _actor(row.Staff, row.path, session_id=row.id), row.second_factor_at is not None


def _actor(staff: Staff, path: str, *, session_id: int | None = None) -> Actor:
    return Actor(kind="staff", staff_id=staff.id, role=staff.role, region_id=staff.region_id, region_path=path,
                 unit_id=staff.unit_id, session_id=session_id, name=staff.name)


def find_author(ctx: Context, *, region: Region, login: str = "") -> Actor:
    """In whose name a script writes: the login given, else the clerk of the region, else the office above it."""
    over = literal(region.path).startswith(Region.path)
    which = Staff.login == login if login else Staff.role.in_(("township_clerk", "county_office")) & over
    row = ctx.session.execute(
        select(Staff, Region.path).join(Region, Region.id == Staff.region_id).where(which, Staff.is_active)
        .order_by(func.length(Region.path).desc(), Staff.role.desc(), Staff.id).limit(1)).first()
    if row is None:
        raise NotFound("script_author_unknown")
    return _actor(row.Staff, row.path)


def _matching_step(ctx: Context, row: Staff, code: str) -> int | None:
    totp = pyotp.TOTP(ctx.gateways.cipher.open(row.totp_cipher, TOTP))
    current = int(ctx.now.timestamp()) // _STEP
    for step in (current, current - 1, current + 1):
        if step > row.totp_step and same_code(totp.generate_otp(step), code):
            return step
    return None


def _refuse_locked(ctx: Context, row: Staff) -> None:
    if row.locked_until is not None and row.locked_until > ctx.now:
        raise Unauthenticated("sign_in_locked", until=row.locked_until.astimezone(CHINA).strftime("%H:%M"))


def _counted_failure(ctx: Context, row: Staff) -> Unauthenticated:
    row.failed_count += 1
    if row.failed_count >= LOCK_AFTER:
        row.failed_count, row.locked_until = 0, ctx.now + LOCK_FOR
        audit.record(ctx, "staff.locked", f"staff:{row.id}", region_id=row.region_id)
    return Unauthenticated("sign_in_failed", keeps_changes=True)


def _issue(ctx: Context, row: Staff, life: timedelta, *, second_factor: bool) -> ConsoleSession:
    token = secrets.token_urlsafe(32)
    ctx.session.add(LoginSession(
        token_digest=digest(token), staff_id=row.id, created_at=ctx.now, expires_at=ctx.now + life,
        second_factor_at=ctx.now if second_factor else None))
    return ConsoleSession(token, ctx.now + life)


# --- the administrator's list -----------------------------------------------------------------------


@dataclass(frozen=True)
class StaffLine:
    staff: Staff
    region: str
    unit: str | None

    @property
    def role_name(self) -> str:
        return ROLE_NAMES[self.staff.role]


def list_staff(ctx: Context, *, search: str = "", page: int = 1, page_size: int = 20) -> tuple[list[StaffLine], int]:
    """The staff of the actor's region; `search` matches a name or a login."""
    access.require(ctx, "staff.manage")
    query = select(Staff.id).where(access.in_scope(ctx, Staff.region_id))
    if search:
        query = query.where(Staff.name.contains(search, autoescape=True)
                            | Staff.login.contains(search, autoescape=True))
    total = ctx.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = ctx.session.execute(
        select(Staff, Region.name.label("region"), HandlingUnit.name.label("unit"))
        .join(Region, Region.id == Staff.region_id).outerjoin(HandlingUnit, HandlingUnit.id == Staff.unit_id)
        .where(Staff.id.in_(query)).order_by(Staff.id).limit(page_size).offset((page - 1) * page_size))
    return [StaffLine(row.Staff, row.region, row.unit) for row in rows], total


def list_units(ctx: Context) -> list[HandlingUnit]:
    """The handling units that a member of staff may belong to."""
    access.require(ctx, "staff.manage")
    return list(ctx.session.scalars(select(HandlingUnit).where(access.in_scope(ctx, HandlingUnit.region_id))
                                    .order_by(HandlingUnit.name)))


def set_active(ctx: Context, staff_id: int, *, is_active: bool) -> Staff:
    """Let somebody in again, or out for good: the open sessions end with it. Nobody shuts the door on themselves."""
    row = _other_staff(ctx, staff_id)
    row.is_active = is_active
    if not is_active:
        _end_sessions(ctx, row)
    audit.record(ctx, "staff.enabled" if is_active else "staff.disabled", f"staff:{row.id}", region_id=row.region_id)
    return row


def reset_credentials(ctx: Context, staff_id: int, *, password: str) -> tuple[Staff, str]:
    """For a forgotten password or a lost phone: a new password and a new authenticator secret, shown once.

    The open sessions end and a lock is lifted; nobody resets their own.
    """
    row = _other_staff(ctx, staff_id)
    if len(password) < PASSWORD_LENGTH:
        raise Invalid("field_too_short", fields={"password": "field_too_short"})
    secret = pyotp.random_base32()
    row.password_hash = ctx.gateways.passwords.hash(password)
    row.totp_cipher, row.totp_step = ctx.gateways.cipher.seal(secret, TOTP), 0
    row.failed_count, row.locked_until = 0, None
    _end_sessions(ctx, row)
    audit.record(ctx, "staff.credentials_reset", f"staff:{row.id}", region_id=row.region_id)
    return row, secret


def _other_staff(ctx: Context, staff_id: int) -> Staff:
    access.require(ctx, "staff.manage")
    row = ctx.session.scalar(select(Staff).where(Staff.id == staff_id, access.in_scope(ctx, Staff.region_id)))
    if row is None:
        raise NotFound("not_found")
    if row.id == ctx.actor.staff_id:
        raise Forbidden("forbidden")
    return row


def _end_sessions(ctx: Context, row: Staff) -> None:
    ctx.session.execute(update(LoginSession).where(
        LoginSession.staff_id == row.id, LoginSession.revoked_at.is_(None)).values(revoked_at=ctx.now))


def create_unit(ctx: Context, *, region: Region, name: str) -> HandlingUnit:
    """A unit that opinions can be assigned to; its name is unique in its region."""
    access.require(ctx, "staff.manage")
    plain = name.strip()
    if not plain or len(plain) > 60:
        raise Invalid("invalid_input", fields={"name": "field_too_long" if plain else "field_required"})
    unit = insert_once(ctx.session, HandlingUnit, region_id=region.id, name=plain)
    if unit is None:
        raise Conflict("unit_name_taken", fields={"name": "unit_name_taken"})
    audit.record(ctx, "unit.created", f"unit:{unit.id}", {"name": plain}, region_id=region.id)
    return unit


def names_of(session: Session, staff_ids: Iterable[int]) -> dict[int, str]:
    rows = session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(list(staff_ids))))
    return dict(rows.all())
