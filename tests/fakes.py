"""Stand-ins for the ports, one each, that remember what they were asked and can be told to fail."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from services.errors import Unauthenticated, Unavailable
from services.ports import PushRefused, TemplateInfo, TextVerdict, WeChatUser

MINI_APPID = "wxtestmini"
OFFICIAL_APPID = "wxtestofficial"


class FrozenClock:
    """A clock that moves only when a test moves it."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **delta: float) -> None:
        self.moment += timedelta(**delta)


@dataclass
class FakeIdentity:
    #: login code → openid, phone code → number; a code works once, as on the platform.
    logins: dict[str, str] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    unionids: dict[str, str] = field(default_factory=dict)
    #: What the official account was asked about, and whether the platform can be reached.
    asked: list[str] = field(default_factory=list)
    is_away: bool = False

    def exchange_login_code(self, code: str) -> WeChatUser:
        openid = self.logins.pop(code, None)
        if openid is None:
            raise Unauthenticated("code_invalid")
        return WeChatUser(MINI_APPID, openid, self.unionids.get(openid))

    def find_official_unionid(self, openid: str, *, appid: str) -> str | None:
        assert appid == OFFICIAL_APPID
        self.asked.append(openid)
        if self.is_away:
            raise Unavailable("wechat_unavailable")
        return self.unionids.get(openid)

    def exchange_phone_code(self, code: str, *, openid: str) -> str:
        phone = self.phones.pop(code, None)
        if phone is None:
            raise Unauthenticated("code_invalid")
        return phone


@dataclass
class FakeMessenger:
    notices: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)
    answers: list[tuple[str, str, str]] = field(default_factory=list)
    #: Whether the platform tells the id of a message in its answer.
    names_messages: bool = True
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    #: openid → the exception to raise, once or always.
    failures: dict[str, Exception] = field(default_factory=dict)

    def send_notice(self, openid: str, *, template_id: str, data: Mapping[str, str], page: str) -> str | None:
        if openid in self.failures:
            raise self.failures[openid]
        self.notices.append((openid, template_id, dict(data), page))
        return f"m-{next(self._ids)}" if self.names_messages else None

    def send_chat_answer(self, account_kind: str, openid: str, text: str, *, appid: str = "") -> None:
        if openid in self.failures:
            raise PushRefused("refused")
        self.answers.append((account_kind, openid, text))

    def list_templates(self) -> list[TemplateInfo]:
        return [TemplateInfo("tmpl-notice", MINI_APPID, "通知提醒", True, ("thing1", "thing2", "time3", "thing4")),
                TemplateInfo("tmpl-opinion", MINI_APPID, "意见进度", False,
                             ("character_string1", "phrase2", "thing3", "time4"))]


class FakeCodeMaker:
    def make_station_code(self, scene: str) -> bytes:
        from services.posters import web_code

        return web_code(f"https://home.example/s/{scene}")


@dataclass
class FakeModerator:
    suggestion: str = "pass"
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def check_text(self, text: str, *, openid: str | None) -> TextVerdict:
        self.asked.append((text, openid))
        return TextVerdict(self.suggestion if openid else "unreachable")


@dataclass
class FakeCodeSender:
    sent: list[tuple[str, str]] = field(default_factory=list)

    def send_login_code(self, phone: str, code: str) -> None:
        self.sent.append((phone, code))


@dataclass
class MemoryFiles:
    files: dict[str, bytes] = field(default_factory=dict)

    def save(self, key: str, content: bytes) -> None:
        self.files[key] = content

    def load(self, key: str) -> bytes:
        return self.files[key]

    def delete(self, key: str) -> None:
        self.files.pop(key, None)
