"""Whom a notice reaches: clauses joined to one audience, counted before sending, frozen by it with the reason."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Select, delete, insert, literal, select, union

from models.deputies import DEPUTY_LEVELS, Congress, Delegation, DeputyGroup, GroupMember, Mandate, Person
from models.identity import Account, WeChatBinding
from models.notices import Notice, NoticeAudience, NoticeCatch, NoticeDelivery, SubscriptionCredit
from models.regions import Region
from models.stations import Station, StationDeputy
from services import access, deputies, regions
from services.context import Context
from services.errors import Invalid, NotFound

LEVEL_NAMES = dict(zip(DEPUTY_LEVELS, ("全国", "省级", "市级", "县级", "乡镇"), strict=True))
#: A draft may begin without a clause: its people are ticked one by one afterwards.
PICKED = "picked"
#: One draft takes at most this many hand-picked people; whoever needs more makes a group.
MAX_PICKED = 500


@dataclass(frozen=True)
class Clause:
    """`group` with the group's id, `level` with the level's name, `region_deputies` with nothing."""

    kind: str
    target: str = ""

    @property
    def id(self) -> int:
        return int(self.target) if self.target.isdecimal() else 0


# --- choosing ---------------------------------------------------------------------------------------


def _label_level(ctx: Context, clause: Clause) -> str:
    if clause.target not in LEVEL_NAMES:
        raise Invalid("audience_unknown", fields={"audience": "audience_unknown"})
    return f"本辖区{LEVEL_NAMES[clause.target]}人大代表"


_LABELS: dict[str, Callable[[Context, Clause], str]] = {
    "region_deputies": lambda ctx, clause: "本辖区全体代表",
    "level": _label_level,
    "congress": lambda ctx, clause: access.access_congress(ctx, clause.id, "notices.send").name,
    "delegation": lambda ctx, clause: access.access_delegation(ctx, clause.id, "notices.send").name,
    "group": lambda ctx, clause: f"{access.access_group(ctx, clause.id, 'notices.send').name}成员",
    "station": lambda ctx, clause: f"{access.access_station(ctx, clause.id, 'notices.send').name}驻站代表",
    "person": lambda ctx, clause: access.access_person(ctx, clause.id, "notices.send").name,
}


def describe(ctx: Context, clauses: Sequence[Clause]) -> list[str]:
    """Each clause in words; one of another region is not found, one nobody knows is refused."""
    if any(clause.kind not in _LABELS for clause in clauses):
        raise Invalid("audience_unknown", fields={"audience": "audience_unknown"})
    return [_LABELS[clause.kind](ctx, clause) for clause in clauses]


def replace_clauses(ctx: Context, notice: Notice, clauses: Sequence[Clause]) -> None:
    """Join a draft's audience anew; people picked by hand stay."""
    labels = dict(zip(clauses, describe(ctx, clauses), strict=True))
    ctx.session.execute(delete(NoticeAudience).where(
        NoticeAudience.notice_id == notice.id, NoticeAudience.kind != "person"))
    picked = set(picked_ids(ctx, notice))
    ctx.session.add_all(
        NoticeAudience(notice_id=notice.id, kind=clause.kind, target=clause.target, label=label)
        for clause, label in labels.items() if clause.kind != "person" or clause.id not in picked)
    ctx.session.flush()


def pick_people(ctx: Context, notice: Notice, *, shown: Sequence[int], ticked: Sequence[int]) -> int:
    """Of the people shown the ticked ones belong to the audience, the others do not; returns how many are picked."""
    before = set(picked_ids(ctx, notice))
    added = [number for number in dict.fromkeys(ticked) if number not in before]
    removed = before & set(shown) - set(ticked)
    if len(before) - len(removed) + len(added) > MAX_PICKED:
        raise Invalid("audience_too_many_picked", most=MAX_PICKED)
    ctx.session.execute(delete(NoticeAudience).where(
        NoticeAudience.notice_id == notice.id, NoticeAudience.kind == "person",
        NoticeAudience.target.in_([str(number) for number in removed])))
    ctx.session.add_all(
        NoticeAudience(notice_id=notice.id, kind="person", target=str(number),
                       label=access.access_person(ctx, number, "notices.send").name) for number in added)
    ctx.session.flush()
    return len(before) - len(removed) + len(added)


def picked_ids(ctx: Context, notice: Notice) -> list[int]:
    return [int(target) for target in ctx.session.scalars(select(NoticeAudience.target).where(
        NoticeAudience.notice_id == notice.id, NoticeAudience.kind == "person"))]


