"""Callbacks are stored once and processed once."""

from sqlalchemy import func, select

from models.outbox import InboxMessage, OutboxMessage
from services import inbox
from tests.factories import World


def _arrived(key: str = "k-1", text: str = "我要提意见") -> inbox.Arrived:
    return inbox.Arrived(key, "mini", "wxtestmini", "o-1", "text", None, {"Content": text})


def test_a_callback_is_stored_sealed_and_announced(world: World) -> None:
    assert inbox.store(world.system, _arrived())
    row = world.system.session.scalars(select(InboxMessage)).one()
    assert "提意见" not in row.body_cipher
    message = world.system.session.scalars(select(OutboxMessage)).one()
    assert (message.topic, message.payload) == ("callback.arrived", {"inbox_id": row.id})


def test_a_repeat_of_the_platform_changes_nothing(world: World) -> None:
    inbox.store(world.system, _arrived())
    assert not inbox.store(world.system, _arrived(text="另一条"))
    for table in (InboxMessage, OutboxMessage):
        assert world.system.session.scalar(select(func.count()).select_from(table)) == 1


def test_what_the_caller_answers_itself_is_not_announced(world: World) -> None:
    assert inbox.store_for_answer(world.system, _arrived()) is not None
    assert inbox.store_for_answer(world.system, _arrived()) is None
    assert world.system.session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


def test_a_message_is_opened_as_it_came_until_it_is_processed(world: World) -> None:
    inbox_id = inbox.store_for_answer(world.system, _arrived())
    assert inbox_id is not None
    assert inbox.open_unprocessed(world.system, inbox_id) == _arrived()
    inbox.mark_processed(world.system, inbox_id)
    world.system.session.flush()
    assert inbox.open_unprocessed(world.system, inbox_id) is None


def test_a_processed_message_keeps_no_words(world: World) -> None:
    inbox_id = inbox.store_for_answer(world.system, _arrived())
    assert inbox_id is not None
    inbox.mark_processed(world.system, inbox_id)
    row = world.system.session.scalars(select(InboxMessage)).one()
    assert world.system.gateways.cipher.open(row.body_cipher, "inbox.body") == "{}"
