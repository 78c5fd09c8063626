"""The public record: it counts up, hides who chose what, and shows every tampering."""

import copy
import importlib.util
import json
import random
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.rules.ballot_record import (
    Record,
    RoundWords,
    build_record,
    canonical,
    hashes_of,
    published,
    read_record,
    serial_hash,
    verify_record,
)
from services.rules.ballots import ANSWERS, METHODS, VotingMethod
from services.rules.counts import BadCount
from services.rules.sentences import SENTENCES

ROOT = Path(__file__).resolve().parents[2]
WORDS = RoundWords("2026-1", "2027年民生实事项目票决", "2026-12-20")
CANDIDATES = [("A", "村道加宽"), ("B", "饮水管网"), ("C", "养老食堂"), ("D", "路灯"), ("E", "托育点"), ("F", "河道")]
CODES = [code for code, _ in CANDIDATES]


def serial(number: int) -> bytes:
    return number.to_bytes(32)


def random_choice(rng: random.Random, kind: str) -> Any:
    if rng.random() < 0.02:
        return None
    some = rng.sample(CODES, rng.randint(0, 5))
    if kind == "select_up_to_n":
        return some
    if kind == "for_against_abstain":
        return {code: rng.choice(ANSWERS) for code in some}
    return {code: rng.randint(1, 5) if rng.random() < 0.05 else rank for rank, code in enumerate(some[:4], start=1)}


def a_record(kind: str = "select_up_to_n", ballots: int = 50, seed: int = 7, **more: Any) -> Record:
    rng = random.Random(seed)
    pairs = [(serial(rng.getrandbits(256)), random_choice(rng, kind)) for _ in range(ballots)]
    figures = {"members": 65, "present": 60, "issued": 55, "method": VotingMethod(kind, 4)} | more
    method = figures.pop("method")
    return build_record(WORDS, method, CANDIDATES, ballots=pairs, shuffle=rng.shuffle, **figures)


def rehashed(record: Record) -> Record:
    return record | {"hashes": hashes_of(record)}


def sentences(*codes: str) -> list[str]:
    return [SENTENCES[code] for code in codes]


# --- building ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", METHODS)
def test_a_record_counts_up_also_after_a_journey_through_a_file(kind: str) -> None:
    record = a_record(kind)
    assert verify_record(record) == []
    text = json.dumps(record, ensure_ascii=False, indent=1)
    assert verify_record(read_record(text), record["hashes"]["record"]) == []


def test_a_record_says_what_was_counted() -> None:
    ballots = [(serial(1), ["A", "B"]), (serial(2), ["A"]), (serial(3), CODES[:5]), (serial(4), []), (serial(5), "?")]
    record = build_record(WORDS, VotingMethod("select_up_to_n", 4), CANDIDATES, members=5, present=5, issued=5,
                          ballots=ballots)
    assert record["roll"] == {"members": 5, "present": 5, "issued": 5, "collected": 5}
    assert record["counts"] == {"void": 2, "valid": 3,
                                "votes": {"A": [2], "B": [1], "C": [0], "D": [0], "E": [0], "F": [0]}}
    assert record["result"] == {"can_open": True, "valid": True, "pass_line": 3, "elected": [], "second_ballot": [],
                                "open_seats": 4}
    assert sorted(map(str, record["choices"])) == sorted(map(str, [["A", "B"], ["A"], CODES[:5], [], None]))


def test_serials_are_hashed_and_sorted_and_a_deputy_finds_the_own_one() -> None:
    record = a_record()
    assert record["serials"] == sorted(record["serials"])
    assert serial_hash(serial(random.Random(7).getrandbits(256))) in record["serials"]
    assert serial(random.Random(7).getrandbits(256)).hex() not in json.dumps(record)


