"""The end of mandates: one of a deputy, or all of a congress whose term is over (职务终止、届满).

An ended mandate takes its rights away with the same commit, since every right asks for one in force; what it
earned stays. A job then takes back what the deputy had to do (`deputy.reach_changed`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, case, func, select, update

from models.deputies import Congress, Mandate, Person
from services import access, audit, outbox
from services.context import Context
from services.deputies import LEVEL_NAMES
from services.errors import Conflict, Invalid
from services.rules import mandate_ends
from services.rules.phones import mask_written


@dataclass(frozen=True)
class Ending:
    """Why and from which day; `note` says what it rests on, an announcement or a session."""

    reason: str
    ended_on: date
    note: str = ""


def end_mandate(ctx: Context, mandate_id: int, ending: Ending) -> Mandate:
    """End one mandate; of two clerks at once the second is told that it has ended."""
    mandate = access.access_mandate(ctx, mandate_id, "roster.edit")
    return end_one(ctx, mandate, ending)


def end_one(ctx: Context, mandate: Mandate, ending: Ending) -> Mandate:
    """For a mandate that was reached already: also by a move to another township."""
    _check(ctx, ending)
    if ending.ended_on < mandate.began_on:
        raise Invalid("mandate_end_early", began=mandate.began_on.isoformat(),
                      fields={"ended_on": "field_invalid"})
    if not _end(ctx, Mandate.id == mandate.id, ending):
        raise Conflict("mandate_ended")
    return mandate


def _check(ctx: Context, ending: Ending) -> None:
    if ending.reason not in mandate_ends.REASONS:
        raise Invalid("invalid_input", fields={"reason": "field_not_a_choice"})
    if len(ending.note.strip()) > mandate_ends.MAX_NOTE:
        raise Invalid("invalid_input", fields={"note": "field_too_long"})
    if ending.ended_on > ctx.today:
        raise Invalid("mandate_end_future", fields={"ended_on": "mandate_end_future"})


def _end(ctx: Context, which: ColumnElement[bool], ending: Ending) -> Sequence[int]:
    """End those that have not ended yet, in one statement; gives back whose they were."""
    rows = ctx.session.execute(
        update(Mandate).where(which, Mandate.state != "ended")
        .values(state="ended", ended_on=ending.ended_on, state_reason=mandate_ends.describe(ending.reason, ending.note))
        .returning(Mandate.id, Mandate.person_id)).all()
    homes = dict(ctx.session.execute(
        select(Person.id, Person.region_id).where(Person.id.in_([row.person_id for row in rows]))).all())
    for mandate_id, person_id in rows:
        audit.record(ctx, "mandate.ended", f"mandate:{mandate_id}",
                     {"person": person_id, "reason": ending.reason, "on": ending.ended_on.isoformat()},
                     region_id=homes[person_id])
        outbox.publish(ctx, "deputy.reach_changed", person_id=person_id)
    return [row.person_id for row in rows]


def restore_mandate(ctx: Context, mandate_id: int, *, reason: str) -> Mandate:
    """Undo an end that was entered by mistake; what went back to the clerk meanwhile stays there."""
    mandate = access.access_mandate(ctx, mandate_id, "roster.edit")
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    restored = ctx.session.scalar(
        update(Mandate).where(Mandate.id == mandate.id, Mandate.state == "ended")
        .values(state="active", ended_on=None, state_reason="").returning(Mandate.person_id))
    if restored is None:
        raise Conflict("mandate_not_ended")
    home = ctx.session.get_one(Person, restored).region_id
    audit.record(ctx, "mandate.restored", f"mandate:{mandate.id}",
                 {"person": restored, "reason": mask_written(reason.strip())}, region_id=home)
    return mandate


# --- a whole congress -------------------------------------------------------------------------------


@dataclass(frozen=True)
class CongressLine:
    """A congress of the actor's region and how its mandates stand."""

    id: int
    name: str
    level: str
    term_no: int
    active: int
    suspended: int
    ended: int

    @property
    def level_name(self) -> str:
        return LEVEL_NAMES[self.level]

    @property
    def unended(self) -> int:
        return self.active + self.suspended


def list_congresses(ctx: Context) -> list[CongressLine]:
    """The congresses whose terms the actor may end, those with deputies in office first."""
    access.require(ctx, "roster.edit")
    return _lines(ctx, access.in_scope(ctx, Congress.region_id))


def get_congress(ctx: Context, congress_id: int) -> CongressLine:
    congress = access.access_congress(ctx, congress_id, "roster.edit")
    return _lines(ctx, Congress.id == congress.id)[0]


def _lines(ctx: Context, which: ColumnElement[bool]) -> list[CongressLine]:
    active, suspended, ended = (func.count(case((Mandate.state == state, 1)))
                                for state in ("active", "suspended", "ended"))
    rows = ctx.session.execute(
        select(Congress.id, Congress.name, Congress.level, Congress.term_no, active, suspended, ended)
        .outerjoin(Mandate, Mandate.congress_id == Congress.id).where(which)
        .group_by(Congress.id, Congress.name, Congress.level, Congress.term_no)
        .order_by((active > 0).desc(), Congress.region_id, Congress.term_no.desc(), Congress.id))
    return [CongressLine(*row) for row in rows]


@dataclass(frozen=True)
class TermForecast:
    """What the end of a term does: how many mandates end, and how many people then hold none."""

    mandates: int
    leaving: int

    @property
    def staying(self) -> int:
        return self.mandates - self.leaving


def forecast_term_end(ctx: Context, congress_id: int) -> TermForecast:
    congress = access.access_congress(ctx, congress_id, "roster.edit")
    people = select(Mandate.person_id).where(Mandate.congress_id == congress.id, Mandate.state != "ended")
    elsewhere = select(Mandate.person_id).where(Mandate.congress_id != congress.id, Mandate.state == "active")
    total = ctx.session.scalar(select(func.count()).select_from(people.subquery())) or 0
    staying = ctx.session.scalar(
        select(func.count()).select_from(people.where(Mandate.person_id.in_(elsewhere)).subquery())) or 0
    return TermForecast(total, total - staying)


def end_term(ctx: Context, congress_id: int, *, ended_on: date, note: str, count: int) -> int:
    """End every mandate of a congress whose term is over; the clerk names the number, which must be the real one.

    Refuses another number (a colleague ended some meanwhile) and a day before one of them began.
    """
    congress = access.access_congress(ctx, congress_id, "roster.edit")
    ending = Ending(mandate_ends.TERM_OVER, ended_on, note)
    _check(ctx, ending)
    # Locked before they are counted: what the clerk confirms is what ends.
    began = ctx.session.scalars(
        select(Mandate.began_on).where(Mandate.congress_id == congress.id, Mandate.state != "ended")
        .order_by(Mandate.id).with_for_update()).all()
    if not began:
        raise Conflict("term_nobody")
    if len(began) != count:
        raise Conflict("term_count_wrong", count=len(began), fields={"count": "field_invalid"})
    if ended_on < max(began):
        raise Invalid("mandate_end_early", began=max(began).isoformat(), fields={"ended_on": "field_invalid"})
    _end(ctx, Mandate.congress_id == congress.id, ending)
    audit.record(ctx, "congress.term_ended", f"congress:{congress.id}",
                 {"mandates": count, "on": ended_on.isoformat()}, region_id=congress.region_id)
    return count
