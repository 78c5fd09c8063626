"""The roster as people read it: deputies, their mandates, groups and stations."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from models.deputies import Congress, Delegation, DeputyGroup, GroupMember, Mandate, Person
from models.identity import Account, SeatClaim
from models.regions import Region
from models.stations import Station, StationDeputy
from services import access, regions
from services.context import Context
from services.errors import Invalid, NotFound
from services.identity import PHONE
from services.rules.phones import mask_phone, normalise_phone

LEVEL_NAMES = {"national": "全国", "provincial": "省级", "municipal": "市级", "county": "县级", "township": "乡镇"}


@dataclass(frozen=True)
class MandateCard:
    id: int
    level: str
    congress_id: int
    congress_name: str
    term_no: int
    constituency: str
    delegation: str | None
    deputy_no: str
    state: str

    @property
    def level_name(self) -> str:
        return LEVEL_NAMES[self.level]


@dataclass
class DeputyCard:
    """A deputy as lists show it; the phone is masked and only filled in for staff."""

    id: int
    name: str
    title: str
    region_id: int
    mandates: list[MandateCard] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    stations: list[tuple[int, str]] = field(default_factory=list)
    phone_masked: str | None = None
    has_account: bool = False
    #: The deputy closed the account; only a clerk's decision opens the seat again.
    is_seat_closed: bool = False

    @property
    def level_names(self) -> list[str]:
        return [mandate.level_name for mandate in self.mandates]

    @property
    def constituency(self) -> str:
        return next((mandate.constituency for mandate in self.mandates if mandate.constituency), "")

    @property
    def station_name(self) -> str | None:
        return self.stations[0][1] if self.stations else None


def build_cards(session: Session, person_ids: Sequence[int]) -> list[DeputyCard]:
    """Cards in the order of the ids, in a fixed number of queries whatever their count."""
    cards = {row.id: DeputyCard(row.id, row.name, row.title, row.region_id)
             for row in session.scalars(select(Person).where(Person.id.in_(person_ids)))}
    for mandate, congress, delegation in session.execute(
        select(Mandate, Congress, Delegation.name).join(Congress, Congress.id == Mandate.congress_id)
        .outerjoin(Delegation, Delegation.id == Mandate.delegation_id)
        .where(Mandate.person_id.in_(person_ids), Mandate.state != "ended").order_by(Mandate.id)
    ):
        cards[mandate.person_id].mandates.append(_mandate_card(mandate, congress, delegation))
    for person_id, name in session.execute(
        select(GroupMember.person_id, DeputyGroup.name).join(DeputyGroup, DeputyGroup.id == GroupMember.group_id)
        .where(GroupMember.person_id.in_(person_ids)).order_by(DeputyGroup.name)
    ):
        cards[person_id].groups.append(name)
    for person_id, station_id, name in session.execute(
        select(StationDeputy.person_id, Station.id, Station.name).join(Station, Station.id == StationDeputy.station_id)
        .where(StationDeputy.person_id.in_(person_ids)).order_by(Station.id)
    ):
        cards[person_id].stations.append((station_id, name))
    return [cards[person_id] for person_id in person_ids if person_id in cards]


def _mandate_card(mandate: Mandate, congress: Congress, delegation: str | None) -> MandateCard:
    return MandateCard(mandate.id, congress.level, congress.id, congress.name, congress.term_no, mandate.constituency,
                       delegation, mandate.deputy_no, mandate.state)


def get_card(session: Session, person_id: int) -> DeputyCard:
    cards = build_cards(session, [person_id])
    if not cards:
        raise NotFound("not_found")
    return cards[0]


def get_public(session: Session, person_id: int) -> DeputyCard:
    """A deputy as the public sees one: whose mandates are all out of force is not shown any more."""
    if session.scalar(select(Person.id).where(Person.id == person_id, access.in_office(Person.id))) is None:
        raise NotFound("not_found")
    return get_card(session, person_id)


def page_ids(session: Session, query: Select[int], *, page: int, page_size: int) -> tuple[list[int], int]:
    """One page of an id query and how many rows it has in all."""
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    ids = list(session.scalars(query.limit(page_size).offset((page - 1) * page_size)))
    return ids, total


def list_public(session: Session, *, village: Region | None, page: int, page_size: int) -> tuple[list[DeputyCard], int]:
    """Deputies with a mandate in force, those of the resident's own township first of all when given."""
    query = select(Person.id).where(access.in_office(Person.id))
    if village is not None:
        township = regions.township_of(session, village)
        query = query.where(Person.region_id == township.id)
    ids, total = page_ids(session, query.order_by(Person.id), page=page, page_size=page_size)
    return build_cards(session, ids), total


@dataclass(frozen=True)
class RosterFilter:
    """Which part of the roster: by part of a name, by group, by state (`active`, `suspended`, `ended` or all)."""

    search: str = ""
    group_id: int | None = None
    state: str = ""


EVERYBODY = RosterFilter()


def list_for_staff(ctx: Context, which: RosterFilter = EVERYBODY, *, page: int = 1, page_size: int = 20
                   ) -> tuple[list[DeputyCard], int]:
    """The roster of the actor's region; a whole phone number is looked up by `find_by_phone`."""
    access.require(ctx, "roster.view")
    query = select(Person.id).where(access.in_scope(ctx, Person.region_id))
    if which.search:
        query = query.where(Person.name.contains(which.search, autoescape=True))
    if which.group_id is not None:
        query = query.where(Person.id.in_(select(GroupMember.person_id).where(GroupMember.group_id == which.group_id)))
    if which.state:
        query = query.where(_has_state(which.state))
    ids, total = page_ids(ctx.session, query.order_by(Person.id), page=page, page_size=page_size)
    return with_masked_phones(ctx, build_cards(ctx.session, ids)), total


