"""Livelihood projects: the year's call, ideas with receipts, and the stages up to the frozen list of candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.deputies import Person
from models.identity import Account
from models.insert_once import insert_once
from models.number_series import take_serial
from models.projects import Project as Project
from models.projects import ProjectIdea, ProjectReview
from models.projects import ProjectYear as ProjectYear
from models.regions import Region
from services import access, audit, regions
from services.context import Context
from services.errors import Conflict, Invalid, NotFound
from services.rules import project_stages, voting_profiles
from services.rules.ballots import METHODS, PASS_RULES, SHORTFALL_RULES, TIE_RULES, VotingMethod
from services.rules.counts import BadCount

MAX_TITLE, MAX_TEXT = 60, 2000


# --- the call ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CallForm:
    """The announcement, and the way of voting for the year as the region has laid it down."""

    year: int
    text: str
    opens_on: date
    closes_on: date
    method: VotingMethod


def open_year(ctx: Context, *, region_id: int, form: CallForm) -> ProjectYear:
    """Announce the call of a year: one per region and year, open at least fifteen days."""
    region = access.access_region(ctx, region_id, "projects.edit")
    if region.level not in project_stages.REVIEWS:
        raise Invalid("project_region_bad", fields={"region_id": "project_region_bad"})
    if not form.text.strip():
        raise Invalid("invalid_input", fields={"text": "field_required"})
    if form.closes_on < form.opens_on + timedelta(days=project_stages.CALL_DAYS - 1):
        raise Invalid("project_call_short", fields={"closes_on": "project_call_short"})
    row = insert_once(ctx.session, ProjectYear, region_id=region.id, year=form.year, call_text=form.text.strip(),
                      call_opens_on=form.opens_on, call_closes_on=form.closes_on,
                      method=voting_profiles.to_data(form.method), stage="collecting", review_no=1,
                      created_by=access.staff_id(ctx), created_at=ctx.now)
    if row is None:
        raise Conflict("project_year_exists")
    audit.record(ctx, "project_year.opened", f"project_year:{row.id}", {"year": form.year}, region_id=region.id)
    return row


def set_method(ctx: Context, year_id: int, method: VotingMethod) -> ProjectYear:
    """Change the way of voting until the candidates are frozen; every round keeps its own copy."""
    year = access.access_project_year(ctx, year_id, "projects.edit")
    if year.candidates_frozen_at is not None:
        raise Conflict("project_candidates_frozen")
    year.method = voting_profiles.to_data(method)
    audit.record(ctx, "project_year.method_set", f"project_year:{year.id}", year.method, region_id=year.region_id)
    return year


def build_method(**values: object) -> VotingMethod:
    """A method from what was typed; a bad one is refused with its sentence."""
    try:
        return VotingMethod(**values)  # type: ignore[arg-type]
    except BadCount as bad:
        raise Invalid("method_bad", sentence=bad.sentence) from bad


def words_of_method(method: VotingMethod) -> str:
    """A way of voting in one sentence, as the pages show it."""
    part, of = method.quorum
    return (f"{METHODS[method.kind]}，名额{method.seats}项，候选不少于{method.candidates_needed()}项；"
            f"实到须达全体代表的{of}分之{part}；{PASS_RULES[method.pass_rule]}；{TIE_RULES[method.tie_rule]}；"
            f"{SHORTFALL_RULES[method.shortfall_rule]}")


def method_in_words(year: ProjectYear) -> str:
    """The year's way of voting."""
    return words_of_method(voting_profiles.from_data(year.method))


def get_year(ctx: Context, year_id: int) -> ProjectYear:
    """A year in the reach of the staff asking."""
    return access.access_project_year(ctx, year_id, "projects.view")


def list_years(ctx: Context, *, page: int = 1, page_size: int = 20) -> tuple[list[tuple[ProjectYear, str, int]], int]:
    """(year, region's name, ideas) in the actor's region, the newest first."""
    access.require(ctx, "projects.view")
    inside = access.in_scope(ctx, ProjectYear.region_id)
    total = ctx.session.scalar(select(func.count()).select_from(ProjectYear).where(inside)) or 0
    ideas = select(func.count()).where(ProjectIdea.year_id == ProjectYear.id).scalar_subquery()
    rows = ctx.session.execute(
        select(ProjectYear, Region.name, ideas).join(Region, Region.id == ProjectYear.region_id).where(inside)
        .order_by(ProjectYear.year.desc(), Region.code).limit(page_size).offset((page - 1) * page_size))
    return [(year, name, number) for year, name, number in rows], total


