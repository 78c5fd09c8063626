"""The count of a secret ballot on livelihood projects: a method fixed before the vote, ballots, numbers, outcome.

What differs between places is data (`VotingMethod`); the arithmetic is exact integers. The defaults follow the
statutes: a session needs two thirds of ALL deputies present, a project more than half of ALL deputies.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.rules.counts import BadCount, at_most, is_more_than_half, least_majority, whole
from services.rules.sentences import SENTENCES

METHODS = {"select_up_to_n": "限额选择", "for_against_abstain": "逐项赞成、反对、弃权", "rank": "排序"}
PASS_RULES = {"majority_of_all": "全体代表过半数", "plurality_top_n": "得票多者通过"}
TIE_RULES = {"second_ballot": "对票数相同的再次投票", "leave_open": "票数相同的不列入"}
SHORTFALL_RULES = {"leave_open": "不足部分空缺", "second_ballot": "对其余项目再次投票"}
#: Marks of a ballot that asks about each project, in the order in which they are counted.
ANSWERS = ("for", "against", "abstain")


@dataclass(frozen=True)
class VotingMethod:
    """How a round is voted and counted: passed by the session, fixed before the round opens, frozen after."""

    kind: str
    seats: int
    quorum: tuple[int, int] = (2, 3)
    #: More candidates than seats: this percentage of the seats, rounded up, and at least so many.
    surplus_percent: int = 20
    surplus_least: int = 1
    pass_rule: str = "majority_of_all"  # noqa: S105 (no password)
    tie_rule: str = "second_ballot"
    shortfall_rule: str = "leave_open"

    def __post_init__(self) -> None:
        for name, value, known in (("method", self.kind, METHODS), ("pass_rule", self.pass_rule, PASS_RULES),
                                   ("tie_rule", self.tie_rule, TIE_RULES),
                                   ("shortfall_rule", self.shortfall_rule, SHORTFALL_RULES)):
            if value not in known:
                raise BadCount("count_not_a_choice", name=name, choices="、".join(known))
        whole("名额", self.seats, least=1)
        whole("差额比例", self.surplus_percent)
        whole("最少差额", self.surplus_least)
        part, of = self.quorum
        at_most("法定人数的分子", whole("法定人数的分子", part, least=1), "分母", whole("法定人数的分母", of, least=1))

    def quorum_of(self, members: int) -> int:
        """The fewest deputies that must be present: 44 of 65 for two thirds."""
        part, of = self.quorum
        return -(-members * part // of)

    def candidates_needed(self) -> int:
        return self.seats + max(self.surplus_least, -(-self.seats * self.surplus_percent // 100))

    def pass_line(self, members: int) -> int:
        """The fewest votes that pass; where the most votes simply win, one."""
        return least_majority(members) if self.pass_rule == "majority_of_all" else 1  # noqa: S105


# --- before the vote ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class RoundFacts:
    """What is known about a round when somebody wants to open it; people are given by any ids."""

    method: VotingMethod
    members: int
    present: int
    candidates: int
    is_method_passed: bool
    is_roll_frozen: bool
    are_workers_healthy: bool
    administrator: int
    chief_scrutineer: int | None
    scrutineers: frozenset[int]
    tellers: frozenset[int]
    proposers: frozenset[int]


@dataclass(frozen=True)
class BlockingIssue:
    code: str
    data: Mapping[str, object]

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code].format(**self.data)


def blocking_issues(facts: RoundFacts) -> list[BlockingIssue]:
    """Everything that keeps the round from opening, at once; empty means that it may open."""
    method, counting = facts.method, facts.scrutineers | facts.tellers
    quorum, needed = method.quorum_of(facts.members), method.candidates_needed()
    if facts.chief_scrutineer is not None:
        counting |= {facts.chief_scrutineer}
    checks: list[tuple[bool, str, dict[str, object]]] = [
        (facts.present < quorum, "round_no_quorum", {"present": facts.present, "needed": quorum}),
        (facts.candidates < needed, "round_few_candidates", {"candidates": facts.candidates, "needed": needed}),
        (not facts.is_method_passed, "round_method_not_passed", {}),
        (facts.chief_scrutineer is None or len(facts.scrutineers - {facts.chief_scrutineer}) < 2,
         "round_scrutineers_missing", {}),
        (len(facts.tellers) < 2, "round_tellers_missing", {}),
        (bool(counting & facts.proposers), "round_proposer_counts", {}),
        (facts.administrator in counting, "round_administrator_counts", {}),
        (bool(facts.tellers & (facts.scrutineers | {facts.chief_scrutineer})), "round_teller_scrutinises", {}),
        (not facts.is_roll_frozen, "round_roll_open", {}),
        (not facts.are_workers_healthy, "round_workers_down", {}),
    ]
    return [BlockingIssue(code, data) for is_blocking, code, data in checks if is_blocking]


# --- from ballots to numbers --------------------------------------------------------------------------

#: select_up_to_n: the codes marked; for_against_abstain: code → answer; rank: code → rank; None: unreadable.
Choice = Sequence[str] | Mapping[str, Any] | None


def is_void(method: VotingMethod, candidates: Sequence[str], choice: Choice) -> bool:
    """Over-marked or unreadable; a blank ballot is valid."""
    if method.kind == "select_up_to_n":
        return (not isinstance(choice, list | tuple) or not _are_different_and_known(choice, candidates)
                or len(choice) > method.seats)
    if not isinstance(choice, Mapping) or not set(choice) <= set(candidates):
        return True
    marks = list(choice.values())
    if method.kind == "for_against_abstain":
        return not all(isinstance(mark, str) and mark in ANSWERS for mark in marks)
    return (not all(type(mark) is int and 1 <= mark <= method.seats for mark in marks)
            or len(set(marks)) < len(marks))


def _are_different_and_known(marks: Sequence[Any], candidates: Sequence[str]) -> bool:
    if not all(isinstance(mark, str) and mark in candidates for mark in marks):
        return False
    return len(set(marks)) == len(marks)


def count_ballots(method: VotingMethod, candidates: Sequence[str],
                  choices: Iterable[Choice]) -> tuple[int, dict[str, tuple[int, ...]]]:
    """(void ballots, votes of each candidate); an answer that a valid ballot leaves out is an abstention.

    Votes are (marks,), (for, against, abstain), or how often each rank from the first was given.
    """
    width = {"select_up_to_n": 1, "for_against_abstain": len(ANSWERS), "rank": method.seats}[method.kind]
    votes = {code: [0] * width for code in candidates}
    void = 0
    for choice in choices:
        if is_void(method, candidates, choice):
            void += 1
        else:
            for code, place in _places(method, candidates, choice):
                votes[code][place] += 1
    return void, {code: tuple(numbers) for code, numbers in votes.items()}


def _places(method: VotingMethod, candidates: Sequence[str], choice: Choice) -> Iterable[tuple[str, int]]:
    if not isinstance(choice, Mapping):
        return [(code, 0) for code in choice or ()]
    if method.kind == "for_against_abstain":
        return [(code, ANSWERS.index(choice.get(code, "abstain"))) for code in candidates]
    return [(code, rank - 1) for code, rank in choice.items()]


# --- from numbers to the outcome ----------------------------------------------------------------------


@dataclass(frozen=True)
class Counts:
    """The numbers of a round; `confirming` is the vote for the whole list that a rank ballot still needs."""

    members: int
    present: int
    issued: int = 0
    collected: int = 0
    void: int = 0
    votes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    confirming: int | None = None

    def __post_init__(self) -> None:
        whole("应到", self.members, least=1)
        for name, value in (("实到", self.present), ("发出", self.issued), ("收回", self.collected), ("废票", self.void)):
            whole(name, value)
        at_most("实到", self.present, "应到", self.members)
        at_most("废票", self.void, "收回", self.collected)
        for code, numbers in self.votes.items():
            for number in numbers:
                whole(f"{code}的得票", number)
        if self.confirming is not None:
            at_most("确认票", whole("确认票", self.confirming), "实到", self.present)

    @property
    def valid_ballots(self) -> int:
        return self.collected - self.void


@dataclass(frozen=True)
class Outcome:
    """What the count says. `open_seats` are not filled by it; a second ballot may still fill them."""

    can_open: bool
    valid: bool
    pass_line: int
    elected: tuple[str, ...]
    second_ballot: tuple[str, ...]
    open_seats: int
    #: Rank ballots only: whether the list was confirmed; None while nobody has voted on it.
    confirmed: bool | None = None


def tally(method: VotingMethod, counts: Counts) -> Outcome:
    """The outcome of a round from its numbers; the elected in the order of their votes.

    Without a quorum, with more ballots than deputies present or more collected than issued, the whole round is void.
    """
    can_open = counts.present >= method.quorum_of(counts.members)
    line = method.pass_line(counts.members)
    if not can_open or counts.issued > counts.present or counts.collected > counts.issued:
        return Outcome(can_open, False, line, (), (), method.seats)
    _check_votes(method, counts)
    if method.kind == "rank":
        return _outcome_of_ranks(method, counts, line)
    scores = {code: numbers[0] for code, numbers in counts.votes.items()}
    passed = {code: score for code, score in scores.items() if score >= line}
    elected, second = _choose(method, passed)
    if len(passed) < method.seats and method.shortfall_rule == "second_ballot":
        second = tuple(code for code in scores if code not in passed)
    return Outcome(True, True, line, elected, second, method.seats - len(elected))


def _outcome_of_ranks(method: VotingMethod, counts: Counts, line: int) -> Outcome:
    """The lowest sums of ranks make a list; more than half of all deputies must confirm it."""
    scores = {code: -rank_sum(numbers, counts.valid_ballots) for code, numbers in counts.votes.items() if any(numbers)}
    elected, second = _choose(method, scores)
    confirmed = None if counts.confirming is None else is_more_than_half(counts.confirming, counts.members)
    if confirmed is False:
        elected, second = (), ()
    return Outcome(True, True, line, elected, second, method.seats - len(elected), confirmed)


def rank_sum(numbers: Sequence[int], valid_ballots: int) -> int:
    """Ranks added up over all valid ballots; a ballot without a rank for it gives the worst rank and one more."""
    given = sum(rank * number for rank, number in enumerate(numbers, start=1))
    return given + (valid_ballots - sum(numbers)) * (len(numbers) + 1)


def _choose(method: VotingMethod, scores: Mapping[str, int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(elected, tied at the last seat): the highest scores up to the seats."""
    ordered = sorted(scores, key=lambda code: -scores[code])
    if len(ordered) <= method.seats:
        return tuple(ordered), ()
    last = scores[ordered[method.seats - 1]]
    if scores[ordered[method.seats]] < last:
        return tuple(ordered[:method.seats]), ()
    tied = tuple(code for code in ordered if scores[code] == last)
    return (tuple(code for code in ordered if scores[code] > last),
            tied if method.tie_rule == "second_ballot" else ())


def _check_votes(method: VotingMethod, counts: Counts) -> None:
    """A project cannot have more votes than there are valid ballots."""
    width = {"select_up_to_n": 1, "for_against_abstain": len(ANSWERS), "rank": method.seats}[method.kind]
    for code, numbers in counts.votes.items():
        if len(numbers) != width:
            raise BadCount("count_wrong_width", name=f"{code}的得票", width=width)
        at_most(f"{code}的得票合计", sum(numbers), "有效票", counts.valid_ballots)


def check_totals(method: VotingMethod, counts: Counts) -> None:
    """Whether the projects together have more votes than the valid ballots can give: a mistake in one of the numbers,
    which the tellers must find, though each project's own number may still be right."""
    valid = counts.valid_ballots
    if method.kind == "select_up_to_n":
        at_most("得票总数", sum(numbers[0] for numbers in counts.votes.values()), "有效票可选总数", valid * method.seats)
    if method.kind == "rank":
        for place in range(method.seats):
            at_most(f"第{place + 1}位的总数", sum(numbers[place] for numbers in counts.votes.values()), "有效票", valid)
