"""Settings that refuse to start wrong."""

from pathlib import Path

import pytest

from app.settings import SettingsError, from_env, new_keys
from services.field_encryption import FieldCipher

GOOD = {
    "APP_STAGE": "production", "DATA_DIR": "/srv/home", "SECRET_KEY": "s" * 48, "FIELD_KEYS": new_keys()["FIELD_KEYS"],
    "PUBLIC_BASE_URL": "https://home.example", "REDIS_URL": "redis://127.0.0.1/0",
    "DATABASE_URL": "postgresql://home@127.0.0.1/home", "TRUSTED_PROXIES": "1",
}
MINI = {"WECHAT_MINI_APPID": "wx1", "WECHAT_MINI_SECRET": "secret-of-mini", "WECHAT_MINI_TOKEN": "token-of-mini",
        "WECHAT_MINI_AES_KEY": "a" * 43}


def test_a_complete_production_environment_starts() -> None:
    assert from_env(GOOD | MINI).is_production


@pytest.mark.parametrize(("change", "named"), [
    ({"SECRET_KEY": ""}, "SECRET_KEY"), ({"SECRET_KEY": "s" * 31}, "SECRET_KEY"), ({"FIELD_KEYS": ""}, "FIELD_KEYS"),
    ({"PUBLIC_BASE_URL": "http://home.example"}, "PUBLIC_BASE_URL"), ({"PUBLIC_BASE_URL": ""}, "PUBLIC_BASE_URL"),
    ({"REDIS_URL": ""}, "REDIS_URL"), ({"WECHAT_API_BASE": "http://127.0.0.1:9000"}, "WECHAT_API_BASE"),
    ({"WECHAT_API_BASE": "https://api.weixin.qq.com,http://127.0.0.1:9000"}, "WECHAT_API_BASE"),
    (MINI | {"WECHAT_MINI_TOKEN": ""}, "WECHAT_MINI_TOKEN"), (MINI | {"WECHAT_MINI_AES_KEY": ""}, "WECHAT_MINI_AES_KEY"),
    ({"TRUSTED_PROXIES": "0"}, "TRUSTED_PROXIES"), ({"TRUSTED_PROXIES": ""}, "TRUSTED_PROXIES"),
    ({"WECHAT_MINI_AES_KEY": "short"}, "AES_KEY"), ({"WECHAT_OA_AES_KEY": "a" * 44}, "AES_KEY")])
def test_production_refuses_each_problem_by_name(change: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError) as refused:
        from_env(GOOD | change)
    assert len(refused.value.problems) == 1
    assert named in refused.value.problems[0]


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(SettingsError) as refused:
        from_env({"APP_STAGE": "production", "DATA_DIR": "/srv/home"})
    assert len(refused.value.problems) == 5


def test_without_a_proxy_in_front_development_starts(tmp_path: Path) -> None:
    assert from_env({"DATA_DIR": str(tmp_path)}).trusted_proxies == 0


def test_an_unknown_stage_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="APP_STAGE"):
        from_env({"APP_STAGE": "prod"})


def test_no_secret_is_shown(tmp_path: Path) -> None:
    settings = from_env(GOOD | MINI)
    for secret in (GOOD["SECRET_KEY"], GOOD["FIELD_KEYS"], "secret-of-mini", "token-of-mini", "a" * 43):
        assert secret not in repr(settings)


def test_development_makes_its_secrets_once_and_keeps_them_private(tmp_path: Path) -> None:
    first, second = (from_env({"DATA_DIR": str(tmp_path)}) for _ in range(2))
    assert first.secret_key == second.secret_key
    assert first.field_keys == second.field_keys
    assert (tmp_path / "development.env").stat().st_mode & 0o077 == 0


def test_production_makes_up_nothing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        from_env(GOOD | {"SECRET_KEY": "", "DATA_DIR": str(tmp_path)})
    assert not list(tmp_path.iterdir())


def test_fresh_keys_are_usable_and_differ() -> None:
    one, other = new_keys(), new_keys()
    assert one != other
    assert FieldCipher.from_text(one["FIELD_KEYS"]).current_key_id == "k1"


