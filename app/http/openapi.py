"""The OpenAPI 3.1 description, made from the code."""

import re
from functools import partial
from typing import Any

from apiflask import APIFlask

from app.http.access import requires

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


def _complete(app: APIFlask, spec: dict[str, Any]) -> dict[str, Any]:
    """Add what the decorators know: who needs a token, and that every refusal has the one form."""
    refusal = {"description": "Any refusal", "content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/HTTPError"}}}}
    for rule in app.url_map.iter_rules():
        path = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)
        for method, operation in spec["paths"].get(path, {}).items():
            if method.upper() in (rule.methods or ()):
                operation["responses"]["default"] = refusal
                if getattr(app.view_functions[rule.endpoint], "access", "public") != "public":
                    operation["security"] = [{"bearer": []}]
    return spec
