"""What holds by the shape of the code: certificates, session keys, clocks, singletons, and libraries that get people banned."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ADAPTER = sorted((ROOT / "wechat").glob("*.py"))
#: They log in as a person, which the platform answers by banning that person.
PERSONAL_ACCOUNT_LIBRARIES = ("itchat", "wxpy", "wechat4u", "wechaty", "ntchat", "wcferry", "pywechat", "wxauto", "werobot_wx")
#: One of each process would be one of all counties.
MADE_BY_THE_WIRING = {
    "Account", "AccountConfig", "GroupRobot", "KeyedLock", "MemoryRateGate", "MemoryTokenStore", "MiniProgram",
    "OfficialAccount", "RedisRateGate", "RedisTokenStore", "SharedValues", "TokenProvider", "Transport", "WeCom",
}


def code_of(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from (path for path in sorted((ROOT / folder).rglob("*.py")) if "node_modules" not in path.parts)


def calls_in(tree: ast.AST) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


@pytest.mark.requirement(16)
def test_nowhere_can_certificates_be_left_unchecked() -> None:
    loose = re.compile(r"CERT_NONE|verify\s*=\s*False|assert_hostname|disable_warnings|_create_unverified_context")
    found = [str(path.relative_to(ROOT)) for path in code_of("wechat", "app", "services") if loose.search(path.read_text())]
    assert found == []


@pytest.mark.requirement(22)
def test_session_key_leaves_the_adapter_in_no_form() -> None:
    texts = [*code_of("app", "services", "models"), ROOT / "docs" / "openapi.json"]
    texts += [path for path in (ROOT / "miniprogram" / "src").rglob("*") if path.suffix in (".ts", ".vue")]
    assert [str(path.relative_to(ROOT)) for path in texts if "session_key" in path.read_text()] == []


@pytest.mark.requirement(22)
def test_session_key_is_known_to_few_modules_of_the_adapter() -> None:
    knowing = {path.name for path in ADAPTER if "session_key" in path.read_text()}
    assert knowing == {"login.py", "user_data.py"}


@pytest.mark.requirement(58)
def test_nothing_logs_in_as_a_person() -> None:
    names = "|".join(PERSONAL_ACCOUNT_LIBRARIES)
    imports = re.compile(rf"^\s*(?:from|import)\s+(?:{names})\b", re.MULTILINE)
    found = [path.name for path in code_of("app", "services", "models", "wechat") if imports.search(path.read_text())]
    locked = re.findall(rf"^(?:{names})==", (ROOT / "requirements-dev.txt").read_text(), re.MULTILINE | re.IGNORECASE)
    assert (found, locked) == ([], [])


@pytest.mark.requirement(71)
def test_foreign_libraries_stay_behind_the_adapter() -> None:
    """wechatpy parses and renders; nothing of it, or of an HTTP library, stands in a signature."""
    users = {path.name for path in ADAPTER if "wechatpy" in path.read_text().partition('"""\n')[2]}
    assert users == {"inbound.py", "replies.py"}
    assert [path.name for path in ADAPTER if re.search(r"^(?:import|from) (?:requests|httpx)\b", path.read_text(), re.MULTILINE)] == []
    for path in ADAPTER:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and path.name != "body_limit.py":
                signature = ast.unparse(node.args) + ast.unparse(node.returns or ast.Constant(None))
                assert not re.search(r"wechatpy|requests\.|urllib3|httpx", signature), (path.name, node.name)


@pytest.mark.requirement(73)
def test_nothing_of_an_account_lives_in_a_module() -> None:
    shared = []
    for path in ADAPTER:
        tree = ast.parse(path.read_text())
        shared += [path.name for node in ast.walk(tree) if isinstance(node, ast.Global)]
        for statement in tree.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and calls_in(statement) & MADE_BY_THE_WIRING:
                shared.append(f"{path.name}:{statement.lineno}")
    assert shared == []


@pytest.mark.requirement(74)
def test_only_the_clock_tells_the_time() -> None:
    told = {"datetime.now", "datetime.utcnow", "time.time", "date.today", "datetime.today", "time.time_ns"}
    found = [path.name for path in ADAPTER if path.name != "clock.py" and calls_in(ast.parse(path.read_text())) & told]
    assert found == []


@pytest.mark.requirement(74)
def test_every_moment_of_the_platform_becomes_utc() -> None:
    for path in ADAPTER:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "datetime.fromtimestamp":
                assert ast.unparse(node.args[1]) == "UTC", path.name
