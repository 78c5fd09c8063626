"""The papers of a round: numbered stubs, and a notice that prints every number with the signers."""

import pytest

from services import ballot_papers, ballots
from services.errors import Conflict
from tests.factories import World
from tests.services.project_case import ProjectCase


@pytest.fixture
def case(world: World) -> ProjectCase:
    return ProjectCase(world)


def test_ballots_are_printed_for_each_member_until_the_box_is_opened(case: ProjectCase) -> None:
    row = case.prepared()
    printed = ballot_papers.build_ballots(case.clerk, row.id)
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type/Page/") + printed.count(b"/Type /Page ") in (0, 7)
    case.collect(row)
    with pytest.raises(Conflict):
        ballot_papers.build_ballots(case.clerk, row.id)


def test_a_result_says_every_number_and_who_signed(case: ProjectCase) -> None:
    row = case.published(case.counting(), [5, 1], void=1)
    found = ballot_papers.build_result(case.clerk, row)
    assert [(line.project.name, line.score, line.share, line.is_elected) for line in found.lines] == [
        ("项目0", 5, 71, True), ("项目1", 1, 14, False)]
    assert found.signers == [("总监票人", "代表0"), ("监票人", "代表1"), ("监票人", "代表2"), ("计票人", "周专干"), ("计票人", "周专干")]
    assert found.sentences == ["票决方式：限额选择，名额1项；全体代表过半数，通过线4票。", "当选项目：项目0。"]
    assert ballot_papers.build_notice(case.clerk, row.id).startswith(b"%PDF")
    assert [one.row.id for one in ballot_papers.list_public_results(case.clerk, case.year_id)] == [row.id]


def test_a_tie_is_told_with_what_must_be_voted_again(world: World) -> None:
    case = ProjectCase(world, deputies=9, seats=2)
    row = case.published(case.counting(3, 9, 9), [8, 5, 5])
    assert ballot_papers.build_result(case.clerk, row).sentences[1:] == ["当选项目：项目0。", "须再次投票：项目1、项目2。", "尚缺1项。"]
    second = ballots.prepare_round(case.clerk, case.year_id, sitting_id=row.sitting_id)
    assert ballot_papers.ordinal(second) == "（第2轮）"


def test_before_the_announcement_nobody_reads_a_number(case: ProjectCase) -> None:
    row = case.counted(case.counting(), [5, 2])
    with pytest.raises(Conflict) as refused:
        ballot_papers.build_result(case.clerk, row)
    assert refused.value.code == "round_not_published"
    assert ballot_papers.list_public_results(case.clerk, case.year_id) == []
