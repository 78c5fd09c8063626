"""The deputy's word: settled, handled again once, then coordinated; silence counts in no rate."""


import pytest

from services import suggestions
from services.errors import Conflict, Invalid
from tests.factories import World
from tests.services.suggestion_case import SuggestionCase


@pytest.fixture
def case(world: World) -> SuggestionCase:
    return SuggestionCase(world).to("answered")


def test_unsatisfied_opens_the_redo_once_and_then_coordination(case: SuggestionCase) -> None:
    case.evaluate("unsatisfied", "灯不亮。")
    assert (case.row.state, case.row.round_no) == ("redo", 2)
    case.answer()
    case.evaluate("unsatisfied", "还是不亮。")
    assert case.row.state == "coordination"
    with pytest.raises(Invalid):
        suggestions.close_coordination(case.presidium, case.row.id, result=" ")
    suggestions.close_coordination(case.presidium, case.row.id, result="三方到场，已修好。")
    assert case.row.state == "closed"


def test_unsatisfied_says_why(case: SuggestionCase) -> None:
    with pytest.raises(Invalid) as refused:
        case.evaluate("unsatisfied")
    assert list(refused.value.fields) == ["comment"]
    assert case.row.state == "answered"


def test_an_answer_is_evaluated_once(case: SuggestionCase) -> None:
    case.evaluate()
    with pytest.raises(Conflict, match="suggestion_already_evaluated"):
        case.evaluate("unsatisfied", "改主意了")


def test_the_attitude_alone_reopens_nothing(case: SuggestionCase) -> None:
    suggestions.evaluate(case.ctx_of_lead, case.row.id, attitude="unsatisfied", result="satisfied", comment="")
    assert case.row.state == "closed"


def test_a_refused_answers_promise_is_followed_no_further(world: World) -> None:
    case = SuggestionCase(world).to("handling")
    case.contact()
    case.answer("B")
    case.evaluate("unsatisfied", "太久。")
    case.answer("A")
    assert case.evaluate().state == "closed"


def test_silence_settles_after_its_days(case: SuggestionCase, world: World) -> None:
    assert suggestions.close_unevaluated(world.system) == 0
    world.clock.advance(days=60)
    assert suggestions.close_unevaluated(world.system) == 1
    assert case.row.state == "closed"
    assert suggestions.get_mine(case.ctx_of_lead, case.row.id).evaluations == []
