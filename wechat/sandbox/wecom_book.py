"""WeCom as the stand-in keeps it: members, chats, robots, and what they were sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

MEMBER_MESSAGES_IN_A_MINUTE = 30
MESSAGES_KEPT = 5000
PlaceKind = Literal["member", "chat", "robot"]


@dataclass(frozen=True, slots=True)
class WeComPost:
    """One message: to a member, into a chat, or by a robot into its group."""

    id: int
    place: PlaceKind
    name: str
    at: datetime
    kind: str
    text: str
    title: str = ""
    url: str = ""

    def as_json(self) -> dict[str, object]:
        """For the control interface."""
        return {
            "id": self.id,
            "place": self.place,
            "name": self.name,
            "at": self.at.isoformat(),
            "kind": self.kind,
            "text": self.text,
            "title": self.title,
            "url": self.url,
        }


@dataclass(slots=True)
class Chat:
    """A group chat that an application made."""

    name: str
    owner: str
    members: list[str]


class WeComBook:
    """The directory ignores case. A robot exists as soon as its key is made known."""

    def __init__(self) -> None:
        self.members: dict[str, str] = {}
        self.chats: dict[str, Chat] = {}
        self.robots: dict[str, str] = {}
        self.posts: list[WeComPost] = []
        self.seen: dict[str, float] = {}
        self._minute: Counter[str] = Counter()
        self._minute_of = -1

    def add_member(self, user_id: str, name: str) -> None:
        """Put somebody into the directory."""
        self.members[user_id.casefold()] = name

    def may_reach(self, user_id: str, now: float) -> bool:
        """Whether this member has room in this minute; what is beyond is dropped without a word."""
        if int(now // 60) != self._minute_of:
            self._minute.clear()
            self._minute_of = int(now // 60)
        self._minute[user_id] += 1
        return self._minute[user_id] <= MEMBER_MESSAGES_IN_A_MINUTE

    def is_repeated(self, what: str, now: float, seconds: float) -> bool:
        """Whether the same message to the same person went out a moment ago."""
        last = self.seen.get(what)
        if last is not None and now - last < seconds:
            return True
        self.seen[what] = now
        return False

    def post(self, post: WeComPost) -> None:
        """Show a message."""
        self.posts.append(post)
        if len(self.posts) > MESSAGES_KEPT:
            del self.posts[: MESSAGES_KEPT // 2]

    def of_place(self, place: PlaceKind, name: str) -> list[WeComPost]:
        """What was sent there, newest first."""
        return [one for one in reversed(self.posts) if (one.place, one.name) == (place, name)]
