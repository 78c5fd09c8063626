"""Opinions of one thing are handled together; every author keeps what is theirs, and it can all be taken apart."""

import random
from typing import Any

import pytest
from sqlalchemy import select

from models.comments import Opinion, OpinionAssignment, OpinionLikeness
from models.identity import Account
from services import comments
from services.comments import Handler, merging
from services.errors import Conflict, Forbidden, Invalid, NotFound
from tests.factories import World
from tests.services.opinion_case import Case, leave_office


def other(case: Case, state: str = "screening", **changes: object) -> Opinion:
    """Another resident's opinion of the same township, brought to a state."""
    row = case.world.opinion(case.world.resident(), **changes)
    clerk = case.world.ctx_of(case.clerk)
    if state != "screening":
        comments.register(clerk, row.number)
    if state == "assigned":
        comments.assign(clerk, row.number, handler=Handler(unit_id=case.unit_staff.unit_id))
    return row


def merge(case: Case, member: Opinion, lead: Opinion | None = None) -> None:
    comments.merge(case.world.ctx_of(case.clerk), (lead or case.opinion).number, member.number)


def unmerge(case: Case, member: Opinion) -> Opinion:
    return comments.unmerge(case.world.ctx_of(case.clerk), member.number)


def shape(case: Case, opinion: Opinion) -> dict[str, Any]:
    """Everything that handling depends on."""
    case.world.system.session.flush()
    case.world.system.session.refresh(opinion)
    columns = {column.key: getattr(opinion, column.key) for column in Opinion.__table__.columns}
    rows = case.world.system.session.execute(
        select(OpinionAssignment.id, OpinionAssignment.state, OpinionAssignment.due_on, OpinionAssignment.returned_reason)
        .where(OpinionAssignment.opinion_id == opinion.id).order_by(OpinionAssignment.id))
    return columns | {"assignments": [tuple(row) for row in rows]}


def author_of(case: Case, opinion: Opinion) -> Any:
    from services import identity

    session = case.world.system.session
    return identity.actor_of_account(session, session.get_one(Account, opinion.account_id))


# --- merging ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["screening", "registered", "assigned"])
def test_taken_apart_an_opinion_is_exactly_what_it_was(case: Case, state: str) -> None:
    case.to("assigned")
    member = other(case, state)
    before = shape(case, member)
    merge(case, member)
    assert (member.state, member.due_on) == ("merged", before["due_on"])
    unmerge(case, member)
    assert shape(case, member) == before


def test_a_clock_that_stands_still_stands_still_all_the_while(case: Case) -> None:
    case.to("assigned")
    member = other(case, "assigned")
    comments.pause(case.world.ctx_of(case.clerk), member.number, reason="等待材料")
    before = shape(case, member)
    merge(case, member)
    case.world.clock.advance(days=3)
    unmerge(case, member)
    assert shape(case, member) == before


def test_random_groups_come_apart_into_what_they_were(case: Case) -> None:
    case.to("assigned")
    draw = random.Random(7)
    for size in (2, 3, 17):
        members = [other(case, draw.choice(["screening", "registered", "assigned"])) for _ in range(size - 1)]
        before = [shape(case, row) for row in members]
        for row in draw.sample(members, len(members)):
            merge(case, row)
        for row in draw.sample(members, len(members)):
            unmerge(case, row)
        assert [shape(case, row) for row in members] == before


def test_a_group_of_five_hundred_gets_one_answer_and_five_hundred_receipts(case: Case) -> None:
    case.to("assigned")
    ctx, author = case.world.ctx_of(case.clerk), case.world.resident()
    members = [case.world.opinion(author) for _ in range(499)]
    for row in members:
        merging._attach(ctx, case.opinion, row, is_joined=False)
    case.answer("已修好。")
    session = case.world.system.session
    assert {row.state for row in members} == {"answered"}
    assert session.scalars(select(OpinionAssignment.answer).distinct()).all() == ["已修好。"]
    assert len({row.number for row in members}) == 499


def test_the_answer_to_one_is_the_answer_to_all_and_each_author_rates_it(case: Case) -> None:
    case.to("assigned")
    first, second = other(case), other(case, "assigned")
    merge(case, first)
    merge(case, second)
    case.answer("已换好三盏灯。")
    for row in (first, second):
        found = comments.get_mine(case.world.ctx_of(author_of(case, row)), row.number)
        assert found.answer is not None
        assert (found.opinion.state, found.answer.answer, found.answer_handler) == (
            "answered", "已换好三盏灯。", "王建国代表")
    comments.rate(case.world.ctx_of(author_of(case, first)), first.number, grade="satisfied", comment="")
    comments.rate(case.world.ctx_of(author_of(case, second)), second.number, grade="unsatisfied", comment="还是暗")
    assert (first.state, second.state, second.round_no, case.opinion.state) == ("closed", "assigned", 2, "answered")
    with pytest.raises(Conflict, match="not_merged"):
        unmerge(case, first)


def test_an_author_in_a_group_reads_who_handles_it_and_nothing_of_the_others(case: Case) -> None:
    case.to("registered")
    member = other(case, text="三组的路灯不亮。")
    merge(case, member)
    case.assign()
    found = comments.get_mine(case.world.ctx_of(author_of(case, member)), member.number)
    assert (found.state_name, found.handler_name, found.lead, found.members) == ("并案办理", "王建国代表", None, ())
    told = [event.title + event.detail for event in found.events]
    assert "并案办理与其他群众反映的同一事项一并办理，答复会同时告诉您" in told
    assert any(line.startswith("已交王建国代表办理") for line in told)
    assert not any(case.number in line for line in told)


