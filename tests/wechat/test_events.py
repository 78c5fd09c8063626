"""Events as values: pushed by the stand-in as JSON and as XML, one row or many, the same in the end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.wechat.world import NOTICE, PHONE, Control, Product
from wechat.config import AccountConfig
from wechat.events import (
    ConsentChange,
    DeliveryReport,
    MediaVerdict,
    SubscriptionChange,
    read_consent_change,
    read_media_verdict,
    read_reports,
    read_subscriptions,
)
from wechat.inbound import InboundMessage, read_message
from wechat.mini import MiniProgram
from wechat.official import OfficialAccount

POPUP, CHANGED, SENT = "subscribe_msg_popup_event", "subscribe_msg_change_event", "subscribe_msg_sent_event"
CONFIG = AccountConfig("mini", "wx1", "s", "t", ("A" * 43,))


@pytest.fixture(params=["json", "xml"])
def pushed_as(request: pytest.FixtureRequest, control: Control) -> str:
    control.post("push-format", format=request.param)
    return str(request.param)


def event(name: str, **members: Any) -> InboundMessage:
    fields = {"ToUserName": "gh", "FromUserName": "o1", "CreateTime": 1, "MsgType": "event", "Event": name, **members}
    return read_message(CONFIG, json.dumps(fields))


@pytest.mark.requirement(35)
@pytest.mark.parametrize("choices", [{"tmpl-notice": True}, {"tmpl-notice": True, "tmpl-opinion": False}])
def test_dialogue_is_told_for_one_template_or_many(
    control: Control, person: dict[str, str], product: Product, pushed_as: str, choices: dict[str, bool]
) -> None:
    control.post("subscriptions", phone=PHONE, choices=choices)
    told = read_subscriptions(product.wait_for(POPUP))
    assert told == [SubscriptionChange(one, accept, in_settings=False) for one, accept in choices.items()]


@pytest.mark.requirement(35)
@pytest.mark.parametrize("templates", [["tmpl-notice"], ["tmpl-notice", "tmpl-opinion"]])
def test_settings_tell_refusals_only(
    control: Control, person: dict[str, str], product: Product, pushed_as: str, templates: list[str]
) -> None:
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True)
    control.post("refusals", phone=PHONE, template_ids=templates)
    told = read_subscriptions(product.wait_for(CHANGED))
    assert told == [SubscriptionChange(one, accepted=False, in_settings=True) for one in templates]
    assert control.get("subscriptions", phone=PHONE, template_id="tmpl-notice") == {"credit": 0}


@pytest.mark.requirement(35, 51)
@pytest.mark.parametrize("fails", [False, True])
def test_end_of_a_subscribe_message_is_told(
    mini: MiniProgram, control: Control, visitor: dict[str, str], product: Product, pushed_as: str, fails: bool
) -> None:
    control.post("subscriptions", phone=PHONE, template_id="tmpl-notice", accept=True)
    if fails:
        control.fault("/cgi-bin/message/subscribe/send", "delivery_failed")
    mini.send_subscribe_message(visitor["openid_mini"], "tmpl-notice", NOTICE, "p")
    (report,) = read_reports(product.wait_for(SENT))
    assert (report.template_id, report.delivered) == ("tmpl-notice", not fails)
    assert report.reason == ("user block" if fails else "")
    assert report.message_id


@pytest.mark.requirement(35)
def test_official_account_is_told_of_its_subscriptions_too(
    official: OfficialAccount, control: Control, person: dict[str, str], product: Product
) -> None:
    control.post("subscriptions", account="oa", phone=PHONE, template_id="tmpl-notice", accept=True)
    popup = product.wait_for(POPUP)
    assert (popup.account_kind, popup.openid) == ("oa", person["openid_oa"])
    official.send_notification(person["openid_oa"], "tmpl-notice", NOTICE)
    assert read_reports(product.wait_for(SENT))[0].delivered is True
    shown = control.get("messages", phone=PHONE)["messages"][-1]
    assert (shown["kind"], shown["account"], shown["data"]) == ("notification", "oa", NOTICE)


def test_end_of_a_template_message_is_told_by_its_id() -> None:
    assert read_reports(event("TEMPLATESENDJOBFINISH", MsgID=12, Status="success")) == [
        DeliveryReport("", "12", True, "")
    ]
    (report,) = read_reports(event("TEMPLATESENDJOBFINISH", MsgID=12, Status="failed:user block"))
    assert (report.delivered, report.reason) == (False, "failed:user block")


@pytest.mark.requirement(64, 66)
@pytest.mark.parametrize(
    ("file", "suggestion", "label"), [("a.jpg", "pass", 100), ("risky.jpg", "risky", 20002), ("missing.jpg", None, 0)]
)
def test_verdict_on_media_comes_later_under_its_trace_id(
    mini: MiniProgram,
    control: Control,
    visitor: dict[str, str],
    product: Product,
    pushed_as: str,
    file: str,
    suggestion: str | None,
    label: int,
) -> None:
    trace_id = mini.check_media(visitor["openid_mini"], f"https://files.example/{file}", "image")
    verdict = read_media_verdict(product.wait_for("wxa_media_check"))
    assert verdict == MediaVerdict(trace_id, suggestion, label)  # type: ignore[arg-type]


@pytest.mark.requirement(66)
@pytest.mark.parametrize(
    "members",
    [
        {"trace_id": "t"},
        {"trace_id": "t", "result": "pass"},
        {"trace_id": "t", "result": {"suggest": "fine"}},
        {"trace_id": "t", "result": {"suggest": "pass"}, "errcode": -1008},
    ],
)
def test_verdict_that_is_none_is_never_a_pass(members: dict[str, Any]) -> None:
    verdict = read_media_verdict(event("wxa_media_check", **members))
    assert verdict == MediaVerdict("t", None, 0)


def test_verdict_without_a_trace_id_is_about_nothing() -> None:
    assert read_media_verdict(event("wxa_media_check", result={"suggest": "pass"})) is None


@pytest.mark.requirement(67)
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("user_authorization_revoke", "revoked"),
        ("user_authorization_cancellation", "account_closed"),
        ("user_info_modified", "changed"),
    ],
)
def test_what_a_person_takes_back_is_read(
    control: Control, person: dict[str, str], product: Product, pushed_as: str, name: str, kind: str
) -> None:
    control.post("consents", phone=PHONE, event=name, numbers=[8, 13])
    change = read_consent_change(product.wait_for(name))
    assert change == ConsentChange(kind, person["openid_mini"], (8, 13))  # type: ignore[arg-type]
    assert person["openid_mini"] not in repr(change)


@pytest.mark.parametrize("name", ["CLICK", "never_heard_of", "subscribe"])
def test_other_events_tell_none_of_this(name: str) -> None:
    other = event(name, List=[{"TemplateId": "t"}], trace_id="t", RevokeInfo="1")
    assert (read_subscriptions(other), read_reports(other)) == ([], [])
    assert (read_media_verdict(other), read_consent_change(other)) == (None, None)


@pytest.mark.requirement(35, 39)
@pytest.mark.parametrize("rows", [None, "x", [], {}, [1, None, "x"], [{}], {"TemplateId": ["a"]}])
def test_odd_rows_are_read_without_harm(rows: Any) -> None:
    for name in (POPUP, CHANGED):
        assert all(not change.accepted for change in read_subscriptions(event(name, List=rows)))
    assert all(not report.delivered for report in read_reports(event(SENT, List=rows)))


@pytest.mark.requirement(61)
def test_scanning_a_follower_code_brings_its_scene(
    official: OfficialAccount, control: Control, person: dict[str, str], product: Product
) -> None:
    code = official.make_follower_code("d_1", seconds=600)
    control.post("scans", phone=PHONE, ticket=code.ticket)
    control.post("scans", phone=PHONE, ticket=code.ticket)
    first, second = product.received
    assert (first.event, first.event_key, second.event, second.event_key) == ("subscribe", "d_1", "SCAN", "d_1")
    assert official.get_follower(person["openid_oa"]).follows is True
