"""What residents do by chatting: submit an opinion, follow it, rate it, ask about deputies and stations."""

import re

from sqlalchemy import literal, select

from models.identity import Account
from models.regions import Region
from models.stations import Station
from services import access, comments, deputies, identity, notice_reading, regions, reports, stations
from services.assistant import dialogue
from services.assistant.dialogue import Talk
from services.assistant.speech import CANCEL, CONFIRM, Choice, Line, Link, buttons
from services.context import CHINA, Context
from services.errors import Conflict, Invalid, NotFound
from services.rules import intents, privacy
from services.rules.opinion_states import CATEGORIES, GRADE_NAMES, STATE_NAMES
from services.rules.spoken import spoken_category
from services.rules.spoken_ratings import spoken_rating

PROJECT_MARK = "民生实事项目建议："
CONFIRM_NOTICE, ASK_LEAVE, SEE_NOTICES = "确认收到", "请假", "看通知"
#: What a sentence says, as the book writes it.
SAID_GRADES = {"satisfied": "satisfied", "basically_satisfied": "basically_satisfied", "dissatisfied": "unsatisfied"}
_NUMBER = re.compile(r"YJ\d{19}", re.IGNORECASE)


# --- submitting -------------------------------------------------------------------------------------


def submit_opinion(ctx: Context, talk: Talk, text: str) -> Line:
    """Text, then the village if unknown, then the category guessed and confirmed with the privacy text."""
    steps = {"": _start_opinion, "text": _take_text, "village": _take_village, "confirm": _finish_opinion}
    return dialogue.go_on(steps, ctx, talk, text)


def _start_opinion(ctx: Context, talk: Talk, text: str) -> Line:
    body = re.sub(r"^(我要|我想|帮我)?(提.{0,2}(意见|建议)|反映(一下|个)?(问题|情况)?)[：:，,。]?", "", text.strip())
    if len(intents.clean(body)) >= 8:
        return _take_text(ctx, talk, body)
    dialogue.ask(ctx, talk, "text")
    return Line("请用一两句话说明：什么地方、什么事、希望怎么解决。", (CANCEL,))


def suggest_project(ctx: Context, talk: Talk, text: str) -> Line:
    """A project wished for goes in as an opinion that says so: staff sort it into the year's collection."""
    if talk.step == "text" or (talk.step == "" and len(intents.clean(text)) >= 12):
        text = f"{PROJECT_MARK}{text.strip()}"
    if talk.step:
        return submit_opinion(ctx, talk, text)
    if text.startswith(PROJECT_MARK):
        return _take_text(ctx, talk, text)
    dialogue.ask(ctx, talk, "text")
    return Line("请用一两句话说明：想办什么民生实事、在哪里、为什么需要。", (CANCEL,))


def _take_text(ctx: Context, talk: Talk, text: str) -> Line:
    door = intents.find_door(intents.clean(text))
    if door is not None:
        dialogue.close(ctx)
        return Line(door, buttons("我要提意见", "转人工"))
    talk.slots["text"] = text.strip()
    talk.slots["category"] = spoken_category(text)
    account = ctx.session.get_one(Account, access.account_id(ctx))
    if account.village_id is not None:
        talk.slots["village_id"] = account.village_id
        return _ask_confirmation(ctx, talk)
    dialogue.ask(ctx, talk, "village")
    return Line("您反映的事在哪个村（社区）？请回复村名，例如“石桥村”。", (CANCEL,))


def _take_village(ctx: Context, talk: Talk, text: str) -> Line:
    name = intents.clean(text)
    found = _villages(ctx, name)
    if len(found) != 1:
        dialogue.ask(ctx, talk, "village")
        if not found:
            return Line("没有找到这个村（社区），请回复村名全称，例如“石桥村”。", (CANCEL,))
        names = [regions.full_name(ctx.session, row) for row in found]
        return Line("找到几个相近的，请选一个：", (*(Choice(full, full) for full in names), CANCEL))
    talk.slots["village_id"] = found[0].id
    identity.update_me(ctx, village_id=found[0].id)
    return _ask_confirmation(ctx, talk)


def _villages(ctx: Context, said: str) -> list[Region]:
    """The village meant: by its full name with county and town, by exactly its name, else by a part of it."""
    villages = select(Region).where(Region.level == "village", literal(said).endswith(Region.name))
    ending = list(ctx.session.scalars(villages))
    full = [row for row in ending if intents.clean(regions.full_name(ctx.session, row)) == said]
    exact = [row for row in ending if row.name == said]
    if full or exact:
        return full or exact
    return list(ctx.session.scalars(
        select(Region).where(Region.level == "village", Region.name.contains(said, autoescape=True)).limit(6)))