def test_the_order_of_the_choices_is_drawn_and_not_that_of_the_urn_or_of_the_serials() -> None:
    ballots = [(serial(number), [CODES[number % 6]]) for number in range(60)]

    def record(pairs: list[tuple[bytes, list[str]]], **more: Any) -> Record:
        return build_record(WORDS, VotingMethod("select_up_to_n", 4), CANDIDATES, members=65, present=60, issued=60,
                            ballots=pairs, **more)

    secure = [record(ballots)["choices"] for _ in range(2)]
    assert secure[0] != secure[1]
    assert sorted(secure[0]) == sorted(secure[1])
    assert secure[0] != [choice for _, choice in ballots]
    by_serial = [choice for _, choice in sorted(ballots, key=lambda ballot: serial_hash(ballot[0]))]
    assert secure[0] != by_serial


def test_two_ballots_with_one_serial_make_no_record() -> None:
    with pytest.raises(BadCount, match="record_serial_twice"):
        build_record(WORDS, VotingMethod("select_up_to_n", 4), CANDIDATES, members=5, present=5, issued=5,
                     ballots=[(serial(1), ["A"]), (serial(1), ["B"])])


def test_a_round_with_more_ballots_than_were_issued_is_recorded_as_void() -> None:
    record = a_record(ballots=56)
    assert verify_record(record) == []
    assert record["result"]["valid"] is False
    assert record["result"]["open_seats"] == 4


@pytest.mark.parametrize(("kind", "choice", "spelled"), [
    ("select_up_to_n", ["B", "A"], ["A", "B"]), ("select_up_to_n", list("FEDCBA"), CODES),
    ("select_up_to_n", ["A", "A"], None), ("select_up_to_n", ["李四到此"], None), ("select_up_to_n", {"A": 1}, None),
    ("select_up_to_n", [["A"]], None), ("for_against_abstain", {"A": "for", "B": "maybe"}, None),
    ("for_against_abstain", {"Z": "for"}, None), ("for_against_abstain", {"B": "against"},
     {"A": "abstain", "B": "against", "C": "abstain", "D": "abstain", "E": "abstain", "F": "abstain"}),
    ("rank", {"A": 1, "B": 1}, {"A": 1, "B": 1}), ("rank", {"A": 6}, {"A": 6}), ("rank", {"A": 7}, None),
    ("rank", {"A": True}, None), ("rank", None, None)])
def test_a_choice_has_one_spelling_and_no_room_for_a_signature(kind: str, choice: Any, spelled: Any) -> None:
    assert published(VotingMethod(kind, 4), CODES, choice) == spelled


# --- tampering --------------------------------------------------------------------------------------


def _spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [spot for key, item in inner for spot in _spots(item, (*path, key))]


def _changed(rng: random.Random, value: Any) -> Any:
    """Some other value, near by or far away."""
    if isinstance(value, bool) or value is None:
        return rng.choice([int(bool(value)), "", not value])
    if isinstance(value, int):
        return rng.choice([value + 1, value - 1, -value - 1, str(value), float(value), value + 10**9])
    if isinstance(value, str):
        place = rng.randrange(len(value))
        return rng.choice([value[:place] + value[place + 1:], value[:place] + "0a"[value[place] == "0"] + value[place + 1:],
                           value + " ", value.swapcase() + "x", None])
    if isinstance(value, list) and value:
        place = rng.randrange(len(value))
        return rng.choice([value[:place] + value[place + 1:], [*value, value[place]], value[1:] + value[:1], {}, None])
    return rng.choice([{"extra": 1}, ["A"], [], {}, None])


def tampered(rng: random.Random, record: Record) -> Record:
    while True:
        copied = copy.deepcopy(record)
        path = rng.choice(_spots(copied))
        if rng.random() < 0.5:
            path = (path[0], *path[1:2]) if len(path) > 1 and rng.random() < 0.5 else path[:1]
        holder = copied
        for key in path[:-1]:
            holder = holder[key]
        if isinstance(holder, dict) and rng.random() < 0.2:
            del holder[path[-1]]
        else:
            holder[path[-1]] = _changed(rng, holder[path[-1]])
        if canonical(copied) != canonical(record):
            return copied


