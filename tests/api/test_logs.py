"""What the process writes about its work names no person."""

import io
import json
import logging
import re
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.program import Program
from services.context import Gateways
from tests.api.conftest import client_of
from tests.api.test_comments import form
from tests.api.test_media import send
from tests.factories import World
from tests.fakes import FakeCodeSender, FakeIdentity

OPENID = "oAbCdEfGhIjKlMnOpQrStUvWxYz1"
#: Standing alone: a random id of a request may hold such a run of digits by chance.
PERSONAL = {"phone": re.compile(r"(?<![0-9A-Za-z])1[3-9]\d{9}(?![0-9A-Za-z])"),
            "openid": re.compile(r"(?<![0-9A-Za-z_-])o[0-9A-Za-z_-]{27}(?![0-9A-Za-z_-])")}


class Raw(logging.Handler):
    """Keeps what was logged before the last net masks it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        standard = logging.makeLogRecord({}).__dict__
        extra = {name: value for name, value in record.__dict__.items() if name not in standard}
        self.lines.append(f"{record.getMessage()} {extra} {record.exc_info}")


@dataclass
class Loud:
    """The application at its most talkative: what it writes, and an ear before its formatter."""

    client: FlaskClient
    raw: Raw
    written: io.StringIO

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written.getvalue().splitlines()]


@pytest.fixture
def loud(program: Program) -> Loud:
    client = client_of(replace(program, settings=replace(program.settings, log_level="DEBUG")))
    root, written, raw = logging.getLogger(), io.StringIO(), Raw()
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    root.addHandler(raw)
    return Loud(client, raw, written)


def a_day(client: FlaskClient, world: World, gateways: Gateways) -> None:
    """Log-ins, a claimed seat, an opinion, a check-in attempt, refusals: all with numbers and openids in them."""
    assert isinstance(gateways.identity, FakeIdentity)
    assert isinstance(gateways.code_sender, FakeCodeSender)
    phone = world.phone()
    world.create_person(phone=phone)
    gateways.identity.logins["c1"] = OPENID
    gateways.identity.phones["p1"] = phone
    token = client.post("/api/v1/sessions/wechat", json={"login_code": "c1"}).json["token"]  # type: ignore[index]
    who = {"Authorization": f"Bearer {token}"}
    client.post("/api/v1/me/phone", json={"phone_code": "p1"}, headers=who)
    client.post("/api/v1/opinions", json=form(world, text=f"请回电{phone}"), headers=who)
    client.post("/api/v1/opinions", json=form(world, text=f"请回电{phone}", village_id=phone), headers=who)
    client.get(f"/api/v1/opinions/{phone}", headers=who)
    client.get(f"/api/v1/scan-codes/{OPENID}?phone={phone}", headers=who)
    send(client, who, phone.encode())
    client.post("/api/v1/assistant/messages", json={"text": f"转人工 {phone}"}, headers=who)
    client.post("/api/v1/sessions/phone-codes", json={"phone": world.phone()})
    client.post("/api/v1/sessions/phone", json={"phone": phone, "code": "000000"})
    client.post(f"/wechat/callback/oa?openid={OPENID}", data=phone)
    client.get(f"/{phone}")


def test_no_line_of_the_log_holds_a_phone_number_or_an_openid(
        loud: Loud, world: World, gateways: Gateways) -> None:
    a_day(loud.client, world, gateways)
    assert len(loud.lines) > 10
    assert len(loud.raw.lines) >= len(loud.lines)
    for name, pattern in PERSONAL.items():
        assert pattern.findall(loud.written.getvalue()) == [], name
        assert [line for line in loud.raw.lines if pattern.search(line)] == [], name


def test_every_line_is_json_and_every_request_has_its_id(loud: Loud, world: World) -> None:
    loud.client.get("/api/v1/config", headers={"X-Request-ID": "call-12345678"})
    (request,) = [line for line in loud.lines if line["event"] == "request"]
    assert (request["rule"], request["status"], request["request_id"], request["actor"]) == (
        "/api/v1/config", 200, "call-12345678", "anonymous")


def test_the_last_net_masks_what_slipped_through(loud: Loud) -> None:
    logging.getLogger("careless").warning("called %s of %s", "13800000000", OPENID, extra={"who": "13900000001"})
    assert (loud.lines[0]["event"], loud.lines[0]["who"]) == ("called 1********** of o***", "1**********")


class Visitor:
    def __repr__(self) -> str:
        return f"Visitor({OPENID})"


@pytest.mark.parametrize("value", [
    {"who": {"phone": "13800000000"}}, ["13800000000", {OPENID: [OPENID]}], ({"13800000000"}, 13800000000),
    "+8613800000000", b"13800000000", Visitor(), [Visitor()]], ids=str)
def test_the_last_net_reaches_into_whatever_is_logged(loud: Loud, value: Any) -> None:
    logging.getLogger("careless").warning("called", extra={"details": value})
    assert "details" in loud.lines[0]
    assert "13800000000" not in loud.written.getvalue()
    assert OPENID not in loud.written.getvalue()


def test_the_last_net_reaches_into_the_text_of_errors(loud: Loud) -> None:
    try:
        try:
            raise ValueError(f"no seat for 13800000000 ({OPENID})")
        except ValueError as error:
            raise RuntimeError("13900000001 was refused") from error
    except RuntimeError:
        logging.getLogger("careless").exception("failed", stack_info=True)
    assert "RuntimeError: 1********** was refused" in loud.lines[0]["exception"]
    for name, pattern in PERSONAL.items():
        assert pattern.findall(loud.written.getvalue()) == [], name


def test_numbers_that_are_no_phone_stay_readable(loud: Loud) -> None:
    logging.getLogger("careful").warning("took", extra={"details": {"ms": 12.5, "rows": 3, "ok": True, "none": None}})
    assert loud.lines[0]["details"] == {"ms": 12.5, "rows": 3, "ok": True, "none": None}


def test_health_checks_do_not_fill_the_log(loud: Loud) -> None:
    for place in ("/healthz", "/readyz", "/metrics"):
        loud.client.get(place)
    assert "request" not in [line["event"] for line in loud.lines]
