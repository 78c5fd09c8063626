"""Care of the roster one deputy at a time: entered by a form, facts corrected, a new phone, a move (名册维护)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.exc import IntegrityError

from models.deputies import Congress, Delegation, DeputyGroup, GroupMember, Mandate, Person
from models.identity import Account
from models.insert_once import find_or_insert
from models.regions import Region
from models.stations import Reception, ReceptionDeputy, Station, StationDeputy
from services import access, audit, identity, mandates, outbox, regions, roster
from services.context import Context
from services.errors import Conflict, Invalid
from services.identity import PHONE
from services.rules.mandate_ends import LEFT_AREA, MAX_NOTE
from services.rules.phones import mask_written, normalise_phone
from services.rules.sentences import SENTENCES

#: Where a deputy may be registered.
HOME_LEVELS = ("county", "township")


# --- a new deputy -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class DeputyForm:
    """One line of the roster as a form has it; `term_no` as typed."""

    name: str
    phone: str
    level: str
    term_no: str
    title: str = ""
    deputy_no: str = ""
    constituency: str = ""
    delegation: str = ""


def add_deputy(ctx: Context, region_id: int, form: DeputyForm) -> int:
    """A deputy without a file; a number that is known here gives that person a further mandate."""
    region = access.access_region(ctx, region_id, "roster.edit")
    if region.level not in HOME_LEVELS:
        raise Invalid("invalid_input", fields={"region_id": "field_not_a_choice"})
    row = _row_of(form)
    outcome, message = roster.forecast(ctx, region, row)
    if outcome == "update":
        raise Conflict("roster_mandate_exists", fields={"term_no": "roster_mandate_exists"})
    if outcome == "error":
        raise Invalid("invalid_input", fields={_field_of(message): message})
    roster.put_row(ctx, region, row)
    person_id = ctx.session.scalars(select(Person.id).where(
        Person.phone_index == ctx.gateways.cipher.index(row.phone, PHONE))).one()
    audit.record(ctx, "person.added" if outcome == "new" else "mandate.added", f"person:{person_id}",
                 {"level": row.level, "term": row.term_no}, region_id=region.id)
    return person_id


def _row_of(form: DeputyForm) -> roster.RosterRow:
    phone, term = normalise_phone(form.phone), form.term_no.strip().strip("第届")
    problems = {}
    if phone is None:
        problems["phone"] = "phone_invalid"
    if form.level not in roster.LEVELS.values():
        problems["level"] = "field_not_a_choice"
    if not term.isdecimal() or not 1 <= int(term) <= 99:
        problems["term_no"] = "roster_term_bad"
    _check_texts(problems, name=form.name, title=form.title, deputy_no=form.deputy_no, constituency=form.constituency,
                 delegation=form.delegation)
    if problems or phone is None:
        raise Invalid("invalid_input", fields=problems)
    return roster.RosterRow(0, form.name.strip(), phone, form.title.strip(), form.level, int(term),
                            form.deputy_no.strip(), form.constituency.strip(), form.delegation.strip(), (), "")


def _check_texts(problems: dict[str, str], **texts: str) -> None:
    """A name there must be, of forty characters; the others may be empty and are as long as a cell."""
    for name, text in texts.items():
        if name == "name" and not text.strip():
            problems[name] = "field_required"
        elif len(text.strip()) > (roster.MAX_NAME if name == "name" else roster.MAX_CELL):
            problems[name] = "roster_facts_long"


def _field_of(message: str) -> str:
    """The field of the form that a judgement of the roster speaks of."""
    return {SENTENCES["roster_congress_region"]: "level", SENTENCES["roster_mandate_ended"]: "term_no"
            }.get(message, "phone")


# --- facts ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Places:
    """The groups and stations a person of a region may belong to, as the actor may choose them."""

    groups: Sequence[DeputyGroup]
    stations: Sequence[Station]


def list_places(ctx: Context, region: Region) -> Places:
    """Those of the region, above it and below it, within the actor's reach."""
    near = _near(region)
    return Places(
        ctx.session.scalars(select(DeputyGroup).join(Region, Region.id == DeputyGroup.region_id)
                            .where(near, access.in_scope(ctx, DeputyGroup.region_id))
                            .order_by(Region.path, DeputyGroup.name)).all(),
        ctx.session.scalars(select(Station).join(Region, Region.id == Station.region_id)
                            .where(near, access.in_scope(ctx, Station.region_id))
                            .order_by(Region.path, Station.id)).all())


