"""The places a text names, as far as words show it: enough to tell the light by the school from the one in group 3."""

import re

from services.opinion_language import corpus

_DIGITS = str.maketrans("一二三四五六七八九", "123456789")
_NUMBERED = re.compile(r"第?([一二三四五六七八九十\d]{1,3})(组|社|队|号楼|栋|单元|小队|屯|村民小组|片区|路口|支渠|弄)")
_SIDE = re.compile(r"村?(东|西|南|北)(头|边|面|侧|口)")
_ENTRANCE = re.compile(r"村(口|头|尾|部|委会)")
_LANDMARK = re.compile(
    r"(小学|中学|学校|幼儿园|卫生室|卫生院|医院|村部|村委会|供销社|祠堂|敬老院|渡口|菜市场|农贸市场|集市|车站|加油站|派出所|"
    r"超市|榨油坊|粮站|林场|茶场|砖厂|信用社|邮局|文化站|戏台|晒谷场|大樟树|老井|牌坊|政府)(?:的)?"
    r"(?:门口|旁边|旁|后面|后头|后|前面|前|对面|附近|边上|边|下面|下|那里|那边|那段|那截|这边|这段)")
#: A word before "by", "behind" or "opposite" is a place, unless it says what is wrong there.
_NEAR = re.compile(r"([\u4e00-\u9fa5]{2})(?:门口|门前|对面|旁边|附近|后面|后头|边上|脚下|底下|隔壁|边|下)"
                   r"(?!水|雨|来|去|面|坡|放|班|乡|滑|沉|陷|不|午|缘)")
_BARE = re.compile(r"渡口|码头|桥头|坝上|老街|新街|河边|街上")
_NAMED = re.compile(r"([\u4e00-\u9fa5]{2}?)(组(?!织|长)|湾|冲|坝|屋场|小区|"
                    r"巷|街|垸|塆|院子|庄|岭|坳|坪|寨|沟组|家园|花园|公寓)(?!道)")
_NOT_NAMES = frozenset(corpus.word_classes("not places")["words"].split("|"))

_PARTICLES = "把了在被的给怕到从和与是有没吃这那一两水库猪巷坐管头"


def find_places(text: str) -> frozenset[str]:
    """Names of places in one spelling each: `3组`, `东头`, `小学`, `王家湾`."""
    found = {f"{_number(number)}{kind}" for number, kind in _NUMBERED.findall(text)}
    found |= {f"{side}头" for side, _end in _SIDE.findall(text)}
    found |= {f"村{part}" for part in _ENTRANCE.findall(text)}
    found |= set(_LANDMARK.findall(text))
    found |= set(_BARE.findall(text))
    found |= {name for name in _NEAR.findall(text) if name not in _NOT_NAMES and name[0] not in _PARTICLES}
    for name, kind in _NAMED.findall(text):
        proper = name.lstrip(_PARTICLES)
        if proper and proper not in _NOT_NAMES and not _NUMBERED.fullmatch(f"{proper}{kind}"):
            found.add(f"{proper}{kind}")
    return frozenset("学校" if place in ("小学", "中学") else place for place in found)


def without_places(text: str) -> str:
    """The text with its places made one word, so that only the matter speaks."""
    for pattern in (_NUMBERED, _SIDE, _LANDMARK, _ENTRANCE):
        text = pattern.sub("某处", text)
    return _NAMED.sub(lambda match: match.group() if match.group(1) in _NOT_NAMES else "某处", text)


def _number(text: str) -> str:
    if "十" in text:
        tens, _, ones = text.partition("十")
        return f"{tens.translate(_DIGITS) or '1'}{ones.translate(_DIGITS) or '0'}"
    return text.translate(_DIGITS)
