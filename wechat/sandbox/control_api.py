"""The JSON interface by which tests and the browser build move the virtual people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Request

from wechat.sandbox.actions import Actions
from wechat.sandbox.faults import FAULT_KINDS, Fault
from wechat.sandbox.people import Person
from wechat.sandbox.platform_errors import PlatformError
from wechat.sandbox.shelf import SandboxTemplate
from wechat.sandbox.state import SandboxState

Json = dict[str, Any]
Handler = Callable[[Request], Json]


class ControlApi:
    """Everything under /sandbox/. Wrong input is answered with 400, unknown people with 404."""

    def __init__(self, state: SandboxState, actions: Actions) -> None:
        self._state = state
        self._actions = actions
        self._handlers: dict[tuple[str, str], Handler] = {
            ("GET", "identity"): lambda request: {"sandbox": True},
            ("GET", "users"): self._list_users,
            ("POST", "users"): self._create_user,
            ("POST", "login-codes"): self._issue_login_code,
            ("POST", "phone-codes"): self._issue_phone_code,
            ("GET", "subscriptions"): self._show_credit,
            ("POST", "subscriptions"): self._decide_subscription,
            ("POST", "oa-messages"): lambda request: self._speak(request, "oa"),
            ("POST", "mini-messages"): lambda request: self._speak(request, "mini"),
            ("GET", "messages"): self._list_messages,
            ("POST", "sms"): self._receive_sms,
            ("POST", "templates"): self._add_template,
            ("POST", "faults"): self._add_fault,
            ("DELETE", "faults"): self._clear_faults,
            ("DELETE", "tokens"): self._revoke_tokens,
            ("POST", "quotas"): self._set_quota,
            ("GET", "calls"): lambda request: dict(self._state.usage.calls),
            ("GET", "callbacks"): lambda request: {"callbacks": list(self._state.callback_log)},
            ("POST", "reset"): self._reset,
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
        body = _body(request)
        phone = str(body["phone"])
        if not phone.isascii() or not phone.isdecimal():
            raise ValueError("phone must be digits")
        chosen = {"unionid": body["unionid"]} if "unionid" in body else {}
        return _show(self._actions.register(phone, str(body.get("name", "")), **chosen))

    def _issue_login_code(self, request: Request) -> Json:
        person = self._person(_body(request))
        with self._state.lock:
            return {"code": self._state.codes.issue("login", person.openid_mini, self._state.now())}

    def _issue_phone_code(self, request: Request) -> Json:
        person = self._person(_body(request))
        with self._state.lock:
            return {"code": self._state.codes.issue("phone", person.openid_mini, self._state.now())}

    def _show_credit(self, request: Request) -> Json:
        person = self._person(request.args)
        return {"credit": self._state.shelf.credit(person.openid_mini, request.args["template_id"])}

    def _decide_subscription(self, request: Request) -> Json:
        body = _body(request)
        person = self._person(body)
        credit = self._actions.decide_subscription(
            person, str(body["template_id"]), accept=body["accept"] is True
        )
        return {"credit": credit}

    def _speak(self, request: Request, kind: str) -> Json:
        body = _body(request)
        person = self._person(body)
        if "event" in body:
            key = str(body.get("event_key", ""))
            reply = self._actions.do_event(kind, person, str(body["event"]), key)
        elif "media" in body:
            reply = self._actions.send_media(kind, person, str(body["media"]))
        else:
            reply = self._actions.say(kind, person, str(body["text"]))
        return {"status": reply.status, "reply_text": reply.reply_text}

    def _list_messages(self, request: Request) -> Json:
        with self._state.lock:
            found = self._state.mailbox.of_phone(request.args["phone"])
            return {"messages": [one.as_json() for one in found if one.kind != "said"]}

    def _receive_sms(self, request: Request) -> Json:
        body = _body(request)
        with self._state.lock:
            delivery = self._state.mailbox.put(
                str(body["phone"]), "sms", self._state.clock(), text=str(body["text"])
            )
        return {"id": delivery.id}

    def _add_template(self, request: Request) -> Json:
        body = _body(request)
        if body["kind"] not in ("one_time", "long_term"):
            raise ValueError("kind must be one_time or long_term")
        fields = {str(name): str(label) for name, label in dict(body["fields"]).items()}
        with self._state.lock:
            self._state.shelf.add(SandboxTemplate(str(body["id"]), str(body["title"]), body["kind"], fields))
        return {"id": body["id"]}

    def _add_fault(self, request: Request) -> Json:
        body = _body(request)
        if body["kind"] not in FAULT_KINDS:
            raise ValueError(f"kind must be one of {sorted(FAULT_KINDS)}")
        self._state.faults.add(
            Fault(
                path=str(body["path"]),
                kind=body["kind"],
                times=int(body.get("times", 1)),
                code=int(body.get("code", -1)),
                seconds=float(body.get("seconds", 30.0)),
            )
        )
        return {"ok": True}

    def _clear_faults(self, request: Request) -> Json:
        del request
        self._state.faults.clear()
        return {"ok": True}

    def _revoke_tokens(self, request: Request) -> Json:
        del request
        with self._state.lock:
            self._state.tokens.revoke()
        return {"ok": True}

    def _set_quota(self, request: Request) -> Json:
        body = _body(request)
        with self._state.lock:
            self._state.usage.limits[str(body["path"])] = int(body["limit"])
        return {"ok": True}

    def _reset(self, request: Request) -> Json:
        del request
        self._state.reset()
        return {"ok": True}

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
        "follows": person.follows,
    }


def _body(request: Request) -> Json:
    body = request.get_json()
    if not isinstance(body, dict):
        raise BadRequest("a JSON object is needed")
    return body
