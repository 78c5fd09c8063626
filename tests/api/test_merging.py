"""Opinions of one thing over HTTP: shown to who writes, joined by a tap, compared and merged in the console."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from services import comments
from tests.api.conftest import code_of
from tests.api.test_comments import assigned_to, submit
from tests.api.test_console_roster import Desk
from tests.factories import World

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:scipy.*")
LAMP, DARK = "三组的路灯坏了，晚上黑。", "我们三组路灯不亮，晚上走路怕。"


@pytest.fixture
def clerk(client: FlaskClient, world: World) -> Desk:
    return Desk(client, world, world.staff())


def _read(world: World, text: str) -> str:
    row = world.opinion(world.resident(), text=text)
    comments.keep_judgement(world.system, row.id, comments.judge(world.system, row.id))
    world.system.session.commit()
    return row.number


def test_who_writes_sees_the_matter_without_a_word_of_its_author(client: FlaskClient, world: World, clerk: Desk) -> None:
    number = _read(world, LAMP)
    clerk.done(f"/console/opinions/{number}/register", category="road", matter="三组路灯维修")
    who = world.token(world.resident())
    found = client.post("/api/v1/opinion-matters", json={"text": DARK, "village_id": world.village.id}, headers=who)
    assert found.status_code == 200
    matter, = found.json["items"]
    assert (matter["number"], matter["title"], matter["people"], matter["can_join"]) == (number, "三组路灯维修", 1, True)
    assert LAMP not in found.get_data(as_text=True)
    taken = submit(client, world, who, text=DARK, joins=number)
    assert (taken.status_code, taken.json["state"], taken.json["state_name"]) == (201, "merged", "并案办理")
    assert code_of(submit(client, world, who, text=DARK, joins=number)) == (409, "joined_already")


def test_a_deputys_work_says_how_many_wait_for_the_answer(client: FlaskClient, world: World, clerk: Desk) -> None:
    deputy = world.deputy()
    number, member = assigned_to(world, deputy), _read(world, DARK)
    clerk.done(f"/console/opinions/{number}/merge", **{"with": member})
    who = world.token(deputy)
    assert client.get("/api/v1/assigned-opinions", headers=who).json["items"][0]["people"] == 2
    voices = client.get(f"/api/v1/assigned-opinions/{number}", headers=who).json["voices"]
    assert [voice["text"] for voice in voices] == [DARK]


def test_the_clerk_compares_merges_and_takes_apart(world: World, clerk: Desk) -> None:
    lead, member = _read(world, LAMP), _read(world, DARK)
    assert "同类比对（1）" in clerk.get("/console/opinions")
    assert DARK in clerk.get("/console/opinion-likenesses")
    assert "同村这几件可能反映同一件事" in clerk.get(f"/console/opinions/{member}")
    page = clerk.get(f"/console/opinions/{lead}/beside?with={member.lower()}")
    assert [text in page for text in (LAMP, DARK)] == [True, True]
    where = clerk.done(f"/console/opinions/{lead}/merge", **{"with": member})
    assert "一并办理（1件）" in clerk.get(where)
    assert f"与 <a href=\"/console/opinions/{lead}\">" in clerk.get(f"/console/opinions/{member}")
    clerk.done(f"/console/opinions/{member}/unmerge")
    assert "一并办理" not in clerk.get(where)
    assert clerk.send(f"/console/opinions/{member}/unmerge").status_code == 409


def test_two_that_differ_leave_the_list(world: World, clerk: Desk) -> None:
    lead, member = _read(world, LAMP), _read(world, DARK)
    clerk.done(f"/console/opinions/{lead}/apart", **{"with": member})
    assert "没有待比对的意见" in clerk.get("/console/opinion-likenesses")


def test_what_cannot_be_merged_is_said_beside_the_two(world: World, clerk: Desk) -> None:
    number = _read(world, LAMP)
    refused = clerk.send(f"/console/opinions/{number}/merge", **{"with": number})
    assert (refused.status_code, "请选择另一件意见" in refused.get_data(as_text=True)) == (422, True)


def test_a_number_that_is_not_there_is_not_found(client: FlaskClient, world: World, clerk: Desk) -> None:
    number = _read(world, LAMP)
    clerk.get("/console/opinions")
    assert client.get(f"/console/opinions/{number}/beside?with=YJ000").status_code == 404
    assert clerk.send(f"/console/opinions/{number}/merge", **{"with": "YJ000"}).status_code == 404


def test_without_another_number_the_opinion_stands_alone(world: World, clerk: Desk) -> None:
    number = _read(world, LAMP)
    assert f"意见 {number}" in clerk.get(f"/console/opinions/{number}/beside?with=")
    for act in ("merge", "apart"):
        assert clerk.send(f"/console/opinions/{number}/{act}", **{"with": ""}).status_code == 422


def test_the_proposal_is_filled_in_and_another_door_is_pointed_out(world: World, clerk: Desk) -> None:
    urgent = clerk.get(f"/console/opinions/{_read(world, '村口的高压线断了吊在半空，娃娃在下面玩')}")
    assert [text in urgent for text in ('<option value="safety" selected', "系统建议")] == [True, True]
    beyond = clerk.get(f"/console/opinions/{_read(world, '我对法院一审判决不服，要上诉')}")
    assert [text in beyond for text in ("可能属于诉讼、仲裁事项", "12348")] == [True, True]


def test_the_longest_name_of_a_matter_is_forty_characters(world: World, clerk: Desk) -> None:
    number: Any = _read(world, LAMP)
    refused = clerk.send(f"/console/opinions/{number}/register", category="road", matter="灯" * 41)
    assert (refused.status_code, "40字以内" in refused.get_data(as_text=True)) == (422, True)
