"""One typed, immutable settings object, read once from the environment; it refuses to start wrong.

Every name read here stands in `.env.example`; a test compares the two.
"""

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from services.field_encryption import FieldCipher, FieldKeyError

ROOT = Path(__file__).resolve().parent.parent
PLATFORM = "https://api.weixin.qq.com"
WECOM = "https://qyapi.weixin.qq.com"


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

    @property
    def is_configured(self) -> bool:
        return bool(self.appid and self.secret)


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
    wecom_api_base: str
    mini: WeChatApp
    official: WeChatApp
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
        wecom_api_base=env.get("WECOM_API_BASE") or WECOM,
        mini=_app(env, "MINI"), official=_app(env, "OA"),
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


def _app(env: Mapping[str, str], name: str) -> WeChatApp:
    keys = tuple(filter(None, env.get(f"WECHAT_{name}_AES_KEY", "").replace(" ", "").split(",")))
    return WeChatApp(env.get(f"WECHAT_{name}_APPID", ""), env.get(f"WECHAT_{name}_SECRET", ""),
                     env.get(f"WECHAT_{name}_TOKEN", ""), keys)


def _problems(settings: Settings) -> list[str]:
    problems = [f"WECHAT_*_AES_KEY 每个应为43个字符，现在是{len(key)}个"
                for app in (settings.mini, settings.official) for key in app.aes_keys if len(key) != 43]
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
        (settings.mini.is_configured and not (settings.mini.token and settings.mini.aes_keys),
         "已设置 WECHAT_MINI_APPID，还需要 WECHAT_MINI_TOKEN 和 WECHAT_MINI_AES_KEY"),
    )
    return problems + [sentence for is_wrong, sentence in checks if is_wrong]


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
