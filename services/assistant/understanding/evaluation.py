"""How well the held-out sentences are understood."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from services.assistant.understanding import corpus, understand
from services.context import CHINA

#: The day on which the held-out sentences are spoken: a Tuesday.
SPOKEN_AT = datetime(2026, 11, 24, 10, 0, tzinfo=CHINA)
MEASURED = ("comment_no", "rating", "count", "date")


@dataclass(frozen=True)
class Report:
    total: int
    right: int
    f1: dict[str, float]
    #: (meant, taken for, sentence)
    confusions: list[tuple[str, str, str]]
    #: slot → (right, wanted or made up)
    slots: dict[str, tuple[int, int]]
    out_of_scope_recall: float
    refused: float

    @property
    def accuracy(self) -> float:
        return self.right / self.total


def evaluate() -> Report:
    """Understand each held-out sentence as its role would say it, and count."""
    pairs, slots = [], {name: [0, 0] for name in MEASURED}
    for utterance in corpus.load_held_out():
        found = understand(utterance.text, role=utterance.role, now=SPOKEN_AT)
        pairs.append((utterance.intent, found.intent, f"{utterance.role}：{utterance.text}"))
        for name in MEASURED:
            wanted, got = utterance.slots.get(name), found.slots.get(name)
            if wanted is not None or (got is not None and utterance.intent == found.intent):
                slots[name][1] += 1
                slots[name][0] += wanted == got
    meant, taken = Counter(pair[0] for pair in pairs), Counter(pair[1] for pair in pairs)
    both = Counter(first for first, second, _text in pairs if first == second)
    real = [pair for pair in pairs if pair[0] != "out_of_scope"]
    return Report(
        total=len(pairs), right=sum(both.values()),
        f1={name: 2 * both[name] / (meant[name] + taken[name]) for name in sorted(meant)},
        confusions=[pair for pair in pairs if pair[0] != pair[1]],
        slots={name: (right, total) for name, (right, total) in slots.items()},
        out_of_scope_recall=both["out_of_scope"] / meant["out_of_scope"],
        refused=sum(pair[1] == "out_of_scope" for pair in real) / len(real))
