"""HTTP, queues and commands of the deputy home."""

from apiflask import APIFlask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import settings as settings_module
from app.program import Program, attach
from app.settings import Settings


def create_app(settings: Settings | None = None, *, program: Program | None = None) -> APIFlask:
    """The web application; a test may hand in its own assembled program."""
    from app.api import register_api
    from app.cli import register_commands
    from app.console import register_console
    from app.http.errors import register_errors
    from app.http.lifecycle import register_lifecycle
    from app.http.limits import build_limiter
    from app.http.logs import configure_logs
    from app.http.method_override import honour_method_override
    from app.http.openapi import configure_openapi
    from app.http.row_ids import limit_row_ids
    from app.jobs.queue import build_for_web

    settings = settings or (program.settings if program else settings_module.from_env())
    configure_logs(settings.log_level)
    app = APIFlask(__name__, title="网上人大代表之家", version="1", spec_path="/api/openapi.json", docs_path=None,
                   static_folder=None,  # type: ignore[arg-type]
                   template_folder="console/templates")
    app.secret_key = settings.secret_key
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = 12 * 1024 * 1024
    app.wsgi_app = honour_method_override(app.wsgi_app)  # type: ignore[method-assign,assignment]
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=1, x_host=1)  # type: ignore[method-assign]
    program = program or build_for_web(settings)
    attach(app, program)
    app.extensions["limiter"] = build_limiter(program)
    limit_row_ids(app)
    configure_openapi(app)
    register_errors(app)
    register_lifecycle(app)
    register_api(app)
    register_console(app)
    register_commands(app)
    return app
