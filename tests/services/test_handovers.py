"""Requests for a person."""

import pytest
from sqlalchemy import select

from models.assistant import HandOver
from models.audit import AuditRow
from models.deputies import Mandate
from models.identity import Staff, WeChatBinding
from models.regions import Region
from services import assistant, audit, handovers, identity
from services.context import ANONYMOUS, Actor
from services.errors import Forbidden, Invalid, NotFound, Unauthenticated
from tests.factories import World
from tests.fakes import OFFICIAL_APPID


def _open(world: World, actor: Actor, question: str = "低保怎么办") -> HandOver:
    return handovers.open_hand_over(world.ctx_of(actor), question=question)


def test_a_question_waits_in_the_region_of_whoever_asks(world: World) -> None:
    assert _open(world, world.resident()).region_id == world.village.id
    assert _open(world, world.deputy(world.other_township)).region_id == world.other_township.id
    assert _open(world, world._account()).region_id == world.county.id


def test_a_second_question_joins_the_open_one(world: World) -> None:
    resident = world.resident()
    first, second = _open(world, resident), _open(world, resident, "还有医保")
    assert first.id == second.id
    assert second.question == "低保怎么办\n还有医保"


def test_after_closing_a_new_question_is_a_new_request(world: World) -> None:
    resident, clerk = world.resident(), world.staff()
    first = _open(world, resident)
    closed = handovers.close_hand_over(world.ctx_of(clerk), first.id, reply="请到镇里办。")
    assert (closed.state, closed.done_by, closed.done_at) == ("done", clerk.staff_id, world.clock())
    assert _open(world, resident).id != first.id


def test_a_reply_is_read_on_the_assistants_page_and_in_the_official_account(world: World) -> None:
    resident, clerk = world.resident(), world.ctx_of(world.staff())
    row = _open(world, resident, "低保怎么办理，要带什么材料，去哪个窗口办理")
    closed = handovers.close_hand_over(clerk, row.id, reply=" 请带身份证到镇便民中心。 ")
    assert (closed.state, closed.reply) == ("done", "请带身份证到镇便民中心。")
    said = assistant.list_lines(world.ctx_of(resident))[-1]
    assert (said.speaker, said.text) == (
        "assistant", "工作人员回复您的咨询“低保怎么办理，要带什么材料，去哪个窗…”：\n请带身份证到镇便民中心。")
    assert handovers.reply_to_send(world.system, row.id) is None
    clerk.session.add(WeChatBinding(account_id=resident.account_id, appid=OFFICIAL_APPID, openid="o-oa",
                                    bound_at=clerk.now, seen_at=clerk.now))
    assert handovers.reply_to_send(world.system, row.id) == ("o-oa", said.text)


def test_who_cannot_be_called_gets_a_written_reply_before_the_matter_is_closed(world: World) -> None:
    clerk = world.ctx_of(world.staff())
    row = _open(world, world.resident())
    with pytest.raises(Invalid, match="hand_over_reply_required"):
        handovers.close_hand_over(clerk, row.id)
    with pytest.raises(Invalid, match="hand_over_reply_long"):
        handovers.close_hand_over(clerk, row.id, reply="长" * 1001)
    assert row.state == "open"
    called = _open(world, world.deputy())
    assert handovers.close_hand_over(clerk, called.id).reply is None


def test_closing_twice_keeps_the_first_closing(world: World) -> None:
    one, two = world.staff(), world.staff()
    row = _open(world, world.deputy())
    handovers.close_hand_over(world.ctx_of(one), row.id)
    assert handovers.close_hand_over(world.ctx_of(two), row.id).done_by == one.staff_id


def test_the_clerks_list_is_the_own_regions_with_masked_numbers(world: World) -> None:
    ctx = world.ctx_of(ANONYMOUS)
    code = identity.prepare_login_code(ctx, phone="13911110009").code
    account = identity.login_with_phone(ctx, phone="13911110009", code=code).account
    identity.update_me(world.ctx_of(identity.actor_of_account(world.system.session, account)), village_id=world.village.id)
    _open(world, identity.actor_of_account(world.system.session, account))
    _open(world, world.resident(world.other_village))
    lines, total = handovers.list_for_staff(world.ctx_of(world.staff()), state="open")
    assert ([line.phone_masked for line in lines], total) == (["139****0009"], 1)
    assert handovers.list_for_staff(world.ctx_of(world.staff("county_office")))[1] == 2
    assert handovers.list_for_staff(world.ctx_of(world.staff()), state="done")[1] == 0


def test_the_number_is_revealed_with_a_reason_and_a_trace(world: World) -> None:
    deputy = world.deputy()
    row = _open(world, deputy)
    ctx = world.ctx_of(world.staff())
    with pytest.raises(Invalid, match="reason_required"):
        handovers.reveal_phone(ctx, row.id, reason="")
    assert handovers.reveal_phone(ctx, row.id, reason="回电").startswith("138")
    audit.seal(ctx)
    assert "phone.revealed" in ctx.session.scalars(select(AuditRow.action)).all()


def test_who_left_no_number_has_none_to_reveal(world: World) -> None:
    row = _open(world, world.resident())
    with pytest.raises(NotFound):
        handovers.reveal_phone(world.ctx_of(world.staff()), row.id, reason="回电")


def test_another_township_finds_nothing(world: World) -> None:
    row = _open(world, world.resident())
    foreign = world.ctx_of(world.staff(region=world.other_township))
    for act in (lambda: handovers.close_hand_over(foreign, row.id),
                lambda: handovers.reveal_phone(foreign, row.id, reason="回电")):
        with pytest.raises(NotFound):
            act()


def test_only_those_who_may_do_close(world: World) -> None:
    row = _open(world, world.resident())
    with pytest.raises(Forbidden):
        handovers.close_hand_over(world.ctx_of(world.staff("township_chair")), row.id)
    with pytest.raises(Unauthenticated):
        handovers.close_hand_over(world.ctx_of(world.resident()), row.id)


def _chain(world: World, *levels: str) -> dict[str, Region]:
    """The tree of another installation: one region of each level, below each other, and nothing else."""
    session = world.system.session
    for row in session.scalars(select(Region).order_by(Region.id.desc())):
        row.level, row.path = "village", f"/0/{row.id}/"
    above, made = None, {}
    for place, level in enumerate(levels):
        above = made[level] = world._region(f"8{place}", f"{level}", level, above)
    return made


@pytest.mark.parametrize(("levels", "office", "found"), [
    (("city", "township", "village"), None, "city"),
    (("city", "township", "village"), "township", "township"),
    (("province", "city", "county", "township"), "county", "county"),
    (("province", "city", "county", "township"), "city", "city"),
    (("township", "village"), None, "township")])
def test_a_question_without_a_village_waits_where_somebody_calls_back_whatever_the_tree(
        world: World, levels: tuple[str, ...], office: str | None, found: str) -> None:
    tree = _chain(world, *levels)
    if office is not None:
        world.staff("county_office" if office in ("city", "county") else "township_clerk", tree[office])
    world.staff("auditor", tree[levels[0]])
    assert _open(world, world._account()).region_id == tree[found].id


def test_an_office_that_is_closed_calls_nobody_back(world: World) -> None:
    clerk = world.staff()
    world.system.session.get_one(Staff, clerk.staff_id).is_active = False
    assert _open(world, world._account()).region_id == world.county.id


def test_who_was_a_deputy_asks_in_the_township_of_the_record(world: World) -> None:
    deputy = world.deputy()
    world.system.session.scalars(select(Mandate)).one().state = "ended"
    world.system.session.flush()
    assert _open(world, deputy).region_id == world.township.id
