"""A sitting of the congress: its frozen roll, and who has signed in, by staff or by the hall's rotating code."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import func, select, update

from models.ballots import Sitting as Sitting
from models.ballots import SittingMember as SittingMember
from models.deputies import Congress, Mandate, Person
from models.insert_once import insert_once
from services import access, audit
from services.context import Context
from services.errors import Conflict, Invalid
from services.rules import screen_codes
from services.rules.typed import same_code


@dataclass(frozen=True)
class Attendance:
    """Due (应到) and present (实到) of a sitting."""

    members: int
    present: int


def create_sitting(ctx: Context, *, congress_id: int, name: str, place: str, held_on: date) -> Sitting:
    """Convene a sitting of a congress in reach."""
    congress = access.access_congress(ctx, congress_id, "ballots.run")
    if not name.strip():
        raise Invalid("invalid_input", fields={"name": "field_required"})
    row = insert_once(ctx.session, Sitting, congress_id=congress.id, region_id=congress.region_id, name=name.strip(),
                      place=place.strip(), held_on=held_on, created_by=access.staff_id(ctx), created_at=ctx.now)
    if row is None:
        raise Conflict("sitting_exists")
    audit.record(ctx, "sitting.created", f"sitting:{row.id}", {"name": row.name}, region_id=row.region_id)
    return row


def freeze_roll(ctx: Context, sitting_id: int) -> int:
    """Write every mandate in force into the roll, once; returns the number of members due."""
    sitting = access.access_sitting(ctx, sitting_id, "ballots.run")
    if sitting.roll_frozen_at is not None:
        raise Conflict("roll_frozen")
    people = ctx.session.scalars(select(Mandate.person_id).where(
        Mandate.congress_id == sitting.congress_id, Mandate.state == "active")).all()
    if not people:
        raise Conflict("roll_empty")
    ctx.session.add_all(SittingMember(sitting_id=sitting.id, person_id=person) for person in people)
    sitting.roll_frozen_at = ctx.now
    audit.record(ctx, "sitting.roll_frozen", f"sitting:{sitting.id}", {"members": len(people)},
                 region_id=sitting.region_id)
    ctx.session.flush()
    return len(people)


def sign_in_by_staff(ctx: Context, sitting_id: int, *, person_ids: Sequence[int]) -> int:
    """Sign in those who came, from the paper list; returns how many were new. Once signed in, one stays so."""
    sitting = access.access_sitting(ctx, sitting_id, "ballots.run")
    _check_open(ctx, sitting)
    done = ctx.session.scalars(
        update(SittingMember).where(SittingMember.sitting_id == sitting.id, SittingMember.person_id.in_(person_ids),
                                    SittingMember.signed_in_at.is_(None))
        .values(signed_in_at=ctx.now, how="staff").returning(SittingMember.person_id)).all()
    if done:
        audit.record(ctx, "sitting.signed_in", f"sitting:{sitting.id}", {"people": sorted(done)},
                     region_id=sitting.region_id)
    return len(done)


def sign_in_by_code(ctx: Context, *, code: str) -> Sitting:
    """A deputy of the roll types the code from the hall's screen; a second time changes nothing."""
    person = access.deputy_id(ctx)
    access.own_account(ctx)
    mine = ctx.session.scalars(
        select(Sitting).join(SittingMember, SittingMember.sitting_id == Sitting.id)
        .where(SittingMember.person_id == person, Sitting.held_on == ctx.today).order_by(Sitting.id)).all()
    sitting = next((row for row in mine if _is_valid(ctx, row, code)), None)
    if sitting is None:
        raise Invalid("sitting_code_wrong", fields={"code": "sitting_code_wrong"})
    done = ctx.session.scalars(
        update(SittingMember).where(SittingMember.sitting_id == sitting.id, SittingMember.person_id == person,
                                    SittingMember.signed_in_at.is_(None))
        .values(signed_in_at=ctx.now, how="code").returning(SittingMember.person_id)).all()
    if done:
        audit.record(ctx, "sitting.signed_in", f"sitting:{sitting.id}", {"people": list(done)},
                     region_id=sitting.region_id)
    return sitting


