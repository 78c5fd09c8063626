"""`flask comments similar|classify|deadline|evaluate`: JSON lines in, JSON lines out, and no database."""

import json
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from app import create_app
from app.program import Program


@pytest.fixture
def app(program: Program) -> Flask:
    return create_app(program=program)


def run(app: Flask, name: str, *lines: Any) -> Result:
    typed = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    return app.test_cli_runner().invoke(args=["comments", name], input=typed.encode())


def answers(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_pairs_are_answered_in_order(app: Flask) -> None:
    told = answers(run(app, "similar", {"a": "三组的路灯坏了", "b": "三组晚上灯不亮"},
                       {"a": "三组的路灯坏了", "b": "低保没批下来"}))
    assert [row["same"] for row in told] == [True, False]
    assert all(set(row) == {"same", "score"} and 0 <= row["score"] <= 1 for row in told)


def test_texts_are_classified_with_the_codes_of_the_house(app: Flask) -> None:
    told = answers(run(app, "classify", {"text": "通村公路坑坑洼洼，希望修补"}, {"text": "我要上访，要求平反"}))
    assert told[0].items() >= {"category": "road", "urgent": False, "out_of_scope": None}.items()
    assert told[1]["out_of_scope"] == "petition"
    assert all(set(row) == {"category", "urgent", "out_of_scope", "confidence"} for row in told)


def test_a_deadline_is_the_last_second_of_the_last_day(app: Flask) -> None:
    told = answers(run(app, "deadline", {"start": "2026-09-29T10:00:00+08:00", "days": 7, "unit": "workday"},
                       {"start": "2026-01-30T10:00:00+08:00", "days": 1, "unit": "month"}))
    assert [row["due"] for row in told] == ["2026-10-14T23:59:59+08:00", "2026-02-28T23:59:59+08:00"]


@pytest.mark.parametrize(("name", "bad"), [
    ("similar", {"a": "只有一条"}), ("similar", "no json"), ("classify", {"text": ""}), ("classify", {"text": 5}),
    ("deadline", {"start": "2026-09-29T10:00:00", "days": 7, "unit": "workday"}),
    ("deadline", {"start": "2026-09-29T10:00:00+08:00", "days": -1, "unit": "day"}),
    ("deadline", {"start": "2026-09-29T10:00:00+08:00", "days": 99999, "unit": "month"}),
    ("deadline", {"start": "2026-09-29T10:00:00+08:00", "days": 1, "unit": "week"}),
])
def test_a_bad_line_ends_the_command_with_its_number(app: Flask, name: str, bad: Any) -> None:
    good = {"similar": {"a": "路", "b": "灯"}, "classify": {"text": "修路"},
            "deadline": {"start": "2026-09-29T10:00:00+08:00", "days": 7, "unit": "day"}}[name]
    result = run(app, name, good, bad)
    assert result.exit_code == 2
    assert "第2行" in result.stderr