def _ask_confirmation(ctx: Context, talk: Talk) -> Line:
    village = ctx.session.get_one(Region, talk.slots["village_id"])
    dialogue.ask(ctx, talk, "confirm")
    return Line(
        f"请核对：\n地点：{regions.full_name(ctx.session, village)}\n类别：{CATEGORIES[talk.slots['category']]}\n"
        f"内容：{talk.slots['text']}\n\n回复“确认”即提交，并表示已阅读《{privacy.TITLE}》。",
        (CONFIRM, CANCEL), Link(privacy.TITLE, "/pages/privacy/privacy"))


def _finish_opinion(ctx: Context, talk: Talk, text: str) -> Line:
    better = intents.corrected(text, talk.slots["text"])
    if better is not None:
        return _take_text(ctx, talk, better)
    if not intents.YES.match(intents.clean(text)):
        dialogue.ask(ctx, talk, "text")
        return Line("好的，请把要反映的内容重新说一遍。", (CANCEL,))
    opinion = comments.submit(ctx, comments.OpinionForm(
        text=talk.slots["text"], category=talk.slots["category"], village_id=talk.slots["village_id"],
        consent_version=privacy.VERSION, channel=talk.channel))
    dialogue.close(ctx)
    return Line(f"已提交，编号 {opinion.number}。工作人员会在1个工作日内受理，发送编号可随时查进度。",
                buttons("查意见进度"), _opinion_link(opinion.number))


# --- following and rating ---------------------------------------------------------------------------


def follow_opinion(ctx: Context, talk: Talk, text: str) -> Line:
    """One opinion by its number, or the newest ones."""
    number = str(talk.slots.get("said", {}).get("comment_no") or "")
    if _NUMBER.fullmatch(number):
        return _tell_progress(ctx, number)
    rows, total = comments.list_mine(ctx, page=1, page_size=3)
    if not rows:
        return Line("您还没有提过意见。", buttons("我要提意见"))
    if total == 1:
        return _tell_progress(ctx, rows[0].number)
    listed = "\n".join(f"{row.number}：{STATE_NAMES[row.state]}（{row.text[:12]}…）" for row in rows)
    return Line(f"您最近的意见：\n{listed}", tuple(Choice(f"…{row.number[-6:]}", row.number) for row in rows))


def _tell_progress(ctx: Context, number: str) -> Line:
    try:
        found = comments.get_mine(ctx, number)
    except NotFound:
        return Line("没有找到这个编号，请核对。只能查询您本人提交的意见。", buttons("查意见进度", "转人工"))
    parts = [f"{number}\n状态：{found.state_name}"]
    if found.handler_name:
        parts.append(f"承办：{found.handler_name}")
    if found.opinion.due_on:
        parts.append(f"期限：{found.opinion.due_on:%Y年%m月%d日}")
    if found.answer is not None:
        parts.append(f"答复：{found.answer.answer}")
    choices = buttons("评价答复") if found.can_rate else ()
    return Line("\n".join(parts), choices, _opinion_link(number))


def rate_opinion(ctx: Context, talk: Talk, text: str) -> Line:
    """Grade, then a reason when unsatisfied, then confirm."""
    steps = {"": _start_rating, "grade": _take_grade, "comment": _take_comment, "confirm": _finish_rating}
    return dialogue.go_on(steps, ctx, talk, text)


def _start_rating(ctx: Context, talk: Talk, text: str) -> Line:
    waiting = [row for row in comments.list_mine(ctx, page=1, page_size=20)[0] if row.state == "answered"]
    if not waiting:
        return Line("现在没有等您评价的答复。", buttons("查意见进度"))
    said = talk.slots.get("said", {})
    chosen = next((row for row in waiting if row.number == said.get("comment_no")), waiting[0])
    talk.slots["number"] = chosen.number
    grade = SAID_GRADES.get(str(said.get("rating")))
    if grade is not None:
        return _take_grade(ctx, talk, GRADE_NAMES[grade])
    dialogue.ask(ctx, talk, "grade")
    return Line(f"对 {chosen.number} 的答复，您是否满意？", (*buttons(*GRADE_NAMES.values()), CANCEL))


