"""What the assistant may say about the deputies' work: shipped entries with a source, found by their words.

An entry is found by the share of rare letter pairs it has in common with the question; below the threshold nothing is said.
"""

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from services.assistant.understanding.signs import normalised

#: When the entries were last checked against their sources.
REVIEWED_ON = date(2026, 11, 24)
THRESHOLD = 0.34
_FILE = Path(__file__).parent / "corpus" / "knowledge.txt"
_EMPTY = "的了吗呢啊是要会能我你在有一下请问"


@dataclass(frozen=True)
class Entry:
    questions: tuple[str, ...]
    answer: str
    source: str


@lru_cache(maxsize=1)
def load() -> tuple[Entry, ...]:
    """Lines `question|question || answer || source`."""
    found = []
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            questions, answer, source = (part.strip() for part in line.split("||"))
            found.append(Entry(tuple(questions.split("|")), answer, source))
    return tuple(found)


def find(question: str) -> Entry | None:
    """The entry that answers the question best, or None where none is near enough."""
    asked = _pieces(question)
    if not asked:
        return None
    scored = [(max(_likeness(asked, _pieces(each)) for each in entry.questions) + 0.05 * _share(asked, entry.answer), -place)
              for place, entry in enumerate(load())]
    best, place = max(scored)
    return load()[-place] if best >= THRESHOLD else None


def _pieces(text: str) -> Counter[str]:
    plain = "".join(letter for letter in normalised(text) if letter not in _EMPTY)
    return Counter([plain[start:start + 2] for start in range(len(plain) - 1)] + list(plain))


@lru_cache(maxsize=1)
def _rarity() -> dict[str, float]:
    entries = load()
    seen: Counter[str] = Counter()
    for entry in entries:
        seen.update({piece for question in entry.questions for piece in _pieces(question)})
    return {piece: math.log(1 + len(entries) / count) for piece, count in seen.items()}


def _weight(piece: str) -> float:
    return _rarity().get(piece, math.log(1 + len(load()))) * (1.0 if len(piece) == 2 else 0.4)


def _likeness(asked: Counter[str], known: Counter[str]) -> float:
    common = sum(_weight(piece) ** 2 for piece in asked if piece in known)
    length = math.sqrt(sum(_weight(piece) ** 2 for piece in asked) * sum(_weight(piece) ** 2 for piece in known))
    return common / length if length else 0.0


def _share(asked: Counter[str], answer: str) -> float:
    pairs = [piece for piece in asked if len(piece) == 2]
    return sum(piece in answer for piece in pairs) / len(pairs) if pairs else 0.0
