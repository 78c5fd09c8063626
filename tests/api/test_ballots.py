"""The vote on the phone and in the console: signing in, the control room, the tellers' desk, the hall."""

from flask.testing import FlaskClient

from services import ballots, sittings
from tests.api.conftest import code_of
from tests.api.console import Console
from tests.factories import World
from tests.services.project_case import ProjectCase


def test_a_deputy_hears_of_the_vote_and_signs_in_with_the_halls_code(client: FlaskClient, world: World) -> None:
    case = ProjectCase(world)
    row = case.prepared(present=6)
    code = sittings.current_code(case.clerk, sittings.get_sitting(case.clerk, row.sitting_id))
    who = world.token(case.deputies[6])
    shown = client.get("/api/v1/next-vote", headers=who).json
    assert shown is not None
    assert shown["vote"].endswith("第六次会议，镇政府礼堂，准备中")
    assert [item["signed_in_at"] for item in shown["sittings"]] == [None]
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert code_of(client.post("/api/v1/sittings/sign-in", json={"code": wrong}, headers=who)) == (422, "sitting_code_wrong")
    done = client.post("/api/v1/sittings/sign-in", json={"code": code}, headers=who)
    assert done.status_code == 200
    assert sittings.attendance(case.clerk, row.sitting_id).present == 7


def test_a_resident_hears_when_the_vote_is_and_signs_in_nowhere(client: FlaskClient, world: World) -> None:
    who = world.token(world.resident())
    assert client.get("/api/v1/next-vote", headers=who).json == {"vote": None, "sittings": []}
    assert code_of(client.post("/api/v1/sittings/sign-in", json={"code": "1"}, headers=who)) == (403, "deputy_only")


def test_a_whole_round_in_the_console(client: FlaskClient, world: World) -> None:
    case = ProjectCase(world)
    case.candidates()
    world.system.session.commit()
    clerk = Console(client, world, case.clerk_actor)
    people = [actor.person_id or 0 for actor in case.deputies]
    clerk.post("/ballots/sittings", congress_id=world.congress(world.township).id, name="第六次会议", place="礼堂",
               held_on=world.clock().date())
    sitting = sittings.list_sittings(case.clerk)[0][0][0]
    clerk.post(f"/ballots/sittings/{sitting.id}/roll")
    clerk.post(f"/ballots/sittings/{sitting.id}/sign-in", person_ids=people)
    assert "实到" in clerk.get(f"/ballots/sittings/{sitting.id}")
    assert "第六次会议" in clerk.get("/ballots")
    clerk.post(f"/ballots/years/{case.year_id}/rounds", sitting_id=sitting.id)
    row = ballots.list_rounds(case.clerk, case.year_id)[0]
    room = f"/ballots/rounds/{row.id}"
    assert "请确定总监票人和至少两名监票人" in clerk.get(room)
    assert "还不能开始投票" in clerk.post(f"{room}/open", expected=409)
    clerk.post(f"{room}/officers", chief=people[0], scrutineers=people[1:3], tellers=[one.staff_id for one in case.tellers])
    clerk.post(f"{room}/method")
    assert "各项条件已具备" in clerk.get(room)
    assert clerk.post_for_file(f"{room}/ballots.pdf").startswith(b"%PDF")
    assert "手机签到码" in clerk.get(f"{room}/hall")
    clerk.post(f"{room}/open")
    clerk.post(f"{room}/issued", issued=7)
    assert "发出票" in clerk.get(f"{room}/hall")
    clerk.post(f"{room}/close", collected=7)
    desks = [Console(client, world, actor) for actor in case.tellers]
    lines = [project.id for _place, project in ballots.list_candidates(case.clerk, row.id)]
    first = {f"votes-{lines[0]}-0": 5, f"votes-{lines[1]}-0": 2, "void": 0}
    assert "请按您自己清点的结果填写" in desks[0].get(f"{room}/count")
    desks[0].post(f"{room}/count", **first)
    assert "不能修改" in desks[0].get(f"{room}/count")
    assert "不能修改" not in desks[1].get(f"{room}/count")
    assert "5" not in _count_panel(desks[1].get(room))
    desks[1].post(f"{room}/count", **(first | {f"votes-{lines[1]}-0": 1, "void": 1}))
    assert "票数不一致" in clerk.get(room)
    clerk.post(f"{room}/recount")
    for desk in desks:
        desk.post(f"{room}/count", **first)
    assert "计票一致" in clerk.get(room)
    for officer in ballots.list_officers(case.clerk, row.id):
        if officer.duty != "teller":
            clerk.post(f"{room}/signature", officer_id=officer.id)
    clerk.post(f"{room}/publish")
    assert "当选" in clerk.get(f"{room}/hall")
    assert clerk.bytes(f"{room}/result.pdf").startswith(b"%PDF")


def _count_panel(page: str) -> str:
    return page.partition("次计票</h2>")[2].partition("</section>")[0]


def test_a_desk_tells_which_number_is_missing(client: FlaskClient, world: World) -> None:
    case = ProjectCase(world)
    row = case.counting()
    world.system.session.commit()
    desk = Console(client, world, case.tellers[0])
    assert "请填写此项" in desk.post(f"/ballots/rounds/{row.id}/count", expected=422, void=0)


def test_a_round_is_voided_in_the_console_with_its_reason(client: FlaskClient, world: World) -> None:
    case = ProjectCase(world)
    row = case.counting()
    world.system.session.commit()
    clerk = Console(client, world, case.clerk_actor)
    clerk.post(f"/ballots/rounds/{row.id}/void", reason="票箱封条破损")
    assert "票箱封条破损" in clerk.get(f"/ballots/rounds/{row.id}") + clerk.get(f"/ballots/rounds/{row.id}/hall")
