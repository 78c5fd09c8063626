"""flask assistant: what the assistant understands, and how well."""

import json
from datetime import datetime
from typing import Any

import click
from flask.cli import AppGroup
from pydantic import BaseModel, ConfigDict, Field

from app.cli.json_lines import answer_lines
from services.assistant.understanding import evaluation, role_of, understand
from services.context import CHINA, utc_now

assistant_group = AppGroup("assistant", help="The deputy's assistant.")


class Said(BaseModel):
    """`now` is the moment at which it is said; without it, the clock's."""

    model_config = ConfigDict(extra="ignore")

    role: str = "resident"
    text: str = Field(max_length=100_000)
    now: datetime | None = None


@assistant_group.command("interpret")
def interpret() -> None:
    """JSON lines {"role", "text"} to JSON lines {"intent", "slots", "confidence"}, in order; needs no database."""
    answer_lines(Said, _interpret)


def _interpret(said: Said) -> dict[str, Any]:
    moment = said.now or utc_now()
    moment = moment.replace(tzinfo=CHINA) if moment.tzinfo is None else moment.astimezone(CHINA)
    found = understand(said.text, role=role_of(said.role), now=moment)
    return {"intent": found.intent, "slots": found.slots, "confidence": found.confidence}


@assistant_group.command("evaluate")
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def evaluate(*, as_json: bool) -> None:
    """Accuracy, F1 of each intent and the confusions on the held-out sentences."""
    report = evaluation.evaluate()
    if as_json:
        click.echo(json.dumps({**vars(report), "accuracy": report.accuracy}, ensure_ascii=False))
        return
    click.echo(f"accuracy  {report.accuracy:.4f}  ({report.right}/{report.total})")
    click.echo(f"out_of_scope recall  {report.out_of_scope_recall:.4f}")
    click.echo(f"real requests refused  {report.refused:.4f}")
    for name, (right, total) in report.slots.items():
        click.echo(f"slot {name}  {right / total if total else 1:.4f}  ({right}/{total})")
    for name, value in report.f1.items():
        click.echo(f"f1 {name}  {value:.4f}")
    for meant, taken, text in report.confusions:
        click.echo(f"{meant} -> {taken}  {text}")
