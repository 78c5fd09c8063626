"""A write that is sent again under its key is done once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.program import Program
from models.comments import Opinion
from models.duties import DutyRecord
from models.notices import SubscriptionEvent
from models.outbox import IdempotencyKey, OutboxMessage
from services.context import Gateways
from tests.api.conftest import client_of, code_of
from tests.api.test_comments import form
from tests.factories import World
from tests.fakes import FakeIdentity

KEY = {"Idempotency-Key": "key-12345678"}


@pytest.fixture
def who(world: World) -> dict[str, str]:
    return world.token(world.resident(openid="openid-1"))


def test_the_same_key_gets_the_same_answer_and_leaves_one_row(
        client: FlaskClient, world: World, who: dict[str, str], count: Callable[[type], int]) -> None:
    first, second = (client.post("/api/v1/opinions", json=form(world), headers=who | KEY) for _ in range(2))
    assert (first.status_code, first.json) == (second.status_code, second.json)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert (count(Opinion), count(OutboxMessage)) == (1, 1)


def test_the_same_key_with_another_body_is_a_conflict(
        client: FlaskClient, world: World, who: dict[str, str], count: Callable[[type], int]) -> None:
    client.post("/api/v1/opinions", json=form(world), headers=who | KEY)
    other = client.post("/api/v1/opinions", json=form(world, text="另一件事"), headers=who | KEY)
    assert code_of(other) == (409, "idempotency_mismatch")
    assert count(Opinion) == 1


def test_without_a_key_each_request_is_its_own(
        client: FlaskClient, world: World, who: dict[str, str], count: Callable[[type], int]) -> None:
    for _ in range(2):
        client.post("/api/v1/opinions", json=form(world), headers=who)
    assert count(Opinion) == 2


def test_a_key_belongs_to_one_person_and_one_address(
        client: FlaskClient, world: World, who: dict[str, str], count: Callable[[type], int]) -> None:
    client.post("/api/v1/opinions", json=form(world), headers=who | KEY)
    client.post("/api/v1/opinions", json=form(world), headers=world.token(world.resident()) | KEY)
    client.post("/api/v1/assistant/messages", json={"text": "帮助"}, headers=who | KEY)
    assert (count(Opinion), count(IdempotencyKey)) == (2, 3)


def test_a_refused_attempt_does_not_use_up_its_key(client: FlaskClient, world: World, who: dict[str, str]) -> None:
    refused = client.post("/api/v1/opinions", json=form(world, text=""), headers=who | KEY)
    assert refused.status_code == 422
    assert client.post("/api/v1/opinions", json=form(world), headers=who | KEY).status_code == 201


@pytest.mark.parametrize("key", ["short", "x" * 65])
def test_a_key_has_eight_to_sixty_four_characters(
        client: FlaskClient, world: World, who: dict[str, str], key: str, count: Callable[[type], int]) -> None:
    refused = client.post("/api/v1/opinions", json=form(world), headers=who | {"Idempotency-Key": key})
    assert code_of(refused) == (422, "bad_request")
    assert count(Opinion) == 0


def test_an_empty_answer_is_repeated_too(client: FlaskClient, world: World) -> None:
    token = world.token(world.resident())
    other = world.token(world.resident())
    assert client.delete("/api/v1/sessions/current", headers=token | KEY).status_code == 204
    assert code_of(client.get("/api/v1/me", headers=token)) == (401, "session_expired")
    assert client.get("/api/v1/me", headers=other).status_code == 200


def test_an_answer_is_kept_sealed(
        client: FlaskClient, world: World, who: dict[str, str], rows: Callable[[type], list[Any]]) -> None:
    client.post("/api/v1/opinions", json=form(world, text="张三的电话"), headers=who | KEY)
    (kept,) = rows(IdempotencyKey)
    assert "张三" not in kept.body_cipher


def test_a_duty_is_reported_once_under_its_key(
        client: FlaskClient, world: World, count: Callable[[type], int]) -> None:
    from tests.api.test_duties import report

    deputy = world.token(world.deputy())
    answers = [report(client, world, deputy | KEY, photo_id=photo) for photo in [_photo(client, world, deputy)] * 2]
    assert (answers[0].json, count(DutyRecord)) == (answers[1].json, 1)


def _photo(client: FlaskClient, world: World, who: dict[str, str]) -> int:
    from tests.api.test_media import send

    return int(send(client, who, world.photo_bytes(), purpose="duty").json["id"])


def test_a_subscription_is_counted_once_under_its_key(
        client: FlaskClient, world: World, who: dict[str, str], count: Callable[[type], int]) -> None:
    body = {"results": [{"template_id": "tmpl-notice", "result": "accept"}]}
    first, second = (client.post("/api/v1/subscriptions", json=body, headers=who | KEY) for _ in range(2))
    assert (first.json, second.json, count(SubscriptionEvent)) == ({"recorded": 1}, {"recorded": 1}, 1)


# --- two at the same moment -------------------------------------------------------------------------


class Meanwhile(FakeIdentity):
    """A platform in whose thinking time another attempt of the same phone goes through."""

    def __init__(self) -> None:
        super().__init__()
        self.attempt: Callable[[], object] | None = None

    def exchange_phone_code(self, code: str, *, openid: str) -> str:
        attempt, self.attempt = self.attempt, None
        if attempt is not None:
            attempt()
        return "13900000009"


@pytest.fixture
def platform() -> Meanwhile:
    return Meanwhile()


@pytest.fixture
def processes(program: Program, gateways: Gateways, platform: Meanwhile) -> tuple[FlaskClient, FlaskClient]:
    """Two web processes of one installation."""
    shared = replace(program, gateways=replace(gateways, identity=platform))
    return client_of(shared), client_of(shared)


def test_two_attempts_at_one_moment_get_one_answer(
        processes: tuple[FlaskClient, FlaskClient], world: World, who: dict[str, str], platform: Meanwhile,
        count: Callable[[type], int]) -> None:
    slow, fast = processes
    given: list[Any] = []
    platform.attempt = lambda: given.append(
        fast.post("/api/v1/me/phone", json={"phone_code": "c"}, headers=who | KEY))
    answer = slow.post("/api/v1/me/phone", json={"phone_code": "c"}, headers=who | KEY)
    assert (given[0].status_code, answer.status_code) == (200, 200)
    assert given[0].json == answer.json
    assert answer.headers["Idempotency-Replayed"] == "true"
    assert count(IdempotencyKey) == 1


def test_of_two_different_bodies_at_one_moment_the_slower_is_a_conflict(
        processes: tuple[FlaskClient, FlaskClient], world: World, who: dict[str, str], platform: Meanwhile) -> None:
    slow, fast = processes
    platform.attempt = lambda: fast.post("/api/v1/me/phone", json={"phone_code": "other"}, headers=who | KEY)
    answer = slow.post("/api/v1/me/phone", json={"phone_code": "c"}, headers=who | KEY)
    assert code_of(answer) == (409, "idempotency_mismatch")
