"""The statistical half of understanding: linear margins over a sentence's features, made into calibrated shares.

It is trained from the shipped corpus, the same way every time, and kept as plain arrays: nothing is unpickled, and
whoever only understands needs no library of learning.
"""

import fcntl
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from logging import getLogger
from pathlib import Path
from threading import Lock
from typing import Any
from zipfile import BadZipFile

import numpy as np

from services.assistant.understanding import corpus
from services.assistant.understanding.names import demo_names, resolver
from services.assistant.understanding.signs import features, normalised

logger = getLogger(__name__)

SIGN_WEIGHT = 0.35
FOLDS = 2
_HARDNESS = 4.0
_folder: list[Path] = []
_one_thread = Lock()

Array = Any
Blocks = list[tuple[dict[str, int], float]]


@dataclass(frozen=True)
class Model:
    """Weights of each feature for each intent."""

    intents: tuple[str, ...]
    places: dict[str, int]
    rarity: Array
    weights: Array
    bias: Array
    sharpness: float

    def shares(self, masked: str) -> dict[str, float]:
        """How much speaks for each intent; the shares sum to one."""
        margins = self.bias.copy()
        for place, value in _vector(_blocks(masked), self.places, self.rarity):
            margins += value * self.weights[place]
        shares = np.exp(self.sharpness * (margins - margins.max()))
        return dict(zip(self.intents, (shares / shares.sum()).tolist(), strict=True))


def keep_in(folder: Path) -> None:
    """Where the trained model is kept between processes; without it, each process trains its own."""
    with _one_thread:
        _folder[:] = [folder]
        _build.cache_clear()


def the_model() -> Model:
    """The model of the shipped corpus: loaded where it was kept, else trained in some seconds by whoever comes first."""
    with _one_thread:
        return _build()


@lru_cache(maxsize=1)
def _build() -> Model:
    if not _folder:
        return train(corpus.load_training())
    kept = _folder[0] / f"understanding-{corpus.fingerprint()}.npz"
    with _one_process(_folder[0]):
        found = _load(kept)
        if found is None:
            found = train(corpus.load_training())
            _save(found, kept)
        return found


@contextmanager
def _one_process(folder: Path) -> Iterator[None]:
    """The others wait for the one that trains, and load what it kept; a folder nobody may write to keeps nothing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "training.lock").open("w")
    except OSError:
        yield
        return
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _blocks(masked: str) -> Blocks:
    surface, signs = features(masked)
    return [(Counter(surface), 1.0), (Counter(f"s{sign}" for sign in signs), SIGN_WEIGHT)]


def _vector(blocks: Blocks, places: dict[str, int], rarity: Array) -> list[tuple[int, float]]:
    """Each block of features weighed by rarity and made one long."""
    found: list[tuple[int, float]] = []
    for block, weight in blocks:
        values = [(places[name], (1 + np.log(count)) * rarity[places[name]]) for name, count in block.items() if name in places]
        length = float(np.sqrt(sum(value * value for _place, value in values))) or 1.0
        found += [(place, weight * float(value) / length) for place, value in values]
    return found


def mask(text: str) -> str:
    return resolver(demo_names()).masked(normalised(text))


def train(utterances: list[corpus.Utterance]) -> Model:
    """Learn all of it, and how far its margins can be trusted from parts it had not seen."""
    from scipy.sparse import csr_matrix

    blocks = [_blocks(mask(utterance.text)) for utterance in utterances]
    places, rarity = _vocabulary(blocks)
    rows = [_vector(each, places, rarity) for each in blocks]
    ends = np.cumsum([0, *(len(row) for row in rows)])
    flat = [pair for row in rows for pair in row]
    matrix = csr_matrix(([value for _place, value in flat], [place for place, _value in flat], ends), shape=(len(rows), len(places)))
    labels = np.array([utterance.intent for utterance in utterances])
    weights_of = _sample_weights(utterances)
    intents, weights, bias = _fit(matrix, labels, weights_of)
    sharpness = _calibrate(matrix, labels, np.array([utterance.frame for utterance in utterances]), weights_of)
    return Model(intents, places, rarity, weights.astype(np.float32), bias, sharpness)


def _vocabulary(blocks: list[Blocks]) -> tuple[dict[str, int], Array]:
    seen: Counter[str] = Counter()
    for each in blocks:
        for block, _weight in each:
            seen.update(block.keys())
    kept = sorted(name for name, count in seen.items() if count > 1 or name[0] in "sw" or len(name) <= 3)
    rarity = np.array([np.log((1 + len(blocks)) / (1 + seen[name])) + 1 for name in kept], dtype=np.float32)
    return {name: place for place, name in enumerate(kept)}, rarity


def _sample_weights(utterances: list[corpus.Utterance]) -> Array:
    """A frame's many sentences together weigh like a few of their own."""
    sizes = Counter((utterance.intent, utterance.frame) for utterance in utterances)
    return np.array([sizes[(utterance.intent, utterance.frame)] ** -0.5 for utterance in utterances])


def _fit(matrix: Any, labels: Array, weights_of: Array) -> tuple[tuple[str, ...], Array, Array]:
    from sklearn.svm import LinearSVC

    learner = LinearSVC(C=_HARDNESS, random_state=7, class_weight="balanced", tol=1e-3).fit(matrix, labels, sample_weight=weights_of)
    return tuple(learner.classes_.tolist()), learner.coef_.T, learner.intercept_


def _calibrate(matrix: Any, labels: Array, frames: Array, weights_of: Array) -> float:
    """The sharpness under which the shares of unseen sentences are worth what they say."""
    margins, truths, weighs = [], [], []
    for fold in range(FOLDS):
        unseen = frames % FOLDS == fold
        intents, weights, bias = _fit(matrix[~unseen], labels[~unseen], weights_of[~unseen])
        margins.append(matrix[unseen] @ weights + bias)
        truths.append(np.searchsorted(intents, labels[unseen]))
        weighs.append(weights_of[unseen])
    scores, truth, weigh = np.vstack(margins), np.concatenate(truths), np.concatenate(weighs)

    def loss(sharpness: float) -> float:
        shaped = sharpness * (scores - scores.max(axis=1, keepdims=True))
        logs = shaped - np.log(np.exp(shaped).sum(axis=1, keepdims=True))
        return float(-(weigh * logs[np.arange(len(truth)), truth]).sum())

    return min((step / 4 for step in range(4, 41)), key=loss)


def _save(model: Model, path: Path) -> None:
    """Written beside and moved into place: two processes that train at once leave one whole file."""
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, suffix=".npz")
        with os.fdopen(handle, "wb") as file:
            np.savez(file, intents=np.array(model.intents), places=np.array(list(model.places)), rarity=model.rarity,
                     weights=model.weights, bias=model.bias, sharpness=np.array(model.sharpness))
        os.replace(name, path)
    except OSError as error:
        # The next process trains its own.
        logger.warning("understanding model not kept: %s", error.strerror)


def _load(path: Path) -> Model | None:
    """The kept model; None where there is none, or the file is no whole one."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
            places = {name: place for place, name in enumerate(kept["places"].tolist())}
            return Model(tuple(kept["intents"].tolist()), places, kept["rarity"], kept["weights"], kept["bias"],
                         float(kept["sharpness"]))
    except (OSError, EOFError, ValueError, KeyError, BadZipFile):
        return None
