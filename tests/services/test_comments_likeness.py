"""What the machine reads in an opinion, and which others it shows: proposals to the clerk, matters to who writes."""

import pytest

from models.comments import Opinion, OpinionReading
from services import comments
from services.context import Context
from services.errors import NotFound, Unauthenticated
from tests.factories import World
from tests.services.opinion_case import Case

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:scipy.*")
LAMP, DARK, RUBBISH = "三组的路灯坏了，晚上黑。", "我们三组路灯不亮，晚上走路怕。", "河边垃圾没人清运，臭得很。"


def read(world: World, text: str, **changes: object) -> Opinion:
    row = world.opinion(world.resident(), text=text, **changes)
    comments.keep_judgement(world.system, row.id, comments.judge(world.system, row.id))
    return row


@pytest.fixture
def clerk(world: World) -> Context:
    return world.ctx_of(world.staff())


def test_an_opinion_is_read_once_and_the_clerk_sees_the_proposal(world: World, clerk: Context) -> None:
    row = read(world, "村口的高压线断了吊在半空，娃娃在下面玩", category="other")
    comments.keep_judgement(world.system, row.id, comments.judge(world.system, row.id))
    found = comments.get_for_staff(clerk, row.number).reading
    assert found is not None
    assert (found.category, found.is_urgent, found.beyond) == ("safety", True, None)
    assert 0 < found.confidence <= 100


def test_another_door_is_proposed_with_it(world: World) -> None:
    row = read(world, "我对法院一审判决不服，要上诉")
    assert world.system.session.get_one(OpinionReading, row.id).beyond == "litigation"


def test_open_opinions_of_the_village_about_the_same_are_proposed_to_the_clerk(world: World, clerk: Context) -> None:
    first, _rubbish = read(world, LAMP), read(world, RUBBISH)
    second = read(world, DARK)
    found, total = comments.list_likenesses(clerk)
    assert ([(pair.opinion.id, pair.other.id) for pair in found], total) == ([(second.id, first.id)], 1)
    assert comments.count_likenesses(clerk) == 1
    assert comments.list_likenesses(clerk, of=first)[1] == 1
    assert comments.list_likenesses(clerk, of=_rubbish)[1] == 0


def test_other_villages_are_not_compared(world: World, clerk: Context) -> None:
    read(world, LAMP, village_id=world.other_village.id)
    read(world, DARK)
    assert comments.list_likenesses(clerk)[1] == 0


def test_a_pair_said_to_differ_is_not_proposed_again(world: World, clerk: Context) -> None:
    first, second = read(world, LAMP), read(world, DARK)
    comments.set_apart(clerk, first.number, second.number)
    assert comments.list_likenesses(clerk) == ([], 0)
    with pytest.raises(NotFound):
        comments.set_apart(clerk, first.number, read(world, RUBBISH).number)


def test_a_merged_pair_leaves_the_worklist_and_comes_back_only_undecided(world: World, clerk: Context) -> None:
    first, second = read(world, LAMP), read(world, DARK)
    comments.merge(clerk, first.number, second.number)
    assert comments.list_likenesses(clerk)[1] == 0
    comments.unmerge(clerk, second.number)
    assert comments.list_likenesses(clerk)[1] == 0


# --- while a resident writes ------------------------------------------------------------------------


def look(world: World, text: str = DARK, who: object = None) -> list[comments.Matter]:
    return comments.find_matters(world.ctx_of(who or world.resident()), text=text,  # type: ignore[arg-type]
                                 village_id=world.village.id)


def test_who_writes_about_a_matter_in_hand_sees_it_and_how_many_reported_it(case: Case, world: World) -> None:
    world.opinion(world.resident(), text=RUBBISH)
    lead = world.opinion(world.resident(), text=LAMP)
    assert look(world) == []
    comments.register(world.ctx_of(case.clerk), lead.number, matter=" 三组路灯维修 ")
    world.opinion(world.resident(), text=DARK, joins=lead.number)
    found, = look(world)
    assert (found.opinion.matter, found.people, found.can_join, found.is_mine) == ("三组路灯维修", 2, True, False)
    assert look(world, "路灯坏") == []
    assert look(world, RUBBISH) == []


def test_the_own_matter_is_said_to_be_the_own_one(case: Case, world: World) -> None:
    author = world.resident()
    lead = world.opinion(author, text=LAMP)
    comments.register(world.ctx_of(case.clerk), lead.number)
    found, = look(world, who=author)
    assert (found.is_mine, found.can_join) == (True, False)


def test_an_answered_matter_is_shown_for_half_a_year_and_cannot_be_joined(case: Case, world: World) -> None:
    lead = world.opinion(world.resident(), text=LAMP)
    clerk = world.ctx_of(case.clerk)
    comments.register(clerk, lead.number)
    comments.assign(clerk, lead.number, handler=comments.Handler(unit_id=case.unit_staff.unit_id))
    comments.answer_as_unit(world.ctx_of(case.unit_staff), lead.number, text="已修好。")
    assert [row.can_join for row in look(world)] == [False]
    world.clock.advance(days=181)
    assert look(world) == []


def test_nobody_without_an_account_looks_for_matters(world: World, clerk: Context) -> None:
    with pytest.raises(Unauthenticated):
        comments.find_matters(clerk, text=LAMP, village_id=world.village.id)
