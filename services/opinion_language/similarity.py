"""Whether two opinions of one village speak of the same thing (同一事项): one matter, and no place contradicts."""

import itertools
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
from rapidfuzz import fuzz

from services.opinion_language import corpus
from services.opinion_language.classifier import Classifier, the_classifier
from services.opinion_language.corpus import PLACES, Example
from services.opinion_language.places import find_places
from services.opinion_language.signs import classes, make_signs, masked

#: From this score on two opinions are shown as the same thing.
THRESHOLD = 0.3
_one_thread = Lock()


@dataclass(frozen=True)
class Pair:
    first: str
    second: str
    is_same: bool


class SimilarityModel:
    """A weighing of eight signs of agreement, learnt from labelled pairs."""

    def __init__(self, classifier: Classifier, texts: Sequence[str]) -> None:
        self._classifier = classifier
        self._signs = make_signs().fit(texts)
        self._weights: Any = None

    def learn(self, pairs: Sequence[Pair], signs: Any = None) -> None:
        from sklearn.linear_model import LogisticRegression

        found = self.signs_of(pairs) if signs is None else signs
        self._weights = LogisticRegression(C=3.0, max_iter=500).fit(found, [pair.is_same for pair in pairs])

    def scores(self, pairs: Sequence[Pair]) -> list[float]:
        return [round(float(share), 4) for share in self._weights.predict_proba(self.signs_of(pairs))[:, 1]]

    def signs_of(self, pairs: Sequence[Pair]) -> Any:
        """One row a pair; every sign is symmetric, so that the order of the two does not matter."""
        texts = list(dict.fromkeys(text for pair in pairs for text in (pair.first, pair.second)))
        place = {text: at for at, text in enumerate(texts)}
        matters = _unit(self._classifier.matter_shares(texts))
        categories = _unit(self._classifier.category_shares(texts))
        words = self._signs.transform(texts)
        rows = []
        for pair in pairs:
            one, other = place[pair.first], place[pair.second]
            matter, category = float(matters[one] @ matters[other]), float(categories[one] @ categories[other])
            word = float(words[one].multiply(words[other]).sum()) / 2
            is_here, is_elsewhere = _agreement(find_places(pair.first), find_places(pair.second))
            rows.append([
                matter, category, word, matter * word,
                fuzz.partial_ratio(masked(pair.first), masked(pair.second)) / 100,
                *_shared(classes(pair.first), classes(pair.second)),
                # A common place says something only of a common matter; different ones end the matter.
                is_here * max(matter, word), is_elsewhere])
        return np.array(rows)


def _unit(rows: Any) -> Any:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _shared(one: frozenset[str], other: frozenset[str]) -> tuple[float, float]:
    """Share of common word classes, and whether both speak clearly and of nothing in common."""
    both = one | other
    return (len(one & other) / len(both) if both else 0.3), float(bool(one) and bool(other) and not one & other)


def _agreement(one: frozenset[str], other: frozenset[str]) -> tuple[float, float]:
    """Whether a place is shared, and whether both name places and none is shared."""
    return float(bool(one & other)), float(bool(one) and bool(other) and not one & other)


def the_model() -> SimilarityModel:
    """Learnt from all shipped things; each text is judged by a classifier that has not seen it, as later in life."""
    with _one_thread:
        return _build()


@lru_cache(maxsize=1)
def _build() -> SimilarityModel:
    return train(corpus.things())


def train(things: Sequence[Example]) -> SimilarityModel:
    """The classifier knows matters of the field, and never the very words it has to compare."""
    model = SimilarityModel(the_classifier(), [example.text for example in (*corpus.matters(), *things)])
    model.learn(labelled_pairs(things))
    return model


def labelled_pairs(examples: Sequence[Example], *, seed: str = "pairs") -> list[Pair]:
    """Pairs of the examples: the same matter in other words; its place changed; its neighbours; strangers."""
    chance = random.Random(seed)
    by_matter: dict[str, list[Example]] = defaultdict(list)
    for example in examples:
        by_matter[example.matter].append(example)
    found = []
    for members in by_matter.values():
        for one, other in itertools.combinations(members, 2):
            found += _same_and_elsewhere(chance, one.text, other.text)
    for example in examples:
        neighbours = [other for other in examples
                      if other.category == example.category and other.matter != example.matter]
        others = [other for other in examples if other.category != example.category]
        for other in [*chance.sample(neighbours, min(2, len(neighbours))), *chance.sample(others, min(1, len(others)))]:
            found.append(Pair(example.text, other.text, False))
    return found


def _same_and_elsewhere(chance: random.Random, one: str, other: str) -> list[Pair]:
    """The same thing where the places agree or one says none; another thing where both say different ones."""
    place = next((place for place in PLACES if place in one and place in other), None)
    if place is None:
        return [Pair(one, other, True)]
    there = other.replace(place, chance.choice([name for name in PLACES if name != place]))
    return [Pair(one, other, True), Pair(one, there, False)]


def same_matter(first: str, second: str) -> tuple[bool, float]:
    """Whether two opinions of one village are about the same thing, and the score, 0 to 1."""
    score = the_model().scores([Pair(first, second, False)])[0]
    return score >= THRESHOLD, score
