"""The part of the control interface about WeCom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Request

from wechat.sandbox.control_body import read_body
from wechat.sandbox.state import SandboxState

Json = dict[str, Any]


class WeComControl:
    """Members, robots, and what was sent to them."""

    def __init__(self, state: SandboxState) -> None:
        self._state = state
        self.handlers: dict[tuple[str, str], Callable[[Request], Json]] = {
            ("POST", "wecom-members"): self._add_members,
            ("POST", "wecom-robots"): self._add_robot,
            ("GET", "wecom-posts"): self._list_posts,
            ("GET", "wecom-chats"): self._list_chats,
        }

    def _add_members(self, request: Request) -> Json:
        """Members as a mapping of user ids to names."""
        members = dict(read_body(request)["members"])
        with self._state.lock:
            for user_id, name in members.items():
                self._state.wecom.add_member(str(user_id), str(name))
        return {"count": len(self._state.wecom.members)}

    def _add_robot(self, request: Request) -> Json:
        body = read_body(request)
        with self._state.lock:
            self._state.wecom.robots[str(body["key"])] = str(body["name"])
        return {"ok": True}

    def _list_posts(self, request: Request) -> Json:
        del request
        with self._state.lock:
            return {"posts": [post.as_json() for post in self._state.wecom.posts]}

    def _list_chats(self, request: Request) -> Json:
        del request
        with self._state.lock:
            chats = self._state.wecom.chats.items()
            return {"chats": {key: {"name": chat.name, "members": list(chat.members)} for key, chat in chats}}
