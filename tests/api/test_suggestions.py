"""Deputies' suggestions over HTTP, from the draft to the evaluation, and the job that counts them."""

from flask.testing import FlaskClient
from sqlalchemy import select

from app.http.lifecycle import CONSOLE_COOKIE
from app.jobs import handlers
from app.program import Program
from models.duties import DutyRecord
from services import suggestions
from tests.api.grid import token_for
from tests.api.test_comments import assigned_to
from tests.api.test_console_roster import Desk
from tests.factories import World
from tests.services.suggestion_case import SuggestionCase


def _body(world: World) -> dict[str, object]:
    return {"congress_id": world.congress(world.township).id, "title": "关于修路的建议", "reason": "路坏了。",
            "proposal": "请修好。"}


def test_a_deputy_writes_submits_and_withdraws(client: FlaskClient, world: World) -> None:
    headers = world.token(world.deputy())
    made = client.post("/api/v1/suggestions", json=_body(world), headers=headers)
    assert made.status_code == 201
    address = f"/api/v1/suggestions/{made.json['id']}"
    assert client.post(f"{address}/submission", headers=headers).json["state"] == "submitted"
    assert client.get("/api/v1/suggestions", headers=headers).json["total"] == 1
    gone = client.post(f"{address}/withdrawal", json={"reason": "已解决"}, headers=headers)
    assert (gone.json["state"], gone.json["can_withdraw"]) == ("withdrawn", False)


def test_a_co_signer_confirms_in_the_own_log_in(client: FlaskClient, world: World) -> None:
    lead, other = world.deputy(), world.deputy(name="李秀英")
    headers, own = world.token(lead), world.token(other)
    made = client.post("/api/v1/suggestions", headers=headers,
                       json=_body(world) | {"kind": "joint", "cosigner_ids": [other.person_id]})
    assert client.get("/api/v1/suggestion-invitations", headers=own).json["total"] == 1
    signed = client.post(f"/api/v1/suggestions/{made.json['id']}/signature", json={"decision": "confirmed"}, headers=own)
    assert [line["state"] for line in signed.json["cosigners"]] == ["confirmed"]


def test_an_answer_is_read_and_evaluated(client: FlaskClient, world: World) -> None:
    case = SuggestionCase(world).to("answered")
    headers = world.token(case.lead)
    address = f"/api/v1/suggestions/{case.row.id}"
    assert client.get(address, headers=headers).json["can_evaluate"]
    done = client.post(f"{address}/evaluation", headers=headers, json={"attitude": "satisfied", "result": "satisfied"})
    assert (done.status_code, done.json["state"]) == (200, "closed")
    again = client.post(f"{address}/evaluation", headers=headers, json={"attitude": "satisfied", "result": "satisfied"})
    assert (again.status_code, again.json["error"]["code"]) == (409, "suggestion_already_evaluated")


def test_a_registered_suggestion_is_a_duty_once(program: Program, world: World) -> None:
    case = SuggestionCase(world).to("registered")
    number = case.row.id
    world.commit()
    for _ in range(2):
        handlers.credit_suggestion(program, suggestion_id=number)
    world.system.session.expire_all()
    found = world.system.session.scalars(select(DutyRecord)).all()
    assert [(row.item_code, row.source) for row in found] == [("B3", "suggestion")]


def test_the_console_registers_and_shows_the_number(client: FlaskClient, world: World) -> None:
    case = SuggestionCase(world).to("submitted")
    cookie = world.console_cookie(case.clerk)
    number = case.row.id
    client.set_cookie(CONSOLE_COOKIE, cookie, path="/console")
    done = client.post(f"/console/suggestions/{number}/register", follow_redirects=True, data={
        "category": "urban", "csrf_token": token_for(client.application, cookie)})
    assert done.status_code == 200
    assert "990101101-18-1-B0001" in done.get_data(as_text=True)
    assert suggestions.list_for_staff(world.ctx_of(case.clerk), suggestions.SuggestionFilter())[1] == 1
    for page in ("suggestions", "suggestion-commitments", "congress-sessions"):
        assert client.get(f"/console/{page}").status_code == 200


def test_the_office_sees_at_the_opinion_what_suggestion_grew_from_it(client: FlaskClient, world: World) -> None:
    deputy, clerk = world.deputy(), world.staff()
    number = assigned_to(world, deputy)
    row = suggestions.draft(world.ctx_of(deputy), suggestions.SuggestionForm(
        world.congress(world.township).id, "关于修路灯的建议", "路灯坏了。", "请修好。", "single"), opinion_number=number)
    world.system.session.commit()
    assert row.title in Desk(client, world, clerk).get(f"/console/opinions/{number}")
