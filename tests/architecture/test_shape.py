"""The shape of the house: who looks where, what every route and job declares, and how large things may grow."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.http.access import LEVELS
from app.jobs.handlers import HANDLERS
from app.jobs.schedule import SCHEDULE
from app.program import Program
from models import migrate
from services.rules.permissions import ROLE_PERMISSIONS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "services", "models", "wechat")
#: Stems of ARCHITECTURE section 2 that exist, with the files that stand elsewhere or are not needed.
STEMS = {
    "identity": (), "regions": (), "deputies": (), "stations": (), "checkin": (), "duties": (), "points": (),
    "comments": (), "notices": (), "assistant": (), "media": (),
    "projects": (), "ballots": (),
}
NOT_NEEDED = {
    "reports": "reads the books of the others: no table of its own; its page is app/api/home.py",
    "audit": "written by every service, read in the console: no API",
}
MAX_FUNCTION, MAX_FILE = 60, 600
#: Tests whose failure is an exception of what they call: drift, a wrong schema, a broken talk.
FAIL_BY_RAISING = {
    "test_a_filled_database_goes_down_to_nothing_and_up_again", "test_upgrading_twice_changes_nothing",
    "test_the_envelope_is_the_one_of_the_contract",
    "test_every_scheduled_job_may_run_twice", "test_every_described_object_is_a_schema",
    "test_typing_to_someone_idle_is_harmless",
}


def _python(*folders: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "node_modules" not in path.parts and "versions" not in path.parts:
                yield path


def _place(path: Path, node: ast.AST | None = None) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))


# --- imports ----------------------------------------------------------------------------------------


def test_the_import_contracts_hold() -> None:
    done = subprocess.run([str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=ROOT, check=False,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


# --- routes -----------------------------------------------------------------------------------------


@pytest.fixture
def app(program: Program) -> Flask:
    from app import create_app

    return create_app(program=program)


def test_every_route_declares_who_may_use_it(app: Flask) -> None:
    known = set(LEVELS) | set().union(*ROLE_PERMISSIONS.values())
    silent = [endpoint for endpoint, view in app.view_functions.items()
              if not endpoint.endswith("static") and getattr(view, "access", None) not in known]
    assert silent == []


def test_every_write_of_the_console_asks_more_than_to_be_staff(app: Flask) -> None:
    loose = {rule.rule for rule in app.url_map.iter_rules()
             if rule.rule.startswith("/console") and "POST" in (rule.methods or set())
             and getattr(app.view_functions[rule.endpoint], "access", "") in ("public", "account", "deputy")}
    assert {rule for rule in loose if not re.search(r"sign|login", rule)} == set()


# --- transactions and time --------------------------------------------------------------------------


def test_nothing_below_the_application_commits() -> None:
    found = [_place(path, call) for path in _python("services", "models") for call in _calls(path)
             if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"]
    assert found == []


def test_no_moment_is_naive() -> None:
    found = []
    for path in _python(*PACKAGES, "tests"):
        for call in _calls(path):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
            is_naive_now = name == "now" and owner.endswith("datetime") and not call.args and not call.keywords
            is_naive_from = name == "fromtimestamp" and owner.endswith("datetime") and len(call.args) < 2
            if is_naive_now or is_naive_from or name in ("utcnow", "utcfromtimestamp"):
                found.append(_place(path, call))
    assert found == []


def test_only_the_clock_of_the_program_tells_the_time_to_services() -> None:
    found = [_place(path, call) for path in _python("services")
             if path.name not in ("context.py", "demo.py") for call in _calls(path)
             if ast.unparse(call.func) in ("datetime.now", "date.today", "time.time", "utc_now")]
    assert found == []


# --- stems ------------------------------------------------------------------------------------------


def _exists(*candidates: str) -> bool:
    return any((ROOT / candidate).exists() for candidate in candidates)


@pytest.mark.parametrize("stem", sorted(STEMS))
def test_a_stem_has_its_model_service_api_and_test(stem: str) -> None:
    missing = [kind for kind, candidates in {
        "model": (f"models/{stem}.py",), "service": (f"services/{stem}.py", f"services/{stem}/__init__.py"),
        "api": (f"app/api/{stem}.py",), "test": (f"tests/services/test_{stem}.py",)}.items()
        if not _exists(*candidates)]
    assert missing == []


def test_every_module_of_the_services_has_its_test() -> None:
    #: context, errors and ports are types; demo is proved by its command; sentences and rules by tests/unit.
    without = {"context", "errors", "ports", "demo", "field_encryption"}
    stems = ({path.stem for path in (ROOT / "services").glob("*.py")}
             | {path.parent.name for path in (ROOT / "services").glob("*/__init__.py")})
    missing = sorted(stem for stem in stems - without - {"__init__", "rules"}
                     if not _exists(f"tests/services/test_{stem}.py"))
    assert missing == []


@pytest.mark.parametrize("stem", ["comments", "suggestions"])
def test_every_part_of_a_life_has_its_test(stem: str) -> None:
    parts = {path.stem for path in (ROOT / "services" / stem).glob("*.py")} - {"__init__"}
    #: the moves are what all of them, and the whole life, are tested by
    missing = sorted(part for part in parts - {"moves"} if not _exists(f"tests/services/test_{stem}_{part}.py"))
    assert missing == []


def test_every_rule_has_its_test() -> None:
    stems = {path.stem for path in (ROOT / "services" / "rules").glob("*.py")} - {"__init__", "privacy"}
    assert sorted(stem for stem in stems if not _exists(f"tests/unit/test_{stem}.py")) == []


def test_the_exceptions_are_real() -> None:
    assert all(not _exists(f"models/{stem}.py") or stem == "audit" for stem in NOT_NEEDED)
    assert all(not _exists(f"app/api/{stem}.py") for stem in NOT_NEEDED)


# --- migrations, jobs -------------------------------------------------------------------------------


def test_the_migrations_have_one_head() -> None:
    assert len(migrate.heads()) == 1


def test_every_published_topic_has_a_handler_and_every_handler_a_publisher() -> None:
    topics = {call.args[1].value for path in _python("app", "services") for call in _calls(path)
              if ast.unparse(call.func) == "outbox.publish" and len(call.args) > 1
              and isinstance(call.args[1], ast.Constant)}
    assert topics == set(HANDLERS)


def test_every_topic_is_published_by_name() -> None:
    found = [_place(path, call) for path in _python("app", "services") for call in _calls(path)
             if ast.unparse(call.func) == "outbox.publish" and not isinstance(call.args[1], ast.Constant)]
    assert found == []


def test_handlers_take_the_program_and_ids_by_name() -> None:
    for topic, handler in HANDLERS.items():
        names = handler.__code__.co_varnames[:handler.__code__.co_argcount + handler.__code__.co_kwonlyargcount]
        assert names[0] == "program", topic
        assert all(name.endswith("_id") for name in names[1:]), topic


def test_every_scheduled_job_is_callable_with_a_name_of_its_own() -> None:
    assert all(callable(job.run) and job.every.total_seconds() >= 60 for job in SCHEDULE)
    assert len({job.name for job in SCHEDULE}) == len(SCHEDULE)


# --- sizes ------------------------------------------------------------------------------------------


def _functions() -> Iterator[tuple[int, str]]:
    for path in _python(*PACKAGES):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield (node.end_lineno or node.lineno) - node.lineno + 1, f"{_place(path, node)} {node.name}"


def test_no_function_is_longer_than_sixty_lines() -> None:
    worst = sorted(_functions(), reverse=True)[:5]
    assert worst[0][0] <= MAX_FUNCTION, worst


def test_no_file_is_longer_than_six_hundred_lines() -> None:
    worst = sorted(((len(path.read_text().splitlines()), _place(path)) for path in _python(*PACKAGES)),
                   reverse=True)[:5]
    assert worst[0][0] <= MAX_FILE, worst


# --- tests ------------------------------------------------------------------------------------------


def _test_files() -> Iterator[Path]:
    return (path for path in _python("tests") if path.name.startswith("test_"))


def test_every_test_shaped_function_is_collected() -> None:
    """A function of a test file that nobody calls and pytest does not collect would never run."""
    lost = []
    for path in _test_files():
        tree = ast.parse(path.read_text())
        used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        lost += [f"{_place(path, node)} {node.name}" for node in tree.body
                 if isinstance(node, ast.FunctionDef) and not node.name.startswith("test_")
                 and node.name not in used and not node.decorator_list]
    assert lost == []


def test_no_two_tests_of_a_file_share_a_name() -> None:
    doubled = []
    for path in _test_files():
        names = [node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
        doubled += [f"{_place(path)} {name}" for name in set(names) if names.count(name) > 1]
    assert doubled == []


def test_every_test_can_fail() -> None:
    """Each asserts something, or expects a refusal, itself or through a helper of its file."""
    silent = []
    for path in _test_files():
        tree = ast.parse(path.read_text())
        proving = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and _proves(node, set())}
        silent += [f"{_place(path, node)} {node.name}" for node in ast.walk(tree)
                   if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
                   and not _proves(node, proving)]
    assert sorted(line for line in silent if line.split()[-1] not in FAIL_BY_RAISING) == []


def _proves(function: ast.FunctionDef, helpers: set[str]) -> bool:
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name == "pytest.raises" or name.split(".")[-1] in helpers or "validate" in name or "expect" in name:
                return True
    return False


def test_no_test_patches_our_own_code() -> None:
    banned = re.compile(r"unittest\.mock|mocker\b|monkeypatch\.setattr")
    found = [_place(path) for path in _python("tests") if "wechat" not in path.parts and path != Path(__file__)
             and banned.search(path.read_text())]
    assert found == []


def test_no_test_sleeps() -> None:
    found = [_place(path, call) for path in _python("tests")
             if not {"browser", "bench"} & set(path.parts) for call in _calls(path) if ast.unparse(call.func) in ("time.sleep", "sleep")]
    assert found == []
