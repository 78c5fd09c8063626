"""Everything the stand-in remembers, behind one lock."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Mapping

from wechat.clock import Clock, utc_now
from wechat.config import AccountConfig
from wechat.sandbox.credentials import CodeStore, TokenBook
from wechat.sandbox.faults import FaultScript
from wechat.sandbox.mailbox import Mailbox
from wechat.sandbox.people import Directory, Person
from wechat.sandbox.platform_errors import PlatformError
from wechat.sandbox.shelf import Shelf
from wechat.sandbox.usage import Usage


class SandboxState:
    """Hold `lock` while reading or changing anything in it.

    `latency` is added to every platform call; `callback_delay` passes before an event is pushed.
    """

    def __init__(
        self,
        mini: AccountConfig,
        oa: AccountConfig,
        *,
        product_url: str | None = None,
        clock: Clock = utc_now,
        latency: float = 0.0,
        callback_delay: float = 0.2,
    ) -> None:
        self.accounts: Mapping[str, AccountConfig] = {"mini": mini, "oa": oa}
        self.product_url = product_url
        self.clock = clock
        self.latency = latency
        self.callback_delay = callback_delay
        self.lock = threading.RLock()
        self.faults = FaultScript()
        self.stopping = threading.Event()
        self.reset()

    def reset(self) -> None:
        """Forget everything but the accounts."""
        with self.lock:
            self.faults.clear()
            self.tokens = TokenBook()
            self.codes = CodeStore()
            self.people = Directory(self.accounts["mini"].appid, self.accounts["oa"].appid)
            self.shelf = Shelf()
            self.mailbox = Mailbox()
            self.usage = Usage()
            self.in_flight: set[str] = set()
            self.client_msg_ids: dict[str, int] = {}
            self.callback_log: list[dict[str, object]] = []
            self.ids = itertools.count(2_000_000_000_000_000_001)

    def now(self) -> float:
        """Unix seconds."""
        return self.clock().timestamp()

    def account_of(self, appid: object) -> AccountConfig:
        """The account with this appid; raises 40013."""
        for config in self.accounts.values():
            if config.appid == appid:
                return config
        raise PlatformError(40013)

    def person_of(self, openid: object, kind: str) -> Person:
        """The person with this openid of this account; raises 40003."""
        person = self.people.of_openid(str(openid), kind)
        if person is None:
            raise PlatformError(40003)
        return person
