"""flask retention: what is over now, and acting on it before the night's run does."""

import click
from flask.cli import AppGroup

from app.jobs.retention import RetentionFailed, run_retention
from app.program import current_program
from app.unit_of_work import unit_of_work
from services import retention
from services.rules.retention import ENDING, FATE_NAMES, period

retention_group = AppGroup("retention", help="How long things are kept.")


@retention_group.command("preview")
def preview() -> None:
    """Print every line of the table with what is over now; changes nothing."""
    with unit_of_work(current_program()) as ctx:
        due = retention.count_due(ctx)
    for rule in ENDING:
        click.echo(f"{due[rule.name]:>8}  {rule.name}: {rule.what}，{period(rule)}{FATE_NAMES[rule.fate]}")


@retention_group.command("run")
def run() -> None:
    """Act on what is over; may be interrupted, repeated, and run beside the worker."""
    try:
        counts = run_retention(current_program())
    except RetentionFailed as error:
        raise click.ClickException(f"没有处理成：{error}") from error
    for name, count in counts.items():
        if count:
            click.echo(f"{count:>8}  {name}")
    click.echo(f"共处理 {sum(counts.values())}")
