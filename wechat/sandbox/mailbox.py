"""What arrived on each virtual phone."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

MessageKind = Literal["subscribe", "notification", "custom", "template", "passive", "sms", "said"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing on the screen. `said` are the person's own words, all others came from the product.

    `account` is the account it belongs to: mini, oa, another one, or none for a text message. `page` is what
    a tap opens, an address or a page of a mini-program.
    """

    id: int
    phone: str
    kind: MessageKind
    at: datetime
    account: str = ""
    text: str = ""
    title: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    template_id: str = ""
    page: str = ""
    is_ai: bool = False

    def as_json(self) -> dict[str, object]:
        """For the control interface."""
        return {
            "id": self.id,
            "phone": self.phone,
            "kind": self.kind,
            "account": self.account,
            "at": self.at.isoformat(),
            "text": self.text,
            "title": self.title,
            "data": dict(self.data),
            "template_id": self.template_id,
            "page": self.page,
            "is_ai": self.is_ai,
        }


class Mailbox:
    """Everything delivered, in order."""

    def __init__(self) -> None:
        self._by_phone: dict[str, list[Delivery]] = defaultdict(list)
        self._by_kind: dict[str, list[Delivery]] = defaultdict(list)
        self._ids = itertools.count(1)

    def put(self, phone: str, kind: MessageKind, at: datetime, **rest: object) -> Delivery:
        """Deliver something."""
        delivery = Delivery(next(self._ids), phone, kind, at, **rest)  # type: ignore[arg-type]
        self._by_phone[phone].append(delivery)
        self._by_kind[kind].append(delivery)
        return delivery

    def of_phone(self, phone: str) -> list[Delivery]:
        """What this phone shows, oldest first."""
        return list(self._by_phone.get(phone, ()))

    def of_kind(self, kind: MessageKind) -> list[Delivery]:
        """Everything of one kind, newest first."""
        return list(reversed(self._by_kind.get(kind, ())))

    def count(self, kind: MessageKind) -> int:
        """How many of one kind were delivered."""
        return len(self._by_kind.get(kind, ()))
