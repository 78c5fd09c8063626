"""The virtual people: one phone each."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Person:
    """Somebody with a phone. All below is kept by account.

    `windows`: what customer messages may still be sent; `visits`: when they last opened the mini-program;
    `followed`: since when they follow; `typing_until`: how long the sign of writing is shown.
    """

    name: str
    phone: str
    unionid: str | None
    openids: Mapping[str, str]
    windows: dict[str, Window] = field(default_factory=dict)
    visits: dict[str, float] = field(default_factory=dict)
    followed: dict[str, float] = field(default_factory=dict)
    typing_until: dict[str, float] = field(default_factory=dict)

    @property
    def openid_mini(self) -> str:
        """The openid at the first mini-program."""
        return self.openids["mini"]

    @property
    def openid_oa(self) -> str:
        """The openid at the first official account."""
        return self.openids["oa"]

    @property
    def follows(self) -> bool:
        """Whether this person follows the first official account."""
        return "oa" in self.followed


@dataclass(slots=True)
class Window:
    """So many customer messages until then; `opened_at` is when the person last did something."""

    left: int
    closes_at: float
    opened_at: float


class Directory:
    """People by phone and by openid. The same phone always gets the same openids."""

    def __init__(self, appids: Mapping[str, str]) -> None:
        self._appids = appids
        self._by_phone: dict[str, Person] = {}
        self._by_openid: dict[tuple[str, str], Person] = {}

    def register(self, phone: str, name: str, *, unionid: str | None) -> Person:
        """The person of this phone, renamed when known already."""
        person = self._by_phone.get(phone)
        if person is None:
            openids = {account: _openid(appid, phone) for account, appid in self._appids.items()}
            person = self._by_phone[phone] = Person(name, phone, unionid, openids)
            for account, openid in openids.items():
                self._by_openid[account, openid] = person
        person.name, person.unionid = name or person.name, unionid
        return person

    def of_phone(self, phone: str) -> Person | None:
        """The person with this phone, or None."""
        return self._by_phone.get(phone)

    def of_openid(self, openid: str, account: str) -> Person | None:
        """The person this openid of this account names, or None."""
        return self._by_openid.get((account, openid))

    def find(self, *, phone: str = "", openid: str = "") -> Person | None:
        """By either."""
        found = self._by_phone.get(phone)
        if found is not None or not openid:
            return found
        keys = ((account, openid) for account in self._appids)
        return next((self._by_openid[key] for key in keys if key in self._by_openid), None)

    def everybody(self) -> list[Person]:
        """In the order they came."""
        return list(self._by_phone.values())


def default_unionid(phone: str) -> str:
    """The unionid of someone while all accounts are bound to one open platform."""
    return _openid("open-platform", phone)


def _openid(appid: str, phone: str) -> str:
    digest = hashlib.sha256(f"{appid}:{phone}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]
