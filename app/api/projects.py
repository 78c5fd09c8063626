"""Livelihood projects on the phone: the call, own ideas, candidates, results; a page for anybody (民生实事项目)."""

from apiflask import APIBlueprint
from flask import render_template
from pydantic import BaseModel, Field

from app.http.access import requires
from app.http.lifecycle import get_context
from app.http.limits import rate_limit
from app.http.paging import PageQuery, paged
from app.http.times import iso
from services import ballot_papers, project_papers, projects
from services.rules.project_stages import PROJECT_STATES, STAGE_NAMES

bp = APIBlueprint("projects", __name__, url_prefix="", tag="projects")


class ProjectYearBrief(BaseModel):
    id: int
    year: int
    title: str
    stage: str
    stage_name: str
    #: Whether an idea may be handed in today.
    is_open: bool
    call_opens_on: str
    call_closes_on: str


class ProjectYearList(BaseModel):
    items: list[ProjectYearBrief]


class ProjectFact(BaseModel):
    name: str
    value: str


class ProjectOut(BaseModel):
    id: int
    position: int
    name: str
    content: str
    state: str
    state_name: str
    facts: list[ProjectFact]


class VoteLine(BaseModel):
    name: str
    #: One number, or for, against and abstaining, or how often each rank.
    votes: list[int]
    is_elected: bool


class VoteResult(BaseModel):
    number: int
    published_at: str
    members: int
    present: int
    issued: int
    collected: int
    valid: int
    void: int
    lines: list[VoteLine]
    sentences: list[str]


class ProjectYearOut(ProjectYearBrief):
    call_text: str
    candidates: list[ProjectOut]
    results: list[VoteResult]


class IdeaIn(BaseModel):
    title: str = Field(max_length=500)
    text: str = Field(max_length=20_000)
    place: str = Field("", max_length=500)
    #: The number of an own opinion that it grew from.
    opinion_number: str = Field("", max_length=64)


class IdeaOut(BaseModel):
    number: str
    title: str
    text: str
    place: str
    created_at: str
    state: str
    progress: str


class IdeaPage(BaseModel):
    items: list[IdeaOut]
    page: int
    page_size: int
    total: int


def show_year(year: projects.ProjectYear) -> dict[str, object]:
    ctx = get_context()
    return {"id": year.id, "year": year.year, "title": project_papers.title_of(ctx, year),
            "stage": year.stage, "stage_name": STAGE_NAMES[year.stage], "is_open": projects.is_open(ctx, year),
            "call_opens_on": year.call_opens_on.isoformat(), "call_closes_on": year.call_closes_on.isoformat()}


def show_project(row: projects.Project) -> dict[str, object]:
    return {"id": row.id, "position": row.position, "name": row.name, "content": row.content, "state": row.state,
            "state_name": PROJECT_STATES[row.state],
            "facts": [{"name": name, "value": value} for name, value in project_papers.facts_of(row)]}


def show_result(found: ballot_papers.Result) -> dict[str, object]:
    row, outcome = found.row, found.row.outcome or {}
    return {"number": row.number, "published_at": iso(row.published_at), "members": row.members, "present": row.present,
            "issued": row.issued, "collected": row.collected, "valid": outcome["valid_ballots"],
            "void": outcome["void"], "sentences": found.sentences,
            "lines": [{"name": line.project.name, "votes": list(line.numbers), "is_elected": line.is_elected}
                      for line in found.lines]}


def show_idea(line: projects.IdeaLine) -> dict[str, object]:
    idea = line.idea
    return {"number": idea.number, "title": idea.title, "text": idea.text, "place": idea.place,
            "created_at": iso(idea.created_at), "state": idea.state, "progress": line.progress}


@bp.get("/api/v1/project-years")
@requires("account")
@bp.output(ProjectYearList)
def list_years() -> dict[str, object]:
    """The years of the asker's township and county, the newest first."""
    return {"items": [show_year(year) for year in projects.list_my_years(get_context())]}


@bp.get("/api/v1/project-years/<int:year_id>")
@requires("account")
@bp.output(ProjectYearOut)
def get_year(year_id: int) -> dict[str, object]:
    """The call, the candidates once they are frozen, and the announced results."""
    ctx = get_context()
    year = projects.get_my_year(ctx, year_id)
    rows = projects.list_projects(ctx.session, year.id, "candidate", "elected", "not_elected")
    return {**show_year(year), "call_text": year.call_text, "candidates": [show_project(row) for row in rows],
            "results": [show_result(found) for found in ballot_papers.list_public_results(ctx, year.id)]}


@bp.post("/api/v1/project-years/<int:year_id>/ideas")
@requires("account")
@rate_limit("10/hour", per="actor", when_redis_is_away="open")
@bp.input(IdeaIn)
@bp.output(IdeaOut, status_code=201)
def submit_idea(year_id: int, json_data: IdeaIn) -> dict[str, object]:
    """Hand in an idea; the number is the receipt."""
    idea = projects.submit_idea(get_context(), year_id, projects.IdeaForm(**json_data.model_dump()))
    return show_idea(projects.IdeaLine(idea, None))


@bp.get("/api/v1/project-ideas")
@requires("account")
@bp.input(PageQuery, location="query")
@bp.output(IdeaPage)
def list_ideas(query_data: PageQuery) -> dict[str, object]:
    """The asker's own ideas with what became of each."""
    found = projects.list_my_ideas(get_context(), page=query_data.page, page_size=query_data.page_size)
    return paged(found, query_data, show_idea)


@bp.get("/projects/<int:year_id>")
@requires("public")
@bp.doc(hide=True)
def public_page(year_id: int) -> str:
    """Candidates and results for anybody, without log-in and without anything a resident wrote."""
    ctx = get_context()
    year = projects.get_public_year(ctx.session, year_id)
    rows = projects.list_projects(ctx.session, year.id, "candidate", "elected", "not_elected")
    return render_template(
        "projects_public.html", year=year, title=project_papers.title_of(ctx, year),
        stage=STAGE_NAMES[year.stage], candidates=[(row, project_papers.facts_of(row)) for row in rows],
        results=ballot_papers.list_public_results(ctx, year.id))
