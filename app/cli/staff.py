"""flask staff: the first administrator, who makes the others in the console."""

import click
from flask.cli import AppGroup

from app.program import current_program
from app.unit_of_work import unit_of_work
from services import regions, staff
from services.errors import DomainError
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
    try:
        with unit_of_work(current_program()) as ctx:
            region = regions.find_by_code(ctx.session, region_code)
            _row, secret = staff.create_staff(ctx, login=login, name=name, role=role, region=region, password=password)
    except DomainError as error:
        reasons = "；".join(f"{field}：{sentence}" for field, sentence in error.fields.items())
        raise click.ClickException(f"{error.message}{reasons}") from error
    click.echo(f"动态验证密钥（只显示这一次）：{secret}")
