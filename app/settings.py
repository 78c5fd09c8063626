"""One typed, immutable settings object, read once from the environment; it refuses to start wrong.

Every name read here stands in `.env.example`; a test compares the two.
"""

import base64
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from services.field_encryption import FieldCipher, FieldKeyError

ROOT = Path(__file__).resolve().parent.parent
PLATFORM = "https://api.weixin.qq.com"
WECOM = "https://qyapi.weixin.qq.com"
_COUNTY = re.compile(r"[a-z][a-z0-9]{0,15}")


class SettingsError(SystemExit):
    """The environment is unusable; the message says which name and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("配置有误，服务没有启动：\n" + "\n".join(f"  - {line}" for line in problems))
        self.problems = problems


@dataclass(frozen=True)
class WeChatApp:
    """Credentials of one mini-program or official account; empty means not connected."""

    appid: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    #: Current key first, then the one being rotated out.
    aes_keys: tuple[str, ...] = field(repr=False)
    #: A JSON file with the keys of API security; empty means calls are not sealed.
    api_security: str = ""

    @property
    def is_configured(self) -> bool:
        return bool(self.appid and self.secret)


@dataclass(frozen=True)
class CountyApps:
    """A county's own mini-program and official account, beside the first ones."""

    name: str
    mini: WeChatApp
    official: WeChatApp


@dataclass(frozen=True)
class WeComApp:
    """One application of WeCom or of a province's own deployment of it, and the robots of its groups."""

    corp_id: str
    agent_id: str
    secret: str = field(repr=False)
    #: `group:key,group:key`; whoever knows a key may write into the group.
    robots: str = field(repr=False)
    api_base: str
    ca_bundle: str
    proxy: str

    @property
    def is_configured(self) -> bool:
        return bool(self.corp_id and self.agent_id and self.secret)


@dataclass(frozen=True)
class Settings:
    stage: Literal["development", "production", "testing"]
    data_dir: Path
    database_url: str
    redis_url: str
    secret_key: str = field(repr=False)
    field_keys: str = field(repr=False)
    public_base_url: str
    wechat_api_bases: tuple[str, ...]
    wechat_ca_bundle: str
    wechat_proxy: str
    mini: WeChatApp
    official: WeChatApp
    counties: tuple[CountyApps, ...]
    wecom: WeComApp
    notice_template: str
    opinion_template: str
    reception_template: str
    #: Messages a second to the platform for all workers together; 0 means as fast as it goes.
    push_rate: int
    #: Requests to the platform in the air at once, for each worker.
    push_concurrency: int
    sms_url: str
    service_phone: str
    trusted_proxies: int
    metrics_dir: str
    log_level: str

    @property
    def is_production(self) -> bool:
        return self.stage == "production"

    @property
    def wechat_apps(self) -> list[tuple[str, WeChatApp]]:
        """Every mini-program and official account with the beginning of its names in the environment."""
        return [("WECHAT_MINI", self.mini), ("WECHAT_OA", self.official)] + [
            (f"WECHAT_{county.name.upper()}_{kind}", app)
            for county in self.counties for kind, app in (("MINI", county.mini), ("OA", county.official))]


