"""`flask --app wsgi wechat doctor` on installations that are well, and on such that are not."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result

from app import create_app, settings
from app.cli.wechat_doctor import NEEDED
from app.cli.wechat_manual import STEPS
from app.program import Program
from app.wiring import account_configs, build_program
from models.notices import Notice
from services import pushes
from tests.fakes import FrozenClock
from tests.integration.conftest import AES_KEY, Product, Sandbox, configs
from wechat.config import AccountConfig
from wechat.sandbox.server import start_sandbox

pytestmark = pytest.mark.requirement(70)
Doctor = Callable[..., Result]
WECOM = AccountConfig("wecom", "ww1", "wecom-secret-literal", agent_id=1000002)
HEPING = AccountConfig("mini", "wxmini0000000002", "heping-secret-literal", "heping-token", (AES_KEY,))
HEPING_OA = AccountConfig("oa", "wxoa000000000002", "heping-oa-secret", "heping-oa-token", (AES_KEY,))


@pytest.fixture
def sandbox(clock: FrozenClock) -> Iterator[Sandbox]:
    others = {"wecom": WECOM, "mini-heping": HEPING, "oa-heping": HEPING_OA}
    with start_sandbox(*configs(), others=others, clock=clock, callback_delay=0.0) as running:
        yield Sandbox(running)


@pytest.fixture
def environ(environ: dict[str, str], sandbox: Sandbox) -> dict[str, str]:
    """The installation of the other tests, with a county's own accounts and WeCom beside them."""
    return environ | {
        "WECHAT_ACCOUNTS": "heping",
        "WECHAT_HEPING_MINI_APPID": HEPING.appid, "WECHAT_HEPING_MINI_SECRET": HEPING.secret,
        "WECHAT_HEPING_MINI_TOKEN": HEPING.token, "WECHAT_HEPING_MINI_AES_KEY": AES_KEY,
        "WECHAT_HEPING_OA_APPID": HEPING_OA.appid, "WECHAT_HEPING_OA_SECRET": HEPING_OA.secret,
        "WECHAT_HEPING_OA_TOKEN": HEPING_OA.token, "WECHAT_HEPING_OA_AES_KEY": AES_KEY,
        "WECOM_API_BASE": sandbox.url, "WECOM_CORP_ID": WECOM.appid, "WECOM_AGENT_ID": "1000002",
        "WECOM_SECRET": WECOM.secret, "WECOM_ROBOTS": "工作群:robot-key-literal"}


@pytest.fixture
def doctor(program: Program) -> Doctor:
    def run(**changes: object) -> Result:
        seen = replace(program, settings=replace(program.settings, **changes)) if changes else program  # type: ignore[arg-type]
        return create_app(program=seen).test_cli_runner().invoke(args=["wechat", "doctor"])

    return run


def test_every_account_of_a_healthy_installation_is_looked_at(doctor: Doctor, product: Product) -> None:
    healthy = doctor(public_base_url=product.url)
    assert (healthy.exit_code, "全部正常" in healthy.output) == (0, True), healthy.output
    for door in ("mini", "oa", "mini-heping", "oa-heping"):
        assert f"✓ {door}：access_token：可以取得" in healthy.output
        assert f"✓ {door}：回调地址 {product.url}/wechat/callback/{door} 应答正确" in healthy.output
    for line in ("✓ mini：3 个消息模板齐全，字段与程序一致", "✓ 企业微信：应用：代表之家", "✓ oa：平台到本站的网络：解析到 127.0.0.1，无丢包",
                 "! 企业微信：已配置 1 个群机器人"):
        assert line in healthy.output


def test_the_report_ends_with_what_only_a_person_can_see(doctor: Doctor, product: Product) -> None:
    said = doctor(public_base_url=product.url).output
    assert all(f"{number}. {step.words}" in said for number, step in enumerate(STEPS, 1))


@pytest.mark.parametrize(("code", "advice"), [
    (40164, "白名单"), (61004, "白名单"), (40013, "AppID 不对"), (40243, "冻结"), (40125, "Secret 不对"), (-1, "错误码说明")])
def test_a_token_that_is_refused_comes_with_advice(doctor: Doctor, sandbox: Sandbox, code: int, advice: str) -> None:
    sandbox.fault("/cgi-bin/stable_token", "errcode", code=code, times=99)
    ill = doctor()
    assert (ill.exit_code, advice in ill.output, str(code) in ill.output) == (1, True, True)


