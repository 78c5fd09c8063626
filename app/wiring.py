"""The composition root: builds the program from its settings and plugs the platform into the ports.

The only module, with the callback endpoint and the CLI, that knows `wechat`. Its small adapters turn the
platform's errors into the program's words; mypy proves that they fit `services.ports`.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import redis
import urllib3
from argon2 import PasswordHasher as Argon2
from argon2.exceptions import InvalidHashError, VerificationError
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.http import measures
from app.program import Program
from app.settings import Settings, SettingsError, WeChatApp
from models.db import make_engine, make_reading_engine
from services import posters
from services.assistant.understanding import classifier
from services.context import Gateways, ProgramSettings, utc_now
from services.errors import DomainError, Forbidden, Invalid, TooMany, Unauthenticated, Unavailable
from services.field_encryption import FieldCipher
from services.ports import (
    CodeMaker,
    CodeSender,
    FileStore,
    IdentityProvider,
    Messenger,
    PasswordHasher,
    PushHalted,
    PushPostponed,
    PushRefused,
    PushTrouble,
    PushUncertain,
    TemplateInfo,
    TextModerator,
    TextVerdict,
    WeChatUser,
)
from wechat import errors as wx
from wechat.api_security import ApiSecurity, read_api_security
from wechat.callbacks import CallbackVerifier
from wechat.config import AccountConfig
from wechat.fields import FieldInvalid
from wechat.group_robot import GroupRobot, read_pairs
from wechat.mini import MiniProgram
from wechat.official import OfficialAccount
from wechat.rate_gate import RedisRateGate
from wechat.redis_token_store import RedisTokenStore
from wechat.sandbox.detection import is_sandbox
from wechat.tokens import TokenProvider
from wechat.transport import POOL_SIZE, Transport
from wechat.wecom import WeCom

logger = logging.getLogger(__name__)
CHECK_IN_PAGE = "pages-duty/check-in/check-in"


def build_program(settings: Settings, *, announce: Callable[[list[int]], None],
                  clock: Callable[[], datetime] = utc_now) -> Program:
    """Everything a process needs; nothing here opens a connection except the check that refuses the stand-in."""
    if settings.is_production and any(is_sandbox(base) for base in settings.wechat_api_bases):
        raise SystemExit("WECHAT_API_BASE 指向开发替身，生产环境拒绝启动。")
    if settings.is_production and settings.wecom.is_configured and is_sandbox(settings.wecom.api_base):
        raise SystemExit("WECOM_API_BASE 指向开发替身，生产环境拒绝启动。")
    configs = account_configs(settings)
    classifier.keep_in(settings.data_dir / "understanding")
    engine = make_engine(settings.database_url)
    # No retries inside the client: a dead Redis must cost a request little, and every use has its own answer to it.
    store = redis.Redis.from_url(settings.redis_url, socket_timeout=0.5, socket_connect_timeout=0.5,
                                 retry=Retry(NoBackoff(), 0))
    accounts = connect_accounts(settings, configs, store, clock=clock)
    return Program(
        settings=settings, engine=engine, redis=store,
        reading_engine=make_reading_engine(settings.database_url, engine),
        gateways=_gateways(settings, accounts, clock), program_settings=_program_settings(settings), clock=clock,
        is_one_writer_database=engine.dialect.name == "sqlite",
        announce=announce, accounts=accounts,
        callbacks={door: CallbackVerifier(config, first_seen=_first_seen(store), clock=clock)
                   for door, config in configs.items() if config.token and config.aes_keys})


@dataclass(frozen=True)
class Accounts:
    """Every connected account of the platform, by the last part of its callback address; robots by their group.

    `mini` and `oa` are the first ones, a county's own are `mini-heping` and `oa-heping`.
    """

    minis: Mapping[str, MiniProgram]
    officials: Mapping[str, OfficialAccount]
    wecom: WeCom | None
    robots: Mapping[str, GroupRobot]
    appids: Mapping[str, str]


def connect_accounts(settings: Settings, configs: Mapping[str, AccountConfig], store: "redis.Redis", *,
                     clock: Callable[[], datetime] = utc_now) -> Accounts:
    """The accounts over one pool of connections per platform, with tokens and rates shared through Redis."""
    transport, own = platform_transport(settings, clock), wecom_transport(settings, clock)
    tokens, gate = TokenProvider(RedisTokenStore(store, "wechat:"), clock=clock), RedisRateGate(store, clock=clock)
    application = wecom_config(settings)
    try:
        robots = read_pairs(settings.wecom.robots)
    except ValueError as error:
        raise SettingsError(["WECOM_ROBOTS 应写成 群名:key,群名:key，群名不能重复"]) from error
    return Accounts(
        {door: MiniProgram(config, transport, tokens, clock=clock) for door, config in configs.items()
         if config.kind == "mini"},
        {door: OfficialAccount(config, transport, tokens, clock=clock) for door, config in configs.items()
         if config.kind == "oa"},
        WeCom(application, own, tokens, gate, clock=clock) if application else None,
        {name: GroupRobot(name, key, own, gate) for name, key in robots},
        {config.appid: door for door, config in configs.items()})


def platform_transport(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Transport:
    """A connection for each sender of a worker, and some for what people wait for."""
    return Transport(settings.wechat_api_bases, ca_bundle=settings.wechat_ca_bundle or None,
                     proxy=settings.wechat_proxy or None, metrics=measures.observe_platform_call, clock=clock,
                     pool_size=max(POOL_SIZE, settings.push_concurrency + 8))


def wecom_transport(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Transport:
    wecom = settings.wecom
    return Transport([wecom.api_base], ca_bundle=wecom.ca_bundle or None, proxy=wecom.proxy or None,
                     metrics=measures.observe_platform_call, clock=clock)


def account_configs(settings: Settings) -> dict[str, AccountConfig]:
    """The configuration of every connected mini-program and official account, by its door."""
    apps = {"mini": settings.mini, "oa": settings.official}
    for county in settings.counties:
        apps |= {f"mini-{county.name}": county.mini, f"oa-{county.name}": county.official}
    return {door: _account_config(settings, door, app) for door, app in apps.items() if app.is_configured}


def _account_config(settings: Settings, door: str, app: WeChatApp) -> AccountConfig:
    return AccountConfig(kind="mini" if door.startswith("mini") else "oa", appid=app.appid, secret=app.secret,
                         token=app.token, aes_keys=app.aes_keys, api_bases=settings.wechat_api_bases,
                         miniprogram_state="formal" if settings.is_production else "developer",
                         api_security=_read_security(app.api_security))


def _read_security(path: str) -> ApiSecurity | None:
    if not path:
        return None
    try:
        return read_api_security(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError([f"{path} 不是完整的API安全密钥文件"]) from error


def wecom_config(settings: Settings) -> AccountConfig | None:
    wecom = settings.wecom
    if not wecom.is_configured:
        return None
    return AccountConfig("wecom", wecom.corp_id, wecom.secret, agent_id=int(wecom.agent_id),
                         api_bases=(wecom.api_base,))


def _program_settings(settings: Settings) -> ProgramSettings:
    return ProgramSettings(
        mini_appid=settings.mini.appid, official_appid=settings.official.appid,
        notice_template=settings.notice_template, opinion_template=settings.opinion_template,
        reception_template=settings.reception_template, public_base_url=settings.public_base_url,
        signing_key=settings.secret_key.encode(), service_phone=settings.service_phone)


def _gateways(settings: Settings, accounts: Accounts, clock: Callable[[], datetime]) -> Gateways:
    mini = accounts.minis.get("mini")
    identity: IdentityProvider = WeChatIdentity(mini, accounts, settings.mini.appid)
    messenger: Messenger = WeChatMessenger(mini, accounts, settings.mini.appid, clock)
    moderator: TextModerator = WeChatModerator(mini)
    maker: CodeMaker = WeChatCodes(mini, env_version="release" if settings.is_production else "develop") \
        if mini else WebCodes(settings.public_base_url)
    sender: CodeSender = SmsOverHttp(settings.sms_url)
    files: FileStore = FolderStore(settings.data_dir / "media")
    passwords: PasswordHasher = Argon2Passwords(cheap=settings.stage == "testing")
    return Gateways(identity, messenger, maker, moderator, sender, files, passwords,
                    FieldCipher.from_text(settings.field_keys))


def _first_seen(store: "redis.Redis") -> Callable[[str, int], bool]:
    """Remember a callback's nonce; with Redis away the unique key of the inbox still stops a repeat."""

    def first_seen(key: str, ttl: int) -> bool:
        try:
            return bool(store.set(f"callback:{key}", 1, nx=True, ex=ttl))
        except redis.RedisError:
            return True

    return first_seen