def _has_state(state: str) -> ColumnElement[bool]:
    """In force or suspended: a mandate is; ended: none is left that has not ended."""
    mandates = exists().where(Mandate.person_id == Person.id)
    return ~mandates.where(Mandate.state != "ended") if state == "ended" else mandates.where(Mandate.state == state)


def find_by_phone(ctx: Context, phone: str) -> int:
    """The one person of the actor's region with this number, in any way of writing it."""
    access.require(ctx, "roster.view")
    number = normalise_phone(phone)
    if number is None:
        raise Invalid("phone_invalid", fields={"q": "phone_invalid"})
    found = ctx.session.scalar(select(Person.id).where(
        Person.phone_index == ctx.gateways.cipher.index(number, PHONE), access.in_scope(ctx, Person.region_id)))
    if found is None:
        raise Invalid("roster_phone_unknown", fields={"q": "roster_phone_unknown"})
    return found


def with_masked_phones(ctx: Context, cards: list[DeputyCard]) -> list[DeputyCard]:
    ids = [card.id for card in cards]
    rows = ctx.session.execute(select(Person.id, Person.phone_cipher, Person.seat_closed_at).where(Person.id.in_(ids)))
    people = {row.id: row for row in rows}
    claimed = set(ctx.session.scalars(select(Account.person_id).where(Account.person_id.in_(ids))))
    for card in cards:
        card.phone_masked = mask_phone(ctx.gateways.cipher.open(people[card.id].phone_cipher, PHONE))
        card.is_seat_closed = people[card.id].seat_closed_at is not None
        card.has_account = card.id in claimed
    return cards


def get_for_staff(ctx: Context, person_id: int) -> DeputyCard:
    person = access.access_person(ctx, person_id, "roster.view")
    return with_masked_phones(ctx, build_cards(ctx.session, [person.id]))[0]


@dataclass(frozen=True)
class MandateLine:
    """One mandate in the record of a deputy, ended ones too."""

    card: MandateCard
    began_on: date
    ended_on: date | None
    state_reason: str
    #: Whether the actor keeps it: may change it and open its book of points.
    is_kept_here: bool


def list_mandates(ctx: Context, person_id: int) -> list[MandateLine]:
    """Every mandate of a person of the actor's region, the newest first."""
    person = access.access_person(ctx, person_id, "roster.view")
    rows = ctx.session.execute(
        select(Mandate, Congress, Delegation.name, access.mandate_scope(ctx).label("kept"))
        .join(Congress, Congress.id == Mandate.congress_id).join(Person, Person.id == Mandate.person_id)
        .outerjoin(Delegation, Delegation.id == Mandate.delegation_id)
        .where(Mandate.person_id == person.id).order_by(Mandate.state == "ended", Mandate.id.desc()))
    return [MandateLine(_mandate_card(mandate, congress, delegation), mandate.began_on, mandate.ended_on,
                        mandate.state_reason, bool(kept)) for mandate, congress, delegation, kept in rows]


@dataclass(frozen=True)
class GroupLine:
    id: int
    name: str
    members: int


def list_groups(ctx: Context) -> list[GroupLine]:
    access.require(ctx, "roster.view")
    rows = ctx.session.execute(
        select(DeputyGroup.id, DeputyGroup.name, func.count(GroupMember.person_id))
        .outerjoin(GroupMember, (GroupMember.group_id == DeputyGroup.id) & access.in_office(GroupMember.person_id))
        .where(access.in_scope(ctx, DeputyGroup.region_id)).group_by(DeputyGroup.id, DeputyGroup.name)
        .order_by(DeputyGroup.name)
    )
    return [GroupLine(*row) for row in rows]


def congress_name(session: Session, congress_id: int) -> str:
    return session.get_one(Congress, congress_id).name


def names_of(session: Session, person_ids: Iterable[int]) -> dict[int, str]:
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(list(person_ids))))
    return dict(rows.all())


@dataclass(frozen=True)
class ClaimLine:
    id: int
    person_id: int
    person_name: str
    account_id: int
    state: str
    created_at: object
    reason: str
    #: The seat's former account was closed by its deputy.
    is_seat_closed: bool


def list_claims(ctx: Context, *, state: str | None = None) -> list[ClaimLine]:
    """Contested seats of the actor's region, the undecided first."""
    access.require(ctx, "seats.decide")
    query = (select(SeatClaim, Person.name, Person.seat_closed_at).join(Person, Person.id == SeatClaim.person_id)
             .where(access.in_scope(ctx, Person.region_id)).order_by(SeatClaim.state.desc(), SeatClaim.id.desc()))
    if state:
        query = query.where(SeatClaim.state == state)
    return [ClaimLine(row.SeatClaim.id, row.SeatClaim.person_id, row.name, row.SeatClaim.account_id,
                      row.SeatClaim.state, row.SeatClaim.created_at, row.SeatClaim.reason,
                      row.seat_closed_at is not None)
            for row in ctx.session.execute(query.limit(200))]


def stations_of(session: Session, person_ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for person_id, station_id in session.execute(
            select(StationDeputy.person_id, StationDeputy.station_id)
            .where(StationDeputy.person_id.in_(person_ids)).order_by(StationDeputy.station_id)):
        found[person_id].append(station_id)
    return found
