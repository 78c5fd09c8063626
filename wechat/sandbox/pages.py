"""The pages on which a developer sees and uses the virtual phones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from wechat.sandbox.actions import Actions
from wechat.sandbox.authorize import Authorization
from wechat.sandbox.mailbox import Delivery
from wechat.sandbox.people import Person
from wechat.sandbox.state import SandboxState
from wechat.sandbox.wecom_book import WeComPost

_HERE = Path(__file__).parent
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_ONE_TIME_CODE = re.compile(r"(?<!\d)\d{4,8}(?!\d)")


def open_templates() -> Environment:
    """The templates of all pages, with their filters."""
    templates = Environment(loader=FileSystemLoader(_HERE / "templates"), autoescape=True)
    templates.filters["clock"] = _show_time
    templates.filters["code"] = _find_code
    return templates


class Pages:
    """/, /phones/<phone> and its feed, /outbox, and the page where a web log-in is agreed to."""

    def __init__(self, state: SandboxState, actions: Actions) -> None:
        self._state = state
        self._actions = actions
        self._templates = open_templates()

    def show_phones(self, request: Request) -> Response:
        """All virtual phones."""
        del request
        with self._state.lock:
            return self._render("phones.html", people=self._state.people.everybody())

    def add_phone(self, request: Request) -> Response:
        """A new virtual phone from the form on the list."""
        phone = request.form.get("phone", "").strip()
        if not phone.isascii() or not phone.isdecimal():
            return redirect("/")
        self._actions.register(phone, request.form.get("name", "").strip())
        return redirect(f"/phones/{phone}")

    def show_phone(self, request: Request, phone: str) -> Response:
        """One phone: its feed in a frame that reloads itself, its form outside so that typed text stays."""
        del request
        person = self._person(phone)
        with self._state.lock:
            rows = [
                (account, template, shelf.credit(person.openids[account], template.id))
                for account, shelf in self._state.shelves.items()
                if self._state.accounts[account].kind == "mini"
                for template in shelf.everything()
            ]
            codes = self._state.follower_codes.items()
            return self._render(
                "phone.html",
                person=person,
                rows=rows,
                buttons=_flatten(self._state.menus.get("oa", [])),
                codes=[(ticket, scene) for ticket, (_, scene, _) in codes],
            )

    def show_feed(self, request: Request, phone: str) -> Response:
        """What the phone shows, the part with the newest arrival first."""
        del request
        person = self._person(phone)
        with self._state.lock:
            parts: dict[str, list[Delivery]] = {"notices": [], "texts": [], "official": [], "service": []}
            for delivery in reversed(self._state.mailbox.of_phone(phone)):
                parts[_part_of(delivery)].append(delivery)
            order = sorted(parts, key=lambda name: parts[name][0].id if parts[name] else 0, reverse=True)
            return self._render("feed.html", person=person, parts=parts, order=order)

    def say(self, request: Request, phone: str) -> Response:
        """Write to the official account as this person."""
        text = request.form.get("text", "").strip()
        if text:
            self._actions.say("oa", self._person(phone), text)
        return redirect(f"/phones/{phone}")

    def tap(self, request: Request, phone: str) -> Response:
        """Tap a button of the official account's menu."""
        self._actions.do_event("oa", self._person(phone), "CLICK", request.form.get("key", ""))
        return redirect(f"/phones/{phone}")

    def scan(self, request: Request, phone: str) -> Response:
        """Scan a code of the official account."""
        self._actions.scan(self._person(phone), request.form.get("ticket", ""))
        return redirect(f"/phones/{phone}")

    def authorize(self, request: Request) -> Response:
        """Who comes here chooses whom to be, and is sent back with a code."""
        asked = Authorization(self._state, request.args)
        chosen = self._state.people.of_phone(request.args.get("as", ""))
        if chosen is not None:
            return redirect(asked.agree(chosen, snapshot="snapshot" in request.args))
        with self._state.lock:
            everybody = self._state.people.everybody()
        return self._render("authorize.html", people=everybody, query=request.query_string.decode())

    def follow(self, request: Request, phone: str) -> Response:
        """Follow the official account, or leave it."""
        event = "unsubscribe" if request.form.get("leave") else "subscribe"
        self._actions.do_event("oa", self._person(phone), event)
        return redirect(f"/phones/{phone}")

    def subscribe(self, request: Request, phone: str) -> Response:
        """Accept or refuse a template."""
        form, person = request.form, self._person(phone)
        account = form.get("account", "mini")
        if account not in self._state.shelves:
            raise NotFound
        choices = {form.get("template_id", ""): form.get("accept") == "1"}
        self._actions.decide_subscriptions(account, person, choices)
        return redirect(f"/phones/{phone}")

    def show_outbox(self, request: Request) -> Response:
        """All text messages, newest first, their one-time codes in large type."""
        del request
        with self._state.lock:
            return self._render("outbox.html", texts=self._state.mailbox.of_kind("sms"))

    def show_style(self, request: Request) -> Response:
        """The one style sheet."""
        del request
        return Response((_HERE / "static" / "sandbox.css").read_bytes(), mimetype="text/css")

    def _person(self, phone: str) -> Person:
        person = self._state.people.of_phone(phone)
        if person is None:
            raise NotFound
        return person

    def _render(self, name: str, **values: object) -> Response:
        return Response(self._templates.get_template(name).render(**values), mimetype="text/html")


def _part_of(delivery: Delivery) -> str:
    if delivery.kind in ("sms", "subscribe"):
        return "texts" if delivery.kind == "sms" else "notices"
    return "official" if delivery.account.partition("-")[0] == "oa" else "service"


def _flatten(buttons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The buttons of a menu that send something, those below others too."""
    flat = [child for button in buttons for child in button.get("sub_button", [button])]
    return [button for button in flat if button.get("type") == "click"]


def _show_time(delivery: Delivery | WeComPost) -> str:
    return delivery.at.astimezone(_SHANGHAI).strftime("%m月%d日 %H:%M:%S")


def _find_code(text: str) -> str:
    found = _ONE_TIME_CODE.search(text)
    return found[0] if found else ""
