"""Processing stored callbacks: delivery reports, subscriptions, and chat messages answered later."""

import re
from dataclasses import replace
from typing import Any

from app.program import Program
from app.unit_of_work import unit_of_work
from services import assistant, closing, identity, inbox, linking, outbox, pushes, subscriptions
from services.context import Context
from services.errors import DomainError
from services.ports import PushTrouble, WeChatUser


def process_callback(program: Program, *, inbox_id: int) -> None:
    """Act on one message once; a chat answer leaves after the commit and is not repeated."""
    answer: str | None = None
    with unit_of_work(program) as ctx:
        arrived = inbox.open_unprocessed(ctx, inbox_id)
        if arrived is None:
            return
        note_stranger(ctx, arrived, inbox_id)
        if arrived.msg_type == "event" and arrived.event and arrived.event.startswith("subscribe_msg_"):
            _subscription_event(ctx, arrived)
        elif arrived.msg_type != "event":
            answer = _answer_or_refusal(ctx, arrived)
        inbox.mark_processed(ctx, inbox_id)
        if arrived.event in ("user_authorization_cancellation", "user_authorization_revoke"):
            _consent_event(ctx, arrived)
    if answer is not None:
        send_answer(program, arrived.account_kind, arrived.openid, answer, appid=arrived.appid)


def note_stranger(ctx: Context, arrived: inbox.Arrived, inbox_id: int) -> None:
    """Who follows or writes to the official account is looked up by unionid, by a worker, never inside the callback."""
    is_met = arrived.event == "subscribe" or arrived.msg_type != "event"
    if arrived.account_kind == "oa" and is_met and linking.is_unrecognised(ctx, _user(arrived)):
        outbox.publish(ctx, "official_account.met", inbox_id=inbox_id)


def recognise_stranger(program: Program, *, inbox_id: int) -> None:
    """Ask the platform who it is, outside any transaction, and keep what it says."""
    with unit_of_work(program) as ctx:
        user = inbox.sender(ctx, inbox_id)
    unionid = program.gateways.identity.find_official_unionid(user.openid, appid=user.appid)
    if unionid is not None:
        with unit_of_work(program) as ctx:
            linking.recognise(ctx, replace(user, unionid=unionid))


def _user(arrived: inbox.Arrived) -> WeChatUser:
    return WeChatUser(arrived.appid, arrived.openid, None)


def _answer_or_refusal(ctx: Context, arrived: inbox.Arrived) -> str:
    """A refused message is answered with its sentence; what it had written is undone."""
    try:
        with ctx.session.begin_nested():
            return answer_chat(ctx, arrived)
    except DomainError as error:
        return error.message


def answer_chat(ctx: Context, arrived: inbox.Arrived) -> str:
    """What the assistant says to a message of the official account or of the customer session."""
    user = _user(arrived)
    account = identity.account_of_wechat(ctx, user)
    inside = ctx.as_actor(identity.actor_of_account(ctx.session, account))
    if arrived.msg_type != "text":
        return assistant.ONLY_TEXT
    text = str(arrived.body.get("Content", ""))
    channel = "official_account" if arrived.account_kind == "oa" else "chat"
    return assistant.answer_as_text(inside, user=user, text=text, channel=channel)


def send_answer(program: Program, kind: str, openid: str, text: str, *, appid: str = "") -> None:
    """A line of the chat to the platform, once; without an appid from the first account of its kind."""
    try:
        program.gateways.messenger.send_chat_answer(kind, openid, text, appid=appid)
    except PushTrouble:
        # The answer stays readable on the assistant page; a late or double chat line would confuse.
        return


def _consent_event(ctx: Context, arrived: inbox.Arrived) -> None:
    """The person withdrew in WeChat itself; last, since it also deletes callbacks of this person."""
    openid = str(arrived.body.get("OpenID") or arrived.openid)
    if arrived.event == "user_authorization_cancellation":
        closing.close_by_platform(ctx, appid=arrived.appid, openid=openid)
    else:
        kinds = {int(number) for number in re.findall(r"\d{1,6}", str(arrived.body.get("RevokeInfo", "")))}
        closing.revoke_by_platform(ctx, appid=arrived.appid, openid=openid, kinds=kinds)


def _subscription_event(ctx: Context, arrived: inbox.Arrived) -> None:
    for number, item in enumerate(_items(arrived.body)):
        template_id = str(item.get("TemplateId", ""))
        if arrived.event == "subscribe_msg_sent_event":
            pushes.record_sent_event(ctx, openid=arrived.openid, template_id=template_id,
                                      error_code=str(item.get("ErrorCode", "")), msgid=str(item.get("MsgID", "")))
        elif arrived.event in ("subscribe_msg_popup_event", "subscribe_msg_change_event"):
            subscriptions.record_subscription(
                ctx, openid=arrived.openid, template_id=template_id, origin="callback",
                result=str(item.get("SubscribeStatusString", "")), dedupe_key=f"{arrived.dedupe_key}:{number}")


def _items(body: dict[str, Any]) -> list[dict[str, Any]]:
    found = body.get("List", [])
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
