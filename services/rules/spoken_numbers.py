"""Numbers as people say them: how many (`5户`, `十二户`, `俩`, `十来户`), and the number of an opinion."""

import re
import unicodedata

_DIGITS = {"零": 0, "〇": 0, "○": 0, "幺": 1, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_SHORT = {"廿": "二十", "卅": "三十", "壹": "一", "贰": "二", "叁": "三", "肆": "四", "伍": "五", "陆": "六", "柒": "七", "捌": "八", "玖": "九", "拾": "十", "佰": "百"}
NUMERAL = r"[0-9零〇一二两三四五六七八九十百千万廿卅壹贰叁肆伍陆柒捌玖拾佰]"
_MEASURE = (r"(?:个(?:多|来)?(?:小时|钟头)|人次|多户|来户|余户|户|家|个|名|位|人|件|条|次|场|起|份|盏|处|遍|趟|项|桩|宗|对|组|批|口|座|站|天|小时|元|块|棵|"
            r"辆|台|套|道|页|票|间|所|老|封|篇|期|轮|圈|车|袋|箱|斤|亩|公里|米|只|头|分)")
#: What looks like how many and is none: an ordinal, a moment, a day, a share, a habit of speech.
_NO_COUNT = re.compile(
    r"第" + NUMERAL + r"+|[前后]" + NUMERAL + r"+(?:天|周|年)|" + NUMERAL + r"+(?:月|号|日|点|时|年|周|季度|月份|分钟|届|楼|组(?!织)|队|中心|级)|"
    r"(?:星期|礼拜|周|初)" + NUMERAL + r"|" + NUMERAL + r"+天(?:前|后|内|之)|一(?:下|些|点|样|直|定|般|起(?!.{0,4}(?:纠纷|矛盾|案|事故))|边|时|共|同|样|年|圈|趟|带|片|家人|个人|会儿|笔|遍|半)|"
    r"(?:这|那|哪|每|某|另|同|各|有)(?:一)?(?:个|件|条|次|位|户|天|些|项|场)|"
    r"(?<![0-9二两三四五六七八九十])(?:一)?[个条件](?:意见|建议|问题|情况|事情|事|忙|诉求|履职记录)|[记登录](?:录|记|上|下)?一[次笔条个]|万一|十分|千万|三八|百姓")
_ROUGH = re.compile(rf"({NUMERAL}+)[多来余几]?\s*{_MEASURE}")
_PAIR = {"俩": 2, "仨": 3}
#: `YJ` and `JY` numbers with whatever a hand or a voice puts between their parts.
_MARKED = re.compile(r"(YJ|JY)[\s\-_－—:：号是,，.。]*((?:[0-9][\s\-_－—]{0,2}){4,24})", re.IGNORECASE)
_SPOKEN_RUN = re.compile(r"[零〇○幺一二两三四五六七八九0-9\s]{6,60}")
_BARE = re.compile(r"(?<![0-9])(99\d{17}|[1-9]\d{18})(?![0-9])")
_NAMED = re.compile(r"(?:编号|单号|件号|尾号|号码)(?:是|为|[:：])?\s*(\d{3,24})(?!\d)")


def plain(text: str) -> str:
    """Half-width, with the everyday forms of the numerals."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(_SHORT.get(letter, letter) for letter in text)


def to_number(said: str) -> int | None:
    """`十二`, `二十`, `一百零五`, `12`, `二〇二六` as a number."""
    said = plain(said).replace("个", "")
    if said.isascii() and said.isdecimal():
        return int(said)
    if not said or any(letter not in _DIGITS and letter not in _UNITS and not letter.isdecimal() for letter in said):
        return None
    if not any(letter in _UNITS for letter in said):
        return int("".join(str(_DIGITS.get(letter, letter)) for letter in said))
    return _with_units(said)


def _with_units(said: str) -> int:
    whole, part, digit, last = 0, 0, 0, 1
    for letter in said:
        if letter == "万":
            whole, part, digit, last = whole + (part + digit or 1) * 10000, 0, 0, 10000
        elif letter in _UNITS:
            part, digit, last = part + (digit or 1) * _UNITS[letter], 0, _UNITS[letter]
        elif letter in "零〇":
            last = 1
        else:
            digit = _DIGITS[letter] if letter in _DIGITS else digit * 10 + int(letter)
    # 一百五 is 150.
    return whole + part + digit * (last // 10 if last > 10 and digit and said[-2:-1] in ("百", "千", "万") else 1)


def spoken_count(text: str) -> int | None:
    """How many the sentence speaks of; where several stand in it, the people and households before the things."""
    text = plain(text)
    for word, number in _PAIR.items():
        if word in text:
            return number
    found = [(match.group(), to_number(match.group(1))) for match in _ROUGH.finditer(_NO_COUNT.sub("，", text))]
    known = [(said, number) for said, number in found if number]
    if not known:
        return None
    return next((number for said, number in known if said[-1] in "户位名人家"), known[0][1])


def spoken_comment_no(text: str) -> str | None:
    """The number of an opinion (`YJ…`) or a suggestion (`JY…`) as the product writes it: capitals, no gaps."""
    text = plain(text)
    match = _MARKED.search(_with_spoken_digits(text))
    if match is not None:
        return match.group(1).upper() + re.sub(r"\D", "", match.group(2))
    bare = _BARE.search(re.sub(r"(?<=\d)[\s\-](?=\d)", "", _with_spoken_digits(text)))
    if bare is not None:
        return f"YJ{bare.group(1)}"
    named = _NAMED.search(text)
    return named.group(1) if named is not None else None


def without_comment_no(text: str, mark: str = "") -> str:
    """The sentence with the number taken out, so that nothing else is read from its digits."""
    return _MARKED.sub(mark, _with_spoken_digits(plain(text)))


def _with_spoken_digits(text: str) -> str:
    """Long runs of spoken digits as digits: `Y J 九九零一…` is `YJ9901…`."""
    text = re.sub(r"([YyJj])[\s.。]*([JjYy])(?=[\s\-:：号是,，0-9零〇幺一二两三四五六七八九])", r"\1\2", text)

    def digits(match: re.Match[str]) -> str:
        run = match.group()
        return "".join(str(_DIGITS.get(letter, letter)) for letter in run) if re.search(r"[^\d\s]", run) else run

    return _SPOKEN_RUN.sub(digits, text)
