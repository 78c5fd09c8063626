"""The library of a year: lines written by the clerk, ideas joined into them, arguments, reserve and exclusion."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from models.projects import Project, ProjectIdea, ProjectYear
from services import access, audit
from services.context import Context
from services.errors import Conflict, Invalid
from services.rules import project_stages

_LIMITS = {"name": 60, "content": 2000, "place": 100, "fund_source": 100, "responsible_unit": 60}


@dataclass(frozen=True)
class ProjectForm:
    """A line as it stands in the booklet: fen for money, months for the time it takes."""

    name: str
    content: str
    place: str
    investment_fen: int
    fund_source: str
    beneficiaries: int
    months: int
    responsible_unit: str


def create_project(ctx: Context, year_id: int, form: ProjectForm) -> Project:
    """A new line of the library while the year is gathered or sifted; its name is unique in the year."""
    year = _access_sifting(ctx, year_id)
    _check(ctx, year.id, form)
    row = Project(year_id=year.id, created_by=access.staff_id(ctx), created_at=ctx.now, **vars(form))
    ctx.session.add(row)
    ctx.session.flush()
    audit.record(ctx, "project.created", f"project:{row.id}", {"name": row.name}, region_id=year.region_id)
    return row


def update_project(ctx: Context, project_id: int, form: ProjectForm) -> Project:
    """Correct a line before the list is drawn up; the department then argues about the new text."""
    row, year = _access_line(ctx, project_id)
    _check(ctx, year.id, form, but=row.id)
    for name, value in vars(form).items():
        setattr(row, name, value)
    row.argument = row.argued_by = row.argued_on = None
    audit.record(ctx, "project.edited", f"project:{row.id}", region_id=year.region_id)
    return row


def _check(ctx: Context, year_id: int, form: ProjectForm, but: int | None = None) -> None:
    problems = {name: "field_too_long" for name, limit in _LIMITS.items() if len(getattr(form, name)) > limit}
    problems |= {name: "field_required" for name in _LIMITS if not getattr(form, name).strip()}
    if form.investment_fen <= 0:
        problems["investment"] = "project_amount_bad"
    if form.beneficiaries <= 0:
        problems["beneficiaries"] = "field_invalid"
    if not 1 <= form.months <= 60:
        problems["months"] = "project_months_bad"
    if problems:
        raise Invalid("invalid_input", fields=problems)
    if ctx.session.scalar(select(Project.id).where(
            Project.year_id == year_id, Project.name == form.name, Project.id != (but or 0))) is not None:
        raise Conflict("project_name_taken")


def record_argument(ctx: Context, project_id: int, *, text: str, signer: str, on: date) -> Project:
    """The department's opinion on feasibility and legality, with who signed it and when."""
    row, year = _access_line(ctx, project_id)
    problems = {name: "field_required" for name, value in (("text", text), ("signer", signer)) if not value.strip()}
    if on > ctx.today:
        problems["on"] = "project_review_date"
    if problems:
        raise Invalid("invalid_input", fields=problems)
    row.argument, row.argued_by, row.argued_on = text.strip(), signer.strip(), on
    audit.record(ctx, "project.argued", f"project:{row.id}", region_id=year.region_id)
    return row


def set_aside(ctx: Context, project_id: int, *, state: str, reason: str = "") -> Project:
    """Keep a line for a later year (reserve), exclude it for a coded reason, or take it back into the library."""
    row, year = _access_line(ctx, project_id)
    if state not in ("library", "reserve", "excluded"):
        raise Invalid("invalid_input", fields={"state": "field_not_a_choice"})
    if state == "excluded" and reason not in project_stages.EXCLUSION_REASONS:
        raise Invalid("invalid_input", fields={"reason": "field_not_a_choice"})
    row.state, row.excluded_reason = state, reason if state == "excluded" else None
    audit.record(ctx, "project.set_aside", f"project:{row.id}", {"state": state, "reason": row.excluded_reason},
                 region_id=year.region_id)
    return row


def join_idea(ctx: Context, idea_id: int, *, project_id: int) -> ProjectIdea:
    """Join an idea to a line of the same year; it keeps its own text and receipt."""
    idea, year = _access_idea(ctx, idea_id)
    project = access.access_project(ctx, project_id, "projects.edit")
    if project.year_id != idea.year_id:
        raise Invalid("project_not_in_library")
    idea.state, idea.project_id, idea.excluded_reason = "joined", project.id, None
    audit.record(ctx, "project_idea.joined", f"project_idea:{idea.id}", {"project": project.id},
                 region_id=year.region_id)
    return idea


def exclude_idea(ctx: Context, idea_id: int, *, reason: str) -> ProjectIdea:
    """Say with a coded reason why an idea becomes no project; its author reads it."""
    idea, year = _access_idea(ctx, idea_id)
    if reason not in project_stages.EXCLUSION_REASONS:
        raise Invalid("invalid_input", fields={"reason": "field_not_a_choice"})
    idea.state, idea.project_id, idea.excluded_reason = "excluded", None, reason
    audit.record(ctx, "project_idea.excluded", f"project_idea:{idea.id}", {"reason": reason}, region_id=year.region_id)
    return idea


def count_ideas(ctx: Context, year_id: int) -> dict[int, int]:
    """How many ideas lie behind each line of the library."""
    access.require(ctx, "projects.view")
    rows = ctx.session.execute(select(ProjectIdea.project_id, func.count()).where(
        ProjectIdea.year_id == year_id, ProjectIdea.project_id.is_not(None)).group_by(ProjectIdea.project_id))
    return {number: count for number, count in rows if number is not None}


def get_idea(ctx: Context, idea_id: int) -> ProjectIdea:
    """An idea in the reach of the staff asking."""
    return access.access_idea(ctx, idea_id, "projects.view")


def get_project(ctx: Context, project_id: int) -> tuple[Project, ProjectYear]:
    """A line with its year, for the staff of its region."""
    row = access.access_project(ctx, project_id, "projects.view")
    return row, ctx.session.get_one(ProjectYear, row.year_id)


def _access_sifting(ctx: Context, year_id: int) -> ProjectYear:
    year = access.access_project_year(ctx, year_id, "projects.edit")
    if year.stage not in ("collecting", "screening"):
        raise Conflict("project_stage_wrong", stage=project_stages.STAGE_NAMES[year.stage])
    return year


def _access_line(ctx: Context, project_id: int) -> tuple[Project, ProjectYear]:
    """The line behind its locked year: the stage cannot move on while the line changes."""
    year_id = access.access_project(ctx, project_id, "projects.edit").year_id
    return ctx.session.get_one(Project, project_id), _access_sifting(ctx, year_id)


def _access_idea(ctx: Context, idea_id: int) -> tuple[ProjectIdea, ProjectYear]:
    year_id = access.access_idea(ctx, idea_id, "projects.edit").year_id
    return ctx.session.get_one(ProjectIdea, idea_id), _access_sifting(ctx, year_id)


