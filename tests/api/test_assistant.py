"""The chat page over HTTP."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from models.assistant import ChatLine
from models.comments import Opinion
from tests.api.conftest import code_of
from tests.factories import World


def say(client: FlaskClient, who: dict[str, str], text: str) -> dict[str, object]:
    """The assistant's line to this text."""
    answer = client.post("/api/v1/assistant/messages", json={"text": text}, headers=who)
    assert answer.status_code == 200, answer.json
    line: dict[str, object] = answer.json["lines"][-1]  # type: ignore[index]
    return line


def test_what_was_said_is_answered_with_choices_and_kept(client: FlaskClient, world: World) -> None:
    who = world.token(world.resident())
    answer = client.post("/api/v1/assistant/messages", json={"text": "帮助"}, headers=who).json
    assert answer is not None
    assert [line["from"] for line in answer["lines"]] == ["me", "assistant"]
    assert answer["lines"][1]["choices"]
    assert client.get("/api/v1/assistant/messages", headers=who).json == {"items": answer["lines"]}


def test_ones_own_lines_only_are_shown(client: FlaskClient, world: World) -> None:
    say(client, world.token(world.resident()), "帮助")
    assert client.get("/api/v1/assistant/messages", headers=world.token(world.resident())).json == {"items": []}


def test_cancelling_always_works(client: FlaskClient, world: World, count: Callable[[type], int]) -> None:
    who = world.token(world.resident())
    say(client, who, "我要提意见")
    assert say(client, who, "取消")["text"] == "已取消。"
    assert say(client, who, "取消")["text"] == "没有正在办理的事项。"
    assert count(Opinion) == 0


def test_an_open_task_is_forgotten_after_hours(client: FlaskClient, world: World) -> None:
    who = world.token(world.resident())
    say(client, who, "我要提意见")
    world.clock.moment += timedelta(hours=7)
    assert "没有明白" in str(say(client, who, "qwertyuiop")["text"])


def test_an_open_task_takes_the_next_line_as_its_answer(client: FlaskClient, world: World) -> None:
    who = world.token(world.resident())
    say(client, who, "我要提意见")
    world.clock.moment += timedelta(minutes=29)
    assert "没有明白" not in str(say(client, who, "qwertyuiop")["text"])


@pytest.mark.parametrize("text", ["", "  ", "路" * 5001])
def test_a_line_has_one_to_five_thousand_characters(
        client: FlaskClient, world: World, text: str, count: Callable[[type], int]) -> None:
    refused = client.post("/api/v1/assistant/messages", json={"text": text}, headers=world.token(world.resident()))
    assert code_of(refused) == (422, "chat_text_length")
    assert count(ChatLine) == 0


def test_a_resident_is_kept_from_what_is_for_deputies(client: FlaskClient, world: World) -> None:
    assert "代表专用功能" in str(say(client, world.token(world.resident()), "签到")["text"])


def test_an_emergency_is_sent_to_who_can_help(client: FlaskClient, world: World) -> None:
    assert "119" in str(say(client, world.token(world.resident()), "着火了救命")["text"])


def test_what_is_not_understood_offers_the_nearest_and_a_person(client: FlaskClient, world: World) -> None:
    line = say(client, world.token(world.resident()), "qwertyuiop")
    assert "转人工" in [choice["text"] for choice in line["choices"]]  # type: ignore[attr-defined]
