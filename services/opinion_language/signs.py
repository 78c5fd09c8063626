"""The signs of a text that a model learns from: characters, words, and classes of words that mean the same."""

import re
import unicodedata
from functools import lru_cache
from typing import Any

import rjieba

from services.opinion_language import corpus
from services.opinion_language.places import without_places

_SYNONYMS = [(f"#{name}", re.compile(pattern)) for name, pattern in corpus.word_classes("synonyms").items()]
#: Fields speak for a category also where nobody has yet written about the matter.
_FIELDS = [(f"@{name}", re.compile(pattern)) for name, pattern in corpus.word_classes("fields").items()]
_SPACE = re.compile(r"\s+")


@lru_cache(maxsize=8192)
def masked(text: str) -> str:
    """One spelling: no full-width forms, no spaces, lower case, places made one word."""
    return without_places(_SPACE.sub("", unicodedata.normalize("NFKC", text)).lower())


@lru_cache(maxsize=8192)
def characters(text: str) -> tuple[str, ...]:
    plain = masked(text)
    return tuple(plain[at:at + size] for size in (1, 2, 3) for at in range(len(plain) - size + 1))


@lru_cache(maxsize=8192)
def words(text: str) -> tuple[str, ...]:
    """Words and the classes they stand for; a class is said twice, so that it weighs more than one spelling."""
    plain = masked(text)
    told = [name for name, pattern in _SYNONYMS if pattern.search(plain)]
    fields = [name for name, pattern in _FIELDS for _ in range(min(len(set(pattern.findall(plain))), 3))]
    return (*rjieba.cut(plain), *told, *told, *fields, *fields)


def classes(text: str) -> frozenset[str]:
    plain = masked(text)
    return frozenset(name for name, pattern in _SYNONYMS if pattern.search(plain))


def make_signs() -> Any:
    """Both kinds of signs, each weighed by rarity."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import FeatureUnion

    return FeatureUnion([
        ("characters", TfidfVectorizer(analyzer=characters, sublinear_tf=True)),
        ("words", TfidfVectorizer(analyzer=words, sublinear_tf=True)),
    ])
