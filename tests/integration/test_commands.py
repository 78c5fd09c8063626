"""`flask --app wsgi …` on a real installation."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import create_app
from app.program import Program
from models import append_only
from models.assistant import ChatLine
from models.audit import AuditRow
from models.comments import Opinion
from models.deputies import Person
from models.identity import Account, Staff
from models.outbox import OutboxMessage
from models.points import PointEntry
from services import assistant, points
from services.field_encryption import FieldCipher
from services.identity import PHONE
from tests.conftest import FIELD_KEYS
from tests.fakes import FrozenClock
from tests.integration.conftest import Sandbox, Town

Run = Callable[..., Result]


@pytest.fixture
def command(program: Program) -> Run:
    """Run a command as a fresh process would."""

    def run(*arguments: str, on: Program = program, typed: str = "") -> Result:
        return create_app(program=on).test_cli_runner().invoke(args=list(arguments), input=typed)

    return run


def stored(program: Program, model: type) -> list[Any]:
    with Session(program.engine) as session:
        return list(session.scalars(select(model)))


def count(program: Program, model: type) -> int:
    with Session(program.engine) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def test_the_models_have_not_drifted_from_the_migrations(command: Run) -> None:
    assert command("db", "check").exit_code == 0


def test_a_missing_column_is_drift(command: Run, program: Program) -> None:
    with program.engine.begin() as connection:
        connection.execute(text("ALTER TABLE stations RENAME COLUMN fence_m TO fence_metres"))
    assert command("db", "check").exit_code != 0


def test_upgrading_an_up_to_date_database_changes_nothing(command: Run) -> None:
    assert command("db", "upgrade").exit_code == 0
    assert command("db", "check").exit_code == 0


# --- keys -------------------------------------------------------------------------------------------


def test_new_keys_are_good_for_an_installation(command: Run) -> None:
    drawn = [dict(line.split("=", 1) for line in command("keys", "new").output.splitlines()) for _ in range(2)]
    assert drawn[0]["SECRET_KEY"] != drawn[1]["SECRET_KEY"]
    cipher = FieldCipher.from_text(drawn[0]["FIELD_KEYS"])
    assert cipher.open(cipher.seal("13800000000", PHONE), PHONE) == "13800000000"


def test_rotation_seals_every_field_with_the_new_key_and_may_be_repeated(
        command: Run, program: Program, town: Town) -> None:
    for _ in range(3):
        town.build(lambda world: world.create_person().id)
    first = FIELD_KEYS.split(",")[0].replace("k1:", "k2:")[:-8] + "AAAAAAA="
    both = FieldCipher.from_text(f"{first},{FIELD_KEYS}")
    rotated = replace(program, gateways=replace(program.gateways, cipher=both))
    for _ in range(2):
        assert command("keys", "rotate", "--batch", "2", on=rotated).exit_code == 0
    sealed = [person.phone_cipher for person in stored(program, Person)]
    assert {cipher.split(".")[1] for cipher in sealed} == {"k2"}
    assert {both.open(cipher, PHONE)[:3] for cipher in sealed} == {"138"}


# --- audit ------------------------------------------------------------------------------------------


def test_a_whole_chain_is_called_whole(command: Run, town: Town) -> None:
    town.build(lambda world: world.create_station().id)
    verified = command("audit", "verify")
    assert (verified.exit_code, "whole" in verified.output) == (0, True)


def test_a_changed_line_breaks_the_chain_where_it_is(command: Run, program: Program, town: Town) -> None:
    town.build(lambda world: world.create_station().id)
    last = stored(program, AuditRow)[-1]
    with program.engine.begin() as connection:
        # What somebody with the database's own password could do.
        append_only.unprotect(connection, "audit_rows")
        connection.execute(update(AuditRow).where(AuditRow.id == last.id).values(actor="staff:999"))
    verified = command("audit", "verify")
    assert (verified.exit_code, f":{last.seq}" in verified.output.partition("broken at")[2]) == (1, True)


def test_a_line_cannot_be_changed_from_the_program(program: Program, town: Town) -> None:
    town.build(lambda world: world.create_station().id)
    with pytest.raises(DBAPIError, match="append-only"), program.engine.begin() as connection:
        connection.execute(update(AuditRow).values(actor="staff:999"))


# --- outbox -----------------------------------------------------------------------------------------


def test_waiting_work_is_told_and_drained(command: Run, program: Program, town: Town) -> None:
    town.build(lambda world: world.opinion(world.resident()).number)
    assert command("outbox", "status").output.startswith("pending 1, dead 0")
    assert command("outbox", "drain").output.strip() == "1"
    assert command("outbox", "status").output.startswith("pending 0, dead 0")


def test_abandoned_work_is_revived(command: Run, program: Program, town: Town, clock: FrozenClock) -> None:
    town.build(lambda world: world.opinion(world.resident()).number)
    with program.engine.begin() as connection:
        connection.execute(update(OutboxMessage).values(state="dead", attempts=8))
    assert command("outbox", "status").output.startswith("pending 0, dead 1")
    assert command("outbox", "revive").output.strip() == "1"
    clock.moment += timedelta(seconds=1)
    assert command("outbox", "drain").output.strip() == "1"
    assert [row.state for row in stored(program, OutboxMessage)] == ["done"]


# --- retention --------------------------------------------------------------------------------------


def test_what_is_over_is_told_and_then_acted_on(command: Run, program: Program, town: Town, clock: FrozenClock) -> None:
    town.build(lambda world: assistant.answer(world.ctx_of(world.resident()), text="帮助", channel="chat")[0].id)
    clock.moment += timedelta(days=181)
    preview = command("retention", "preview")
    assert (preview.exit_code, "       2  chat_lines" in preview.output) == (0, True), preview.output
    assert count(program, ChatLine) == 2
    first, second = command("retention", "run"), command("retention", "run")
    assert (first.exit_code, "共处理 2" in first.output) == (0, True), first.output
    assert (second.exit_code, "共处理 0" in second.output) == (0, True)
    assert count(program, ChatLine) == 0
    assert command("audit", "verify").exit_code == 0


# --- demo -------------------------------------------------------------------------------------------


def test_the_demo_county_is_loaded_once(command: Run, program: Program) -> None:
    first = command("demo", "load")
    assert (first.exit_code, first.output.strip()) == (0, "loaded"), first.exception
    figures = {model: count(program, model) for model in (Person, Opinion, Account, Staff, AuditRow)}
    assert all(figures.values())
    assert command("demo", "load").output.strip() == "already there"
    assert {model: count(program, model) for model in figures} == figures
    assert command("audit", "verify").exit_code == 0


def test_demo_data_is_refused_in_production(command: Run, program: Program) -> None:
    production = replace(program, settings=replace(program.settings, stage="production"))
    refused = command("demo", "load", on=production)
    assert (refused.exit_code, "演示数据只能用于开发环境" in refused.output) == (1, True)
    assert count(program, Person) == 0


def test_the_demo_log_ins_are_printed(command: Run) -> None:
    printed = command("demo", "logins")
    assert (printed.exit_code, "clerk" in printed.output) == (0, True)


# --- the rest ---------------------------------------------------------------------------------------


def test_the_description_of_the_api_is_written(command: Run, tmp_path: Path) -> None:
    target = tmp_path / "openapi.json"
    assert command("openapi", str(target)).exit_code == 0
    assert json.loads(target.read_text(encoding="utf-8"))["openapi"].startswith("3.1")


def test_the_first_administrator_is_made_by_command(command: Run, program: Program, town: Town) -> None:
    town.build(lambda world: world.county.id)
    made = command("staff", "create", "root", "--name", "管理员", "--role", "admin", "--region", "990101",
                   typed="a-long-password\na-long-password\n")
    assert (made.exit_code, "动态验证密钥" in made.output) == (0, True), made.output
    assert "root" in {row.login for row in stored(program, Staff)}


def test_a_password_that_is_too_short_is_refused_in_words(command: Run, program: Program, town: Town) -> None:
    town.build(lambda world: world.county.id)
    refused = command("staff", "create", "root", "--name", "管理员", "--role", "admin", "--region", "990101",
                      typed="short\nshort\n")
    assert refused.exit_code != 0
    assert "Traceback" not in refused.output
    assert "root" not in {row.login for row in stored(program, Staff)}


def test_the_doctor_finds_a_connected_installation_well(command: Run, sandbox: Sandbox) -> None:
    healthy = command("wechat", "doctor")
    assert (healthy.exit_code, "全部正常" in healthy.output) == (0, True), healthy.output


def test_the_doctor_names_a_wrong_secret(command: Run, program: Program) -> None:
    wrong = replace(program.settings, mini=replace(program.settings.mini, secret="wrong-secret"))
    ill = command("wechat", "doctor", on=replace(program, settings=wrong))
    assert (ill.exit_code, "40125" in ill.output) == (1, True)
    assert "wrong-secret" not in ill.output


def test_the_doctor_names_a_template_that_is_not_there(command: Run, program: Program) -> None:
    wrong = replace(program.settings, notice_template="tmpl-gone")
    ill = command("wechat", "doctor", on=replace(program, settings=wrong))
    assert (ill.exit_code, "WECHAT_TEMPLATE_NOTICE" in ill.output) == (1, True)


def test_a_fresh_county_is_set_up_by_commands_alone(command: Run, tmp_path: Path) -> None:
    table = tmp_path / "regions.csv"
    table.write_text("code,name,level,parent_code\n880101,乙县,county,\n880101101,丙镇,township,880101\n", encoding="utf-8")
    assert command("regions", "load", str(table)).exit_code == 0
    assert command("points", "install", "880101", "2026-1", "--from", "2026-01-01").exit_code == 0
    made = command("staff", "create", "root", "--name", "管理员", "--role", "admin", "--region", "880101",
                   "--password", "a-long-password")
    assert (made.exit_code, "密钥" in made.output) == (0, True)


def test_an_unknown_region_is_told_in_a_sentence(command: Run) -> None:
    answer = command("points", "install", "999999", "2026-1", "--from", "2026-01-01")
    assert (answer.exit_code, "没有找到这个地区" in answer.output) == (1, True)


# --- points -----------------------------------------------------------------------------------------


def test_a_simulation_prints_one_object_and_touches_no_data(command: Run, program: Program) -> None:
    told = command("points", "simulate", typed='{"item": "C1", "on": "2026-03-02", "times": 7}\n')
    assert told.exit_code == 0
    found = json.loads(told.stdout)
    assert list(found) == ["total", "blocks", "grade", "entries"]
    assert (found["total"], found["entries"]) == (
        12.0, [{"item": "C1", "on": "2026-03-02", "points": 12.0, "cut_by": "item"}])
    assert count(program, PointEntry) == 0


@pytest.mark.parametrize("typed", [b'{"item": "C1", "on": "2026-03-02"}\n{"item": "Z1"}', b"\xff\xfe"])
def test_a_simulation_that_cannot_be_read_says_why_on_stderr(command: Run, tmp_path: Path, typed: bytes) -> None:
    path = tmp_path / "acts.jsonl"
    path.write_bytes(typed)
    told = command("points", "simulate", str(path))
    assert (told.exit_code, told.stdout) == (2, "")
    assert told.stderr.startswith(("第2行：item", "输入不是 UTF-8 文字"))


def test_a_rebuild_tells_what_the_rules_do_not_give_and_levels_it(command: Run, program: Program, town: Town) -> None:
    entry = town.build(lambda world: points.post(
        world.system, person_id=world.deputy().person_id or 0, item_code="C1", cause="act:1",
        occurred_on=world.system.today)[0].id)
    assert (checked := command("points", "rebuild", "--check")).exit_code == 0
    assert checked.output == "1 entries, 1 totals, 0 differences\n"
    with program.engine.begin() as connection:
        # What somebody with the database's own password could do.
        append_only.unprotect(connection, "point_entries")
        connection.execute(update(PointEntry).where(PointEntry.id == entry).values(amount_half=99))
        append_only.protect(connection, "point_entries")
    checked = command("points", "rebuild", "--check")
    assert (checked.exit_code, f"entry {entry} C1 posted 49.5, due 2" in checked.output) == (1, True)
    assert checked.output.endswith("1 entries, 1 totals, 1 differences\n")
    assert command("points", "rebuild").exit_code == 0
    assert command("points", "rebuild", "--check").output == "2 entries, 1 totals, 0 differences\n"
