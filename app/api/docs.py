"""A readable page of the API, made from its own description; no script, nothing from elsewhere."""

from typing import Any

from flask import Blueprint, current_app, render_template

from app.http.access import requires

bp = Blueprint("docs", __name__)


@bp.get("/api/docs")
@requires("public")
def docs_page() -> str:
    """Every operation by stem, with its fields and answers."""
    spec: dict[str, Any] = current_app.spec  # type: ignore[attr-defined]
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(_operation(path, method, operation))
    return render_template("api_docs.html", groups=groups, schemas=_schemas(spec))


def _operation(path: str, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    answers = [(status, _name(answer.get("content", {}).get("application/json", {}).get("schema", {})))
               for status, answer in operation["responses"].items() if status.startswith("2")]
    return {"path": path, "method": method.upper(), "summary": operation.get("summary", ""),
            "description": operation.get("description", ""), "parameters": operation.get("parameters", []),
            "body": _name(body), "answers": answers}


def _schemas(spec: dict[str, Any]) -> dict[str, list[tuple[str, str, bool]]]:
    """Name → (field, type, required) of every shape, in alphabetical order."""
    found = spec.get("components", {}).get("schemas", {})
    return {name: [(field, _type(shape), field in schema.get("required", []))
                   for field, shape in schema.get("properties", {}).items()]
            for name, schema in sorted(found.items())}


def _name(schema: dict[str, Any]) -> str:
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1]


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return " 或 ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"{_type(schema.get('items', {}))} 列表"
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    return {"null": "空", "string": "文本", "integer": "整数", "number": "数", "boolean": "是/否"}.get(
        str(schema.get("type")), str(schema.get("type", "任意")))
