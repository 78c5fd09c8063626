"""What deputies do by chatting: check in and out, see points, answer opinions, record duties."""

from datetime import date

from services import checkin, comments, duties, points, stations
from services.assistant import dialogue
from services.assistant.dialogue import Talk
from services.assistant.speech import CANCEL, CONFIRM, Choice, Line, Link, buttons
from services.context import Context
from services.errors import DomainError
from services.rules import intents
from services.rules.point_table import display
from services.rules.spoken import spoken_duty
from services.rules.spoken_times import spoken_day
from services.rules.typed import normalised

ASK_CLERK = "请工作人员确认"


# --- check-in ---------------------------------------------------------------------------------------


def check_in(ctx: Context, talk: Talk, text: str) -> Line:
    """The code under the poster, then the screen's code or the clerk's word, then confirm."""
    steps = {"": _start_check_in, "code": _take_code, "proof": _take_proof, "confirm": _finish_check_in}
    return dialogue.go_on(steps, ctx, talk, text)


def _start_check_in(ctx: Context, talk: Talk, text: str) -> Line:
    live = checkin.current(ctx)
    if live is not None and live.visit.state == "open":
        return Line(f"您已在{live.station.name}签到，离站时请签退。", buttons("签退"))
    dialogue.ask(ctx, talk, "code")
    return Line("请输入联络站海报二维码下方的8位签到码。", (CANCEL,), Link("改用扫码签到", "/pages-duty/check-in/check-in"))


def _take_code(ctx: Context, talk: Talk, text: str) -> Line:
    try:
        code, station = stations.resolve_code(ctx.session, normalised(intents.clean(text)))
    except DomainError as error:
        dialogue.ask(ctx, talk, "code")
        return Line(error.message, (CANCEL,))
    talk.slots.update(scene=code.scene, station=station.name)
    dialogue.ask(ctx, talk, "proof")
    return Line(f"{station.name}。请输入站内屏幕上的8位动态码，证明您在站里。", (*buttons(ASK_CLERK), CANCEL))


def _take_proof(ctx: Context, talk: Talk, text: str) -> Line:
    plain = intents.clean(text)
    talk.slots["screen_code"] = None if plain == ASK_CLERK else plain
    if plain != ASK_CLERK:
        # The code lives half a minute: asking once more would outlive it, so it is the confirmation.
        return _finish_check_in(ctx, talk, "确认")
    dialogue.ask(ctx, talk, "confirm")
    return Line(f"将在{talk.slots['station']}签到，并请工作人员确认。确认吗？", (CONFIRM, CANCEL))


def _finish_check_in(ctx: Context, talk: Talk, text: str) -> Line:
    if not intents.YES.match(intents.clean(text)):
        dialogue.ask(ctx, talk, "proof")
        return Line("请输入屏幕动态码，或选择请工作人员确认。", (*buttons(ASK_CLERK), CANCEL))
    code = talk.slots.get("screen_code")
    try:
        done = checkin.check_in(ctx, scene=talk.slots["scene"], device_id=None,
                                proof=checkin.Proof(screen_code=code, asks_clerk=code is None))
    except DomainError as error:
        dialogue.ask(ctx, talk, "proof")
        return Line(error.message, (*buttons(ASK_CLERK), CANCEL))
    dialogue.close(ctx)
    if done.visit.state == "open":
        return Line(f"签到成功：{talk.slots['station']}。离站时请回复“签退”。", buttons("签退"))
    return Line("已提交，工作人员确认后生效。", buttons("签退"))


def check_out(ctx: Context, talk: Talk, text: str) -> Line:
    """Close the open visit after a confirmation, and tell the points."""
    if talk.step == "confirm":
        dialogue.close(ctx)
        if not intents.YES.match(intents.clean(text)):
            return Line("好的，没有签退。", buttons("签退"))
        visit = checkin.check_out(ctx, talk.slots["visit_id"])
        card = checkin.describe(ctx, [visit.id])[0]
        return Line(f"已签退。{card.points_display or ''} {visit.note}".strip(), buttons("我的积分"))
    live = checkin.current(ctx)
    if live is None:
        return Line("您现在没有签到。", buttons("签到"))
    talk.slots["visit_id"] = live.visit.id
    dialogue.ask(ctx, talk, "confirm")
    return Line(f"从{live.station.name}签退，确认吗？", (CONFIRM, CANCEL))


