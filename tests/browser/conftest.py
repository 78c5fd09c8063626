"""The product as `make run` starts it, on free ports with a folder of its own, and Chromium to use it with."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest
import urllib3
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app import development, embedded_redis
from services import demo
from services.context import CHINA

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]
#: uni-h5 hands a typed value to the page after 100 ms.
TAKE_OVER_MS = 250
PHONE = {"width": 375, "height": 740}
DESK = {"width": 1366, "height": 900}


@dataclass
class Product:
    """Addresses of a running product, and what people need to use it."""

    web: str
    stand_in: str

    def ask_stand_in(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        method = "GET" if body is None else "POST"
        answer = urllib3.request(method, self.stand_in + path, json=body, timeout=10)
        assert answer.status < 300, answer.data
        found: dict[str, Any] = answer.json()
        return found

    def messages(self, phone: str, kind: str) -> list[dict[str, Any]]:
        found = self.ask_stand_in(f"/sandbox/messages?phone={phone}")["messages"]
        return [message for message in found if message["kind"] == kind]

    def login_code(self, phone: str) -> str:
        """The newest code that was sent to a phone."""
        match = re.search(r"验证码(\d{6})", self.messages(phone, "sms")[-1]["text"])
        assert match is not None
        return match.group(1)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Web, worker, stand-in and Valkey as real processes, with the demo county."""
    data_dir = tmp_path_factory.mktemp("product")
    web_port, stand_in_port = development.free_port(0), development.free_port(0)
    environment = development.build_environment(web_port, stand_in_port)
    environment.update(DATA_DIR=str(data_dir), REDIS_URL=f"unix://{embedded_redis.ensure_server(data_dir)}",
                       PYTHONPATH=str(Path.cwd()))
    environment.pop("DATABASE_URL", None)
    children = development.Children(environment)
    try:
        development.start(children, web_port, stand_in_port)
        yield Product(f"http://127.0.0.1:{web_port}", f"http://127.0.0.1:{stand_in_port}")
    finally:
        children.stop()
        embedded_redis.stop_server(data_dir)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """One person with a browser of their own; any script error or outside request fails the test."""

    def __init__(self, browser: Browser, product: Product, **options: Any) -> None:
        self.product = product
        self.context: BrowserContext = browser.new_context(locale="zh-CN", **options)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.problems: list[str] = []
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", self._watch)

    def _watch(self, request: Any) -> None:
        if not request.url.startswith((self.product.web, self.product.stand_in, "data:", "blob:", "about:")):
            self.problems.append(f"outside request {request.url}")

    def close(self) -> None:
        self.context.close()
        assert self.problems == []


class PhoneUser(Visitor):
    """Somebody on the phone page (browser build), 375 px wide."""

    def __init__(self, browser: Browser, product: Product, phone: str, known: dict[str, Any] | None = None) -> None:
        self.phone, self.known = phone, {} if known is None else known
        # The station lies at 28.1, 112.9 in GCJ-02; browsers report WGS-84.
        super().__init__(browser, product, viewport=PHONE, is_mobile=True, has_touch=True,
                         permissions=["geolocation"], geolocation={"latitude": 28.1033, "longitude": 112.8945},
                         storage_state=self.known.get(phone))

    def open(self, path: str) -> None:
        self.page.goto("about:blank")
        self.page.goto(self.product.web + path)

    def log_in(self) -> None:
        """Log in once a run: a phone gets one code a minute, so later visits are by the same logged-in phone."""
        page = self.page
        self.open("/m/")
        if self.phone in self.known:
            page.get_by_text("您好").first.wait_for()
            return
        page.get_by_text("获取验证码").wait_for()
        page.locator("input").nth(0).fill(self.phone)
        page.get_by_role("checkbox").click()
        page.get_by_role("button", name="获取验证码").click()
        page.get_by_text("秒后可重新获取").wait_for()
        page.locator("input").nth(1).fill(self.product.login_code(self.phone))
        page.wait_for_timeout(TAKE_OVER_MS)
        page.get_by_role("button", name="登录", exact=True).click()
        page.get_by_text("您好").first.wait_for()
        self.known[self.phone] = self.context.storage_state()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def confirm(self) -> None:
        self.page.locator(".uni-modal__btn_primary").click()

    def write(self, text: str) -> None:
        area = self.page.locator("textarea:visible").last
        area.fill(text)
        area.blur()
        self.page.wait_for_timeout(TAKE_OVER_MS)

    def say(self, text: str) -> str:
        """Send a chat line on the assistant page and give back the answer."""
        answers = self.page.locator(".chat__line:not(.chat__line--me) .chat__text")
        before = answers.count()
        self.page.locator(".chat__input input").fill(text)
        self.page.wait_for_timeout(TAKE_OVER_MS)
        self.page.keyboard.press("Enter")
        answers.nth(before).wait_for()
        return answers.last.inner_text()


