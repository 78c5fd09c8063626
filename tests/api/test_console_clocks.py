"""The console's clocks: the board, pause, extension, a leader's word, and the limits of a region."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from models.comments import Opinion
from services import comments
from services.context import Actor
from tests.api.test_comments import assigned_to
from tests.api.test_console_roster import Desk
from tests.factories import World


@pytest.fixture
def unit_staff(world: World) -> Actor:
    return world.staff("handling_unit")


@pytest.fixture
def number(world: World, unit_staff: Actor) -> str:
    """An opinion that the unit handles."""
    clerk, opinion = world.ctx_of(world.staff()), world.opinion(world.resident())
    comments.register(clerk, opinion.number)
    comments.assign(clerk, opinion.number, handler=comments.Handler(unit_id=unit_staff.unit_id))
    world.system.session.commit()
    return opinion.number


def _due(world: World, number: str) -> object:
    world.system.session.expire_all()
    return world.system.session.query(Opinion).filter_by(number=number).one().due_on


def test_a_clerk_stops_a_clock_and_lets_it_go_on(client: FlaskClient, world: World, number: str) -> None:
    clerk = Desk(client, world, world.staff())
    address, before = f"/console/opinions/{number}", _due(world, number)
    assert "请填写原因" in clerk.send(f"{address}/pause", reason="").get_data(as_text=True)
    clerk.done(f"{address}/pause", reason="等待群众补充材料")
    page = clerk.get(address)
    assert "暂停计时，剩余7个工作日" in page
    assert number in clerk.get("/console/opinion-board?part=paused")
    clerk.done(f"{address}/resume")
    assert _due(world, number) == before


def test_a_unit_asks_and_the_clerk_grants(client: FlaskClient, world: World, number: str, unit_staff: Actor) -> None:
    address = f"/console/opinions/{number}"
    unit, clerk = Desk(client, world, unit_staff), Desk(client, world, world.staff())
    wanted = world.system.today + timedelta(days=20)
    assert "申请延期" in unit.get(address)
    assert unit.send(f"{address}/extension", wanted_on="", reason="雨季").status_code == 422
    unit.done(f"{address}/extension", wanted_on=wanted.isoformat(), reason="雨季不能施工")
    assert number in clerk.get("/console/opinion-board?part=extension")
    assert "雨季不能施工" in clerk.get(address)
    clerk.done(f"{address}/extension/grant", due_on=wanted.isoformat())
    assert _due(world, number) == wanted


def test_a_declined_unit_reads_why(client: FlaskClient, world: World, number: str, unit_staff: Actor) -> None:
    address = f"/console/opinions/{number}"
    unit, clerk = Desk(client, world, unit_staff), Desk(client, world, world.staff())
    unit.done(f"{address}/extension", wanted_on=(world.system.today + timedelta(days=20)).isoformat(), reason="忙")
    clerk.done(f"{address}/extension/decline", note="请按期办结")
    assert "上次申请没有同意：请按期办结" in unit.get(address)


def test_the_chair_finds_what_is_overdue_and_says_what_to_do(
        client: FlaskClient, world: World, number: str, unit_staff: Actor) -> None:
    world.clock.advance(days=30)
    comments.warn(world.system)
    world.system.session.commit()
    chair, address = Desk(client, world, world.staff("township_chair")), f"/console/opinions/{number}"
    assert "待督办意见" in chair.get("/console/")
    assert "超期21天" in chair.get("/console/opinion-board?part=supervise")
    chair.done(f"{address}/supervision", instruction="本周内答复群众")
    assert "本周内答复群众" in Desk(client, world, unit_staff).get(address)
    assert "没有“待督办”的意见" in chair.get("/console/opinion-board?part=supervise")


def test_the_county_sets_how_long_a_step_may_take_from_a_day_on(client: FlaskClient, world: World) -> None:
    office = Desk(client, world, world.staff("county_office"))
    form = {"region_id": str(world.township.id), "name": "opinion.unit_workdays", "value": "5",
            "effective_on": world.system.today.isoformat()}
    assert office.send("/console/limits", **(form | {"value": "366"})).status_code == 422
    assert office.send("/console/limits", **(form | {"name": "notice.approval_size"})).status_code == 422
    office.done("/console/limits", **form)
    page = office.get("/console/limits")
    assert "承办单位答复（工作日）" in page
    assert '<td class="num">5</td>' in page


def test_a_deputy_asks_for_a_later_day_on_the_phone(client: FlaskClient, world: World) -> None:
    deputy = world.deputy()
    number, who = assigned_to(world, deputy), world.token(deputy)
    address = f"/api/v1/assigned-opinions/{number}"
    assert client.get(address, headers=who).json["can_ask_extension"]
    early = client.post(f"{address}/extension", headers=who, json={"wanted_on": "2026-11-24", "reason": "忙"})
    assert (early.status_code, early.json["error"]["message"]) == (422, "请选择2026-11-25至2027-01-23之间的日期。")
    asked = client.post(f"{address}/extension", headers=who, json={"wanted_on": "2026-12-01", "reason": "需要勘察"}).json
    assert (asked["can_ask_extension"], asked["extension"]["state_name"]) == (False, "等待批准")


def test_attitude_and_result_are_rated_apart(client: FlaskClient, world: World) -> None:
    resident, deputy = world.resident(), world.deputy()
    number = assigned_to(world, deputy, resident)
    comments.answer_as_deputy(world.ctx_of(deputy), number, text="已修好。")
    world.system.session.commit()
    rated = client.post(f"/api/v1/opinions/{number}/rating", headers=world.token(resident),
                        json={"grade": "satisfied", "attitude": "basically_satisfied"}).json["rating"]
    assert (rated["grade_name"], rated["attitude_name"]) == ("满意", "基本满意")
