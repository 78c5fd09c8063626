"""Decided beside the handling: key supervision, excellence, publication, the archive; and what counts as a duty."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from models.suggestions import Suggestion, SuggestionCosigner, SuggestionEvaluation
from services import access, outbox
from services.context import Context, local_day
from services.errors import Conflict, Invalid
from services.rules.suggestion_states import PUBLICATION_NAMES
from services.suggestions import moves


def mark_key(ctx: Context, suggestion_id: int) -> Suggestion:
    """重点督办, by the chairpersons' meeting or the presidium."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.decide")
    if row.number is None or row.closed_at is not None or row.is_key:
        raise moves.refusal(row)
    row.is_key = True
    moves.tell(ctx, row, "列为重点督办", act="key_marked")
    outbox.publish(ctx, "suggestion.credit_due", suggestion_id=row.id)
    return row


def mark_excellent(ctx: Context, suggestion_id: int) -> Suggestion:
    """优秀建议, of those that are settled."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.decide")
    if row.number is None or row.state not in ("closed", "commitment", "archived") or row.is_excellent:
        raise Conflict("suggestion_not_settled")
    row.is_excellent = True
    moves.tell(ctx, row, "评为优秀建议", act="excellent_marked")
    outbox.publish(ctx, "suggestion.credit_due", suggestion_id=row.id)
    return row


def decide_publication(ctx: Context, suggestion_id: int, *, how: str, summary: str) -> Suggestion:
    """Full, a summary edited for the public, or none, for each suggestion; a confidential one is never public."""
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.decide")
    if how not in PUBLICATION_NAMES or how == "undecided":
        raise Invalid("invalid_input", fields={"how": "field_not_a_choice"})
    if row.state not in ("closed", "commitment", "archived") or row.number is None:
        raise Conflict("suggestion_not_settled")
    if row.is_confidential and how != "none":
        raise Conflict("suggestion_confidential_public")
    if how == "summary" and not summary.strip():
        raise Invalid("suggestion_summary_missing", fields={"summary": "suggestion_summary_missing"})
    row.publication_text = summary.strip()[:moves.MAX_TEXT] if how == "summary" else ""
    row.publication = how
    moves.tell(ctx, row, PUBLICATION_NAMES[how], act="publication_decided")
    return row


def archive(ctx: Context, suggestion_id: int) -> Suggestion:
    row = access.access_suggestion(ctx, suggestion_id, "suggestions.review")
    moves.move(ctx, row, "archived")
    moves.tell(ctx, row, "已归档", act="archived")
    return row


@dataclass(frozen=True)
class Credit:
    """A duty that a suggestion proves; `cause` names it once."""

    person_id: int
    item_code: str
    cause: str
    title: str
    occurred_on: date


def credits_of(ctx: Context, suggestion_id: int) -> list[Credit]:
    """What the point table counts (B3 led, B4 co-signed, B5 evaluated in time, F1 key, F2 excellent), as of now."""
    row = ctx.session.get_one(Suggestion, suggestion_id)
    if row.registered_at is None:
        return []
    day, name = local_day(row.registered_at), f"suggestion:{row.id}"
    found = [Credit(row.person_id, "B3", f"{name}:lead", f"领衔提出建议《{row.title}》", day)]
    found += [Credit(number, "B4", f"{name}:co:{number}", f"联名提出建议《{row.title}》", day)
              for number in ctx.session.scalars(select(SuggestionCosigner.person_id).where(
                  SuggestionCosigner.suggestion_id == row.id, SuggestionCosigner.state == "confirmed")
                  .order_by(SuggestionCosigner.person_id))]
    for word in ctx.session.scalars(select(SuggestionEvaluation).where(SuggestionEvaluation.suggestion_id == row.id)):
        on = local_day(word.evaluated_at)
        if on <= word.due_on:
            found.append(Credit(row.person_id, "B5", f"{name}:evaluated:{word.round_no}",
                                f"按期评价建议《{row.title}》的办理", on))
    if row.is_key:
        found.append(Credit(row.person_id, "F1", f"{name}:key", f"建议《{row.title}》列为重点督办", ctx.today))
    if row.is_excellent:
        found.append(Credit(row.person_id, "F2", f"{name}:excellent", f"建议《{row.title}》评为优秀", ctx.today))
    return found
