"""Deputies' suggestions: write, sign, submit, follow, evaluate (代表建议)."""

from typing import Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.http.access import requires
from app.http.lifecycle import get_context
from app.http.limits import rate_limit
from app.http.paging import PageQuery, paged
from app.http.times import iso
from services import suggestions
from services.rules import suggestion_states as rules

bp = APIBlueprint("suggestions", __name__, url_prefix="/api/v1", tag="suggestions")
Grade = Literal["satisfied", "basically_satisfied", "unsatisfied"]


class SuggestionIn(BaseModel):
    congress_id: int
    title: str = Field(max_length=200)
    reason: str = Field(max_length=20_000)
    proposal: str = Field(max_length=20_000)
    kind: Literal["single", "joint", "delegation"] = "single"
    is_confidential: bool = False
    cosigner_ids: list[int] = Field(default_factory=list, max_length=50)


class NewSuggestionIn(SuggestionIn):
    #: The number of an opinion assigned to the deputy, which this takes up.
    opinion_number: str = Field("", max_length=64)


class SuggestionBrief(BaseModel):
    id: int
    number: str | None
    title: str
    state: str
    state_name: str
    due_on: str | None
    created_at: str


class SuggestionPage(BaseModel):
    items: list[SuggestionBrief]
    page: int
    page_size: int
    total: int


class CosignerOut(BaseModel):
    person_id: int
    name: str
    state: str
    state_name: str


class SuggestionAnswerOut(BaseModel):
    round_no: int
    answer_class: str
    class_name: str
    unit_name: str
    document_no: str
    signer: str
    body: str
    answered_at: str


class EvaluationOut(BaseModel):
    round_no: int
    attitude_name: str
    result_name: str
    comment: str


class CommitmentOut(BaseModel):
    promise: str
    due_on: str
    state: str


class SuggestionLine(BaseModel):
    at: str
    title: str
    detail: str


class SuggestionOut(SuggestionBrief):
    congress_id: int
    congress_name: str
    lead_name: str
    kind: str
    kind_name: str
    timing_name: str
    reason: str
    proposal: str
    category_name: str
    is_confidential: bool
    decision_text: str | None
    lead_unit_name: str | None
    co_unit_names: list[str]
    cosigners: list[CosignerOut]
    answers: list[SuggestionAnswerOut]
    evaluations: list[EvaluationOut]
    commitments: list[CommitmentOut]
    timeline: list[SuggestionLine]
    opinion_numbers: list[str]
    can_edit: bool
    can_submit: bool
    can_withdraw: bool
    can_evaluate: bool
    can_sign: bool


class CongressChoice(BaseModel):
    id: int
    name: str


class CongressChoices(BaseModel):
    items: list[CongressChoice]


class Colleague(BaseModel):
    id: int
    name: str
    title: str


class Colleagues(BaseModel):
    items: list[Colleague]


class ColleagueQuery(BaseModel):
    congress_id: int
    q: str = Field("", max_length=40)


class DecisionIn(BaseModel):
    decision: Literal["confirmed", "declined", "withdrawn"]


class SuggestionReasonIn(BaseModel):
    reason: str = Field(max_length=500)


class EvaluationIn(BaseModel):
    attitude: Grade
    result: Grade
    comment: str = Field("", max_length=1000)


def show_brief(row: suggestions.Suggestion) -> dict[str, object]:
    return {"id": row.id, "number": row.number, "title": row.title, "state": row.state,
            "state_name": rules.STATE_NAMES[row.state], "due_on": row.due_on.isoformat() if row.due_on else None,
            "created_at": iso(row.created_at)}


def show_file(found: suggestions.SuggestionFile) -> dict[str, object]:
    row, me = found.row, get_context().actor.person_id
    is_mine = row.person_id == me
    asked = any(signer.person_id == me and signer.state == "invited" for signer, _name in found.cosigners)
    return show_brief(row) | {
        "congress_id": row.congress_id, "congress_name": found.congress.name, "lead_name": found.lead.name,
        "kind": row.kind, "kind_name": rules.KIND_NAMES[row.kind], "timing_name": rules.TIMING_NAMES[row.timing],
        "reason": row.reason, "proposal": row.proposal, "category_name": found.category_name,
        "is_confidential": row.is_confidential, "decision_text": row.decision_text,
        "lead_unit_name": found.lead_unit[1] if found.lead_unit else None,
        "co_unit_names": [name for _unit, name in found.co_units], "opinion_numbers": found.opinions,
        "cosigners": [{"person_id": signer.person_id, "name": name, "state": signer.state,
                       "state_name": rules.COSIGN_NAMES[signer.state]} for signer, name in found.cosigners],
        "answers": [{"round_no": answer.round_no, "answer_class": answer.answer_class, "unit_name": name,
                     "class_name": rules.ANSWER_CLASSES[answer.answer_class], "document_no": answer.document_no,
                     "signer": answer.signer, "body": answer.body, "answered_at": iso(answer.answered_at)}
                    for answer, name in found.answers],
        "evaluations": [{"round_no": word.round_no, "attitude_name": rules.GRADE_NAMES[word.attitude],
                         "result_name": rules.GRADE_NAMES[word.result], "comment": word.comment}
                        for word in found.evaluations],
        "commitments": [{"promise": line.promise, "due_on": line.due_on.isoformat(), "state": line.state}
                        for line in found.commitments],
        "timeline": [{"at": iso(event.at), "title": event.title, "detail": event.detail} for event in found.events],
        "can_edit": is_mine and row.state in ("draft", "cosigning", "returned"),
        "can_submit": is_mine and row.state in ("draft", "cosigning"),
        "can_withdraw": is_mine and rules.may_move(row.state, "withdrawn"),
        "can_evaluate": is_mine and row.state == "answered", "can_sign": asked and row.state == "cosigning",
    }


