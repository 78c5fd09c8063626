"""Dates, categories and duties as people say them in one sentence."""

import re
from datetime import date, timedelta

#: Longer words first, then in this order: "昨天下午" is yesterday.
_RELATIVE = {"今天": 0, "今日": 0, "昨天": 1, "昨日": 1, "昨晚": 1, "前天": 2, "大前天": 3, "刚才": 0, "上午": 0, "下午": 0}
_MONTH_DAY = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号]")
#: The item of the point table that a verb points to.
_DUTY_WORDS = (
    ("E2", r"述职"), ("E1", r"培训|学习班|听课"), ("D3", r"执法检查"), ("D1", r"视察"), ("D2", r"调研"),
    ("D5", r"评议|询问|听证|旁听"), ("D4", r"小组活动|主题活动"), ("C5", r"调解|纠纷|帮办|办实事"),
    ("C2", r"走访|入户|联系选民|慰问"), ("A2", r"审议|发言"), ("A6", r"传达|宣讲"),
    ("F7", r"应急|防汛|救灾|值守"), ("F5", r"志愿|公益|捐"), ("F4", r"表彰|获奖"), ("F3", r"刊发|采用|报道"),
    ("A3", r"列席"),
)
_CATEGORY_WORDS = (
    ("safety", r"消防|防溺水|红绿灯|诈骗|安全隐患|高压"), ("road", r"路灯|公路|道路|修路|村道|公交|停车|井盖|坑洼|路面|桥"),
    ("water", r"饮水|自来水|停水|水渠|水库|排涝|灌溉|水利"), ("env", r"垃圾|污水|公厕|扬尘|噪音|臭|河道|油烟"),
    ("edu", r"学校|学位|校车|幼儿园|老师|托育"), ("health", r"卫生室|医院|医保|看病|药"),
    ("elder", r"养老|老人|低保|残疾|食堂"), ("job", r"就业|社保|工资|欠薪|技能"),
    ("house", r"小区|电梯|危房|物业|房产"), ("culture", r"广场|健身|书屋|文化"),
    ("agri", r"农田|种植|养殖|宅基地|农机|合作社"), ("biz", r"营商|企业|贷款|办证"), ("gov", r"态度|作风|推诿|干部"),
)


def spoken_date(text: str, today: date) -> date | None:
    """`昨天`, `11月20日`: the day meant, in the past unless its year is named; None when no day is named."""
    match = _MONTH_DAY.search(text)
    if match is None:
        word = next((word for word in sorted(_RELATIVE, key=len, reverse=True) if word in text), None)
        return None if word is None else today - timedelta(days=_RELATIVE[word])
    year, month, day = (int(part) if part else today.year for part in match.groups())
    try:
        found = date(year, month, day)
        return found if found <= today or match.group(1) else found.replace(year=year - 1)
    except ValueError:
        return None


def spoken_duty(text: str) -> str | None:
    """The code of the duty item a sentence speaks of."""
    return next((code for code, pattern in _DUTY_WORDS if re.search(pattern, text)), None)


def spoken_category(text: str) -> str:
    """The category of an opinion by its words; `other` when none speaks up."""
    return next((code for code, pattern in _CATEGORY_WORDS if re.search(pattern, text)), "other")
