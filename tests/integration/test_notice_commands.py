"""`flask notices send` and `flask wechat check-fields` on a real installation."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result

from app import create_app
from app.program import Program
from models.deputies import DeputyGroup
from models.identity import Staff
from models.notices import Notice
from services.context import Actor
from tests.factories import World
from tests.integration.conftest import Product, Sandbox, Town
from tests.integration.test_platform import CALLBACK, Deputy, stored

Run = Callable[..., Result]


@pytest.fixture
def command(program: Program) -> Run:
    def run(*arguments: str, typed: str = "") -> Result:
        return create_app(program=program).test_cli_runner().invoke(args=list(arguments), input=typed)

    return run


def told(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.output.splitlines()]


@pytest.fixture
def group(town: Town) -> DeputyGroup:
    def make(world: World) -> DeputyGroup:
        world.staff()
        return world.group(world.deputy(), world.deputy())

    found = town.build(make)
    assert isinstance(found, DeputyGroup)
    return found


def group_of(town: Town, deputy: Deputy) -> DeputyGroup:
    found = town.build(lambda world: world.group(Actor(kind="account", person_id=deputy.person_id)))
    assert isinstance(found, DeputyGroup)
    return found


def send(command: Run, to: str, *more: str) -> Result:
    return command("notices", "send", "--to", to, "--title", "防汛值班", "--body", "今晚到岗。", *more)


def test_a_script_sends_to_a_group_by_name_and_waits_for_everybodys_final_state(
        command: Run, program: Program, group: DeputyGroup) -> None:
    sent, final = told(send(command, group.name, "--wait"))
    (notice,) = stored(program, Notice)
    assert sent == {"campaign": notice.id, "state": "sent", "people": 2}
    assert final == {"campaign": notice.id, "final": True, "counts": {"unreachable": 2}}


def test_what_a_script_sends_reaches_the_phone_and_is_counted_as_delivered(
        command: Run, product: Product, sandbox: Sandbox, town: Town, templates: None) -> None:
    deputy = Deputy(product, sandbox, town, "13900000001")
    deputy.accept()
    group = group_of(town, deputy)
    send(command, str(group.id))
    product.drain()
    product.wait_for(CALLBACK, 2)
    product.drain()
    assert deputy.delivery.state == "delivered"


def test_a_script_that_cannot_wait_any_longer_says_so(
        command: Run, product: Product, sandbox: Sandbox, town: Town, templates: None) -> None:
    deputy = Deputy(product, sandbox, town, "13900000001")
    deputy.accept()
    group = group_of(town, deputy)
    result = send(command, str(group.id), "--wait", "--timeout", "0")
    assert result.exit_code == 3
    assert told(result)[1]["final"] is False


def test_a_script_writes_in_the_name_of_the_regions_clerk_or_of_the_login_it_names(
        command: Run, program: Program, group: DeputyGroup, town: Town) -> None:
    named = town.build(lambda world: world.staff("township_chair"))
    send(command, str(group.id))
    login = next(row.login for row in stored(program, Staff) if row.id == named.staff_id)
    send(command, str(group.id), "--as", login)
    authors = [row.created_by for row in stored(program, Notice)]
    assert [row.role for author in authors for row in stored(program, Staff) if row.id == author] == [
        "township_clerk", "township_chair"]


def test_a_group_without_a_clerk_is_written_to_by_the_office_above(
        command: Run, program: Program, town: Town) -> None:
    def make(world: World) -> DeputyGroup:
        world.staff("county_office", region=world.county)
        return world.group(world.deputy())

    group = town.build(make)
    assert send(command, str(group.id)).exit_code == 0
    assert [row.role for row in stored(program, Staff)] == ["county_office"]


@pytest.mark.parametrize(("to", "more", "words"), [
    ("没有的小组", (), "没有这个小组"), ("999999", (), "没有这个小组"), ("group", ("--as", "nobody"), "没有找到可以署名")])
def test_a_script_is_refused_in_words_and_leaves_no_draft(
        command: Run, program: Program, group: DeputyGroup, to: str, more: tuple[str, ...], words: str) -> None:
    result = send(command, str(group.id) if to == "group" else to, *more)
    assert result.exit_code == 1
    assert words in result.output
    assert stored(program, Notice) == []


def test_a_name_of_groups_in_two_regions_asks_for_the_number(command: Run, group: DeputyGroup, town: Town) -> None:
    other = town.build(lambda world: world.group(region=world.other_township, name=group.name))
    result = send(command, group.name)
    assert result.exit_code == 1
    assert f"{group.id}、{other.id}" in result.output


def test_a_field_comes_back_with_null_or_with_what_the_platform_minds(command: Run) -> None:
    line = json.dumps({"thing1": "关于召开人大代表会议的通知", "time2": "2026年1月5日 09:00", "phrase3": "ok",
                       "thing4": "字" * 21, "thing5": "", "number6": 3, "unheard7": "x", "thing8": "上\n下"})
    (answer,) = told(command("wechat", "check-fields", typed=line + "\n"))
    assert {name: reason and reason.split("：")[0] for name, reason in answer.items()} == {
        "thing1": None, "time2": None, "phrase3": "characters", "thing4": "too_long", "thing5": "empty",
        "number6": "not_text", "unheard7": "unknown_kind", "thing8": "characters"}


def test_a_line_that_holds_no_fields_ends_the_check_with_its_number(command: Run) -> None:
    result = command("wechat", "check-fields", typed='{"thing1": "好"}\n[1]\n')
    assert result.exit_code == 2
    assert "第2行" in result.output
