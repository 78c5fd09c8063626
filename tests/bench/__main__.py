"""`make bench`: check-in, opinion, notice list and callback against the leanest write, on gunicorn and a PostgreSQL that keeps what it says."""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from app import embedded_redis, settings
from app.development import STAND_IN, free_port
from models import migrate
from models.db import make_engine
from services.field_encryption import FieldCipher
from tests.bench import load, people
from tests.bench.callbacks import signed_text
from tests.databases import started_cluster

REQUESTS = int(os.environ.get("BENCH_REQUESTS", "1600"))
TARGETS = {"check_in": 0.5, "opinion_submit": 0.5, "notice_list": 0.6, "callback_reply": 0.5}


def main() -> None:
    with started_cluster(is_durable=True) as database_url, tempfile.TemporaryDirectory() as folder:
        environment = _environment(database_url, Path(folder))
        os.environ.update(environment)
        engine = make_engine(database_url)
        migrate.upgrade(engine)
        town = people.build_town(engine, FieldCipher.from_text(environment["FIELD_KEYS"]), people=REQUESTS)
        engine.dispose()
        port = free_port(8300)
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--log-level", "warning", "--bind",
             f"127.0.0.1:{port}", "tests.bench.wsgi:application"], env={**os.environ, "PYTHONPATH": os.getcwd()})
        try:
            _wait(port)
            figures = _measure(port, town)
        finally:
            server.terminate()
            server.wait()
            embedded_redis.stop_server(Path(folder))
    _report(figures)


def _environment(database_url: str, folder: Path) -> dict[str, str]:
    keys = settings.new_keys()
    return {**STAND_IN, **keys, "APP_STAGE": "testing", "DATABASE_URL": database_url, "DATA_DIR": str(folder),
            "REDIS_URL": f"unix://{embedded_redis.ensure_server(folder)}", "LOG_LEVEL": "WARNING",
            "PUBLIC_BASE_URL": "http://127.0.0.1:8300", "WECHAT_API_BASE": "http://127.0.0.1:9"}


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def _measure(port: int, town: people.Town) -> dict[str, load.Figures]:
    json_type = {"Content-Type": "application/json"}

    def bearer(token: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    deputies, residents = town.deputy_tokens, town.resident_tokens
    cases = {
        "floor": [load.request_bytes("POST", "/floor", bearer(token)) for token in deputies],
        "limit": [load.request_bytes("POST", "/limit", bearer(token)) for token in deputies],
        "check_in": [load.request_bytes("POST", "/api/v1/check-ins", bearer(token) | json_type,
                                        people.check_in_body(town, number)) for number, token in enumerate(deputies)],
        "opinion_submit": [load.request_bytes("POST", "/api/v1/opinions", bearer(token) | json_type,
                                              people.opinion_body(town)) for token in residents],
        "notice_list": [load.request_bytes("GET", "/api/v1/notices?page_size=20", bearer(token))
                        for token in (deputies[:200] * (REQUESTS // 200 + 1))[:REQUESTS]],
        "callback_reply": [signed_text(f"o{number:027d}", "帮助", number) for number in range(REQUESTS)],
    }
    load.run(port, cases["notice_list"][:200])
    load.run(port, cases["limit"][:200])
    return {name: load.run(port, prepared) for name, prepared in cases.items()}


def _report(figures: dict[str, load.Figures]) -> None:
    limit = figures["limit"].per_second
    rows = {name: {**vars(row), "ratio": round(row.per_second / limit, 2), "target": TARGETS.get(name)}
            for name, row in figures.items()}
    print(f"{'case':16}{'req/s':>9}{'p95 ms':>9}{'of limit':>10}{'target':>8}{'failed':>8}")
    for name, row in rows.items():
        print(f"{name:16}{row['per_second']:9.0f}{row['p95_ms']:9.1f}{row['ratio']:10.2f}{row['target'] or '':>8}"
              f"{row['failed']:8d}")
    Path("bench.json").write_text(json.dumps({"connections": 16, "cases": rows}, indent=1) + "\n")


if __name__ == "__main__":
    main()
