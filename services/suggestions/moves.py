"""How a suggestion moves: the one place where its state changes, its history grows and its clocks are set."""

from datetime import date

from sqlalchemy import select

from models.comments import Opinion
from models.deputies import Congress
from models.suggestions import Suggestion, SuggestionEvent, SuggestionOpinion, SuggestionUnit
from services import audit, regions
from services.comments import moves as opinion_moves
from services.context import Context
from services.errors import Conflict, Invalid
from services.rules import suggestion_sla
from services.rules.suggestion_sla import Limit, Profile
from services.rules.suggestion_states import STATE_NAMES, may_move

MAX_TITLE, MAX_TEXT = 60, 5000


def move(ctx: Context, row: Suggestion, to: str) -> None:
    """To the next state where the table allows it; raises `suggestion_move_refused` where it does not."""
    if not may_move(row.state, to):
        raise refusal(row)
    row.state = to


def refusal(row: Suggestion) -> Conflict:
    """The refusal that names the state the suggestion is in."""
    return Conflict("suggestion_move_refused", state=STATE_NAMES[row.state])


def need_state(row: Suggestion, *states: str) -> None:
    if row.state not in states:
        raise refusal(row)


def need_text(field: str, value: str, code: str = "field_required") -> str:
    """The words without blanks around them; raises where there are none, or too many."""
    words = value.strip()
    if not words:
        raise Invalid("invalid_input", fields={field: code})
    if len(words) > MAX_TEXT:
        raise Invalid("invalid_input", fields={field: "field_too_long"})
    return words


def tell(ctx: Context, row: Suggestion, title: str, detail: str = "", *, act: str) -> None:
    """A line of the history, which the deputies read, and the audit's row of the same act."""
    ctx.session.add(SuggestionEvent(suggestion_id=row.id, at=ctx.now, title=title, detail=detail, actor=ctx.actor.key))
    audit.record(ctx, f"suggestion.{act}", f"suggestion:{row.id}", {"state": row.state}, region_id=row.region_id)


def note(ctx: Context, row: Suggestion, title: str, detail: str, *, act: str) -> None:
    """A line of the history that only staff read."""
    ctx.session.add(SuggestionEvent(suggestion_id=row.id, at=ctx.now, title=title, detail=detail, is_internal=True,
                                    actor=ctx.actor.key))
    audit.record(ctx, f"suggestion.{act}", f"suggestion:{row.id}", {"state": row.state}, region_id=row.region_id)


def tell_residents(ctx: Context, row: Suggestion, title: str, detail: str) -> None:
    """A line on the timelines of the opinions that the suggestion grew from, and a message to each author, once.

    Of a confidential one they read only the step, never the words.
    """
    detail = "" if row.is_confidential else detail
    for opinion in ctx.session.scalars(
            select(Opinion).join(SuggestionOpinion, SuggestionOpinion.opinion_id == Opinion.id)
            .where(SuggestionOpinion.suggestion_id == row.id).order_by(Opinion.id)):
        opinion_moves.tell(ctx, opinion, title, detail)
        opinion_moves.send_word(ctx, opinion, f"suggestion:{row.id}:{title}", "办理中", title)


def profile_of(ctx: Context, row: Suggestion) -> Profile:
    """The time limits in force for the suggestion's region on the day it was submitted, or today."""
    region = regions.get_region(ctx.session, row.region_id)
    return suggestion_sla.PROFILES[regions.setting(ctx.session, region, "suggestion.profile", ctx.today)]


def level_of(ctx: Context, row: Suggestion) -> str:
    return ctx.session.get_one(Congress, row.congress_id).level


def due(ctx: Context, limit: Limit, since: date | None = None) -> date:
    return suggestion_sla.due_on(since or ctx.today, limit, regions.workday_overrides(ctx.session))


def lead_unit(ctx: Context, row: Suggestion) -> SuggestionUnit | None:
    return ctx.session.scalar(select(SuggestionUnit).where(
        SuggestionUnit.suggestion_id == row.id, SuggestionUnit.part == "lead", SuggestionUnit.replaced_at.is_(None)))


def need_own_lead(ctx: Context, row: Suggestion) -> SuggestionUnit:
    """The lead's row where the asker belongs to the lead unit; a co-handler may not act for it."""
    lead = lead_unit(ctx, row)
    if lead is None or lead.unit_id != ctx.actor.unit_id:
        raise refusal(row)
    return lead
