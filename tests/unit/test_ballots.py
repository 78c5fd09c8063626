"""The count of a ballot: the vectors of the domain research, its edges, and what no pile of ballots may change."""

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.ballots import (
    ANSWERS,
    Counts,
    Outcome,
    RoundFacts,
    VotingMethod,
    blocking_issues,
    check_totals,
    count_ballots,
    is_void,
    rank_sum,
    tally,
)
from services.rules.counts import BadCount

SELECT_4 = VotingMethod("select_up_to_n", 4)
SELECT_3 = VotingMethod("select_up_to_n", 3)
EACH = VotingMethod("for_against_abstain", 2)
RANK_2 = VotingMethod("rank", 2)


def marks(**votes: int) -> dict[str, tuple[int, ...]]:
    return {code: (number,) for code, number in votes.items()}


def full_house(members: int, votes: dict[str, tuple[int, ...]], *, void: int = 0, **more: Any) -> Counts:
    return Counts(members, members, members, members, void, votes, **more)


VECTOR_2 = Counts(65, 50, 50, 50, 1, marks(A=46, B=43, C=38, D=33, E=20, F=12))


# --- the vectors of DOMAIN 4.5 ------------------------------------------------------------------------


def test_vector_1_a_session_without_two_thirds_cannot_open() -> None:
    assert tally(SELECT_4, Counts(65, 43)) == Outcome(False, False, 33, (), (), 4)
    assert tally(SELECT_4, Counts(65, 44)).can_open
    assert SELECT_4.quorum_of(65) == 44


def test_vector_2_four_of_six_pass_half_of_all_deputies() -> None:
    assert tally(SELECT_4, VECTOR_2) == Outcome(True, True, 33, ("A", "B", "C", "D"), (), 0)


def test_vector_4_a_tie_at_the_last_seat_goes_to_a_second_ballot_on_the_tied() -> None:
    counts = full_house(45, marks(A=40, B=33, C=25, D=25, E=10))
    assert tally(SELECT_3, counts) == Outcome(True, True, 23, ("A", "B"), ("C", "D"), 1)


def test_vector_6_more_collected_than_issued_voids_the_whole_vote() -> None:
    assert tally(SELECT_4, replace(VECTOR_2, collected=51)) == Outcome(True, False, 33, (), (), 4)


def test_vector_7_ballots_that_do_not_come_back_leave_the_pass_line_alone() -> None:
    counts = Counts(65, 50, 50, 48, 0, marks(A=33, B=32))
    assert tally(VotingMethod("select_up_to_n", 2), counts) == Outcome(True, True, 33, ("A",), (), 1)


def test_vector_8_five_marks_for_four_seats_void_that_ballot() -> None:
    void, votes = count_ballots(SELECT_4, "ABCDE", [list("ABCDE"), list("ABCD")])
    assert (void, votes) == (1, marks(A=1, B=1, C=1, D=1, E=0))


def test_vector_9_a_blank_ballot_is_valid_and_abstains_on_all() -> None:
    assert count_ballots(SELECT_4, "AB", [[]]) == (0, marks(A=0, B=0))
    assert count_ballots(EACH, "AB", [{}]) == (0, {"A": (0, 0, 1), "B": (0, 0, 1)})
    assert count_ballots(RANK_2, "AB", [{}]) == (0, {"A": (0, 0), "B": (0, 0)})


def test_vector_11_approvals_decide_where_each_project_is_asked_about() -> None:
    outcome = tally(EACH, full_house(45, {"A": (23, 20, 2), "B": (22, 3, 20)}))
    assert outcome == Outcome(True, True, 23, ("A",), (), 1)


def test_vector_12_the_lowest_sum_of_ranks_wins_and_a_missing_rank_is_worst_and_one_more() -> None:
    ballots = [{"A": 1, "B": 2}, {"B": 1, "C": 2}, {"B": 1}]
    void, votes = count_ballots(RANK_2, "ABC", ballots)
    assert (void, votes) == (0, {"A": (1, 0), "B": (2, 1), "C": (0, 1)})
    assert [rank_sum(votes[code], 3) for code in "ABC"] == [1 + 3 + 3, 2 + 1 + 1, 3 + 2 + 3]
    assert tally(RANK_2, full_house(3, votes)).elected == ("B", "A")


