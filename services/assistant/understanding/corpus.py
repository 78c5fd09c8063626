"""The utterances the classifier learns from: shipped, invented and reviewed; frames are unfolded the same way every time."""

import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "corpus"
TRAINING = ("resident.txt", "deputy.txt", "staff.txt", "out_of_scope.txt")
HELD_OUT = "held_out.txt"
KNOWLEDGE = "knowledge.txt"
#: How many sentences a frame gives at most; the open topics of an opinion need more of them.
UNFOLDED, UNFOLDED_OPEN = 12, 45
WORD_ALONE = 4
_HEAD = re.compile(r"\[(\w+)(?: (\w+))?\]$")


@dataclass(frozen=True)
class Utterance:
    intent: str
    text: str
    role: str = "resident"
    slots: dict[str, str | int] = field(default_factory=dict, hash=False)
    #: Line of the file it was unfolded from: sentences of one frame stay together when the corpus is split.
    frame: int = 0


def fingerprint() -> str:
    """Changes with every change of the corpus and of what is made of it."""
    digest = hashlib.sha256()
    for name in (*TRAINING, "words.txt", KNOWLEDGE):
        digest.update((FOLDER / name).read_bytes())
    digest.update("\n".join(sorted(_held_out_texts())).encode())
    for module in ("corpus.py", "classifier.py", "signs.py", "names.py"):
        digest.update((Path(__file__).parent / module).read_bytes())
    return digest.hexdigest()[:16]


def _sections(name: str) -> Iterator[tuple[str, str, int, str]]:
    intent = role = ""
    for number, line in enumerate((FOLDER / name).read_text(encoding="utf-8").splitlines()):
        head = _HEAD.match(line)
        if head is not None:
            intent, role = head.group(1), head.group(2) or ""
        elif line.strip() and not line.startswith("# ") and intent:
            yield intent, role, number, line


def _words() -> dict[str, list[str]]:
    found = {}
    for line in (FOLDER / "words.txt").read_text(encoding="utf-8").splitlines():
        name, colon, words = line.partition(": ")
        if colon and not line.startswith("#"):
            numbers = re.split(r" (?=YJ|yj|JY)", words) if name == "number" else words.split()
            found[name] = numbers
    return found


def load_training() -> list[Utterance]:
    """Every sentence once, frames unfolded."""
    words, found, seen, kept = _words(), [], set(), _held_out_texts()
    for name in TRAINING:
        for intent, _role, number, line in _sections(name):
            for text in _unfold(line, words, UNFOLDED_OPEN if intent == "submit_comment" else UNFOLDED, number):
                if (intent, text) not in seen and text not in kept:
                    seen.add((intent, text))
                    found.append(Utterance(intent, text, frame=TRAINING.index(name) * 10000 + number))
    return [*found, *_known_questions(kept | {text for _intent, text in seen})]


def _known_questions(but: set[str]) -> list[Utterance]:
    """What the knowledge base answers is a question."""
    lines = (FOLDER / KNOWLEDGE).read_text(encoding="utf-8").splitlines()
    questions = [(number, text.strip()) for number, line in enumerate(lines) if line.strip() and not line.startswith("#")
                 for text in line.split("||")[0].split("|")]
    return [Utterance("faq", text, frame=len(TRAINING) * 10000 + number) for number, text in questions if text not in but]


def load_plain() -> dict[str, set[str]]:
    """The intents of each sentence that stands in the corpus as it is."""
    words = _words()
    found: dict[str, set[str]] = {}
    kept = _held_out_texts()
    for name in TRAINING:
        for intent, _role, _number, line in _sections(name):
            if not _is_frame(line, words) and line.strip() not in kept:
                found.setdefault(line.strip(), set()).add(intent)
    return found


def _is_frame(line: str, words: dict[str, list[str]]) -> bool:
    return "|" in line or any(f"{{{name}}}" in line for name in words)


def _unfold(line: str, words: dict[str, list[str]], most: int, seed: int) -> list[str]:
    if not _is_frame(line, words):
        return [line.strip()]
    draw = random.Random(seed)
    return sorted({_draw_one(line, words, draw) for _ in range(most)})


def _draw_one(line: str, words: dict[str, list[str]], draw: random.Random) -> str:
    said = re.sub(r"\{(\w+)\}(\?)?", lambda match: "" if match.group(2) and draw.random() < 0.2
                  else draw.choice(words[match.group(1)]), line)
    while "|" in said:
        said = re.sub(r"\(([^()]*)\)(\?)?", lambda match: "" if match.group(2) and draw.random() < 0.4
                      else draw.choice(match.group(1).split("|")), said)
    said = re.sub(r"\[([^\[\]]+)\](\?)?", lambda match: "" if match.group(2) and draw.random() < 0.4
                  else draw.choice(match.group(1)), said)
    said = re.sub(r"(.)\?", lambda match: "" if draw.random() < 0.4 else match.group(1), said)
    return said if draw.random() < 0.6 else re.sub(r"[，。：！？、]", "", said)


def _held_out_texts() -> set[str]:
    """Sentences that must not be learnt; a word alone (`签退`) is the same for everybody."""
    return {utterance.text for utterance in load_held_out() if len(utterance.text) > WORD_ALONE}


def load_held_out() -> list[Utterance]:
    """The sentences kept from training, with the slots they must yield."""
    found = []
    for intent, role, number, line in _sections(HELD_OUT):
        text, _arrow, slots = line.partition(" => ")
        pairs = dict(pair.split("=", 1) for pair in slots.split("; ")) if slots else {}
        found.append(Utterance(intent, text, role, {
            name: int(value) if name == "count" else value for name, value in pairs.items()}, number))
    return found
