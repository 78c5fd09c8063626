"""The deputies' own part: text, signatures, submission, withdrawal, and the bridge from an opinion."""

import pytest

from models.comments import Opinion
from services import comments, suggestions
from services.errors import Conflict, Invalid, NotFound
from tests.factories import World
from tests.services.suggestion_case import SuggestionCase


@pytest.fixture
def case(world: World) -> SuggestionCase:
    return SuggestionCase(world)


def _say(case: SuggestionCase, decision: str) -> None:
    suggestions.answer_invitation(case.world.ctx_of(case.colleague), case.row.id, decision=decision)


def test_a_joint_suggestion_waits_for_its_cosigners_own_yes(case: SuggestionCase) -> None:
    case.invite()
    with pytest.raises(Conflict, match="suggestion_cosigners_waiting"):
        case.submit()
    assert suggestions.list_invitations(case.world.ctx_of(case.colleague))[1] == 1
    _say(case, "confirmed")
    assert case.submit().state == "submitted"
    assert suggestions.list_mine(case.world.ctx_of(case.colleague))[1] == 1


def test_a_signature_taken_back_leaves_a_joint_suggestion_alone(case: SuggestionCase) -> None:
    case.invite()
    _say(case, "confirmed")
    _say(case, "withdrawn")
    with pytest.raises(Conflict, match="suggestion_joint_alone"):
        case.submit()
    with pytest.raises(Conflict, match="suggestion_cosigner_decided"):
        _say(case, "confirmed")


def test_nobody_signs_for_another(case: SuggestionCase, world: World) -> None:
    case.invite()
    with pytest.raises(Invalid, match="suggestion_cosigner_foreign"):
        suggestions.answer_invitation(case.ctx_of_lead, case.row.id, decision="confirmed")
    with pytest.raises(NotFound):
        suggestions.answer_invitation(world.ctx_of(world.deputy(name="赵六")), case.row.id, decision="confirmed")


def test_no_signature_can_be_withdrawn_after_submission(case: SuggestionCase) -> None:
    case.invite()
    _say(case, "confirmed")
    case.submit()
    with pytest.raises(Conflict, match="suggestion_move_refused"):
        _say(case, "withdrawn")


def test_a_changed_text_asks_everybody_again(case: SuggestionCase) -> None:
    case.invite()
    _say(case, "confirmed")
    case.invite()
    states = [signer.state for signer, _name in suggestions.get_mine(case.ctx_of_lead, case.row.id).cosigners]
    assert states == ["invited"]


def test_an_invitation_without_an_answer_is_cancelled(case: SuggestionCase) -> None:
    case.invite()
    suggestions.cancel_invitation(case.ctx_of_lead, case.row.id, case.colleague.person_id or 0)
    assert suggestions.list_invitations(case.world.ctx_of(case.colleague))[1] == 0


def test_only_deputies_of_the_same_congress_are_asked(case: SuggestionCase, world: World) -> None:
    foreign = world.deputy(world.other_township, name="外镇代表")
    for wanted in (foreign.person_id, case.lead.person_id):
        with pytest.raises(Invalid, match="suggestion_cosigner_foreign"):
            suggestions.draft(case.ctx_of_lead, case.form(kind="joint", cosigner_ids=(wanted,)))
    names = [row.name for row in suggestions.list_colleagues(case.ctx_of_lead, case.row.congress_id)]
    assert names == ["李秀英"]


def test_a_deputy_writes_to_the_own_congress_only(case: SuggestionCase, world: World) -> None:
    with pytest.raises(Invalid, match="suggestion_congress_foreign"):
        suggestions.draft(case.ctx_of_lead, case.form(congress_id=world.congress(world.other_township).id))


@pytest.mark.parametrize("field", ["title", "reason", "proposal"])
def test_each_text_is_needed(case: SuggestionCase, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        suggestions.draft(case.ctx_of_lead, case.form(**{field: "  "}))
    assert list(refused.value.fields) == [field]


def test_a_delegation_speaks_in_session_only(case: SuggestionCase) -> None:
    suggestions.edit(case.ctx_of_lead, case.row.id, case.form(kind="delegation"))
    with pytest.raises(Conflict, match="suggestion_delegation_between"):
        case.submit()
    today = case.office.today
    suggestions.add_session(case.office, case.row.congress_id, session_no=2, opens_on=today, closes_on=today)
    assert case.submit().timing == "session"


def test_the_lead_withdraws_alone_but_a_joint_one_needs_the_office(case: SuggestionCase) -> None:
    case.invite()
    _say(case, "confirmed")
    case.submit()
    with pytest.raises(Conflict, match="suggestion_withdraw_joint"):
        suggestions.withdraw(case.ctx_of_lead, case.row.id, reason="已解决")
    suggestions.withdraw_for_all(case.office, case.row.id, reason="全体代表书面同意，存档第3号")
    assert (case.row.state, case.row.due_on) == ("withdrawn", None)


def test_a_single_one_is_withdrawn_by_its_deputy(case: SuggestionCase) -> None:
    case.submit()
    assert suggestions.withdraw(case.ctx_of_lead, case.row.id, reason="已解决").state == "withdrawn"


def _assigned(world: World, case: SuggestionCase) -> Opinion:
    opinion, clerk = world.opinion(world.resident()), case.office
    comments.register(clerk, opinion.number)
    return comments.assign(clerk, opinion.number, handler=comments.Handler(person_id=case.lead.person_id))


def test_an_opinion_taken_up_is_tied_both_ways_and_the_resident_hears(case: SuggestionCase, world: World) -> None:
    opinion = _assigned(world, case)
    row = suggestions.draft(case.ctx_of_lead, case.form(), opinion_number=opinion.number)
    assert suggestions.get_mine(case.ctx_of_lead, row.id).opinions == [opinion.number]
    assert suggestions.titles_of_opinion(case.office, opinion.id) == [(row.title, "起草中")]
    suggestions.submit(case.ctx_of_lead, row.id)
    suggestions.register(case.office, row.id, category="urban")
    titles = [event.title for event in comments.get_for_staff(case.office, opinion.number).events]
    assert titles[-2:] == ["代表正据此起草代表建议", "代表建议已立案登记"]


def test_of_a_confidential_one_the_resident_reads_the_step_only(case: SuggestionCase, world: World) -> None:
    opinion = _assigned(world, case)
    row = suggestions.draft(case.ctx_of_lead, case.form(is_confidential=True), opinion_number=opinion.number)
    suggestions.submit(case.ctx_of_lead, row.id)
    suggestions.register(case.office, row.id, category="urban")
    last = comments.get_for_staff(case.office, opinion.number).events[-1]
    assert (last.title, last.detail) == ("代表建议已立案登记", "")


def test_nobody_takes_up_an_opinion_of_another_deputy(case: SuggestionCase, world: World) -> None:
    opinion = _assigned(world, case)
    with pytest.raises(NotFound):
        suggestions.draft(world.ctx_of(case.colleague), case.form(), opinion_number=opinion.number)
