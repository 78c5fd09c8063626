"""Messages of a WeCom application to members of the directory.

https://developer.work.weixin.qq.com/document/path/90236
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from wechat.account import Account
from wechat.errors import WeChatError
from wechat.rate_gate import Rate, RateGate
from wechat.text_limits import cut_to_bytes

SEND = "/cgi-bin/message/send"
RECALL = "/cgi-bin/message/recall"
MAX_USERS = 1000
#: What a member gets beyond this the platform drops without a word.
MEMBER_RATE = Rate(limit=30, seconds=60)
TEXT_BYTES, TITLE_BYTES, DESCRIPTION_BYTES = 2048, 128, 512
DUPLICATE_SECONDS = 1800
#: 81013: none of the people named exists; all of them are invalid, which is an answer and no failure.
_ALL_INVALID = 81013


@dataclass(frozen=True, slots=True)
class WeComText:
    """Plain words."""

    content: str

    def as_json(self) -> dict[str, Any]:
        """As the platform takes it: at most 2048 bytes, cut between characters."""
        return {"msgtype": "text", "text": {"content": cut_to_bytes(self.content, TEXT_BYTES)}}


@dataclass(frozen=True, slots=True)
class WeComMarkdown:
    """Words with a little layout."""

    content: str

    def as_json(self) -> dict[str, Any]:
        """As the platform takes it: at most 2048 bytes, cut between characters."""
        return {"msgtype": "markdown", "markdown": {"content": cut_to_bytes(self.content, TEXT_BYTES)}}


@dataclass(frozen=True, slots=True)
class WeComCard:
    """A title, a few words and an address to open."""

    title: str
    description: str
    url: str

    def as_json(self) -> dict[str, Any]:
        """As the platform takes it: 128 bytes of title, 512 of text."""
        title = cut_to_bytes(self.title, TITLE_BYTES)
        text = cut_to_bytes(self.description, DESCRIPTION_BYTES)
        return {"msgtype": "textcard", "textcard": {"title": title, "description": text, "url": self.url}}


WeComContent = WeComText | WeComMarkdown | WeComCard


@dataclass(frozen=True, slots=True)
class WeComReport:
    """What became of one message to many: each person is in exactly one of the four.

    `held`: had thirty messages in this minute, may get it later. `unsent`: never asked for, since `problem`
    came first; with an unknown outcome the batch it struck is among them and may have it, and a repetition
    within half an hour is dropped by the platform.
    """

    sent: tuple[str, ...] = field(repr=False)
    invalid: tuple[str, ...] = field(repr=False)
    held: tuple[str, ...] = field(repr=False)
    unsent: tuple[str, ...] = field(repr=False)
    message_ids: tuple[str, ...]
    problem: WeChatError | None = None


def send_to_members(
    account: Account, gate: RateGate, user_ids: Sequence[str], content: WeComContent
) -> WeComReport:
    """One message to any number of members, a thousand in one call. The same person is named once."""
    people = list(dict.fromkeys(user_ids))
    if any(not _is_member(person) for person in people):
        raise account.invalid(SEND, "a user id is empty, or names everybody")
    allowed = gate.take_each([f"member:{account.config.identity}:{person}" for person in people], MEMBER_RATE)
    going = [person for person, may in zip(people, allowed, strict=True) if may]
    held = tuple(person for person, may in zip(people, allowed, strict=True) if not may)
    invalid: list[str] = []
    message_ids: list[str] = []
    problem: WeChatError | None = None
    asked = 0
    for start in range(0, len(going), MAX_USERS):
        batch = going[start : start + MAX_USERS]
        try:
            message_id, unknown = _send(account, batch, content)
        except WeChatError as error:
            problem = error
            break
        asked += len(batch)
        invalid += unknown
        message_ids += [message_id] if message_id else []
    wrong = set(invalid)
    sent = tuple(person for person in going[:asked] if person not in wrong)
    return WeComReport(sent, tuple(invalid), held, tuple(going[asked:]), tuple(message_ids), problem)


def recall(account: Account, message_id: str) -> None:
    """Take a message back within a day."""
    account.post(RECALL, {"msgid": message_id}, idempotent=True)


def _send(account: Account, batch: Sequence[str], content: WeComContent) -> tuple[str, list[str]]:
    """The id of the message and who in the batch is unknown there. Repeating harms nobody: see the check."""
    body = {
        "touser": "|".join(batch),
        "agentid": account.config.agent_id,
        "enable_duplicate_check": 1,
        "duplicate_check_interval": DUPLICATE_SECONDS,
        **content.as_json(),
    }
    answer = account.post(SEND, body, idempotent=True, accepted=frozenset({0, _ALL_INVALID}))
    if answer.get("errcode") == _ALL_INVALID:
        return "", list(batch)
    named = "|".join(str(answer.get(name) or "") for name in ("invaliduser", "unlicenseduser"))
    unknown = {one.casefold() for one in named.split("|") if one}  # the directory ignores case
    return str(answer.get("msgid") or ""), [person for person in batch if person.casefold() in unknown]


def _is_member(user_id: str) -> bool:
    return bool(user_id) and "|" not in user_id and not user_id.startswith("@")
