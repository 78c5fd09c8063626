"""Is the process alive, is the installation ready, and its figures."""

from flask import Blueprint, Response, jsonify
from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.http import measures
from app.http.access import requires
from app.program import Program, current_program
from services import outbox, schedule

bp = Blueprint("health", __name__)
#: Work that waits longer than this without anybody taking it means a stuck queue.
STUCK_SECONDS = 120


@bp.get("/healthz")
@requires("public")
def healthz() -> Response:
    return jsonify({"status": "ok"})


@bp.get("/readyz")
@requires("public")
def readyz() -> tuple[Response, int]:
    """503 when people cannot be served; a stopped worker or queue is told and does not take the web away."""
    checks = check_all(current_program())
    is_ready = checks["database"] == "ok"
    return jsonify({"ready": is_ready, "checks": checks}), 200 if is_ready else 503


def check_all(program: Program) -> dict[str, str]:
    checks = {"database": "ok", "redis": "ok", "worker": "ok", "queue": "ok"}
    try:
        program.redis.ping()
    except RedisError:
        checks["redis"] = "away"
    try:
        with Session(program.reading_engine) as session:
            session.execute(text("SELECT 1"))
            now = program.clock()
            if not any(line.is_alive for line in schedule.list_workers(session, now)):
                checks["worker"] = "stopped"
            found = outbox.backlog(session, now)
            if found.dead:
                checks["queue"] = f"dead {found.dead}"
            elif found.oldest_seconds > STUCK_SECONDS:
                checks["queue"] = "stuck"
    except SQLAlchemyError:
        checks.update(database="away", worker="unknown", queue="unknown")
    return checks


@bp.get("/metrics")
@requires("public")
def metrics() -> Response:
    """Prometheus text; nginx keeps it inside."""
    return Response(measures.render(), mimetype="text/plain; version=0.0.4")