class WeChatUser(Visitor):
    """Somebody in the WeChat build, which runs in Chromium on WeChat's own glass-easel; wx is answered by the stand-in."""

    def __init__(self, browser: Browser, product: Product, phone: str) -> None:
        super().__init__(browser, product, viewport=PHONE)
        self.phone = phone
        self.scanned = ""
        self.openid = product.ask_stand_in("/sandbox/users", {"phone": phone, "name": "微信用户"})["openid_mini"]
        self.page.expose_function("loginCode", lambda: self._code("/sandbox/login-codes", {"openid": self.openid}))
        self.page.expose_function("phoneCode", lambda: self._code("/sandbox/phone-codes", {"openid": self.openid}))
        self.page.expose_function("scannedText", lambda: self.scanned)
        self.page.add_init_script("""window.__wx = {
            loginCode: () => window.loginCode(), phoneCode: () => window.phoneCode(), scan: () => window.scannedText(),
            location: () => ({ latitude: 28.1, longitude: 112.9, accuracy: 10 }),
            subscribe: (ids) => Object.fromEntries(ids.map((id) => [id, 'accept'])) }""")

    def _code(self, path: str, body: dict[str, Any]) -> str:
        return str(self.product.ask_stand_in(path, body)["code"])

    @property
    def here(self) -> Any:
        """The page on top of the stack."""
        return self.page.locator("section:visible")

    def press(self, name: str) -> None:
        self.here.get_by_role("button", name=name, exact=True).first.click()

    def confirm(self) -> None:
        self.page.locator(".wx-modal__confirm").click()

    def log_in(self) -> None:
        self.page.goto(f"{self.product.web}/mp-web/")
        self.page.get_by_role("checkbox").click()
        self.press("微信登录")


class StaffUser(Visitor):
    """Somebody at the console, 1366 px wide."""

    def __init__(self, browser: Browser, product: Product, login: str) -> None:
        super().__init__(browser, product, viewport=DESK, accept_downloads=True)
        self.login = login

    def open(self, path: str) -> None:
        self.page.goto(f"{self.product.web}/console{path}")

    def sign_in(self, known: dict[str, Any]) -> None:
        """Sign in once a run: a code of the authenticator works only once, so later visits keep the cookie."""
        if self.login in known:
            self.context.add_cookies(known[self.login])
            self.open("/")
            return
        page = self.page
        self.open("/")
        page.locator("input[name=login]").fill(self.login)
        page.locator("input[name=password]").fill(demo.PASSWORD)
        page.locator("form button.primary").first.click()
        page.locator("input[name=code]").fill(pyotp.TOTP(demo.TOTP_SECRET).at(datetime.now(CHINA)))
        page.locator("form button.primary").first.click()
        page.wait_for_url(lambda url: "sign-in" not in url and "second-factor" not in url)
        known[self.login] = self.context.cookies()


@pytest.fixture(scope="session")
def known_phones() -> dict[str, Any]:
    return {}


@pytest.fixture
def phone_user(browser: Browser, product: Product, known_phones: dict[str, Any]) -> Iterator[Any]:
    opened: list[PhoneUser] = []

    def log_in(phone: str) -> PhoneUser:
        user = PhoneUser(browser, product, phone, known_phones)
        opened.append(user)
        user.log_in()
        return user

    yield log_in
    for user in opened:
        user.close()


@pytest.fixture(scope="session")
def known_cookies() -> dict[str, Any]:
    return {}


@pytest.fixture
def wechat_user(browser: Browser, product: Product) -> Iterator[Any]:
    opened: list[WeChatUser] = []

    def open_app(phone: str) -> WeChatUser:
        user = WeChatUser(browser, product, phone)
        opened.append(user)
        user.log_in()
        return user

    yield open_app
    for user in opened:
        user.close()


@pytest.fixture
def staff_user(browser: Browser, product: Product, known_cookies: dict[str, Any]) -> Iterator[Any]:
    opened: list[StaffUser] = []

    def sign_in(login: str) -> StaffUser:
        user = StaffUser(browser, product, login)
        opened.append(user)
        user.sign_in(known_cookies)
        return user

    yield sign_in
    for user in opened:
        user.close()