def test_vector_12_a_ranked_list_stands_only_when_more_than_half_of_all_confirm_it() -> None:
    counts = full_house(4, {"A": (4, 0), "B": (0, 4)})
    assert tally(RANK_2, counts) == Outcome(True, True, 3, ("A", "B"), (), 0, None)
    assert tally(RANK_2, replace(counts, confirming=3)).confirmed is True
    assert tally(RANK_2, replace(counts, confirming=2)) == Outcome(True, True, 3, (), (), 2, False)


# --- edges ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("members", "approvals", "passes"), [(45, 23, True), (45, 22, False), (44, 23, True),
                                                              (44, 22, False)])
def test_half_of_all_is_not_more_than_half(members: int, approvals: int, passes: bool) -> None:
    outcome = tally(VotingMethod("select_up_to_n", 1), full_house(members, marks(A=approvals, B=0)))
    assert outcome.elected == (("A",) if passes else ())


@pytest.mark.parametrize(("members", "quorum"), [(65, 44), (66, 44), (67, 45), (1, 1), (2, 2), (3, 2)])
def test_the_quorum_is_two_thirds_rounded_up(members: int, quorum: int) -> None:
    assert SELECT_4.quorum_of(members) == quorum
    assert tally(SELECT_4, Counts(members, quorum)).can_open
    assert not tally(SELECT_4, Counts(members, quorum - 1)).can_open


def test_fewer_that_pass_leave_seats_open() -> None:
    assert tally(SELECT_3, full_house(45, marks(A=40, B=22, C=22))) == Outcome(True, True, 23, ("A",), (), 2)


def test_a_method_may_send_the_rest_to_a_second_ballot_where_fewer_pass() -> None:
    again = replace(SELECT_3, shortfall_rule="second_ballot")
    counts = full_house(45, marks(A=40, B=22, C=20, D=1))
    assert tally(again, counts) == Outcome(True, True, 23, ("A",), ("B", "C", "D"), 2)
    assert tally(again, full_house(45, marks(A=40, B=30, C=23, D=1))).second_ballot == ()


def test_a_method_may_leave_a_tied_seat_open() -> None:
    quiet = replace(SELECT_3, tie_rule="leave_open")
    assert tally(quiet, full_house(45, marks(A=40, B=33, C=25, D=25))) == \
        Outcome(True, True, 23, ("A", "B"), (), 1)


def test_a_tie_that_fits_the_seats_needs_no_second_ballot() -> None:
    assert tally(SELECT_3, full_house(45, marks(A=30, B=25, C=25, D=24))).elected == ("A", "B", "C")


def test_a_tie_below_the_pass_line_is_nobodys_second_ballot() -> None:
    assert tally(SELECT_3, full_house(45, marks(A=40, B=40, C=22, D=22))) == \
        Outcome(True, True, 23, ("A", "B"), (), 1)


def test_a_tie_of_everybody_sends_everybody_to_a_second_ballot() -> None:
    assert tally(VotingMethod("select_up_to_n", 1), full_house(3, marks(A=1, B=1, C=1))).second_ballot == ()
    plurality = VotingMethod("select_up_to_n", 1, pass_rule="plurality_top_n")
    assert tally(plurality, full_house(3, marks(A=1, B=1, C=1))) == Outcome(True, True, 1, (), ("A", "B", "C"), 1)


def test_where_the_most_votes_win_nobody_wins_without_a_vote() -> None:
    plurality = VotingMethod("select_up_to_n", 2, pass_rule="plurality_top_n")
    assert tally(plurality, full_house(45, marks(A=3, B=0, C=0))) == Outcome(True, True, 1, ("A",), (), 1)


def test_a_project_that_nobody_ranked_is_not_on_the_list() -> None:
    assert tally(RANK_2, full_house(3, {"A": (3, 0), "B": (0, 0), "C": (0, 0)})).elected == ("A",)


def test_more_ballots_than_deputies_present_void_the_vote() -> None:
    assert tally(SELECT_4, replace(VECTOR_2, issued=51)).valid is False


def test_the_elected_stand_in_the_order_of_their_votes_and_equals_in_that_of_the_ballot() -> None:
    assert tally(SELECT_4, full_house(45, marks(A=24, B=40, C=24, D=30))).elected == ("B", "D", "A", "C")


@pytest.mark.parametrize(("votes", "sentence"), [
    (marks(A=50), "A的得票合计（50）不能大于有效票（49），请核对。"),
    ({"A": (1, 2, 3)}, "A的得票应为1个数。")])
def test_numbers_that_no_pile_of_ballots_gives_are_refused(
        votes: dict[str, tuple[int, ...]], sentence: str) -> None:
    with pytest.raises(BadCount) as refused:
        tally(SELECT_4, replace(VECTOR_2, votes=votes))
    assert refused.value.sentence == sentence