def _refuse(error: wx.WeChatError) -> NoReturn:
    """The platform's refusal of a login or phone code in our words."""
    answers: dict[type[wx.WeChatError], DomainError] = {
        wx.BadCode: Unauthenticated("code_invalid"),
        wx.InvalidArgument: Unauthenticated("code_invalid"),
        wx.RateLimited: TooMany("too_many_requests", wait=60, retry_after=60),
        wx.HighRiskUser: Forbidden("account_at_risk"),
    }
    for kind, answer in answers.items():
        if isinstance(error, kind):
            raise answer from error
    raise Unavailable("wechat_unavailable", retry_after=5) from error


class WeChatIdentity:
    def __init__(self, mini: MiniProgram | None, accounts: Accounts, appid: str) -> None:
        self._mini, self._accounts, self._appid = mini, accounts, appid

    def exchange_login_code(self, code: str) -> WeChatUser:
        if self._mini is None:
            raise Unavailable("wechat_disabled")
        try:
            login = self._mini.exchange_login_code(code)
        except wx.WeChatError as error:
            _refuse(error)
        return WeChatUser(self._appid, login.openid, login.unionid)

    def find_official_unionid(self, openid: str, *, appid: str) -> str | None:
        official = self._accounts.officials.get(self._accounts.appids.get(appid, ""))
        if official is None:
            return None
        try:
            return official.find_unionid(openid)
        except wx.WeChatError as error:
            if error.retryable:
                raise Unavailable("wechat_unavailable") from error
            # Asked again it would say the same: the openid is not ours, or the account may not ask.
            logger.warning("unionid not told", extra={"error": type(error).__name__, "code": error.code})
            return None

    def exchange_phone_code(self, code: str, *, openid: str) -> str:
        if self._mini is None:
            raise Unavailable("wechat_disabled")
        try:
            phone = self._mini.exchange_phone_code(code, openid)
        except wx.WeChatError as error:
            _refuse(error)
        if phone.country_code != "86":
            raise Invalid("phone_foreign")
        return phone.national_number


