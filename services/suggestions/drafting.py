"""The deputies' own part: draft, ask others to sign, sign in one's own log-in, submit, withdraw."""


from dataclasses import dataclass

from sqlalchemy import delete, func, select

from models.deputies import Congress, Mandate, Person
from models.suggestions import CongressSession, Suggestion, SuggestionCosigner, SuggestionOpinion
from services import access
from services.comments import moves as opinion_moves
from services.context import Context
from services.errors import Conflict, Invalid
from services.rules.suggestion_states import COSIGN_NAMES, KIND_NAMES, find_signing_fault
from services.suggestions import moves


@dataclass(frozen=True)
class SuggestionForm:
    congress_id: int
    title: str
    reason: str
    proposal: str
    kind: str = "single"
    is_confidential: bool = False
    cosigner_ids: tuple[int, ...] = ()


def list_congresses(ctx: Context) -> list[Congress]:
    """The congresses the deputy has a mandate of in force: to whom a suggestion may go."""
    return list(ctx.session.scalars(
        select(Congress).join(Mandate, Mandate.congress_id == Congress.id)
        .where(Mandate.person_id == access.deputy_id(ctx), Mandate.state == "active").order_by(Congress.id)))


def list_colleagues(ctx: Context, congress_id: int, *, search: str = "", limit: int = 30) -> list[Person]:
    """Deputies of the same congress who may be asked to sign."""
    if congress_id not in {row.id for row in list_congresses(ctx)}:
        raise Invalid("suggestion_congress_foreign", fields={"congress_id": "suggestion_congress_foreign"})
    query = (select(Person).join(Mandate, Mandate.person_id == Person.id)
             .where(Mandate.congress_id == congress_id, Mandate.state == "active",
                    Person.id != access.deputy_id(ctx)).order_by(Person.name, Person.id).limit(limit))
    if search:
        query = query.where(Person.name.contains(search, autoescape=True))
    return list(ctx.session.scalars(query))


