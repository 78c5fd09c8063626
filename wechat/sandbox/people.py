"""The virtual people: one phone each."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field


@dataclass(slots=True)
class Person:
    """Somebody with a phone. `windows` holds, per account kind, what customer messages may still be sent."""

    name: str
    phone: str
    unionid: str | None
    openid_mini: str
    openid_oa: str
    follows: bool = False
    visited_at: float | None = None
    windows: dict[str, Window] = field(default_factory=dict)


@dataclass(slots=True)
class Window:
    """So many customer messages until then."""

    left: int
    closes_at: float


class Directory:
    """People by phone and by openid. The same phone always gets the same openids."""

    def __init__(self, mini_appid: str, oa_appid: str) -> None:
        self._mini_appid = mini_appid
        self._oa_appid = oa_appid
        self._by_phone: dict[str, Person] = {}
        self._by_openid: dict[str, Person] = {}

    def register(self, phone: str, name: str, *, unionid: str | None) -> Person:
        """The person of this phone, renamed when known already."""
        person = self._by_phone.get(phone)
        if person is None:
            person = Person(
                name, phone, unionid, _openid(self._mini_appid, phone), _openid(self._oa_appid, phone)
            )
            self._by_phone[phone] = person
            self._by_openid[person.openid_mini] = person
            self._by_openid[person.openid_oa] = person
        person.name, person.unionid = name or person.name, unionid
        return person

    def of_phone(self, phone: str) -> Person | None:
        """The person with this phone, or None."""
        return self._by_phone.get(phone)

    def of_openid(self, openid: str, kind: str) -> Person | None:
        """The person this openid of this kind of account names, or None."""
        person = self._by_openid.get(openid)
        if person is None or openid != (person.openid_mini if kind == "mini" else person.openid_oa):
            return None
        return person

    def find(self, *, phone: str = "", openid: str = "") -> Person | None:
        """By either."""
        return self._by_phone.get(phone) or self._by_openid.get(openid)

    def everybody(self) -> list[Person]:
        """In the order they came."""
        return list(self._by_phone.values())


def default_unionid(phone: str) -> str:
    """The unionid of someone while both accounts are bound to one open platform."""
    return _openid("open-platform", phone)


def _openid(appid: str, phone: str) -> str:
    digest = hashlib.sha256(f"{appid}:{phone}".encode()).digest()
    return "o" + base64.urlsafe_b64encode(digest).decode()[:27]
