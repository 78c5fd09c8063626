"""The shipped examples: matters in several people's words, and sentences that belong to another door."""

import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FOLDER = Path(__file__).parent / "corpus"
#: Places that stand in for {p}: the words of a place must not tell a matter.
PLACES = ("三组", "村东头", "王家湾", "小学门口", "老屋场", "李家冲", "五组", "村口", "石桥边", "新屋组", "大樟树下",
          "村部后面", "和平小区", "卫生室旁边", "八组", "杨柳巷", "渡口", "村西头", "刘家坝", "供销社对面")


@dataclass(frozen=True)
class Example:
    text: str
    category: str
    #: `road/streetlight`; examples of one matter are different people's words for the same thing.
    matter: str
    is_urgent: bool
    #: petition, litigation, hotline_12345, secret, or None where the matter is the congress's.
    beyond: str | None = None


@lru_cache(maxsize=1)
def matters() -> tuple[Example, ...]:
    """Opinions with their category and matter, places filled in, the same ones every time."""
    chance = random.Random("places")
    examples = []
    for matter, line in _lines("matters.txt"):
        text = line.lstrip("!")
        place = chance.choice((*PLACES, ""))
        examples.append(Example(text.replace("{p}", place), matter.split()[0], matter.replace(" ", "/"),
                                line.startswith("!")))
    return tuple(examples)


@lru_cache(maxsize=1)
def beyond() -> tuple[Example, ...]:
    """Sentences of another door, and those that only look like it."""
    return tuple(Example(line, "other", f"beyond/{door}", False, None if door == "none" else door)
                 for door, line in _lines("beyond.txt"))


@lru_cache(maxsize=1)
def things() -> tuple[Example, ...]:
    """What several people say of one and the same thing, each thing with its own place."""
    chance = random.Random("things")
    found = []
    for number, line in enumerate((_FOLDER / "things.txt").read_text(encoding="utf-8").splitlines()):
        category, divider, told = line.partition(": ")
        if divider and not line.startswith("#"):
            place = chance.choice(PLACES)
            found += [Example(text.strip().replace("{p}", place), category, f"{category}/{number}", False)
                      for text in told.split("/")]
    return tuple(found)


@lru_cache(maxsize=8)
def word_classes(kind: str) -> dict[str, str]:
    """Patterns by class: `synonyms`, `fields` or `not places`."""
    found = {}
    for head, line in _lines("words.txt"):
        if head == kind:
            name, _, pattern = line.partition(": ")
            found[name] = pattern
    return found


def _lines(name: str) -> list[tuple[str, str]]:
    found, head = [], ""
    for line in (_FOLDER / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            head = line.strip("[]")
        elif line and not line.startswith("#"):
            found.append((head, line))
    return found
