"""Every refusal has its sentence, and every sentence its refusal."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from services import errors
from services.rules.sentences import SENTENCES

ROOT = Path(__file__).resolve().parents[2]
REFUSALS = {name for name, kind in vars(errors).items()
            if isinstance(kind, type) and issubclass(kind, errors.DomainError)}


def _sources() -> Iterator[tuple[Path, ast.Module]]:
    for folder in ("services", "app"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield path, ast.parse(path.read_text())


def _words(node: ast.expr) -> Iterator[str]:
    """The string constants an expression may turn out to be."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _words(node.body)
        yield from _words(node.orelse)


def _raised() -> Iterator[tuple[str, str]]:
    """(place, code) of every refusal and field problem written in the program."""
    for path, tree in _sources():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if name not in REFUSALS:
                continue
            place = f"{path.relative_to(ROOT)}:{node.lineno}"
            found = [word for arg in node.args[:1] for word in _words(arg)]
            for keyword in node.keywords:
                if keyword.arg == "fields" and isinstance(keyword.value, ast.Dict):
                    found += [word for value in keyword.value.values for word in _words(value)]
            yield from ((place, word) for word in found)


def test_every_code_a_refusal_is_raised_with_has_a_sentence() -> None:
    raised = list(_raised())
    assert len(raised) > 150
    assert sorted({f"{place} {code}" for place, code in raised if code not in SENTENCES}) == []


def test_every_sentence_is_said_somewhere() -> None:
    used = {node.value for path, tree in _sources() if path.name != "sentences.py"
            for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert sorted(set(SENTENCES) - used) == []


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_a_sentence_speaks_chinese_and_keeps_codes_to_itself(code: str) -> None:
    sentence = SENTENCES[code]
    assert re.search(r"[\u4e00-\u9fff]", sentence)
    assert code not in sentence
    assert re.fullmatch(r"[a-z0-9_]+", code)


def test_every_refusal_brings_the_data_its_sentence_needs() -> None:
    missing = []
    for path, tree in _sources():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS):
                continue
            given = {keyword.arg for keyword in node.keywords}
            for code in (word for arg in node.args[:1] for word in _words(arg) if word in SENTENCES):
                needed = {name for _, name, _, _ in Formatter().parse(SENTENCES[code]) if name}
                if not needed <= given:
                    missing.append(f"{path.relative_to(ROOT)}:{node.lineno} {code} {needed - given}")
    assert missing == []


def test_a_field_problem_is_told_as_a_sentence() -> None:
    refused = errors.Invalid("phone_invalid", fields={"phone": "phone_invalid"})
    assert refused.fields == {"phone": SENTENCES["phone_invalid"]}
    assert refused.message == SENTENCES["phone_invalid"]
