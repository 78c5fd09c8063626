"""Looking at every connected account of the platform: does it work, and if not, who must do what?"""

import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import redis
import urllib3

from app.program import Program
from app.settings import Settings
from app.wiring import Accounts, account_configs, connect_accounts, platform_transport, wecom_config
from wechat.config import AccountConfig
from wechat.crypto import sign
from wechat.errors import WeChatError, WeChatUnreachable
from wechat.sandbox.detection import is_sandbox
from wechat.template_library import NeededTemplate, find_gaps
from wechat.token_store import MemoryTokenStore
from wechat.tokens import TokenProvider
from wechat.transport import Transport

#: What services.pushes fills in; empty where only the template itself is looked for.
NEEDED: Mapping[str, tuple[str, frozenset[str]]] = {
    "WECHAT_TEMPLATE_NOTICE": ("notice_template", frozenset({"thing1", "thing2", "time3", "thing4"})),
    "WECHAT_TEMPLATE_OPINION": ("opinion_template", frozenset({"character_string1", "phrase2", "thing3", "time4"})),
    "WECHAT_TEMPLATE_RECEPTION": ("reception_template", frozenset()),
}
SUBSCRIBE_SEND = "/cgi-bin/message/subscribe/send"
_APPID, _SECRET = re.compile(r"wx[0-9a-f]{16}"), re.compile(r"[0-9a-f]{32}")
_IP = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_ADVICE: Mapping[int, str] = {
    40001: "Secret 不对，请在平台后台重置后更新", 40013: "AppID 不对", 40125: "Secret 不对，请在平台后台重置后更新",
    40164: "服务器IP不在白名单内，请在平台后台添加", 61004: "服务器IP不在白名单内，请在平台后台添加",
    60020: "服务器IP不在应用的可信IP内，请在企业微信后台添加", 40243: "Secret 已被冻结，请在平台后台解冻",
    48001: "账号没有这个接口的权限", 301002: "WECOM_AGENT_ID 与 Secret 不是同一个应用",
    40234: "API安全签名不对：私钥与后台的应用公钥不是一对", 40235: "API安全密文不对：对称密钥或编号与后台不一致",
    40240: "服务器时间不准，请校时",
}


@dataclass(frozen=True)
class Finding:
    """One line of the report. `is_problem` makes the command fail."""

    subject: str
    words: str
    is_problem: bool = False
    is_notice: bool = False

    @property
    def sign(self) -> str:
        return "✗" if self.is_problem else "!" if self.is_notice else "✓"


def examine(program: Program) -> list[Finding]:
    """Everything that can be looked at from here."""
    settings = program.settings
    configs = account_configs(settings)
    accounts = connect_accounts(settings, configs, program.redis, clock=program.clock)
    findings = [*_redis(program.redis), *_home(settings), *_connected(settings)]
    transport = platform_transport(settings)
    for door, config in configs.items():
        findings += _form(settings, door, config)
        reached = list(_token(door, config, transport))
        findings += reached
        if not any(finding.is_problem for finding in reached):
            findings += _account(settings, accounts, door, is_sealed=config.api_security is not None)
        findings += _callback(program, door, config)
    return findings + list(_wecom(settings, accounts))


def _redis(store: "redis.Redis") -> Iterator[Finding]:
    try:
        store.ping()
    except redis.RedisError:
        yield Finding("Redis", "连不上，请检查 REDIS_URL", is_problem=True)


def _home(settings: Settings) -> Iterator[Finding]:
    """The address people and the platform use, with its certificate, as seen from here."""
    subject, base = "PUBLIC_BASE_URL", settings.public_base_url
    if not re.fullmatch(r"https://[^/:]+(:443)?", base):
        yield Finding(subject, f"{base} 不是443端口的 https 地址，微信不会访问", is_problem=settings.is_production,
                      is_notice=True)
    try:
        answer = _get(f"{base}/healthz")
    except urllib3.exceptions.SSLError:
        yield Finding(subject, f"{base} 的证书不被信任，请检查证书链和域名", is_problem=True)
    except urllib3.exceptions.HTTPError:
        yield Finding(subject, f"从本机访问不到 {base}，请检查域名解析、端口和反向代理",
                      is_problem=settings.is_production, is_notice=True)
    else:
        good = answer.status == 200
        yield Finding(subject, f"{base} 可以访问" if good else f"{base}/healthz 回答 {answer.status}",
                      is_problem=not good)


def _connected(settings: Settings) -> Iterator[Finding]:
    for subject, app in (("mini", settings.mini), ("oa", settings.official)):
        if not app.is_configured:
            yield Finding(subject, "未配置 AppID 和 Secret", is_problem=True)
    for county in settings.counties:
        if not (county.mini.is_configured or county.official.is_configured):
            yield Finding(county.name, "WECHAT_ACCOUNTS 中有这个名称，但没有配置任何账号", is_problem=True)


def _form(settings: Settings, door: str, config: AccountConfig) -> Iterator[Finding]:
    """What can be told of the credentials without asking anybody."""
    if any(is_sandbox(base) for base in settings.wechat_api_bases):
        yield Finding(door, "连接的是开发替身", is_notice=True)
    elif not _APPID.fullmatch(config.appid) or not _SECRET.fullmatch(config.secret):
        yield Finding(door, "AppID 应为 wx 加16位、Secret 应为32位的小写十六进制数，请核对是否抄错", is_notice=True)
    if not config.token or not config.aes_keys:
        yield Finding(door, "未配置消息推送的 Token 和 EncodingAESKey", is_problem=True)


