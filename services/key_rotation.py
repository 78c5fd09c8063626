"""Re-sealing encrypted fields with the newest key, a batch at a time."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from models.base import Base
from models.deputies import Person, RosterImport
from models.identity import Account, Staff
from models.outbox import InboxMessage
from services.context import Context


@dataclass(frozen=True)
class SealedColumn:
    """A column of sealed text and the purpose it is bound to."""

    table: type[Base]
    name: str
    purpose: str


#: Idempotency answers are not here: they live a day.
SEALED = (
    SealedColumn(Person, "phone_cipher", "phone"),
    SealedColumn(Account, "phone_cipher", "phone"),
    SealedColumn(Staff, "totp_cipher", "staff.totp"),
    SealedColumn(RosterImport, "rows_cipher", "roster.rows"),
    SealedColumn(InboxMessage, "body_cipher", "inbox.body"),
)


def reseal(ctx: Context, column: SealedColumn, *, limit: int) -> int:
    """Seal up to `limit` rows again that another key sealed; returns how many were left to do."""
    cipher = ctx.gateways.cipher
    table: Any = column.table
    field = getattr(table, column.name)
    current = f"v1.{cipher.current_key_id}."
    rows = ctx.session.execute(
        select(table.id, field).where(field.is_not(None), field != "", ~field.startswith(current, autoescape=True))
        .order_by(table.id).limit(limit).with_for_update()).all()
    for row_id, sealed in rows:
        fresh = cipher.seal(cipher.open(sealed, column.purpose), column.purpose)
        ctx.session.execute(update(table).where(table.id == row_id).values({column.name: fresh}))
    return len(rows)
