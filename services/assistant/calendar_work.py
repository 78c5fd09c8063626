"""A deputy's days by chatting: what is planned, who comes, who cannot come."""

from datetime import date

from services import activities, notice_reading, stations
from services.assistant import dialogue
from services.assistant.dialogue import Talk
from services.assistant.speech import CANCEL, CONFIRM, Choice, Line, Link, buttons
from services.context import CHINA, Context
from services.errors import Conflict, Invalid
from services.rules import intents

_LIST = Link("全部通知", "/pages-notice/list/list")


def _meetings(ctx: Context, day: str | None = None) -> list[notice_reading.ReaderLine]:
    """Meetings still to come that the deputy was called to, soonest first, of one day when it is named."""
    rows = notice_reading.list_mine(ctx, page=1, page_size=50)[0]
    coming = [row for row in rows if row.starts_at is not None and row.starts_at > ctx.now and row.withdrawn_at is None]
    if day is not None:
        coming = [row for row in coming if row.starts_at and row.starts_at.astimezone(CHINA).date() == date.fromisoformat(day)]
    return sorted(coming, key=lambda row: (row.starts_at or ctx.now, row.id))


def _told(row: notice_reading.ReaderLine) -> str:
    when = f"{row.starts_at.astimezone(CHINA):%m月%d日 %H:%M} " if row.starts_at else ""
    return f"{when}{row.title}{f'，{row.place}' if row.place else ''}"


def _activities(ctx: Context, act: str, day: str | None = None) -> list[activities.ActivityCard]:
    """Activities still to come at which the deputy may sign up, or ask for leave, now."""
    cards = activities.list_mine(ctx, is_past=False, page=1, page_size=20)[0]
    return [card for card in cards if card.may(ctx.now)[act]
            and (day is None or card.activity.starts_at.astimezone(CHINA).date() == date.fromisoformat(day))]


def _point_to(cards: list[activities.ActivityCard], opening: str, closing: str) -> Line:
    listed = "\n".join(f"{card.activity.starts_at.astimezone(CHINA):%m月%d日 %H:%M} {card.activity.title}，{card.activity.place}"
                       for card in cards[:5])
    first = cards[0].activity
    return Line(f"{opening}\n{listed}\n{closing}", buttons("我的日程"),
                Link(first.title, f"/pages-activity/detail/detail?id={first.id}"))


def tell_schedule(ctx: Context, talk: Talk, text: str) -> Line:
    """Meetings of the notices and the own reception days still to come."""
    said = talk.slots.get("said", {}).get("date")
    day = str(said) if said else None
    lines = [(row.starts_at, _told(row)) for row in _meetings(ctx, day) if row.starts_at]
    for card in stations.list_receptions(ctx.session, after=ctx.now, person_id=ctx.actor.person_id, limit=10):
        if day is None or card.starts_at.astimezone(CHINA).date() == date.fromisoformat(day):
            lines.append((card.starts_at, f"{card.starts_at.astimezone(CHINA):%m月%d日 %H:%M} {card.station.name}接待群众"))
    if not lines:
        return Line("这一天没有您的安排。" if day else "近期没有您的会议、活动和接待安排。", buttons("看通知"), _LIST)
    listed = "\n".join(told for _at, told in sorted(lines)[:8])
    return Line(f"您的安排：\n{listed}", buttons("看通知", "请假"), _LIST)


def sign_up(ctx: Context, talk: Talk, text: str) -> Line:
    """Activities are signed up for on their page; who comes to a meeting acknowledges the notice of it."""
    cards = _activities(ctx, "sign_up")
    if cards:
        return _point_to(cards, "这些活动可以报名：", "请点下面的活动，按“我要报名”。")
    rows = [row for row in _meetings(ctx) if row.needs_confirmation and row.confirmed_at is None and row.leave_at is None]
    if not rows:
        return Line("现在没有等您回执的会议和活动。新的活动会发通知，请在通知里确认参加。", buttons("看通知", "我的日程"), _LIST)
    listed = "\n".join(_told(row) for row in rows[:5])
    return Line(f"这些会议和活动等您回执：\n{listed}\n参加请在通知里点“确认收到”，不能参加请说“请假”。", buttons("看通知", "请假"),
                Link(rows[0].title, f"/pages-notice/detail/detail?id={rows[0].id}"))


