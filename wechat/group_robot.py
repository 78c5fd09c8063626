"""The robot of a WeCom group: whoever knows its key may write into the group.

https://developer.work.weixin.qq.com/document/path/99110
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from wechat.call import Call
from wechat.errors import RateLimited, WeChatError
from wechat.rate_gate import Rate, RateGate
from wechat.text_limits import cut_to_bytes
from wechat.transport import Transport

SEND = "/cgi-bin/webhook/send"
RATE = Rate(limit=20, seconds=60)
TEXT_BYTES, MARKDOWN_BYTES = 2048, 4096


@dataclass(frozen=True, slots=True)
class GroupNotice:
    """One notice for the group: its title, and where it can be read in full."""

    title: str
    url: str = ""

    @property
    def line(self) -> str:
        """As a line of markdown."""
        title = cut_to_bytes(" ".join(self.title.split()), 300)
        return f"> [{title}]({self.url})" if self.url else f"> {title}"


@dataclass(frozen=True, slots=True)
class Told:
    """How many notices the group has now, first ones first, and what stopped the rest."""

    count: int
    problem: WeChatError | None = None


class GroupRobot:
    """Writes into one group, at most twenty times a minute in all processes together."""

    def __init__(self, name: str, key: str, transport: Transport, gate: RateGate) -> None:
        self.name = name
        self._key = key
        self._transport = transport
        self._gate = gate

    def __repr__(self) -> str:
        return f"GroupRobot({self.name!r})"

    def send_text(self, text: str, *, mentioned: Sequence[str] = ()) -> None:
        """One message; `mentioned` are user ids, or @all. Longer than 2048 bytes is cut with `…`."""
        body = {"content": cut_to_bytes(text, TEXT_BYTES), "mentioned_list": list(mentioned)}
        self._send({"msgtype": "text", "text": body})

    def send_markdown(self, text: str) -> None:
        """One message with a little layout. Longer than 4096 bytes is cut with `…`."""
        self._send({"msgtype": "markdown", "markdown": {"content": cut_to_bytes(text, MARKDOWN_BYTES)}})

    def send_notices(self, heading: str, notices: Sequence[GroupNotice]) -> Told:
        """Each notice on its own while the minute has room for all, otherwise merged into digests.

        Nothing is raised once a part is out: the caller must know what to send later.
        """
        told = 0
        for text, count in self._plan(heading, notices):
            try:
                self.send_markdown(text)
            except WeChatError as problem:
                return Told(told, problem)
            told += count
        return Told(told)

    def _plan(self, heading: str, notices: Sequence[GroupNotice]) -> list[tuple[str, int]]:
        if len(notices) <= self._gate.room(self._gate_key, RATE):
            return [(f"**{heading}**\n{notice.line}", 1) for notice in notices]
        return list(_digests(heading, notices))

    def _send(self, body: dict[str, Any]) -> None:
        if not self._gate.take_each([self._gate_key], RATE)[0]:
            raise RateLimited("twenty messages a minute", api=SEND, appid=self.name)
        query = {"key": self._key}
        self._transport.call(Call(SEND, self.name, query=query, body=body, secrets=(self._key,)))

    @property
    def _gate_key(self) -> str:
        return f"robot:{self.name}"


def read_pairs(text: str) -> list[tuple[str, str]]:
    """Robots in a line, as `name:key,name:key`; raises ValueError, which repeats no key."""
    pairs = [tuple(part.strip() for part in one.split(":", 1)) for one in text.split(",") if one.strip()]
    if any(len(pair) != 2 or not all(pair) for pair in pairs) or len({pair[0] for pair in pairs}) != len(pairs):
        raise ValueError("robots are written as name:key,name:key, each name once")
    return [(pair[0], pair[1]) for pair in pairs]


def _digests(heading: str, notices: Sequence[GroupNotice]) -> Iterator[tuple[str, int]]:
    """As few messages as hold all lines, each with the number of notices in it."""
    head = f"**{heading}（合并 {len(notices)} 条）**"
    lines, size = [head], len(head.encode())
    for notice in notices:
        room = len(notice.line.encode()) + 1
        if size + room > MARKDOWN_BYTES and len(lines) > 1:
            yield "\n".join(lines), len(lines) - 1
            lines, size = [head], len(head.encode())
        lines.append(notice.line)
        size += room
    if len(lines) > 1:
        yield "\n".join(lines), len(lines) - 1
