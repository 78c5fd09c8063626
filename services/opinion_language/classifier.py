"""What an opinion is about: its category, whether somebody may be hurt, and whether it belongs to another door."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

from scipy.special import softmax

from services.opinion_language import corpus
from services.opinion_language.corpus import Example
from services.opinion_language.signs import make_signs

#: Below this share no category is clear enough to propose.
UNCLEAR = 0.12
#: How quickly a matter's share falls with the distance to its middle.
SHARPNESS = 14.0
HARDNESS = 60.0
_NONE = "none"
_one_thread = Lock()


@dataclass(frozen=True)
class Reading:
    category: str
    is_urgent: bool
    #: petition, litigation, hotline_12345, secret, or None.
    beyond: str | None
    #: How sure the category is, 0 to 1.
    confidence: float


class Classifier:
    """Three questions asked of the same signs; trained on examples, in about a second."""

    def __init__(self, matters: Sequence[Example], beyond: Sequence[Example]) -> None:
        everything = [*matters, *beyond]
        self._signs = make_signs()
        signs = self._signs.fit_transform([example.text for example in everything])
        about = signs[:len(matters)]
        self._category = _learn(about, [example.category for example in matters])
        self._matters, self._centres = _centres(about, [example.matter for example in matters])
        self._urgent = _learn(about, [example.is_urgent for example in matters])
        self._beyond = _learn(signs, [example.beyond or _NONE for example in everything])

    def read(self, text: str) -> Reading:
        signs = self._signs.transform([text])
        category, confidence = self._category_of(signs)
        return Reading(category, self._says(self._urgent, signs, True) >= 0.5, self._door(signs), round(confidence, 3))

    def matter_shares(self, texts: Sequence[str]) -> Any:
        """For each text how much it speaks of each known matter, as rows that sum to one."""
        return self._nearness(self._signs.transform(texts))

    def category_shares(self, texts: Sequence[str]) -> Any:
        return self._category.predict_proba(self._signs.transform(texts))

    def _category_of(self, signs: Any) -> tuple[str, float]:
        """The mean of two views: the category by itself, and the matters that make it up."""
        shares: dict[str, float] = defaultdict(float)
        for name, share in zip(self._category.classes_, self._category.predict_proba(signs)[0], strict=True):
            shares[name] += float(share) / 2
        for name, share in zip(self._matters, self._nearness(signs)[0], strict=True):
            shares[name.partition("/")[0]] += float(share) / 2
        best = max(shares, key=lambda name: shares[name])
        return ("other", 1 - shares[best]) if shares[best] < UNCLEAR else (best, shares[best])

    def _nearness(self, signs: Any) -> Any:
        return softmax(signs @ self._centres.T * SHARPNESS, axis=1)

    def _door(self, signs: Any) -> str | None:
        shares = dict(zip(self._beyond.classes_, self._beyond.predict_proba(signs)[0], strict=True))
        best = max(shares, key=lambda name: shares[name])
        return None if best == _NONE else str(best)

    def _says(self, model: Any, signs: Any, answer: object) -> float:
        return float(model.predict_proba(signs)[0][list(model.classes_).index(answer)])


def _centres(signs: Any, names: Sequence[str]) -> tuple[list[str], Any]:
    """Each matter's middle, of length one."""
    from sklearn.preprocessing import LabelBinarizer, normalize

    binarizer = LabelBinarizer()
    members = binarizer.fit_transform(names)
    return list(binarizer.classes_), normalize(members.T @ signs.toarray())


def _learn(signs: Any, answers: Sequence[object]) -> Any:
    """One question an answer; liblinear needs a tenth of the time of the joint fit on so few, so wide rows."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    return OneVsRestClassifier(LogisticRegression(C=HARDNESS, class_weight="balanced", solver="liblinear",
                                                  random_state=0)).fit(signs, answers)


def the_classifier() -> Classifier:
    """Learnt from all shipped examples, in about three seconds by whoever comes first; the others wait for it."""
    with _one_thread:
        return _build()


@lru_cache(maxsize=1)
def _build() -> Classifier:
    return Classifier(corpus.matters(), corpus.beyond())


def read_opinion(text: str) -> Reading:
    """Category (codes of `CATEGORIES`), urgency and door of a text, as a proposal to a person."""
    return the_classifier().read(text)