class WeChatMessenger:
    def __init__(self, mini: MiniProgram | None, accounts: Accounts, appid: str,
                 clock: Callable[[], datetime]) -> None:
        self._mini, self._accounts, self._appid, self._clock = mini, accounts, appid, clock

    def send_notice(self, openid: str, *, template_id: str, data: Mapping[str, str], page: str) -> str | None:
        if self._mini is None:
            raise PushRefused("wechat_disabled")
        try:
            return self._mini.send_subscribe_message(openid, template_id, data, page)
        except FieldInvalid as error:
            raise PushHalted("template_invalid", code=error.reason) from error
        except wx.WeChatError as error:
            raise _push_outcome(error, self._clock()) from error

    def send_chat_answer(self, account_kind: str, openid: str, text: str, *, appid: str = "") -> None:
        door = self._accounts.appids.get(appid, account_kind)
        account = self._accounts.minis.get(door) or self._accounts.officials.get(door)
        if account is None:
            raise PushRefused("wechat_disabled")
        try:
            account.send_custom_text(openid, text)
        except wx.WeChatError as error:
            raise _push_outcome(error, self._clock()) from error

    def list_templates(self) -> list[TemplateInfo]:
        if self._mini is None:
            return []
        try:
            rows = self._mini.list_templates()
        except wx.WeChatError as error:
            raise Unavailable("wechat_unavailable") from error
        return [TemplateInfo(row.id, self._appid, row.title, row.kind == "long_term",
                             tuple(field.name for field in row.fields)) for row in rows]


