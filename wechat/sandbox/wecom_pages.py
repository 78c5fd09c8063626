"""The page that shows what WeCom members, chats and groups were sent."""

from __future__ import annotations

from itertools import islice

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from wechat.sandbox.pages import open_templates
from wechat.sandbox.state import SandboxState
from wechat.sandbox.wecom_book import WeComPost

SHOWN = 20


class WeComPages:
    """/wecom and its feed."""

    def __init__(self, state: SandboxState) -> None:
        self._state = state
        self._templates = open_templates()

    def show_wecom(self, request: Request) -> Response:
        """Members and robots, with forms to add some; the messages in a frame that reloads itself."""
        del request
        with self._state.lock:
            book = self._state.wecom
            robots = sorted(set(book.robots.values()))
            return self._render("wecom.html", members=dict(book.members), robots=robots, chats=dict(book.chats))

    def show_wecom_feed(self, request: Request) -> Response:
        """Every message by place, the place with the newest first."""
        del request
        with self._state.lock:
            book, places = self._state.wecom, dict[tuple[str, str], list[WeComPost]]()
            for post in reversed(book.posts):
                places.setdefault((post.place, post.name), []).append(post)
            shown = {key: list(islice(posts, SHOWN)) for key, posts in places.items()}
            names = {("member", key): name for key, name in book.members.items()}
            names |= {("chat", key): chat.name for key, chat in book.chats.items()}
            return self._render("wecom_feed.html", places=shown, names=names)

    def add_member(self, request: Request) -> Response:
        """Somebody new in the directory."""
        user_id, name = request.form.get("user_id", "").strip(), request.form.get("name", "").strip()
        if user_id and "|" not in user_id:
            with self._state.lock:
                self._state.wecom.add_member(user_id, name or user_id)
        return redirect("/wecom")

    def add_robot(self, request: Request) -> Response:
        """A robot with the key that the product was given."""
        key, name = request.form.get("key", "").strip(), request.form.get("name", "").strip()
        if key and name:
            with self._state.lock:
                self._state.wecom.robots[key] = name
        return redirect("/wecom")

    def _render(self, name: str, **values: object) -> Response:
        return Response(self._templates.get_template(name).render(**values), mimetype="text/html")
