"""The OpenAPI 3.1 description, made from the code."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from apiflask import APIFlask

from app.http.access import View, requires

_ERROR = {
    "type": "object", "required": ["error"],
    "properties": {"error": {
        "type": "object", "required": ["code", "message", "fields", "request_id"],
        "properties": {"code": {"type": "string"}, "message": {"type": "string"},
                       "fields": {"type": "object", "additionalProperties": {"type": "string"}},
                       "request_id": {"type": "string"}}}},
}


def configure_openapi(app: APIFlask) -> None:
    app.config.update(
        OPENAPI_VERSION="3.1.0", SPEC_FORMAT="json", JSON_SORT_KEYS=False, AUTO_SERVERS=False,
        VALIDATION_ERROR_SCHEMA=_ERROR, HTTP_ERROR_SCHEMA=_ERROR, SERVERS=[{"url": "/"}],
        INFO={"description": "网上人大代表之家接口。所有错误使用同一个信封。"})
    app.security_schemes = {"bearer": {"type": "http", "scheme": "bearer"}}
    app.spec_processor(partial(_complete, app))
    for endpoint in ("openapi.spec", "openapi.docs"):
        if endpoint in app.view_functions:
            app.view_functions[endpoint] = requires("public")(app.view_functions[endpoint])


def also_answers(status: int, description: str, kind: str, schema: str = ""
                 ) -> dict[int | str, dict[str, str | dict[str, dict[str, Any]]]]:
    """A further answer of a view, for `bp.doc(responses=…)`; `schema` names a described object."""
    body = {"schema": {"$ref": f"#/components/schemas/{schema}"}} if schema else {}
    return {status: {"description": description, "content": {kind: body}}}


def takes_form(fields: dict[str, dict[str, Any]]) -> Callable[[View], View]:
    """Describe the multipart form of a view that reads its parts itself; `fields` are JSON schemas by name."""

    def describe(view: View) -> View:
        view.form_body = {"required": True, "content": {"multipart/form-data": {  # type: ignore[attr-defined]
            "schema": {"type": "object", "required": list(fields), "properties": fields}}}}
        return view

    return describe


def _complete(app: APIFlask, spec: dict[str, Any]) -> dict[str, Any]:
    """Add what the decorators know: who needs a token, and that every refusal has the one form."""
    refusal = {"description": "Any refusal", "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/HTTPError"}}}}
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method, operation in spec["paths"].get(path, {}).items():
            if method.upper() in (rule.methods or ()):
                operation["responses"]["default"] = refusal
                view = app.view_functions[rule.endpoint]
                if hasattr(view, "form_body"):
                    operation["requestBody"] = view.form_body
                if getattr(view, "access", "public") != "public":
                    operation["security"] = [{"bearer": []}]
    return spec
