"""One handling for opinions of the same thing; each author keeps number, clock, answer and rating (并案办理)."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, func, select, update

from models.comments import Opinion, OpinionAssignment, OpinionLikeness, OpinionMerge
from models.insert_once import insert_once
from services import access, audit
from services.comments import moves
from services.context import Context
from services.errors import Conflict, Invalid
from services.rules.opinion_states import MERGEABLE, STATE_NAMES

#: Where a resident may join by a tap: a person has taken the matter up, and nobody has answered yet.
JOINABLE = ("registered", "assigned")


# --- who is handled with whom -----------------------------------------------------------------------


def lead_of(ctx: Context, opinion: Opinion) -> Opinion | None:
    """The opinion it is handled together with, else None."""
    if opinion.state != "merged":
        return None
    return ctx.session.scalar(select(Opinion).join(OpinionMerge, OpinionMerge.lead_id == Opinion.id)
                              .where(OpinionMerge.member_id == opinion.id, OpinionMerge.state == "live"))


def is_joined(ctx: Context, opinion: Opinion) -> bool:
    """Whether it is handled together with another because its author said so."""
    return opinion.state == "merged" and ctx.session.scalar(select(OpinionMerge.id).where(
        OpinionMerge.member_id == opinion.id, OpinionMerge.state == "live", OpinionMerge.is_joined)) is not None


@dataclass(frozen=True)
class Member:
    """An opinion handled together with another, and how that came."""

    opinion: Opinion
    merge: OpinionMerge

    @property
    def is_screened(self) -> bool:
        """Whether its words may go to a handler: the platform's check passed them, or a clerk read them."""
        return not self.merge.is_joined or self.opinion.text_check == "pass"


def members_of(ctx: Context, lead: Opinion) -> list[Member]:
    """What is or was handled together with it, in the order it came; nothing that was taken apart again."""
    rows = ctx.session.execute(
        select(Opinion, OpinionMerge).join(OpinionMerge, OpinionMerge.member_id == Opinion.id)
        .where(OpinionMerge.lead_id == lead.id, OpinionMerge.state != "undone").order_by(OpinionMerge.id)).all()
    return [Member(*row) for row in rows]


def _live_members(ctx: Context, lead: Opinion) -> Sequence[Row[Opinion, OpinionMerge]]:
    """The members of this moment, nobody else working on them."""
    return ctx.session.execute(
        select(Opinion, OpinionMerge).join(OpinionMerge, OpinionMerge.member_id == Opinion.id)
        .where(OpinionMerge.lead_id == lead.id, OpinionMerge.state == "live").order_by(Opinion.id)
        .with_for_update()).all()


def count_people(ctx: Context, ids: Sequence[int]) -> dict[int, int]:
    """How many opinions each of these stands for, itself counted."""
    found = ctx.session.execute(
        select(OpinionMerge.lead_id, func.count()).where(OpinionMerge.lead_id.in_(ids), OpinionMerge.state != "undone")
        .group_by(OpinionMerge.lead_id))
    return dict.fromkeys(ids, 1) | {lead_id: count + 1 for lead_id, count in found}


# --- merging and taking apart -----------------------------------------------------------------------


def merge(ctx: Context, lead_number: str, member_number: str) -> Opinion:
    """Handle the member together with the lead, which must be open and of the same township; a repeat does nothing."""
    if lead_number == member_number:
        raise Invalid("merge_with_itself", fields={"with": "merge_with_itself"})
    # In one order for everybody, so that two clerks who merge the same two wait for each other and do not lock up.
    found = {number: access.access_opinion(ctx, number, "opinions.screen")
             for number in sorted((lead_number, member_number))}
    lead, member = found[lead_number], found[member_number]
    present = lead_of(ctx, member)
    if present is not None and present.id == lead.id:
        return lead
    if lead.township_id != member.township_id:
        raise Invalid("merge_other_township", fields={"with": "merge_other_township"})
    if lead.state not in MERGEABLE:
        raise Conflict("merge_lead_closed", state=STATE_NAMES[lead.state])
    if member.state not in MERGEABLE:
        raise moves.refusal(member)
    if _live_members(ctx, member):
        raise Conflict("merge_member_leads")
    _attach(ctx, lead, member, is_joined=False)
    ctx.session.execute(update(OpinionLikeness).where(
        OpinionLikeness.opinion_id == max(lead.id, member.id), OpinionLikeness.other_id == min(lead.id, member.id)
    ).values(is_same=True, decided_by=access.staff_id(ctx), decided_at=ctx.now))
    return lead


