"""Holds an answer of the API against the description made from the code."""

import copy
from typing import Any

from apiflask import APIFlask
from flask import Flask
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from services.rules.sentences import SENTENCES

ENVELOPE = {
    "type": "object", "required": ["error"], "additionalProperties": False,
    "properties": {"error": {
        "type": "object", "required": ["code", "message", "fields", "request_id"], "additionalProperties": False,
        "properties": {"code": {"enum": sorted(SENTENCES)}, "message": {"type": "string", "pattern": "[一-龥]"},
                       "fields": {"type": "object", "additionalProperties": {"type": "string", "pattern": "[一-龥]"}},
                       "request_id": {"type": "string", "minLength": 8}}}},
}
#: The description itself, and the page that shows it.
_UNDESCRIBED = ("/api/openapi.json", "/api/docs")


def check(app: Flask, response: TestResponse) -> None:
    """Fail when the status is undescribed, a field is missing, of another type, or said without being described."""
    path = response.request.path
    if not path.startswith("/api/") or response.request.method in ("HEAD", "OPTIONS"):
        return
    if response.status_code >= 400:
        check_envelope(response)
        return
    if path in _UNDESCRIBED:
        return
    declared = operation(app, response)["responses"].get(str(response.status_code))
    assert declared is not None, f"{response.request.method} {path} does not describe {response.status_code}"
    content = declared.get("content", {})
    if response.status_code == 204:
        assert response.data == b""
    elif response.mimetype == "application/json":
        _validate(content["application/json"]["schema"], response.json, strict_components(app))
    else:
        assert response.mimetype in content, f"{path} does not describe {response.mimetype}"


def check_envelope(response: TestResponse) -> None:
    """The one form of every refusal, with a sentence in Chinese and the id of the request."""
    assert response.mimetype == "application/json"
    _validate(ENVELOPE, response.json, {})
    assert response.json is not None
    assert response.json["error"]["request_id"] == response.headers["X-Request-ID"]


def operation(app: Flask, response: TestResponse) -> dict[str, Any]:
    """What the description says of the route that answered."""
    method = response.request.headers.get("X-HTTP-Method-Override", response.request.method)
    rule = rule_of(app, response.request.path, method)
    found: dict[str, Any] = spec(app)["paths"][rule][method.lower()]
    return found


def rule_of(app: Flask, path: str, method: str) -> str:
    """The route as the description writes it, `/api/v1/duties/{duty_id}`."""
    try:
        rule, _values = app.url_map.bind("localhost").match(path, method=method, return_rule=True)
    except HTTPException as error:
        raise AssertionError(f"no route for {method} {path}") from error
    return described(str(rule.rule))


def described(rule: str) -> str:
    for kind in ("int:", "path:"):
        rule = rule.replace(f"<{kind}", "<")
    return rule.replace("<", "{").replace(">", "}")


class _Made:
    """What is made once: the code is the same for every application of this run."""

    spec: dict[str, Any] | None = None
    strict: dict[str, Any] | None = None
    validators: dict[str, Draft202012Validator] = {}


def spec(app: Flask) -> dict[str, Any]:
    """The description of the API."""
    if _Made.spec is None:
        assert isinstance(app, APIFlask)
        _Made.spec = dict(app.spec)  # type: ignore[arg-type]
    return _Made.spec


def strict_components(app: Flask) -> dict[str, Any]:
    """The described objects, closed: a field that is not described must not be said."""
    if _Made.strict is None:
        _Made.strict = copy.deepcopy(spec(app)["components"])
        for schema in _Made.strict["schemas"].values():
            if schema.get("type") == "object" and "properties" in schema:
                schema["additionalProperties"] = False
    return _Made.strict


def _validate(schema: dict[str, Any], body: Any, components: dict[str, Any]) -> None:
    key = repr(schema)
    if key not in _Made.validators:
        _Made.validators[key] = Draft202012Validator({**schema, "components": components})
    problems = [f"{error.json_path}: {error.message}" for error in _Made.validators[key].iter_errors(body)]
    assert not problems, "\n".join(problems)
