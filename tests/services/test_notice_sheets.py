"""Sheets of a notice: whom to call, and what became of each delivery."""

import io

import pytest
from python_calamine import CalamineWorkbook

from services import notice_reading, notice_sheets, notices
from services.errors import Forbidden
from tests.factories import World
from tests.services.reachable import create_deputy, send_one


def _rows(content: bytes) -> list[list[object]]:
    return list(CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python())


def test_the_call_list_names_whom_nothing_reached_with_a_masked_number(world: World) -> None:
    create_deputy(world)
    world.create_person(name="=未登录", phone="13912345678")
    notice = send_one(world)
    rows = _rows(notice_sheets.build_call_sheet(world.ctx_of(world.staff()), notice))
    assert rows[0][0] == "小组会议"
    assert rows[2:] == [["=未登录", "139****5678", "未登录过小程序", ""]]


def test_the_results_have_one_row_a_person_with_the_reason_and_the_answer(world: World) -> None:
    deputy = create_deputy(world)
    world.create_person(name="未登录")
    notice = send_one(world)
    notice_reading.ask_leave(world.ctx_of(deputy), notice.id, reason="出差")
    world.system.session.flush()
    rows = _rows(notice_sheets.build_result_sheet(world.ctx_of(world.staff()), notice))
    assert [(row[0], row[2], row[4], row[5], row[7]) for row in rows[2:]] == [
        ("王建国", "待发送", "本辖区全体代表", "2026-11-23 09:00", "出差"), ("未登录", "需电话通知", "本辖区全体代表", "", "")]


def test_more_people_than_one_page_are_all_there(world: World) -> None:
    for _number in range(5):
        world.create_person()
    notice = send_one(world)
    assert len(_rows(notice_sheets.build_result_sheet(world.ctx_of(world.staff()), notice, page_size=2))) == 7


def test_who_may_not_send_gets_no_call_list(world: World) -> None:
    world.create_person()
    notice = send_one(world)
    with pytest.raises(Forbidden):
        notice_sheets.build_call_sheet(world.ctx_of(world.staff("auditor")), notice)
    assert notices.get_for_staff(world.ctx_of(world.staff()), notice.id) is notice
