"""Opinions over HTTP: from the resident's text to the rating."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from models.comments import Opinion
from models.outbox import OutboxMessage
from services import comments
from services.context import Actor
from services.rules import privacy
from tests.api.conftest import code_of
from tests.factories import World


def form(world: World, **changes: Any) -> dict[str, Any]:
    return {"text": "村口的路灯坏了三盏。", "category": "road", "village_id": world.village.id,
            "consent_version": privacy.VERSION} | changes


def submit(client: FlaskClient, world: World, who: dict[str, str], **changes: Any) -> Any:
    return client.post("/api/v1/opinions", json=form(world, **changes), headers=who)


@pytest.fixture
def who(world: World) -> dict[str, str]:
    return world.token(world.resident())


def assigned_to(world: World, deputy: Actor, who: Actor | None = None) -> str:
    """The number of an opinion that a clerk has handed to this deputy."""
    opinion = world.opinion(who or world.resident())
    clerk = world.ctx_of(world.staff())
    comments.register(clerk, opinion.number)
    comments.assign(clerk, opinion.number, handler=comments.Handler(person_id=deputy.person_id))
    world.system.session.commit()
    return opinion.number


# --- submitting -------------------------------------------------------------------------------------


def test_an_opinion_gets_its_number_and_a_timeline(client: FlaskClient, world: World, who: dict[str, str]) -> None:
    taken = submit(client, world, who)
    assert taken.status_code == 201
    assert taken.json["number"] == "YJ9901011012026000001"
    assert (taken.json["state"], [line["title"] for line in taken.json["timeline"]]) == ("screening", ["已提交"])
    assert client.get(f"/api/v1/opinions/{taken.json['number']}", headers=who).json == taken.json


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "路" * 5001])
def test_an_opinion_of_no_or_too_many_characters_is_refused(
        client: FlaskClient, world: World, who: dict[str, str], text: str, count: Callable[[type], int]) -> None:
    refused = submit(client, world, who, text=text)
    assert code_of(refused) == (422, "opinion_text_length")
    assert refused.json["error"]["fields"] == {"text": "请填写意见内容，1至5000字。"}
    assert (count(Opinion), count(OutboxMessage)) == (0, 0)


@pytest.mark.parametrize("length", [1, 5000])
def test_an_opinion_of_one_to_five_thousand_characters_is_taken(
        client: FlaskClient, world: World, who: dict[str, str], length: int) -> None:
    assert submit(client, world, who, text="路" * length).status_code == 201


@pytest.mark.parametrize(("change", "code"), [
    ({"category": "weather"}, "opinion_category_unknown"), ({"consent_version": "2019"}, "consent_outdated"),
    ({"photo_ids": list(range(1, 11))}, "opinion_too_many_photos"), ({"photo_ids": [999_999]}, "photo_unknown"),
    ({"text": None}, "invalid_input"), ({"village_id": "石桥村"}, "invalid_input")])
def test_a_form_that_is_not_right_names_what_is_wrong(
        client: FlaskClient, world: World, who: dict[str, str], change: dict[str, Any], code: str,
        count: Callable[[type], int]) -> None:
    refused = submit(client, world, who, **change)
    assert code_of(refused) == (422, code)
    assert list(refused.json["error"]["fields"]) == list(change)
    assert count(Opinion) == 0


def test_an_opinion_is_about_a_village(client: FlaskClient, world: World, who: dict[str, str]) -> None:
    assert code_of(submit(client, world, who, village_id=world.township.id)) == (422, "village_required")
    assert code_of(submit(client, world, who, village_id=999_999)) == (404, "region_unknown")


def test_a_photo_of_somebody_else_cannot_be_used(client: FlaskClient, world: World, who: dict[str, str]) -> None:
    from tests.api.test_media import send

    foreign = send(client, world.token(world.resident()), world.photo_bytes()).json["id"]
    assert code_of(submit(client, world, who, photo_ids=[foreign])) == (422, "photo_unknown")
    own = send(client, who, world.photo_bytes()).json["id"]
    taken = submit(client, world, who, photo_ids=[own])
    assert [photo["id"] for photo in taken.json["photos"]] == [own]
    assert client.get(taken.json["photos"][0]["url"]).status_code == 200
    assert code_of(submit(client, world, who, photo_ids=[own])) == (422, "photo_unknown")


def test_the_list_shows_ones_own_opinions_only_newest_first(
        client: FlaskClient, world: World, who: dict[str, str]) -> None:
    numbers = [submit(client, world, who).json["number"] for _ in range(3)]
    submit(client, world, world.token(world.resident()))
    page = client.get("/api/v1/opinions?page=1&page_size=2", headers=who).json
    assert page is not None
    assert ([row["number"] for row in page["items"]], page["total"]) == (numbers[:0:-1], 3)


def test_an_opinion_of_somebody_else_does_not_exist(client: FlaskClient, world: World, who: dict[str, str]) -> None:
    number = submit(client, world, who).json["number"]
    stranger = world.token(world.resident())
    assert code_of(client.get(f"/api/v1/opinions/{number}", headers=stranger)) == (404, "not_found")
    rated = client.post(f"/api/v1/opinions/{number}/rating", json={"grade": "satisfied"}, headers=stranger)
    assert code_of(rated) == (404, "not_found")


# --- the whole life ---------------------------------------------------------------------------------


def test_an_opinion_lives_from_answer_to_a_satisfied_rating(client: FlaskClient, world: World) -> None:
    deputy, resident = world.deputy(name="刘代表"), world.resident()
    number, hers, his = assigned_to(world, deputy, resident), world.token(deputy), world.token(resident)
    listed = client.get("/api/v1/assigned-opinions", headers=hers).json
    assert listed is not None
    assert [row["number"] for row in listed["items"]] == [number]
    assert client.get(f"/api/v1/assigned-opinions/{number}", headers=hers).json["can_answer"] is True  # type: ignore[index]
    answered = client.post(f"/api/v1/assigned-opinions/{number}/answer", json={"text": "已经修好。"}, headers=hers)
    assert (answered.json["state"], answered.json["can_answer"]) == ("answered", False)  # type: ignore[index]
    shown = client.get(f"/api/v1/opinions/{number}", headers=his).json
    assert shown is not None
    assert (shown["answer"]["text"], shown["answer"]["handler_name"], shown["can_rate"]) == (
        "已经修好。", "刘代表代表", True)
    rated = client.post(f"/api/v1/opinions/{number}/rating", json={"grade": "satisfied"}, headers=his)
    assert (rated.json["state"], rated.json["rating"]["grade_name"]) == ("closed", "满意")  # type: ignore[index]
    done = client.get("/api/v1/assigned-opinions?state=done", headers=hers).json
    assert done is not None
    assert [row["number"] for row in done["items"]] == [number]


def test_unsatisfied_needs_a_reason_and_opens_the_second_round(client: FlaskClient, world: World) -> None:
    deputy, resident = world.deputy(), world.resident()
    number, hers, his = assigned_to(world, deputy, resident), world.token(deputy), world.token(resident)
    client.post(f"/api/v1/assigned-opinions/{number}/answer", json={"text": "在修了。"}, headers=hers)
    rating = f"/api/v1/opinions/{number}/rating"
    without = client.post(rating, json={"grade": "unsatisfied"}, headers=his)
    assert code_of(without) == (422, "rating_comment_required")
    redone = client.post(rating, json={"grade": "unsatisfied", "comment": "还是不亮"}, headers=his).json
    assert redone is not None
    assert (redone["state"], redone["round_no"], redone["can_rate"]) == ("assigned", 2, False)
    again = client.post(f"/api/v1/assigned-opinions/{number}/answer", json={"text": "这次修好了。"}, headers=hers)
    assert again.json["state"] == "answered"  # type: ignore[index]


def test_an_answer_is_needed_before_a_rating_and_there_is_one_rating(client: FlaskClient, world: World) -> None:
    deputy, resident = world.deputy(), world.resident()
    number, hers, his = assigned_to(world, deputy, resident), world.token(deputy), world.token(resident)
    rating = f"/api/v1/opinions/{number}/rating"
    early = client.post(rating, json={"grade": "satisfied"}, headers=his)
    assert code_of(early) == (409, "opinion_move_refused")
    client.post(f"/api/v1/assigned-opinions/{number}/answer", json={"text": "好了。"}, headers=hers)
    assert client.post(rating, json={"grade": "satisfied"}, headers=his).status_code == 200
    assert code_of(client.post(rating, json={"grade": "satisfied"}, headers=his)) == (409, "already_rated")
    assert code_of(client.post(rating, json={"grade": "excellent"}, headers=his)) == (422, "invalid_input")


@pytest.mark.parametrize(("text", "code"), [("", "answer_required"), ("路" * 5001, "answer_too_long")])
def test_an_answer_has_one_to_five_thousand_characters(
        client: FlaskClient, world: World, text: str, code: str) -> None:
    deputy = world.deputy()
    number = assigned_to(world, deputy)
    refused = client.post(f"/api/v1/assigned-opinions/{number}/answer", json={"text": text},
                          headers=world.token(deputy))
    assert code_of(refused) == (422, code)


def test_a_deputy_gives_an_opinion_back_with_a_reason_the_resident_does_not_see(
        client: FlaskClient, world: World) -> None:
    deputy, resident = world.deputy(), world.resident()
    number, hers = assigned_to(world, deputy, resident), world.token(deputy)
    back = f"/api/v1/assigned-opinions/{number}/return"
    assert code_of(client.post(back, json={"reason": " "}, headers=hers)) == (422, "reason_required")
    assert client.post(back, json={"reason": "不归我管"}, headers=hers).status_code == 204
    assert code_of(client.get(f"/api/v1/assigned-opinions/{number}", headers=hers)) == (404, "not_found")
    shown = client.get(f"/api/v1/opinions/{number}", headers=world.token(resident))
    assert "不归我管" not in shown.get_data(as_text=True)


def test_an_opinion_of_another_deputy_is_not_ones_work(client: FlaskClient, world: World) -> None:
    number = assigned_to(world, world.deputy())
    other = world.token(world.deputy(name="李四"))
    for answer in (client.get(f"/api/v1/assigned-opinions/{number}", headers=other),
                   client.post(f"/api/v1/assigned-opinions/{number}/answer", json={"text": "好"}, headers=other),
                   client.post(f"/api/v1/assigned-opinions/{number}/return", json={"reason": "x"}, headers=other)):
        assert code_of(answer) == (404, "not_found")
