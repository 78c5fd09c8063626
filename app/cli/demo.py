"""flask demo: one county with three townships, for development."""

import json
from typing import Any

import click
import urllib3
from flask.cli import AppGroup

from app.program import current_program
from app.unit_of_work import unit_of_work
from models import migrate
from services import demo as demo_data
from services import subscriptions

demo = AppGroup("demo", help="Demo data; refused in production.")


@demo.command("start")
@click.pass_context
def start(context: click.Context) -> None:
    """All that a development start needs, in one process: migrate, load, connect."""
    migrate.upgrade(current_program().engine)
    context.invoke(load)
    context.invoke(connect)


@demo.command("load")
def load() -> None:
    """Load the demo county once; a second time changes nothing."""
    program = current_program()
    if program.settings.is_production:
        raise click.ClickException("演示数据只能用于开发环境")
    with unit_of_work(program) as ctx:
        loaded = demo_data.load(ctx)
    click.echo("loaded" if loaded else "already there")


@demo.command("connect")
def connect() -> None:
    """Give the demo people their phones in the platform's stand-in; it forgets them when it stops."""
    program = current_program()
    base = program.settings.wechat_api_bases[0]
    template = program.program_settings.notice_template
    with unit_of_work(program) as ctx:
        people = demo_data.list_phones(ctx)
    for number, (phone, name, subscribes) in enumerate(people):
        user = _ask(base, "/sandbox/users", {"name": name, "phone": phone})
        if subscribes:
            _ask(base, "/sandbox/subscriptions",
                 {"openid": user["openid_mini"], "template_id": template, "accept": True})
        with unit_of_work(program) as ctx:
            if number == 0:
                subscriptions.sync_templates(ctx)
            demo_data.bind_phone(ctx, phone=phone, openid=user["openid_mini"], subscribes=subscribes)
    click.echo(f"{len(people)} phones")


def _ask(base: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = urllib3.request("POST", base + path, json=body, timeout=5)
    if answer.status >= 300:
        raise click.ClickException(f"{path}: {answer.status}")
    found: dict[str, Any] = json.loads(answer.data or b"{}")
    return found



@demo.command("logins")
def log_ins() -> None:
    """Print the demo log-ins with the authenticator's code of the moment."""
    for line in demo_data.list_log_ins():
        click.echo(f"{line['door']}  {line['who']}  {line['how']}")
