"""Commands that answer JSON lines with JSON lines, in order."""

import json
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

import click
from pydantic import BaseModel, ValidationError

from services.rules.ballot_record import without_doubles
from services.rules.counts import BadCount
from services.rules.sentences import SENTENCES

Line = TypeVar("Line", bound=BaseModel)


def answer_lines(shape: type[Line], rule: Callable[[Line], dict[str, Any]],
                 check: Callable[[Line], None] | None = None) -> None:
    """Answer each line; the first that cannot be answered ends the command with 2 and its number.

    `check` may doubt a line that has an answer: the doubt is told beside it, and the work goes on.
    """
    for number, text in enumerate(sys.stdin.buffer, start=1):
        if not text.strip():
            continue
        try:
            line = shape.model_validate(_object(text))
            answer = rule(line)
        except (ValidationError, BadCount) as error:
            click.echo(f"第{number}行：{_sentence(error)}", err=True)
            sys.exit(2)
        click.echo(json.dumps(answer, ensure_ascii=False))
        try:
            if check is not None:
                check(line)
        except BadCount as doubt:
            click.echo(f"第{number}行：请复核，{doubt.sentence}", err=True)


def _object(text: bytes) -> Any:
    """The JSON value of a line, decimals exact; a name that stands twice is a slip and not the last of the two."""
    try:
        return json.loads(text.decode(), object_pairs_hook=without_doubles, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise BadCount("line_not_an_object") from error


def _sentence(error: ValidationError | BadCount) -> str:
    if isinstance(error, BadCount):
        return error.sentence
    first = error.errors()[0]
    if first["type"] == "model_type":
        return SENTENCES["line_not_an_object"]
    code = "field_required" if first["type"] == "missing" else "field_invalid"
    return f"{'.'.join(map(str, first['loc']))}：{SENTENCES[code]}"
