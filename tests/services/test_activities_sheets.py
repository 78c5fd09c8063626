"""The poster and the attendance list."""

import io
import re

from python_calamine import CalamineWorkbook

from services import activities
from tests.factories import World
from tests.services.activity_case import Meeting


def test_the_poster_is_one_page(world: World) -> None:
    content = activities.build_poster(world.ctx_of(world.staff()), Meeting(world).draft(title="长" * 60).id)
    assert content.startswith(b"%PDF")
    assert re.findall(rb"/Count (\d+)", content) == [b"1"]


def test_the_sheet_has_the_sums_and_one_row_a_person(world: World) -> None:
    came, away = world.deputy(), world.deputy(name="=李秀英")
    meeting = Meeting(world)
    activity = meeting.publish(needs_quorum=True)
    activities.ask_leave(world.ctx_of(away), activity.id, reason="出差")
    activities.decide_leave(world.ctx_of(meeting.clerk), activity.id, away.person_id or 0, is_agreed=True)
    meeting.begin(minutes=11)
    meeting.arrive(came, activity)
    content = activities.build_sheet(world.ctx_of(meeting.clerk), activity.id)
    rows = list(CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python())
    assert rows[1][0] == ("2026-11-24 09:00，镇政府三楼会议室；应到2人，实到1人，请假1人，缺席0人，迟到1人；"
                          "法定人数2人，未达到")
    assert [row[:6] for row in rows[3:]] == [
        ["王建国", "已签到", "2026-11-24 09:11", "", "定位核验", "是"], ["=李秀英", "已请假", "", "", "", ""]]
    assert rows[4][7] == "出差"