# --- ideas ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class IdeaForm:
    title: str
    text: str
    place: str = ""
    opinion_number: str = ""


def submit_idea(ctx: Context, year_id: int, form: IdeaForm) -> ProjectIdea:
    """A resident's or deputy's idea while the call is open; the receipt is its number."""
    account = access.own_account(ctx)
    year = get_my_year(ctx, year_id)
    _check_idea(form)
    if not is_open(ctx, year):
        raise Conflict("project_call_closed")
    idea = ProjectIdea(author="deputy" if ctx.actor.is_deputy else "resident", account_id=account.id,
                       person_id=ctx.actor.person_id, opinion_id=_own_opinion(ctx, form.opinion_number))
    return _keep_idea(ctx, year, idea, form)


def is_open(ctx: Context, year: ProjectYear) -> bool:
    """Whether ideas come in today."""
    return year.stage == "collecting" and year.call_opens_on <= ctx.today <= year.call_closes_on


def enter_department_idea(ctx: Context, year_id: int, form: IdeaForm, *, unit_name: str) -> ProjectIdea:
    """A department's proposal, entered by the clerk while ideas are gathered or sifted."""
    year = access.access_project_year(ctx, year_id, "projects.edit")
    if not unit_name.strip():
        raise Invalid("invalid_input", fields={"unit_name": "field_required"})
    _check_idea(form)
    if year.stage not in ("collecting", "screening"):
        raise Conflict("project_call_closed")
    return _keep_idea(ctx, year, ProjectIdea(author="department", unit_name=unit_name.strip()), form)


def _check_idea(form: IdeaForm) -> None:
    limits = {"title": MAX_TITLE, "text": MAX_TEXT, "place": MAX_TITLE}
    problems = {name: "field_too_long" for name, limit in limits.items() if len(getattr(form, name)) > limit}
    problems |= {name: "field_required" for name in ("title", "text") if not getattr(form, name).strip()}
    if problems:
        raise Invalid("invalid_input", fields=problems)


def _own_opinion(ctx: Context, number: str) -> int | None:
    return access.access_own_opinion(ctx, number).id if number else None


def _keep_idea(ctx: Context, year: ProjectYear, idea: ProjectIdea, form: IdeaForm) -> ProjectIdea:
    code = regions.get_region(ctx.session, year.region_id).code
    series = f"MS{code.ljust(9, '0')}{year.year}"
    idea.number = f"{series}{take_serial(ctx.session, series):05d}"
    idea.year_id, idea.created_at = year.id, ctx.now
    idea.title, idea.text, idea.place = form.title.strip(), form.text.strip(), form.place.strip()
    ctx.session.add(idea)
    ctx.session.flush()
    audit.record(ctx, "project_idea.submitted", f"project_idea:{idea.id}", {"author": idea.author},
                 region_id=year.region_id)
    return idea


def _regions_of(ctx: Context) -> list[int]:
    """The township and the county whose calls concern the account asking."""
    home = ctx.session.scalar(
        select(Person.region_id).where(Person.id == ctx.actor.person_id) if ctx.actor.person_id is not None
        else select(Account.village_id).where(Account.id == ctx.actor.account_id))
    return [row.id for row in regions.ancestors(ctx.session, regions.get_region(ctx.session, home))] if home else []


def list_my_ideas(ctx: Context, *, page: int = 1, page_size: int = 20) -> tuple[list["IdeaLine"], int]:
    """The asker's own ideas with what became of each, the newest first."""
    mine = ProjectIdea.account_id == access.account_id(ctx)
    total = ctx.session.scalar(select(func.count()).select_from(ProjectIdea).where(mine)) or 0
    rows = ctx.session.execute(
        select(ProjectIdea, Project).outerjoin(Project, Project.id == ProjectIdea.project_id).where(mine)
        .order_by(ProjectIdea.id.desc()).limit(page_size).offset((page - 1) * page_size))
    return [IdeaLine(idea, project) for idea, project in rows], total


