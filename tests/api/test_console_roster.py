"""The roster's console pages: search without the number in an address, endings, a new phone, a move, a new deputy."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.http.lifecycle import CONSOLE_COOKIE
from models.audit import AuditRow
from models.deputies import Mandate, Person
from services.context import Actor
from tests.api.grid import token_for
from tests.factories import World

Rows = Callable[[type], list[Any]]


class Desk:
    """A member of staff at the console, without a browser."""

    def __init__(self, client: FlaskClient, world: World, actor: Actor) -> None:
        self.client, self.cookie = client, world.console_cookie(actor)

    def get(self, address: str) -> str:
        self._carry()
        answer = self.client.get(address)
        assert answer.status_code == 200, (answer.status_code, address)
        return answer.get_data(as_text=True)

    def send(self, address: str, **form: Any) -> TestResponse:
        self._carry()
        return self.client.post(address, data={"csrf_token": token_for(self.client.application, self.cookie), **form})

    def done(self, address: str, **form: Any) -> str:
        """Send a form that is accepted; where it leads."""
        answer = self.send(address, **form)
        assert answer.status_code == 303, re.findall(r'class="(?:alert bad|error)"[^>]*>(.*?)<', answer.get_data(as_text=True))
        return answer.headers["Location"]

    def _carry(self) -> None:
        self.client.set_cookie(CONSOLE_COOKIE, self.cookie, path="/console")


@pytest.fixture
def clerk(client: FlaskClient, world: World) -> Desk:
    return Desk(client, world, world.staff())


@pytest.fixture
def office(client: FlaskClient, world: World) -> Desk:
    return Desk(client, world, world.staff("county_office"))


def _mandate(world: World, person: Person) -> Mandate:
    session = world.system.session
    session.expire_all()
    return session.scalars(select(Mandate).where(Mandate.person_id == person.id)).one()


# --- search -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["13911110000", "139 1111 0000", "１３９１１１１００００"])
def test_a_number_leads_to_its_person_and_never_into_an_address(clerk: Desk, world: World, typed: str) -> None:
    person = world.create_person(phone="13911110000")
    assert clerk.done("/console/roster/search", q=typed) == f"/console/roster/{person.id}"


def test_an_unknown_number_is_said_on_the_same_page(clerk: Desk, world: World) -> None:
    world.create_person()
    for typed, sentence in (("13911110000", "名册里没有登记这个手机号的代表"), ("1391111", "手机号格式不对")):
        answer = clerk.send("/console/roster/search", q=typed)
        page = answer.get_data(as_text=True)
        assert (answer.status_code, sentence in page, f'value="{typed}"' in page) == (422, True, True)
        assert not re.search(rf'(href|action)="[^"]*{typed}', page)


def test_the_rest_of_the_search_is_an_address_that_can_be_kept(clerk: Desk, world: World) -> None:
    world.create_person(name="王建国")
    world.create_person(name="李四")
    address = clerk.done("/console/roster/search", q="建", group="", state="active")
    assert "q=" in address
    assert "group" not in address
    page = clerk.get(address)
    assert "王建国" in page
    assert "李四" not in page


def test_the_search_of_the_list_is_no_form_that_writes_into_the_address(clerk: Desk) -> None:
    forms = re.findall(r'<form[^>]*role="search"[^>]*>', clerk.get("/console/roster"))
    assert ['method="post"' in form for form in forms] == [True]


def test_the_list_shows_those_in_office_and_others_when_asked(clerk: Desk, world: World) -> None:
    gone = world.create_person(name="李四")
    world.create_person(name="王建国")
    _mandate(world, gone).state = "ended"
    world.system.session.flush()
    for address, here in (("", ["王建国"]), ("?state=ended", ["李四"]), ("?state=all", ["李四", "王建国"])):
        page = clerk.get(f"/console/roster{address}")
        assert [name for name in ("李四", "王建国") if f">{name}</a>" in page] == here


# --- endings ----------------------------------------------------------------------------------------


def test_a_mandate_is_ended_after_a_page_that_says_what_ends(clerk: Desk, world: World) -> None:
    person = world.create_person()
    number = _mandate(world, person).id
    address = f"/console/roster/mandates/{number}/end"
    assert address in clerk.get(f"/console/roster/{person.id}")
    assert "最后一项在任职务" in clerk.get(address)
    assert clerk.done(address, reason="resigned", ended_on="2026-11-20", note="第3号公告") == f"/console/roster/{person.id}"
    page = clerk.get(f"/console/roster/{person.id}")
    assert "没有在任职务" in page
    assert "辞职被接受（第3号公告）" in page
    assert _mandate(world, person).state == "ended"


def test_an_ending_without_cause_or_day_keeps_the_page_and_the_mandate(clerk: Desk, world: World) -> None:
    person = world.create_person()
    address = f"/console/roster/mandates/{_mandate(world, person).id}/end"
    for form in ({"reason": "", "ended_on": "2026-11-20"}, {"reason": "died", "ended_on": ""},
                 {"reason": "died", "ended_on": "2026-12-31"}):
        assert clerk.send(address, **form).status_code == 422
    assert _mandate(world, person).state == "active"


def test_an_ended_mandate_offers_only_to_take_the_end_back(clerk: Desk, world: World) -> None:
    person = world.create_person()
    number = _mandate(world, person).id
    clerk.done(f"/console/roster/mandates/{number}/end", reason="died", ended_on="2026-11-20")
    page = clerk.get(f"/console/roster/mandates/{number}/end")
    assert "撤销终止" in page
    assert "确定终止" not in page
    assert "不再修改" in clerk.get(f"/console/roster/mandates/{number}/edit")
    assert clerk.send(f"/console/roster/mandates/{number}/end", reason="died", ended_on="2026-11-20").status_code == 409
    clerk.done(f"/console/roster/mandates/{number}/restore", reason="误登")
    assert _mandate(world, person).state == "active"


def test_a_term_ends_with_its_number_typed(clerk: Desk, world: World) -> None:
    people = [world.create_person(name=f"代表{number}") for number in range(3)]
    number = world.congress(world.township).id
    address = f"/console/roster/congresses/{number}/end"
    assert address in clerk.get("/console/roster/congresses")
    assert "3 人" in clerk.get(address)
    wrong = clerk.send(address, ended_on="2026-11-23", note="", count="2")
    assert (wrong.status_code, "现有3人" in wrong.get_data(as_text=True)) == (409, True)
    assert _mandate(world, people[0]).state == "active"
    assert clerk.done(address, ended_on="2026-11-23", note="", count="3") == "/console/roster/congresses"
    assert {_mandate(world, person).state for person in people} == {"ended"}
    assert "已届满" in clerk.get("/console/roster/congresses")


# --- facts, phone, move, a new one ------------------------------------------------------------------


def test_facts_and_a_mandate_are_corrected(clerk: Desk, world: World) -> None:
    person, group = world.create_person(), world.group()
    page = clerk.get(f"/console/roster/{person.id}/edit")
    assert "第一代表小组" in page
    clerk.done(f"/console/roster/{person.id}/edit", name="王建新", title="村主任", group_ids=[group.id])
    number = _mandate(world, person).id
    assert "第1选区" in clerk.get(f"/console/roster/mandates/{number}/edit")
    clerk.done(f"/console/roster/mandates/{number}/edit", constituency="第5选区", delegation="第一代表团",
               deputy_no="18-007", began_on="2026-01-01")
    page = clerk.get(f"/console/roster/{person.id}")
    assert all(fact in page for fact in ("王建新", "村主任", "第一代表小组", "第5选区", "第一代表团", "18-007"))


def test_a_new_number_is_never_shown_whole_nor_kept_in_the_audit(clerk: Desk, world: World, rows: Rows) -> None:
    person = world.create_person(phone="13911110000")
    address = clerk.done(f"/console/roster/{person.id}/new-phone", phone="13922220000", reason="换号13922220000")
    page = clerk.get(address)
    assert "139****0000" in page
    assert "13922220000" not in page
    assert not any("13922220000" in str(row.changes) for row in rows(AuditRow))


def test_a_taken_number_is_refused_with_a_sentence(clerk: Desk, world: World) -> None:
    mine = world.create_person()
    world.create_person(world.other_township, name="李四", phone="13922220000")
    answer = clerk.send(f"/console/roster/{mine.id}/new-phone", phone="13922220000", reason="换号")
    page = answer.get_data(as_text=True)
    assert (answer.status_code, "已登记给名册上的另一位代表" in page, "李四" in page) == (409, True, False)


def test_the_county_moves_in_two_steps_and_a_township_does_not(clerk: Desk, office: Desk, world: World) -> None:
    person, group = world.create_person(), world.group(region=world.other_township, name="流沙小组")
    there = world.other_township.id
    assert "办理调动" not in clerk.get(f"/console/roster/{person.id}")
    assert "流沙小组" not in office.get(f"/console/roster/{person.id}/move")
    address = f"/console/roster/{person.id}/move?region_id={there}"
    page = office.get(address)
    assert "流沙小组" in page
    assert "青石镇第18届人民代表大会代表" in page
    office.done(address, mandate_ids=[_mandate(world, person).id], ended_on="2026-11-22", note="调动",
                group_ids=[group.id])
    assert _mandate(world, person).state == "ended"
    assert world.system.session.get_one(Person, person.id).region_id == there
    assert "流沙小组" in office.get(f"/console/roster/{person.id}")


def test_a_move_without_a_place_stays_on_its_page(office: Desk, world: World) -> None:
    person = world.create_person()
    assert office.send(f"/console/roster/{person.id}/move").status_code == 422
    assert world.system.session.get_one(Person, person.id).region_id == world.township.id


def test_one_deputy_is_entered_by_a_form(clerk: Desk, world: World, rows: Rows) -> None:
    assert "登记代表" in clerk.get("/console/roster")
    assert "乡镇" in clerk.get("/console/roster/new")
    form = {"region_id": world.township.id, "name": "王建国", "phone": "13911110000", "level": "township", "term_no": "18"}
    address = clerk.done("/console/roster/new", **form)
    person = rows(Person)[0]
    assert address == f"/console/roster/{person.id}/edit"
    again = clerk.send("/console/roster/new", **form)
    assert (again.status_code, "不用再加" in again.get_data(as_text=True)) == (409, True)


def test_a_chair_reads_the_record_and_finds_no_form_to_change_it(client: FlaskClient, world: World) -> None:
    person = world.create_person()
    page = Desk(client, world, world.staff("township_chair")).get(f"/console/roster/{person.id}")
    assert not any(word in page for word in ("修改资料", "终止职务", "更换手机号", "办理调动", "修改任职"))