# --- points -----------------------------------------------------------------------------------------


def tell_points(ctx: Context, talk: Talk, text: str) -> Line:
    totals = points.own_totals(ctx, ctx.today.year)
    if not totals:
        return Line("没有在任职务，暂无积分。", buttons("转人工"))
    parts = [f"{row.congress_name}：{ctx.today.year}年 {row.total} 分" for row in totals]
    lines, _total = points.list_entries(ctx, [totals[0].mandate_id], year=ctx.today.year, page=1, page_size=3)
    parts += [f"{line.entry.occurred_on:%m月%d日} {line.item_name} {line.amount}" for line in lines]
    return Line("\n".join(parts), buttons("登记履职"), Link("积分明细", "/pages-duty/points/points"))


# --- opinions assigned to me ------------------------------------------------------------------------


def answer_opinions(ctx: Context, talk: Talk, text: str) -> Line:
    """List what waits, choose one, type the answer, confirm."""
    steps = {"": _list_tasks, "choose": _choose_task, "answer": _take_answer, "confirm": _finish_answer}
    return dialogue.go_on(steps, ctx, talk, text)


def _list_tasks(ctx: Context, talk: Talk, text: str) -> Line:
    rows, total = comments.list_assigned(ctx, state="open", page=1, page_size=5)
    if not rows:
        return Line("没有待您办理的意见。", buttons("我的积分", "看通知"))
    listed = "\n".join(f"{place}. {row.text[:24]}（{row.due_on:%m月%d日}前）" for place, row in enumerate(rows, 1))
    talk.slots["numbers"] = [row.number for row in rows]
    dialogue.ask(ctx, talk, "choose")
    choices = tuple(Choice(f"办第{place}件", str(place)) for place in range(1, len(rows) + 1))
    return Line(f"待您办理 {total} 件：\n{listed}", (*choices, CANCEL), Link("在页面办理", "/pages/opinions/opinions"))


def _choose_task(ctx: Context, talk: Talk, text: str) -> Line:
    plain, numbers = intents.clean(text).strip("第件办"), talk.slots["numbers"]
    if not plain.isdecimal() or not 1 <= int(plain) <= len(numbers):
        dialogue.ask(ctx, talk, "choose")
        return Line(f"请回复1到{len(numbers)}之间的序号。", (CANCEL,))
    number = numbers[int(plain) - 1]
    found, can_answer = comments.get_assigned(ctx, number)
    if not can_answer:
        dialogue.close(ctx)
        return Line("这件意见已经办过了。", buttons("待我办理的意见"))
    talk.slots["number"] = number
    dialogue.ask(ctx, talk, "answer")
    return Line(f"{number}（{found.village.name}，{found.category_name}）\n{found.opinion.text}\n\n请直接输入答复内容。", (CANCEL,))


def _take_answer(ctx: Context, talk: Talk, text: str) -> Line:
    talk.slots["answer"] = text.strip()
    dialogue.ask(ctx, talk, "confirm")
    return Line(f"将答复群众：\n{text.strip()}\n\n发出后不能修改，确认吗？", (CONFIRM, Choice("重写", "重写"), CANCEL))


def _finish_answer(ctx: Context, talk: Talk, text: str) -> Line:
    if not intents.YES.match(intents.clean(text)):
        dialogue.ask(ctx, talk, "answer")
        return Line("请重新输入答复内容。", (CANCEL,))
    comments.answer_as_deputy(ctx, talk.slots["number"], text=talk.slots["answer"])
    dialogue.close(ctx)
    return Line("答复已发出，已提醒群众评价。", buttons("待我办理的意见", "我的积分"))


# --- recording a duty -------------------------------------------------------------------------------


def report_duty(ctx: Context, talk: Talk, text: str) -> Line:
    """One sentence is enough: what, when; the rest is asked, then confirmed."""
    steps = {"": _start_duty, "what": _take_what, "item": _take_item, "day": _take_day, "confirm": _finish_duty}
    return dialogue.go_on(steps, ctx, talk, text)


