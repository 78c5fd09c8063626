"""The booklet of the candidates as PDF and Word."""

import io

import docx
import pytest

from services import project_papers, projects
from services.errors import Conflict
from tests.factories import World
from tests.services.project_case import ProjectCase


def test_the_booklet_holds_the_candidates_in_the_order_of_the_ballot(world: World) -> None:
    case = ProjectCase(world)
    case.candidates(2)
    year = projects.get_year(case.clerk, case.year_id)
    document = docx.Document(io.BytesIO(project_papers.build_word_booklet(case.clerk, year)))
    assert [line.text for line in document.paragraphs if line.style and line.style.name == "Heading 1"] == [
        "1. 项目0", "2. 项目1"]
    assert [row.cells[1].text for row in document.tables[0].rows] == [
        "石桥村", "80万元", "镇级财政", "约1200人", "10个月", "青石镇城建办"]
    assert project_papers.build_booklet(case.clerk, year).startswith(b"%PDF")


def test_what_was_typed_is_never_markup(world: World) -> None:
    case = ProjectCase(world)
    hostile = '#panic("x") $ _ * \\ " <a>'
    assert project_papers.render("booklet.typ", {"title": hostile, "note": hostile, "projects": [
        {"position": 1, "name": hostile, "content": hostile, "facts": [[hostile, hostile]]}]}).startswith(b"%PDF")
    assert case.clerk.actor.role == "township_clerk"


def test_there_is_no_booklet_before_the_candidates_are_frozen(world: World) -> None:
    case = ProjectCase(world)
    year = case.call()
    with pytest.raises(Conflict) as refused:
        project_papers.build_booklet(case.clerk, year)
    assert refused.value.code == "project_candidates_missing"
