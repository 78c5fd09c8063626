"""flask points: install a rule table, try it out, and compute the account book again."""

import json
import sys
from datetime import datetime
from typing import BinaryIO

import click
from flask.cli import AppGroup

from app.program import current_program
from app.unit_of_work import unit_of_work
from services import point_rebuild, points, regions
from services.errors import DomainError
from services.rules import point_simulation
from services.rules.point_table import plain

points_group = AppGroup("points", help="Rule tables of duty points and the account book.")
BAD_INPUT = 2


@points_group.command("install")
@click.argument("region_code")
@click.argument("version")
@click.option("--from", "effective_on", type=click.DateTime(["%Y-%m-%d"]), required=True, help="生效日期")
def install(region_code: str, version: str, effective_on: datetime) -> None:
    """Enter the default rule table (42 items) for a region; those below inherit it."""
    try:
        with unit_of_work(current_program()) as ctx:
            points.install_default_rules(ctx, regions.find_by_code(ctx.session, region_code), version=version,
                                         effective_on=effective_on.date())
    except DomainError as error:
        raise click.ClickException(error.message) from error
    click.echo("已录入")


@points_group.command("simulate")
@click.argument("file", type=click.File("rb"), default="-")
def simulate(file: BinaryIO) -> None:
    """Print the year of acts read as JSON lines by the default table; touches no data, exits with 2 on a bad line."""
    try:
        found = point_simulation.simulate(file.read().decode("utf-8-sig").split("\n"))
    except UnicodeDecodeError:
        click.echo("输入不是 UTF-8 文字，请另存为 UTF-8 后再试。", err=True)
        sys.exit(BAD_INPUT)
    except point_simulation.BadLine as error:
        click.echo(str(error), err=True)
        sys.exit(BAD_INPUT)
    click.echo(json.dumps(found, ensure_ascii=False))


@points_group.command("rebuild")
@click.option("--check", "is_check", is_flag=True, help="只核对，不补记")
def rebuild(is_check: bool) -> None:
    """Compute every total again from the ledger and tell the differences; without --check, enter what levels them.

    With --check it exits with 1 on any difference.
    """
    report = point_rebuild.Report()
    with unit_of_work(current_program()) as ctx:
        for year in point_rebuild.walk(ctx.session, report):
            for found in year.differences:
                click.echo(f"mandate {year.mandate_id} {year.year}: entry {found.act_id} {found.code} "
                           f"posted {plain(found.posted)}, due {plain(found.due)}")
        if not is_check:
            point_rebuild.level(ctx, report)
    click.echo(f"{report.entries} entries, {report.totals} totals, {report.differences} differences")
    sys.exit(is_check and report.differences > 0)
