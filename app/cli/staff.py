"""flask staff: the first administrator, who makes the others in the console."""

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.program import current_program
from app.unit_of_work import unit_of_work
from models.regions import Region
from services import staff
from services.rules.permissions import ROLE_NAMES

staff_group = AppGroup("staff", help="Staff accounts.")


@staff_group.command("create")
@click.argument("login")
@click.option("--name", prompt="姓名")
@click.option("--role", type=click.Choice(list(ROLE_NAMES)), prompt="角色")
@click.option("--region", "region_code", prompt="地区代码")
@click.password_option()
def create(login: str, name: str, role: str, region_code: str, password: str) -> None:
    """Create a member of staff; prints the secret for the authenticator once."""
    with unit_of_work(current_program()) as ctx:
        region = ctx.session.scalars(select(Region).where(Region.code == region_code)).one()
        _row, secret = staff.create_staff(ctx, login=login, name=name, role=role, region=region, password=password)
    click.echo(f"动态验证密钥（只显示这一次）：{secret}")
