"""The region tree, settings inherited down it, and the office's table of working days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from models.regions import LEVELS, RegionSetting, WorkdayOverride
from models.regions import Region as Region
from services import access, audit
from services.context import Context
from services.errors import Invalid, NotFound
from services.rules import workdays

#: Every setting a region may override, with the value that holds where none does.
SETTING_DEFAULTS: dict[str, int] = {
    "checkin.minimum_stay_minutes": 30,
    "opinion.screening_workdays": 1,
    "opinion.deputy_workdays": 1,
    "opinion.unit_workdays": 7,
    "opinion.redo_workdays": 7,
    "opinion.rating_days": 15,
    # The longest that a handler may be given beyond the due day.
    "opinion.extension_days": 60,
    # Working days past the due day after which the county hears of it.
    "opinion.escalation_workdays": 5,
    "duty.report_within_days": 30,
    # A notice to more people than this needs a second person.
    "notice.approval_size": 200,
    # Minutes after its beginning, or before its end, that do not yet count as late or early.
    "activity.grace_minutes": 10,
    # Minutes after midnight, e.g. 1260 and 450 for 21:00 to 07:30; equal means no quiet hours.
    "notice.quiet_from": 0,
    "notice.quiet_until": 0,
    # The number of a profile of time limits, services/rules/suggestion_sla.py.
    "suggestion.profile": 0,
}
# Asked many times a minute, so they are put together once.
_BRANCH = select(Region).where(Region.id.in_(bindparam("ids", expanding=True)))
_IN_FORCE = (
    select(RegionSetting.region_id, RegionSetting.value)
    .where(RegionSetting.name == bindparam("name"), RegionSetting.effective_on <= bindparam("on"),
           RegionSetting.region_id.in_(bindparam("ids", expanding=True)))
    .order_by(RegionSetting.effective_on.desc()))
_OVERRIDES = select(WorkdayOverride.on, WorkdayOverride.is_workday)


def get_region(session: Session, region_id: int) -> Region:
    region = session.get(Region, region_id)
    if region is None:
        raise NotFound("region_unknown")
    return region


def list_children(session: Session, parent_id: int | None) -> list[Region]:
    """The regions directly below; without a parent the counties, where a person starts choosing."""
    query = select(Region).order_by(Region.code)
    chosen = query.where(Region.level == "county") if parent_id is None else query.where(Region.parent_id == parent_id)
    return list(session.scalars(chosen))


def ancestors(session: Session, region: Region) -> list[Region]:
    """The region and those above it, nearest first."""
    # The tree does not change within a transaction, and one request asks for the same branch many times.
    known: dict[str, list[Region]] = session.info.setdefault("ancestors", {})
    if region.path not in known:
        ids = [int(part) for part in region.path.strip("/").split("/")]
        found = {row.id: row for row in session.scalars(_BRANCH, {"ids": ids})}
        branch = [found[number] for number in reversed(ids)]
        known |= {row.path: branch[place:] for place, row in enumerate(branch)}
    return known[region.path]


def township_of(session: Session, region: Region) -> Region:
    """The township a village belongs to; a township is its own."""
    for candidate in ancestors(session, region):
        if candidate.level == "township":
            return candidate
    raise Invalid("village_required")


def county_path(session: Session, region: Region) -> str:
    """The path prefix of the county that the region lies in, or its own path above a county."""
    for candidate in ancestors(session, region):
        if candidate.level == "county":
            return candidate.path
    return region.path


def setting(session: Session, region: Region, name: str, on: date) -> int:
    """The value in force on a day: the nearest region's newest one, else the default."""
    order = [row.id for row in ancestors(session, region)]
    newest: dict[int, dict[str, Any]] = {}
    for row in session.execute(_IN_FORCE, {"name": name, "on": on, "ids": order}):
        newest.setdefault(row.region_id, row.value)
    nearest = next((newest[region_id] for region_id in order if region_id in newest), None)
    return SETTING_DEFAULTS[name] if nearest is None else int(nearest["value"])


def settings_of(ctx: Context, places: Sequence[Region], names: Sequence[str]) -> dict[int, dict[str, int]]:
    """What holds today for many regions and settings at once, as `setting` finds it for one."""
    newest: dict[tuple[int, str], int] = {}
    for row in ctx.session.scalars(
            select(RegionSetting).where(RegionSetting.name.in_(names), RegionSetting.effective_on <= ctx.today)
            .order_by(RegionSetting.effective_on.desc())):
        newest.setdefault((row.region_id, row.name), int(row.value["value"]))
    found: dict[int, dict[str, int]] = {}
    for place in places:
        branch = [int(part) for part in reversed(place.path.strip("/").split("/"))]
        found[place.id] = {name: next((newest[number, name] for number in branch if (number, name) in newest),
                                      SETTING_DEFAULTS[name]) for name in names}
    return found


