"""Tables and constraints of the deputy home; importing this package knows every table."""

from models import (
    activities,
    assistant,
    audit,
    ballots,
    checkin,
    comments,
    deputies,
    duties,
    identity,
    media,
    notices,
    number_series,
    outbox,
    points,
    projects,
    regions,
    stations,
    suggestions,
)
from models.base import Base

__all__ = [
    "Base", "activities", "assistant", "audit", "ballots", "checkin", "comments", "deputies", "duties", "identity",
    "media", "notices", "number_series", "outbox", "points", "projects", "regions", "stations", "suggestions",
]
