"""The audit trail: every state-changing service adds a row to a hash chain in its own transaction."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from models.audit import AuditHead, AuditRow
from services.context import Context

GENESIS = "0" * 64
_HEAD = select(AuditHead.seq, AuditHead.hash).where(AuditHead.id == 1).with_for_update()
_APPEND = insert(cast(Table, AuditRow.__table__))
_ADVANCE = update(cast(Table, AuditHead.__table__)).values(seq=bindparam("new_seq"), hash=bindparam("new_hash"))
_COLUMNS = ("seq", "at", "actor", "action", "subject", "region_id", "changes", "request_id", "previous_hash", "hash")


def record(ctx: Context, action: str, subject: str, changes: dict[str, Any] | None = None,
           *, region_id: int | None = None) -> None:
    """Note who did what to what; `subject` reads `opinion:12`, `changes` holds no personal data.

    The rows join the chain in `seal`, as the transaction's last step: the chain's head is one locked row, and
    taking it last keeps it short and cannot deadlock with the locks of the work itself.
    """
    ctx.audit_rows.append(AuditRow(
        at=ctx.now, actor=ctx.actor.key, action=action, subject=subject, region_id=region_id, changes=changes or {},
        request_id=ctx.request_id))


def seal(ctx: Context) -> None:
    """Append the noted rows to the chain; called once, right before the commit."""
    if not ctx.audit_rows:
        return
    session = ctx.session
    session.flush()
    seq, previous = session.execute(_HEAD).one()
    for row in ctx.audit_rows:
        seq += 1
        row.seq, row.previous_hash = seq, previous
        row.hash = previous = chain_hash(row)
    connection = session.connection()
    connection.execute(_APPEND, [{name: getattr(row, name) for name in _COLUMNS} for row in ctx.audit_rows])
    connection.execute(_ADVANCE, {"new_seq": seq, "new_hash": previous})
    ctx.audit_rows.clear()


def chain_hash(row: AuditRow) -> str:
    """SHA-256 over the previous hash and the row's canonical JSON."""
    body = json.dumps(
        [row.seq, row.at.astimezone(UTC).isoformat(), row.actor, row.action, row.subject, row.region_id,
         row.changes, row.request_id],
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )
    return hashlib.sha256(f"{row.previous_hash}{body}".encode()).hexdigest()


@dataclass(frozen=True)
class ChainReport:
    rows: int
    #: Number of the first row that does not fit, or None.
    broken_at: int | None


def verify_chain(session: Session) -> ChainReport:
    """Walk the whole chain: hashes, numbers without gaps, and the head it must end at."""
    previous, expected = GENESIS, 1
    for row in session.scalars(select(AuditRow).order_by(AuditRow.seq).execution_options(yield_per=1000)):
        if row.seq != expected or row.previous_hash != previous or row.hash != chain_hash(row):
            return ChainReport(expected - 1, expected)
        previous, expected = row.hash, expected + 1
    head = session.get_one(AuditHead, 1)
    broken = None if (head.seq, head.hash) == (expected - 1, previous) else expected
    return ChainReport(expected - 1, broken)
