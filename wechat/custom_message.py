"""Customer messages: answers to someone who wrote or came lately.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/kf-mgnt/kf-message/sendCustomMessage.html
https://developers.weixin.qq.com/doc/offiaccount/Message_Management/Service_Center_messages.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wechat.account import Account
from wechat.text_limits import MESSAGE_BYTES, cut_to_bytes

SEND = "/cgi-bin/message/custom/send"
TITLE_BYTES, DESCRIPTION_BYTES = 64, 512
#: An official account has no label of its own for generated text, so the text says it.
AI_LABEL = "\n（本条由AI生成）"


@dataclass(frozen=True, slots=True)
class LinkCard:
    """A web page with a title, a line of text and a picture."""

    title: str
    description: str
    url: str
    picture_url: str


@dataclass(frozen=True, slots=True)
class PageCard:
    """A page of the mini-program; `thumb_media_id` names an uploaded picture.

    An official account also names the linked mini-program by `mini_appid`.
    """

    title: str
    path: str
    thumb_media_id: str
    mini_appid: str = ""


def send_custom_text(account: Account, openid: str, text: str, *, is_ai: bool = False) -> None:
    """Send a text within the window the user opened; raises WindowClosed outside it.

    A longer text than the platform takes is cut with `…`. `is_ai` says to the reader that it was generated.
    """
    is_mini = account.config.kind == "mini"
    label = AI_LABEL if is_ai and not is_mini else ""
    content = cut_to_bytes(text, MESSAGE_BYTES - len(label.encode())) + label
    body: dict[str, Any] = {"touser": openid, "msgtype": "text", "text": {"content": content}}
    if is_ai and is_mini:
        body["aimsgcontext"] = {"is_ai_msg": 1}
    account.post(SEND, body)


def send_custom_image(account: Account, openid: str, media_id: str) -> None:
    """Send an uploaded picture; see wechat.media."""
    account.post(SEND, {"touser": openid, "msgtype": "image", "image": {"media_id": media_id}})


def send_custom_link(account: Account, openid: str, card: LinkCard) -> None:
    """Send a card that opens a web page."""
    if not card.url.startswith("https://"):
        raise account.invalid(SEND, "a link needs an https address")
    title, text = cut_to_bytes(card.title, TITLE_BYTES), cut_to_bytes(card.description, DESCRIPTION_BYTES)
    if account.config.kind == "mini":
        link = {"title": title, "description": text, "url": card.url, "thumb_url": card.picture_url}
        account.post(SEND, {"touser": openid, "msgtype": "link", "link": link})
        return
    article = {"title": title, "description": text, "url": card.url, "picurl": card.picture_url}
    account.post(SEND, {"touser": openid, "msgtype": "news", "news": {"articles": [article]}})


def send_custom_page(account: Account, openid: str, card: PageCard) -> None:
    """Send a card that opens a page of the mini-program."""
    if card.path.startswith("/") or not card.path:
        raise account.invalid(SEND, "a page has no leading slash")
    page = {
        "title": cut_to_bytes(card.title, TITLE_BYTES),
        "pagepath": card.path,
        "thumb_media_id": card.thumb_media_id,
    }
    if account.config.kind == "oa":
        page["appid"] = card.mini_appid
    account.post(SEND, {"touser": openid, "msgtype": "miniprogrampage", "miniprogrampage": page})
