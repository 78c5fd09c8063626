"""The deputy's and the resident's assistant: the same services, reached by chatting (代表助手).

Every final action is confirmed first, "取消" always works, and what is not understood offers the nearest
things and a person.
"""

import re
from dataclasses import replace
from typing import Any

from sqlalchemy import select

from models.assistant import ChatLine as ChatLine
from models.identity import Account
from services import access, handovers, identity, me, reports
from services.assistant import deputies_work, dialogue, residents
from services.assistant.dialogue import Handler, Talk
from services.assistant.speech import Choice, Line, Link, buttons
from services.context import Context
from services.errors import DomainError, Invalid
from services.ports import WeChatUser
from services.rules import intents

ONLY_TEXT = "暂时听不了语音和图片，请用文字告诉我，例如：我要提意见。"
MAX_TEXT = 5000
HISTORY = 50
_BINDING_CODE = re.compile(r"\d{6}")
_EMERGENCY = "情况紧急请立即拨打：火警119、报警110、急救120。这里不能处理紧急求助。"
_OUTDATED = "系统已更新，刚才没办完的事项请重新办理。"


def answer(ctx: Context, *, text: str, channel: str) -> list[ChatLine]:
    """Answer one message and keep both lines; returns them, the person's own first."""
    if not 1 <= len(text.strip()) <= MAX_TEXT:
        raise Invalid("chat_text_length", fields={"text": "chat_text_length"})
    access.own_account(ctx)
    mine = _keep(ctx, channel, "me", Line(text.strip()))
    return [mine, _keep(ctx, channel, "assistant", respond(ctx, text.strip(), channel))]


def answer_as_text(ctx: Context, *, user: WeChatUser, text: str, channel: str) -> str:
    """For the official account and the customer session: a six-digit code binds, the rest is answered."""
    plain = intents.clean(text)
    # Only there: in the mini-program the person is known already, and a code would move a log-in.
    if channel == "official_account" and _BINDING_CODE.fullmatch(plain) and dialogue.find_open(ctx, channel) is None:
        account = identity.bind_official_account(ctx, user=user, code=plain)
        return "绑定成功，现在可以直接对话办事。回复“帮助”看看能做什么。" if account else _wrong_code()
    if not plain:
        return ONLY_TEXT
    line = answer(ctx, text=text[:MAX_TEXT], channel=channel)[-1]
    return restore(line).as_text()


def _wrong_code() -> str:
    return Invalid("binding_code_wrong").message


def respond(ctx: Context, text: str, channel: str) -> Line:
    """The answer to one message, within the open task or as a new one."""
    plain = intents.clean(text)
    if intents.EMERGENCY.search(plain):
        return Line(_EMERGENCY, buttons("我要提意见", "转人工"))
    if intents.CANCEL.match(plain):
        had_one = dialogue.close(ctx)
        return Line("已取消。" if had_one else "没有正在办理的事项。", _menu(ctx))
    talk = dialogue.find_open(ctx, channel)
    if talk is not None and not _is_other_button(plain, talk):
        try:
            return _run(ctx, talk, text)
        except dialogue.Outdated:
            dialogue.close(ctx)
            fresh = _begin(ctx, text, channel)
            return replace(fresh, text=f"{_OUTDATED}\n{fresh.text}")
    return _begin(ctx, text, channel)


def _begin(ctx: Context, text: str, channel: str) -> Line:
    """The answer to a message that is no part of an open task."""
    found = intents.understand(text, is_deputy=ctx.actor.is_deputy)
    if found.intent is None:
        return _not_understood(ctx, text, found)
    if found.intent.audience == "deputy" and not ctx.actor.is_deputy:
        return _deputies_only(ctx)
    dialogue.close(ctx)
    return _run(ctx, Talk(found.intent.name, "", channel=channel), text)


def _deputies_only(ctx: Context) -> Line:
    """Whoever was a deputy reads why that is over; anybody else how a deputy is known."""
    note = me.find_seat_note(ctx, ctx.session.get_one(Account, access.account_id(ctx)))
    if note is not None:
        return Line(note, buttons("转人工"))
    return Line("这是代表专用功能。如果您是代表，请先用登记的手机号绑定身份。", buttons("转人工"),
                Link("去绑定", "/pages/me/me"))


def _is_other_button(plain: str, talk: Talk) -> bool:
    """The exact label of another intent leaves the open task: a tapped menu always works."""
    return any(plain == intents.clean(intent.label) and intent.name != talk.intent for intent in intents.INTENTS)


def _run(ctx: Context, talk: Talk, text: str) -> Line:
    if talk.intent not in _HANDLERS:
        raise dialogue.Outdated
    try:
        with ctx.session.begin_nested():
            return _HANDLERS[talk.intent](ctx, talk, text)
    except DomainError as error:
        return Line(error.message, _menu(ctx))


