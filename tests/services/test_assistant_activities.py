"""What the assistant says of activities that wait for the deputy's word."""

from services import assistant
from services.context import Actor
from tests.factories import World
from tests.services.activity_case import Meeting


def _said(world: World, who: Actor, text: str) -> str:
    return assistant.answer(world.ctx_of(who), text=text, channel="chat")[-1].text


def test_who_cannot_come_is_led_to_the_activity_and_never_told_that_no_leave_is_needed(world: World) -> None:
    deputy = world.deputy()
    Meeting(world).publish()
    assert "代表主题活动" in _said(world, deputy, "请假")


def test_who_wants_to_sign_up_reads_what_is_open(world: World) -> None:
    deputy = world.deputy()
    Meeting(world).publish(signs_up=True)
    assert "代表主题活动" in _said(world, deputy, "活动报名")


def test_what_is_over_is_not_offered(world: World) -> None:
    deputy, meeting = world.deputy(), Meeting(world)
    meeting.publish()
    meeting.begin(minutes=150)
    assert "代表主题活动" not in _said(world, deputy, "请假")
