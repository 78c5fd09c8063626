"""What arrived on each virtual phone."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

MessageKind = Literal["subscribe", "custom", "template", "passive", "sms", "said"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing on the screen. `said` are the person's own words, all others came from the product.

    `account` is the account it belongs to: mini, oa or none for a text message.
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
        self._deliveries: list[Delivery] = []
        self._ids = itertools.count(1)

    def put(self, phone: str, kind: MessageKind, at: datetime, **rest: object) -> Delivery:
        """Deliver something."""
        delivery = Delivery(next(self._ids), phone, kind, at, **rest)  # type: ignore[arg-type]
        self._deliveries.append(delivery)
        return delivery

    def of_phone(self, phone: str) -> list[Delivery]:
        """What this phone shows, oldest first."""
        return [one for one in self._deliveries if one.phone == phone]

    def of_kind(self, kind: MessageKind) -> list[Delivery]:
        """Everything of one kind, newest first."""
        return [one for one in reversed(self._deliveries) if one.kind == kind]