def _near(region: Region) -> ColumnElement[bool]:
    """Regions on the branch of this one: itself, those above and those below."""
    above = [int(part) for part in region.path.strip("/").split("/")]
    return or_(Region.id.in_(above), Region.path.startswith(region.path, autoescape=True))


def belongings(ctx: Context, person_id: int) -> tuple[set[int], set[int]]:
    """Ids of the groups and of the stations of a person."""
    return (set(ctx.session.scalars(select(GroupMember.group_id).where(GroupMember.person_id == person_id))),
            set(ctx.session.scalars(select(StationDeputy.station_id).where(StationDeputy.person_id == person_id))))


@dataclass(frozen=True)
class FactsForm:
    name: str
    title: str
    group_ids: Sequence[int] = ()
    station_ids: Sequence[int] = ()
    new_group: str = ""


def edit_facts(ctx: Context, person_id: int, form: FactsForm) -> Person:
    """Name, title, groups and stations; groups and stations out of the actor's reach stay as they are."""
    person = access.access_person(ctx, person_id, "roster.edit")
    problems: dict[str, str] = {}
    _check_texts(problems, name=form.name, title=form.title, new_group=form.new_group)
    if problems:
        raise Invalid("invalid_input", fields=problems)
    changed = [field for field in ("name", "title") if getattr(person, field) != getattr(form, field).strip()]
    person.name, person.title = form.name.strip(), form.title.strip()
    ctx.session.execute(update(Account).where(Account.person_id == person.id).values(name=person.name))
    region = regions.get_region(ctx.session, person.region_id)
    _set_places(ctx, person, list_places(ctx, region), form.group_ids, form.station_ids)
    if form.new_group.strip():
        roster.put_member(ctx, region, person, form.new_group.strip())
    audit.record(ctx, "person.edited", f"person:{person.id}",
                 {"changed": changed, "groups": len(form.group_ids) + bool(form.new_group.strip()),
                  "stations": len(form.station_ids)}, region_id=person.region_id)
    return person


def _set_places(ctx: Context, person: Person, offered: Places, group_ids: Sequence[int], station_ids: Sequence[int]
                ) -> None:
    groups, stations = {row.id for row in offered.groups}, {row.id for row in offered.stations}
    ctx.session.execute(delete(GroupMember).where(
        GroupMember.person_id == person.id, GroupMember.group_id.in_(groups - set(group_ids))))
    ctx.session.execute(delete(StationDeputy).where(
        StationDeputy.person_id == person.id, StationDeputy.station_id.in_(stations - set(station_ids))))
    for number in sorted(groups & set(group_ids)):
        find_or_insert(ctx.session, GroupMember, {"group_id": number, "person_id": person.id})
    for number in sorted(stations & set(station_ids)):
        find_or_insert(ctx.session, StationDeputy, {"station_id": number, "person_id": person.id})


@dataclass(frozen=True)
class MandateForm:
    deputy_no: str
    constituency: str
    delegation: str
    began_on: date


def edit_mandate(ctx: Context, mandate_id: int, form: MandateForm) -> Mandate:
    """Constituency, delegation, number and first day of a mandate; an ended one is a record and stays."""
    mandate = access.access_mandate(ctx, mandate_id, "roster.edit")
    if mandate.state == "ended":
        raise Conflict("mandate_ended")
    problems: dict[str, str] = {}
    _check_texts(problems, deputy_no=form.deputy_no, constituency=form.constituency, delegation=form.delegation)
    if form.began_on > ctx.today:
        problems["began_on"] = "mandate_began_future"
    if problems:
        raise Invalid("invalid_input", fields=problems)
    mandate.deputy_no, mandate.constituency = form.deputy_no.strip(), form.constituency.strip()
    mandate.began_on = form.began_on
    name = form.delegation.strip()
    mandate.delegation_id = roster.put_delegation(ctx, mandate.congress_id, name).id if name else None
    audit.record(ctx, "mandate.edited", f"mandate:{mandate.id}", {"person": mandate.person_id},
                 region_id=_home_of(ctx, mandate))
    return mandate


def _home_of(ctx: Context, mandate: Mandate) -> int:
    return ctx.session.get_one(Person, mandate.person_id).region_id


def delegations_of(ctx: Context, mandate: Mandate) -> tuple[str, list[str]]:
    """The delegation of a mandate, and the names of those its congress has."""
    rows = ctx.session.execute(select(Delegation.id, Delegation.name).where(
        Delegation.congress_id == mandate.congress_id).order_by(Delegation.name)).all()
    return next((name for number, name in rows if number == mandate.delegation_id), ""), [row.name for row in rows]


# --- the phone --------------------------------------------------------------------------------------


