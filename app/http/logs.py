"""Structured logs: one JSON line per event, with the request id and never personal data."""

import logging
import re
import sys
from typing import Any

import structlog

_PHONE = re.compile(r"(?<!\d)(?:86)?1[3-9]\d{9}(?!\d)")
_OPENID = re.compile(r"\bo[0-9A-Za-z_-]{27}\b")


def _mask(_logger: Any, _name: str, event: dict[str, Any]) -> dict[str, Any]:
    """The last net: numbers and openids that slipped into a line are masked, whoever logged them and how deep."""
    # What begins with "_" is the formatter's own and is not written.
    return {key: value if key.startswith("_") else _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, dict):
        return {_masked(str(key)): _masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(inner) for inner in value]
    text = value if isinstance(value, str) else repr(value)
    hidden = _OPENID.sub("o***", _PHONE.sub("1**********", text))
    return value if isinstance(value, int) and hidden == text else hidden


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
