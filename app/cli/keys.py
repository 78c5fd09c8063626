"""flask keys: secrets of an installation, and re-sealing after a rotation."""

import click
from flask.cli import AppGroup

from app.program import current_program
from app.settings import new_keys
from app.unit_of_work import unit_of_work
from services import key_rotation

keys = AppGroup("keys", help="Secrets and field keys.")


@keys.command("new")
def new() -> None:
    """Print fresh values for SECRET_KEY and FIELD_KEYS."""
    for name, value in new_keys().items():
        click.echo(f"{name}={value}")


@keys.command("rotate")
@click.option("--batch", default=200, show_default=True)
def rotate(batch: int) -> None:
    """Seal every field again with the first key of FIELD_KEYS; may be interrupted and repeated."""
    program = current_program()
    for column in key_rotation.SEALED:
        total = 0
        while True:
            with unit_of_work(program) as ctx:
                done = key_rotation.reseal(ctx, column, limit=batch)
            total += done
            if done == 0:
                break
        click.echo(f"{column.table.__tablename__}.{column.name}: {total}")
