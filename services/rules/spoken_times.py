"""Days, hours and periods as people say them, against a given now.

A day is ISO (`2026-11-24`). An hour said is `HH:MM`; a part of the day said without an hour is one of 上午, 中午, 下午, 晚上.
A period is `2026`, `2026-H1`, `2026-Q3`, `2026-11` or `2026-W48`. A day without its year or week is the nearest that fits:
the last one where the sentence tells of something done, the next one where it plans.
"""

import calendar
import re
from datetime import date, timedelta

from services.rules.spoken_numbers import NUMERAL, plain, to_number

_WORDS = {"大前天": -3, "大前日": -3, "前天": -2, "前日": -2, "前儿": -2, "昨天": -1, "昨日": -1, "昨儿": -1, "今天": 0, "今日": 0, "今儿": 0,
          "大后天": 3, "大后日": 3, "后天": 2, "后日": 2, "后儿": 2, "明天": 1, "明日": 1, "明儿": 1, "次日": 1,
          "前晚": -2, "昨晚": -1, "昨夜": -1, "昨早": -1, "今晚": 0, "今早": 0, "今晨": 0, "今夜": 0, "明早": 1, "明晚": 1, "后晚": 2, "当天": 0}
_WEEKDAYS = {"一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6, "末": 5, "1": 0, "2": 1, "3": 2, "4": 3, "5": 4, "6": 5, "7": 6}
_WEEKDAY = re.compile(r"(上上|下下|上|下|这|本)?个?(?:星期|礼拜|周)(?!年|期|边|围|到|转|岁|报|内|知)([一二三四五六日天末1-7])(?![年月户个位名0-9])")
_FULL = re.compile(r"(\d{4})\s*[年\-/.]\s*(\d{1,2})\s*[月\-/.]\s*(\d{1,2})\s*[日号]?")
_MONTH_DAY = re.compile(rf"(?:(今年|去年|明年|前年|本年|[0-9零〇一二三四五六七八九]{{4}}年))?({NUMERAL}{{1,3}})月({NUMERAL}{{1,3}})[日号]?")
_SLASHED = re.compile(r"(?<![\d./\-])(\d{1,2})[./\-](\d{1,2})(?![\d./\-%])(?=[日号]|[^\d]|$)")
_DAY_OF_MONTH = re.compile(rf"(上上个?月|上个?月|下个?月|这个?月|本月|当月)?的?(?<![第0-9零〇一二三四五六七八九十])(?<![0-9零一二三四五六七八九十]月){NUMERAL}{{1,3}}[号日](?!楼|线|院|车|码|常|程|子|期|志|店|门)")
_MONTH_PART = re.compile(r"(上个?月|下个?月|这个?月|本月|当月)?的?(?<!年)(?:月)?(月底|月末|月初|月中|(?<=月)底|(?<=月)末|(?<=月)初|(?<=月)中)")
_YEAR_PART = re.compile(r"(今年|明年|去年)?(?:年底|年末|岁末)")
_AGO = re.compile(rf"({NUMERAL}{{1,3}}|半)个?(天|日|周|星期|礼拜|月)(?:以)?(前|之前|后|之后)")
_HOLIDAYS = {"元旦": (1, 1), "五一": (5, 1), "劳动节": (5, 1), "七一": (7, 1), "八一": (8, 1), "国庆": (10, 1), "十一当天": (10, 1)}
_PARTS = (("上午", r"上午|早上|早晨|清晨|一早|今早|明早|清早|大早|凌晨|午前|早饭"), ("中午", r"中午|正午|晌午"),
          ("下午", r"下午|傍晚|午后|后晌"), ("晚上", r"晚上|夜里|今晚|昨晚|明晚|夜间|半夜|深夜|晚间|昨夜|前晚|夜晚"))
_CLOCK = re.compile(rf"(?<![\d第])(\d{{1,2}})[:：](\d{{2}})(?!\d)|(?<![第0-9零〇一二三四五六七八九十有])({NUMERAL}{{1,3}})(?:点钟|点整|点|时(?!候|间|段|常|代|期|刻))(半|一刻|三刻|{NUMERAL}{{1,3}}(?=分|[^户个位名条件]|$))?(?!名|意见|建议)")


def spoken_day(text: str, today: date, *, looks_back: bool = False) -> date | None:
    """The day a sentence names; None when it names none."""
    text = plain(text)
    for read in (_named_date, _weekday, _relative, _counted, _month_part, _day_of_month, _holiday, _part_of_today):
        found = read(text, today, looks_back)
        if found is not None:
            return found
    return None


def _safe(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _nearest(month: int, day: int, today: date, looks_back: bool) -> date | None:
    """The year people mean who name none."""
    this = _safe(today.year, month, day)
    if this is None:
        return None
    if looks_back:
        return this if this <= today else _safe(today.year - 1, month, day)
    if this < today - timedelta(days=183):
        return _safe(today.year + 1, month, day)
    return this


def _year(said: str | None, today: date) -> int | None:
    if not said:
        return None
    relative = {"今年": 0, "本年": 0, "去年": -1, "前年": -2, "明年": 1}
    return today.year + relative[said] if said in relative else to_number(said.rstrip("年"))


def _named_date(text: str, today: date, looks_back: bool) -> date | None:
    match = _FULL.search(text)
    if match is not None:
        return _safe(*(int(part) for part in match.groups()))
    match = _MONTH_DAY.search(text)
    if match is not None:
        month, day, year = to_number(match.group(2)), to_number(match.group(3)), _year(match.group(1), today)
        if month and day:
            return _safe(year, month, day) if year else _nearest(month, day, today, looks_back)
    match = _SLASHED.search(text)
    if match is not None and not re.search(r"[点时分]", text[match.end():match.end() + 1]):
        return _nearest(int(match.group(1)), int(match.group(2)), today, looks_back)
    return None


def _weekday(text: str, today: date, looks_back: bool) -> date | None:
    match = _WEEKDAY.search(text)
    if match is None:
        return None
    which, day = match.group(1), _WEEKDAYS[match.group(2)]
    monday = today - timedelta(days=today.weekday())
    if which is not None:
        weeks = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}[which]
        said = monday + timedelta(days=day, weeks=weeks)
        # Told on a Tuesday, what was done "this Sunday" was done two days ago.
        return said - timedelta(weeks=1) if looks_back and weeks == 0 and said > today else said
    found = monday + timedelta(days=day)
    if looks_back and found > today:
        return found - timedelta(weeks=1)
    return found + timedelta(weeks=1) if not looks_back and found < today else found


def _relative(text: str, today: date, looks_back: bool) -> date | None:
    places = sorted((text.find(word), -len(word), word) for word in _WORDS if word in text)
    return today + timedelta(days=_WORDS[places[0][2]]) if places else None


def _counted(text: str, today: date, looks_back: bool) -> date | None:
    match = _AGO.search(text)
    if match is None:
        return None
    number, unit = match.group(1), match.group(2)
    count = 0 if number == "半" else to_number(number) or 0
    days = {"天": count, "日": count, "月": count * 30}.get(unit, count * 7)
    if number == "半":
        days = 15 if unit == "月" else 0
    return today + timedelta(days=-days if "前" in match.group(3) else days)


def _shifted(said: str | None, today: date) -> date:
    """The first of the month meant."""
    shift = 0 if not said else -2 if said.startswith("上上") else -1 if said.startswith("上") else 1 if said.startswith("下") else 0
    months = today.year * 12 + today.month - 1 + shift
    return date(months // 12, months % 12 + 1, 1)


def _month_part(text: str, today: date, looks_back: bool) -> date | None:
    year_end = _YEAR_PART.search(text)
    if year_end is not None:
        return date(_year(year_end.group(1), today) or today.year, 12, 31)
    match = _MONTH_PART.search(text)
    if match is None:
        return None
    named = re.search(rf"({NUMERAL}{{1,2}})月(?:份)?$", text[:match.start() + 1])
    first = date(today.year, to_number(named.group(1)) or today.month, 1) if named else _shifted(match.group(1), today)
    part = match.group(2)[-1]
    return first.replace(day={"初": 1, "中": 15}.get(part, calendar.monthrange(first.year, first.month)[1]))


def _day_of_month(text: str, today: date, looks_back: bool) -> date | None:
    match = _DAY_OF_MONTH.search(text)
    if match is None:
        return None
    day = to_number(re.sub(r"^.*月的?|[号日]$", "", match.group()))
    if not day:
        return None
    first = _shifted(match.group(1), today)
    found = _safe(first.year, first.month, day)
    if found is None or match.group(1):
        return found
    if looks_back and found > today:
        first = _shifted("上月", today)
    elif not looks_back and found < today:
        first = _shifted("下月", today)
    return _safe(first.year, first.month, day)


def _holiday(text: str, today: date, looks_back: bool) -> date | None:
    found = next((day for word, day in _HOLIDAYS.items() if word in text), None)
    return None if found is None else _nearest(*found, today, looks_back)


def _part_of_today(text: str, today: date, looks_back: bool) -> date | None:
    """`上午走访了两户` told today is of today; a part of the day in a plan says nothing of the day."""
    return today if looks_back and re.search(r"上午|下午|早上|中午|晌午|傍晚|晚上|今|刚才|刚刚|方才", text) else None


def spoken_time(text: str) -> str | None:
    """`09:00` for an hour, else the part of the day."""
    text = plain(text)
    part = next((name for name, pattern in _PARTS if re.search(pattern, text)), None)
    match = _CLOCK.search(text)
    if match is None:
        return part
    hour = to_number(match.group(1) or match.group(3))
    if hour is None or hour > 24:
        return part
    minute = int(match.group(2)) if match.group(2) else _minutes(match.group(4))
    if hour < 12 and (part in ("下午", "晚上") or (part == "中午" and hour < 6)) and "凌晨" not in text:
        hour += 12
    return f"{hour % 24:02d}:{minute:02d}" if minute < 60 else part


def _minutes(said: str | None) -> int:
    if not said:
        return 0
    return {"半": 30, "一刻": 15, "三刻": 45}.get(said) or to_number(said) or 0


_PERIODS: tuple[tuple[str, int], ...] = (
    ("年初(?:到|至)(?:现在|今)|今年|本年|年度", 0), ("去年|上一?年", -1), ("前年", -2), ("明年|下一年", 1))


def spoken_period(text: str, today: date) -> str | None:
    """The stretch of time a figure is asked for."""
    text = plain(text)
    year = next((today.year + shift for words, shift in _PERIODS if re.search(words, text)), None)
    quarter = re.search(r"第?([一二三四1-4])季度", text)
    if quarter is not None:
        return f"{year or today.year}-Q{to_number(quarter.group(1))}"
    half = re.search(r"(上|下)半年", text)
    if half is not None:
        return f"{year or today.year}-H{1 if half.group(1) == '上' else 2}"
    month = re.search(rf"(?:(\d{{4}})年)?({NUMERAL}{{1,2}})月(?:份|的)?(?!{NUMERAL}|[日号])", text)
    if month is not None and (number := to_number(month.group(2))) and number <= 12:
        return f"{int(month.group(1)) if month.group(1) else year or today.year}-{number:02d}"
    return _relative_period(text, today, year)


def _relative_period(text: str, today: date, year: int | None) -> str | None:
    if re.search(r"(本|这个?|当前?)季度?(?=度|$)|(本|这个)季", text):
        return f"{today.year}-Q{(today.month + 2) // 3}"
    if re.search(r"上个?季", text):
        last = (today.month + 2) // 3 - 1
        return f"{today.year}-Q{last}" if last else f"{today.year - 1}-Q4"
    match = re.search(r"上上个?月|上个?月|下个?月|这个?月|本月|当月", text)
    if match is not None:
        return f"{_shifted(match.group(), today):%Y-%m}"
    match = re.search(r"(上|这|本|下)(?:一|个)?(?:周|星期|礼拜)(?![一二三四五六日天末1-7])", text)
    if match is not None:
        day = today + timedelta(weeks={"上": -1, "下": 1}.get(match.group(1), 0))
        return f"{day.isocalendar().year}-W{day.isocalendar().week:02d}"
    return str(year) if year else None


_DUE = re.compile(r"(?:之前|以前|前|截止|为止|以内|之内|内)(?:.{0,6}(?:办|答|交|完|反馈|落实|报|结|处理|解决|回复|$))|(?:限|截止到?|最迟|最晚|不晚于|务必在)|(?:底|末|前)(?:要|得|必须)?(?:办|答|完|交)")
_WITHIN = re.compile(rf"({NUMERAL}{{1,3}}|半)个?(工作日|天|日|周|星期|礼拜|月)(?:之|以)?内")


def spoken_deadline(text: str, today: date) -> date | None:
    """The last day given for a matter: `月底前`, `三天内`; working days are counted as days of the week without holidays."""
    text = plain(text)
    match = _WITHIN.search(text)
    if match is not None:
        count, unit = to_number(match.group(1)) if match.group(1) != "半" else 0, match.group(2)
        if unit == "工作日":
            return _after_working_days(today, count or 0)
        days = {"天": 1, "日": 1, "月": 30}.get(unit, 7) * (count or 0) or 15
        return today + timedelta(days=days)
    if _DUE.search(text) is None:
        return None
    return spoken_day(text, today)


def _after_working_days(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day
