"""flask audit: is the chain whole?"""

import sys

import click
from flask.cli import AppGroup

from app.program import current_program
from app.unit_of_work import unit_of_work
from services import audit

audit_group = AppGroup("audit", help="The audit chain.")


@audit_group.command("verify")
def verify() -> None:
    """Walk the whole chain; exits with 1 where it is broken."""
    with unit_of_work(current_program()) as ctx:
        report = audit.verify_chain(ctx.session)
    click.echo(f"{report.rows} rows, " + ("whole" if report.broken_at is None else f"broken at {report.broken_at}"))
    sys.exit(report.broken_at is not None)
