"""Writes that may be repeated: the answer to an Idempotency-Key is kept and given again.

The key is stored in the transaction of the work itself: a crash leaves both or neither.
"""

import hashlib

from flask import Response, g, jsonify, request
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.http.access import is_reading
from app.program import Program, current_program
from models.outbox import IdempotencyKey
from services.context import Context
from services.errors import Conflict, Invalid

HEADER = "Idempotency-Key"
_PURPOSE = "idempotency.body"


def given_key() -> str:
    """The key of this request, or an empty string; checked for its form."""
    key = request.headers.get(HEADER, "")
    if key and not 8 <= len(key) <= 64:
        raise Invalid("bad_request")
    return key


def replay() -> Response | None:
    """The answer already given to this key, before the view runs again."""
    if is_reading() or g.actor.kind == "anonymous" or not given_key():
        return None
    program = current_program()
    with Session(program.reading_engine) as session:
        row = session.scalar(select(IdempotencyKey).where(
            IdempotencyKey.actor == g.actor.key, IdempotencyKey.route == request.path,
            IdempotencyKey.key == given_key()))
    return None if row is None else _stored(program, row)


def keep(ctx: Context, response: Response) -> Response:
    """Store the answer under its key; when the same request was faster, answer as it did."""
    key = request.headers.get(HEADER, "")
    if not key or is_reading() or g.actor.kind == "anonymous" or response.status_code >= 400:
        return response
    row = IdempotencyKey(
        actor=g.actor.key, route=request.path, key=key, request_digest=_digest(), status=response.status_code,
        body_cipher=ctx.gateways.cipher.seal(response.get_data(as_text=True), _PURPOSE), created_at=ctx.now)
    try:
        with ctx.session.begin_nested():
            ctx.session.add(row)
            ctx.session.flush()
    except IntegrityError:
        ctx.session.rollback()
        ctx.audit_rows.clear()
        ctx.outbox_ids.clear()
        g.pop("ctx")
        ctx.session.close()
        return replay() or _in_progress()
    return response


def _in_progress() -> Response:
    raise Conflict("idempotency_in_progress")


def _stored(program: Program, row: IdempotencyKey) -> Response:
    if row.request_digest != _digest():
        raise Conflict("idempotency_mismatch")
    body = program.gateways.cipher.open(row.body_cipher, _PURPOSE)
    response = Response(body, row.status, mimetype="application/json") if body else jsonify({})
    response.status_code = row.status
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _digest() -> str:
    """Of the body as sent; a form's boundary is drawn anew with every attempt, so its parts count instead."""
    if request.mimetype == "multipart/form-data":
        digest = hashlib.sha256(repr(sorted(request.form.items())).encode())
        for name, part in sorted(request.files.items()):
            part.stream.seek(0)
            digest.update(name.encode() + hashlib.file_digest(part.stream, "sha256").digest())  # type: ignore[arg-type]
        return digest.hexdigest()
    return hashlib.sha256(request.get_data(cache=True)).hexdigest()