@dataclass(frozen=True)
class IdeaLine:
    idea: ProjectIdea
    project: Project | None

    @property
    def progress(self) -> str:
        """What its author reads: where the idea is now."""
        if self.idea.state == "excluded":
            return f"未列入：{project_stages.EXCLUSION_REASONS[self.idea.excluded_reason or '']}"
        if self.project is None:
            return "已收到，待筛选"
        return f"已并入“{self.project.name}”，{project_stages.PROJECT_STATES[self.project.state]}"


def list_ideas(ctx: Context, year: ProjectYear, *, state: str = "", page: int = 1, page_size: int = 20
               ) -> tuple[list[IdeaLine], int]:
    """The ideas of a year for the clerk, those still to be sifted first."""
    access.require(ctx, "projects.view")
    which = [ProjectIdea.year_id == year.id] + ([ProjectIdea.state == state] if state else [])
    total = ctx.session.scalar(select(func.count()).select_from(ProjectIdea).where(*which)) or 0
    rows = ctx.session.execute(
        select(ProjectIdea, Project).outerjoin(Project, Project.id == ProjectIdea.project_id).where(*which)
        .order_by(ProjectIdea.state != "submitted", ProjectIdea.id).limit(page_size).offset((page - 1) * page_size))
    return [IdeaLine(idea, project) for idea, project in rows], total


# --- stages -----------------------------------------------------------------------------------------


def close_call(ctx: Context, year_id: int) -> ProjectYear:
    """End the gathering, once its announced period is over, and begin to sift."""
    year = access.access_project_year(ctx, year_id, "projects.edit")
    if ctx.today <= year.call_closes_on:
        raise Conflict("project_call_open", until=year.call_closes_on.isoformat())
    return move(ctx, year, "screening")


def end_screening(ctx: Context, year_id: int) -> ProjectYear:
    """Every idea is joined or excluded, every line of the library argued by its department."""
    year = access.access_project_year(ctx, year_id, "projects.edit")
    waiting = ctx.session.scalar(select(func.count()).select_from(ProjectIdea).where(
        ProjectIdea.year_id == year.id, ProjectIdea.state == "submitted")) or 0
    if waiting:
        raise Conflict("project_ideas_waiting", count=waiting)
    unargued = ctx.session.scalar(select(func.count()).select_from(Project).where(
        Project.year_id == year.id, Project.state == "library", Project.argued_on.is_(None))) or 0
    if unargued:
        raise Conflict("project_unargued", count=unargued)
    return move(ctx, year, "shortlisting")


def submit_list(ctx: Context, year_id: int, *, listed: Sequence[int]) -> ProjectYear:
    """Put the list drawn up by the deputies' groups before the bodies; it must exceed the seats by the surplus."""
    year = access.access_project_year(ctx, year_id, "projects.edit")
    library = {row.id: row for row in list_projects(ctx.session, year.id) if row.state in ("library", "listed")}
    chosen = set(listed)
    if not chosen <= set(library):
        raise Invalid("project_not_in_library")
    needed = voting_profiles.from_data(year.method).candidates_needed()
    if len(chosen) < needed:
        raise Conflict("round_few_candidates", candidates=len(chosen), needed=needed)
    for number, row in library.items():
        row.state = "listed" if number in chosen else "library"
    return move(ctx, year, "reviewing", {"projects": sorted(chosen)})


@dataclass(frozen=True)
class ReviewForm:
    """`body` is the one the page showed as due: an outdated page must not speak for the next body."""

    body: str
    decision: str
    opinion: str
    signer: str
    decided_on: date


def record_review(ctx: Context, year_id: int, form: ReviewForm) -> ProjectReview:
    """The word of the body whose turn it is; the last yes freezes the candidates, a return opens the list again."""
    year = access.access_project_year(ctx, year_id, "projects.review")
    if year.stage != "reviewing" or form.body != due_body(ctx, year):
        raise Conflict("project_review_not_due")
    problems = {name: "field_required" for name in ("opinion", "signer") if not getattr(form, name).strip()}
    if form.decision not in ("approved", "returned"):
        problems["decision"] = "field_not_a_choice"
    if form.decided_on > ctx.today or form.decided_on < _latest_word(ctx, year):
        problems["decided_on"] = "project_review_date"
    if problems:
        raise Invalid("invalid_input", fields=problems)
    row = insert_once(ctx.session, ProjectReview, year_id=year.id, review_no=year.review_no, **{
        **vars(form), "opinion": form.opinion.strip(), "signer": form.signer.strip()},
        entered_by=access.staff_id(ctx), entered_at=ctx.now)
    if row is None:
        raise Conflict("project_review_not_due")
    audit.record(ctx, f"project_review.{form.decision}", f"project_year:{year.id}", {"body": form.body},
                 region_id=year.region_id)
    if form.decision == "returned":
        year.review_no += 1
        move(ctx, year, "shortlisting")
    elif due_body(ctx, year) is None:
        _freeze_candidates(ctx, year)
    return row