def _show(suggestion_id: int) -> dict[str, object]:
    return show_file(suggestions.get_mine(get_context(), suggestion_id))


def _form(given: SuggestionIn) -> suggestions.SuggestionForm:
    return suggestions.SuggestionForm(
        congress_id=given.congress_id, title=given.title, reason=given.reason, proposal=given.proposal,
        kind=given.kind, is_confidential=given.is_confidential, cosigner_ids=tuple(given.cosigner_ids))


@bp.get("/suggestions")
@requires("deputy")
@bp.input(PageQuery, location="query")
@bp.output(SuggestionPage)
def list_suggestions(query_data: PageQuery) -> dict[str, object]:
    """What the deputy leads or has signed."""
    found = suggestions.list_mine(get_context(), page=query_data.page, page_size=query_data.page_size)
    return paged(found, query_data, show_brief)


@bp.get("/suggestion-invitations")
@requires("deputy")
@bp.input(PageQuery, location="query")
@bp.output(SuggestionPage)
def list_invitations(query_data: PageQuery) -> dict[str, object]:
    """What the deputy is asked to sign."""
    found = suggestions.list_invitations(get_context(), page=query_data.page, page_size=query_data.page_size)
    return paged(found, query_data, show_brief)


@bp.get("/suggestion-congresses")
@requires("deputy")
@bp.output(CongressChoices)
def list_congresses() -> dict[str, object]:
    """To which congresses the deputy may write."""
    return {"items": [{"id": row.id, "name": row.name} for row in suggestions.list_congresses(get_context())]}


@bp.get("/suggestion-colleagues")
@requires("deputy")
@bp.input(ColleagueQuery, location="query")
@bp.output(Colleagues)
def list_colleagues(query_data: ColleagueQuery) -> dict[str, object]:
    """Who may be asked to sign."""
    found = suggestions.list_colleagues(get_context(), query_data.congress_id, search=query_data.q)
    return {"items": [{"id": row.id, "name": row.name, "title": row.title} for row in found]}


@bp.post("/suggestions")
@requires("deputy")
@rate_limit("30/hour", per="actor", when_redis_is_away="open")
@bp.input(NewSuggestionIn)
@bp.output(SuggestionOut, status_code=201)
def draft_suggestion(json_data: NewSuggestionIn) -> dict[str, object]:
    """Begin a suggestion; those asked to sign see it at once."""
    row = suggestions.draft(get_context(), _form(json_data), opinion_number=json_data.opinion_number)
    return _show(row.id)


@bp.get("/suggestions/<int:suggestion_id>")
@requires("deputy")
@bp.output(SuggestionOut)
def get_suggestion(suggestion_id: int) -> dict[str, object]:
    """One suggestion with its history."""
    return _show(suggestion_id)


@bp.put("/suggestions/<int:suggestion_id>")
@requires("deputy")
@bp.input(SuggestionIn)
@bp.output(SuggestionOut)
def edit_suggestion(suggestion_id: int, json_data: SuggestionIn) -> dict[str, object]:
    """Change it before it is submitted; everybody is asked to sign again."""
    suggestions.edit(get_context(), suggestion_id, _form(json_data))
    return _show(suggestion_id)


@bp.post("/suggestions/<int:suggestion_id>/submission")
@requires("deputy")
@bp.output(SuggestionOut)
def submit_suggestion(suggestion_id: int) -> dict[str, object]:
    """Hand it to the congress's office."""
    suggestions.submit(get_context(), suggestion_id)
    return _show(suggestion_id)


@bp.post("/suggestions/<int:suggestion_id>/signature")
@requires("deputy")
@bp.input(DecisionIn)
@bp.output(SuggestionOut)
def sign_suggestion(suggestion_id: int, json_data: DecisionIn) -> dict[str, object]:
    """The deputy's own yes or no to signing too."""
    suggestions.answer_invitation(get_context(), suggestion_id, decision=json_data.decision)
    return _show(suggestion_id)


@bp.post("/suggestions/<int:suggestion_id>/withdrawal")
@requires("deputy")
@bp.input(SuggestionReasonIn)
@bp.output(SuggestionOut)
def withdraw_suggestion(suggestion_id: int, json_data: SuggestionReasonIn) -> dict[str, object]:
    """Take it back."""
    suggestions.withdraw(get_context(), suggestion_id, reason=json_data.reason)
    return _show(suggestion_id)


@bp.post("/suggestions/<int:suggestion_id>/evaluation")
@requires("deputy")
@bp.input(EvaluationIn)
@bp.output(SuggestionOut)
def evaluate_suggestion(suggestion_id: int, json_data: EvaluationIn) -> dict[str, object]:
    """Attitude and result of the answer; an unsatisfied result opens the redo."""
    suggestions.evaluate(get_context(), suggestion_id, attitude=json_data.attitude, result=json_data.result,
                         comment=json_data.comment)
    return _show(suggestion_id)
