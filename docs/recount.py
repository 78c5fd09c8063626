"""Count the public record of a ballot again: python3 recount.py RECORD.json [HASH announced in the hall]

Only Python is needed, no code of the system (format: ballot-record.md). Ends with 0: agrees, 1: differs, 2: unreadable.
"""
import hashlib
import json
import sys


def sha(value):
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def once(pairs):
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def count(rules, codes, choices):
    kind, seats = rules["method"], rules["seats"]
    votes = {code: [0] * {"select_up_to_n": 1, "for_against_abstain": 3, "rank": seats}[kind] for code in codes}
    void = 0
    for choice in choices:
        marks = list(choice.values()) if isinstance(choice, dict) else choice or []
        is_over = len(marks) > seats if kind == "select_up_to_n" else kind == "rank" and max(marks, default=1) > seats
        is_void = choice is None or is_over or (kind != "for_against_abstain" and len(set(marks)) < len(marks))
        void += is_void
        for code in [] if is_void else choice:
            answer = choice[code] if isinstance(choice, dict) else "for"
            votes[code][answer - 1 if kind == "rank" else ["for", "against", "abstain"].index(answer)] += 1
    return {"void": void, "valid": len(choices) - void, "votes": votes}


def outcome(rules, roll, codes, counts):
    kind, seats, (part, of) = rules["method"], rules["seats"], rules["quorum"]
    line = {"majority_of_all": roll["members"] // 2 + 1, "plurality_top_n": 1}[rules["pass_rule"]]
    can_open = roll["present"] * of >= roll["members"] * part
    valid = can_open and roll["present"] >= roll["issued"] >= roll["collected"]
    scores = {code: counts["votes"][code][0] for code in codes}
    if kind == "rank":  # no rank counts as the worst and one more; the lowest sum, that is the most below it, wins
        scores = {one: sum(n * (seats - i) for i, n in enumerate(v)) for one, v in counts["votes"].items() if any(v)}
    passed = [code for code in codes if valid and code in scores and (kind == "rank" or scores[code] >= line)]
    passed.sort(key=lambda code: -scores[code])  # equals stay in the order of the ballot
    elected, second = passed[:seats], []
    if len(passed) > seats and scores[passed[seats]] == scores[passed[seats - 1]]:
        second = [code for code in passed if scores[code] == scores[passed[seats]]]
        elected = [code for code in elected if code not in second]
        second = second if rules["tie_rule"] == "second_ballot" else []
    elif valid and kind != "rank" and len(passed) < seats and rules["shortfall_rule"] == "second_ballot":
        second = [code for code in codes if code not in passed]
    result = {"can_open": can_open, "valid": valid, "pass_line": line, "elected": elected, "second_ballot": second}
    return result | {"open_seats": seats - len(elected)} | ({"confirmed": None} if kind == "rank" else {})


def main(path, announced=None):
    with open(path, encoding="utf-8") as file:
        record = json.load(file, object_pairs_hook=once)
    hashes, serials, roll = record.pop("hashes"), record["serials"], record["roll"]
    codes = [one["code"] for one in record["candidates"]]
    if not 1 <= record["rules"]["seats"] <= len(set(codes)) == len(codes):
        raise ValueError("seats, candidates")
    counts = count(record["rules"], codes, record["choices"])
    computed = {name: sha(record[name]) for name in record if name != "format"} | {"record": sha(record)}
    checks = {"校验值": hashes == computed and announced in (None, hashes["record"]),
              "票号": serials == sorted(set(serials)),
              "张数": len(serials) == len(record["choices"]) == roll["collected"],
              "票数": sha(counts) == sha(record["counts"]),
              "结果": sha(outcome(record["rules"], roll, codes, counts)) == sha(record["result"])}
    print(json.dumps(counts), *[f"{name}：{'一致' if checks[name] else '不一致'}" for name in checks], sep="\n")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:3]))
    except Exception as error:
        print(f"不能计票：{error!r}", file=sys.stderr)
        sys.exit(2)
