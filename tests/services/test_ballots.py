"""The secret ballot on paper, from the preparation to the announced result; every number comes from the rules."""

from collections.abc import Callable

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from models.ballots import BallotRound
from models.projects import Project
from services import ballots, project_library, projects, sittings
from services.errors import DomainError, Forbidden, Invalid, NotFound
from services.rules.ballots import VotingMethod
from tests.factories import World
from tests.services.project_case import ProjectCase


@pytest.fixture
def case(world: World) -> ProjectCase:
    return ProjectCase(world)


def _code(act: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as refused:
        act()
    return refused.value.code


def _states(case: ProjectCase) -> list[str]:
    return [row.state for row in projects.list_projects(case.clerk.session, case.year_id)]


# --- preparing and opening ----------------------------------------------------------------------------


def test_a_whole_vote_decides_the_year(case: ProjectCase) -> None:
    row = case.published(case.counting(), [5, 2])
    assert (row.state, row.members, row.present, row.issued, row.collected) == ("published", 7, 7, 7, 7)
    assert row.outcome is not None
    assert (row.outcome["pass_line"], row.outcome["valid_ballots"], row.outcome["open_seats"]) == (4, 7, 0)
    assert _states(case) == ["elected", "not_elected"]
    assert projects.get_year(case.clerk, case.year_id).stage == "decided"


def test_no_round_before_the_candidates_are_frozen(case: ProjectCase) -> None:
    case.screened()
    sitting = case.sitting()
    assert _code(lambda: ballots.prepare_round(case.clerk, case.year_id, sitting_id=sitting)) == \
        "project_candidates_missing"


def test_one_round_at_a_time(case: ProjectCase) -> None:
    row = case.prepared()
    assert _code(lambda: ballots.prepare_round(case.clerk, case.year_id, sitting_id=row.sitting_id)) == "round_live"


def test_the_database_holds_one_live_round_for_a_year(case: ProjectCase) -> None:
    row = case.prepared()
    session = case.clerk.session
    second = insert(BallotRound).values(year_id=row.year_id, sitting_id=row.sitting_id, number=9, method={},
                                        state="preparing", voting="paper", count_no=1,
                                        administrator_id=row.administrator_id, created_at=case.clerk.now)
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(second)


def test_another_congress_does_not_vote_on_it(world: World, case: ProjectCase) -> None:
    case.candidates()
    office, congress = world.ctx_of(world.staff("county_office")), world.congress(world.county)
    row = sittings.create_sitting(office, congress_id=congress.id, name="县会", place="", held_on=office.today)
    assert _code(lambda: ballots.prepare_round(office, case.year_id, sitting_id=row.id)) == "sitting_other_congress"


def test_a_round_keeps_its_method_whatever_the_region_decides_later(case: ProjectCase) -> None:
    row = case.prepared()
    year = projects.get_year(case.clerk, case.year_id)
    assert row.method == year.method
    assert row.method is not year.method


def test_without_a_quorum_the_round_does_not_open(case: ProjectCase) -> None:
    row = case.prepared(present=4)  # two thirds of seven are five
    assert [issue.code for issue in ballots.blocking_issues(case.clerk, row)] == ["round_no_quorum"]
    assert _code(lambda: ballots.open_round(case.clerk, row.id)) == "round_blocked"
    sittings.sign_in_by_staff(case.clerk, row.sitting_id, person_ids=[case.deputies[4].person_id or 0])
    assert ballots.open_round(case.clerk, row.id).present == 5


def test_everything_that_is_missing_is_told_at_once(case: ProjectCase) -> None:
    case.candidates()
    congress = case.world.congress(case.world.township)
    sitting = sittings.create_sitting(case.clerk, congress_id=congress.id, name="会", place="", held_on=case.clerk.today)
    row = ballots.prepare_round(case.clerk, case.year_id, sitting_id=sitting.id)
    assert {issue.code for issue in ballots.blocking_issues(case.clerk, row)} == {
        "round_method_not_passed", "round_scrutineers_missing", "round_tellers_missing", "round_roll_open"}


def test_a_proposer_of_a_candidate_does_not_scrutinise(case: ProjectCase) -> None:
    case.call()
    idea, lines = case.idea(case.deputies[1]), [case.line("甲"), case.line("乙")]
    project_library.join_idea(case.clerk, idea.id, project_id=lines[0])
    case.argue(*lines)
    case.world.clock.advance(days=15)
    projects.close_call(case.clerk, case.year_id)
    projects.end_screening(case.clerk, case.year_id)
    projects.submit_list(case.clerk, case.year_id, listed=lines)
    for body in ("presidium", "party_committee", "joint_meeting"):
        case.review(body)
    row = ballots.prepare_round(case.clerk, case.year_id, sitting_id=case.sitting())
    case.officers(row)
    assert [issue.code for issue in ballots.blocking_issues(case.clerk, row)] == ["round_proposer_counts"]


def test_the_administrator_is_no_teller(case: ProjectCase) -> None:
    row = case.prepared()
    ballots.set_officers(case.clerk, row.id, chief=case.deputies[0].person_id,
                         scrutineers=[case.deputies[1].person_id or 0, case.deputies[2].person_id or 0],
                         tellers=[case.clerk_actor.staff_id or 0, case.tellers[0].staff_id or 0])
    assert [issue.code for issue in ballots.blocking_issues(case.world.ctx_of(case.tellers[1]), row)] == [
        "round_administrator_counts"]
    assert _code(lambda: ballots.open_round(case.clerk, row.id)) == "teller_runs_nothing"


def test_officers_come_from_the_roll_and_from_staff_who_may_count(world: World, case: ProjectCase) -> None:
    row = case.prepared()
    stranger = world.deputy(world.other_township).person_id or 0
    assert _code(lambda: ballots.set_officers(case.clerk, row.id, chief=stranger, scrutineers=[], tellers=[])) == \
        "scrutineer_not_on_roll"
    auditor = world.staff("auditor").staff_id or 0
    assert _code(lambda: ballots.set_officers(case.clerk, row.id, chief=None, scrutineers=[], tellers=[auditor])) == \
        "teller_unknown"


def test_a_round_opens_on_the_day_of_its_sitting(case: ProjectCase) -> None:
    row = case.prepared()
    case.world.clock.advance(days=1)
    assert _code(lambda: ballots.open_round(case.clerk, row.id)) == "sitting_not_today"


def test_an_open_round_is_not_opened_or_staffed_again(case: ProjectCase) -> None:
    row = case.prepared()
    ballots.open_round(case.clerk, row.id)
    assert _code(lambda: ballots.open_round(case.clerk, row.id)) == "round_state_wrong"
    assert _code(lambda: case.officers(row)) == "round_state_wrong"


# --- papers in and out --------------------------------------------------------------------------------


def test_no_more_ballots_are_issued_than_deputies_are_present(case: ProjectCase) -> None:
    row = case.prepared(present=6)
    ballots.open_round(case.clerk, row.id)
    assert _code(lambda: ballots.close_round(case.clerk, row.id, collected=6)) == "round_not_issued"
    assert _code(lambda: ballots.record_issued(case.clerk, row.id, issued=7)) == "count_bad"
    assert ballots.record_issued(case.clerk, row.id, issued=6).issued == 6


def test_more_collected_than_issued_makes_the_vote_void_and_it_is_held_anew(case: ProjectCase) -> None:
    row = case.counting(issued=6, collected=7)
    assert (row.state, row.void_reason) == ("void", "收回7张，多于发出的6张，投票无效")
    assert projects.get_year(case.clerk, case.year_id).stage == "candidates"
    again = ballots.prepare_round(case.clerk, case.year_id, sitting_id=row.sitting_id)
    assert (again.number, again.settles_id) == (2, None)


def test_fewer_collected_than_issued_is_valid_and_leaves_the_pass_line(case: ProjectCase) -> None:
    row = case.counted(case.counting(issued=7, collected=5), [4, 1])
    assert row.outcome is not None
    assert (row.outcome["pass_line"], row.outcome["elected"]) == (4, [next(iter(row.outcome["votes"]))])


def test_a_round_is_stopped_with_a_reason_until_it_is_announced(case: ProjectCase) -> None:
    row = case.counting()
    assert _code(lambda: ballots.void_round(case.clerk, row.id, reason=" ")) == "reason_required"
    assert ballots.void_round(case.clerk, row.id, reason="票箱封条破损").state == "void"
    done = ballots.prepare_round(case.clerk, case.year_id, sitting_id=row.sitting_id)
    case.officers(done)
    case.published(case.collect(done), [5, 2])
    assert _code(lambda: ballots.void_round(case.clerk, done.id, reason="晚了")) == "round_state_wrong"


# --- the count ----------------------------------------------------------------------------------------


def test_two_tellers_who_agree_make_the_count(case: ProjectCase) -> None:
    row = case.counting()
    ballots.enter_count(case.teller(0), row.id, case.numbers(row, [5, 1], void=1))
    assert (row.state, row.outcome) == ("counting", None)
    ballots.enter_count(case.teller(1), row.id, case.numbers(row, [5, 1], void=1))
    assert row.state == "counted"
    assert row.outcome is not None
    assert (row.outcome["void"], row.outcome["valid_ballots"]) == (1, 6)
    assert all(one.signed_at for one in ballots.list_officers(case.clerk, row.id) if one.duty == "teller")


def test_a_difference_is_shown_and_counted_again(case: ProjectCase) -> None:
    row = case.counting()
    ballots.enter_count(case.teller(0), row.id, case.numbers(row, [5, 2]))
    assert _code(lambda: ballots.recount(case.clerk, row.id)) == "count_unfinished"
    ballots.enter_count(case.teller(1), row.id, case.numbers(row, [5, 1], void=1))
    second = ballots.list_candidates(case.clerk, row.id)[1][1].id
    assert ballots.differences(ballots.list_counts(case.clerk, row)) == ["void", str(second)]
    assert row.state == "counting"
    ballots.recount(case.clerk, row.id)
    assert (row.count_no, ballots.list_counts(case.clerk, row)) == (2, [])
    assert case.counted(row, [5, 2]).state == "counted"


def test_a_teller_enters_once_and_only_tellers_enter(case: ProjectCase) -> None:
    row = case.counting()
    numbers = case.numbers(row, [5, 2])
    ballots.enter_count(case.teller(0), row.id, numbers)
    assert _code(lambda: ballots.enter_count(case.teller(0), row.id, numbers)) == "count_entered"
    assert _code(lambda: ballots.enter_count(case.clerk, row.id, numbers)) == "teller_only"
    assert ballots.own_count(case.teller(1), row) is None
    assert ballots.own_count(case.teller(0), row) is not None


@pytest.mark.parametrize(("votes", "void", "code"), [
    ([8, 0], 0, "count_bad"), ([7, 0], 1, "count_bad"), ([5, 3], 0, "count_bad"), ([0, 0], 8, "count_bad"),
    ([-1, 0], 0, "count_bad")])
def test_numbers_that_cannot_be_are_refused(case: ProjectCase, votes: list[int], void: int, code: str) -> None:
    row = case.counting()
    assert _code(lambda: ballots.enter_count(case.teller(0), row.id, case.numbers(row, votes, void))) == code


def test_every_project_needs_its_number(case: ProjectCase) -> None:
    row = case.counting()
    assert _code(lambda: ballots.enter_count(case.teller(0), row.id, ballots.TellerNumbers(0, {}))) == "count_incomplete"
    numbers = case.numbers(row, [5, 2])
    wrong = ballots.TellerNumbers(0, numbers.votes, confirming=5)
    assert _code(lambda: ballots.enter_count(case.teller(0), row.id, wrong)) == "count_confirming"


def test_a_result_is_announced_when_every_scrutineer_has_signed(case: ProjectCase) -> None:
    row = case.counted(case.counting(), [5, 2])
    assert _code(lambda: ballots.publish_result(case.clerk, row.id)) == "round_unsigned"
    signers = [one for one in ballots.list_officers(case.clerk, row.id) if one.duty != "teller"]
    for officer in signers[:2]:
        ballots.record_signature(case.clerk, row.id, officer_id=officer.id)
    assert _code(lambda: ballots.publish_result(case.clerk, row.id)) == "round_unsigned"
    assert _code(lambda: ballots.recount(case.clerk, row.id)) == "count_signed"
    ballots.record_signature(case.clerk, row.id, officer_id=signers[2].id)
    assert ballots.publish_result(case.clerk, row.id).state == "published"


def test_a_tie_at_the_last_seat_is_voted_again_on_the_tied_only(world: World) -> None:
    case = ProjectCase(world, deputies=9, seats=2)
    first = case.published(case.counting(3, 9, 9), [8, 5, 5])
    assert first.outcome is not None
    assert (len(first.outcome["elected"]), first.outcome["open_seats"]) == (1, 1)
    assert _states(case) == ["elected", "candidate", "candidate"]
    second = ballots.prepare_round(case.clerk, case.year_id, sitting_id=first.sitting_id)
    case.officers(second)
    assert [str(project.id) for _place, project in ballots.list_candidates(case.clerk, second.id)] == \
        first.outcome["second_ballot"]
    assert (second.settles_id, second.method["seats"]) == (first.id, 1)
    case.published(case.collect(second, 9, 9), [3, 6])
    assert _states(case) == ["elected", "not_elected", "elected"]
    assert projects.get_year(case.clerk, case.year_id).stage == "decided"


def test_a_void_second_ballot_leaves_the_first_result(world: World) -> None:
    case = ProjectCase(world, deputies=9, seats=2)
    first = case.published(case.counting(3, 9, 9), [8, 5, 5])
    second = ballots.prepare_round(case.clerk, case.year_id, sitting_id=first.sitting_id)
    ballots.void_round(case.clerk, second.id, reason="停电")
    assert projects.get_year(case.clerk, case.year_id).stage == "voting"
    third = ballots.prepare_round(case.clerk, case.year_id, sitting_id=first.sitting_id)
    assert (third.number, third.settles_id) == (3, first.id)


def test_each_project_may_be_asked_about_alone(world: World) -> None:
    case = ProjectCase(world, deputies=9)
    row = case.prepared()
    row.method = {**row.method, "kind": "for_against_abstain"}
    case.collect(row, 9, 9)
    votes = {str(project.id): numbers for (_place, project), numbers in zip(
        ballots.list_candidates(case.clerk, row.id), ([5, 3, 1], [4, 1, 4]), strict=True)}
    for number in (0, 1):
        ballots.enter_count(case.teller(number), row.id, ballots.TellerNumbers(0, votes))
    assert row.outcome is not None
    assert row.outcome["elected"] == [next(iter(votes))]


# --- who sees it --------------------------------------------------------------------------------------


def test_staff_of_elsewhere_find_no_round_and_others_run_none(world: World, case: ProjectCase) -> None:
    row = case.prepared()
    other = world.ctx_of(world.staff("township_clerk", world.other_township))
    with pytest.raises(NotFound):
        ballots.get_round(other, row.id)
    with pytest.raises(Forbidden):
        ballots.open_round(world.ctx_of(world.staff("auditor")), row.id)
    assert [one.id for one in ballots.list_rounds(case.clerk, case.year_id)] == [row.id]


def test_people_of_the_place_hear_when_the_vote_is(world: World, case: ProjectCase) -> None:
    here = world.ctx_of(world.resident())
    assert ballots.next_vote(here) is None
    row = case.prepared()
    found = ballots.next_vote(world.ctx_of(world.resident()))
    assert found is not None
    assert (found.sitting.id, found.state_name) == (row.sitting_id, "准备中")
    assert ballots.next_vote(world.ctx_of(world.resident(world.other_village))) is None
    case.published(case.collect(row), [5, 2])
    assert ballots.next_vote(here) is None


def test_the_method_of_the_place_is_not_a_number_in_the_program(world: World) -> None:
    case = ProjectCase(world, deputies=6)
    case.call(method=VotingMethod("select_up_to_n", 1, quorum=(1, 2), pass_rule="plurality_top_n"))
    assert projects.get_year(case.clerk, case.year_id).method["quorum"] == [1, 2]
    assert case.clerk.session.query(Project).count() == 0
    with pytest.raises(Invalid):
        projects.build_method(kind="by_hand", seats=1)
