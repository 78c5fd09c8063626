"""flask comments: what the program reads in opinions and how its clocks run; no row is touched."""

from datetime import datetime
from typing import Annotated, Any

import click
from flask.cli import AppGroup
from pydantic import AwareDatetime, BaseModel, Field, StrictInt, model_validator

from app.cli.json_lines import answer_lines
from services.opinion_language import evaluation
from services.opinion_language.classifier import read_opinion
from services.opinion_language.similarity import same_matter
from services.rules import clocks

comments_group = AppGroup("comments", help="Residents' opinions.")

Words = Annotated[str, Field(min_length=1, max_length=5000)]


class PairLine(BaseModel):
    """Two opinions of one village."""

    a: Words
    b: Words


class TextLine(BaseModel):
    text: Words


class ClockLine(BaseModel):
    start: AwareDatetime
    days: Annotated[StrictInt, Field(ge=0)]
    unit: clocks.Unit

    @model_validator(mode="after")
    def _stay_in_the_calendar(self) -> "ClockLine":
        if self.days > clocks.MAX_LENGTH[self.unit]:
            raise ValueError("too long")
        return self


@comments_group.command("similar")
def similar_lines() -> None:
    """Whether two opinions are about the same thing: JSON lines in, JSON lines out."""
    answer_lines(PairLine, _similar)


def _similar(line: PairLine) -> dict[str, Any]:
    same, score = same_matter(line.a, line.b)
    return {"same": same, "score": score}


@comments_group.command("classify")
def classify_lines() -> None:
    """Category, urgency and other doors of a text: JSON lines in, JSON lines out."""
    answer_lines(TextLine, _classify)


def _classify(line: TextLine) -> dict[str, Any]:
    reading = read_opinion(line.text)
    return {"category": reading.category, "urgent": reading.is_urgent, "out_of_scope": reading.beyond,
            "confidence": reading.confidence}


@comments_group.command("deadline")
def deadline_lines() -> None:
    """The end of a period by the national calendar: JSON lines in, JSON lines out."""
    answer_lines(ClockLine, _deadline)


def _deadline(line: ClockLine) -> dict[str, Any]:
    start: datetime = line.start
    return {"due": clocks.period_end(start, line.days, line.unit, {}).isoformat()}


@comments_group.command("evaluate")
def evaluate() -> None:
    """Accuracy on examples that the model under test has not seen."""
    for line in evaluation.report():
        click.echo(line)
