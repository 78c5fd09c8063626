"""flask notices: a notice to a deputies' group from a script."""

import json
import sys
import threading
import time

import click
from flask.cli import AppGroup

from app.jobs import run, schedule
from app.program import Program, current_program
from app.unit_of_work import unit_of_work
from services import audiences, campaigns, notices, regions, staff
from services import schedule as schedule_rows
from services.context import Actor
from services.errors import DomainError

notices_group = AppGroup("notices", help="Notices to deputies.")
NOT_FINAL = 3


@notices_group.command("send")
@click.option("--to", "group", required=True, help="代表小组的全名或编号")
@click.option("--title", required=True)
@click.option("--body", required=True)
@click.option("--kind", type=click.Choice(list(notices.KIND_NAMES)), default="bulletin", show_default=True)
@click.option("--urgent", is_flag=True, help="免打扰时段也立即发送")
@click.option("--as", "login", default="", help="署名的工作人员账号；不写则为当地专干或上级代工委")
@click.option("--wait", is_flag=True, help="等到每个人都有结果，再打印一行计数")
@click.option("--timeout", default=1800, show_default=True, help="最多等多少秒")
def send(group: str, title: str, body: str, kind: str, urgent: bool, login: str, wait: bool, timeout: int) -> None:
    """Send a notice to a group; prints one JSON line with its id, and with --wait one with the final counts.

    The rules of the console hold: who may send, quiet hours, the second person above the region's size. A notice
    that does not leave now is not waited for. Ends with 1 where refused, with 3 where the time was too short.
    """
    program = current_program()
    try:
        with unit_of_work(program) as ctx:
            target = audiences.find_group(ctx, group)
            author = staff.find_author(ctx, region=regions.get_region(ctx.session, target.region_id), login=login)
            ctx.actor = author
            draft = notices.create_draft(ctx, notices.NoticeForm(
                kind, title, body, "group", target.id, is_urgent=urgent))
            notice = notices.send(ctx, draft.id)
            people = notices.count_reached(ctx, notice)
    except DomainError as error:
        raise click.ClickException(error.message) from error
    click.echo(json.dumps({"campaign": notice.id, "state": notice.state, "people": people}))
    if wait and notice.state == "sent":
        is_final = _wait(program, author, notice.id, timeout)
        click.echo(json.dumps({"campaign": notice.id, "final": is_final, "counts": _count(program, author, notice.id)}))
        sys.exit(0 if is_final else NOT_FINAL)


def _wait(program: Program, author: Actor, notice_id: int, timeout: int) -> bool:
    """Until every delivery has its final state; where no worker is alive the work is done here."""
    end, rest = time.monotonic() + timeout, threading.Event()
    while True:
        with unit_of_work(program) as ctx:
            is_alone = not schedule_rows.has_live_worker(ctx)
        if is_alone:
            schedule.run_due(program)
            run.drain(program)
        with unit_of_work(program, author) as ctx:
            if campaigns.is_settled(ctx, notice_id):
                return True
        if time.monotonic() >= end:
            return False
        rest.wait(0.5)


def _count(program: Program, author: Actor, notice_id: int) -> dict[str, int]:
    with unit_of_work(program, author) as ctx:
        return campaigns.progress(ctx, notice_id).counts
