"""Marks, publication, the archive, and what counts as a duty."""

import pytest

from services import suggestions
from services.errors import Conflict, Forbidden, Invalid
from tests.factories import World
from tests.services.suggestion_case import SuggestionCase


@pytest.fixture
def case(world: World) -> SuggestionCase:
    return SuggestionCase(world)


def test_what_a_suggestion_proves_is_named_once_each(case: SuggestionCase) -> None:
    case.invite()
    suggestions.answer_invitation(case.world.ctx_of(case.colleague), case.row.id, decision="confirmed")
    case.submit()
    assert suggestions.credits_of(case.office, case.row.id) == []
    case.register()
    suggestions.mark_key(case.presidium, case.row.id)
    for step in (case.assign, case.accept, case.contact, case.answer, case.evaluate):
        step()
    suggestions.mark_excellent(case.presidium, case.row.id)
    found = suggestions.credits_of(case.office, case.row.id)
    assert [credit.item_code for credit in found] == ["B3", "B4", "B5", "F1", "F2"]
    assert len({credit.cause for credit in found}) == 5


def test_marks_are_given_once_by_who_decides(case: SuggestionCase) -> None:
    case.to("registered")
    with pytest.raises(Forbidden):
        suggestions.mark_key(case.office, case.row.id)
    suggestions.mark_key(case.presidium, case.row.id)
    with pytest.raises(Conflict):
        suggestions.mark_key(case.presidium, case.row.id)
    with pytest.raises(Conflict, match="suggestion_not_settled"):
        suggestions.mark_excellent(case.presidium, case.row.id)


def test_publication_is_decided_for_each_when_it_is_settled(case: SuggestionCase) -> None:
    case.to("answered")
    with pytest.raises(Conflict, match="suggestion_not_settled"):
        suggestions.decide_publication(case.presidium, case.row.id, how="full", summary="")
    case.evaluate()
    with pytest.raises(Invalid, match="suggestion_summary_missing"):
        suggestions.decide_publication(case.presidium, case.row.id, how="summary", summary=" ")
    suggestions.decide_publication(case.presidium, case.row.id, how="summary", summary="路灯已安装。")
    assert (case.row.publication, case.row.publication_text) == ("summary", "路灯已安装。")


def test_a_confidential_one_is_never_public(case: SuggestionCase) -> None:
    suggestions.edit(case.ctx_of_lead, case.row.id, case.form(is_confidential=True))
    case.to("closed")
    with pytest.raises(Conflict, match="suggestion_confidential_public"):
        suggestions.decide_publication(case.presidium, case.row.id, how="full", summary="")
    assert suggestions.decide_publication(case.presidium, case.row.id, how="none", summary="").publication == "none"