def join(ctx: Context, opinion: Opinion, number: str) -> None:
    """A resident's new opinion joins a matter that is being handled; raises `matter_gone` and `joined_already`."""
    lead = ctx.session.scalar(select(Opinion).where(
        Opinion.number == number, Opinion.township_id == opinion.township_id, Opinion.state.in_(JOINABLE)
    ).with_for_update())
    if lead is None:
        raise Conflict("matter_gone")
    mine = select(OpinionMerge.id).join(Opinion, Opinion.id == OpinionMerge.member_id).where(
        OpinionMerge.lead_id == lead.id, OpinionMerge.state == "live", Opinion.account_id == opinion.account_id)
    if lead.account_id == opinion.account_id or ctx.session.scalar(mine) is not None:
        raise Conflict("joined_already")
    opinion.category = lead.category
    _attach(ctx, lead, opinion, is_joined=True)


def _attach(ctx: Context, lead: Opinion, member: Opinion, *, is_joined: bool) -> None:
    before, assignment = member.state, moves.live_assignment(ctx, member)
    is_assigned = before == "assigned" and assignment is not None
    row = insert_once(ctx.session, OpinionMerge, lead_id=lead.id, member_id=member.id, state_before=before,
                      assignment_id=assignment.id if is_assigned and assignment else None, is_joined=is_joined,
                      merged_by=ctx.actor.key, merged_at=ctx.now)
    if row is None:
        raise moves.refusal(member)
    moves.move(ctx, member, "merged")
    if is_assigned and assignment is not None:
        assignment.state, assignment.returned_reason = "returned", "并案办理"
    moves.tell(ctx, member, "并案办理", "与其他群众反映的同一事项一并办理，答复会同时告诉您")
    moves.note_inside(ctx, member, "并入", lead.number)
    moves.note_inside(ctx, lead, "并入一件意见", member.number)
    if not is_joined:
        moves.send_word(ctx, member, f"merged:{row.id}", "并案办理", "与同一事项一并办理，会答复您")
    audit.record(ctx, "opinion.merged", f"opinion:{member.id}", {"lead": lead.id}, region_id=member.township_id)


def unmerge(ctx: Context, number: str) -> Opinion:
    """Alone again, in the state and with the handler it had before; raises `not_merged`."""
    member = access.access_opinion(ctx, number, "opinions.screen")
    return detach(ctx, member)


def detach(ctx: Context, member: Opinion) -> Opinion:
    """Take a member out of its group, as it was; a handler who has left office meanwhile has it no more."""
    row = ctx.session.scalar(select(OpinionMerge).where(
        OpinionMerge.member_id == member.id, OpinionMerge.state == "live").with_for_update())
    if row is None or member.state != "merged":
        raise Conflict("not_merged")
    state = row.state_before
    if row.assignment_id is not None:
        assignment = ctx.session.get_one(OpinionAssignment, row.assignment_id)
        if assignment.person_id is not None and not moves.is_in_office(ctx, assignment.person_id):
            state = "registered"
        else:
            assignment.state, assignment.returned_reason = "open", None
    moves.move(ctx, member, state)
    row.state, row.ended_by, row.ended_at = "undone", ctx.actor.key, ctx.now
    moves.tell(ctx, member, "单独办理", "您的意见改为单独办理")
    moves.note_inside(ctx, ctx.session.get_one(Opinion, row.lead_id), "拆分出一件意见", member.number)
    audit.record(ctx, "opinion.unmerged", f"opinion:{member.id}", {"lead": row.lead_id}, region_id=member.township_id)
    return member


# --- what happens to the lead reaches the members ---------------------------------------------------


def tell_members(ctx: Context, lead: Opinion, step: str, title: str, detail: str) -> None:
    """A line in each member's timeline and a word to its author."""
    for member, _row in _live_members(ctx, lead):
        moves.tell(ctx, member, title, detail)
        moves.send_word(ctx, member, step, "办理中", title)


def answer_members(ctx: Context, lead: Opinion, assignment: OpinionAssignment) -> None:
    """The answer to the lead is each member's answer, which its own author rates."""
    for member, row in _live_members(ctx, lead):
        ctx.session.add(OpinionAssignment(
            opinion_id=member.id, round_no=member.round_no, person_id=assignment.person_id, unit_id=assignment.unit_id,
            state="answered", due_on=member.due_on or assignment.due_on, assigned_by=assignment.assigned_by,
            assigned_at=row.merged_at, answer=assignment.answer, answered_at=assignment.answered_at))
        moves.move(ctx, member, "answered")
        moves.end_clock(member)
        row.state, row.ended_by, row.ended_at = "settled", ctx.actor.key, ctx.now
        moves.tell(ctx, member, "已答复", "请查看答复并评价")
        moves.send_word(ctx, member, f"answered:{member.round_no}", "已答复", "请查看答复并评价")


def require_alone(ctx: Context, lead: Opinion) -> None:
    """Refuse to end a matter for which others still wait; raises `merge_release_first`."""
    if _live_members(ctx, lead):
        raise Conflict("merge_release_first")
