"""flask regions: the tree an installation needs before its first clerk signs in."""

import csv
from pathlib import Path

import click
from flask.cli import AppGroup

from app.program import current_program
from app.unit_of_work import unit_of_work
from services import regions
from services.errors import DomainError

regions_group = AppGroup("regions", help="The tree of regions.")


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
