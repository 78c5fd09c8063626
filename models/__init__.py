"""Tables and constraints of the deputy home; importing this package knows every table."""

from models import (
    assistant,
    audit,
    checkin,
    comments,
    deputies,
    duties,
    identity,
    media,
    notices,
    outbox,
    points,
    regions,
    stations,
    suggestions,
)
from models.base import Base

__all__ = [
    "Base", "assistant", "audit", "checkin", "comments", "deputies", "duties", "identity", "media", "notices",
    "outbox", "points", "regions", "stations",
    "suggestions",
]