def _take_grade(ctx: Context, talk: Talk, text: str) -> Line:
    grade = {name: code for code, name in GRADE_NAMES.items()}.get(intents.clean(text)) \
        or SAID_GRADES.get(str(spoken_rating(text)))
    if grade is None:
        dialogue.ask(ctx, talk, "grade")
        return Line("请从三项里选一项：", (*buttons(*GRADE_NAMES.values()), CANCEL))
    talk.slots["grade"] = grade
    if grade == "unsatisfied":
        dialogue.ask(ctx, talk, "comment")
        return Line("请说说哪里不满意，会转给承办人重新办理。", (CANCEL,))
    return _confirm_rating(ctx, talk)


def _take_comment(ctx: Context, talk: Talk, text: str) -> Line:
    talk.slots["comment"] = text.strip()
    return _confirm_rating(ctx, talk)


def _confirm_rating(ctx: Context, talk: Talk) -> Line:
    dialogue.ask(ctx, talk, "confirm")
    return Line(f"评价为“{GRADE_NAMES[talk.slots['grade']]}”，确认吗？评价后不能修改。", (CONFIRM, CANCEL))


def _finish_rating(ctx: Context, talk: Talk, text: str) -> Line:
    if not intents.YES.match(intents.clean(text)):
        dialogue.ask(ctx, talk, "grade")
        return Line("请重新选择：", (*buttons(*GRADE_NAMES.values()), CANCEL))
    row = comments.rate(ctx, talk.slots["number"], grade=talk.slots["grade"], comment=talk.slots.get("comment", ""))
    dialogue.close(ctx)
    more = "，已转重新办理" if row.state == "assigned" else ""
    return Line(f"谢谢您的评价{more}。", (), _opinion_link(row.number))


def _opinion_link(number: str) -> Link:
    return Link("查看详情", f"/pages-opinion/detail/detail?number={number}")


# --- asking -----------------------------------------------------------------------------------------


def read_notices(ctx: Context, talk: Talk, text: str) -> Line:
    """The newest notices; a deputy may confirm the one shown, or ask for leave with a reason."""
    said = intents.clean(text)
    if talk.step == "leave" and said != SEE_NOTICES:
        return _ask_leave(ctx, talk, text)
    if talk.step == "confirm" and said == CONFIRM_NOTICE:
        notice_reading.confirm(ctx, talk.slots["notice_id"])
        dialogue.close(ctx)
        return Line("已确认收到。", buttons(SEE_NOTICES))
    if talk.step == "confirm" and said == ASK_LEAVE:
        dialogue.ask(ctx, talk, "leave")
        return Line("请写明请假原因：", (CANCEL,))
    rows, _total = notice_reading.list_mine(ctx, unread=True if ctx.actor.is_deputy else None, page=1, page_size=1)
    if not rows:
        return Line("没有未读通知。", (), Link("全部通知", "/pages-notice/list/list"))
    return _show_notice(ctx, talk, notice_reading.mark_read(ctx, rows[0].id))


def _show_notice(ctx: Context, talk: Talk, card: notice_reading.NoticeCard) -> Line:
    page = Link("查看通知", f"/pages-notice/detail/detail?id={card.notice.id}")
    if card.is_withdrawn:
        return Line(f"【已撤回】{card.notice.title}\n撤回原因：{card.notice.withdraw_reason}", (), page)
    changed = f"\n（已更正：{card.correction_note}）" if card.correction_note else ""
    when = f"\n时间：{card.notice.starts_at.astimezone(CHINA):%m月%d日 %H:%M}" if card.notice.starts_at else ""
    where = f"\n地点：{card.notice.place}" if card.notice.place else ""
    body = f"【{card.kind_name}】{card.notice.title}{changed}{when}{where}\n{card.notice.body}"
    if not card.must_answer:
        return Line(body, (), page)
    talk.slots["notice_id"] = card.notice.id
    dialogue.ask(ctx, talk, "confirm")
    return Line(body, buttons(CONFIRM_NOTICE, ASK_LEAVE, SEE_NOTICES), page)


def _ask_leave(ctx: Context, talk: Talk, text: str) -> Line:
    try:
        notice_reading.ask_leave(ctx, talk.slots["notice_id"], reason=text)
    except Invalid as refusal:
        dialogue.ask(ctx, talk, "leave")
        return Line(refusal.message, (CANCEL,))
    except Conflict as refusal:
        dialogue.close(ctx)
        return Line(refusal.message, buttons(SEE_NOTICES))
    dialogue.close(ctx)
    return Line("已为您请假，工作人员会看到原因。", buttons(SEE_NOTICES))


