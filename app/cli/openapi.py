"""flask openapi: write the API's description, for the mini-program's typed client and for review."""

import json
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext


@click.command("openapi")
@click.argument("path", type=click.Path(path_type=Path), default=Path("docs/openapi.json"))
@with_appcontext
def openapi(path: Path) -> None:
    """Write docs/openapi.json from the code."""
    text = json.dumps(current_app.spec, ensure_ascii=False, indent=1, sort_keys=True)  # type: ignore[attr-defined]
    path.write_text(text + "\n", encoding="utf-8")