def follow(ctx: Context, notice: Notice, *, kind: str) -> None:
    """The audience of a follow-up: the readers of the notice it follows, or those who did not read it."""
    label = "已读原通知的代表" if kind == "readers" else "未读原通知的代表"
    ctx.session.add(NoticeAudience(notice_id=notice.id, kind=kind, target=str(notice.follows_id), label=label))
    ctx.session.flush()


def list_clauses(ctx: Context, notice: Notice) -> list[NoticeAudience]:
    return list(ctx.session.scalars(
        select(NoticeAudience).where(NoticeAudience.notice_id == notice.id).order_by(NoticeAudience.id)))


def name_in_words(ctx: Context, notice: Notice) -> str:
    """Whom a notice is for: every clause, and how many were picked by hand."""
    if notice.audience == "residents":
        return "本辖区群众（公开）"
    rows = list_clauses(ctx, notice)
    words = [row.label for row in rows if row.kind != "person"]
    picked = [row.label for row in rows if row.kind == "person"]
    if picked:
        words.append("、".join(picked) if len(picked) <= 5 else f"{'、'.join(picked[:5])}等{len(picked)}人")
    return "；".join(words) or "尚未选择"


def find_group(ctx: Context, name: str) -> DeputyGroup:
    """The group of this name or number, for a script; a name that several regions use is told by its numbers."""
    found = list(ctx.session.scalars(select(DeputyGroup).where(
        DeputyGroup.id == int(name) if name.isdecimal() else DeputyGroup.name == name.strip())
        .order_by(DeputyGroup.id).limit(20)))
    if not found:
        raise NotFound("group_unknown")
    if len(found) > 1:
        raise Invalid("group_ambiguous", numbers="、".join(str(row.id) for row in found))
    return found[0]


@dataclass
class Choices:
    """What a notice of the actor's region may be addressed to, under its headings."""

    groups: list[DeputyGroup]
    stations: list[Station]
    congresses: list[Congress]
    #: Delegations with the name of their congress.
    delegations: list[tuple[Delegation, str]]


def list_choices(ctx: Context) -> Choices:
    access.require(ctx, "notices.send")
    session = ctx.session
    return Choices(
        list(session.scalars(select(DeputyGroup).where(access.in_scope(ctx, DeputyGroup.region_id))
                             .order_by(DeputyGroup.name))),
        list(session.scalars(select(Station).where(access.in_scope(ctx, Station.region_id)).order_by(Station.id))),
        list(session.scalars(select(Congress).where(access.in_scope(ctx, Congress.region_id)).order_by(Congress.id))),
        [(row, name) for row, name in session.execute(
            select(Delegation, Congress.name).join(Congress, Congress.id == Delegation.congress_id)
            .where(access.in_scope(ctx, Congress.region_id)).order_by(Congress.id, Delegation.name))])


# --- counting and freezing --------------------------------------------------------------------------


def _caught(ctx: Context, notice: Notice, clause: Clause) -> Select[int]:
    """Ids of the persons a clause catches: in office, or for a follow-up those who got the notice before."""
    if clause.kind in ("readers", "unread"):
        return _receivers(clause)
    held = select(Mandate.person_id).where(Mandate.state == "active")
    people = select(Person.id).where(access.in_office(Person.id))
    if clause.kind == "group":
        return people.where(Person.id.in_(select(GroupMember.person_id).where(GroupMember.group_id == clause.id)))
    if clause.kind == "station":
        return people.where(Person.id.in_(
            select(StationDeputy.person_id).where(StationDeputy.station_id == clause.id)))
    if clause.kind == "congress":
        return select(Person.id).where(Person.id.in_(held.where(Mandate.congress_id == clause.id)))
    if clause.kind == "delegation":
        return select(Person.id).where(Person.id.in_(held.where(Mandate.delegation_id == clause.id)))
    return _of_region(ctx, notice, clause, people)


def _picked_in_office(ctx: Context, notice: Notice) -> Select[int]:
    return select(Person.id).where(
        Person.id.in_(picked_ids(ctx, notice)), access.in_office(Person.id))


def _of_region(ctx: Context, notice: Notice, clause: Clause, people: Select[int]) -> Select[int]:
    path = regions.get_region(ctx.session, notice.region_id).path
    home = people.where(Person.region_id.in_(
        select(Region.id).where(Region.path.startswith(path, autoescape=True))))
    if clause.kind == "region_deputies":
        return home
    return home.where(Person.id.in_(
        select(Mandate.person_id).join(Congress, Congress.id == Mandate.congress_id)
        .where(Mandate.state == "active", Congress.level == clause.target)))


