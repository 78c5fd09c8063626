"""Notices over HTTP, as their readers have them, and subscriptions."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from models.notices import SubscriptionCredit, SubscriptionEvent
from services import notice_changes, notices
from services.context import Actor
from tests.api.conftest import code_of
from tests.factories import World


def send(world: World, *readers: Actor, title: str = "关于召开会议的通知", needs_confirmation: bool = True) -> int:
    """A notice of the township's clerk to these deputies."""
    group = world.group(*readers, name=f"小组{world.phone()}")
    ctx = world.ctx_of(world.staff())
    draft = notices.create_draft(ctx, notices.NoticeForm(
        kind="meeting", title=title, body="周三上午九点。", audience="group", audience_id=group.id,
        needs_confirmation=needs_confirmation))
    notices.send(ctx, draft.id)
    ctx.session.commit()
    return draft.id


def test_a_deputy_asks_for_leave_with_a_reason_and_takes_it_back(client: FlaskClient, world: World) -> None:
    deputy = world.deputy()
    who, notice_id = world.token(deputy), send(world, deputy)
    url = f"/api/v1/notices/{notice_id}"
    assert client.post(f"{url}/leave", json={"reason": ""}, headers=who).status_code == 422
    away = client.post(f"{url}/leave", json={"reason": "出差"}, headers=who).json
    assert away is not None
    assert (away["leave_reason"], away["confirmed_at"]) == ("出差", None)
    assert client.get("/api/v1/notices", headers=who).json["items"][0]["leave_at"] == away["leave_at"]  # type: ignore[index]
    back = client.post(f"{url}/confirmation", headers=who).json
    assert back is not None
    assert (back["leave_at"], back["confirmed_at"] is not None) == (None, True)


def test_a_withdrawn_notice_shows_its_reason_in_place_of_the_text(client: FlaskClient, world: World) -> None:
    deputy = world.deputy()
    who, notice_id = world.token(deputy), send(world, deputy)
    ctx = world.ctx_of(world.staff())
    notice_changes.withdraw(ctx, notice_id, reason="会议取消。")
    ctx.session.commit()
    found = client.get(f"/api/v1/notices/{notice_id}", headers=who).json
    assert found is not None
    assert (found["body"], found["withdraw_reason"], found["needs_confirmation"]) == ("", "会议取消。", False)
    refused = client.post(f"/api/v1/notices/{notice_id}/confirmation", headers=who)
    assert code_of(refused) == (409, "notice_withdrawn")


def test_the_calendar_file_of_a_notice_with_a_time(client: FlaskClient, world: World) -> None:
    deputy = world.deputy()
    who, notice_id = world.token(deputy), send(world, deputy)
    assert client.get(f"/api/v1/notices/{notice_id}/calendar.ics", headers=who).status_code == 409
    notice = world.system.session.get_one(notices.Notice, notice_id)
    notice.starts_at = world.clock()
    world.commit()
    answer = client.get(f"/api/v1/notices/{notice_id}/calendar.ics", headers=who)
    assert (answer.status_code, answer.mimetype) == (200, "text/calendar")
    assert "DTSTART:20261123T010000Z" in answer.text


def send_to_residents(world: World, role: str = "township_clerk") -> int:
    ctx = world.ctx_of(world.staff(role))
    draft = notices.create_draft(ctx, notices.NoticeForm(
        kind="bulletin", title="接待日公告", body="欢迎来访。", audience="residents"))
    notices.send(ctx, draft.id)
    ctx.session.commit()
    return draft.id


def test_a_deputy_reads_and_confirms_once(client: FlaskClient, world: World) -> None:
    deputy = world.deputy()
    who, notice_id = world.token(deputy), send(world, deputy)
    listed = client.get("/api/v1/notices?unread=true", headers=who).json
    assert listed is not None
    assert [(row["id"], row["read_at"], row["needs_confirmation"]) for row in listed["items"]] == [
        (notice_id, None, True)]
    read = client.post(f"/api/v1/notices/{notice_id}/read", headers=who).json
    world.clock.advance(minutes=5)
    confirmed = [client.post(f"/api/v1/notices/{notice_id}/confirmation", headers=who).json for _ in range(2)]
    assert read is not None
    assert confirmed[0] == confirmed[1]
    assert (confirmed[0]["read_at"], confirmed[0]["confirmed_at"]) == (  # type: ignore[index]
        read["read_at"], "2026-11-23T01:05:00Z")
    assert client.get("/api/v1/notices?unread=true", headers=who).json["total"] == 0  # type: ignore[index]
    assert client.get("/api/v1/notices?unread=false", headers=who).json["total"] == 1  # type: ignore[index]