def find_deputy(ctx: Context, talk: Talk, text: str) -> Line:
    """The deputy named, those of the place named, else those of the own township."""
    said = talk.slots.get("said", {})
    village = _place_said(ctx, said) or identity.village_of(ctx)
    if village is None:
        return Line("请先在“我的”里选择所在的村（社区），就能看到您的代表。", (), Link("去选择", "/pages/me/me"))
    cards = deputies.list_public(ctx.session, village=village, page=1, page_size=200 if said.get("person") else 6)[0]
    if said.get("person"):
        return _tell_deputy(str(said["person"]), cards)
    if not cards:
        return Line("您所在乡镇还没有登记代表。", buttons("转人工"))
    listed = "\n".join(f"{card.name}（{'、'.join(card.level_names)}）{card.station_name or ''}" for card in cards)
    return Line(f"您所在乡镇的代表：\n{listed}", buttons("接待日"), Link(cards[0].name, _deputy_page(cards[0].id)))


def _tell_deputy(name: str, cards: list[deputies.DeputyCard]) -> Line:
    card = next((card for card in cards if card.name == name), None)
    if card is None:
        return Line(f"没有在本乡镇找到{name}代表，可在代表名单里查找。", buttons("找代表", "转人工"), Link("代表名单", "/pages-station/deputies/deputies"))
    where = f"\n所在联络站：{card.station_name}" if card.station_name else ""
    return Line(f"{card.name}（{'、'.join(card.level_names)}代表），{card.title}{where}\n代表的电话不公开，可在接待日当面反映，或直接提意见。",
                buttons("接待日", "我要提意见"), Link(card.name, _deputy_page(card.id)))


def _place_said(ctx: Context, said: dict[str, str | int]) -> Region | None:
    """The place a sentence names, within the person's own county; a township counts by one of its villages."""
    home, name = identity.village_of(ctx), said.get("place")
    if home is None or not name:
        return None
    inside = Region.path.startswith(regions.county_path(ctx.session, home), autoescape=True)
    return ctx.session.scalars(select(Region).where(inside, Region.name == name, Region.level.in_(("village", "township")))
                               .order_by(Region.id).limit(1)).first()


def _deputy_page(person_id: int) -> str:
    return f"/pages-station/deputy/deputy?id={person_id}"


def tell_reception_day(ctx: Context, talk: Talk, text: str) -> Line:
    home = reports.build_home(ctx)
    rows = [home.next_reception] if home.next_reception else []
    if not rows and home.station is not None:
        rows = stations.list_receptions(ctx.session, after=ctx.now, station_ids=[home.station.id], limit=3)
    if not rows:
        return Line("近期还没有安排接待日。", buttons("联络站在哪", "转人工"))
    names = deputies.names_of(ctx.session, {number for row in rows for number in row.person_ids})
    listed = "\n".join(
        f"{row.starts_at.astimezone(CHINA):%m月%d日 %H:%M}至{row.ends_at.astimezone(CHINA):%H:%M}，{row.station.name}，"
        f"{'、'.join(names[number] for number in row.person_ids) or '代表待定'}" for row in rows)
    return Line(f"接待日：\n{listed}", (), Link(rows[0].station.name, _station_page(rows[0].station.id)))


def _station_said(ctx: Context, said: dict[str, str | int]) -> Station | None:
    home = identity.village_of(ctx)
    if home is None or not said.get("station"):
        return None
    inside = Region.path.startswith(regions.county_path(ctx.session, home), autoescape=True)
    return ctx.session.scalars(select(Station).join(Region, Region.id == Station.region_id)
                               .where(inside, Station.name == said["station"], Station.is_open).limit(1)).first()


def _station_page(station_id: int) -> str:
    return f"/pages-station/detail/detail?id={station_id}"


def tell_station(ctx: Context, talk: Talk, text: str) -> Line:
    """The station named or the own one; who asks for the day is told the reception days."""
    if re.search(r"接待|接访|值班|坐班", text):
        return tell_reception_day(ctx, talk, text)
    station = _station_said(ctx, talk.slots.get("said", {})) or reports.build_home(ctx).station
    if station is None:
        return Line("请先在“我的”里选择所在的村（社区）。", (), Link("全部联络站", "/pages-station/list/list"))
    phone = f"\n电话：{station.phone}" if station.phone else ""
    return Line(f"{station.name}\n地址：{station.address}\n开放时间：{station.opening_hours or '以站内公示为准'}{phone}",
                buttons("接待日"), Link("查看联络站", _station_page(station.id)))
