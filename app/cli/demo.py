"""flask demo: one county with three townships, for development."""

import click
from flask.cli import AppGroup

from app.program import current_program
from app.unit_of_work import unit_of_work
from services import demo as demo_data

demo = AppGroup("demo", help="Demo data; refused in production.")


@demo.command("load")
def load() -> None:
    """Load the demo county once; a second time changes nothing."""
    program = current_program()
    if program.settings.is_production:
        raise click.ClickException("演示数据只能用于开发环境")
    with unit_of_work(program) as ctx:
        loaded = demo_data.load(ctx)
    click.echo("loaded" if loaded else "already there")


@demo.command("logins")
def log_ins() -> None:
    """Print the demo log-ins."""
    for line in demo_data.list_log_ins():
        click.echo(f"{line['door']}  {line['who']}  {line['how']}")