def test_confirming_counts_as_reading(client: FlaskClient, world: World) -> None:
    deputy = world.deputy()
    notice_id = send(world, deputy)
    confirmed = client.post(f"/api/v1/notices/{notice_id}/confirmation", headers=world.token(deputy)).json
    assert confirmed is not None
    assert confirmed["read_at"] == confirmed["confirmed_at"]


def test_a_notice_to_others_does_not_exist(client: FlaskClient, world: World) -> None:
    notice_id, stranger = send(world, world.deputy()), world.token(world.deputy(name="李四"))
    for answer in (client.get(f"/api/v1/notices/{notice_id}", headers=stranger),
                   client.post(f"/api/v1/notices/{notice_id}/read", headers=stranger),
                   client.post(f"/api/v1/notices/{notice_id}/confirmation", headers=stranger)):
        assert code_of(answer) == (404, "not_found")


@pytest.mark.parametrize("role", ["township_clerk", "county_office"])
def test_residents_read_what_is_public_in_their_township_and_above(
        client: FlaskClient, world: World, role: str) -> None:
    notice_id, who = send_to_residents(world, role), world.token(world.resident())
    shown = client.get(f"/api/v1/notices/{notice_id}", headers=who).json
    assert shown is not None
    assert (shown["title"], shown["needs_confirmation"], shown["read_at"]) == ("接待日公告", False, None)
    assert client.post(f"/api/v1/notices/{notice_id}/read", headers=who).json == shown


def test_residents_of_another_township_do_not_see_it(client: FlaskClient, world: World) -> None:
    notice_id, who = send_to_residents(world), world.token(world.resident(world.other_village))
    assert code_of(client.get(f"/api/v1/notices/{notice_id}", headers=who)) == (404, "not_found")


def test_a_notice_to_deputies_is_not_public(client: FlaskClient, world: World) -> None:
    notice_id = send(world, world.deputy())
    assert code_of(client.get(f"/api/v1/notices/{notice_id}", headers=world.token(world.resident())))[0] == 404


# --- subscriptions ----------------------------------------------------------------------------------


def accept(client: FlaskClient, who: dict[str, str], *results: str, template: str = "tmpl-opinion") -> Any:
    body = {"results": [{"template_id": template, "result": result} for result in results]}
    return client.post("/api/v1/subscriptions", json=body, headers=who)


def test_the_phones_report_of_a_one_time_template_is_kept_and_the_platforms_word_counts(
        client: FlaskClient, world: World, rows: Callable[[type], list[Any]]) -> None:
    who = world.token(world.resident(openid="openid-1"))
    assert [accept(client, who, "accept").json for _ in range(2)] == [{"recorded": 1}] * 2
    assert [credit.balance for credit in rows(SubscriptionCredit)] == [0]


def test_a_long_term_template_is_a_yes_or_no(
        client: FlaskClient, world: World, rows: Callable[[type], list[Any]]) -> None:
    who = world.token(world.deputy(openid="openid-1"))
    for _ in range(2):
        accept(client, who, "accept", template="tmpl-notice")
    assert [credit.balance for credit in rows(SubscriptionCredit)] == [1]
    accept(client, who, "reject", template="tmpl-notice")
    assert [credit.balance for credit in rows(SubscriptionCredit)] == [0]


def test_who_has_no_wechat_records_nothing(client: FlaskClient, world: World, count: Callable[[type], int]) -> None:
    assert accept(client, world.token(world.resident()), "accept").json == {"recorded": 0}
    assert count(SubscriptionEvent) == 0


@pytest.mark.parametrize("results", [[], ["accept"] * 6, ["perhaps"]])
def test_a_report_of_the_dialogue_has_one_to_five_known_results(
        client: FlaskClient, world: World, results: list[str]) -> None:
    who = world.token(world.resident(openid="openid-1"))
    assert code_of(accept(client, who, *results)) == (422, "invalid_input")
