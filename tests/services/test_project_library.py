"""Lines of the library: complete, argued, joined, set aside for a coded reason, and closed with the sifting."""

from datetime import timedelta

import pytest

from models.projects import Project
from services import project_library, projects
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.rules.project_stages import EXCLUSION_REASONS
from tests.factories import World
from tests.services.project_case import LINE, ProjectCase


@pytest.fixture
def year(world: World) -> ProjectCase:
    case = ProjectCase(world)
    case.call()
    return case


def _form(**changes: object) -> project_library.ProjectForm:
    return project_library.ProjectForm(**({"name": "修路", **LINE} | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(("changes", "field"), [
    ({"name": " "}, "name"), ({"investment_fen": 0}, "investment"), ({"beneficiaries": 0}, "beneficiaries"),
    ({"months": 61}, "months"), ({"content": "长" * 2001}, "content")])
def test_an_incomplete_line_says_which_field(year: ProjectCase, changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        project_library.create_project(year.clerk, year.year_id, _form(**changes))
    assert set(refused.value.fields) == {field}


def test_two_lines_of_a_year_do_not_share_a_name(year: ProjectCase) -> None:
    first = project_library.create_project(year.clerk, year.year_id, _form())
    with pytest.raises(Conflict):
        project_library.create_project(year.clerk, year.year_id, _form())
    assert project_library.update_project(year.clerk, first.id, _form(months=3)).months == 3


def test_a_changed_line_is_argued_anew(year: ProjectCase) -> None:
    line = year.line()
    year.argue(line)
    row = project_library.update_project(year.clerk, line, _form())
    assert (row.argument, row.argued_by, row.argued_on) == (None, None, None)


def test_an_argument_has_a_signer_and_no_date_to_come(year: ProjectCase) -> None:
    line = year.line()
    with pytest.raises(Invalid) as refused:
        project_library.record_argument(year.clerk, line, text="可行", signer="", on=year.clerk.today + timedelta(days=1))
    assert set(refused.value.fields) == {"signer", "on"}


@pytest.mark.parametrize("reason", sorted(EXCLUSION_REASONS))
def test_a_line_is_excluded_for_a_coded_reason_and_may_come_back(year: ProjectCase, reason: str) -> None:
    line = year.line()
    assert project_library.set_aside(year.clerk, line, state="excluded", reason=reason).excluded_reason == reason
    back = project_library.set_aside(year.clerk, line, state="library", reason=reason)
    assert (back.state, back.excluded_reason) == ("library", None)


def test_an_unknown_reason_or_state_is_refused(year: ProjectCase) -> None:
    line = year.line()
    for state, reason in (("excluded", "因故"), ("elected", "")):
        with pytest.raises(Invalid):
            project_library.set_aside(year.clerk, line, state=state, reason=reason)
    assert year.clerk.session.get_one(Project, line).state == "library"


def test_similar_ideas_are_joined_into_one_line_and_counted(world: World, year: ProjectCase) -> None:
    ideas, line = [year.idea(world.resident()), year.idea(year.deputies[0])], year.line()
    for idea in ideas:
        project_library.join_idea(year.clerk, idea.id, project_id=line)
    assert project_library.count_ideas(year.clerk, year.year_id) == {line: 2}
    project_library.exclude_idea(year.clerk, ideas[0].id, reason="no_funds")
    assert project_library.count_ideas(year.clerk, year.year_id) == {line: 1}
    with pytest.raises(Invalid):
        project_library.exclude_idea(year.clerk, ideas[0].id, reason="")


def test_an_idea_is_not_joined_to_a_line_of_another_year(world: World, year: ProjectCase) -> None:
    line, today = year.line(), year.clerk.today
    year.call(year=today.year + 2)
    idea = year.idea(world.resident())
    with pytest.raises(Invalid) as refused:
        project_library.join_idea(year.clerk, idea.id, project_id=line)
    assert refused.value.code == "project_not_in_library"


def test_the_library_closes_with_the_sifting(world: World) -> None:
    case = ProjectCase(world)
    (line, _other) = case.screened(2)
    with pytest.raises(Conflict) as refused:
        project_library.update_project(case.clerk, line, _form())
    assert refused.value.code == "project_stage_wrong"
    with pytest.raises(Conflict):
        case.line("又一项")


def test_a_line_of_elsewhere_is_not_there(world: World, year: ProjectCase) -> None:
    line = year.line()
    assert project_library.get_project(year.clerk, line)[1].id == year.year_id
    with pytest.raises(NotFound):
        project_library.get_project(world.ctx_of(world.staff("township_clerk", world.other_township)), line)
    with pytest.raises(Forbidden):
        project_library.set_aside(world.ctx_of(world.staff("township_chair")), line, state="reserve")
    assert projects.list_projects(year.clerk.session, year.year_id, "library")[0].id == line
