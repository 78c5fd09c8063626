"""flask regions, flask points: what an installation needs before its first clerk signs in."""

import csv
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from app.program import current_program
from app.unit_of_work import unit_of_work
from services import points, regions
from services.errors import DomainError

regions_group = AppGroup("regions", help="The tree of regions.")
points_group = AppGroup("points", help="Rule tables of duty points.")


@regions_group.command("load")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(path: Path) -> None:
    """Load a CSV with the columns code,name,level,parent_code, regions above first; may be repeated."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"code", "name", "level", "parent_code"} - set(reader.fieldnames or ())
        if missing:
            raise click.ClickException(f"缺少列：{'、'.join(sorted(missing))}")
        rows = [regions.RegionRow(*(line[name].strip() for name in ("code", "name", "level", "parent_code")))
                for line in reader]
    try:
        with unit_of_work(current_program()) as ctx:
            made = regions.load_tree(ctx, rows)
    except DomainError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"新增 {made} 个地区，共 {len(rows)} 行")


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
