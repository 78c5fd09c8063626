"""The public record of a round: everything that lets anybody count again, and nothing that shows who chose what.

docs/ballot-record.md describes the format. Hashed serials stand sorted, choices in an order of their own drawn from a
secure source, so that no place in one list belongs to a place in the other.
"""

import json
import re
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from services.rules.ballots import ANSWERS, Choice, Counts, Outcome, VotingMethod, count_ballots, tally
from services.rules.counts import BadCount, at_most
from services.rules.sentences import SENTENCES

FORMAT = "ballot-record/1"
_SECTIONS = ("round", "rules", "candidates", "roll", "serials", "choices", "counts", "result")
_KEYS = {"round": {"id", "title", "held_on"}, "roll": {"members", "present", "issued", "collected"},
         "rules": {"method", "seats", "quorum", "surplus_percent", "surplus_least", "pass_rule", "tie_rule",
                   "shortfall_rule"},
         "hashes": {*_SECTIONS, "record"}}
Record = dict[str, Any]
_secure = secrets.SystemRandom()


@dataclass(frozen=True)
class RoundWords:
    """What the record calls its round: an id, a title, the day as an ISO date."""

    id: str
    title: str
    held_on: str


def build_record(words: RoundWords, method: VotingMethod, candidates: Sequence[tuple[str, str]], *, members: int,
                 present: int, issued: int, ballots: Iterable[tuple[bytes, Choice]],
                 shuffle: Callable[[list[Any]], None] = _secure.shuffle) -> Record:
    """The record of the urn's (serial, choice) pairs; `candidates` are (code, name) in the ballot's order."""
    pairs, codes = list(ballots), [code for code, _ in candidates]
    serials = sorted(serial_hash(serial) for serial, _ in pairs)
    if len(set(serials)) < len(serials):
        raise BadCount("record_serial_twice")
    choices = [published(method, codes, choice) for _, choice in pairs]
    shuffle(choices)
    counts, outcome = _recount(method, codes, choices, members, present, issued)
    record: Record = {
        "format": FORMAT, "round": asdict(words), "rules": rules_of(method),
        "candidates": [{"code": code, "name": name} for code, name in candidates],
        "roll": {"members": members, "present": present, "issued": issued, "collected": len(pairs)},
        "serials": serials, "choices": choices, "counts": _counts_section(counts),
        "result": outcome_section(method, outcome)}
    return record | {"hashes": hashes_of(record)}


def serial_hash(serial: bytes) -> str:
    """How a ballot's serial stands in the record; its deputy's phone computes the same and looks it up."""
    return sha256(b"ballot-serial/1:" + serial).hexdigest()


