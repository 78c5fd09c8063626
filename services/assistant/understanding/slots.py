"""What a sentence names: numbers, people, places, days; each intent takes the kinds it can use."""

import re
from datetime import date

from services.assistant.understanding.names import Names, resolver
from services.rules.spoken_numbers import plain, spoken_comment_no, spoken_count, without_comment_no
from services.rules.spoken_ratings import spoken_rating
from services.rules.spoken_times import spoken_day, spoken_deadline, spoken_period, spoken_time

Slots = dict[str, str | int]

TAKES: dict[str, tuple[str, ...]] = {
    "submit_comment": ("place", "topic"), "check_comment": ("comment_no", "topic"), "rate_comment": ("comment_no", "rating"),
    "find_station": ("station", "place", "date"), "find_deputy": ("person", "place", "group"), "list_projects": ("project", "place", "period"),
    "suggest_project": ("project", "place", "topic"), "faq": ("topic",), "check_in": ("station", "place"), "check_out": ("station",),
    "my_points": ("period",), "points_ranking": ("group", "place", "period", "count"),
    "record_duty": ("count", "date", "time", "person", "place", "station", "topic"), "my_assigned_comments": ("comment_no", "topic"),
    "reply_comment": ("comment_no", "topic"), "my_schedule": ("date", "time", "period"), "sign_up_activity": ("date", "time", "topic"),
    "ask_leave": ("date", "time"), "vote_info": ("project", "period"), "read_notices": ("date", "topic"),
    "send_notice": ("group", "person", "place", "date", "time", "topic"), "stats_summary": ("period", "place", "group", "unit"),
    "overdue_comments": ("place", "unit", "person", "date", "period"), "assign_comment": ("comment_no", "unit", "person", "deadline", "topic"),
}
#: These tell of something done: a day without its year lies behind.
_LOOKS_BACK = frozenset({"record_duty", "check_comment"})
_SAID_TOPIC = re.compile(r"(?:主要|重点|就是|都|)?(?:说|谈|聊|反映|反应|关于|了解|讨论|围绕|就)(?:的是|了|到|一下)?([\u4e00-\u9fa5]{2,8}?)(?:这|那)?(?:方面|等)?(?:的)?(?:一件|个)?(?:事情|事儿|事|问题|情况|工作|一事|话题|意见)")
_TOPIC_WORDS = (
    "灌溉", "路灯", "垃圾", "停水", "停电", "自来水", "饮水", "水渠", "水库", "下水道", "污水", "排水", "井盖", "公交", "停车", "红绿灯", "斑马线", "护栏", "修路", "公路",
    "村道", "道路", "桥", "噪音", "油烟", "扬尘", "公厕", "河道", "低保", "医保", "社保", "养老", "老年食堂", "食堂", "校车", "幼儿园", "学校", "上学", "卫生室", "医院", "看病", "工资", "欠薪",
    "就业", "物业", "电梯", "危房", "消防", "防溺水", "宅基地", "土地流转", "征地", "拆迁", "种粮补贴", "补贴", "农药", "健身器材", "文化广场", "广场", "充电桩", "农贸市场", "菜市场", "快递", "网络", "信号",
    "变压器", "电压", "路面", "采石场", "养殖", "养猪场", "环境卫生", "防汛", "产业", "邻里纠纷", "纠纷", "代表法", "宪法", "票决制", "积分", "接待日", "隐私", "匿名", "注销", "答复期限", "民生实事", "水泵", "监控",
    "树", "狗", "办证", "态度", "教育", "医疗", "交通", "治安", "水")


def read_slots(intent: str, text: str, names: Names, today: date) -> Slots:
    """Everything the intent can use that the sentence names."""
    takes = TAKES.get(intent, ())
    if not takes:
        return {}
    words = without_comment_no(plain(text))
    found = {**_numbers(takes, text, words), **_named(takes, words, names), **_times(intent, takes, words, today)}
    if "topic" in takes:
        found["topic"] = _topic(words)
    return {name: value for name in takes if (value := found.get(name)) is not None}


def _numbers(takes: tuple[str, ...], text: str, words: str) -> dict[str, str | int | None]:
    return {"comment_no": spoken_comment_no(text) if "comment_no" in takes else None,
            "count": spoken_count(words) if "count" in takes else None,
            "rating": spoken_rating(words) if "rating" in takes else None}


def _named(takes: tuple[str, ...], words: str, names: Names) -> dict[str, str | int | None]:
    who = resolver(names)
    found: dict[str, str | int | None] = {}
    for slot, kind in (("place", "places"), ("station", "stations"), ("group", "groups"), ("unit", "units"), ("project", "projects")):
        if slot in takes:
            found[slot] = who.find(kind, words)
    if "person" in takes:
        found["person"] = who.find_person(words)
    return found


def _times(intent: str, takes: tuple[str, ...], words: str, today: date) -> dict[str, str | int | None]:
    found: dict[str, str | int | None] = {}
    if "date" in takes and (day := spoken_day(words, today, looks_back=intent in _LOOKS_BACK)) is not None:
        found["date"] = day.isoformat()
    if "deadline" in takes and (day := spoken_deadline(words, today)) is not None:
        found["deadline"] = day.isoformat()
    if "time" in takes:
        found["time"] = spoken_time(words)
    if "period" in takes:
        found["period"] = spoken_period(words, today)
    return found


def _topic(words: str) -> str | None:
    said = _SAID_TOPIC.search(words)
    if said is not None and not re.search(r"意见|建议|什么|啥|几|谁|我", said.group(1)):
        return said.group(1).removesuffix("的")
    return next((word for word in _TOPIC_WORDS if word in words), None)
