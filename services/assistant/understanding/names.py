"""Names in a sentence, resolved to the registered ones: short forms, homophones and slips of the hand included."""

import re
from dataclasses import dataclass, fields
from functools import lru_cache

from pypinyin import lazy_pinyin
from rapidfuzz import fuzz

from services.rules import demo_region

_LIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ing", "in"), ("eng", "en"), ("ang", "an"), ("n", "l"))
_SURNAMES = set("王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严武莫孔汤尤易常乔赖文")
_UNKNOWN_PERSON = re.compile(r"(?:找|联系|给|叫|问|交给|转给|派给|让|请)?([\u4e00-\u9fa5]{2,3}?)(?:代表)")
_CHINESE = re.compile(r"[\u4e00-\u9fa5]")


@dataclass(frozen=True)
class Names:
    """What is registered where the person is at home."""

    persons: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    stations: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()


@lru_cache(maxsize=1)
def demo_names() -> Names:
    """The names of the demo county, from where the demo data takes them."""
    towns = demo_region.TOWNSHIPS
    return Names(
        persons=tuple(name for names in demo_region.deputy_names().values() for name in names),
        places=tuple(name for town, villages in towns.items() for name in (*villages, town)),
        stations=tuple(name for town, villages in towns.items() for name in (
            demo_region.township_station(town), *(demo_region.village_room(town, village) for village in villages))),
        groups=(*demo_region.MIXED_GROUPS, demo_region.FARM_GROUP, demo_region.JOINT_GROUP),
        units=tuple(name for _place, name in demo_region.UNITS),
        projects=demo_region.PROJECTS)


def sound(syllable: str) -> str:
    """The syllable as a careless ear takes it: zh is z, n is l, ing is in."""
    for careful, careless in _LIKE[:-1]:
        syllable = syllable.replace(careful, careless)
    return "l" + syllable[1:] if syllable.startswith("n") else syllable


def sounds(text: str) -> tuple[str, ...]:
    """One sound a letter, so that windows of the text and of the sounds are the same."""
    return tuple(sound(found) for letter in text for found in lazy_pinyin(letter)[:1])


def _short_forms(kind: str, name: str) -> set[str]:
    if kind == "places":
        short = re.sub(r"(?:村|社区|镇|乡|街道)$", "", name)
        return {short, f"{short}村", f"{short}社区"} if len(short) >= 2 and not name.endswith("镇") else {short} if len(short) > 1 else set()
    if kind == "stations":
        where = re.sub(r"(?:人大)?(?:代表)?(?:中心)?(?:工作站|工作室|联络站|之家)$", "", name)
        village = re.sub(r"^.{2,4}?[镇乡](?=.)", "", where)
        ends = ("工作室", "代表工作室", "联络站", "代表联络站", "工作站", "代表工作站", "代表之家", "站点")
        return {place + end for place in {where, village, re.sub(r"[村镇乡]$", "", village), re.sub(r"社区$", "", village)} if len(place) > 1 for end in ends}
    if kind == "groups":
        base = re.sub(r"(?:代表|专业)?小组$", "", name)
        bases = {base, base[:2]} if not base.startswith("第") else {base}
        if base == "县乡联合":
            bases = {base, "联合"}
        return {f"{part}{end}" for part in bases if len(part) > 1 for end in ("小组", "组", "代表小组", "专业小组")}
    if kind == "units":
        short = re.sub(r"^.{2,4}?[镇乡县市区]", "", name)
        return {short} if len(short) >= 3 else set()
    if kind == "projects":
        return {re.sub(r"(?:建设|改造|提升|新建|修复)?(?:工程|项目)?$", "", name)}
    return set()


class Resolver:
    """Finds the registered names of each kind in a sentence."""

    def __init__(self, names: Names) -> None:
        self._by_kind: dict[str, dict[str, str]] = {}
        self._by_sound: dict[str, dict[tuple[str, ...], str]] = {}
        for kind in (field.name for field in fields(Names)):
            forms = self._forms(kind, getattr(names, kind))
            self._by_kind[kind] = dict(sorted(forms.items(), key=lambda pair: -len(pair[0])))
            self._by_sound[kind] = {sounds(form): name for form, name in forms.items() if len(form) >= 3 and _CHINESE.match(form)}
        self._names = names

    @staticmethod
    def _forms(kind: str, names: tuple[str, ...]) -> dict[str, str]:
        """Each form with its one name: a form of two names stands for none."""
        claims: dict[str, set[str]] = {}
        for name in names:
            for form in _short_forms(kind, name):
                claims.setdefault(form, set()).add(name)
        forms = {form: next(iter(owners)) for form, owners in claims.items() if len(owners) == 1}
        return forms | {name: name for name in names}

    def find(self, kind: str, text: str) -> str | None:
        """The name of this kind that the sentence means: as written, by its sound, then nearly as written."""
        forms = self._by_kind[kind]
        written = next((name for form, name in forms.items() if form in text), None)
        if written is not None:
            return written
        heard = self._heard(kind, text)
        return heard if heard is not None else self._nearly(kind, text)

    def _heard(self, kind: str, text: str) -> str | None:
        table = self._by_sound[kind]
        said = sounds(text)
        for size in sorted({len(form) for form in table}, reverse=True):
            for start in range(len(said) - size + 1):
                name = table.get(said[start:start + size])
                if name is not None:
                    return name
        return None

    def _nearly(self, kind: str, text: str) -> str | None:
        best, found = 84.0, None
        for form, name in self._by_kind[kind].items():
            if 5 <= len(form) <= len(text) + 1 and (score := fuzz.partial_ratio(form, text)) > best:
                best, found = score, name
        return found

    def find_person(self, text: str) -> str | None:
        """A deputy by full name, by the given name or surname where only one has it, else as said before 代表."""
        found = self.find("persons", text)
        if found is not None:
            return found
        match = _UNKNOWN_PERSON.search(text)
        if match is None:
            return None
        said = match.group(1)
        owners = [name for name in self._names.persons if name.endswith(said) or (len(said) == 1 and name[0] == said)]
        if len(owners) == 1:
            return owners[0]
        return said if said[0] in _SURNAMES and self.find("places", said) is None and said[-1] not in "村镇县区的位个些" else None

    def masked(self, text: str) -> str:
        """The sentence with names replaced by their kinds: what is asked does not hang on who is named."""
        for kind, mark in (("stations", "某站"), ("groups", "某小组"), ("units", "某单位"), ("persons", "某人"), ("places", "某村")):
            for form in self._by_kind[kind]:
                if len(form) > 1 and form in text:
                    text = text.replace(form, mark)
        return self._masked_by_sound(text)

    def _masked_by_sound(self, text: str) -> str:
        for kind, mark in (("persons", "某人"), ("stations", "某站"), ("places", "某村")):
            table, said = self._by_sound[kind], sounds(text)
            for size in sorted({len(form) for form in table}, reverse=True):
                start = next((start for start in range(len(said) - size + 1) if said[start:start + size] in table), None)
                if start is not None:
                    return text[:start] + mark + text[start + size:]
        return text


@lru_cache(maxsize=32)
def resolver(names: Names) -> Resolver:
    return Resolver(names)
