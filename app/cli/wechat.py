"""flask wechat: is the connection to the platform what we think it is?"""

import sys

import click
import redis
from flask.cli import AppGroup

from app.program import current_program
from app.wiring import account_config
from services.errors import DomainError
from wechat.errors import WeChatError
from wechat.sandbox.detection import is_sandbox
from wechat.token_store import MemoryTokenStore
from wechat.tokens import TokenProvider
from wechat.transport import Transport

wechat_group = AppGroup("wechat", help="The WeChat platform.")


@wechat_group.command("doctor")
def doctor() -> None:
    """Check credentials, token, templates and Redis; exits with 1 and says what to do where one fails."""
    program = current_program()
    problems = [line for kind in ("mini", "oa") for line in _account_problems(kind)]
    problems += _template_problems()
    try:
        program.redis.ping()
    except redis.RedisError:
        problems.append("Redis 连不上：请检查 REDIS_URL")
    for line in problems:
        click.echo(f"✗ {line}")
    if not problems:
        click.echo("✓ 全部正常")
    sys.exit(bool(problems))


def _account_problems(kind: str) -> list[str]:
    settings = current_program().settings
    config = account_config(settings, kind)
    if config is None:
        return [f"{kind}：未配置 AppID 和 Secret"]
    problems = []
    if any(is_sandbox(base) for base in settings.wechat_api_bases):
        click.echo(f"! {kind}：连接的是开发替身")
    if not config.token or not config.aes_keys:
        problems.append(f"{kind}：未配置消息推送的 Token 和 EncodingAESKey")
    try:
        TokenProvider(MemoryTokenStore()).obtain(config, Transport(config.api_bases))
    except WeChatError as error:
        problems.append(f"{kind}：取不到 access_token（{error}）。40125 检查 Secret，40164/61004 检查 IP 白名单")
    return problems


def _template_problems() -> list[str]:
    program = current_program()
    try:
        known = {row.id for row in program.gateways.messenger.list_templates()}
    except DomainError:
        return ["模板列表取不到"]
    names = {"WECHAT_TEMPLATE_NOTICE": program.settings.notice_template,
             "WECHAT_TEMPLATE_OPINION": program.settings.opinion_template,
             "WECHAT_TEMPLATE_RECEPTION": program.settings.reception_template}
    return [f"{name} 的模板 {value or '（空）'} 不在账号里" for name, value in names.items() if value not in known]