def test_totals_that_the_valid_ballots_cannot_give_are_told_apart() -> None:
    check_totals(SELECT_4, VECTOR_2)
    check_totals(EACH, full_house(45, {"A": (45, 0, 0), "B": (45, 0, 0), "C": (45, 0, 0)}))
    check_totals(RANK_2, full_house(3, {"A": (2, 1), "B": (1, 2)}))
    with pytest.raises(BadCount) as refused:
        check_totals(SELECT_4, replace(VECTOR_2, votes=marks(A=49, B=49, C=49, D=49, E=1)))
    assert refused.value.sentence == "得票总数（197）不能大于有效票可选总数（196），请核对。"
    with pytest.raises(BadCount, match="count_too_high"):
        check_totals(RANK_2, full_house(3, {"A": (2, 0), "B": (2, 0)}))


@pytest.mark.parametrize("wrong", [
    {"members": 0}, {"present": 66}, {"present": -1}, {"void": 51}, {"issued": 1.5}, {"collected": True},
    {"votes": {"A": (-1,)}}, {"votes": {"A": ("9",)}}, {"confirming": 51}])
def test_numbers_that_contradict_each_other_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadCount):
        replace(VECTOR_2, **wrong)


@pytest.mark.parametrize("wrong", [
    {"kind": "hands"}, {"seats": 0}, {"pass_rule": "x"}, {"tie_rule": "x"}, {"shortfall_rule": "x"},
    {"quorum": (3, 2)}, {"quorum": (0, 2)}, {"surplus_percent": -1}, {"surplus_least": 0.5}])
def test_a_method_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadCount):
        replace(SELECT_4, **wrong)


@pytest.mark.parametrize(("method", "choice"), [
    (SELECT_4, None), (SELECT_4, {"A": 1}), (SELECT_4, "A"), (SELECT_4, ["Z"]), (SELECT_4, ["A", "A"]),
    (SELECT_4, [1]), (SELECT_4, [["A"]]), (EACH, None), (EACH, ["A"]), (EACH, {"Z": "for"}), (EACH, {"A": "yes"}),
    (EACH, {"A": ["for"]}), (RANK_2, {"A": 0}), (RANK_2, {"A": 3}), (RANK_2, {"A": 1, "B": 1}),
    (RANK_2, {"A": True}), (RANK_2, {"A": "1"}), (RANK_2, None), (RANK_2, {"Z": 1})])
def test_a_ballot_that_cannot_be_read_or_says_too_much_is_void(method: VotingMethod, choice: Any) -> None:
    assert is_void(method, list("ABCDE"), choice)


# --- before the vote --------------------------------------------------------------------------------

READY = RoundFacts(SELECT_4, members=65, present=44, candidates=5, is_method_passed=True, is_roll_frozen=True,
                   are_workers_healthy=True, administrator=1, chief_scrutineer=2, scrutineers=frozenset({3, 4}),
                   tellers=frozenset({5, 6}), proposers=frozenset({7, 8}))


def test_nothing_blocks_a_round_that_is_ready() -> None:
    assert blocking_issues(READY) == []


@pytest.mark.parametrize(("missing", "code"), [
    ({"present": 43}, "round_no_quorum"), ({"candidates": 4}, "round_few_candidates"),
    ({"is_method_passed": False}, "round_method_not_passed"), ({"chief_scrutineer": None}, "round_scrutineers_missing"),
    ({"scrutineers": frozenset({2, 3})}, "round_scrutineers_missing"), ({"tellers": frozenset({5})}, "round_tellers_missing"),
    ({"proposers": frozenset({2})}, "round_proposer_counts"), ({"proposers": frozenset({3})}, "round_proposer_counts"),
    ({"proposers": frozenset({6})}, "round_proposer_counts"), ({"administrator": 5}, "round_administrator_counts"),
    ({"administrator": 2}, "round_administrator_counts"), ({"tellers": frozenset({4, 5})}, "round_teller_scrutinises"),
    ({"tellers": frozenset({2, 5})}, "round_teller_scrutinises"), ({"is_roll_frozen": False}, "round_roll_open"),
    ({"are_workers_healthy": False}, "round_workers_down")])
def test_each_thing_that_is_missing_blocks_by_itself(missing: dict[str, Any], code: str) -> None:
    assert [issue.code for issue in blocking_issues(replace(READY, **missing))] == [code]


