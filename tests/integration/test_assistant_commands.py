"""`flask assistant`: sentences in, intents out."""

import json

import pytest

from app import create_app
from app.program import Program


@pytest.fixture
def lines(program: Program):  # type: ignore[no-untyped-def]
    app = create_app(program=program)

    def run(command: str, *said: dict[str, str] | str):  # type: ignore[no-untyped-def]
        typed = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in said)
        return app.test_cli_runner().invoke(args=["assistant", *command.split()], input=typed.encode())

    return run


def test_sentences_are_interpreted_in_order_against_the_given_moment(lines) -> None:  # type: ignore[no-untyped-def]
    result = lines("interpret", {"role": "deputy", "text": "昨天走访了5户群众", "now": "2026-03-01T09:00:00+08:00"}, "",
                   {"role": "resident", "text": "我的积分"}, {"role": "staff", "text": "发通知"}, {"text": "你好"})
    assert result.exit_code == 0
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["intent"] for line in found] == ["record_duty", "out_of_scope", "send_notice", "greeting"]
    assert found[0]["slots"] == {"count": 5, "date": "2026-02-28"}
    assert set(found[0]) == {"intent", "slots", "confidence"}


@pytest.mark.parametrize("line", ["not json", '{"role": "deputy"}'])
def test_a_bad_line_ends_with_its_number(lines, line: str) -> None:  # type: ignore[no-untyped-def]
    result = lines("interpret", {"role": "deputy", "text": "签到"}, line)
    assert result.exit_code == 2
    assert "第2行" in result.stderr


def test_the_evaluation_tells_accuracy_each_intent_and_the_confusions(lines) -> None:  # type: ignore[no-untyped-def]
    told = lines("evaluate").stdout
    assert "accuracy  0.9" in told
    assert "f1 record_duty" in told
    assert " -> " in told
    assert json.loads(lines("evaluate --json").stdout)["accuracy"] >= 0.95
