"""Everything the stand-in remembers, behind one lock."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Mapping
from typing import Literal

from wechat.clock import Clock, utc_now
from wechat.config import AccountConfig
from wechat.sandbox.api_security import SandboxSecurity
from wechat.sandbox.credentials import CodeStore, TokenBook
from wechat.sandbox.faults import FaultScript
from wechat.sandbox.mailbox import Mailbox
from wechat.sandbox.people import Directory, Person
from wechat.sandbox.platform_errors import PlatformError
from wechat.sandbox.shelf import Shelf
from wechat.sandbox.usage import Usage
from wechat.sandbox.wecom_book import WeComBook

PushFormat = Literal["json", "xml"]
CALLBACKS_KEPT = 20_000


class SandboxState:
    """Hold `lock` while reading or changing anything in it.

    `accounts` are known by short names: `mini` and `oa` are the first ones, others have names such as
    `mini-heping`, which also end their callback addresses. `latency` is added to every platform call;
    `callback_delay` passes before an event is pushed; `push_format` is how mini-programs are told;
    `names_messages` tells whether the answer to a subscribe message carries its msgid.
    """

    def __init__(
        self,
        accounts: Mapping[str, AccountConfig],
        *,
        product_url: str | None = None,
        clock: Clock = utc_now,
        latency: float = 0.0,
        callback_delay: float = 0.2,
    ) -> None:
        self.accounts = dict(accounts)
        self.product_url = product_url
        self.clock = clock
        self.latency = latency
        self.callback_delay = callback_delay
        self.push_format: PushFormat = "json"
        self.names_messages = True
        self.lock = threading.RLock()
        self.faults = FaultScript()
        self.stopping = threading.Event()
        self.reset()

    def reset(self) -> None:
        """Forget everything but the accounts."""
        appids = {name: config.appid for name, config in self.accounts.items() if config.kind != "wecom"}
        with self.lock:
            self.faults.clear()
            self.tokens = TokenBook()
            self.codes = CodeStore()
            self.people = Directory(appids)
            self.shelves = {name: Shelf() for name in appids}
            self.mailbox = Mailbox()
            self.usage = Usage()
            self.wecom = WeComBook()
            self.in_flight: set[str] = set()
            self.client_msg_ids: dict[str, int] = {}
            self.media_ids: set[str] = set()
            self.menus: dict[str, list[dict[str, object]]] = {}
            self.follower_codes: dict[str, tuple[str, str, float]] = {}
            self.secured: dict[str, SandboxSecurity] = {}
            self.callback_log: deque[dict[str, object]] = deque(maxlen=CALLBACKS_KEPT)
            self.ids = itertools.count(2_000_000_000_000_000_001)

    @property
    def shelf(self) -> Shelf:
        """The templates of the first mini-program."""
        return self.shelves["mini"]

    def now(self) -> float:
        """Unix seconds."""
        return self.clock().timestamp()

    def account_of(self, appid: object, secret: object) -> str:
        """The name of the account with this id and secret; raises 40013 or 40125.

        Several WeCom applications share one id and differ in the secret.
        """
        named = [name for name, config in self.accounts.items() if config.appid == appid]
        if not named:
            raise PlatformError(40013)
        for name in named:
            if self.accounts[name].secret == secret:
                return name
        raise PlatformError(40125)

    def person_of(self, openid: object, account: str) -> Person:
        """The person with this openid of this account; raises 40003."""
        person = self.people.of_openid(str(openid), account)
        if person is None:
            raise PlatformError(40003)
        return person