def _token(door: str, config: AccountConfig, transport: Transport) -> Iterator[Finding]:
    """A token of its own, not the shared one: what is looked at is the connection, not the cache."""

    def fetch() -> str:
        TokenProvider(MemoryTokenStore()).obtain(config, transport)
        return "可以取得"

    yield _try(door, "access_token", fetch)


def _account(settings: Settings, accounts: Accounts, door: str, *, is_sealed: bool) -> Iterator[Finding]:
    mini, official = accounts.minis.get(door), accounts.officials.get(door)
    if mini is not None:
        # A sealed call: it also proves the keys of API security, both ways.
        subject = "API安全的签名和加密双向正确，今日配额" if is_sealed else "今日配额"
        yield _try(door, subject, lambda: f"订阅消息还可发送 {mini.get_quota(SUBSCRIBE_SEND).left} 条",
                   is_vital=is_sealed)
    if door == "mini":
        yield from _templates(settings, accounts)
    if official is not None:
        yield _try(door, "平台到本站的网络", lambda: _show_network(accounts, door), is_vital=False)


def _show_network(accounts: Accounts, door: str) -> str:
    report = accounts.officials[door].check_network()
    lossy = f"，其中 {'、'.join(report.lossy)} 丢包" if report.lossy else "，无丢包"
    return f"解析到 {'、'.join(report.addresses) or '（无）'}{lossy}"


def _templates(settings: Settings, accounts: Accounts) -> Iterator[Finding]:
    """Every configured template is in the account and has exactly the fields the product fills in."""
    try:
        held = accounts.minis["mini"].list_templates()
    except WeChatError as error:
        yield Finding("mini", f"模板列表取不到（{error}）", is_problem=True)
        return
    fields = {template.id: frozenset(field.name for field in template.fields) for template in held}
    ids = {name: getattr(settings, attribute) for name, (attribute, _) in NEEDED.items()}
    needed = [NeededTemplate(name, ids[name], filled or fields.get(ids[name], frozenset()))
              for name, (_, filled) in NEEDED.items()]
    gaps = find_gaps(needed, held)
    for gap in gaps:
        if gap.reason == "absent":
            yield Finding("mini", f"{gap.name} 的模板 {ids[gap.name] or '（空）'} 不在账号里", is_problem=True)
        else:
            which = "缺少字段" if gap.reason == "missing" else "多出字段"
            yield Finding("mini", f"{gap.name} 的模板{which} {'、'.join(gap.fields)}，请在后台重新选用关键词",
                          is_problem=True)
    if not gaps:
        yield Finding("mini", f"{len(needed)} 个消息模板齐全，字段与程序一致")


def _callback(program: Program, door: str, config: AccountConfig) -> Iterator[Finding]:
    """Our address answers a challenge signed as the platform signs it, from outside in."""
    if not config.token or not config.aes_keys:
        return
    timestamp, nonce, echo = str(int(program.clock().timestamp())), secrets.token_hex(8), secrets.token_hex(8)
    query = {"signature": sign(config.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce, "echostr": echo}
    address = f"{program.settings.public_base_url}/wechat/callback/{door}"
    is_production = program.settings.is_production
    try:
        answer = _get(f"{address}?{urlencode(query)}")
    except urllib3.exceptions.HTTPError:
        yield Finding(door, f"回调地址 {address} 访问不到", is_problem=is_production, is_notice=True)
        return
    if answer.status == 200 and answer.data.decode("utf-8", "replace") == echo:
        yield Finding(door, f"回调地址 {address} 应答正确")
    else:
        yield Finding(door, f"回调地址 {address} 应答 {answer.status}，请核对 Token、服务器时间和反向代理",
                      is_problem=True)


def _wecom(settings: Settings, accounts: Accounts) -> Iterator[Finding]:
    config, wecom = wecom_config(settings), accounts.wecom
    if config is not None and wecom is not None:
        if is_sandbox(settings.wecom.api_base):
            yield Finding("企业微信", "连接的是开发替身", is_notice=True)
        yield _try("企业微信", "应用", lambda: wecom.get_name() or "可以使用")
    if accounts.robots:
        yield Finding("企业微信", f"已配置 {len(accounts.robots)} 个群机器人，只有真的发消息才能确认", is_notice=True)


def _try(subject: str, what: str, look: Callable[[], str], *, is_vital: bool = True) -> Finding:
    try:
        return Finding(subject, f"{what}：{look()}")
    except WeChatError as error:
        return Finding(subject, f"{what}：{_advise(error)}（{error}）", is_problem=is_vital, is_notice=True)


def _advise(error: WeChatError) -> str:
    """What to do about it; with the address the platform saw, where it does not know it."""
    if isinstance(error, WeChatUnreachable):
        return "连不上平台，请检查出口网络、代理和证书设置"
    seen = _IP.search(error.message) if error.code in (40164, 60020, 61004) else None
    advice = _ADVICE.get(error.code or 0, "请按平台的错误码说明处理")
    return f"{advice}：{seen[0]}" if seen else advice


def _get(address: str) -> urllib3.BaseHTTPResponse:
    pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=5, read=10))
    return pool.request("GET", address, redirect=False)