def test_a_rotated_callback_key_is_read_with_the_current_one_first(tmp_path: Path) -> None:
    settings = from_env({"DATA_DIR": str(tmp_path), "WECHAT_MINI_AES_KEY": f"{'a' * 43}, {'b' * 43}"})
    assert settings.mini.aes_keys == ("a" * 43, "b" * 43)


@pytest.mark.parametrize(("change", "named"), [
    ({"FIELD_KEYS": "k1:aes256gcm:short"}, "FIELD_KEYS"), ({"FIELD_KEYS": "nonsense"}, "FIELD_KEYS"),
    ({"TRUSTED_PROXIES": "one"}, "TRUSTED_PROXIES"), ({"TRUSTED_PROXIES": "-1"}, "TRUSTED_PROXIES")])
def test_a_malformed_value_is_told_by_its_name(change: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        from_env(GOOD | change)


# --- accounts of counties, WeCom --------------------------------------------------------------------

HEPING = {"WECHAT_ACCOUNTS": "heping", "WECHAT_HEPING_MINI_APPID": "wx2", "WECHAT_HEPING_MINI_SECRET": "secret-of-heping",
          "WECHAT_HEPING_MINI_TOKEN": "token-of-heping", "WECHAT_HEPING_MINI_AES_KEY": "b" * 43}
WECOM = {"WECOM_CORP_ID": "ww1", "WECOM_AGENT_ID": "1000002", "WECOM_SECRET": "secret-of-wecom",
         "WECOM_ROBOTS": "工作群:robot-key"}


def test_counties_have_accounts_of_their_own_beside_the_first_ones() -> None:
    settings = from_env(GOOD | MINI | HEPING)
    assert settings.mini.appid == "wx1"
    (county,) = settings.counties
    assert (county.name, county.mini.appid, county.official.is_configured) == ("heping", "wx2", False)


def test_without_counties_no_further_name_is_read() -> None:
    assert from_env(GOOD | MINI | {name: value for name, value in HEPING.items() if name != "WECHAT_ACCOUNTS"}).counties == ()


@pytest.mark.parametrize(("change", "named"), [
    ({"WECHAT_ACCOUNTS": "heping,heping"}, "WECHAT_ACCOUNTS"), ({"WECHAT_ACCOUNTS": "和平"}, "WECHAT_ACCOUNTS"),
    ({"WECHAT_ACCOUNTS": "mini"}, "WECHAT_ACCOUNTS"), ({"WECHAT_ACCOUNTS": "a-b"}, "WECHAT_ACCOUNTS"),
    (HEPING | {"WECHAT_HEPING_MINI_AES_KEY": "short"}, "WECHAT_HEPING_MINI_AES_KEY"),
    (HEPING | {"WECHAT_HEPING_MINI_TOKEN": ""}, "WECHAT_HEPING_MINI_TOKEN"),
    (WECOM | {"WECOM_SECRET": ""}, "WECOM_SECRET"), (WECOM | {"WECOM_AGENT_ID": "home"}, "WECOM_AGENT_ID"),
    (WECOM | {"WECOM_ROBOTS": "key-alone"}, "WECOM_ROBOTS"), (WECOM | {"WECOM_ROBOTS": "a:1,a:2"}, "WECOM_ROBOTS"),
    ({"WECOM_API_BASE": "http://127.0.0.1:8090"}, "WECOM_API_BASE"), ({"WECHAT_CA_BUNDLE": "/nowhere.pem"}, "WECHAT_CA_BUNDLE"),
    ({"WECOM_CA_BUNDLE": "/nowhere.pem"}, "WECOM_CA_BUNDLE"),
    (MINI | {"WECHAT_MINI_API_SECURITY": "/nowhere.json"}, "WECHAT_MINI_API_SECURITY")])
def test_each_problem_of_an_account_is_told_by_its_name(change: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named) as refused:
        from_env(GOOD | change)
    assert len(refused.value.problems) == 1
    assert not any(secret in str(refused.value) for secret in ("secret-of", "robot-key", "key-alone"))


def test_no_secret_of_a_further_account_is_shown() -> None:
    shown = repr(from_env(GOOD | MINI | HEPING | WECOM))
    for secret in ("secret-of-heping", "token-of-heping", "b" * 43, "secret-of-wecom", "robot-key"):
        assert secret not in shown
