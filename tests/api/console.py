"""A member of staff at the console, with a fresh session: forms carry their token."""

from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from app.http.lifecycle import CONSOLE_COOKIE
from services.context import Actor
from tests.api.grid import token_for
from tests.factories import World


class Console:
    """Pages are asked for by their address under /console."""

    def __init__(self, client: FlaskClient, world: World, actor: Actor) -> None:
        self.client, self.actor = client, actor
        self.cookie = world.console_cookie(actor)

    def bytes(self, path: str) -> bytes:
        self.client.set_cookie(CONSOLE_COOKIE, self.cookie, path="/console")
        answer = self.client.get(f"/console{path}")
        assert answer.status_code == 200, answer.get_data(as_text=True)[-2000:]
        return answer.get_data()

    def get(self, path: str) -> str:
        return self.bytes(path).decode()

    def post(self, path: str, expected: int = 303, **values: Any) -> str:
        return self._post(path, expected, values).decode()

    def post_for_file(self, path: str) -> bytes:
        return self._post(path, 200, {})

    def _post(self, path: str, expected: int, values: dict[str, Any]) -> bytes:
        self.client.set_cookie(CONSOLE_COOKIE, self.cookie, path="/console")
        token = token_for(self.client.application, self.cookie)
        answer = self.client.post(f"/console{path}", data=MultiDict(values | {"csrf_token": token}))
        assert answer.status_code == expected, answer.get_data(as_text=True)[-2000:]
        return answer.get_data()
