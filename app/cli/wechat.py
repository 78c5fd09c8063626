"""flask wechat: is the connection to the platform what we think it is, and will it take these fields?"""

import json
import sys

import click
from flask.cli import AppGroup

from app.cli.wechat_doctor import examine
from app.cli.wechat_manual import STEPS
from app.program import current_program
from services.rules.sentences import SENTENCES
from wechat.fields import refusal_of

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


REFUSALS = {"empty": "不能为空", "too_long": "超过这类字段的长度上限", "format": "格式不对",
            "characters": "有这类字段不接受的字符", "not_text": "应当是文字", "unknown_kind": "平台没有这类字段"}


@wechat_group.command("check-fields")
def check_fields() -> None:
    """Why the platform would refuse the fields of a message: JSON lines in, JSON lines out; ends with 2 on a bad line.

    Each key comes back with null or with the reason, a code and its words.
    """
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if not line.strip():
            continue
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            click.echo(f"第{number}行：{SENTENCES['line_not_an_object']}", err=True)
            sys.exit(2)
        reasons = {name: refusal_of(name, value) for name, value in fields.items()}
        click.echo(json.dumps({name: reason and f"{reason}：{REFUSALS[reason]}" for name, reason in reasons.items()},
                              ensure_ascii=False))
