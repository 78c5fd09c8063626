"""`flask ballots|surveys|supervision`: JSON lines in, JSON lines out, and the recount of a public record."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from app import create_app
from app.program import Program
from services.rules.ballot_record import RoundWords, build_record
from services.rules.ballots import VotingMethod

Run = Callable[..., Result]
ROUND = {"members": 65, "present": 50, "seats": 4, "method": "select_up_to_n", "issued": 50, "collected": 50, "void": 1,
         "votes": {"A": 46, "B": 43, "C": 38, "D": 33, "E": 20, "F": 12}}
OUTCOME = {"can_open": True, "valid": True, "pass_line": 33, "elected": ["A", "B", "C", "D"], "second_ballot": [],
           "open_seats": 0}
WORKS = {"start": "2026-01-01", "due": "2026-12-31", "progress": 33, "on": "2026-09-15", "accepted": False}


@pytest.fixture
def command(program: Program) -> Run:
    app = create_app(program=program)

    def run(*arguments: str, lines: Any = ()) -> Result:
        typed = lines if isinstance(lines, bytes) else "\n".join(
            line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines).encode()
        return app.test_cli_runner().invoke(args=list(arguments), input=typed)

    return run


def answers(result: Result) -> list[Any]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_rounds_are_counted_in_the_order_in_which_they_come(command: Run) -> None:
    each = {"members": 45, "present": 45, "seats": 2, "method": "for_against_abstain", "issued": 45, "collected": 45,
            "void": 0, "votes": {"A": [23, 20, 2], "B": [22, 3, 20]}}
    ranks = {"members": 4, "present": 4, "seats": 2, "method": "rank", "issued": 4, "collected": 4, "void": 0,
             "votes": {"A": [4, 0], "B": [0, 4]}, "confirming": 3}
    result = command("ballots", "tally", lines=[ROUND, "", each, ROUND | {"present": 43}, ROUND | {"collected": 51}, ranks])
    assert result.exit_code == 0
    assert result.stderr == ""
    void = {"can_open": True, "valid": False, "pass_line": 33, "elected": [], "second_ballot": [], "open_seats": 4}
    assert answers(result) == [
        OUTCOME,
        {"can_open": True, "valid": True, "pass_line": 23, "elected": ["A"], "second_ballot": [], "open_seats": 1},
        void | {"can_open": False}, void,
        {"can_open": True, "valid": True, "pass_line": 3, "elected": ["A", "B"], "second_ballot": [], "open_seats": 0,
         "confirmed": True}]


def test_before_the_vote_four_numbers_tell_whether_it_can_open(command: Run) -> None:
    result = command("ballots", "tally", lines=[{"members": 65, "present": 44, "seats": 4, "method": "select_up_to_n"}])
    assert answers(result)[0]["can_open"] is True


def test_a_place_brings_its_own_rules(command: Run) -> None:
    rules = {"quorum": [1, 2], "pass_rule": "plurality_top_n", "tie_rule": "leave_open"}
    line = ROUND | {"present": 40, "issued": 40, "collected": 40, "void": 0, "seats": 2, "profile": rules,
                    "votes": {"A": 30, "B": 20, "C": 20}}
    assert answers(command("ballots", "tally", lines=[line])) == [
        {"can_open": True, "valid": True, "pass_line": 1, "elected": ["A"], "second_ballot": [], "open_seats": 1}]


def test_totals_that_do_not_add_up_are_answered_and_doubted(command: Run) -> None:
    result = command("ballots", "tally", lines=[ROUND | {"collected": 48}])
    assert result.exit_code == 0
    assert answers(result) == [OUTCOME]
    assert result.stderr == "第1行：请复核，得票总数（192）不能大于有效票可选总数（188），请核对。\n"


@pytest.mark.parametrize(("bad", "sentence"), [
    ("{", "不是一个完整的JSON对象。"), ("[]", "不是一个完整的JSON对象。"), ('{"a": 1, "a": 1}', "不是一个完整的JSON对象。"),
    (ROUND | {"members": "65"}, "members：此项填写有误，请检查。"), (ROUND | {"void": 1.0}, "void：此项填写有误，请检查。"),
    (ROUND | {"present": True}, "present：此项填写有误，请检查。"), (ROUND | {"votes": {"A": "1"}}, "votes.A"),
    ({"present": 1}, "members：请填写此项。"), (ROUND | {"method": "hands"}, "method应为以下之一"),
    (ROUND | {"seats": None}, "请写明名额（seats）。"), (ROUND | {"issued": None}, "须写明发出（issued）和收回（collected）"),
    (ROUND | {"present": 66}, "实到（66）不能大于应到（65），请核对。"), (ROUND | {"void": -1}, "废票应为不小于0的整数。"),
    (ROUND | {"votes": {"A": 50}}, "A的得票合计（50）不能大于有效票（49），请核对。"),
    (ROUND | {"profile": {"passrule": "x"}}, "profile.passrule：此项填写有误"),
    (ROUND | {"profile": {"tie_rule": "x"}}, "tie_rule应为以下之一")])
def test_a_bad_line_ends_with_its_number_and_a_sentence(command: Run, bad: Any, sentence: str) -> None:
    result = command("ballots", "tally", lines=[ROUND, bad, ROUND])
    assert result.exit_code == 2
    assert answers(result) == [OUTCOME]
    assert result.stderr.startswith("第2行：")
    assert sentence in result.stderr


def test_bytes_that_are_no_text_are_a_bad_line(command: Run) -> None:
    result = command("ballots", "tally", lines=b"\xff\xfe\n")
    assert (result.exit_code, result.stderr) == (2, "第1行：不是一个完整的JSON对象。\n")


def test_satisfaction_is_graded(command: Run) -> None:
    votes = {"members": 35, "satisfied": 17, "basic": 11, "unsatisfied": 1}
    half = {"members": 34, "satisfied": 17, "basic": 0, "unsatisfied": 0}
    result = command("surveys", "grade", lines=[votes, votes | {"satisfied": 18}, half,
                                                half | {"is_half_enough_for_first": True}])
    assert answers(result) == [{"grade": "basically_satisfied"}, {"grade": "satisfied"}, {"grade": "unsatisfied"},
                               {"grade": "satisfied"}]
    refused = command("surveys", "grade", lines=[votes | {"satisfied": 30}])
    assert (refused.exit_code, refused.stderr) == (2, "第1行：各项票数之和（42）不能大于全体组成人员（35），请核对。\n")


def test_projects_are_coloured(command: Run) -> None:
    result = command("supervision", "colour", lines=[
        WORKS, WORKS | {"accepted": True}, WORKS | {"progress": 65.5}, WORKS | {"on": "2026-01-02"}])
    assert answers(result) == [{"colour": "red"}, {"colour": "blue"}, {"colour": "yellow"}, {"colour": "green"}]


@pytest.mark.parametrize("bad", [{"on": "2026-09-31"}, {"progress": 101}, {"progress": "33"}, {"accepted": "no"},
                                 {"due": "2025-01-01"}, {"progress": None}, {"progress": True}])
def test_a_project_that_cannot_be_is_refused(command: Run, bad: dict[str, Any]) -> None:
    result = command("supervision", "colour", lines=[WORKS | bad])
    assert result.exit_code == 2
    assert result.stderr.startswith("第1行：")


# --- the recount ------------------------------------------------------------------------------------


@pytest.fixture
def record() -> dict[str, Any]:
    candidates = [("A", "村道加宽"), ("B", "饮水管网"), ("C", "养老食堂")]
    ballots = [(bytes([number]), ["A", "B"] if number < 30 else ["A"]) for number in range(44)]
    return build_record(RoundWords("2026-1", "民生实事项目票决", "2026-12-20"), VotingMethod("select_up_to_n", 2), candidates,
                        members=65, present=45, issued=45, ballots=[*ballots, (b"void", ["A", "B", "C"])])


def written(path: Path, record: Any) -> str:
    path.write_text(record if isinstance(record, str) else json.dumps(record, ensure_ascii=False), encoding="utf-8")
    return str(path)


def test_a_public_record_is_counted_again(command: Run, record: dict[str, Any], tmp_path: Path) -> None:
    result = command("ballots", "recount", written(tmp_path / "record.json", record),
                     "--hash", record["hashes"]["record"])
    assert result.exit_code == 0
    assert result.stdout == ("民生实事项目票决（2026-12-20）\n应到65 实到45 发出45 收回45 有效44 废票1\n"
                             "A 村道加宽：44\nB 饮水管网：30\nC 养老食堂：0\n通过：村道加宽\n再次投票：无\n空缺1；重新计票与记录一致\n")


def test_a_void_round_is_told_as_void(command: Run, record: dict[str, Any], tmp_path: Path) -> None:
    void = build_record(RoundWords("1", "票决", "2026-12-20"), VotingMethod("select_up_to_n", 1), [("A", "路"), ("B", "水")],
                        members=2, present=2, issued=1, ballots=[(b"1", ["A"]), (b"2", ["A"])])
    assert "本轮投票无效，应重新投票" in command("ballots", "recount", written(tmp_path / "record.json", void)).stdout


def test_a_changed_record_and_another_hash_are_told(command: Run, record: dict[str, Any], tmp_path: Path) -> None:
    path = written(tmp_path / "record.json", record)
    other = command("ballots", "recount", path, "--hash", "0" * 64)
    assert (other.exit_code, other.stderr) == (1, "这份记录与当场公布的校验值不符，不是公布的那一份。\n")
    record["counts"]["votes"]["B"] = [33]
    changed = command("ballots", "recount", written(tmp_path / "record.json", record))
    assert changed.exit_code == 1
    assert "重新计票的票数与记录不一致。" in changed.stderr
    assert changed.stdout == ""


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_file_that_is_no_record_is_told(command: Run, tmp_path: Path, text: str) -> None:
    result = command("ballots", "recount", written(tmp_path / "record.json", text))
    assert (result.exit_code, result.stderr) == (2, "这个文件不是完整的计票记录，请重新下载。\n")


def test_a_file_that_is_no_text_is_told(command: Run, tmp_path: Path) -> None:
    (tmp_path / "record.json").write_bytes(b"\xff")
    assert command("ballots", "recount", str(tmp_path / "record.json")).exit_code == 2
