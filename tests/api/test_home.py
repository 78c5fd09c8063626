"""The home page over HTTP, and that no list asks more questions the longer it is."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from models.identity import Account
from services import assistant, checkin, comments, projects, sittings, stations, suggestions
from services.context import Actor
from services.rules.ballots import VotingMethod
from services.rules.fences import Position
from tests.api.test_comments import assigned_to
from tests.api.test_duties import report
from tests.api.test_media import send as send_photo
from tests.api.test_notices import send as send_notice
from tests.api.test_notices import send_to_residents
from tests.api.test_points import earn
from tests.factories import World
from tests.services.activity_case import Meeting

Statements = Callable[[], AbstractContextManager[list[str]]]


def test_a_deputy_sees_work_visit_reception_and_points(client: FlaskClient, world: World) -> None:
    deputy = world.deputy(name="刘代表")
    station = world.create_station(deputies=(deputy,))
    earn(world, deputy)
    send_notice(world, deputy)
    assigned_to(world, deputy)
    stations.plan_reception(world.ctx_of(world.staff("county_office")), station.id,
                            starts_at=world.clock() + timedelta(days=1), ends_at=world.clock() + timedelta(days=1.1),
                            person_ids=[deputy.person_id or 0])
    checkin.check_in(world.ctx_of(deputy), scene=world.scene(station), device_id="device-0001",
                     proof=checkin.Proof(location=Position(28.1, 112.9, 20)))
    home = client.get("/api/v1/home", headers=world.token(deputy)).json
    assert home is not None
    assert (home["role"], home["name"], home["station"]["id"]) == ("deputy", "刘代表", station.id)
    assert {(todo["kind"], todo["count"]) for todo in home["todos"]} == {("opinions", 1), ("notices", 1)}
    assert home["points"] == {"year": 2026, "total": "2", "this_month": "2"}
    assert home["open_visit"]["station"]["id"] == home["next_reception"]["station"]["id"] == station.id
    assert home["unread_notices"] == 1


def test_a_resident_sees_opinions_station_and_deputies(client: FlaskClient, world: World) -> None:
    resident, deputy = world.resident(), world.deputy(name="刘代表")
    station, opinion = world.create_station(), world.opinion(resident)
    send_to_residents(world)
    home = client.get("/api/v1/home", headers=world.token(resident)).json
    assert home is not None
    assert (home["role"], home["points"], home["open_visit"], home["todos"]) == ("resident", None, None, [])
    assert [row["number"] for row in home["opinions"]] == [opinion.number]
    assert (home["station"]["id"], [row["id"] for row in home["deputies"]]) == (station.id, [deputy.person_id])
    assert len(home["notices"]) == 1


def test_somebody_who_has_just_come_sees_an_empty_home(client: FlaskClient, world: World) -> None:
    resident = world.resident()
    account = world.system.session.get_one(Account, resident.account_id)
    account.village_id = None
    home = client.get("/api/v1/home", headers=world.token(resident)).json
    assert home is not None
    assert (home["opinions"], home["station"], home["deputies"], home["notices"]) == ([], None, [], [])


# --- one page, one number of questions --------------------------------------------------------------


class Town:
    """Grows by one of everything a person may list."""

    def __init__(self, world: World, client: FlaskClient) -> None:
        self.world, self.client = world, client
        self.deputy, self.resident = world.deputy(), world.resident()
        self.tokens = {"deputy": world.token(self.deputy), "resident": world.token(self.resident)}
        self.size, self.congress_id = 0, world.congress(world.township).id

    def grow(self) -> None:
        world, self.size = self.world, self.size + 1
        world.clock.advance(hours=1)
        colleague = world.deputy(name=f"代表{self.size}")
        self._visit_and_receive(colleague)
        earn(world, self.deputy, times=self.size)
        send_notice(world, self.deputy)
        send_to_residents(world)
        assigned_to(world, self.deputy, self.resident)
        photo = send_photo(self.client, self.tokens["deputy"], world.photo_bytes(), purpose="duty").json["id"]
        assert report(self.client, world, self.tokens["deputy"], photo_id=photo).status_code == 201
        for author, other in ((self.deputy, colleague), (colleague, self.deputy)):
            suggestions.draft(world.ctx_of(author), suggestions.SuggestionForm(
                congress_id=self.congress_id, title="关于修路的建议", reason="路坏了。", proposal="请修好。", kind="joint",
                cosigner_ids=(other.person_id or 0,)))
        comments.reply_templates.create(world.ctx_of(world.staff()), title=f"常用{self.size}", text="已核实。")
        self._call_for_projects()
        Meeting(world).publish()
        for actor in (self.deputy, self.resident):
            assistant.answer(world.ctx_of(actor), text="帮助", channel="chat")
        world.system.session.commit()

    def _call_for_projects(self) -> None:
        clerk = self.world.ctx_of(self.world.staff())
        year = projects.open_year(clerk, region_id=self.world.township.id, form=projects.CallForm(
            clerk.today.year + self.size, "面向全镇征集民生实事项目。", clerk.today, clerk.today + timedelta(days=20),
            VotingMethod("select_up_to_n", 1)))
        projects.submit_idea(self.world.ctx_of(self.resident), year.id, projects.IdeaForm("修路", "路不好走。", "石桥村"))
        sitting = sittings.create_sitting(clerk, congress_id=self.congress_id, name=f"第{self.size}次会议", place="礼堂",
                                          held_on=clerk.today)
        sittings.freeze_roll(clerk, sitting.id)

    def _visit_and_receive(self, colleague: Actor) -> None:
        world = self.world
        station = world.create_station(name=f"第{self.size}工作站", deputies=(self.deputy, colleague))
        stations.plan_reception(
            world.ctx_of(world.staff("county_office")), station.id, starts_at=world.clock() + timedelta(days=self.size),
            ends_at=world.clock() + timedelta(days=self.size, hours=2),
            person_ids=[self.deputy.person_id or 0, colleague.person_id or 0])
        done = checkin.check_in(world.ctx_of(self.deputy), scene=world.scene(station), device_id="device-0001",
                                proof=checkin.Proof(location=Position(28.1, 112.9, 20)))
        world.clock.advance(minutes=40)
        checkin.check_out(world.ctx_of(self.deputy), done.visit.id)
        world.system.session.commit()


LISTS = [
    ("deputy", "/api/v1/home"), ("resident", "/api/v1/home"), ("deputy", "/api/v1/me"), ("deputy", "/api/v1/notices"),
    ("resident", "/api/v1/notices"), ("resident", "/api/v1/opinions"), ("deputy", "/api/v1/assigned-opinions"),
    ("deputy", "/api/v1/reply-templates"),
    ("deputy", "/api/v1/check-ins"), ("deputy", "/api/v1/duties"), ("deputy", "/api/v1/duty-kinds"),
    ("deputy", "/api/v1/points"), ("deputy", "/api/v1/points/entries"), ("resident", "/api/v1/stations"),
    ("resident", "/api/v1/deputies"), ("resident", "/api/v1/regions"), ("resident", "/api/v1/assistant/messages"),
    ("resident", "/api/v1/me/privacy"), ("deputy", "/api/v1/me/closing"), ("resident", "/api/v1/me/closing"),
    ("deputy", "/api/v1/activities"), ("deputy", "/api/v1/schedule"), ("deputy", "/api/v1/door-code"),
    ("deputy", "/api/v1/suggestions"), ("deputy", "/api/v1/suggestion-invitations"),
    ("deputy", "/api/v1/suggestion-congresses"), ("deputy", "/api/v1/suggestion-colleagues?congress_id={congress}"),
    ("resident", "/api/v1/project-years"), ("resident", "/api/v1/project-ideas"), ("deputy", "/api/v1/next-vote"),
    ("deputy", "/api/v1/me/export"), ("resident", "/api/v1/me/export"),
    ("resident", "/api/v1/stations/{station}"), ("resident", "/api/v1/deputies/{deputy}")]


@pytest.fixture
def town(client: FlaskClient, world: World) -> Town:
    return Town(world, client)


def _ask(town: Town, client: FlaskClient, statements: Statements) -> dict[tuple[str, str], int]:
    station = client.get("/api/v1/stations").json["items"][0]["id"]  # type: ignore[index]
    found = {}
    for role, path in LISTS:
        address = path.format(station=station, deputy=town.deputy.person_id, congress=town.congress_id)
        with statements() as asked:
            assert client.get(address, headers=town.tokens[role]).status_code == 200
        found[role, path] = len(asked)
    return found


def test_no_list_asks_more_of_the_database_the_longer_it_is(
        town: Town, client: FlaskClient, statements: Statements) -> None:
    town.grow()
    few = _ask(town, client, statements)
    for _ in range(4):
        town.grow()
    many = _ask(town, client, statements)
    assert {name: (few[name], many[name]) for name in few if many[name] > few[name]} == {}


def test_every_list_of_the_description_is_among_them(client: FlaskClient) -> None:
    from tests.api.contract import spec

    pages = {path for path, methods in spec(client.application)["paths"].items()
             if "get" in methods and "{" not in path}
    simple = {"/api/v1/check-ins/current", "/api/v1/config"}
    assert pages - simple <= {path.partition("?")[0] for _role, path in LISTS}
