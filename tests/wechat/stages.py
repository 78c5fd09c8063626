"""Two platforms that the same contract is played on: the stand-in, and the recorded shapes of the official pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

import urllib3

from tests.wechat.recorded import PAGES, RecordedPlatform
from tests.wechat.world import PHONE, Control, FrozenClock
from wechat.config import AccountConfig
from wechat.group_robot import GroupRobot
from wechat.mini import MiniProgram
from wechat.official import OfficialAccount
from wechat.rate_gate import MemoryRateGate
from wechat.sandbox.server import RunningSandbox
from wechat.tokens import MemoryTokenStore, TokenProvider
from wechat.transport import Transport
from wechat.wecom import WeCom

ROBOT_KEY = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa"


@dataclass
class Clients:
    """Our side: one of each kind of account."""

    mini: MiniProgram
    official: OfficialAccount
    wecom: WeCom
    robot: GroupRobot


def build_clients(url: str, configs: dict[str, AccountConfig], clock: FrozenClock) -> Clients:
    transport = Transport([url], pause=lambda seconds: None, clock=clock)
    tokens, gate = TokenProvider(MemoryTokenStore(), clock=clock), MemoryRateGate(clock=clock)
    return Clients(
        MiniProgram(configs["mini"], transport, tokens, clock=clock),
        OfficialAccount(replace(configs["oa"], open_base=url), transport, tokens, clock=clock),
        WeCom(configs["wecom"], transport, tokens, gate, clock=clock),
        GroupRobot("联络员工作群", ROBOT_KEY, transport, gate),
    )


class Stage(Protocol):
    """What a contract needs of the platform's side."""

    openid_mini: str
    openid_oa: str
    template_id: str
    fields: dict[str, str]

    def login_code(self) -> str: ...

    def phone_code(self) -> str: ...

    def web_code(self, address: str) -> str: ...

    def calls(self, path: str) -> int: ...

    def refuse(self, path: str, code: int) -> None: ...


class StandIn:
    """A person who has visited, follows, writes, and accepts messages; WeCom members and a robot."""

    template_id = "tmpl-choice"
    fields = {"thing1": "关于召开会议的通知", "time2": "2026年1月5日 09:00", "enum3": "已签到"}

    def __init__(self, sandbox: RunningSandbox) -> None:
        self.control = Control(sandbox.url)
        person = self.control.post("users", name="张三", phone=PHONE)
        self.openid_mini, self.openid_oa = person["openid_mini"], person["openid_oa"]
        for account in ("mini", "oa"):
            self.control.post(
                "templates", account=account, id=self.template_id, title="会议通知", kind="long_term",
                fields={"thing1": "会议", "time2": "时间", "enum3": "状态"}, choices={"enum3": ["已签到", "未签到"]})
            self.control.post("subscriptions", account=account, phone=PHONE, template_id=self.template_id, accept=True)
        self.control.post("oa-messages", phone=PHONE, text="你好")
        self.control.post("mini-messages", phone=PHONE, text="在吗")
        self.control.post("wecom-members", members={"userid1": "甲", "userid5": "乙"})
        self.control.post("wecom-robots", key=ROBOT_KEY, name="联络员工作群")

    def login_code(self) -> str:
        return str(self.control.post("login-codes", phone=PHONE)["code"])

    def phone_code(self) -> str:
        return str(self.control.post("phone-codes", phone=PHONE)["code"])

    def web_code(self, address: str) -> str:
        """Agree on the platform's page, as the person would."""
        pool = urllib3.PoolManager(retries=False)
        page = address.partition("#")[0]
        answer = pool.request("GET", f"{page}&as={PHONE}", redirect=False)
        assert answer.status == 302, answer.data
        return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]

    def calls(self, path: str) -> int:
        return self.control.calls(path)

    def refuse(self, path: str, code: int) -> None:
        self.control.fault(path, "errcode", code=code, times=99)


class Recorded:
    """Nobody lives there: everything is as the pages print it."""

    openid_mini = "oGZUI0egBJY1zhBYw2KhdUfwVJJE"
    openid_oa = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"
    template_id = "9Aw5ZV1j9xdWTFEkqCpZ7mIBbSC34khK55OtzUPl0rU"
    fields = {"thing1": "关于召开会议的通知", "date2": "2026年1月5日", "enum3": "已签到"}

    def __init__(self, platform: RecordedPlatform, appid: str, clock: FrozenClock) -> None:
        self.platform = platform
        phone: Any = dict(PAGES["/wxa/business/getuserphonenumber"].answer)
        mark = {"timestamp": int(clock().timestamp()), "appid": appid}
        platform.changes["/wxa/business/getuserphonenumber"] = {
            **phone, "phone_info": {**phone["phone_info"], "watermark": mark}}

    def login_code(self) -> str:
        return "0816TFll2Jm1s54qpFol2xGUJn16TFlX"

    def phone_code(self) -> str:
        return "e31968a7f94cc5ee25fafc2aef2773f0bb8c3937b22520eb8ee345274d00c144"

    def web_code(self, address: str) -> str:
        return "CODE"

    def calls(self, path: str) -> int:
        return self.platform.calls[path]

    def refuse(self, path: str, code: int) -> None:
        self.platform.refusals[path] = code