def test_everything_that_blocks_is_said_at_once_in_sentences() -> None:
    issues = blocking_issues(replace(READY, present=40, candidates=4, is_roll_frozen=False))
    assert [issue.sentence for issue in issues] == [
        "实到代表40人，不足法定的44人，不能投票，请核对签到。", "候选项目4项，差额不足，至少需要5项。",
        "投票名册尚未锁定，请核对后锁定。"]


@pytest.mark.parametrize(("seats", "needed"), [(1, 2), (4, 5), (5, 6), (6, 8), (10, 12), (24, 29)])
def test_the_surplus_is_a_fifth_of_the_seats_rounded_up_and_at_least_one(seats: int, needed: int) -> None:
    assert VotingMethod("select_up_to_n", seats).candidates_needed() == needed


def test_a_place_may_ask_for_another_surplus() -> None:
    assert replace(SELECT_4, surplus_percent=100).candidates_needed() == 8
    assert replace(SELECT_4, surplus_percent=0, surplus_least=3).candidates_needed() == 7


# --- what no pile of ballots may change ---------------------------------------------------------------

CODES = list("ABCDEF")


@st.composite
def piles(draw: st.DrawFn) -> tuple[VotingMethod, int, list[Any]]:
    """A method, the number of all deputies (odd and even) and the ballots of those present, some of them void."""
    kind = draw(st.sampled_from(["select_up_to_n", "for_against_abstain", "rank"]))
    method = VotingMethod(kind, draw(st.integers(1, 5)))
    ballot = st.lists(st.sampled_from(CODES), max_size=6) if kind == "select_up_to_n" else st.dictionaries(
        st.sampled_from(CODES), st.sampled_from(ANSWERS) if kind == "for_against_abstain" else st.integers(1, 6))
    members = draw(st.integers(1, 30))
    present = draw(st.integers(method.quorum_of(members), members))
    return method, members, draw(st.lists(st.one_of(ballot, st.none()), max_size=present))


def outcome_of(method: VotingMethod, members: int, ballots: list[Any]) -> tuple[Outcome, Counts]:
    void, votes = count_ballots(method, CODES, ballots)
    counts = Counts(members, members, members, len(ballots), void, votes)
    return tally(method, counts), counts


@given(piles(), st.randoms(use_true_random=False))
def test_the_order_of_the_ballots_does_not_matter(
        pile: tuple[VotingMethod, int, list[Any]], rng: random.Random) -> None:
    method, members, ballots = pile
    shuffled = rng.sample(ballots, len(ballots))
    assert outcome_of(method, members, ballots) == outcome_of(method, members, shuffled)


@given(piles())
def test_every_ballot_is_counted_once(pile: tuple[VotingMethod, int, list[Any]]) -> None:
    method, members, ballots = pile
    _, counts = outcome_of(method, members, ballots)
    readable = [ballot for ballot in ballots if not is_void(method, CODES, ballot)]
    assert counts.void + len(readable) == len(ballots)
    if method.kind == "for_against_abstain":
        assert all(sum(numbers) == len(readable) for numbers in counts.votes.values())
    else:
        assert sum(sum(numbers) for numbers in counts.votes.values()) == sum(len(ballot) for ballot in readable)


@given(piles())
def test_an_outcome_keeps_its_rules(pile: tuple[VotingMethod, int, list[Any]]) -> None:
    method, members, ballots = pile
    outcome, counts = outcome_of(method, members, ballots)
    check_totals(method, counts)
    assert len(outcome.elected) + outcome.open_seats == method.seats
    assert not set(outcome.elected) & set(outcome.second_ballot)
    assert len(set(outcome.elected)) == len(outcome.elected)
    if method.kind != "rank":
        assert all(2 * counts.votes[code][0] > members for code in outcome.elected + outcome.second_ballot)
    if outcome.second_ballot:
        assert len(outcome.second_ballot) > outcome.open_seats >= 1


@given(piles())
def test_one_more_approval_never_costs_a_project_its_seat(pile: tuple[VotingMethod, int, list[Any]]) -> None:
    method, members, ballots = pile
    if method.kind == "rank":
        method = replace(method, kind="select_up_to_n")
        ballots = [list(ballot) if ballot is not None else None for ballot in ballots]
    approving: Any = ["A"] if method.kind == "select_up_to_n" else {"A": "for"}
    before = tally(method, full_house(members + 1, count_ballots(method, CODES, ballots)[1]))
    after = tally(method, full_house(members + 1, count_ballots(method, CODES, [*ballots, approving])[1]))
    assert "A" not in before.elected or "A" in after.elected
