"""The year of livelihood projects: a call, ideas with receipts, bodies in order, a frozen list; nothing skips a stage."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from models.projects import ProjectReview
from services import project_library, projects
from services.errors import Conflict, Forbidden, Invalid, NotFound
from services.rules.ballots import VotingMethod
from tests.factories import World
from tests.services.project_case import ProjectCase


@pytest.fixture
def year(world: World) -> ProjectCase:
    return ProjectCase(world)


def _actions(world: World) -> list[str]:
    return [row.action for row in world.system.audit_rows]


def test_a_call_is_announced_once_a_year_and_region(year: ProjectCase) -> None:
    row = year.call()
    assert (row.stage, row.method["seats"]) == ("collecting", 1)
    with pytest.raises(Conflict) as refused:
        year.call()
    assert refused.value.code == "project_year_exists"


def test_a_call_of_fourteen_days_is_too_short(year: ProjectCase) -> None:
    today = year.clerk.today
    with pytest.raises(Invalid) as refused:
        year.call(closes_on=today + timedelta(days=13))
    assert refused.value.code == "project_call_short"
    assert year.call(closes_on=today + timedelta(days=14)).id


def test_a_village_has_no_call_of_its_own(world: World, year: ProjectCase) -> None:
    today = year.clerk.today
    with pytest.raises(Invalid) as refused:
        projects.open_year(year.clerk, region_id=world.village.id, form=projects.CallForm(
            2027, "征集", today, today + timedelta(days=20), VotingMethod("select_up_to_n", 1)))
    assert refused.value.code == "project_region_bad"


def test_a_county_calls_for_its_own_projects_and_residents_of_both_townships_answer(world: World) -> None:
    office = world.ctx_of(world.staff("county_office"))
    row = projects.open_year(office, region_id=world.county.id, form=projects.CallForm(
        2027, "征集", office.today, office.today + timedelta(days=20), VotingMethod("select_up_to_n", 1)))
    resident = world.ctx_of(world.resident(world.other_village))
    assert projects.submit_idea(resident, row.id, projects.IdeaForm("修桥", "过河不便。")).number == "MS990101000202700001"
    assert [found.id for found in projects.list_my_years(resident)] == [row.id]


def test_each_idea_has_a_receipt_of_its_own_and_its_author_follows_it(world: World, year: ProjectCase) -> None:
    year.call()
    resident = world.resident()
    first, second = year.idea(resident), year.idea(resident, "修桥")
    assert first.number.startswith("MS9901011012027")
    assert int(second.number[-5:]) == int(first.number[-5:]) + 1
    line = year.line()
    project_library.join_idea(year.clerk, first.id, project_id=line)
    project_library.exclude_idea(year.clerk, second.id, reason="not_this_level")
    shown, total = projects.list_my_ideas(world.ctx_of(resident))
    assert total == 2
    assert [one.progress for one in shown] == ["未列入：不属于本级职权", "已并入“石桥村道路硬化”，项目库"]


def test_nobody_reads_the_ideas_of_another(world: World, year: ProjectCase) -> None:
    year.call()
    year.idea(world.resident())
    assert projects.list_my_ideas(world.ctx_of(world.resident())) == ([], 0)


def test_a_deputys_idea_knows_its_deputy(year: ProjectCase) -> None:
    year.call()
    idea = year.idea(year.deputies[0])
    assert (idea.author, idea.person_id) == ("deputy", year.deputies[0].person_id)


def test_an_idea_keeps_the_thread_to_its_authors_own_opinion_only(world: World, year: ProjectCase) -> None:
    year.call()
    resident = world.resident()
    opinion = world.opinion(resident)
    form = projects.IdeaForm("路灯", "装路灯。", opinion_number=opinion.number)
    assert projects.submit_idea(world.ctx_of(resident), year.year_id, form).opinion_id == opinion.id
    with pytest.raises(NotFound):
        projects.submit_idea(world.ctx_of(world.resident()), year.year_id, form)


def test_an_idea_from_elsewhere_finds_no_call(world: World, year: ProjectCase) -> None:
    year.call()
    with pytest.raises(NotFound):
        year.idea(world.resident(world.other_village))


def test_ideas_come_in_while_the_call_is_open(world: World, year: ProjectCase) -> None:
    year.call()
    world.clock.advance(days=14)
    assert year.idea(world.resident()).id
    world.clock.advance(days=1)
    with pytest.raises(Conflict) as refused:
        year.idea(world.resident())
    assert refused.value.code == "project_call_closed"


def test_an_empty_or_overlong_idea_says_what_is_wrong(world: World, year: ProjectCase) -> None:
    year.call()
    with pytest.raises(Invalid) as refused:
        projects.submit_idea(world.ctx_of(world.resident()), year.year_id, projects.IdeaForm("长" * 61, " "))
    assert set(refused.value.fields) == {"title", "text"}


def test_a_department_proposes_through_the_clerk(year: ProjectCase) -> None:
    year.call()
    idea = projects.enter_department_idea(year.clerk, year.year_id, projects.IdeaForm("扩建泵站", "灌溉。"), unit_name="水利站")
    assert (idea.author, idea.unit_name, idea.account_id) == ("department", "水利站", None)


def test_the_call_is_not_closed_before_its_announced_end(world: World, year: ProjectCase) -> None:
    year.call()
    with pytest.raises(Conflict) as refused:
        projects.close_call(year.clerk, year.year_id)
    assert refused.value.code == "project_call_open"
    world.clock.advance(days=15)
    assert projects.close_call(year.clerk, year.year_id).stage == "screening"


def test_screening_ends_only_with_every_idea_settled_and_every_line_argued(world: World, year: ProjectCase) -> None:
    year.call()
    idea, line = year.idea(world.resident()), year.line()
    world.clock.advance(days=15)
    projects.close_call(year.clerk, year.year_id)
    for code, settle in (("project_ideas_waiting", lambda: project_library.join_idea(year.clerk, idea.id, project_id=line)),
                         ("project_unargued", lambda: year.argue(line))):
        with pytest.raises(Conflict) as refused:
            projects.end_screening(year.clerk, year.year_id)
        assert refused.value.code == code
        settle()
    assert projects.end_screening(year.clerk, year.year_id).stage == "shortlisting"


def test_the_list_must_exceed_the_seats(year: ProjectCase) -> None:
    lines = year.screened(2)
    with pytest.raises(Conflict) as refused:
        projects.submit_list(year.clerk, year.year_id, listed=lines[:1])
    assert refused.value.code == "round_few_candidates"
    assert projects.submit_list(year.clerk, year.year_id, listed=lines).stage == "reviewing"


def test_a_reserved_line_is_not_put_on_the_list(year: ProjectCase) -> None:
    year.call()
    lines = [year.line("甲"), year.line("乙")]
    project_library.set_aside(year.clerk, lines[0], state="reserve")
    year.argue(lines[1])
    year.world.clock.advance(days=15)
    projects.close_call(year.clerk, year.year_id)
    projects.end_screening(year.clerk, year.year_id)
    with pytest.raises(Invalid) as refused:
        projects.submit_list(year.clerk, year.year_id, listed=lines)
    assert refused.value.code == "project_not_in_library"


def test_the_bodies_speak_in_their_order_and_the_last_yes_freezes_the_candidates(world: World, year: ProjectCase) -> None:
    lines = year.screened(2)
    projects.submit_list(year.clerk, year.year_id, listed=lines)
    with pytest.raises(Conflict) as refused:
        year.review("party_committee")
    assert refused.value.code == "project_review_not_due"
    for body in ("presidium", "party_committee", "joint_meeting"):
        year.review(body)
    row = projects.get_year(year.clerk, year.year_id)
    found = projects.list_projects(year.clerk.session, year.year_id, "candidate")
    assert (row.stage, [one.position for one in found], [one.id for one in found]) == ("candidates", [1, 2], lines)
    assert row.candidates_frozen_at == year.clerk.now
    assert "project_year.candidates" in _actions(world)
    with pytest.raises(Conflict):
        projects.set_method(year.clerk, year.year_id, VotingMethod("select_up_to_n", 2))
    with pytest.raises(Conflict):
        project_library.set_aside(year.clerk, lines[0], state="reserve")


def test_a_returned_list_passes_every_body_again(year: ProjectCase) -> None:
    lines = year.screened(3)
    projects.submit_list(year.clerk, year.year_id, listed=lines)
    year.review("presidium")
    year.review("party_committee", "returned")
    row = projects.get_year(year.clerk, year.year_id)
    assert (row.stage, row.review_no) == ("shortlisting", 2)
    projects.submit_list(year.clerk, year.year_id, listed=lines[:2])
    assert projects.due_body(year.clerk, row) == "presidium"
    assert len(projects.list_reviews(year.clerk.session, year.year_id)) == 2


def test_a_word_dated_before_the_one_before_it_is_refused(year: ProjectCase) -> None:
    lines = year.screened(2)
    projects.submit_list(year.clerk, year.year_id, listed=lines)
    year.review("presidium")
    with pytest.raises(Invalid) as refused:
        projects.record_review(year.clerk, year.year_id, projects.ReviewForm(
            "party_committee", "approved", "同意。", "书记", year.clerk.today - timedelta(days=1)))
    assert set(refused.value.fields) == {"decided_on"}
    assert year.clerk.session.scalars(select(ProjectReview.body)).all() == ["presidium"]


def test_candidates_and_their_progress_are_for_the_people_of_the_place(world: World, year: ProjectCase) -> None:
    year.candidates(2)
    here, there = world.ctx_of(world.resident()), world.ctx_of(world.resident(world.other_village))
    assert [row.name for row in projects.list_candidates(here)] == ["项目0", "项目1"]
    assert projects.list_candidates(there) == []
    assert [row.name for row in projects.progress_of(here, "目1")] == ["项目1"]
    assert projects.progress_of(here, "%") == []


def test_staff_of_elsewhere_and_without_the_right_are_refused(world: World, year: ProjectCase) -> None:
    year.call()
    with pytest.raises(NotFound):
        projects.get_year(world.ctx_of(world.staff("township_clerk", world.other_township)), year.year_id)
    with pytest.raises(Forbidden):
        projects.close_call(world.ctx_of(world.staff("township_chair")), year.year_id)


def test_the_lists_of_staff_show_years_and_ideas(world: World, year: ProjectCase) -> None:
    row = year.call()
    year.idea(world.resident())
    (line,), total = projects.list_years(year.clerk)
    assert (line[0].id, line[1], line[2], total) == (row.id, "青石镇", 1, 1)
    shown, total = projects.list_ideas(year.clerk, row, state="submitted")
    assert (shown[0].progress, total) == ("已收到，待筛选", 1)
    assert projects.list_ideas(year.clerk, row, state="joined") == ([], 0)


def test_an_impossible_method_is_refused_with_its_sentence() -> None:
    with pytest.raises(Invalid) as refused:
        projects.build_method(kind="select_up_to_n", seats=0)
    assert refused.value.message.startswith("票决办法有误：名额")
