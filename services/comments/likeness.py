"""What the machine reads in an opinion, and which others speak of the same thing: proposals, a person decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from models.comments import Opinion, OpinionLikeness, OpinionReading
from models.insert_once import insert_once
from models.regions import Region
from services import access, audit
from services.comments import merging
from services.context import Context
from services.errors import NotFound
from services.opinion_language import classifier, similarity
from services.opinion_language.similarity import Pair
from services.rules.opinion_states import MERGEABLE

#: How many opinions of a village are compared, the newest first, and how many of them are proposed.
COMPARED, PROPOSED = 200, 3
#: Shorter texts say too little to be compared.
MIN_TEXT = 6
#: How long an answered matter is still shown to those who write about the same.
_REMEMBERED = timedelta(days=180)
_OTHER = aliased(Opinion)


# --- at intake --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Judgement:
    """What was read in an opinion: its proposal, and the ids of those about the same with how surely, in percent."""

    reading: classifier.Reading
    alike: list[tuple[int, int]]


def judge(ctx: Context, opinion_id: int) -> Judgement:
    """Read the words and up to three open opinions of the village about the same; it takes its time, writes nothing."""
    opinion = ctx.session.get_one(Opinion, opinion_id)
    # Of one that joined a matter its author said already what it is about.
    others = [] if opinion.state == "merged" else ctx.session.scalars(
        select(Opinion).where(Opinion.village_id == opinion.village_id, Opinion.id < opinion.id,
                              Opinion.state.in_(MERGEABLE)).order_by(Opinion.id.desc()).limit(COMPARED)).all()
    return Judgement(classifier.read_opinion(opinion.text),
                     [(other.id, score) for other, score in _alike(opinion.text, others)])


def keep_judgement(ctx: Context, opinion_id: int, judged: Judgement) -> None:
    """The proposals for the clerk, once; a second reading changes nothing."""
    read = judged.reading
    if insert_once(ctx.session, OpinionReading, opinion_id=opinion_id, category=read.category, beyond=read.beyond,
                   is_urgent=read.is_urgent, confidence=round(read.confidence * 100), read_at=ctx.now) is None:
        return
    for other_id, score in judged.alike:
        insert_once(ctx.session, OpinionLikeness, opinion_id=opinion_id, other_id=other_id, score=score)


def _alike(text: str, others: Sequence[Opinion]) -> list[tuple[Opinion, int]]:
    """Those about the same thing and how surely, in percent, the surest first."""
    if not others or len(text.strip()) < MIN_TEXT:
        return []
    scores = similarity.the_model().scores([Pair(text, other.text, False) for other in others])
    found = [(other, score) for other, score in zip(others, scores, strict=True) if score >= similarity.THRESHOLD]
    return [(other, round(score * 100)) for other, score in sorted(found, key=lambda row: -row[1])[:PROPOSED]]


# --- while a resident writes ------------------------------------------------------------------------


@dataclass(frozen=True)
class Matter:
    """A matter that somebody reported already, without a word of theirs."""

    opinion: Opinion
    people: int
    is_mine: bool

    @property
    def can_join(self) -> bool:
        return not self.is_mine and self.opinion.state in merging.JOINABLE


def find_matters(ctx: Context, *, text: str, village_id: int) -> list[Matter]:
    """Matters of the village that a person has taken up and that these words speak of, the nearest first."""
    account_id = access.account_id(ctx)
    since = ctx.now - _REMEMBERED
    others = ctx.session.scalars(
        select(Opinion).where(Opinion.village_id == village_id, or_(
            Opinion.state.in_(merging.JOINABLE),
            Opinion.state.in_(("answered", "closed")) & (Opinion.submitted_at >= since)))
        .order_by(Opinion.id.desc()).limit(COMPARED)).all()
    alike = _alike(text, others)
    people = merging.count_people(ctx, [row.id for row, _score in alike])
    return [Matter(row, people[row.id], row.account_id == account_id) for row, _score in alike]


# --- the clerk's worklist ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Likeness:
    """Two opinions to be compared."""

    opinion: Opinion
    other: Opinion
    village: str
    score: int


def list_likenesses(ctx: Context, *, of: Opinion | None = None, page: int = 1, page_size: int = 20
                    ) -> tuple[list[Likeness], int]:
    """Undecided pairs in reach whose two are both open, the surest first; `of` keeps to one opinion's."""
    access.require(ctx, "opinions.screen")
    query = (select(Opinion, _OTHER, Region.name, OpinionLikeness.score)
             .join(OpinionLikeness, OpinionLikeness.opinion_id == Opinion.id)
             .join(_OTHER, _OTHER.id == OpinionLikeness.other_id).join(Region, Region.id == Opinion.village_id)
             .where(OpinionLikeness.is_same.is_(None), Opinion.state.in_(MERGEABLE), _OTHER.state.in_(MERGEABLE),
                    access.opinion_scope(ctx)))
    if of is not None:
        query = query.where(or_(Opinion.id == of.id, _OTHER.id == of.id))
    total = ctx.session.scalar(select(func.count()).select_from(query.subquery())) or 0
    rows = ctx.session.execute(query.order_by(OpinionLikeness.score.desc(), Opinion.id.desc())
                               .limit(page_size).offset((page - 1) * page_size))
    return [Likeness(*row) for row in rows], total


def count_likenesses(ctx: Context) -> int:
    return list_likenesses(ctx, page_size=1)[1]


def set_apart(ctx: Context, number: str, other_number: str) -> None:
    """A clerk says that two proposed opinions are not the same thing; they are not proposed again."""
    later, other = sorted((access.access_opinion(ctx, each, "opinions.screen")
                           for each in sorted((number, other_number))), key=lambda row: -row.id)
    likeness = ctx.session.get(OpinionLikeness, (later.id, other.id))
    if likeness is None:
        raise NotFound("not_found")
    likeness.is_same, likeness.decided_by, likeness.decided_at = False, access.staff_id(ctx), ctx.now
    audit.record(ctx, "opinion.set_apart", f"opinion:{later.id}", {"other": other.id}, region_id=later.township_id)
