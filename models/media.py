"""Files: what was taken in after the checks, and where its bytes are (附件)."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Code, Digest, Key, key_to, one_of


class MediaFile(Base):
    __tablename__ = "media_files"
    __table_args__ = (CheckConstraint(one_of("purpose", "opinion", "duty"), "purpose"),)

    id: Mapped[Key]
    account_id: Mapped[int] = key_to("accounts.id")
    purpose: Mapped[Code]
    #: Of the re-encoded picture, which carries no EXIF.
    sha256: Mapped[Digest]
    content_type: Mapped[Code]
    size: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    storage_key: Mapped[str]
    created_at: Mapped[datetime]
    #: Set when an opinion or a duty takes it; a loose file is deleted after a day.
    attached_at: Mapped[datetime | None] = mapped_column(index=True)
