"""What happens after a commit: one function per outbox topic, thin, repeatable, taking ids."""

from collections.abc import Callable

from app.jobs import callbacks, pushes
from app.program import Program
from app.unit_of_work import reading, unit_of_work
from services import activities, checkin, comments, duties, handovers, identity, linking, suggestions

Handler = Callable[..., None]


def look_at_opinion(program: Program, *, opinion_id: int) -> None:
    """Read what it is about, ask the platform about the text outside any transaction, and record what both said."""
    with reading(program) as ctx:
        judged = comments.judge(ctx, opinion_id)
    with unit_of_work(program) as ctx:
        comments.keep_judgement(ctx, opinion_id, judged)
    with unit_of_work(program) as ctx:
        found = comments.text_to_check(ctx, opinion_id)
        openid = identity.openid_of(ctx.session, found[1], program.program_settings.mini_appid) if found else None
    if found is None:
        return
    verdict = program.gateways.moderator.check_text(found[0], openid=openid)
    with unit_of_work(program) as ctx:
        comments.record_text_check(ctx, opinion_id, suggestion=verdict.suggestion)


def credit_timely_answer(program: Program, *, assignment_id: int) -> None:
    """A deputy's answer within its clock is a duty (C4)."""
    with unit_of_work(program) as ctx:
        answer = comments.timely_deputy_answer(ctx, assignment_id)
        if answer is not None:
            duties.record_event(ctx, person_id=answer.person_id, item_code="C4", source="answer",
                                cause=f"answer:{assignment_id}", title=f"按期答复群众意见{answer.number}",
                                occurred_on=answer.answered_on)


def credit_suggestion(program: Program, *, suggestion_id: int) -> None:
    """What a suggestion proves of its deputies' work by now is a duty, each thing once."""
    with unit_of_work(program) as ctx:
        for credit in suggestions.credits_of(ctx, suggestion_id):
            duties.record_event(ctx, person_id=credit.person_id, item_code=credit.item_code, source="suggestion",
                                cause=credit.cause, title=credit.title, occurred_on=credit.occurred_on)


def settle_reach(program: Program, *, person_id: int) -> None:
    """A mandate ended or a deputy moved: work where nothing reaches any more goes back, a live visit ends."""
    with unit_of_work(program) as ctx:
        comments.take_back(ctx, person_id)
    with unit_of_work(program) as ctx:
        checkin.end_stranded_visits(ctx)


def credit_activity(program: Program, *, activity_id: int) -> None:
    """A closed activity: some people a transaction, so that nobody's points wait for hundreds of others'."""
    is_over = False
    while not is_over:
        with unit_of_work(program) as ctx:
            is_over = activities.credit_some(ctx, activity_id) == 0


def join_accounts(program: Program, *, account_id: int) -> None:
    """A unionid became known: the same person in the mini-program and in the official account has one account."""
    with unit_of_work(program) as ctx:
        linking.join(ctx, account_id)


def send_hand_over_reply(program: Program, *, hand_over_id: int) -> None:
    """The staff's written reply, also in the official account; there it may be too late, on the chat page it stays."""
    with unit_of_work(program) as ctx:
        found = handovers.reply_to_send(ctx, hand_over_id)
    if found is not None:
        callbacks.send_answer(program, "oa", *found)


HANDLERS: dict[str, Handler] = {
    "opinion.submitted": look_at_opinion,
    "opinion.answered": credit_timely_answer,
    "opinion.word": pushes.push_opinion_word,
    "notice.sent": pushes.push_notice,
    "activity.closed": credit_activity,
    "handover.replied": send_hand_over_reply,
    "official_account.met": callbacks.recognise_stranger,
    "unionid.learned": join_accounts,
    "callback.arrived": callbacks.process_callback,
    "deputy.reach_changed": settle_reach,
    "suggestion.credit_due": credit_suggestion,
}
