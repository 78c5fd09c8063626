"""The way of a year's projects: nothing skips a stage, bodies speak in their order, money is exact."""

from itertools import pairwise

import pytest

from models import projects as tables
from services.rules import project_stages as rules


def test_the_words_of_the_rules_are_those_of_the_tables() -> None:
    assert set(rules.STAGE_NAMES) == set(tables.STAGES) == set(rules.MOVES)
    assert set(rules.PROJECT_STATES) == set(tables.PROJECT_STATES)
    assert set(rules.BODY_NAMES) == set(tables.BODIES)
    assert {body for bodies in rules.REVIEWS.values() for body in bodies} <= set(rules.BODY_NAMES)


def test_no_move_goes_forward_by_more_than_one_stage() -> None:
    order = list(rules.STAGE_NAMES)
    forward = {(stage, to) for stage in order for to in rules.MOVES[stage] if order.index(to) > order.index(stage)}
    assert forward == set(pairwise(order))
    assert rules.may_move("reviewing", "shortlisting")
    assert not rules.may_move("collecting", "shortlisting")


def test_what_has_been_reached_stays_reached() -> None:
    assert rules.has_reached("voting", "candidates")
    assert rules.has_reached("candidates", "candidates")
    assert not rules.has_reached("reviewing", "candidates")


@pytest.mark.parametrize(("level", "approved", "due"), [
    ("township", [], "presidium"), ("township", ["presidium"], "party_committee"),
    ("township", ["presidium", "party_committee", "joint_meeting"], None),
    ("township", ["party_committee"], "presidium"), ("county", ["party_committee", "chairpersons_meeting"], "standing_committee")])
def test_the_first_body_that_has_not_agreed_is_due(level: str, approved: list[str], due: str | None) -> None:
    assert rules.next_body(level, approved) == due


@pytest.mark.parametrize(("typed", "fen"), [("12.5", 12_500_000), ("0.000001", 1), ("80", 80_000_000), (" 3 ", 3_000_000)])
def test_an_amount_is_kept_to_the_fen_and_shown_again(typed: str, fen: int) -> None:
    assert rules.fen_of_wan(typed) == fen
    assert rules.yuan(fen) == f"{typed.strip()}万元"


@pytest.mark.parametrize("typed", ["", "-1", "1e3", "1.2.3", "0.0000001", "十", "１２", "99999999"])
def test_what_is_no_amount_is_not_guessed(typed: str) -> None:
    assert rules.fen_of_wan(typed) is None