def test_the_handler_reads_every_voice(case: Case) -> None:
    case.to("assigned")
    merge(case, other(case, text="三组的路灯不亮。"))
    found, can_answer = comments.get_assigned(case.world.ctx_of(case.deputy), case.number)
    assert ([member.opinion.text for member in found.members], can_answer) == (["三组的路灯不亮。"], True)
    assert comments.count_people(case.world.system, [case.opinion.id]) == {case.opinion.id: 2}


def test_merging_the_same_two_again_changes_nothing(case: Case) -> None:
    case.to("assigned")
    member = other(case)
    merge(case, member)
    before = shape(case, member)
    merge(case, member)
    assert shape(case, member) == before


def test_what_cannot_be_merged_is_refused_with_its_reason(case: Case, world: World) -> None:
    member = other(case)
    clerk = world.ctx_of(case.clerk)
    with pytest.raises(Invalid, match="merge_with_itself"):
        comments.merge(clerk, case.number, case.number)
    merge(case, member)
    with pytest.raises(Conflict, match="merge_member_leads"):
        merge(case, case.opinion, other(case))
    with pytest.raises(Conflict, match="opinion_move_refused"):
        merge(case, member, other(case))
    with pytest.raises(Conflict, match="merge_release_first"):
        comments.refuse(clerk, case.number, reason="重复")
    closed = other(case, "assigned")
    comments.answer_as_unit(world.ctx_of(case.unit_staff), closed.number, text="好。")
    with pytest.raises(Conflict, match="merge_lead_closed"):
        merge(case, other(case), closed)
    with pytest.raises(Conflict, match="opinion_move_refused"):
        merge(case, closed)


def test_only_who_screens_merges_and_only_in_reach(case: Case, world: World) -> None:
    member = other(case)
    with pytest.raises(Forbidden):
        comments.merge(world.ctx_of(case.unit_staff), case.number, member.number)
    stranger = world.staff(region=world.other_township)
    with pytest.raises(NotFound):
        comments.merge(world.ctx_of(stranger), case.number, member.number)
    elsewhere = world.opinion(world.resident(world.other_village), village_id=world.other_village.id)
    with pytest.raises(Invalid, match="merge_other_township"):
        comments.merge(world.ctx_of(world.staff("county_office", world.county)), case.number, elsewhere.number)


def test_who_left_office_meanwhile_does_not_get_it_back(case: Case) -> None:
    member = case.to("assigned").opinion
    lead = other(case, "registered")
    merge(case, member, lead)
    leave_office(case.world, case.deputy)
    assert unmerge(case, member).state == "registered"


def test_the_warning_of_a_members_clock_goes_to_who_handles_the_lead(case: Case, world: World) -> None:
    case.to("assigned")
    member = other(case, "registered")
    merge(case, member)
    world.clock.advance(days=60)
    assert comments.warn(world.system) is None
    words = [row.opinion_id for row in world.system.session.scalars(_words(case))]
    assert member.id in words


def _words(case: Case) -> Any:
    from models.notices import OpinionWord

    return select(OpinionWord).where(OpinionWord.account_id == case.deputy.account_id)


# --- joining by a tap -------------------------------------------------------------------------------


def join(case: Case, who: Any, **changes: object) -> Opinion:
    return case.world.opinion(who, joins=case.number, **changes)


def test_a_resident_joins_a_matter_and_has_a_number_of_their_own(case: Case) -> None:
    case.to("assigned")
    joined = join(case, case.world.resident(), category="other")
    assert (joined.state, joined.category) == ("merged", "road")
    assert joined.number != case.number
    comments.record_text_check(case.world.system, joined.id, suggestion="pass")
    case.answer()
    assert joined.state == "answered"


@pytest.mark.parametrize("suggestion", ["review", "risky", "unreachable"])
def test_words_that_nobody_screened_go_to_a_clerk_before_anybody_else_reads_them(case: Case, suggestion: str) -> None:
    case.to("assigned")
    joined = join(case, case.world.resident(), text="难听的话。")
    found = comments.get_assigned(case.world.ctx_of(case.deputy), case.number)[0]
    assert [member.is_screened for member in found.members] == [False]
    comments.record_text_check(case.world.system, joined.id, suggestion=suggestion)
    assert (joined.state, joined.text_check) == ("screening", suggestion)
    assert comments.get_assigned(case.world.ctx_of(case.deputy), case.number)[0].members == []


def test_nobody_joins_twice_nor_the_own_matter(case: Case) -> None:
    case.to("assigned")
    resident = case.world.resident()
    join(case, resident)
    for who in (resident, case.resident):
        with pytest.raises(Conflict, match="joined_already"):
            join(case, who)


def test_what_is_not_being_handled_cannot_be_joined(case: Case, world: World) -> None:
    for _step in ("screening", "answered"):
        with pytest.raises(Conflict, match="matter_gone"):
            join(case, world.resident())
        case.to("answered")
    with pytest.raises(Conflict, match="matter_gone"):
        world.opinion(world.resident(world.other_village), joins=case.number, village_id=world.other_village.id)


def test_a_merge_is_a_word_on_the_likeness_of_the_two(case: Case) -> None:
    case.to("assigned")
    member = other(case)
    session = case.world.system.session
    session.add(OpinionLikeness(opinion_id=member.id, other_id=case.opinion.id, score=80))
    session.flush()
    merge(case, member)
    session.expire_all()
    assert session.get_one(OpinionLikeness, (member.id, case.opinion.id)).is_same