def _not_understood(ctx: Context, text: str, found: intents.Understood) -> Line:
    if found.nearest:
        offered = tuple(Choice(intent.label, intent.label) for intent in found.nearest)
        return Line("没有完全明白，您是想：", (*offered, *buttons("转人工")))
    return Line("没有明白您的意思，可以换个说法，或选择：", (*_menu(ctx), *buttons("转人工")))


def _menu(ctx: Context) -> tuple[Choice, ...]:
    if ctx.actor.is_deputy:
        return buttons("签到", "待我办理的意见", "我的积分", "登记履职", "看通知")
    return buttons("我要提意见", "查意见进度", "找代表", "接待日")


# --- small answers ----------------------------------------------------------------------------------


def _help(ctx: Context, _talk: Talk, _text: str) -> Line:
    return Line("您好，我是代表助手。点下面的按钮，或直接用一句话告诉我要办什么。", _menu(ctx))


def _human(ctx: Context, talk: Talk, text: str) -> Line:
    """Keep the question for the staff, after the person said what it is about."""
    if talk.step == "question":
        handovers.open_hand_over(ctx, question=text.strip())
        dialogue.close(ctx)
        return Line(_how_staff_answer(ctx), _menu(ctx))
    dialogue.ask(ctx, talk, "question")
    return Line("请用一句话说明要咨询什么，我会转给工作人员。", buttons("取消"))


def _how_staff_answer(ctx: Context) -> str:
    """A call only for whom can be called; the others are written to, and may ask at their station."""
    number = me.build_me(ctx).phone_masked
    if number:
        return f"已转给工作人员，会在工作时间回电，拨打您登记的手机 {number}，请保持畅通。"
    told = "已转给工作人员。您没有登记手机号，工作人员会在工作时间书面回复，请回到小程序“助手”页查看。"
    station = reports.build_home(ctx).station
    if station is not None:
        phone = f"，电话 {station.phone}" if station.phone else ""
        return f"{told}\n也可到{station.name}（{station.address}{phone}）咨询。"
    return f"{told}\n也可拨打服务电话 {ctx.settings.service_phone}。" if ctx.settings.service_phone else told


def _tell(text: str, *labels: str, link: Link | None = None) -> Handler:
    def tell(_ctx: Context, _talk: Talk, _text: str) -> Line:
        return Line(text, buttons(*labels), link)

    return tell


_HANDLERS: dict[str, Handler] = {
    "check_in": deputies_work.check_in,
    "check_out": deputies_work.check_out,
    "my_points": deputies_work.tell_points,
    "my_tasks": deputies_work.answer_opinions,
    "report_duty": deputies_work.report_duty,
    "notices": residents.read_notices,
    "submit_opinion": residents.submit_opinion,
    "follow_opinion": residents.follow_opinion,
    "rate_opinion": residents.rate_opinion,
    "find_deputy": residents.find_deputy,
    "reception_day": residents.tell_reception_day,
    "station": residents.tell_station,
    "how_long": _tell("工作人员1个工作日内受理；代表1个工作日、承办单位7个工作日内答复（以本地规定为准），超期会催办。",
                      "查意见进度"),
    "not_accepted": _tell("正在诉讼、仲裁、复议的事项，信访事项，检举控告，以及涉密内容不在这里受理：\n信访请到当地信访部门，"
                          "紧急情况拨打110、119、120，政务服务拨打12345。", "我要提意见", "转人工"),
    "privacy": _tell("我们只为办理您的事项使用您的信息，不对外公开。更正、导出、撤回同意和注销账号，请到小程序“我的—账号与隐私”办理。",
                     link=Link("账号与隐私", "/pages-me/account/account")),
    "human": _human,
    "help": _help,
}


# --- the lines kept ---------------------------------------------------------------------------------


def _keep(ctx: Context, channel: str, speaker: str, line: Line) -> ChatLine:
    extras: dict[str, Any] = {"choices": [[choice.label, choice.text] for choice in line.choices]}
    if line.link is not None:
        extras["link"] = [line.link.title, line.link.page]
    row = ChatLine(account_id=access.account_id(ctx), channel=channel, speaker=speaker, text=line.text, extras=extras,
                   at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    return row


def restore(row: ChatLine) -> Line:
    """The line as it was said."""
    link = row.extras.get("link")
    return Line(row.text, tuple(Choice(*pair) for pair in row.extras.get("choices", [])), Link(*link) if link else None)


def list_lines(ctx: Context) -> list[ChatLine]:
    """The latest lines of this person, oldest first."""
    rows = ctx.session.scalars(select(ChatLine).where(ChatLine.account_id == access.account_id(ctx))
                               .order_by(ChatLine.id.desc()).limit(HISTORY)).all()
    return list(reversed(rows))