def set_setting(ctx: Context, region: Region, *, name: str, value: int, effective_on: date) -> None:
    """Override one setting from a day on, for the region and those below, by staff who have it in their reach."""
    access.access_region(ctx, region.id, "settings.edit")
    if name not in SETTING_DEFAULTS:
        raise Invalid("field_not_a_choice")
    row: Any = ctx.session.scalar(select(RegionSetting).where(
        RegionSetting.region_id == region.id, RegionSetting.name == name, RegionSetting.effective_on == effective_on))
    if row is None:
        ctx.session.add(RegionSetting(region_id=region.id, name=name, value={"value": value},
                                      effective_on=effective_on, created_at=ctx.now))
    else:
        row.value = {"value": value}
    audit.record(ctx, "setting.changed", f"region:{region.id}", {"name": name, "value": value}, region_id=region.id)


def list_settings(ctx: Context, names: Sequence[str]) -> list[tuple[RegionSetting, str]]:
    """What was set for these names in the actor's part of the tree, the newest day first, with the region's name."""
    access.require(ctx, "settings.edit")
    return [(row, name) for row, name in ctx.session.execute(
        select(RegionSetting, Region.name).join(Region, Region.id == RegionSetting.region_id)
        .where(RegionSetting.name.in_(names), access.in_scope(ctx, RegionSetting.region_id))
        .order_by(RegionSetting.effective_on.desc(), RegionSetting.id.desc()))]


def workday_overrides(session: Session) -> dict[date, bool]:
    return {row.on: row.is_workday for row in session.execute(_OVERRIDES)}


def set_workday(ctx: Context, *, on: date, is_workday: bool, note: str) -> None:
    """Declare one day a working day or a day off (国务院调休安排)."""
    access.require(ctx, "workdays.edit")
    ctx.session.merge(WorkdayOverride(on=on, is_workday=is_workday, note=note))
    audit.record(ctx, "workday.set", f"day:{on.isoformat()}", {"is_workday": is_workday})


def list_workdays(session: Session) -> list[WorkdayOverride]:
    return list(session.scalars(select(WorkdayOverride).order_by(WorkdayOverride.on)))


def due_day(ctx: Context, region: Region, setting_name: str) -> date:
    """Today plus the region's number of working days for this clock."""
    days = setting(ctx.session, region, setting_name, ctx.today)
    return workdays.add_workdays(ctx.today, days, workday_overrides(ctx.session))


def full_name(session: Session, region: Region) -> str:
    """`白鹿县青石镇` from the county down."""
    names = [row.name for row in reversed(ancestors(session, region)) if row.level not in ("province", "city")]
    return "".join(names)


def list_in_reach(ctx: Context, levels: Sequence[str]) -> list[Region]:
    """The regions of these levels in the actor's part of the tree, in the order of their codes."""
    return list(ctx.session.scalars(
        select(Region).where(Region.level.in_(levels), access.in_scope(ctx, Region.id)).order_by(Region.code)))


@dataclass(frozen=True)
class RegionRow:
    """A line of the region file: code, name, level, and the code of the region above (empty for the top)."""

    code: str
    name: str
    level: str
    parent_code: str


def load_tree(ctx: Context, rows: Iterable[RegionRow]) -> int:
    """Enter regions above before below; known codes get their name anew. Returns how many were new."""
    known = {row.code: row for row in ctx.session.scalars(select(Region))}
    made = 0
    for line in rows:
        parent = known.get(line.parent_code)
        if line.level not in LEVELS or not line.code or not line.name or (line.parent_code and parent is None):
            raise Invalid("region_row_bad", code_of_row=line.code or "（空）")
        if line.code in known:
            known[line.code].name = line.name
            continue
        row = Region(code=line.code, name=line.name, level=line.level, path="/",
                     parent_id=parent.id if parent else None)
        ctx.session.add(row)
        ctx.session.flush()
        row.path = f"{parent.path if parent else '/'}{row.id}/"
        known[line.code] = row
        made += 1
    audit.record(ctx, "regions.loaded", "regions:tree", {"new": made})
    return made


def find_by_code(session: Session, code: str) -> Region:
    region = session.scalar(select(Region).where(Region.code == code))
    if region is None:
        raise NotFound("region_unknown")
    return region
