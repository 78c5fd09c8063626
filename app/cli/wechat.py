"""flask wechat: is the connection to the platform what we think it is?"""

import sys

import click
from flask.cli import AppGroup

from app.cli.wechat_doctor import examine
from app.cli.wechat_manual import STEPS
from app.program import current_program

wechat_group = AppGroup("wechat", help="The WeChat platform.")


@wechat_group.command("doctor")
def doctor() -> None:
    """Check every connected account live; exits with 1 and says what to do where one fails."""
    program = current_program()
    findings = examine(program)
    for finding in findings:
        click.echo(f"{finding.sign} {finding.subject}：{finding.words}")
    ill = any(finding.is_problem for finding in findings)
    if not ill:
        click.echo("✓ 全部正常")
    click.echo("\n以下各项只能用真实账号和真实手机人工确认：")
    for number, step in enumerate(STEPS, 1):
        click.echo(f"  {number}. {step.words}")
    sys.exit(ill)
