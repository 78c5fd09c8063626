"""The stand-in as load tests use it: slow by order, wrong by shares, and the same way again for the same seed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from threading import Timer

import pytest
import urllib3

from tests.wechat.world import AES_KEY, NOTICE, PHONE, Control
from wechat.errors import NotSubscribed, SystemBusy, TokenRejected, WeChatError, WeChatProtocolError, WeChatTimeout
from wechat.mini import MiniProgram
from wechat.sandbox.faults import SENDING_PATHS, Fault, FaultScript, read_weather
from wechat.sandbox.platform import ENDPOINTS
from wechat.sandbox.server import RunningSandbox

SEND = "/cgi-bin/message/subscribe/send"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def openids(control: Control, mini: MiniProgram) -> list[str]:
    made = control.post("crowd", first=13000000000, count=1000, template_id="tmpl-notice")["openids"]
    mini.list_templates()
    return list(made)


def outcomes(mini: MiniProgram, openids: list[str]) -> Counter[str]:
    said: Counter[str] = Counter()
    for openid in openids:
        try:
            mini.send_subscribe_message(openid, "tmpl-notice", NOTICE, "p")
            said["sent"] += 1
        except WeChatError as problem:
            said[type(problem).__name__] += 1
    return said


def test_shares_hold_next_to_each_other(mini: MiniProgram, control: Control, openids: list[str]) -> None:
    weather = [
        {"kind": "errcode", "code": 43101, "share": 0.2},
        {"kind": "timeout", "seconds": 0.0, "share": 0.05},
        {"kind": "errcode", "code": -1, "share": 0.03},
    ]
    control.post("weather", faults=weather)
    said = outcomes(mini, openids)
    assert sum(said.values()) == 1000
    assert 160 <= said["NotSubscribed"] <= 240
    assert 30 <= said["ConnectionLost"] <= 75
    assert 15 <= said["SystemBusy"] <= 50
    control.send("DELETE", "faults")
    assert outcomes(mini, openids[:20]) == {"sent": 20}


def test_same_seed_gives_the_same_weather() -> None:
    def draws(seed: int) -> list[str]:
        script = FaultScript()
        script.set_weather(read_weather("43101=0.2,timeout=0.05,-1=0.03"), seed=seed)
        return [fault.kind + str(fault.code) if (fault := script.take(SEND)) else "" for _ in range(200)]

    assert draws(1) == draws(1) != draws(2)


def test_storm_of_rejected_tokens_costs_no_storm_of_tokens(
    mini: MiniProgram, control: Control, openids: list[str]
) -> None:
    fetched = control.calls("/cgi-bin/stable_token")
    control.post("weather", faults="40001=1")
    for openid in openids[:20]:
        with pytest.raises(TokenRejected):
            mini.send_subscribe_message(openid, "tmpl-notice", NOTICE, "p")
    assert control.calls(SEND) == 40
    assert control.calls("/cgi-bin/stable_token") - fetched <= 20


@pytest.mark.parametrize(("kind", "error"), [("html", WeChatProtocolError), ("html_502", WeChatProtocolError)])
def test_page_instead_of_an_answer_is_no_success(
    mini: MiniProgram, control: Control, openids: list[str], kind: str, error: type[WeChatError]
) -> None:
    control.post("weather", faults=f"{kind}=1")
    assert outcomes(mini, openids[:5]) == {error.__name__: 5}


def test_weather_leaves_other_calls_alone_unless_told_otherwise(
    mini: MiniProgram, control: Control, openids: list[str]
) -> None:
    control.post("weather", faults="-1=1")
    assert mini.list_templates()
    control.post("weather", faults=[{"path": "*", "kind": "errcode", "code": -1, "share": 1}])
    with pytest.raises(SystemBusy):
        mini.list_templates()
    control.post("weather", faults=[{"path": "/wxaapi/newtmpl/gettemplate", "kind": "errcode", "code": -1, "share": 1}])
    assert outcomes(mini, openids[:3]) == {"sent": 3}


def test_scripted_faults_come_before_the_weather(mini: MiniProgram, control: Control, openids: list[str]) -> None:
    control.post("weather", faults="-1=1")
    control.fault(SEND, "errcode", code=43101)
    with pytest.raises(NotSubscribed):
        mini.send_subscribe_message(openids[0], "tmpl-notice", NOTICE, "p")


def test_latency_can_be_ordered(mini: MiniProgram, control: Control, openids: list[str]) -> None:
    control.post("weather", latency=0.15)
    started = time.monotonic()
    mini.send_subscribe_message(openids[0], "tmpl-notice", NOTICE, "p")
    assert time.monotonic() - started >= 0.15


@pytest.mark.parametrize(
    "body",
    [
        {"faults": "nonsense=0.1"},
        {"faults": "43101=two"},
        {"faults": "43101=0"},
        {"faults": "43101=1.5"},
        {"faults": [{"kind": "errcode"}]},
        {"faults": [{"kind": "delivery_failed", "share": 0.5}]},
        {"latency": -1},
        {"latency": 61},
    ],
)
def test_impossible_weather_is_refused(sandbox: RunningSandbox, body: dict[str, object]) -> None:
    answer = urllib3.PoolManager(retries=False).request("POST", f"{sandbox.url}/sandbox/weather", json=body)
    assert answer.status == 400
    assert sandbox.state.faults.take(SEND) is None


def test_every_sending_path_is_an_interface() -> None:
    assert set(ENDPOINTS) >= SENDING_PATHS
    assert Fault("", "errcode").strikes(SEND)
    assert not Fault("", "errcode").strikes("/cgi-bin/stable_token")


def test_events_of_a_large_sending_all_come(
    mini: MiniProgram, control: Control, openids: list[str], sandbox: RunningSandbox, product: object
) -> None:
    for openid in openids[:200]:
        mini.send_subscribe_message(openid, "tmpl-notice", NOTICE, "p")
    deadline = time.monotonic() + 10
    while len(control.get("callbacks")["callbacks"]) < 200:
        assert time.monotonic() < deadline
    assert {one["status"] for one in control.get("callbacks")["callbacks"]} == {200}
    assert sandbox.state.mailbox.count("subscribe") == 200


def test_process_takes_weather_latency_and_wecom_from_its_options() -> None:
    accounts = [f"--{kind}-{name}={value}" for kind in ("mini", "oa")
                for name, value in (("appid", f"wx{kind}"), ("secret", "s"), ("token", "t"), ("aes-key", AES_KEY))]
    options = ["--port", "0", "--latency", "0.1", "--weather", "45009=1", "--wecom-corp-id", "ww1",
               "--wecom-agent-id", "7", "--wecom-secret", "s", "--wecom-robots", "群:k"]
    command = [sys.executable, "-m", "wechat.sandbox", *accounts, *options]
    pool = urllib3.PoolManager(retries=False)
    with subprocess.Popen(command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        asked = pool.request("GET", f"{url}/cgi-bin/gettoken", fields={"corpid": "ww1", "corpsecret": "s"})
        assert asked.json()["errcode"] == 0
        text = {"msgtype": "text", "text": {"content": "a"}}
        assert pool.request("POST", f"{url}/cgi-bin/webhook/send?key=k", json=text).json()["errcode"] == 45009
        process.terminate()
        assert process.wait(timeout=3) == 0


@pytest.mark.parametrize("options", [["--weather", "x=1"], ["--wecom-corp-id", "ww1"], ["--wecom-robots", "k"]])
def test_process_refuses_options_it_cannot_read(options: list[str]) -> None:
    accounts = [f"--{kind}-{name}={value}" for kind in ("mini", "oa")
                for name, value in (("appid", f"wx{kind}"), ("secret", "s"), ("token", "t"), ("aes-key", AES_KEY))]
    done = subprocess.run(
        [sys.executable, "-m", "wechat.sandbox", "--port", "0", *accounts, *options], cwd=ROOT,
        env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=20, check=False,
    )
    assert (done.returncode, done.stderr.startswith("sandbox: ")) == (2, True)


# --- the pages --------------------------------------------------------------------------------------


def page(url: str) -> str:
    answer = urllib3.PoolManager(retries=False).request("GET", url)
    assert answer.status == 200, answer.data
    return answer.data.decode()


def submit(url: str, **fields: str) -> int:
    pool = urllib3.PoolManager(retries=False)
    return pool.request("POST", url, fields=fields, encode_multipart=False, redirect=False).status


def test_wecom_page_shows_members_groups_and_what_they_were_sent(sandbox: RunningSandbox) -> None:
    assert "通讯录为空" in page(f"{sandbox.url}/wecom")
    assert submit(f"{sandbox.url}/wecom/members", user_id="LiaisonOne", name="联络员甲") == 302
    assert submit(f"{sandbox.url}/wecom/robots", name="工作群", key="robot-key") == 302
    text = {"msgtype": "markdown", "markdown": {"content": "**通知** <b>"}}
    pool = urllib3.PoolManager(retries=False)
    assert pool.request("POST", f"{sandbox.url}/cgi-bin/webhook/send?key=robot-key", json=text).json()["errcode"] == 0
    shown = page(f"{sandbox.url}/wecom")
    assert "联络员甲" in shown
    assert "工作群" in shown
    assert "robot-key" not in shown
    feed = page(f"{sandbox.url}/wecom/feed")
    assert "群机器人 · 工作群" in feed
    assert "**通知** &lt;b&gt;" in feed


def test_login_page_lets_one_choose_whom_to_be(sandbox: RunningSandbox, person: dict[str, str]) -> None:
    query = "appid=wxoa000000000001&redirect_uri=https%3A%2F%2Fa.example%2F&response_type=code&scope=snsapi_base&state=s1"
    shown = page(f"{sandbox.url}/connect/oauth2/authorize?{query}")
    assert f"as={PHONE}" in shown
    for wrong in ("appid=none", "state=%3Cscript%3E", "scope=all", "response_type=token"):
        name = wrong.partition("=")[0]
        altered = "&".join([*(part for part in query.split("&") if not part.startswith(name)), wrong])
        answer = urllib3.PoolManager(retries=False).request("GET", f"{sandbox.url}/connect/oauth2/authorize?{altered}")
        assert answer.status == 400


def test_phone_page_taps_the_menu_and_scans_codes(
    sandbox: RunningSandbox, control: Control, person: dict[str, str], product: object
) -> None:
    sandbox.state.menus["oa"] = [{"name": "服务", "sub_button": [{"type": "click", "name": "联系", "key": "contact"}]}]
    sandbox.state.follower_codes["t1"] = ("oa", "d_1", float("inf"))
    shown = page(f"{sandbox.url}/phones/{PHONE}")
    assert "联系" in shown
    assert "扫描二维码 d_1" in shown
    assert submit(f"{sandbox.url}/phones/{PHONE}/tap", key="contact") == 302
    assert submit(f"{sandbox.url}/phones/{PHONE}/scan", ticket="t1") == 302
    assert submit(f"{sandbox.url}/phones/{PHONE}/scan", ticket="gone") == 400
    pushed = [one["message"]["Event"] for one in control.get("callbacks")["callbacks"]]
    assert pushed == ["CLICK", "subscribe"]


def test_hanging_calls_end_with_the_weather(mini: MiniProgram, control: Control, openids: list[str]) -> None:
    control.post("weather", faults=[{"kind": "timeout", "seconds": 20, "share": 1}])
    started = time.monotonic()
    clearing = Timer(0.3, lambda: control.send("DELETE", "faults"))
    clearing.start()
    with pytest.raises(WeChatTimeout):
        mini.send_subscribe_message(openids[0], "tmpl-notice", NOTICE, "p")
    clearing.join()  # its own answer may come after the hanging call's end, and the stand-in must live until then
    assert time.monotonic() - started < 5
