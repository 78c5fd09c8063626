"""The audit trail: every state-changing service adds rows to a hash chain in its own transaction.

A chain has one end, and writers of one chain take turns until they commit. So there are several chains, and a
writer takes any that is free; each is gapless and whole by itself, and together they hold every row.
"""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import UTC
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from models.audit import AuditHead, AuditRow
from services.context import Context

GENESIS = "0" * 64
CHAINS = 32
_FREE_HEAD = (select(AuditHead.id, AuditHead.seq, AuditHead.hash).order_by(AuditHead.id).limit(1)
              .with_for_update(skip_locked=True))
#: Every chain is busy: wait for one of them, not all for the same.
_ANY_HEAD = select(AuditHead.id, AuditHead.seq, AuditHead.hash).where(
    AuditHead.id == bindparam("chain")).with_for_update()
_APPEND = insert(cast(Table, AuditRow.__table__))
_ADVANCE = (update(cast(Table, AuditHead.__table__)).where(AuditHead.id == bindparam("head"))
            .values(seq=bindparam("new_seq"), hash=bindparam("new_hash")))
#: One row and its chain's new end in one statement, where the database can.
_APPEND_AND_ADVANCE = _APPEND.add_cte(_ADVANCE.cte("advanced"))
_COLUMNS = ("chain", "seq", "at", "actor", "action", "subject", "region_id", "changes", "request_id", "previous_hash",
            "hash")


def record(ctx: Context, action: str, subject: str, changes: dict[str, Any] | None = None,
           *, region_id: int | None = None) -> None:
    """Note who did what to what; `subject` reads `opinion:12`, `changes` holds no personal data.

    The rows join a chain in `seal`, as the transaction's last step: a chain's head is one locked row, and
    taking it last keeps it short and cannot deadlock with the locks of the work itself.
    """
    ctx.audit_rows.append(AuditRow(
        at=ctx.now, actor=ctx.actor.key, action=action, subject=subject, region_id=region_id, changes=changes or {},
        request_id=ctx.request_id))


def seal(ctx: Context) -> None:
    """Append the noted rows to a free chain; called once, right before the commit."""
    if not ctx.audit_rows:
        return
    ctx.session.flush()
    connection = ctx.session.connection()
    head = connection.execute(_FREE_HEAD).first()
    if head is None:
        head = connection.execute(_ANY_HEAD, {"chain": 1 + secrets.randbelow(CHAINS)}).one()
    chain, seq, previous = head
    for row in ctx.audit_rows:
        seq += 1
        row.chain, row.seq, row.previous_hash = chain, seq, previous
        row.hash = previous = chain_hash(row)
    rows = [{name: getattr(row, name) for name in _COLUMNS} for row in ctx.audit_rows]
    advance = {"head": chain, "new_seq": seq, "new_hash": previous}
    if len(rows) == 1 and connection.dialect.name == "postgresql":
        connection.execute(_APPEND_AND_ADVANCE, rows[0] | advance)
    else:
        # One row, the usual case, is cheaper said plainly than as a batch.
        connection.execute(_APPEND, rows if len(rows) > 1 else rows[0])
        connection.execute(_ADVANCE, advance)
    ctx.audit_rows.clear()


def chain_hash(row: AuditRow) -> str:
    """SHA-256 over the previous hash and the row's canonical JSON."""
    body = json.dumps(
        [row.chain, row.seq, row.at.astimezone(UTC).isoformat(), row.actor, row.action, row.subject, row.region_id,
         row.changes, row.request_id],
        ensure_ascii=False, sort_keys=True, separators=(",", ":"),
    )
    return hashlib.sha256(f"{row.previous_hash}{body}".encode()).hexdigest()


@dataclass(frozen=True)
class ChainReport:
    rows: int
    #: Chain and number of the first row that does not fit, "3:17", or None.
    broken_at: str | None


def verify_chain(session: Session) -> ChainReport:
    """Walk every chain: hashes, numbers without gaps, and the head each must end at."""
    total = 0
    strays = session.scalar(select(AuditRow.chain).where(AuditRow.chain.not_in(range(1, CHAINS + 1))).limit(1))
    if strays is not None:
        return ChainReport(total, f"{strays}:1")
    for chain in range(1, CHAINS + 1):
        rows, broken_at = _walk(session, chain)
        total += rows
        if broken_at is not None:
            return ChainReport(total, f"{chain}:{broken_at}")
    return ChainReport(total, None)


def _walk(session: Session, chain: int) -> tuple[int, int | None]:
    """Rows that fit, and the number of the first that does not.

    One statement, so one snapshot: the rows and the head they must end at, also while others write.
    """
    previous, expected, end = GENESIS, 1, None
    query = (select(AuditRow, AuditHead.seq, AuditHead.hash)
             .outerjoin(AuditHead, AuditHead.id == AuditRow.chain)
             .where(AuditRow.chain == chain).order_by(AuditRow.seq))
    with session.execute(query.execution_options(yield_per=1000)) as found:
        for row, head_seq, head_hash in found:
            if row.seq != expected or row.previous_hash != previous or row.hash != chain_hash(row):
                return expected - 1, expected
            previous, expected, end = row.hash, expected + 1, (head_seq, head_hash)
    if end is None:
        end = _head_of_empty(session, chain)
    return expected - 1, None if end == (expected - 1, previous) else expected


def _head_of_empty(session: Session, chain: int) -> tuple[int, str] | None:
    """The head of a chain without rows; a first row may have come meanwhile, which the next walk sees."""
    head = session.execute(
        select(AuditHead.seq, AuditHead.hash).where(
            AuditHead.id == chain, ~select(AuditRow.id).where(AuditRow.chain == chain).exists())).first()
    if head is not None:
        return head.seq, head.hash
    has_rows = session.scalar(select(AuditRow.id).where(AuditRow.chain == chain).limit(1)) is not None
    return (0, GENESIS) if has_rows else None
