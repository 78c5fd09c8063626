"""Livelihood projects: the pipeline of a year from the call to the frozen candidates (民生实事项目)."""

from urllib.parse import quote

from flask import Blueprint, Response, render_template

from app.console.forms import Answer, day, done, form_page, number, numbers, query_choice, required, text
from app.console.rendering import PAGE_SIZE, listing, page_number
from app.http.access import requires
from app.http.lifecycle import get_context
from services import ballots, project_library, project_papers, projects, regions, sittings
from services.errors import Invalid
from services.rules import project_stages
from services.rules.ballots import METHODS, PASS_RULES, SHORTFALL_RULES, TIE_RULES, VotingMethod

bp = Blueprint("console_projects", __name__)
IDEA_STATES = {"submitted": "待筛选", "joined": "已并入项目", "excluded": "未列入"}
PDF, DOCX = "application/pdf", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def file_answer(content: bytes, mimetype: str, name: str) -> Response:
    """A paper to download under its Chinese name."""
    return Response(content, mimetype=mimetype, headers={
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"})


@bp.get("/console/projects")
@requires("projects.view")
def list_page() -> str:
    """The years of the region, the newest first."""
    found = projects.list_years(get_context(), page=page_number(), page_size=PAGE_SIZE)
    return render_template("console/projects_list.html", listing=listing(found, "console_projects.list_page"))


@bp.get("/console/projects/new")
@requires("projects.edit")
def new_page() -> str:
    """The announcement of a year's call with its way of voting."""
    ctx = get_context()
    return render_template("console/project_year_form.html", today=ctx.today, methods=METHODS, pass_rules=PASS_RULES,
                           tie_rules=TIE_RULES, shortfall_rules=SHORTFALL_RULES,
                           places=regions.list_in_reach(ctx, tuple(project_stages.REVIEWS)))


@bp.post("/console/projects/new")
@requires("projects.edit")
@form_page(new_page)
def create() -> Answer:
    """Announce the call."""
    year = projects.open_year(get_context(), region_id=number("region_id"), form=projects.CallForm(
        year=number("year"), text=text("text"), opens_on=required(day("opens_on"), "opens_on"),
        closes_on=required(day("closes_on"), "closes_on"), method=_method()))
    return done("console_projects.detail_page", "已发布征集公告。", year_id=year.id)


def _method() -> VotingMethod:
    return projects.build_method(
        kind=text("kind"), seats=number("seats"), surplus_percent=number("surplus_percent"),
        pass_rule=text("pass_rule"), tie_rule=text("tie_rule"), shortfall_rule=text("shortfall_rule"))


@bp.get("/console/projects/<int:year_id>")
@requires("projects.view")
def detail_page(year_id: int) -> str:
    """The pipeline: where the year is, what is due, its ideas, its library, the bodies' words."""
    ctx = get_context()
    year = projects.get_year(ctx, year_id)
    state = query_choice("state", IDEA_STATES)
    ideas = projects.list_ideas(ctx, year, state=state, page=page_number(), page_size=PAGE_SIZE)
    return render_template(
        "console/project_year.html", year=year, state=state, idea_states=IDEA_STATES, stages=project_stages,
        title=project_papers.title_of(ctx, year), method=projects.method_in_words(year), today=ctx.today,
        library=projects.list_projects(ctx.session, year.id), behind=project_library.count_ideas(ctx, year.id),
        reviews=projects.list_reviews(ctx.session, year.id), due=projects.due_body(ctx, year),
        rounds=ballots.list_rounds(ctx, year.id), round_states=ballots.STATE_NAMES,
        sittings=sittings.list_sittings(ctx)[0],
        listing=listing(ideas, "console_projects.detail_page", year_id=year_id))


@bp.post("/console/projects/<int:year_id>/close")
@requires("projects.edit")
@form_page(detail_page)
def close_call(year_id: int) -> Answer:
    """The period is over: sift."""
    projects.close_call(get_context(), year_id)
    return done("console_projects.detail_page", "征集已结束，进入汇总筛选。", year_id=year_id)


@bp.post("/console/projects/<int:year_id>/screened")
@requires("projects.edit")
@form_page(detail_page)
def end_screening(year_id: int) -> Answer:
    """Every idea and line is settled: the deputies' groups draw up the list."""
    projects.end_screening(get_context(), year_id)
    return done("console_projects.detail_page", "筛选已完成，请代表小组酝酿初选名单。", year_id=year_id)


@bp.post("/console/projects/<int:year_id>/list")
@requires("projects.edit")
@form_page(detail_page)
def submit_list(year_id: int) -> Answer:
    """Put the list before the bodies."""
    projects.submit_list(get_context(), year_id, listed=numbers("listed"))
    return done("console_projects.detail_page", "初选名单已提交审查。", year_id=year_id)


@bp.post("/console/projects/<int:year_id>/review")
@requires("projects.review")
@form_page(detail_page)
def record_review(year_id: int) -> Answer:
    """The word of the body that is due."""
    row = projects.record_review(get_context(), year_id, projects.ReviewForm(
        body=text("body"), decision=text("decision"), opinion=text("opinion"), signer=text("signer"),
        decided_on=required(day("decided_on"), "decided_on")))
    return done("console_projects.detail_page", f"已登记{project_stages.BODY_NAMES[row.body]}的意见。", year_id=year_id)


@bp.post("/console/projects/<int:year_id>/ideas")
@requires("projects.edit")
@form_page(detail_page)
def enter_idea(year_id: int) -> Answer:
    """A department's proposal."""
    idea = projects.enter_department_idea(get_context(), year_id, projects.IdeaForm(
        text("title"), text("text"), text("place")), unit_name=text("unit_name"))
    return done("console_projects.detail_page", f"已登记，回执编号 {idea.number}。", year_id=year_id)


@bp.get("/console/projects/<int:year_id>/booklet.pdf")
@requires("projects.view")
def booklet(year_id: int) -> Response:
    """The candidates as PDF."""
    ctx = get_context()
    year = projects.get_year(ctx, year_id)
    return file_answer(project_papers.build_booklet(ctx, year), PDF, f"{project_papers.title_of(ctx, year)}候选项目手册.pdf")


@bp.get("/console/projects/<int:year_id>/booklet.docx")
@requires("projects.view")
def word_booklet(year_id: int) -> Response:
    """The candidates as a Word file."""
    ctx = get_context()
    year = projects.get_year(ctx, year_id)
    return file_answer(project_papers.build_word_booklet(ctx, year), DOCX, f"{project_papers.title_of(ctx, year)}候选项目手册.docx")


@bp.get("/console/projects/<int:year_id>/poster.pdf")
@requires("projects.view")
def poster(year_id: int) -> Response:
    """The call as a poster, with a code that opens the public page."""
    ctx = get_context()
    year = projects.get_year(ctx, year_id)
    return file_answer(project_papers.build_poster(ctx, year), PDF, f"{year.year}年民生实事项目征集海报.pdf")


# --- ideas and lines --------------------------------------------------------------------------------


@bp.post("/console/projects/ideas/<int:idea_id>/join")
@requires("projects.edit")
def join_idea(idea_id: int) -> Answer:
    """Join an idea to a line of the library."""
    ctx = get_context()
    project_library.get_idea(ctx, idea_id)  # one of elsewhere is not there, whatever was chosen
    idea = project_library.join_idea(ctx, idea_id, project_id=number("project_id"))
    return done("console_projects.detail_page", f"{idea.number} 已并入项目。", year_id=idea.year_id)


@bp.post("/console/projects/ideas/<int:idea_id>/exclude")
@requires("projects.edit")
def exclude_idea(idea_id: int) -> Answer:
    """Say why an idea becomes no project."""
    idea = project_library.exclude_idea(get_context(), idea_id, reason=text("reason"))
    return done("console_projects.detail_page", f"{idea.number} 未列入，原因会告知提出人。", year_id=idea.year_id)


@bp.get("/console/projects/<int:year_id>/items/new")
@requires("projects.edit")
def new_item_page(year_id: int) -> str:
    """A new line of the library."""
    return render_template("console/project_form.html", year=projects.get_year(get_context(), year_id), project=None)


@bp.post("/console/projects/<int:year_id>/items/new")
@requires("projects.edit")
@form_page(new_item_page)
def create_item(year_id: int) -> Answer:
    """Keep the line."""
    row = project_library.create_project(get_context(), year_id, _item())
    return done("console_projects.item_page", "已加入项目库，请登记部门论证意见。", project_id=row.id)


@bp.get("/console/projects/items/<int:project_id>")
@requires("projects.view")
def item_page(project_id: int) -> str:
    """One line: facts, argument, what may be done with it."""
    ctx = get_context()
    row, year = project_library.get_project(ctx, project_id)
    return render_template("console/project_detail.html", project=row, year=year, stages=project_stages,
                           facts=project_papers.facts_of(row), today=ctx.today,
                           is_sifting=year.stage in ("collecting", "screening"))


@bp.get("/console/projects/items/<int:project_id>/edit")
@requires("projects.edit")
def edit_item_page(project_id: int) -> str:
    """The line's form."""
    row, year = project_library.get_project(get_context(), project_id)
    return render_template("console/project_form.html", project=row, year=year)


@bp.post("/console/projects/items/<int:project_id>/edit")
@requires("projects.edit")
@form_page(edit_item_page)
def update_item(project_id: int) -> Answer:
    """Change the line."""
    project_library.update_project(get_context(), project_id, _item())
    return done("console_projects.item_page", "已保存，内容有变，请重新登记部门论证意见。", project_id=project_id)


@bp.post("/console/projects/items/<int:project_id>/argument")
@requires("projects.edit")
@form_page(item_page)
def record_argument(project_id: int) -> Answer:
    """The department's opinion."""
    project_library.record_argument(get_context(), project_id, text=text("text"), signer=text("signer"),
                                    on=required(day("on"), "on"))
    return done("console_projects.item_page", "已登记部门论证意见。", project_id=project_id)


@bp.post("/console/projects/items/<int:project_id>/aside")
@requires("projects.edit")
@form_page(item_page)
def set_aside(project_id: int) -> Answer:
    """Into the reserve, out for a reason, or back."""
    row = project_library.set_aside(get_context(), project_id, state=text("state"), reason=text("reason"))
    return done("console_projects.item_page", f"已转为“{project_stages.PROJECT_STATES[row.state]}”。",
                project_id=project_id)


def _item() -> project_library.ProjectForm:
    investment = project_stages.fen_of_wan(text("investment"))
    if investment is None:
        raise Invalid("invalid_input", fields={"investment": "project_amount_bad"})
    return project_library.ProjectForm(
        name=text("name"), content=text("content"), place=text("place"), investment_fen=investment,
        fund_source=text("fund_source"), beneficiaries=number("beneficiaries"), months=number("months"),
        responsible_unit=text("responsible_unit"))
