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
from services.assistant import answers, calendar_work, deputies_work, dialogue, projects_work, residents, routing
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
    if talk is None:
        return _without_task(ctx, plain, text, channel)
    if intents.RESTART.match(plain):
        dialogue.close(ctx)
        return _run(ctx, Talk(talk.intent, "", channel=channel), "")
    if intents.BACK.match(plain):
        return dialogue.step_back(ctx) or _run(ctx, Talk(talk.intent, "", channel=channel), "")
    button = routing.find_button(text)
    if button is not None:
        return _begin(ctx, text, channel)
    return _aside(ctx, talk, text) or _continue(ctx, talk, text)


def _without_task(ctx: Context, plain: str, text: str, channel: str) -> Line:
    if intents.YES.match(plain):
        return Line("没有等您确认的事项。", _menu(ctx))
    return _begin(ctx, text, channel)


def _continue(ctx: Context, talk: Talk, text: str) -> Line:
    try:
        return _run(ctx, talk, text)
    except dialogue.Outdated:
        dialogue.close(ctx)
        fresh = _begin(ctx, text, talk.channel)
        return replace(fresh, text=f"{_OUTDATED}\n{fresh.text}")


def _aside(ctx: Context, talk: Talk, text: str) -> Line | None:
    """A question in between is answered, and the running one asked again; what is being written is never taken for one."""
    asked = dialogue.last_asked(talk)
    if talk.step in _WRITTEN or asked is None or not dialogue.is_asked(talk) or len(intents.clean(text)) < 4 or talk.intent not in _HANDLERS:
        return None
    if text.strip() in {choice.text for choice in asked.choices}:
        return None  # an answer to what was asked, whatever else it might mean
    found = routing.route(ctx, text)
    if found.task not in _ASIDES or found.confidence < SURE_ASIDE or found.task == talk.intent:
        return None
    aside = _run(ctx, Talk(found.task, "", {"said": found.said}, talk.channel), text)
    return Line(f"{aside.text}\n\n接着刚才的：\n{asked.text}", asked.choices, aside.link)


def _begin(ctx: Context, text: str, channel: str) -> Line:
    """The answer to a message that is no part of an open task."""
    door = intents.find_door(intents.clean(text))
    if door is not None:
        return Line(door, buttons("我要提意见", "转人工"))
    found = routing.route(ctx, text)
    if found.is_deputys:
        return _deputies_only(ctx)
    if found.task is None:
        return _not_understood(found.nearest, ctx)
    dialogue.close(ctx)
    return _run(ctx, Talk(found.task, "", {"said": found.said}, channel), text)


def _deputies_only(ctx: Context) -> Line:
    """Whoever was a deputy reads why that is over; anybody else how a deputy is known."""
    note = me.find_seat_note(ctx, ctx.session.get_one(Account, access.account_id(ctx)))
    if note is not None:
        return Line(note, buttons("转人工"))
    return Line("这是代表专用功能。如果您是代表，请先用登记的手机号绑定身份。", buttons("转人工"),
                Link("去绑定", "/pages/me/me"))


def _run(ctx: Context, talk: Talk, text: str) -> Line:
    if talk.intent not in _HANDLERS:
        raise dialogue.Outdated
    try:
        with ctx.session.begin_nested():
            line = _HANDLERS[talk.intent](ctx, talk, text)
    except DomainError as error:
        return Line(error.message, _menu(ctx))
    dialogue.note_asked(ctx, line)
    return line


def _not_understood(nearest: tuple[str, ...], ctx: Context) -> Line:
    offered = [intents.LABELS[intent] for intent in nearest if intent in intents.LABELS and intent not in ("help", "human_help")]
    if offered:
        return Line("没有完全明白，您是想：", buttons(*offered, "转人工"))
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


def _goodbye(ctx: Context, _talk: Talk, _text: str) -> Line:
    return Line("没有正在办理的事项。", _menu(ctx))


_HANDLERS: dict[str, Handler] = {
    "check_in": deputies_work.check_in,
    "check_out": deputies_work.check_out,
    "my_points": deputies_work.tell_points,
    "points_ranking": answers.tell_ranking,
    "my_assigned_comments": deputies_work.answer_opinions,
    "reply_comment": deputies_work.answer_opinions,
    "record_duty": deputies_work.report_duty,
    "my_schedule": calendar_work.tell_schedule,
    "sign_up_activity": calendar_work.sign_up,
    "ask_leave": calendar_work.ask_leave,
    "vote_info": projects_work.tell_vote,
    "take_quiz": answers.tell_quiz,
    "read_notices": residents.read_notices,
    "submit_comment": residents.submit_opinion,
    "check_comment": residents.follow_opinion,
    "rate_comment": residents.rate_opinion,
    "find_deputy": residents.find_deputy,
    "reception_day": residents.tell_reception_day,
    "find_station": residents.tell_station,
    "list_projects": projects_work.tell_projects,
    "suggest_project": projects_work.suggest_project,
    "faq": answers.answer_question,
    "human_help": _human,
    "greeting": _help,
    "help": _help,
    "cancel": _goodbye,
}
#: Answered in one line, so they may come in between.
_ASIDES = frozenset({"my_points", "points_ranking", "find_station", "find_deputy", "faq", "my_schedule", "list_projects", "vote_info"})
SURE_ASIDE = 0.8
#: Steps at which the person writes a text of their own.
_WRITTEN = frozenset({"text", "what", "answer", "comment", "question", "leave", "reason", "code", "proof"})


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
