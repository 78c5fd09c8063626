"""flask db: migrations."""

import click
from flask.cli import AppGroup

from app.program import current_program
from models import migrate

db = AppGroup("db", help="Database migrations.")


@db.command("upgrade")
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database to a revision (head)."""
    migrate.upgrade(current_program().engine, revision)


@db.command("downgrade")
@click.argument("revision", default="-1")
def downgrade(revision: str) -> None:
    """Take the database back (one step)."""
    migrate.downgrade(current_program().engine, revision)


@db.command("check")
def check() -> None:
    """Fail when the models have drifted from the migrations."""
    migrate.check(current_program().engine)


@db.command("revise")
@click.argument("number")
@click.argument("message")
def revise(number: str, message: str) -> None:
    """Write the next migration from what changed in the models."""
    migrate.revise(current_program().engine, message, number)