def test_a_platform_out_of_reach_is_told_as_such(doctor: Doctor) -> None:
    ill = doctor(wechat_api_bases=("http://127.0.0.1:9",))
    assert (ill.exit_code, "连不上平台" in ill.output) == (1, True)


def test_the_ip_list_of_wecom_is_told(doctor: Doctor, sandbox: Sandbox) -> None:
    sandbox.fault("/cgi-bin/agent/get", "errcode", code=60020, times=9)
    ill = doctor()
    assert (ill.exit_code, "可信IP" in ill.output) == (1, True)


def test_a_template_with_other_fields_is_told(doctor: Doctor, sandbox: Sandbox) -> None:
    sandbox.post("templates", id="tmpl-other", title="会议", kind="long_term",
                 fields={"thing1": "会议", "thing2": "单位", "date3": "时间", "thing4": "备注"})
    ill = doctor(notice_template="tmpl-other")
    assert ill.exit_code == 1
    assert "WECHAT_TEMPLATE_NOTICE 的模板缺少字段 time3" in ill.output
    assert "WECHAT_TEMPLATE_NOTICE 的模板多出字段 date3" in ill.output


def test_a_door_that_does_not_answer_as_it_should_is_told(doctor: Doctor, product: Product, program: Program) -> None:
    other = replace(program.settings.mini, token="another-token")
    ill = doctor(public_base_url=product.url, mini=other)
    assert (ill.exit_code, f"{product.url}/wechat/callback/mini 应答 403" in ill.output) == (1, True)


def test_a_home_out_of_reach_is_a_problem_only_in_production(doctor: Doctor) -> None:
    away = doctor(public_base_url="http://127.0.0.1:9")
    assert (away.exit_code, "访问不到 http://127.0.0.1:9" in away.output) == (0, True)
    assert doctor(public_base_url="http://127.0.0.1:9", stage="production").exit_code == 1


def test_an_account_without_door_keys_is_told(doctor: Doctor, program: Program) -> None:
    ill = doctor(official=replace(program.settings.official, token=""))
    assert (ill.exit_code, "oa：未配置消息推送的 Token" in ill.output) == (1, True)


def test_a_county_without_accounts_is_told(doctor: Doctor, program: Program) -> None:
    empty = replace(program.settings.mini, appid="", secret="")
    ill = doctor(counties=(settings.CountyApps("heping", empty, empty),))
    assert (ill.exit_code, "heping：WECHAT_ACCOUNTS" in ill.output) == (1, True)


def test_a_redis_out_of_reach_is_told(doctor: Doctor, program: Program) -> None:
    away = replace(program, redis=type(program.redis).from_url("redis://127.0.0.1:9/0", socket_connect_timeout=0.2))
    ill = create_app(program=away).test_cli_runner().invoke(args=["wechat", "doctor"])
    assert (ill.exit_code, "REDIS_URL" in ill.output) == (1, True)


@pytest.mark.requirement(69)
def test_keys_of_api_security_are_proved_both_ways(
        doctor: Doctor, sandbox: Sandbox, program: Program, product: Product, tmp_path: Path) -> None:
    keys = tmp_path / "security.json"
    keys.write_text(json.dumps(sandbox.post("api-security")))
    sealed = replace(program.settings.mini, api_security=str(keys))
    healthy = doctor(mini=sealed, public_base_url=product.url)
    assert (healthy.exit_code, "✓ mini：API安全的签名和加密双向正确" in healthy.output) == (0, True), healthy.output
    sandbox.post("api-security")  # new keys at the platform, old ones here
    ill = doctor(mini=sealed)
    assert (ill.exit_code, "私钥与后台的应用公钥不是一对" in ill.output) == (1, True)


def test_no_secret_shows_in_any_report(doctor: Doctor, sandbox: Sandbox, environ: dict[str, str]) -> None:
    for path in ("/cgi-bin/stable_token", "/cgi-bin/gettoken"):
        sandbox.fault(path, "errcode", code=40001, times=99)
    said = doctor().output
    secrets = [value for name, value in environ.items() if name.endswith(("_SECRET", "_TOKEN", "_AES_KEY", "_KEYS"))]
    assert [secret for secret in [*secrets, "robot-key-literal"] if secret in said] == []