def _start_duty(ctx: Context, talk: Talk, text: str) -> Line:
    if spoken_duty(text) is not None:
        return _take_what(ctx, talk, text)
    dialogue.ask(ctx, talk, "what")
    return Line("请用一句话说明，例如：昨天走访了三户选民。", (CANCEL,), Link("用表格登记（可传照片）", "/pages-duty/edit/edit"))


def _take_what(ctx: Context, talk: Talk, text: str) -> Line:
    talk.slots["title"] = text.strip()[:60]
    talk.slots["content"] = text.strip()[:2000]
    day = spoken_day(text, ctx.today, looks_back=True)
    if day is not None:
        talk.slots["day"] = day.isoformat()
    code = spoken_duty(text)
    kinds = {rule.code: rule.name for rule, _block in points.list_reportable(ctx, duties.home_region(ctx))}
    if code not in kinds:
        dialogue.ask(ctx, talk, "item")
        return Line("这属于哪一项？", (*(Choice(name, name) for name in list(kinds.values())[:8]), CANCEL))
    talk.slots.update(code=code, item=kinds[code])
    return _next_of_duty(ctx, talk)


def _take_item(ctx: Context, talk: Talk, text: str) -> Line:
    plain = intents.clean(text)
    for rule, _block in points.list_reportable(ctx, duties.home_region(ctx)):
        if plain in (rule.code, intents.clean(rule.name)):
            talk.slots.update(code=rule.code, item=rule.name)
            return _next_of_duty(ctx, talk)
    dialogue.ask(ctx, talk, "item")
    return Line("请从列表里选一项，或用表格登记。", (CANCEL,), Link("用表格登记", "/pages-duty/edit/edit"))


def _take_day(ctx: Context, talk: Talk, text: str) -> Line:
    day = spoken_day(text, ctx.today, looks_back=True)
    if day is None:
        dialogue.ask(ctx, talk, "day")
        return Line("请回复日期，例如：今天、昨天、11月20日。", (*buttons("今天", "昨天"), CANCEL))
    talk.slots["day"] = day.isoformat()
    return _next_of_duty(ctx, talk)


def _next_of_duty(ctx: Context, talk: Talk) -> Line:
    if "day" not in talk.slots:
        dialogue.ask(ctx, talk, "day")
        return Line("是哪一天？", (*buttons("今天", "昨天"), CANCEL))
    region = duties.home_region(ctx)
    rule = points.find_rule(ctx, points.rule_set_for(ctx, region, ctx.today), talk.slots["code"])
    dialogue.ask(ctx, talk, "confirm")
    return Line(
        f"请核对：\n项目：{talk.slots['item']}（每{rule.unit}{display(rule.points_half)}分）\n"
        f"日期：{date.fromisoformat(talk.slots['day']):%Y年%m月%d日}\n内容：{talk.slots['content']}\n\n"
        "提交后由两位工作人员审核，未附照片的会与您核实。确认提交吗？", (CONFIRM, CANCEL))


def _same_duty(ctx: Context, talk: Talk, content: str) -> Line:
    talk.slots.update(title=content[:60], content=content[:2000])
    return _next_of_duty(ctx, talk)


def _finish_duty(ctx: Context, talk: Talk, text: str) -> Line:
    better = intents.corrected(text, talk.slots["content"])
    if better is not None:
        day = spoken_day(better, ctx.today, looks_back=True) if spoken_day(text, ctx.today, looks_back=True) else None
        return _take_what(ctx, talk, better) if day else _same_duty(ctx, talk, better)
    day = spoken_day(text, ctx.today, looks_back=True)
    if day is not None:
        talk.slots["day"] = day.isoformat()
        return _next_of_duty(ctx, talk)
    if not intents.YES.match(intents.clean(text)):
        dialogue.ask(ctx, talk, "what")
        return Line("请重新用一句话说明。", (CANCEL,))
    form = duties.DutyReport(talk.slots["code"], date.fromisoformat(talk.slots["day"]), talk.slots["title"],
                             f"{talk.slots['content']}（对话登记，未附照片，请核实）", by_chat=True)
    duties.report(ctx, form, idempotency=f"chat:{ctx.now.isoformat()}")
    dialogue.close(ctx)
    return Line("已登记，审核通过后计分。", buttons("我的积分", "登记履职"), Link("我的履职", "/pages-duty/duties/duties"))
