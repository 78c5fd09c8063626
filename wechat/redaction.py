"""Keeps secrets out of text that people and log stores will read."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

_PARAMETERS = re.compile(r"((?:access_token|secret|js_code|code|openid|ticket|key)=)[^&\s\"']+", re.IGNORECASE)
_HIDDEN = "***"
#: urllib3 writes the whole request line, query included, at DEBUG.
_NOISY_LOGGERS = ("urllib3.connectionpool", "urllib3.util.retry", "urllib3.poolmanager")


def redact(text: str, literals: Iterable[str] = ()) -> str:
    """`text` without the given literals and without the values of secret query parameters."""
    for literal in literals:
        if literal:
            text = text.replace(literal, _HIDDEN)
    return _PARAMETERS.sub(rf"\1{_HIDDEN}", text)


class QueryRedactor(logging.Filter):
    """Rewrites a record so that no secret query parameter leaves the logger."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, redacted."""
        record.msg = redact(record.getMessage())
        record.args = None
        return True


def silence_transport_loggers() -> None:
    """Install the redactor once on the loggers that would print our URLs."""
    for name in _NOISY_LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, QueryRedactor) for one in logger.filters):
            logger.addFilter(QueryRedactor())
