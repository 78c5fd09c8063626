"""The one kind of clock this package accepts: a callable that returns an aware UTC datetime."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The real time, aware and in UTC."""
    return datetime.now(UTC)
