"""The staff console /console: a module per stem, rendered on the server, usable without script."""

from flask import Flask


def register_console(app: Flask) -> None:
    """Register every module's blueprint."""