@pytest.mark.parametrize("kind", METHODS)
def test_a_thousand_random_tamperings_are_a_thousand_found(kind: str) -> None:
    rng, record = random.Random(20261220), a_record(kind, ballots=12)
    found = sum(bool(verify_record(tampered(rng, record))) for _ in range(1000))
    assert found == 1000


def test_a_thousand_tamperings_with_new_hashes_are_found_by_the_announced_hash() -> None:
    rng, record = random.Random(20261221), a_record(ballots=12)
    announced, found, tried = record["hashes"]["record"], 0, 0
    while tried < 1000:
        changed = tampered(rng, record)
        try:
            changed = rehashed(changed)
        except KeyError:
            continue
        if canonical(changed) == canonical(record):
            continue  # only the hashes had been changed, and are right again
        tried += 1
        found += bool(verify_record(changed, announced))
    assert found == 1000


def _swap_a_vote(record: Record) -> None:
    place = next(place for place, choice in enumerate(record["choices"]) if choice and "A" not in choice)
    record["choices"][place] = ["A"]


def _drop_a_ballot(record: Record) -> None:
    record["choices"].pop()


def _add_a_ballot(record: Record) -> None:
    record["choices"].append(["A"])
    record["serials"] = sorted([*record["serials"], serial_hash(b"stuffed")])


@pytest.mark.parametrize(("change", "problems"), [
    (_swap_a_vote, ["record_counts_wrong"]),
    (_drop_a_ballot, ["record_sizes_differ", "record_counts_wrong"]),
    (_add_a_ballot, ["record_sizes_differ", "record_counts_wrong"]),
    (lambda record: record["serials"].reverse(), ["record_serials_wrong"]),
    (lambda record: record["serials"].__setitem__(1, record["serials"][0]), ["record_serials_wrong"]),
    (lambda record: record["serials"].__setitem__(0, "0"), ["record_serials_wrong"]),
    (lambda record: record["roll"].__setitem__("collected", 49), ["record_sizes_differ"]),
    (lambda record: record["result"].__setitem__("elected", ["F"]), ["record_result_wrong"]),
    (lambda record: record["rules"].__setitem__("pass_rule", "plurality_top_n"), ["record_result_wrong"]),
    (lambda record: record["choices"].__setitem__(0, ["B", "A"]), ["record_choice_malformed", "record_counts_wrong"]),
    (lambda record: record["roll"].__setitem__("members", 90), ["record_result_wrong"]),
])
def test_a_forger_who_mends_the_hashes_is_found_by_the_recount(
        change: Callable[[Record], None], problems: list[str]) -> None:
    record = copy.deepcopy(a_record())
    record["choices"][0] = ["C", "D"]
    record = build_again(record)
    assert verify_record(record) == []
    change(record)
    assert verify_record(rehashed(record)) == sentences(*problems)
    assert verify_record(record)[0] == SENTENCES["record_hash_wrong"]


def build_again(record: Record) -> Record:
    """An honest record of the same choices."""
    pairs = [(serial(number), choice) for number, choice in enumerate(record["choices"])]
    return build_record(WORDS, VotingMethod("select_up_to_n", 4), CANDIDATES, members=65, present=60, issued=55,
                        ballots=pairs, shuffle=lambda _choices: None)


def test_a_record_made_anew_counts_up_and_is_still_not_the_announced_one() -> None:
    real, forged = a_record(seed=1), a_record(seed=2)
    assert verify_record(forged) == []
    assert verify_record(forged, real["hashes"]["record"]) == sentences("record_not_the_announced")
    assert verify_record(real, f" {real['hashes']['record'].upper()}\n") == []


