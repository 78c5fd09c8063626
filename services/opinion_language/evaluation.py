"""How good the proposals are, measured on examples that the model under test has not seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from services.opinion_language import corpus, similarity
from services.opinion_language.classifier import Classifier

FOLDS = 5


@dataclass(frozen=True)
class Figures:
    right: int
    total: int

    @property
    def share(self) -> float:
        return self.right / self.total


@dataclass(frozen=True)
class PairFigures:
    pairs: int
    recall: float
    precision: float


@lru_cache(maxsize=1)
def classification() -> dict[str, Figures]:
    """Category, urgency and door, each example read by a model learnt from the four other parts."""
    right = {"category": 0, "urgent": 0, "out_of_scope": 0}
    total = dict.fromkeys(right, 0)
    for fold in range(FOLDS):
        matters, beyond = ([example for at, example in enumerate(source) if at % FOLDS != fold]
                           for source in (corpus.matters(), corpus.beyond()))
        model = Classifier(matters, beyond)
        for example in (*corpus.matters()[fold::FOLDS], *corpus.beyond()[fold::FOLDS]):
            reading = model.read(example.text)
            right["out_of_scope"] += reading.beyond == example.beyond
            total["out_of_scope"] += 1
            if example.beyond is None and not example.matter.startswith("beyond/"):
                right["category"] += reading.category == example.category
                right["urgent"] += reading.is_urgent == example.is_urgent
                total["category"] += 1
                total["urgent"] += 1
    return {name: Figures(right[name], total[name]) for name in right}


@lru_cache(maxsize=1)
def similar_pairs() -> PairFigures:
    """Pairs of things that the model has never met: learnt from one half of the things, asked about the other."""
    names = sorted({example.matter for example in corpus.things()})
    known = set(names[::2])
    model = similarity.train([example for example in corpus.things() if example.matter in known])
    unknown = [example for example in corpus.things() if example.matter not in known]
    pairs = similarity.labelled_pairs(unknown, seed="held out")
    hits = [(score >= similarity.THRESHOLD, pair.is_same)
            for score, pair in zip(model.scores(pairs), pairs, strict=True)]
    found = sum(said and same for said, same in hits)
    return PairFigures(len(pairs), found / sum(same for _said, same in hits), found / sum(said for said, _same in hits))


def report() -> Iterator[str]:
    names = {"category": "类别", "urgent": "紧急标记", "out_of_scope": "受理范围"}
    for name, figures in classification().items():
        yield f"{names[name]}：{figures.right}/{figures.total} = {figures.share:.1%}"
    pairs = similar_pairs()
    yield f"同一事项：{pairs.pairs} 对未见过的意见，查全 {pairs.recall:.1%}，查准 {pairs.precision:.1%}"