def _receivers(clause: Clause) -> Select[int]:
    d = NoticeDelivery
    was_told = d.read_at.is_not(None) | d.phoned_at.is_not(None)
    return select(d.person_id).where(d.notice_id == clause.id, was_told if clause.kind == "readers" else ~was_told)


@dataclass
class Forecast:
    """How many people a notice will reach and by which channel, before it is sent."""

    people: int = 0
    by_channel: Counter[str] = field(default_factory=Counter)
    by_reason: Counter[str] = field(default_factory=Counter)


def forecast(ctx: Context, notice: Notice) -> Forecast:
    """Count the joined audience as it is now; changes nothing."""
    result = Forecast()
    caught = [_caught(ctx, notice, Clause(row.kind, row.target)) for row in list_clauses(ctx, notice)
              if row.kind != "person"]
    people = union(_picked_in_office(ctx, notice), *caught)
    for _person, reason in _reach(ctx, select(people.subquery())):
        result.people += 1
        result.by_channel["phone_list" if reason else "subscription"] += 1
        if reason:
            result.by_reason[reason] += 1
    return result


def freeze(ctx: Context, notice: Notice) -> list[tuple[int, str | None]]:
    """Write down whom each clause catches now; returns every person once, with why no push can reach them."""
    rows = list_clauses(ctx, notice)
    for row in rows:
        if row.kind != "person":
            caught = _caught(ctx, notice, Clause(row.kind, row.target)).subquery()
            ctx.session.execute(insert(NoticeCatch).from_select(
                ["audience_id", "person_id"], select(literal(row.id), *caught.c)))
    picked = {int(row.target): row.id for row in rows if row.kind == "person"}
    ctx.session.add_all(NoticeCatch(audience_id=picked[person], person_id=person)
                        for person in ctx.session.scalars(_picked_in_office(ctx, notice)))
    ctx.session.flush()
    return _reach(ctx, select(NoticeCatch.person_id).join(
        NoticeAudience, NoticeAudience.id == NoticeCatch.audience_id).where(NoticeAudience.notice_id == notice.id))


def _reach(ctx: Context, people: Select[int]) -> list[tuple[int, str | None]]:
    credit = SubscriptionCredit
    rows = ctx.session.execute(
        select(Person.id, Account.id, WeChatBinding.id, credit.balance)
        .outerjoin(Account, Account.person_id == Person.id)
        .outerjoin(WeChatBinding, (WeChatBinding.account_id == Account.id)
                   & (WeChatBinding.appid == ctx.settings.mini_appid))
        .outerjoin(credit, (credit.appid == WeChatBinding.appid) & (credit.openid == WeChatBinding.openid)
                   & (credit.template_id == ctx.settings.notice_template))
        .where(Person.id.in_(people)).order_by(Person.id))
    return [(person, _reason(account, binding, balance)) for person, account, binding, balance in rows]


def _reason(account: int | None, binding: int | None, balance: int | None) -> str | None:
    if account is None:
        return "not_claimed"
    if binding is None:
        return "not_bound"
    return None if balance else "not_subscribed"


def causes(ctx: Context, notice: Notice, person_ids: Sequence[int]) -> dict[int, str]:
    """Why each of these people got the notice: the clauses that caught them, in words."""
    rows = ctx.session.execute(
        select(NoticeCatch.person_id, NoticeAudience.kind, NoticeAudience.label)
        .join(NoticeAudience, NoticeAudience.id == NoticeCatch.audience_id)
        .where(NoticeAudience.notice_id == notice.id, NoticeCatch.person_id.in_(person_ids))
        .order_by(NoticeAudience.id))
    found: dict[int, list[str]] = {}
    for person, kind, label in rows:
        found.setdefault(person, []).append("点选" if kind == "person" else label)
    return {person: "、".join(labels) for person, labels in found.items()}


def search_people(ctx: Context, notice: Notice, *, search: str, page: int, page_size: int
                  ) -> tuple[list[deputies.DeputyCard], int]:
    """The region's deputies to tick; without a search those picked already come first."""
    access.require(ctx, "notices.send")
    picked = [] if search else picked_ids(ctx, notice)
    query = select(Person.id).where(
        access.in_scope(ctx, Person.region_id), Person.name.contains(search, autoescape=True),
        access.in_office(Person.id))
    ids, total = deputies.page_ids(ctx.session, query.order_by(Person.id.in_(picked).desc(), Person.id),
                                   page=page, page_size=page_size)
    return deputies.build_cards(ctx.session, ids), total
