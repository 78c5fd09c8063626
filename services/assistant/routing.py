"""What a message begins: its button, the door it belongs to, or the intent understood within the person's role."""

from dataclasses import dataclass

from sqlalchemy import select

from models.deputies import DeputyGroup, Person
from models.identity import HandlingUnit
from models.projects import Project, ProjectYear
from models.regions import Region
from models.stations import Station
from services import access, duties, identity, regions
from services.assistant.understanding import Understanding, understand
from services.assistant.understanding.certain import DEPUTY
from services.assistant.understanding.names import Names
from services.context import CHINA, Context
from services.rules import intents

#: Residents read the public notices too.
_OPEN_TO_ALL = frozenset({"read_notices"})
#: So sure that a resident is told whose thing it is, rather than that nothing was understood.
SURE = 0.6


@dataclass(frozen=True)
class Route:
    """`task` is begun with `said`, what the sentence named; None: not understood, or only deputies may."""

    task: str | None
    said: dict[str, str | int]
    nearest: tuple[str, ...] = ()
    is_deputys: bool = False
    confidence: float = 1.0


def route(ctx: Context, text: str) -> Route:
    """The task that a message begins."""
    button = find_button(text)
    if button is not None:
        own = ctx.actor.is_deputy or button not in DEPUTY or button in _OPEN_TO_ALL
        return Route(button if own else None, {}, is_deputys=not own)
    names = names_of(ctx)
    found = _understand(ctx, text, "deputy" if ctx.actor.is_deputy else "resident", names)
    if found.intent != "out_of_scope":
        return Route(found.intent, found.slots, found.nearest, confidence=found.confidence)
    if not ctx.actor.is_deputy:
        as_deputy = _understand(ctx, text, "deputy", names)
        if as_deputy.intent in _OPEN_TO_ALL and as_deputy.confidence >= SURE:
            return Route(as_deputy.intent, as_deputy.slots)
        if as_deputy.intent in DEPUTY and as_deputy.confidence >= SURE:
            return Route(None, {}, is_deputys=True)
    return Route(None, {}, found.nearest)


def find_button(text: str) -> str | None:
    """What the button of exactly this label begins."""
    return intents.BUTTONS.get(intents.clean(text))


def _understand(ctx: Context, text: str, role: str, names: Names) -> Understanding:
    return understand(text, role=role, now=ctx.now.astimezone(CHINA), names=names)


def names_of(ctx: Context) -> Names:
    """What is registered in the person's county: all of it public."""
    home = duties.home_region(ctx) if ctx.actor.is_deputy else identity.village_of(ctx)
    if home is None:
        return Names()
    inside = Region.path.startswith(regions.county_path(ctx.session, home), autoescape=True)

    def column(query: object) -> tuple[str, ...]:
        return tuple(ctx.session.scalars(query))  # type: ignore[call-overload]

    return Names(
        persons=column(select(Person.name).join(Region, Region.id == Person.region_id)
                       .where(inside, access.in_office(Person.id)).order_by(Person.id)),
        places=column(select(Region.name).where(inside, Region.level.in_(("township", "village"))).order_by(Region.id)),
        stations=column(select(Station.name).join(Region, Region.id == Station.region_id).where(inside).order_by(Station.id)),
        groups=column(select(DeputyGroup.name).join(Region, Region.id == DeputyGroup.region_id).where(inside)
                      .order_by(DeputyGroup.id)),
        projects=column(select(Project.name).join(ProjectYear, ProjectYear.id == Project.year_id)
                        .join(Region, Region.id == ProjectYear.region_id)
                        .where(inside, Project.state.in_(("candidate", "elected", "not_elected"))).order_by(Project.id)),
        units=column(select(HandlingUnit.name).join(Region, Region.id == HandlingUnit.region_id).where(inside)
                     .order_by(HandlingUnit.id)))