def test_what_the_doctor_asks_of_a_template_is_what_the_program_fills_in(clock: FrozenClock) -> None:
    filled = pushes.notice_fields(Notice(title="会议", place="镇政府"), "县人大", clock())
    assert NEEDED["WECHAT_TEMPLATE_NOTICE"][1] == set(filled)


# --- the wiring of several accounts -----------------------------------------------------------------


@pytest.mark.requirement(73)
def test_every_account_has_its_door(program: Program) -> None:
    assert set(program.callbacks) == {"mini", "oa", "mini-heping", "oa-heping"}
    assert set(program.accounts.minis) == {"mini", "mini-heping"}
    assert set(program.accounts.robots) == {"工作群"}
    assert program.accounts.wecom is not None


@pytest.mark.requirement(32, 73)
def test_a_countys_own_accounts_answer_in_their_own_name(sandbox: Sandbox, product: Product) -> None:
    sandbox.post("users", phone="13900000001", name="张三")
    said = sandbox.post("oa-messages", phone="13900000001", text="帮助", account="oa-heping")
    assert (said["status"], "代表助手" in said["reply_text"]) == (200, True)
    sandbox.post("mini-messages", phone="13900000001", text="帮助", account="mini-heping")
    product.drain()
    (answer,) = sandbox.messages("13900000001", "custom")
    assert (answer["account"], "代表助手" in answer["text"]) == ("mini-heping", True)


@pytest.mark.requirement(57)
@pytest.mark.parametrize(("stage", "state"), [("development", "developer"), ("testing", "developer"), ("production", "formal")])
def test_only_production_opens_the_released_mini_program(program: Program, stage: str, state: str) -> None:
    staged = replace(program.settings, stage=stage)  # type: ignore[arg-type]
    assert {config.miniprogram_state for config in account_configs(staged).values()} == {state}


@contextmanager
def built(environ: dict[str, str]) -> Iterator[Program]:
    program = build_program(settings.from_env(environ), announce=lambda _ids: None)
    yield program
    program.redis.close()
    program.engine.dispose()
    program.reading_engine.dispose()


@pytest.mark.requirement(72)
def test_without_credentials_the_house_opens_and_says_so(environ: dict[str, str]) -> None:
    bare = {name: value for name, value in environ.items() if not name.startswith(("WECHAT_", "WECOM_"))}
    with built(bare) as program:
        client = create_app(program=program).test_client()
        assert program.callbacks == {}
        answer = client.post("/api/v1/sessions/wechat", json={"login_code": "c"})
        assert answer.status_code == 503
        assert answer.json["error"]["code"] == "wechat_disabled"  # type: ignore[index]
        assert client.get("/healthz").status_code == 200


@pytest.mark.requirement(72)
@pytest.mark.parametrize("named", ["WECHAT_API_BASE", "WECOM_API_BASE"])
def test_production_refuses_the_stand_in_for_either_platform(program: Program, named: str) -> None:
    elsewhere = ("http://127.0.0.1:9",) if named == "WECOM_API_BASE" else program.settings.wechat_api_bases
    production = replace(program.settings, stage="production", wechat_api_bases=elsewhere)
    with pytest.raises(SystemExit, match=named):
        build_program(production, announce=lambda _ids: None)


@pytest.mark.requirement(21)
@pytest.mark.parametrize(("code", "status", "word"), [
    (40029, 401, "code_invalid"), (40163, 401, "code_invalid"), (45011, 429, "too_many_requests"),
    (40226, 403, "account_at_risk"), (-1, 503, "wechat_unavailable"), (40164, 503, "wechat_unavailable")])
def test_a_refused_log_in_is_answered_in_our_words(
        product: Product, sandbox: Sandbox, code: int, status: int, word: str) -> None:
    sandbox.fault("/sns/jscode2session", "errcode", code=code)
    answer = product.ask("POST", "/api/v1/sessions/wechat", {"login_code": "c"})
    assert (answer.status, answer.json["error"]["code"]) == (status, word)
    assert ("Retry-After" in answer.headers) is (status in (429, 503))
    assert sandbox.calls("/sns/jscode2session") == 1


@pytest.mark.requirement(69)
def test_a_broken_file_of_keys_stops_the_start(environ: dict[str, str], tmp_path: Path) -> None:
    broken = tmp_path / "security.json"
    broken.write_text("{}")
    with pytest.raises(settings.SettingsError, match=r"security\.json"), built(
            environ | {"WECHAT_MINI_API_SECURITY": str(broken)}):
        raise AssertionError("it started")
