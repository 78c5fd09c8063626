"""The product's own application, with one more address that does the least a write can do."""

import os
import queue
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import psycopg
from flask import Flask, request

from app import create_app

_product = create_app()
_lean = Flask("lean")
_idle: "queue.LifoQueue[psycopg.Connection[Any]]" = queue.LifoQueue()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """`/floor` and `/limit`: look a token up, insert a row, commit, without and with Flask; else the product."""
    if environ["PATH_INFO"] == "/limit":
        return _lean(environ, start_response)
    if environ["PATH_INFO"] != "/floor":
        return _product(environ, start_response)
    _least_write(environ["HTTP_AUTHORIZATION"].partition(" ")[2])
    body = b'{"ok":true}'
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


@_lean.post("/limit")
def limit() -> dict[str, bool]:
    _least_write(request.headers["Authorization"].partition(" ")[2])
    return {"ok": True}


def _least_write(digest: str) -> None:
    try:
        connection = _idle.get_nowait()
    except queue.Empty:
        connection = psycopg.connect(os.environ["DATABASE_URL"])
    connection.execute("SELECT account_id FROM login_sessions WHERE token_digest = %s", (digest,)).fetchone()
    connection.execute("INSERT INTO bench_limit (id, note) VALUES (%s, %s)", (uuid.uuid4(), "x"))
    connection.commit()
    _idle.put(connection)