def ask_leave(ctx: Context, talk: Talk, text: str) -> Line:
    """Which meeting, why, and the confirmation; the clerk reads the reason."""
    steps = {"": _start_leave, "choose": _choose_meeting, "reason": _take_reason, "confirm": _finish_leave}
    return dialogue.go_on(steps, ctx, talk, text)


def _start_leave(ctx: Context, talk: Talk, text: str) -> Line:
    said = talk.slots.get("said", {}).get("date")
    rows = [row for row in _meetings(ctx, str(said) if said else None) if row.needs_confirmation and row.leave_at is None]
    cards = _activities(ctx, "ask_leave", str(said) if said else None)
    if cards and not rows:
        return _point_to(cards, "这些会议和活动可以请假：", "请点下面的活动，按“不能参加，请假”并写明原因。")
    if not rows:
        when = "那一天" if said else "近期"
        return Line(f"{when}没有需要您回执的会议或活动，不用请假。人代会请假请向代表团书面提出。", buttons("我的日程", "转人工"), _LIST)
    talk.slots["told_reason"] = text.strip() if any(word in text for word in ("因为", "病", "有事", "出差", "住院", "外地")) else ""
    if len(rows) == 1:
        return _ask_reason(ctx, talk, rows[0])
    talk.slots["ids"] = [row.id for row in rows[:5]]
    dialogue.ask(ctx, talk, "choose")
    listed = "\n".join(f"{place}. {_told(row)}" for place, row in enumerate(rows[:5], 1))
    return Line(f"哪一个请假？\n{listed}", (*(Choice(f"第{place}个", str(place)) for place in range(1, len(rows[:5]) + 1)), CANCEL))


def _choose_meeting(ctx: Context, talk: Talk, text: str) -> Line:
    plain, ids = intents.clean(text).strip("第个"), talk.slots["ids"]
    if not plain.isdecimal() or not 1 <= int(plain) <= len(ids):
        dialogue.ask(ctx, talk, "choose")
        return Line(f"请回复1到{len(ids)}之间的序号。", (CANCEL,))
    row = next((row for row in _meetings(ctx) if row.id == ids[int(plain) - 1]), None)
    if row is None:
        dialogue.close(ctx)
        return Line("这个会议已经开始或已撤回。", buttons("我的日程"))
    return _ask_reason(ctx, talk, row)


def _ask_reason(ctx: Context, talk: Talk, row: notice_reading.ReaderLine) -> Line:
    talk.slots.update(notice_id=row.id, meeting=_told(row))
    if talk.slots.get("told_reason"):
        return _take_reason(ctx, talk, talk.slots["told_reason"])
    dialogue.ask(ctx, talk, "reason")
    return Line(f"{_told(row)}\n请写明请假原因：", (CANCEL,))


def _take_reason(ctx: Context, talk: Talk, text: str) -> Line:
    talk.slots["reason"] = text.strip()
    dialogue.ask(ctx, talk, "confirm")
    return Line(f"将为您请假：\n{talk.slots['meeting']}\n原因：{text.strip()}\n工作人员会看到原因，确认吗？", (CONFIRM, Choice("重写", "重写"), CANCEL))


def _finish_leave(ctx: Context, talk: Talk, text: str) -> Line:
    better = intents.corrected(text, talk.slots["reason"])
    if better is not None:
        return _take_reason(ctx, talk, better)
    if not intents.YES.match(intents.clean(text)):
        dialogue.ask(ctx, talk, "reason")
        return Line("请重新写明请假原因：", (CANCEL,))
    try:
        notice_reading.ask_leave(ctx, talk.slots["notice_id"], reason=talk.slots["reason"])
    except Invalid as refusal:
        dialogue.ask(ctx, talk, "reason")
        return Line(refusal.message, (CANCEL,))
    except Conflict as refusal:
        dialogue.close(ctx)
        return Line(refusal.message, buttons("看通知"))
    dialogue.close(ctx)
    return Line("已为您请假，工作人员会看到原因。", buttons("看通知", "我的日程"))