def from_env(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the environment; raises SettingsError with every problem at once."""
    env = os.environ if environ is None else environ
    stage = env.get("APP_STAGE", "development")
    if stage not in ("development", "production", "testing"):
        raise SettingsError([f"APP_STAGE 只能是 development、production 或 testing，现在是 {stage}"])
    data_dir = Path(env.get("DATA_DIR") or ROOT / "var").absolute()
    made_up = {} if stage == "production" else _development_secrets(data_dir)
    settings = Settings(
        stage=stage,  # type: ignore[arg-type]
        data_dir=data_dir,
        database_url=env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'deputy-home.db'}",
        redis_url=env.get("REDIS_URL", ""),
        secret_key=env.get("SECRET_KEY") or made_up.get("SECRET_KEY", ""),
        field_keys=env.get("FIELD_KEYS") or made_up.get("FIELD_KEYS", ""),
        public_base_url=(env.get("PUBLIC_BASE_URL") or "http://127.0.0.1:8080").rstrip("/"),
        wechat_api_bases=tuple((env.get("WECHAT_API_BASE") or PLATFORM).replace(" ", "").split(",")),
        wechat_ca_bundle=env.get("WECHAT_CA_BUNDLE", ""), wechat_proxy=env.get("WECHAT_PROXY", ""),
        mini=_app(env, "WECHAT_MINI"), official=_app(env, "WECHAT_OA"), counties=_counties(env), wecom=_wecom(env),
        notice_template=env.get("WECHAT_TEMPLATE_NOTICE", ""),
        opinion_template=env.get("WECHAT_TEMPLATE_OPINION", ""),
        reception_template=env.get("WECHAT_TEMPLATE_RECEPTION", ""),
        push_rate=_whole_number(env, "PUSH_RATE", 50),
        push_concurrency=max(_whole_number(env, "PUSH_CONCURRENCY", 20), 1),
        sms_url=env.get("SMS_URL", ""),
        service_phone=env.get("SERVICE_PHONE", ""),
        trusted_proxies=_whole_number(env, "TRUSTED_PROXIES"),
        metrics_dir=env.get("PROMETHEUS_MULTIPROC_DIR", ""),
        log_level=env.get("LOG_LEVEL", "INFO").upper(),
    )
    problems = _problems(settings)
    if problems:
        raise SettingsError(problems)
    return settings


def _whole_number(env: Mapping[str, str], name: str, default: int = 0) -> int:
    text = env.get(name) or str(default)
    if not text.isdigit():
        raise SettingsError([f"{name} 应为数字，现在是 {text}"])
    return int(text)


def _app(env: Mapping[str, str], prefix: str) -> WeChatApp:
    keys = tuple(filter(None, env.get(f"{prefix}_AES_KEY", "").replace(" ", "").split(",")))
    # Only a mini-program can switch API security on.
    security = env.get(f"{prefix}_API_SECURITY", "") if prefix.endswith("_MINI") else ""
    return WeChatApp(env.get(f"{prefix}_APPID", ""), env.get(f"{prefix}_SECRET", ""), env.get(f"{prefix}_TOKEN", ""),
                     keys, security)


def _counties(env: Mapping[str, str]) -> tuple[CountyApps, ...]:
    """`WECHAT_ACCOUNTS=heping` adds the accounts described by WECHAT_HEPING_MINI_APPID and its neighbours."""
    names = [name for name in env.get("WECHAT_ACCOUNTS", "").replace(" ", "").split(",") if name]
    wrong = [name for name in names if not _COUNTY.fullmatch(name) or names.count(name) > 1 or name in ("mini", "oa")]
    if wrong:
        raise SettingsError([f"WECHAT_ACCOUNTS 中的名称须为小写字母和数字，不能重复，不能用 mini 或 oa：{wrong[0]}"])
    return tuple(CountyApps(name, _app(env, f"WECHAT_{name.upper()}_MINI"), _app(env, f"WECHAT_{name.upper()}_OA"))
                 for name in names)


def _wecom(env: Mapping[str, str]) -> WeComApp:
    return WeComApp(
        env.get("WECOM_CORP_ID", ""), env.get("WECOM_AGENT_ID", ""), env.get("WECOM_SECRET", ""),
        env.get("WECOM_ROBOTS", ""), (env.get("WECOM_API_BASE") or WECOM).rstrip("/"),
        env.get("WECOM_CA_BUNDLE", ""), env.get("WECOM_PROXY", ""))


def _problems(settings: Settings) -> list[str]:
    problems = [problem for name, app in settings.wechat_apps for problem in _app_problems(name, app, settings)]
    problems += _wecom_problems(settings)
    problems += [f"{name} 指向的文件不存在：{path}" for name, path in (
        ("WECHAT_CA_BUNDLE", settings.wechat_ca_bundle), ("WECOM_CA_BUNDLE", settings.wecom.ca_bundle))
        if path and not Path(path).is_file()]
    if settings.field_keys:
        try:
            FieldCipher.from_text(settings.field_keys)
        except FieldKeyError as error:
            problems.append(f"FIELD_KEYS 格式有误（{error}），用 flask --app wsgi keys new 生成")
    if not settings.is_production:
        return problems
    checks = (
        (len(settings.secret_key) < 32, "SECRET_KEY 须至少32个字符，用 flask --app wsgi keys new 生成"),
        (not settings.field_keys, "FIELD_KEYS 未设置，用 flask --app wsgi keys new 生成"),
        (not settings.public_base_url.startswith("https://"), "PUBLIC_BASE_URL 须以 https:// 开头"),
        (not settings.redis_url, "REDIS_URL 未设置"),
        (any(not base.startswith("https://") for base in settings.wechat_api_bases),
         "WECHAT_API_BASE 须以 https:// 开头，不能指向开发替身"),
        (not settings.wecom.api_base.startswith("https://"), "WECOM_API_BASE 须以 https:// 开头，不能指向开发替身"),
        # Nothing here speaks https, so a proxy is always in front; unbelieved, its address would be everybody's.
        (not settings.trusted_proxies,
         "TRUSTED_PROXIES 须为前面代理的层数（随附的 nginx 为1），否则所有访问者共用一个限流额度"),
    )
    return problems + [sentence for is_wrong, sentence in checks if is_wrong]


def _app_problems(name: str, app: WeChatApp, settings: Settings) -> list[str]:
    problems = [f"{name}_AES_KEY 每个应为43个字符，现在是{len(key)}个" for key in app.aes_keys if len(key) != 43]
    if app.api_security and not Path(app.api_security).is_file():
        problems.append(f"{name}_API_SECURITY 指向的文件不存在：{app.api_security}")
    # The first official account may be there for its messages alone; every other account must be able to hear.
    hears = app.token and app.aes_keys
    if settings.is_production and app.is_configured and not hears and name != "WECHAT_OA":
        problems.append(f"已设置 {name}_APPID，还需要 {name}_TOKEN 和 {name}_AES_KEY")
    return problems


def _wecom_problems(settings: Settings) -> list[str]:
    wecom = settings.wecom
    problems = []
    if any((wecom.corp_id, wecom.agent_id, wecom.secret)) and not wecom.is_configured:
        problems.append("WECOM_CORP_ID、WECOM_AGENT_ID、WECOM_SECRET 须一起设置")
    if wecom.agent_id and not wecom.agent_id.isdecimal():
        problems.append(f"WECOM_AGENT_ID 应为数字，现在是 {wecom.agent_id}")
    pairs = [pair.split(":") for pair in wecom.robots.split(",") if pair]
    names = [pair[0].strip() for pair in pairs]
    if any(len(pair) != 2 or not all(part.strip() for part in pair) for pair in pairs) or len(set(names)) < len(names):
        problems.append("WECOM_ROBOTS 应写成 群名:key,群名:key，群名不能重复")
    return problems


def new_keys() -> dict[str, str]:
    """Fresh secrets for an installation, in the form the environment wants."""

    def draw(size: int) -> str:
        return base64.b64encode(secrets.token_bytes(size)).decode()

    return {"SECRET_KEY": secrets.token_urlsafe(48),
            "FIELD_KEYS": f"k1:aes256gcm:{draw(32)},index:hmacsha256:{draw(32)}"}


def _development_secrets(data_dir: Path) -> dict[str, str]:
    """Secrets made once per checkout, so that development data stays readable between starts."""
    path = data_dir / "development.env"
    if not path.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        text = "".join(f"{name}={value}\n" for name, value in new_keys().items())
        with open(path, "w", opener=_private) as file:
            file.write(text)
    return dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