def _check_open(ctx: Context, sitting: Sitting) -> None:
    if sitting.roll_frozen_at is None:
        raise Conflict("round_roll_open")
    if sitting.held_on != ctx.today:
        raise Conflict("sitting_not_today")


def current_code(ctx: Context, sitting: Sitting) -> str:
    """The six digits on the hall's screen, new every half minute; for staff who run the sitting."""
    access.require(ctx, "ballots.view")
    return _code(ctx, sitting, screen_codes.slot_of(ctx.now))


def _code(ctx: Context, sitting: Sitting, slot: int) -> str:
    mac = hmac.new(ctx.settings.signing_key, f"sitting:{sitting.id}:{slot}".encode(), sha256).digest()
    return f"{int.from_bytes(mac[:8]) % 10**6:06d}"


def _is_valid(ctx: Context, sitting: Sitting, code: str) -> bool:
    slot = screen_codes.slot_of(ctx.now)
    return any(same_code(_code(ctx, sitting, slot - back), code.replace(" ", ""))
               for back in range(screen_codes.VALID_SLOTS))


def attendance(ctx: Context, sitting_id: int) -> Attendance:
    """Due and present as the roll says at this moment."""
    members, present = ctx.session.execute(
        select(func.count(), func.count(SittingMember.signed_in_at)).where(
            SittingMember.sitting_id == sitting_id)).one()
    return Attendance(members, present)


def list_members(ctx: Context, sitting_id: int) -> list[tuple[SittingMember, str]]:
    """The roll with names, those who have not signed in first."""
    sitting = access.access_sitting(ctx, sitting_id, "ballots.view")
    rows = ctx.session.execute(
        select(SittingMember, Person.name).join(Person, Person.id == SittingMember.person_id)
        .where(SittingMember.sitting_id == sitting.id)
        .order_by(SittingMember.signed_in_at.is_not(None), Person.name, Person.id))
    return [(member, name) for member, name in rows]


def get_sitting(ctx: Context, sitting_id: int) -> Sitting:
    """A sitting in the reach of the staff asking."""
    return access.access_sitting(ctx, sitting_id, "ballots.view")


def list_sittings(ctx: Context, *, page: int = 1, page_size: int = 20) -> tuple[list[tuple[Sitting, str]], int]:
    """(sitting, congress) in the actor's region, the newest first."""
    access.require(ctx, "ballots.view")
    inside = access.in_scope(ctx, Sitting.region_id)
    total = ctx.session.scalar(select(func.count()).select_from(Sitting).where(inside)) or 0
    rows = ctx.session.execute(
        select(Sitting, Congress.name).join(Congress, Congress.id == Sitting.congress_id).where(inside)
        .order_by(Sitting.held_on.desc(), Sitting.id.desc()).limit(page_size).offset((page - 1) * page_size))
    return [(sitting, name) for sitting, name in rows], total


def list_congresses(ctx: Context) -> list[Congress]:
    """The township and county congresses that a sitting may be convened of."""
    access.require(ctx, "ballots.view")
    return list(ctx.session.scalars(select(Congress).where(
        access.in_scope(ctx, Congress.region_id), Congress.level.in_(("township", "county")))
        .order_by(Congress.region_id, Congress.term_no.desc())))


def list_mine(ctx: Context) -> list[tuple[Sitting, SittingMember]]:
    """Today's and coming sittings whose roll has the deputy asking."""
    if ctx.actor.person_id is None:
        return []
    rows = ctx.session.execute(
        select(Sitting, SittingMember).join(SittingMember, SittingMember.sitting_id == Sitting.id)
        .where(SittingMember.person_id == ctx.actor.person_id, Sitting.held_on >= ctx.today)
        .order_by(Sitting.held_on, Sitting.id).limit(5))
    return [(sitting, member) for sitting, member in rows]
