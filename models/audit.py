"""Who did what: a hash-chained, append-only record (审计)."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Digest, Key, key_to


class AuditRow(Base):
    __tablename__ = "audit_rows"
    __table_args__ = (UniqueConstraint("chain", "seq"),)

    id: Mapped[Key]
    #: Which of the parallel chains the row is part of.
    chain: Mapped[int]
    #: 1, 2, 3 … without a gap in its chain: a missing number is a removed row.
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
    """The end of one chain, locked while rows are added; a writer takes any chain that is free."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int]
    hash: Mapped[Digest]
