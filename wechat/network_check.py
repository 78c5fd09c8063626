"""The platform's own look at our callback address: does its name resolve, does it answer from there?

https://developers.weixin.qq.com/doc/offiaccount/Basic_Information/Network_Detection.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wechat.account import Account

CHECK = "/cgi-bin/callback/check"


@dataclass(frozen=True, slots=True)
class NetworkReport:
    """The addresses our name leads to, and those of them that lose packets on the way from the platform."""

    addresses: tuple[str, ...]
    lossy: tuple[str, ...]


def check_network(account: Account) -> NetworkReport:
    """Ask the platform to look at the callback address set in its console."""
    body = {"action": "all", "check_operator": "DEFAULT"}
    answer = account.post(CHECK, body, idempotent=True)
    addresses = tuple(str(row.get("ip", "")) for row in _rows(answer.get("dns")))
    lossy = {str(row.get("ip", "")) for row in _rows(answer.get("ping")) if row.get("package_loss") != "0%"}
    return NetworkReport(addresses, tuple(sorted(lossy)))


def _rows(rows: Any) -> list[Mapping[str, Any]]:
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []
