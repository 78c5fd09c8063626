"""The stand-in itself: its control interface, callbacks, pages and process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import urllib3

from tests.wechat.world import AES_KEY, NOTICE, PHONE, Control, FrozenClock, Product
from wechat.config import AccountConfig
from wechat.mini import MiniProgram
from wechat.official import OfficialAccount
from wechat.sandbox.detection import is_sandbox
from wechat.sandbox.server import RunningSandbox, start_sandbox

ROOT = Path(__file__).parents[2]
HTTP = urllib3.PoolManager(retries=False)


def page(url: str) -> str:
    response = HTTP.request("GET", url)
    assert response.status == 200
    return response.data.decode()


def submit(url: str, **fields: str) -> int:
    response = HTTP.request("POST", url, fields=fields, encode_multipart=False, redirect=False)
    return response.status


def test_person_is_the_same_for_the_same_phone(control: Control) -> None:
    first = control.post("users", name="张三", phone=PHONE)
    again = control.post("users", name="张三丰", phone=PHONE)
    assert first["openid_mini"] == again["openid_mini"] != first["openid_oa"]
    assert again["name"] == "张三丰"
    assert len(first["openid_mini"]) == 28
    assert first["openid_mini"].startswith("o")
    assert len(control.get("users")["users"]) == 1


def test_openids_are_the_same_after_a_restart(control: Control, sandbox: RunningSandbox) -> None:
    before = control.post("users", name="张三", phone=PHONE)
    control.post("reset")
    assert control.get("users") == {"users": []}
    assert control.post("users", name="张三", phone=PHONE) == before


def test_person_speaks_and_reads_the_sealed_reply(
    control: Control, person: dict[str, str], product: Product
) -> None:
    product.reply = "您好]]>,我是代表助手"
    answer = control.post("oa-messages", phone=PHONE, text="你好")
    assert answer == {"status": 200, "reply_text": "您好]]>,我是代表助手"}
    heard = product.received[-1]
    assert (heard.account_kind, heard.openid, heard.content) == ("oa", person["openid_oa"], "你好")
    assert control.get("messages", phone=PHONE)["messages"][0]["kind"] == "passive"


def test_acknowledgement_is_no_reply(control: Control, person: dict[str, str], product: Product) -> None:
    assert control.post("oa-messages", openid=person["openid_oa"], text="你好") == {
        "status": 200,
        "reply_text": None,
    }


def test_unanswered_push_is_repeated_three_times_with_the_same_message(
    control: Control, person: dict[str, str], product: Product
) -> None:
    product.failures = 2
    assert control.post("oa-messages", phone=PHONE, text="你好")["status"] == 200
    product.failures = 3
    assert control.post("oa-messages", phone=PHONE, text="在吗")["status"] == 500
    assert [one["attempts"] for one in control.get("callbacks")["callbacks"]] == [3, 3]
    assert len(product.received) == 1


def test_voice_and_events_reach_the_product(
    control: Control, person: dict[str, str], product: Product
) -> None:
    control.post("oa-messages", phone=PHONE, media="voice")
    control.post("oa-messages", phone=PHONE, event="CLICK", event_key="menu_1")
    control.post("mini-messages", phone=PHONE, event="user_enter_tempsession")
    voice, click, enter = product.received
    assert (voice.msg_type, voice.content, bool(voice.media_id)) == ("voice", None, True)
    assert (click.event, click.event_key) == ("CLICK", "menu_1")
    assert (enter.account_kind, enter.event) == ("mini", "user_enter_tempsession")


def test_subscription_dialogue_is_told_to_the_product(
    control: Control, person: dict[str, str], product: Product
) -> None:
    answer = control.post(
        "subscriptions", openid=person["openid_mini"], template_id="tmpl-opinion", accept=True
    )
    assert answer == {"credit": 1}
    popup = product.wait_for("subscribe_msg_popup_event")
    assert popup.raw["List"] == [
        {"TemplateId": "tmpl-opinion", "SubscribeStatusString": "accept", "PopupScene": "0"}
    ]
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True)
    assert control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=False) == {
        "credit": 0
    }


def test_new_template_can_be_sent(control: Control, mini: MiniProgram, person: dict[str, str]) -> None:
    control.post("templates", id="t1", title="自定", kind="one_time", fields={"thing1": "事项"})
    control.post("subscriptions", phone=PHONE, template_id="t1", accept=True)
    mini.send_subscribe_message(person["openid_mini"], "t1", {"thing1": "开会"}, "p")
    assert control.get("messages", phone=PHONE)["messages"][0]["title"] == "自定"


@pytest.mark.parametrize(
    ("name", "body", "status"),
    [
        ("users", {"name": "x"}, 400),
        ("users", {"phone": "<script>"}, 400),
        ("login-codes", {"phone": "000"}, 404),
        ("subscriptions", {"phone": PHONE, "template_id": "none", "accept": True}, 400),
        ("faults", {"path": "/x", "kind": "none"}, 400),
        ("templates", {"id": "a", "title": "b", "kind": "c", "fields": {}}, 400),
        ("nothing", {}, 404),
    ],
)
def test_wrong_control_requests_are_told_so(
    sandbox: RunningSandbox, person: dict[str, str], name: str, body: dict[str, object], status: int
) -> None:
    response = HTTP.request("POST", f"{sandbox.url}/sandbox/{name}", json=body)
    assert response.status == status
    assert response.headers["X-WeChat-Sandbox"] == "1"


def test_unknown_platform_interface_fails_loudly(sandbox: RunningSandbox) -> None:
    answer = HTTP.request("GET", f"{sandbox.url}/cgi-bin/none").json()
    assert answer["errcode"] == 40066
    assert "rid:" in answer["errmsg"]


def test_only_the_products_pages_may_use_the_control_interface(
    sandbox: RunningSandbox, product: Product
) -> None:
    def allowed(origin: str) -> str | None:
        response = HTTP.request("OPTIONS", f"{sandbox.url}/sandbox/login-codes", headers={"Origin": origin})
        return response.headers.get("Access-Control-Allow-Origin")

    assert allowed(product.url) == product.url
    assert allowed("http://localhost:5173") == "http://localhost:5173"
    assert allowed("http://localhost.elsewhere.example") is None
    assert allowed("https://elsewhere.example") is None


def test_pages_show_what_arrived(
    sandbox: RunningSandbox,
    control: Control,
    person: dict[str, str],
    mini: MiniProgram,
    official: OfficialAccount,
    product: Product,
) -> None:
    product.reply = "<b>请讲</b>"
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True)
    mini.send_subscribe_message(person["openid_mini"], "tmpl-notice", NOTICE, "pages/notice?id=1")
    control.post("sms", phone=PHONE, text="【人大】验证码 428913,五分钟内有效")
    assert submit(f"{sandbox.url}/phones/{PHONE}/follow") == 302
    assert submit(f"{sandbox.url}/phones/{PHONE}/say", text="路灯坏了") == 302
    assert (
        submit(f"{sandbox.url}/phones/{PHONE}/subscriptions", template_id="tmpl-opinion", accept="1") == 302
    )
    official.send_template_message(
        person["openid_oa"], "tmpl-reception", {"thing1": "站", "time2": "09:00", "thing3": "无"}
    )

    feed = page(f"{sandbox.url}/phones/{PHONE}/feed")
    for shown in (
        "通知标题",
        NOTICE["thing1"],
        "428913",
        "路灯坏了",
        "&lt;b&gt;请讲&lt;/b&gt;",
        "接待日提醒",
    ):
        assert shown in feed
    assert 'http-equiv="refresh" content="5"' in feed
    phone = page(f"{sandbox.url}/phones/{PHONE}")
    assert "本页为开发替身，非微信平台" in phone
    assert "refresh" not in phone
    assert "可接收 1 条" in phone
    assert "取消关注公众号" in phone
    outbox = page(f"{sandbox.url}/outbox")
    assert '<p class="code" aria-label="验证码">428913</p>' in outbox
    assert "张三" in page(f"{sandbox.url}/")
    assert "--accent: #b71c22" in page(f"{sandbox.url}/static/sandbox.css")


def test_phone_can_be_added_by_form(sandbox: RunningSandbox) -> None:
    assert submit(f"{sandbox.url}/", phone="13900000002", name="李四") == 302
    assert "李四" in page(f"{sandbox.url}/phones/13900000002")
    assert HTTP.request("GET", f"{sandbox.url}/phones/000").status == 404


def test_detection_knows_the_stand_in(sandbox: RunningSandbox, product: Product) -> None:
    assert is_sandbox(sandbox.url) is True
    assert is_sandbox(sandbox.url + "/") is True
    assert is_sandbox(product.url) is False
    assert is_sandbox("http://127.0.0.1:1") is False


def test_stopped_stand_in_answers_nobody(
    mini_config: AccountConfig, oa_config: AccountConfig, clock: FrozenClock
) -> None:
    running = start_sandbox(mini_config, oa_config, clock=clock)
    pool = urllib3.PoolManager(retries=False)
    assert pool.request("GET", f"{running.url}/sandbox/identity").json() == {"sandbox": True}
    started = time.monotonic()
    running.stop()
    assert time.monotonic() - started < 1
    with pytest.raises(urllib3.exceptions.HTTPError):
        pool.request("GET", f"{running.url}/sandbox/identity")


def test_process_starts_by_options_and_environment_and_ends_quickly() -> None:
    options = [
        *("--port", "0", "--mini-appid", "wxm", "--mini-secret", "s", "--mini-token", "t"),
        *("--mini-aes-key", AES_KEY),
    ]
    environment = {
        "PATH": os.environ["PATH"],
        "WECHAT_OA_APPID": "wxo",
        "WECHAT_OA_SECRET": "s",
        "WECHAT_OA_TOKEN": "t",
        "WECHAT_OA_AES_KEY": AES_KEY,
    }
    command = [sys.executable, "-m", "wechat.sandbox", *options]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("sandbox listening on http://127.0.0.1:")
        assert is_sandbox(line.split()[-1])
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=3) == 0


def test_process_without_an_account_says_what_is_missing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "wechat.sandbox", "--port", "0"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert done.returncode == 2
    assert "mini account needs appid, secret, token, aes_key" in done.stderr