def draft(ctx: Context, form: SuggestionForm, *, opinion_number: str = "") -> Suggestion:
    """Begin a suggestion; one that takes up an opinion assigned to the deputy stays tied to it."""
    congress = _check(ctx, form)
    row = Suggestion(congress_id=congress.id, region_id=congress.region_id, person_id=access.deputy_id(ctx),
                     kind=form.kind, title=form.title.strip(), reason=form.reason.strip(),
                     proposal=form.proposal.strip(), is_confidential=form.is_confidential, created_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    _invite(ctx, row, form)
    moves.tell(ctx, row, "开始起草", act="drafted")
    if opinion_number:
        _tie(ctx, row, opinion_number)
    return row


def _tie(ctx: Context, row: Suggestion, opinion_number: str) -> None:
    opinion, _assignment = access.access_assigned_opinion(ctx, opinion_number)
    ctx.session.add(SuggestionOpinion(suggestion_id=row.id, opinion_id=opinion.id))
    ctx.session.flush()
    opinion_moves.tell(ctx, opinion, "代表正据此起草代表建议", "建议登记和办理的进展会在这里告诉您")
    opinion_moves.send_word(ctx, opinion, f"suggestion:{row.id}:drafted", "办理中", "代表正据此起草代表建议")


def edit(ctx: Context, suggestion_id: int, form: SuggestionForm) -> Suggestion:
    """Change the text while nobody has it yet; who had signed the former text is asked again."""
    row = access.access_own_suggestion(ctx, suggestion_id)
    moves.need_state(row, "draft", "cosigning", "returned")
    congress = _check(ctx, form)
    if row.state != "draft":
        moves.move(ctx, row, "draft")
    row.congress_id, row.region_id, row.kind = congress.id, congress.region_id, form.kind
    row.title, row.reason, row.proposal = form.title.strip(), form.reason.strip(), form.proposal.strip()
    row.is_confidential = form.is_confidential
    ctx.session.execute(delete(SuggestionCosigner).where(SuggestionCosigner.suggestion_id == row.id))
    _invite(ctx, row, form)
    moves.tell(ctx, row, "修改内容", act="edited")
    return row


def _check(ctx: Context, form: SuggestionForm) -> Congress:
    if not 1 <= len(form.title.strip()) <= moves.MAX_TITLE:
        raise Invalid("invalid_input", fields={"title": "suggestion_title_length"})
    for name, words in (("reason", form.reason), ("proposal", form.proposal)):
        if not 1 <= len(words.strip()) <= moves.MAX_TEXT:
            raise Invalid("invalid_input", fields={name: "suggestion_text_length"})
    if form.kind not in KIND_NAMES:
        raise Invalid("invalid_input", fields={"kind": "field_not_a_choice"})
    found = next((row for row in list_congresses(ctx) if row.id == form.congress_id), None)
    if found is None:
        raise Invalid("suggestion_congress_foreign", fields={"congress_id": "suggestion_congress_foreign"})
    return found


def _invite(ctx: Context, row: Suggestion, form: SuggestionForm) -> None:
    """Ask the named deputies to sign; only a joint suggestion has any, all of the same congress."""
    wanted = set(form.cosigner_ids) if form.kind == "joint" else set()
    known = set(ctx.session.scalars(select(Mandate.person_id).where(
        Mandate.congress_id == form.congress_id, Mandate.state == "active", Mandate.person_id.in_(wanted))))
    if known != wanted or row.person_id in wanted:
        raise Invalid("suggestion_cosigner_foreign", fields={"cosigner_ids": "suggestion_cosigner_foreign"})
    ctx.session.add_all(SuggestionCosigner(suggestion_id=row.id, person_id=number) for number in sorted(wanted))
    ctx.session.flush()
    if wanted:
        moves.move(ctx, row, "cosigning")


def answer_invitation(ctx: Context, suggestion_id: int, *, decision: str) -> Suggestion:
    """A deputy's own yes or no to signing, or a yes taken back, until the suggestion is submitted."""
    row = access.access_signed_suggestion(ctx, suggestion_id)
    signer = ctx.session.get(SuggestionCosigner, (row.id, access.deputy_id(ctx)))
    if signer is None:
        raise Invalid("suggestion_cosigner_foreign")
    moves.need_state(row, "cosigning")
    allowed = {"invited": ("confirmed", "declined"), "confirmed": ("withdrawn",)}
    if decision not in COSIGN_NAMES or decision == "invited":
        raise Invalid("invalid_input", fields={"decision": "field_not_a_choice"})
    if decision not in allowed.get(signer.state, ()):
        raise Conflict("suggestion_cosigner_decided")
    signer.state, signer.decided_at = decision, ctx.now
    name = ctx.session.get_one(Person, signer.person_id).name
    moves.tell(ctx, row, f"{name}代表{COSIGN_NAMES[decision]}", act=f"cosign_{decision}")
    return row


def cancel_invitation(ctx: Context, suggestion_id: int, person_id: int) -> Suggestion:
    """The lead proposer no longer waits for somebody who has not answered."""
    row = access.access_own_suggestion(ctx, suggestion_id)
    moves.need_state(row, "cosigning")
    signer = ctx.session.get(SuggestionCosigner, (row.id, person_id))
    if signer is None or signer.state != "invited":
        raise Conflict("suggestion_cosigner_decided")
    ctx.session.delete(signer)
    ctx.session.flush()
    moves.tell(ctx, row, "取消联名邀请", act="invitation_cancelled")
    return row


def submit(ctx: Context, suggestion_id: int) -> Suggestion:
    """Hand it to the congress's office: in a session when one is held today, else between sessions."""
    row = access.access_own_suggestion(ctx, suggestion_id)
    moves.need_state(row, "draft", "cosigning")
    if row.congress_id not in {congress.id for congress in list_congresses(ctx)}:
        raise Invalid("suggestion_congress_foreign")
    row.timing = "session" if find_open_session(ctx, row.congress_id) is not None else "between"
    counts = _count_signers(ctx, row)
    fault = find_signing_fault(row.kind, row.timing, counts.get("confirmed", 0), counts.get("invited", 0))
    if fault is not None:
        raise Conflict(fault)
    moves.move(ctx, row, "submitted")
    row.submitted_at, row.decision_code, row.decision_text = ctx.now, None, None
    row.due_on = moves.due(ctx, moves.profile_of(ctx, row).accept)
    moves.tell(ctx, row, "已提交", "会议期间提出" if row.timing == "session" else "闭会期间提出", act="submitted")
    return row


def _count_signers(ctx: Context, row: Suggestion) -> dict[str, int]:
    signer = SuggestionCosigner
    return dict(ctx.session.execute(
        select(signer.state, func.count()).where(signer.suggestion_id == row.id).group_by(signer.state)).all())


def find_open_session(ctx: Context, congress_id: int) -> CongressSession | None:
    """The session that is held today, if one is."""
    return ctx.session.scalar(select(CongressSession).where(
        CongressSession.congress_id == congress_id, CongressSession.opens_on <= ctx.today,
        CongressSession.closes_on >= ctx.today).order_by(CongressSession.session_no.desc()).limit(1))


def withdraw(ctx: Context, suggestion_id: int, *, reason: str) -> Suggestion:
    """The lead proposer takes it back; once submitted, a joint one only with everybody's written consent."""
    row = access.access_own_suggestion(ctx, suggestion_id)
    if row.submitted_at is not None and row.state != "returned" and _count_signers(ctx, row).get("confirmed"):
        raise Conflict("suggestion_withdraw_joint")
    _withdraw(ctx, row, moves.need_text("reason", reason))
    return row


def withdraw_for_all(ctx: Context, suggestion_id: int, *, reason: str) -> Suggestion:
    """The office holds the written consent of everybody who signed; `reason` says which paper."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.review")
    _withdraw(ctx, row, moves.need_text("reason", reason))
    return row


def _withdraw(ctx: Context, row: Suggestion, reason: str) -> None:
    moves.move(ctx, row, "withdrawn")
    row.due_on, row.closed_at, row.decision_text = None, ctx.now, reason
    moves.tell(ctx, row, "已撤回", reason, act="withdrawn")
    moves.tell_residents(ctx, row, "代表已撤回相关建议", "您的意见仍按原办理渠道办理")