def canonical(value: Any) -> bytes:
    """One spelling for one value: keys sorted, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def hashes_of(record: Record) -> dict[str, str]:
    """SHA-256 of each section, and of the whole; the last is the one to announce."""
    hashes = {name: sha256(canonical(record[name])).hexdigest() for name in _SECTIONS}
    whole = {"format": record["format"], **{name: record[name] for name in _SECTIONS}}
    return hashes | {"record": sha256(canonical(whole)).hexdigest()}


def rules_of(method: VotingMethod) -> dict[str, Any]:
    rules = asdict(method)
    return {"method": rules.pop("kind"), **rules, "quorum": list(method.quorum)}


def outcome_section(method: VotingMethod, outcome: Outcome) -> dict[str, Any]:
    """The outcome as it is printed; only a ranked list says whether it was confirmed."""
    section = asdict(outcome)
    if method.kind != "rank":
        del section["confirmed"]
    return section | {name: list(section[name]) for name in ("elected", "second_ballot")}


def published(method: VotingMethod, codes: Sequence[str], choice: Choice) -> Any:
    """The one spelling of a choice; null for what cannot be read, so that nobody signs a ballot by scribbling on it."""
    if method.kind == "select_up_to_n":
        if not isinstance(choice, list | tuple) or not all(isinstance(code, str) and code in codes for code in choice):
            return None
        return [code for code in codes if code in choice] if len(set(choice)) == len(choice) else None
    if not isinstance(choice, dict) or not set(choice) <= set(codes):
        return None
    if method.kind == "for_against_abstain":
        answers = {code: choice.get(code, "abstain") for code in codes}
        return answers if all(isinstance(answer, str) and answer in ANSWERS for answer in answers.values()) else None
    ranks = choice.values()
    return dict(choice) if all(type(rank) is int and 1 <= rank <= len(codes) for rank in ranks) else None


# --- anybody's check ----------------------------------------------------------------------------------


def read_record(text: str) -> Record:
    """The record in a file. A name that stands twice would show different readers different records: refused."""
    try:
        record = json.loads(text, object_pairs_hook=without_doubles)
    except (ValueError, RecursionError) as error:
        raise BadCount("record_unreadable") from error
    if not isinstance(record, dict):
        raise BadCount("record_unreadable")
    return record


def verify_record(record: Record, announced_hash: str | None = None) -> list[str]:
    """What is wrong with a record, in sentences; nothing means that it counts up and is the announced one.

    Whoever can rewrite the whole record can make another one that counts up: only the hash that was announced in the
    hall and stands in the audit chain tells that one from the real.
    """
    try:
        codes = _check_form(record)
        problems = [] if record["hashes"] == hashes_of(record) else ["record_hash_wrong"]
        problems += _check_contents(record, codes)
    except BadCount as error:
        return [error.sentence]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return [SENTENCES["record_malformed"]]
    if announced_hash is not None and record["hashes"]["record"] != announced_hash.strip().lower():
        problems.append("record_not_the_announced")
    return [SENTENCES[problem] for problem in problems]


def _check_form(record: Record) -> list[str]:
    """Refuse what does not have exactly the described names and kinds; return the candidates' codes."""
    if set(record) != {"format", "hashes", *_SECTIONS} or record["format"] != FORMAT:
        raise BadCount("record_malformed")
    codes = [candidate["code"] for candidate in record["candidates"]]
    texts = [*codes, *(candidate["name"] for candidate in record["candidates"]), *record["round"].values()]
    if (any(set(record[name]) != keys for name, keys in _KEYS.items())
            or any(set(candidate) != {"code", "name"} for candidate in record["candidates"])
            or not all(isinstance(text, str) and text for text in texts) or len(set(codes)) < len(codes)
            or not all(isinstance(record[name], list) for name in ("candidates", "serials", "choices"))):
        raise BadCount("record_malformed")
    return codes


def _check_contents(record: Record, codes: list[str]) -> list[str]:
    rules, roll, serials, choices = (record[name] for name in ("rules", "roll", "serials", "choices"))
    method = VotingMethod(rules["method"], **{name: rules[name] for name in rules if name not in ("method", "quorum")},
                          quorum=tuple(rules["quorum"]))
    at_most("名额", method.seats, "候选项目", len(codes))
    problems = []
    if (not all(isinstance(serial, str) and re.fullmatch(r"[0-9a-f]{64}", serial) for serial in serials)
            or serials != sorted(set(serials))):
        problems.append("record_serials_wrong")
    if not len(serials) == len(choices) == roll["collected"]:
        problems.append("record_sizes_differ")
    if any(canonical(choice) != canonical(published(method, codes, choice)) for choice in choices):
        problems.append("record_choice_malformed")
    counts, outcome = _recount(method, codes, choices, roll["members"], roll["present"], roll["issued"])
    if canonical(record["counts"]) != canonical(_counts_section(counts)):
        problems.append("record_counts_wrong")
    if canonical(record["result"]) != canonical(outcome_section(method, outcome)):
        problems.append("record_result_wrong")
    return problems


def _recount(method: VotingMethod, codes: Sequence[str], choices: Sequence[Choice], members: int, present: int,
             issued: int) -> tuple[Counts, Outcome]:
    void, votes = count_ballots(method, codes, choices)
    counts = Counts(members, present, issued, len(choices), void, votes)
    return counts, tally(method, counts)


def _counts_section(counts: Counts) -> dict[str, Any]:
    return {"void": counts.void, "valid": counts.valid_ballots,
            "votes": {code: list(numbers) for code, numbers in counts.votes.items()}}


def without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """For `json.loads`: an object whose names each stand once."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)
