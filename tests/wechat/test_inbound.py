"""One form for XML and JSON, and one key for every delivery of the same message."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from typing import Any

import pytest

from wechat.config import AccountConfig
from wechat.events import read_consent_change, read_media_verdict, read_reports, read_subscriptions
from wechat.inbound import InboundMalformed, InboundMessage, read_message
from wechat.sandbox.callbacks import to_xml

CONFIG = AccountConfig("mini", "wx1", "s", "t", ("A" * 43,))
HEAD: dict[str, Any] = {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": 1_700_000_000}


def both(fields: dict[str, Any], wrapper: str | None = None) -> tuple[InboundMessage, InboundMessage]:
    rows = fields.get("List")
    lists = "".join(
        to_xml(row).replace("xml>", "List>")
        for row in (rows if isinstance(rows, list) else [rows] if rows else [])
    )
    flat = {name: value for name, value in fields.items() if name != "List"}
    nested = f"<{wrapper}>{lists}</{wrapper}>" if wrapper else lists
    xml = to_xml(flat).removesuffix("</xml>") + nested + "</xml>"
    return read_message(CONFIG, json.dumps(fields, ensure_ascii=False)), read_message(CONFIG, xml)


@pytest.mark.requirement(35)
@pytest.mark.parametrize(
    ("fields", "wrapper"),
    [
        ({**HEAD, "MsgType": "text", "Content": "你好 <b>&", "MsgId": 6054768590064713728}, None),
        ({**HEAD, "MsgType": "voice", "MediaId": "m1", "Format": "amr", "Recognition": "", "MsgId": 5}, None),
        ({**HEAD, "MsgType": "event", "Event": "user_enter_tempsession", "SessionFrom": "x"}, None),
        ({**HEAD, "MsgType": "event", "Event": "subscribe", "EventKey": "qrscene_d_1", "Ticket": "t"}, None),
        ({**HEAD, "MsgType": "event", "Event": "subscribe", "EventKey": ""}, None),
        (
            {
                **HEAD,
                "MsgType": "event",
                "Event": "subscribe_msg_popup_event",
                "List": {"TemplateId": "a", "SubscribeStatusString": "accept", "PopupScene": 0},
            },
            "SubscribeMsgPopupEvent",
        ),
        (
            {
                **HEAD,
                "MsgType": "event",
                "Event": "subscribe_msg_sent_event",
                "List": [{"TemplateId": "a", "MsgID": 12, "ErrorCode": 0}, {"TemplateId": "b", "MsgID": 13}],
            },
            "SubscribeMsgSentEvent",
        ),
        ({**HEAD, "MsgType": "never_heard_of", "New": {"a": 1}}, None),
    ],
)
def test_xml_and_json_give_the_same_message(fields: dict[str, Any], wrapper: str | None) -> None:
    from_json, from_xml = both(fields, wrapper)
    assert from_json == from_xml


def test_text_message_is_read() -> None:
    inbound, _ = both({**HEAD, "MsgType": "text", "Content": "你好", "MsgId": 7})
    assert (inbound.account_kind, inbound.appid, inbound.openid, inbound.to_user) == (
        "mini",
        "wx1",
        "o1",
        "gh_1",
    )
    assert (inbound.msg_type, inbound.content, inbound.msg_id, inbound.event) == ("text", "你好", "7", None)
    assert inbound.created_at == datetime.fromtimestamp(1_700_000_000, UTC)
    assert "你好" not in repr(inbound)
    assert "o1" not in repr(inbound)


@pytest.mark.requirement(35)
def test_list_is_always_a_list_of_text() -> None:
    inbound, _ = both({**HEAD, "MsgType": "event", "Event": "x", "List": {"MsgID": 12}})
    assert inbound.raw["List"] == [{"MsgID": "12"}]


@pytest.mark.requirement(35)
def test_keys_are_stripped_as_one_official_sample_needs() -> None:
    text = json.dumps({" OpenID": "o1", "MsgType": "event", "Event": "user_info_modified", "CreateTime": 1})
    inbound = read_message(CONFIG, text)
    assert (inbound.openid, inbound.raw["OpenID"]) == ("o1", "o1")


def test_scene_of_a_scan_that_follows_has_no_prefix() -> None:
    inbound, _ = both({**HEAD, "MsgType": "event", "Event": "subscribe", "EventKey": "qrscene_d_1"})
    assert (inbound.event, inbound.event_key) == ("subscribe", "d_1")


@pytest.mark.requirement(43)
def test_empty_recognition_is_no_content() -> None:
    inbound, _ = both({**HEAD, "MsgType": "voice", "MediaId": "m1", "Recognition": "", "MsgId": 5})
    assert (inbound.content, inbound.media_id) == (None, "m1")


@pytest.mark.requirement(37)
@pytest.mark.parametrize(
    "change",
    [
        {"FromUserName": "o2"},
        {"CreateTime": 1_700_000_001},
        {"Event": "VIEW"},
        {"EventKey": "other"},
        {"List": {"MsgID": 13}},
    ],
)
def test_different_events_have_different_keys(change: dict[str, Any]) -> None:
    base = {**HEAD, "MsgType": "event", "Event": "CLICK", "EventKey": "menu", "List": {"MsgID": 12}}
    same, other = read_message(CONFIG, json.dumps(base)), read_message(CONFIG, json.dumps(base | change))
    assert read_message(CONFIG, json.dumps(base)).dedupe_key == same.dedupe_key
    assert other.dedupe_key != same.dedupe_key
    assert "o1" not in same.dedupe_key


@pytest.mark.requirement(37)
def test_message_key_is_the_message_id_whatever_else_differs() -> None:
    first, _ = both({**HEAD, "MsgType": "text", "Content": "a", "MsgId": 7})
    again, _ = both({**HEAD, "MsgType": "text", "Content": "a", "MsgId": 7, "CreateTime": 1_700_000_009})
    assert first.dedupe_key == again.dedupe_key


@pytest.mark.requirement(35)
def test_what_is_read_can_be_stored_anywhere() -> None:
    text = json.dumps({**HEAD, "MsgType": "text", "Content": "好\x00\ud800吗", "Event\x00": "a\udfff", "MsgId": 7})
    message = read_message(CONFIG, text)
    assert (message.content, message.event) == ("好?吗", "a?")
    assert "\x00" not in str(message.raw)
    assert str(message.raw).encode()


SEEDS = [
    {**HEAD, "MsgType": "text", "Content": "你好 <b>&", "MsgId": 6054768590064713728},
    {**HEAD, "MsgType": "event", "Event": "subscribe_msg_popup_event",
     "List": [{"TemplateId": "a", "SubscribeStatusString": "accept"}, {"TemplateId": "b"}]},
    {**HEAD, "MsgType": "event", "Event": "subscribe_msg_sent_event", "List": {"MsgID": 12, "ErrorCode": 0}},
    {**HEAD, "MsgType": "event", "Event": "wxa_media_check", "trace_id": "t", "result": {"suggest": "pass", "label": 100}},
    {**HEAD, "MsgType": "event", "Event": "user_authorization_revoke", " OpenID": "o1", "RevokeInfo": "8,13"},
]
JUNK = ["<", ">", "&", "]]>", "<![CDATA[", "</xml>", "{", "}", "[", "]", '"', "\\", "\x00", "\ud800", "9" * 40, "null", "1e999",
        "é", "<!--", "<?x", "&#0;", "true", "-1", "𠮷"]


@pytest.mark.requirement(33, 35, 39)
def test_ten_thousand_mutated_messages_are_read_or_refused_politely() -> None:
    """Whatever an authentic push holds, reading it ends in a message or in InboundMalformed, and so do its events."""
    chance = random.Random(20260106)
    texts = [form for fields in SEEDS for form in (json.dumps(fields, ensure_ascii=False), to_xml(fields))]
    read = 0
    for _ in range(10_000):
        text = chance.choice(texts)
        for _ in range(chance.randint(1, 2)):
            at, length = chance.randrange(len(text) + 1), chance.randrange(6)
            text = text[:at] + chance.choice([*JUNK, *[""] * 8]) + text[at + length :]
        try:
            message = read_message(CONFIG, text)
        except InboundMalformed:
            continue
        read += 1
        read_subscriptions(message), read_reports(message), read_media_verdict(message), read_consent_change(message)
    assert 1000 < read < 9000
