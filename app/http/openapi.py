"""The OpenAPI 3.1 description, made from the code."""

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
    for endpoint in ("openapi.spec", "openapi.docs"):
        if endpoint in app.view_functions:
            app.view_functions[endpoint] = requires("public")(app.view_functions[endpoint])
