"""The menu below a conversation with an official account.

https://developers.weixin.qq.com/doc/offiaccount/Custom_Menus/Creating_Custom-Defined_Menu.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wechat.account import Account

CREATE = "/cgi-bin/menu/create"
DELETE = "/cgi-bin/menu/delete"
MAX_BUTTONS, MAX_SUB_BUTTONS = 3, 5
NAME_BYTES, SUB_NAME_BYTES, KEY_BYTES, URL_BYTES = 16, 60, 128, 1024


@dataclass(frozen=True, slots=True)
class Button:
    """One entry: it either opens others, or sends `key`, or opens `url`, or a mini-program with `url` behind it."""

    name: str
    key: str = ""
    url: str = ""
    mini_appid: str = ""
    mini_path: str = ""
    children: tuple[Button, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As the platform takes it."""
        if self.children:
            return {"name": self.name, "sub_button": [child.as_json() for child in self.children]}
        if self.mini_appid:
            target = {"url": self.url, "appid": self.mini_appid, "pagepath": self.mini_path}
            return {"type": "miniprogram", "name": self.name, **target}
        if self.url:
            return {"type": "view", "name": self.name, "url": self.url}
        return {"type": "click", "name": self.name, "key": self.key}


def set_menu(account: Account, buttons: Sequence[Button]) -> None:
    """Replace the menu; followers see it within five minutes. Too many, too long or empty is refused here."""
    problem = _find_problem(buttons)
    if problem:
        raise account.invalid(CREATE, problem)
    account.post(CREATE, {"button": [button.as_json() for button in buttons]}, idempotent=True)


def delete_menu(account: Account) -> None:
    """Take the menu away."""
    account.get(DELETE, {})


def _find_problem(buttons: Sequence[Button]) -> str | None:
    if not 1 <= len(buttons) <= MAX_BUTTONS:
        return f"a menu has 1 to {MAX_BUTTONS} buttons"
    for button in buttons:
        if len(button.children) > MAX_SUB_BUTTONS:
            return f"{button.name}: at most {MAX_SUB_BUTTONS} buttons below one"
        problem = _find_fault(button, NAME_BYTES) or next(
            (fault for child in button.children if (fault := _find_fault(child, SUB_NAME_BYTES))), None
        )
        if problem or any(child.children for child in button.children):
            return problem or f"{button.name}: a menu has two levels"
    return None


def _find_fault(button: Button, name_bytes: int) -> str | None:
    if not 0 < len(button.name.encode()) <= name_bytes:
        return f"{button.name}: a name has 1 to {name_bytes} bytes"
    if not (button.children or button.key or button.url):
        return f"{button.name}: nothing to do"
    if len(button.key.encode()) > KEY_BYTES or len(button.url.encode()) > URL_BYTES:
        return f"{button.name}: key or address too long"
    return None
