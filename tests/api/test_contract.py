"""The description of the API and the API itself say the same."""

import json
from typing import Any

import pytest
from apiflask import APIBlueprint, APIFlask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from pydantic import BaseModel

from app.http.access import requires
from app.program import Program
from app.settings import ROOT
from tests.api import contract
from tests.api.conftest import client_of
from tests.api.grid import calls


def operations(app: APIFlask) -> dict[str, dict[str, Any]]:
    """`POST /api/v1/opinions` → what is said of it."""
    return {f"{method.upper()} {path}": operation for path, methods in contract.spec(app)["paths"].items()
            for method, operation in methods.items()}


def test_the_description_in_the_repository_is_the_codes(client: FlaskClient) -> None:
    kept = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    assert kept == json.loads(json.dumps(contract.spec(client.application))), "run: make openapi"


def test_the_served_description_is_the_same(client: FlaskClient) -> None:
    served = client.get("/api/openapi.json")
    assert (served.status_code, served.json) == (200, json.loads(json.dumps(contract.spec(client.application))))


def test_every_route_of_the_api_is_described(app: APIFlask) -> None:
    routes = {f"{call.method} {contract.described(call.rule)}" for call in calls(app)
              if call.rule.startswith("/api/v1/")}
    assert routes == set(operations(app))


def test_every_operation_is_summed_up_in_a_sentence(app: APIFlask) -> None:
    made_up = {name: operation["summary"] for name, operation in operations(app).items()
               if not operation["summary"].endswith((".", "。"))}
    assert made_up == {}


def test_every_operation_describes_its_success_and_its_refusals(app: APIFlask) -> None:
    lacking = [name for name, operation in operations(app).items()
               if "default" not in operation["responses"] or not any(code[0] == "2" for code in operation["responses"])]
    assert lacking == []


def test_the_description_says_which_operations_need_a_token(app: APIFlask) -> None:
    declared = {f"{call.method} {contract.described(call.rule)}": call.access for call in calls(app)}
    assert {name: "security" in operation for name, operation in operations(app).items()} == {
        name: declared[name] != "public" for name in operations(app)}


def test_every_described_object_is_a_schema(app: APIFlask) -> None:
    for schema in contract.spec(app)["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_answered_field_is_required(app: APIFlask) -> None:
    answered = {name: schema for name, schema in contract.spec(app)["components"]["schemas"].items()
                if _is_answer(name, schema)}
    optional = {name: sorted(set(schema["properties"]) - set(schema.get("required", [])))
                for name, schema in answered.items()}
    assert {name: fields for name, fields in optional.items() if fields} == {}


def _is_answer(name: str, schema: dict[str, Any]) -> bool:
    asked = {"AnswerIn", "CheckIn", "CheckIn.Location", "ClosingIn", "DecisionIn", "DutyIn", "EvaluationIn", "IdeaIn",
             "MePatch", "MessageIn", "NewSuggestionIn", "OpinionIn", "PhoneAsk", "PhoneBind", "PhoneChange", "PhoneLogin",
             "RatingIn", "ReasonIn", "SittingSignIn", "SubscriptionsIn", "SuggestionIn", "SuggestionReasonIn",
             "SubscriptionsIn.SubscriptionResult", "WeChatLogin"}
    return name not in asked and schema.get("type") == "object" and "properties" in schema


class Small(BaseModel):
    name: str


def test_a_field_that_is_not_described_is_dropped(program: Program) -> None:
    client = client_of(program)
    app = client.application
    assert isinstance(app, APIFlask)
    extra = APIBlueprint("extra", __name__, enable_openapi=False)

    @extra.get("/extra")
    @requires("public")
    @extra.output(Small)
    def view() -> dict[str, str]:
        return {"name": "张三", "phone": "13800000000"}

    app.register_blueprint(extra)
    assert client.get("/extra").json == {"name": "张三"}


@pytest.mark.parametrize("extra", [{"is_admin": True}, {"account_id": 1, "state": "closed"}])
def test_a_field_that_is_not_asked_for_is_not_taken(client: FlaskClient, world: Any, extra: dict[str, Any]) -> None:
    who = world.token(world.resident())
    before = client.get("/api/v1/me", headers=who).json
    client.patch("/api/v1/me", json=extra, headers=who)
    assert client.get("/api/v1/me", headers=who).json == before
