"""Group chats that a WeCom application made; only members of the directory are in them.

https://developer.work.weixin.qq.com/document/path/90244
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from wechat.account import Account
from wechat.wecom_message import WeComContent

CREATE = "/cgi-bin/appchat/create"
UPDATE = "/cgi-bin/appchat/update"
SEND = "/cgi-bin/appchat/send"
MIN_MEMBERS, MAX_MEMBERS, NAME_CHARACTERS = 2, 2000, 50
_CHAT_ID = re.compile(r"[0-9A-Za-z]{1,32}")


def create_chat(account: Account, name: str, members: Sequence[str], *, owner: str, chat_id: str = "") -> str:
    """A new chat; returns its id. Choosing `chat_id` makes a second try end in the same chat (86215 else)."""
    if not MIN_MEMBERS <= len(set(members)) <= MAX_MEMBERS:
        raise account.invalid(CREATE, f"a chat has {MIN_MEMBERS} to {MAX_MEMBERS} members")
    if owner not in members:
        raise account.invalid(CREATE, "the owner must be a member")
    if chat_id and not _CHAT_ID.fullmatch(chat_id):
        raise account.invalid(CREATE, "a chat id has 1 to 32 letters and digits")
    body = {"name": name[:NAME_CHARACTERS], "owner": owner, "userlist": list(dict.fromkeys(members))}
    made = account.post(CREATE, body | ({"chatid": chat_id} if chat_id else {})).get("chatid")
    if not isinstance(made, str) or not made:
        raise account.malformed(CREATE, "chatid missing")
    return made


def change_members(
    account: Account, chat_id: str, *, joining: Sequence[str] = (), leaving: Sequence[str] = ()
) -> None:
    """Let people in and out, as the roster says."""
    body: dict[str, Any] = {"chatid": chat_id}
    if joining:
        body["add_user_list"] = list(joining)
    if leaving:
        body["del_user_list"] = list(leaving)
    account.post(UPDATE, body, idempotent=True)


def send_to_chat(account: Account, chat_id: str, content: WeComContent) -> None:
    """One message into the chat. It has no key against repetition, so an unknown outcome is not repeated."""
    account.post(SEND, {"chatid": chat_id, "safe": 0, **content.as_json()})
