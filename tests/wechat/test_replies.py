"""Passive replies: text stays text, seals open elsewhere."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from tests.wechat import vectors
from wechat.config import AccountConfig
from wechat.inbound import InboundMessage, read_message
from wechat.replies import (
    Article,
    build_article_reply,
    build_text_reply,
    build_transfer_reply,
    encrypt_reply,
)

OA = AccountConfig("oa", "wx1", "s", "token", (vectors.A_KEY,))
MINI = AccountConfig("mini", "wx1", "s", "token", (vectors.A_KEY,))


def inbound(openid: str = "o1") -> InboundMessage:
    fields = {"ToUserName": "gh_1", "FromUserName": openid, "CreateTime": 1_700_000_000, "MsgType": "text"}
    return read_message(OA, json.dumps(fields))


@pytest.mark.requirement(40)
@settings(max_examples=200, deadline=None, database=None)
@given(st.text(max_size=200))
@example("]]></Content><MsgType><![CDATA[news")
@example("]]>]]>]]]]>>")
@example("a\x00b\ud800c\ufffe")
@example("<![CDATA[x]]>")
def test_any_text_stays_one_text(text: str) -> None:
    root = ET.fromstring(build_text_reply(inbound(), text))
    assert sorted(child.tag for child in root) == [
        "Content",
        "CreateTime",
        "FromUserName",
        "MsgType",
        "ToUserName",
    ]
    assert (root.findtext("MsgType"), root.findtext("ToUserName")) == ("text", "o1")
    content = root.findtext("Content") or ""
    plain = "".join(
        c
        for c in text
        if c in "\t\n\r" or 32 <= ord(c) < 0xD800 or 0xE000 <= ord(c) < 0xFFFE or ord(c) > 0xFFFF
    )
    assert content == plain.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.requirement(40)
@settings(max_examples=100, deadline=None, database=None)
@given(st.text(max_size=60))
@example("]]></Title></item><item><Title>")
def test_any_text_stays_inside_one_article(text: str) -> None:
    root = ET.fromstring(build_article_reply(inbound(), Article(text, text, text, text)))
    assert (root.findtext("MsgType"), root.findtext("ArticleCount")) == ("news", "1")
    (item,) = root.findall("Articles/item")
    assert [child.tag for child in item] == ["Title", "Description", "PicUrl", "Url"]
    assert len(list(root)) == 6


def test_conversation_is_handed_over_to_people() -> None:
    root = ET.fromstring(build_transfer_reply(inbound()))
    assert (root.findtext("MsgType"), root.findtext("ToUserName")) == ("transfer_customer_service", "o1")


@pytest.mark.requirement(40)
def test_sender_cannot_break_out_either() -> None:
    root = ET.fromstring(build_text_reply(inbound("o]]></ToUserName><A>"), "好"))
    assert root.findtext("ToUserName") == "o]]></ToUserName><A>"
    assert root.find("A") is None


@pytest.mark.requirement(60)
def test_long_text_is_cut_between_characters() -> None:
    content = ET.fromstring(build_text_reply(inbound(), "好" * 1000)).findtext("Content") or ""
    assert content.endswith("好…")
    assert len(content.encode()) <= 2048


@pytest.mark.requirement(41)
def test_sealed_reply_of_an_official_account_is_xml_others_can_open() -> None:
    sealed = encrypt_reply(OA, build_text_reply(inbound(), "好"), timestamp=1_700_000_000)
    root = {child.tag: child.text or "" for child in ET.fromstring(sealed)}
    assert root["TimeStamp"] == "1700000000"
    opened = WeChatCrypto("token", vectors.A_KEY, "wx1").decrypt_message(
        {"Encrypt": root["Encrypt"]}, root["MsgSignature"], root["TimeStamp"], root["Nonce"]
    )
    assert ET.fromstring(opened).findtext("Content") == "好"


@pytest.mark.requirement(41)
def test_sealed_reply_of_a_mini_program_is_json_others_can_open() -> None:
    sealed = json.loads(encrypt_reply(MINI, "<xml/>", timestamp=1_700_000_000, nonce="n"))
    assert sealed["Nonce"] == "n"
    opened = WeChatCrypto("token", vectors.A_KEY, "wx1").decrypt_message(
        {"Encrypt": sealed["Encrypt"]}, sealed["MsgSignature"], str(sealed["TimeStamp"]), sealed["Nonce"]
    )
    assert opened == "<xml/>"


def test_nonces_and_seals_differ_each_time() -> None:
    assert len({encrypt_reply(MINI, "<xml/>", timestamp=1) for _ in range(20)}) == 20