def _latest_word(ctx: Context, year: ProjectYear) -> date:
    return ctx.session.scalar(select(func.max(ProjectReview.decided_on)).where(
        ProjectReview.year_id == year.id)) or date.min


def due_body(ctx: Context, year: ProjectYear) -> str | None:
    """The body that speaks next about the list as it lies now."""
    approved = ctx.session.scalars(select(ProjectReview.body).where(
        ProjectReview.year_id == year.id, ProjectReview.review_no == year.review_no,
        ProjectReview.decision == "approved")).all()
    return project_stages.next_body(regions.get_region(ctx.session, year.region_id).level, approved)


def list_reviews(session: Session, year_id: int) -> list[ProjectReview]:
    return list(session.scalars(select(ProjectReview).where(ProjectReview.year_id == year_id).order_by(
        ProjectReview.id)))


def _freeze_candidates(ctx: Context, year: ProjectYear) -> None:
    """The listed projects become candidates, in the order of the library; nothing of them changes any more."""
    for position, row in enumerate((row for row in list_projects(ctx.session, year.id) if row.state == "listed"), 1):
        row.state, row.position = "candidate", position
    year.candidates_frozen_at = ctx.now
    move(ctx, year, "candidates")


def move(ctx: Context, year: ProjectYear, to: str, changes: dict[str, object] | None = None) -> ProjectYear:
    """One allowed step of the year; its row is locked by the caller."""
    if not project_stages.may_move(year.stage, to):
        raise Conflict("project_stage_wrong", stage=project_stages.STAGE_NAMES[year.stage])
    audit.record(ctx, f"project_year.{to}", f"project_year:{year.id}", {"from": year.stage, **(changes or {})},
                 region_id=year.region_id)
    year.stage = to
    ctx.session.flush()
    return year


# --- for everybody ----------------------------------------------------------------------------------


def list_projects(session: Session, year_id: int, *states: str) -> list[Project]:
    """Lines of the library: candidates in the order of the ballot, the others as they were entered."""
    query = select(Project).where(Project.year_id == year_id).order_by(Project.position.is_(None), Project.position,
                                                                      Project.id)
    return list(session.scalars(query.where(Project.state.in_(states)) if states else query))


def get_public_year(session: Session, year_id: int) -> ProjectYear:
    """A year by its address, for anybody."""
    year = session.get(ProjectYear, year_id)
    if year is None:
        raise NotFound("not_found")
    return year


def get_my_year(ctx: Context, year_id: int) -> ProjectYear:
    """A year of the asker's own township or county."""
    year = ctx.session.get(ProjectYear, year_id)
    if year is None or year.region_id not in _regions_of(ctx):
        raise NotFound("not_found")
    return year


def list_my_years(ctx: Context) -> list[ProjectYear]:
    """The years of the asker's township and county, the newest first."""
    return list(ctx.session.scalars(select(ProjectYear).where(ProjectYear.region_id.in_(_regions_of(ctx)))
                                    .order_by(ProjectYear.year.desc(), ProjectYear.id.desc())))


def list_candidates(ctx: Context) -> list[Project]:
    """The candidates of the newest year of the asker's home that has them; empty before the list is frozen."""
    for year in list_my_years(ctx):
        found = list_projects(ctx.session, year.id, "candidate", "elected", "not_elected")
        if found:
            return found
    return []


def progress_of(ctx: Context, name: str) -> list[Project]:
    """Projects of the asker's home, from the candidates on, whose name contains the words."""
    ids = [year.id for year in list_my_years(ctx)]
    return list(ctx.session.scalars(
        select(Project).where(Project.year_id.in_(ids), Project.state.in_(("candidate", "elected", "not_elected")),
                              Project.name.contains(name, autoescape=True)).order_by(Project.id.desc()).limit(5)))
