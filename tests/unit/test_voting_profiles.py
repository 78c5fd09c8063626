"""A way of voting survives being stored, and a second ballot changes only its seats."""

import json

import pytest

from services.rules import voting_profiles
from services.rules.ballots import VotingMethod
from services.rules.counts import BadCount

METHOD = VotingMethod("select_up_to_n", 4, quorum=(3, 4), surplus_percent=25, shortfall_rule="second_ballot")


def test_a_stored_method_is_the_same_method() -> None:
    assert voting_profiles.from_data(json.loads(json.dumps(voting_profiles.to_data(METHOD)))) == METHOD


def test_stored_data_that_is_no_method_is_refused() -> None:
    with pytest.raises(BadCount):
        voting_profiles.from_data(voting_profiles.to_data(METHOD) | {"seats": 0})


def test_a_second_ballot_keeps_the_rules_and_asks_for_no_further_surplus() -> None:
    second = voting_profiles.for_second_ballot(METHOD, open_seats=1)
    assert (second.seats, second.candidates_needed()) == (1, 1)
    assert (second.quorum, second.pass_rule, second.kind) == (METHOD.quorum, METHOD.pass_rule, METHOD.kind)


def test_without_an_open_seat_there_is_no_second_ballot() -> None:
    with pytest.raises(BadCount):
        voting_profiles.for_second_ballot(METHOD, open_seats=0)