def _push_outcome(error: wx.WeChatError, now: datetime) -> PushTrouble:
    """The platform's answer about one message in the program's words."""
    code, rid = str(error.code or ""), error.rid or ""
    if error.stops_batch:
        reason = "template_invalid" if isinstance(error, wx.TemplateInvalid) else "account_refused"
        return PushHalted(reason, code=code, rid=rid)
    if isinstance(error, wx.RateLimited):
        return PushPostponed("rate_limited", wait_seconds=error.seconds_to_wait(now), code=code, rid=rid)
    reasons: dict[type[wx.WeChatError], str] = {
        wx.NotSubscribed: "not_subscribed", wx.InvalidOpenid: "openid_invalid", wx.RecipientRefused: "refused",
        wx.WindowClosed: "refused", wx.InvalidArgument: "template_invalid",
    }
    for kind, reason in reasons.items():
        if isinstance(error, kind):
            return PushRefused(reason, code=code, rid=rid)
    if error.outcome_unknown:
        return PushUncertain("no_event", code=code, rid=rid)
    return PushPostponed(type(error).__name__, code=code, rid=rid)


class WeChatModerator:
    def __init__(self, mini: MiniProgram | None) -> None:
        self._mini = mini

    def check_text(self, text: str, *, openid: str | None) -> TextVerdict:
        if self._mini is None or openid is None:
            return TextVerdict("unreachable")
        try:
            verdict = self._mini.check_text(openid, text)
        except wx.WeChatError:
            return TextVerdict("unreachable")
        return TextVerdict(str(verdict.suggestion), str(verdict.label))


class WeChatCodes:
    def __init__(self, mini: MiniProgram, *, env_version: str) -> None:
        self._mini, self._is_release = mini, env_version == "release"

    def make_station_code(self, scene: str) -> bytes:
        try:
            return self._mini.make_code(scene, CHECK_IN_PAGE, env_version="release" if self._is_release else "develop",
                                        check_path=self._is_release)
        except wx.WeChatError as error:
            raise Unavailable("wechat_unavailable", retry_after=5) from error


class WebCodes:
    def __init__(self, base_url: str) -> None:
        self._base_url = base_url

    def make_station_code(self, scene: str) -> bytes:
        return posters.web_code(f"{self._base_url}/s/{scene}")


class SmsOverHttp:
    """Sends login codes as JSON {phone, text} to a gateway of the operator's."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=3, read=5))

    def send_login_code(self, phone: str, code: str) -> None:
        if not self._url:
            raise Unavailable("phone_code_not_sent")
        text = f"【人大代表之家】验证码{code}，5分钟内有效，请勿告诉他人。"
        try:
            answer = self._pool.request("POST", self._url, json={"phone": phone, "text": text})
        except urllib3.exceptions.HTTPError as error:
            raise Unavailable("phone_code_not_sent") from error
        if answer.status >= 300:
            raise Unavailable("phone_code_not_sent")


class FolderStore:
    """Files in a folder shared by all processes; written under a temporary name, then renamed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def save(self, key: str, content: bytes) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        draft.write_bytes(content)
        draft.replace(path)

    def load(self, key: str) -> bytes:
        return self._path(key).read_bytes()

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._root / key


class Argon2Passwords:
    """Argon2id by OWASP's profile (19 MiB, two passes); cheap in tests."""

    def __init__(self, *, cheap: bool) -> None:
        self._argon = Argon2(time_cost=1, memory_cost=64, parallelism=1) if cheap \
            else Argon2(time_cost=2, memory_cost=19456, parallelism=1)

    def hash(self, password: str) -> str:
        return self._argon.hash(password)

    def matches(self, password_hash: str, password: str) -> bool:
        try:
            return self._argon.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False
