"""flask outbox: what waits, what was given up, and giving it a fresh start."""

import click
from flask.cli import AppGroup

from app.jobs import run
from app.program import current_program
from app.unit_of_work import unit_of_work
from services import outbox

outbox_group = AppGroup("outbox", help="Background work.")


@outbox_group.command("status")
def status() -> None:
    """Print waiting and abandoned messages."""
    with unit_of_work(current_program()) as ctx:
        found = outbox.backlog(ctx.session, ctx.now)
    click.echo(f"pending {found.pending}, dead {found.dead}, oldest waits {found.oldest_seconds:.0f} s")


@outbox_group.command("revive")
def revive() -> None:
    """Queue abandoned messages again."""
    with unit_of_work(current_program()) as ctx:
        click.echo(outbox.revive_dead(ctx.session, ctx.now))


@outbox_group.command("drain")
def drain() -> None:
    """Run what is due now, in this process."""
    click.echo(run.drain(current_program()))
