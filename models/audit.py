"""Who did what: a hash-chained, append-only record (审计)."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Digest, Key, key_to


class AuditRow(Base):
    __tablename__ = "audit_rows"
    __table_args__ = (UniqueConstraint("seq"),)

    id: Mapped[Key]
    #: 1, 2, 3 … without a gap: a missing number is a removed row.
    seq: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    #: "staff:3", "account:17" or "system".
    actor: Mapped[Code] = mapped_column(index=True)
    action: Mapped[Code] = mapped_column(index=True)
    subject: Mapped[Code] = mapped_column(index=True)
    region_id: Mapped[int | None] = key_to("regions.id", nullable=True)
    changes: Mapped[dict[str, Any]]
    request_id: Mapped[Code]
    previous_hash: Mapped[Digest]
    hash: Mapped[Digest]


class AuditHead(Base):
    """The end of the chain, locked while a row is added."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    hash: Mapped[Digest]