def change_phone(ctx: Context, person_id: int, *, phone: str, reason: str) -> Person:
    """A new number for a person: sealed and indexed anew; whoever is logged in by the old one logs in again.

    The WeChat user stays bound; the code of the browser's login goes to the new number from now on.
    """
    person = access.access_person(ctx, person_id, "roster.edit")
    number = normalise_phone(phone)
    if number is None:
        raise Invalid("phone_invalid", fields={"phone": "phone_invalid"})
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    index = ctx.gateways.cipher.index(number, PHONE)
    if index == person.phone_index:
        raise Invalid("roster_phone_same", fields={"phone": "roster_phone_same"})
    try:
        with ctx.session.begin_nested():
            person.phone_index, person.phone_cipher = index, ctx.gateways.cipher.seal(number, PHONE)
            ctx.session.flush()
    except IntegrityError as error:
        raise Conflict("roster_phone_taken", fields={"phone": "roster_phone_taken"}) from error
    identity.follow_new_phone(ctx, person)
    audit.record(ctx, "person.phone_changed", f"person:{person.id}", {"reason": mask_written(reason.strip())},
                 region_id=person.region_id)
    return person


# --- the move ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MoveForm:
    """Where to, which mandates end with it from which day, and the new groups and stations."""

    region_id: int
    ended_on: date
    note: str
    mandate_ids: Sequence[int] = ()
    group_ids: Sequence[int] = ()
    station_ids: Sequence[int] = ()


def list_targets(ctx: Context, person: Person) -> list[Region]:
    """The other places of the actor's region where a deputy may be registered."""
    return [row for row in regions.list_in_reach(ctx, HOME_LEVELS) if row.id != person.region_id]


def left_behind(ctx: Context, person: Person, target: Region) -> list[tuple[Mandate, str]]:
    """The mandates in force of congresses that do not reach the new place, with the congress's name."""
    above = [int(part) for part in target.path.strip("/").split("/")]
    rows = ctx.session.execute(
        select(Mandate, Congress.name).join(Congress, Congress.id == Mandate.congress_id)
        .where(Mandate.person_id == person.id, Mandate.state != "ended", Congress.region_id.not_in(above))
        .order_by(Mandate.id))
    return [(mandate, name) for mandate, name in rows]


def move(ctx: Context, person_id: int, form: MoveForm) -> Person:
    """Register a deputy elsewhere: by an office that sees both places (乡镇之间由县级办理).

    Groups, stations and reception days to come follow; mandates end or stay as chosen; duties, points and the rest
    of the record stay where they were earned.
    """
    person = access.access_person(ctx, person_id, "roster.move")
    target = access.access_region(ctx, form.region_id, "roster.move")
    ctx.session.refresh(person, with_for_update=True)
    if target.id == person.region_id or target.level not in HOME_LEVELS:
        raise Conflict("roster_move_nowhere", fields={"region_id": "roster_move_nowhere"})
    if len(form.note.strip()) > MAX_NOTE:
        raise Invalid("invalid_input", fields={"note": "field_too_long"})
    old = person.region_id
    for mandate, _name in left_behind(ctx, person, target):
        if mandate.id in form.mandate_ids:
            mandates.end_one(ctx, mandate, mandates.Ending(LEFT_AREA, form.ended_on, form.note))
    person.region_id = target.id
    _leave_places(ctx, person, target)
    _set_places(ctx, person, list_places(ctx, target), form.group_ids, form.station_ids)
    audit.record(ctx, "person.moved", f"person:{person.id}",
                 {"from": old, "to": target.id, "note": mask_written(form.note.strip())}, region_id=old)
    outbox.publish(ctx, "deputy.reach_changed", person_id=person.id)
    return person


def _leave_places(ctx: Context, person: Person, target: Region) -> None:
    """Out of the groups, stations and reception days to come that do not lie on the new place's branch."""
    near = select(Region.id).where(_near(target))
    ctx.session.execute(delete(GroupMember).where(
        GroupMember.person_id == person.id,
        GroupMember.group_id.in_(select(DeputyGroup.id).where(DeputyGroup.region_id.not_in(near)))))
    far = select(Station.id).where(Station.region_id.not_in(near))
    ctx.session.execute(delete(StationDeputy).where(
        StationDeputy.person_id == person.id, StationDeputy.station_id.in_(far)))
    ctx.session.execute(delete(ReceptionDeputy).where(and_(
        ReceptionDeputy.person_id == person.id, ReceptionDeputy.reception_id.in_(
            select(Reception.id).where(Reception.starts_at > ctx.now, Reception.station_id.in_(far))))))