@pytest.mark.parametrize("change", [
    lambda record: record.update(note="x"), lambda record: record.update(format="ballot-record/2"),
    lambda record: record.pop("roll"), lambda record: record["roll"].update(extra=1),
    lambda record: record["rules"].pop("seats"), lambda record: record["candidates"].append({"code": "A", "name": "重名"}),
    lambda record: record["candidates"][0].update(extra="x"), lambda record: record["candidates"][0].update(name=""),
    lambda record: record["round"].update(title=5), lambda record: record.update(choices={}),
    lambda record: record.update(rules=None), lambda record: record["rules"].update(quorum=5),
    lambda record: record["candidates"].append("G")])
def test_what_does_not_have_the_described_form_is_refused(change: Callable[[Record], Any]) -> None:
    record = copy.deepcopy(a_record())
    change(record)
    assert verify_record(record) == sentences("record_malformed")


def test_numbers_that_cannot_be_are_told_by_their_names() -> None:
    record = copy.deepcopy(a_record())
    record["roll"]["present"] = 66
    assert verify_record(record) == ["实到（66）不能大于应到（65），请核对。"]


def test_seats_beyond_the_candidates_are_refused_before_anything_is_counted() -> None:
    record = copy.deepcopy(a_record("rank"))
    record["rules"]["seats"] = 10**12
    assert verify_record(rehashed(record)) == ["名额（1000000000000）不能大于候选项目（6），请核对。"]


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', '{"a": 1, "a": 2}', '{"roll": {"a": 1, "a": 1}}', "[" * 100_000])
def test_a_file_that_is_no_record_is_not_read(text: str) -> None:
    with pytest.raises(BadCount, match="record_unreadable"):
        read_record(text)


# --- the stand-alone script -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("recount", ROOT / "docs" / "recount.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_is_short_and_needs_only_the_standard_library() -> None:
    text = (ROOT / "docs" / "recount.py").read_text()
    assert len(text.splitlines()) <= 80
    assert {line for line in text.splitlines() if line.startswith(("import", "from"))} == \
        {"import hashlib", "import json", "import sys"}


@settings(max_examples=60)
@given(kind=st.sampled_from(sorted(METHODS)), seed=st.integers(0, 10**6), ballots=st.integers(0, 25),
       rules=st.fixed_dictionaries({"pass_rule": st.sampled_from(["majority_of_all", "plurality_top_n"]),
                                    "tie_rule": st.sampled_from(["second_ballot", "leave_open"]),
                                    "shortfall_rule": st.sampled_from(["second_ballot", "leave_open"]),
                                    "seats": st.integers(1, 5)}),
       roll=st.tuples(st.integers(1, 20), st.integers(0, 9), st.integers(-2, 3)))
def test_the_script_and_the_system_count_alike(
        script: ModuleType, tmp_path_factory: pytest.TempPathFactory, kind: str, seed: int, ballots: int,
        rules: dict[str, Any], roll: tuple[int, int, int]) -> None:
    present, absent, missing = roll
    record = a_record(kind, ballots, seed, members=present + absent, present=present,
                      issued=max(ballots + missing, 0), method=VotingMethod(kind, **rules))
    assert verify_record(record) == []
    path = tmp_path_factory.mktemp("record") / "record.json"
    path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
    assert script.main(str(path), record["hashes"]["record"]) == 0
    assert script.main(str(path), "0" * 64) == 1


def test_the_script_finds_a_thousand_tamperings_too(script: ModuleType, tmp_path: Path) -> None:
    rng, record, path = random.Random(20261222), a_record(ballots=12), tmp_path / "record.json"
    found = 0
    for _ in range(1000):
        path.write_text(json.dumps(tampered(rng, record), ensure_ascii=False), encoding="utf-8")
        try:
            found += script.main(str(path), record["hashes"]["record"]) == 1
        except (LookupError, TypeError, ValueError, AttributeError):
            found += 1
    assert found == 1000
