"""The JSON interface by which tests and the browser build move the virtual people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Request

from wechat.sandbox.actions import Actions, Reply
from wechat.sandbox.api_security import SandboxSecurity
from wechat.sandbox.control_body import read_body
from wechat.sandbox.control_weather import WeatherControl
from wechat.sandbox.people import Person
from wechat.sandbox.platform_errors import PlatformError
from wechat.sandbox.shelf import SandboxTemplate
from wechat.sandbox.state import SandboxState
from wechat.sandbox.wecom_control import WeComControl

Json = dict[str, Any]
Handler = Callable[[Request], Json]


class ControlApi:
    """Everything under /sandbox/. Wrong input is answered with 400, unknown people with 404.

    `account` names the account where several of a kind are served; without it the first one is meant.
    """

    def __init__(self, state: SandboxState, actions: Actions) -> None:
        self._state = state
        self._actions = actions
        self._handlers: dict[tuple[str, str], Handler] = {
            ("GET", "identity"): lambda request: {"sandbox": True},
            ("GET", "users"): self._list_users,
            ("POST", "users"): self._create_user,
            ("POST", "crowd"): self._create_crowd,
            ("POST", "login-codes"): lambda request: self._issue_code(request, "login"),
            ("POST", "phone-codes"): lambda request: self._issue_code(request, "phone"),
            ("GET", "subscriptions"): self._show_credit,
            ("POST", "subscriptions"): self._decide_subscription,
            ("POST", "refusals"): self._refuse_in_settings,
            ("POST", "consents"): self._change_consent,
            ("POST", "scans"): self._scan,
            ("POST", "oa-messages"): lambda request: self._speak(request, "oa"),
            ("POST", "mini-messages"): lambda request: self._speak(request, "mini"),
            ("GET", "messages"): self._list_messages,
            ("POST", "sms"): self._receive_sms,
            ("POST", "templates"): self._add_template,
            ("DELETE", "tokens"): self._revoke_tokens,
            ("POST", "api-security"): self._switch_on_security,
            ("POST", "push-format"): self._set_push_format,
            ("GET", "callbacks"): lambda request: {"callbacks": list(self._state.callback_log)},
            ("POST", "reset"): self._reset,
            **WeatherControl(state).handlers,
            **WeComControl(state).handlers,
        }

    def answer(self, request: Request, name: str) -> Json:
        """The answer to a request for /sandbox/<name>."""
        handler = self._handlers.get((request.method, name))
        if handler is None:
            raise NotFound
        try:
            return handler(request)
        except (KeyError, TypeError, ValueError) as problem:
            raise BadRequest(f"missing or wrong: {problem}") from problem
        except PlatformError as problem:
            raise BadRequest(str(problem.as_answer()["errmsg"])) from problem

    def _list_users(self, request: Request) -> Json:
        del request
        return {"users": [_show(person) for person in self._state.people.everybody()]}

    def _create_user(self, request: Request) -> Json:
        body = read_body(request)
        phone = str(body["phone"])
        if not phone.isascii() or not phone.isdecimal():
            raise ValueError("phone must be digits")
        chosen = {"unionid": body["unionid"]} if "unionid" in body else {}
        return _show(self._actions.register(phone, str(body.get("name", "")), **chosen))

    def _create_crowd(self, request: Request) -> Json:
        """Many people at once, with phones counted up from `first`, who have accepted `template_id`."""
        body = read_body(request)
        first, count, template_id = int(body["first"]), int(body["count"]), body.get("template_id")
        account, openids = self._account(body, "mini"), []
        with self._state.lock:
            for number in range(first, first + count):
                person = self._actions.register(str(number), "")
                openids.append(person.openids[account])
                if template_id:
                    self._state.shelves[account].decide(openids[-1], str(template_id), accept=True)
        return {"openids": openids}

    def _issue_code(self, request: Request, kind: Any) -> Json:
        body = read_body(request)
        person, account = self._person(body), self._account(body, "mini")
        with self._state.lock:
            openid = person.openids[account]
            return {"code": self._state.codes.issue(kind, account, openid, self._state.now())}

    def _show_credit(self, request: Request) -> Json:
        person, account = self._person(request.args), self._account(request.args, "mini")
        shelf = self._state.shelves[account]
        return {"credit": shelf.credit(person.openids[account], request.args["template_id"])}

    def _decide_subscription(self, request: Request) -> Json:
        """One template, or several in one dialogue under `choices`."""
        body = read_body(request)
        person, account = self._person(body), self._account(body, "mini")
        choices = dict(body["choices"]) if "choices" in body else {body["template_id"]: body["accept"]}
        decided = {str(one): accept is True for one, accept in choices.items()}
        credits = self._actions.decide_subscriptions(account, person, decided)
        return {"credits": credits} if "choices" in body else {"credit": credits[str(body["template_id"])]}

    def _refuse_in_settings(self, request: Request) -> Json:
        body = read_body(request)
        templates = [str(one) for one in body["template_ids"]]
        self._actions.refuse_in_settings(self._account(body, "mini"), self._person(body), templates)
        return {"ok": True}

    def _change_consent(self, request: Request) -> Json:
        body = read_body(request)
        numbers = [int(one) for one in body.get("numbers", [])]
        account, person = self._account(body, "mini"), self._person(body)
        return _show_reply(self._actions.change_consent(account, person, str(body["event"]), numbers))

    def _scan(self, request: Request) -> Json:
        body = read_body(request)
        return _show_reply(self._actions.scan(self._person(body), str(body["ticket"])))

    def _speak(self, request: Request, kind: str) -> Json:
        body = read_body(request)
        person, account = self._person(body), self._account(body, kind)
        if "event" in body:
            key = str(body.get("event_key", ""))
            reply = self._actions.do_event(account, person, str(body["event"]), key)
        elif "media" in body:
            reply = self._actions.send_media(account, person, str(body["media"]))
        else:
            reply = self._actions.say(account, person, str(body["text"]))
        return _show_reply(reply)

    def _list_messages(self, request: Request) -> Json:
        with self._state.lock:
            found = self._state.mailbox.of_phone(request.args["phone"])
            return {"messages": [one.as_json() for one in found if one.kind != "said"]}

    def _receive_sms(self, request: Request) -> Json:
        body = read_body(request)
        with self._state.lock:
            delivery = self._state.mailbox.put(
                str(body["phone"]), "sms", self._state.clock(), text=str(body["text"])
            )
        return {"id": delivery.id}

    def _add_template(self, request: Request) -> Json:
        body = read_body(request)
        if body["kind"] not in ("one_time", "long_term"):
            raise ValueError("kind must be one_time or long_term")
        fields = {str(name): str(label) for name, label in dict(body["fields"]).items()}
        choices = {str(name): [str(one) for one in of] for name, of in dict(body.get("choices", {})).items()}
        made = SandboxTemplate(str(body["id"]), str(body["title"]), body["kind"], fields, choices)
        with self._state.lock:
            self._state.shelves[self._account(body, "mini")].add(made)
        return {"id": body["id"]}

    def _revoke_tokens(self, request: Request) -> Json:
        del request
        with self._state.lock:
            self._state.tokens.revoke()
        return {"ok": True}

    def _switch_on_security(self, request: Request) -> Json:
        """Make keys for an account and hand them out, as its console would."""
        account = self._account(read_body(request), "mini")
        security = SandboxSecurity(self._state.accounts[account].appid)
        with self._state.lock:
            self._state.secured[account] = security
        return security.hand_out()

    def _set_push_format(self, request: Request) -> Json:
        chosen = read_body(request)["format"]
        if chosen not in ("json", "xml"):
            raise ValueError("format must be json or xml")
        self._state.push_format = chosen
        return {"ok": True}

    def _reset(self, request: Request) -> Json:
        del request
        self._state.reset()
        return {"ok": True}

    def _account(self, given: Any, kind: str) -> str:
        account = str(given.get("account") or kind)
        if account not in self._state.shelves:
            raise NotFound("no such account")
        return account

    def _person(self, given: Any) -> Person:
        phone, openid = str(given.get("phone", "")), str(given.get("openid", ""))
        person = self._state.people.find(phone=phone, openid=openid)
        if person is None:
            raise NotFound("nobody with this phone or openid")
        return person


def _show(person: Person) -> Json:
    return {
        "name": person.name,
        "phone": person.phone,
        "unionid": person.unionid,
        "openid_mini": person.openid_mini,
        "openid_oa": person.openid_oa,
        "openids": dict(person.openids),
        "follows": person.follows,
    }


def _show_reply(reply: Reply) -> Json:
    return {"status": reply.status, "reply_text": reply.reply_text}

