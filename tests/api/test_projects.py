"""Livelihood projects on the phone, on the page for anybody, and as the clerk walks a year through the console."""

from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from models.projects import Project, ProjectIdea, ProjectYear
from tests.api.conftest import code_of
from tests.api.console import Console
from tests.factories import World
from tests.services.project_case import ProjectCase

IDEA = {"title": "修路", "text": "村口到小学的路坑洼不平，雨天不能走。", "place": "石桥村"}


def test_a_resident_hands_in_an_idea_and_follows_it(client: FlaskClient, world: World) -> None:
    year = ProjectCase(world).call()
    who = world.token(world.resident())
    shown = client.get("/api/v1/project-years", headers=who).json
    assert shown is not None
    assert [(item["id"], item["is_open"], item["title"]) for item in shown["items"]] == [
        (year.id, True, "白鹿县青石镇2027年民生实事项目")]
    made = client.post(f"/api/v1/project-years/{year.id}/ideas", json=IDEA, headers=who)
    assert made.status_code == 201
    mine = client.get("/api/v1/project-ideas", headers=who).json
    assert mine is not None
    assert [(item["number"], item["progress"]) for item in mine["items"]] == [(made.json["number"], "已收到，待筛选")]  # type: ignore[index]


def test_a_repeated_submission_by_a_weak_network_is_one_idea(client: FlaskClient, world: World) -> None:
    year = ProjectCase(world).call()
    who = world.token(world.resident()) | {"Idempotency-Key": "idea-0001"}
    answers = [client.post(f"/api/v1/project-years/{year.id}/ideas", json=IDEA, headers=who) for _ in range(2)]
    assert answers[0].json == answers[1].json
    assert client.get("/api/v1/project-ideas", headers=who).json["total"] == 1  # type: ignore[index]


def test_after_the_call_the_phone_says_so(client: FlaskClient, world: World) -> None:
    year = ProjectCase(world).call()
    world.clock.advance(days=15)
    who = world.token(world.resident())
    assert code_of(client.post(f"/api/v1/project-years/{year.id}/ideas", json=IDEA, headers=who)) == (
        409, "project_call_closed")


def test_candidates_and_the_result_are_public_and_no_ones_words_are(client: FlaskClient, world: World) -> None:
    case = ProjectCase(world)
    case.call(year=2030)
    case.idea(world.resident(), "只有我知道的话")
    case.published(case.counting(), [5, 1], void=1)
    world.system.session.commit()
    page = client.get(f"/projects/{case.year_id}").get_data(as_text=True)
    assert "项目0" in page
    assert "应到代表 7 人，实到 7 人，发出票 7 张，收回 7 张，有效票 6 张，废票 1 张" in page
    assert "总监票人：代表0" in page
    assert "只有我知道的话" not in page + client.get("/projects/1").get_data(as_text=True)
    shown = client.get(f"/api/v1/project-years/{case.year_id}", headers=world.token(world.resident())).json
    assert shown is not None
    assert [(item["name"], item["state"]) for item in shown["candidates"]] == [("项目0", "elected"), ("项目1", "not_elected")]
    assert [(line["votes"], line["is_elected"]) for line in shown["results"][0]["lines"]] == [([5], True), ([1], False)]


def test_before_the_list_is_frozen_the_public_sees_no_candidate(client: FlaskClient, world: World) -> None:
    case = ProjectCase(world)
    case.screened()
    world.system.session.commit()
    page = client.get(f"/projects/{case.year_id}").get_data(as_text=True)
    assert "项目0" not in page
    assert client.get("/projects/987654").status_code == 404


def test_the_clerk_walks_a_year_through_the_console(client: FlaskClient, world: World) -> None:
    console, today = Console(client, world, world.staff("township_clerk")), world.clock().date()
    console.post("/projects/new", region_id=world.township.id, year=2027, text="征集", opens_on=today,
                 closes_on=today + timedelta(days=14), kind="select_up_to_n", seats=1, surplus_percent=20,
                 pass_rule="majority_of_all", tie_rule="second_ballot", shortfall_rule="leave_open")
    year = world.system.session.scalars(select(ProjectYear)).one()
    place = f"/projects/{year.id}"
    console.post(f"{place}/ideas", unit_name="水利站", title="修渠", text="修渠两公里。")
    line = {"content": "硬化", "place": "石桥村", "investment": "12.5", "fund_source": "财政", "beneficiaries": 10,
            "months": 6, "responsible_unit": "城建办"}
    for name in ("修路", "修渠"):
        console.post(f"{place}/items/new", name=name, **line)
    ids = list(world.system.session.scalars(select(Project.id).order_by(Project.id)))
    for number in ids:
        console.post(f"/projects/items/{number}/argument", text="可行", signer="李所长", on=today)
    console.post(f"/projects/ideas/{_idea(world)}/join", project_id=ids[1])
    world.clock.advance(days=15)
    console = Console(client, world, console.actor)
    console.post(f"{place}/close")
    console.post(f"{place}/screened")
    assert "提交初选名单审查" in console.get(place)
    console.post(f"{place}/list", listed=ids)
    for body in ("presidium", "party_committee", "joint_meeting"):
        assert "审查把关" in console.get(place)
        console.post(f"{place}/review", body=body, decision="approved", opinion="同意", signer="陈主席",
                     decided_on=world.clock().date())
    assert "候选项目手册" in console.get(place)
    assert console.bytes(f"{place}/booklet.pdf").startswith(b"%PDF")
    assert console.bytes(f"{place}/booklet.docx").startswith(b"PK")
    assert console.bytes(f"{place}/poster.pdf").startswith(b"%PDF")
    assert "12.5万元" in console.get(f"/projects/items/{ids[0]}")


def _idea(world: World) -> int:
    return world.system.session.scalars(select(ProjectIdea.id)).one()


def test_a_refused_form_keeps_what_was_typed(client: FlaskClient, world: World) -> None:
    case = ProjectCase(world)
    case.call()
    world.system.session.commit()
    console = Console(client, world, case.clerk_actor)
    page = console.post(f"/projects/{case.year_id}/items/new", expected=422, name="修路", investment="很多",
                        content="x", place="y", fund_source="z", beneficiaries=1, months=1, responsible_unit="u")
    assert "请填写投资额" in page
    assert 'value="很多"' in page
