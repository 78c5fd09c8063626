"""Passive replies: the answer in the body of the push itself.

https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Passive_user_reply_message.html
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from wechatpy.replies import (  # type: ignore[import-untyped]
    ArticlesReply,
    TextReply,
    TransferCustomerServiceReply,
)

from wechat.config import AccountConfig
from wechat.crypto import encrypt, sign
from wechat.inbound import InboundMessage
from wechat.text_limits import MESSAGE_BYTES, cut_to_bytes

#: What answers a push that needs no reply: the platform then neither retries nor shows anything.
ACKNOWLEDGEMENT = "success"


@dataclass(frozen=True, slots=True)
class Article:
    """A title, some words, a picture and the address to open."""

    title: str
    description: str
    url: str
    image: str = ""


_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def build_text_reply(inbound: InboundMessage, text: str) -> str:
    """XML of a text reply. Whatever `text` holds stays text: it cannot end its element nor start another.

    Longer than the platform takes is cut with `…`: a refused reply would show the user a fault of the
    account.
    """
    content = escape_cdata(cut_to_bytes(_NOT_XML.sub("", text), MESSAGE_BYTES))
    return str(TextReply(content=content, **_head(inbound)).render())


def build_article_reply(inbound: InboundMessage, article: Article) -> str:
    """XML of a reply with one article: the platform shows no more to someone who wrote."""
    reply = ArticlesReply(**_head(inbound))
    shown = {name: escape_cdata(_NOT_XML.sub("", value)) for name, value in asdict(article).items()}
    reply.add_article(shown)
    return str(reply.render())


def build_transfer_reply(inbound: InboundMessage) -> str:
    """XML that hands the conversation over to the people who serve the account."""
    return str(TransferCustomerServiceReply(**_head(inbound)).render())


def _head(inbound: InboundMessage) -> dict[str, Any]:
    return {
        "source": escape_cdata(inbound.to_user),
        "target": escape_cdata(inbound.openid),
        "time": int(inbound.created_at.timestamp()),
    }


def escape_cdata(text: str) -> str:
    """`]]>` split over two sections, since nothing can be escaped inside one."""
    return text.replace("]]>", "]]]]><![CDATA[>")


def encrypt_reply(config: AccountConfig, xml: str, *, timestamp: int, nonce: str | None = None) -> str:
    """The sealed reply: XML for an official account, JSON for a mini-program."""
    nonce = nonce or secrets.token_hex(8)
    encrypted = encrypt(config.aes_keys[0], config.appid, xml)
    signature = sign(config.token, str(timestamp), nonce, encrypted)
    if config.kind == "mini":
        return json.dumps(
            {"Encrypt": encrypted, "MsgSignature": signature, "TimeStamp": timestamp, "Nonce": nonce}
        )
    return (
        f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt>"
        f"<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{escape_cdata(nonce)}]]></Nonce></xml>"
    )
