"""Structured logs: one JSON line per event, with the request id and never personal data."""

import logging
import re
import sys
from typing import Any

import structlog

_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_OPENID = re.compile(r"\bo[0-9A-Za-z_-]{27}\b")


def _mask(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """The last net: numbers and openids that slipped into a text are masked, whoever logged them."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = _OPENID.sub("o***", _PHONE.sub("1**********", value))
    return event


def configure_logs(level: str) -> None:
    shared: list[Any] = [
        structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name, structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.format_exc_info, _mask,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(ensure_ascii=False)])
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("werkzeug").setLevel("WARNING")
    logging.getLogger("dramatiq").setLevel("WARNING")
