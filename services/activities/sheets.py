"""What staff print and file: the poster with the code, and the attendance list (.xlsx)."""

import io
from datetime import datetime
from pathlib import Path

import xlsxwriter

from services import access, audit, posters
from services.activities.reading import Board, board
from services.context import CHINA, Context

_LAYOUT = Path(__file__).with_name("poster.typ")
HEAD = ("姓名", "状态", "签到时间", "签退时间", "核验方式", "迟到", "早退", "备注")


def build_poster(ctx: Context, activity_id: int) -> bytes:
    """One A4 page for the door; the code opens the check-in page."""
    card = board(ctx, activity_id).card
    activity = card.activity
    values = {
        "organiser": card.organiser, "title": activity.title, "place": activity.place,
        "time": f"{_local(activity.starts_at)} 至 {_local(activity.ends_at)[-5:]}",
        "short": f"{activity.short_code[:4]} {activity.short_code[4:]}",
    }
    return posters.typst_pdf(_LAYOUT, values, ctx.gateways.code_maker.make_station_code(activity.scene))


def build_sheet(ctx: Context, activity_id: int) -> bytes:
    """One row a person, with the sums above; the export is audited."""
    access.require(ctx, "activities.view")
    found = board(ctx, activity_id)
    rows = [(line.name, line.state_name, _local(line.row.arrived_at), _local(line.row.left_at), line.factor_name,
             "是" if line.row.is_late else "", "是" if line.row.is_early else "", line.remark) for line in found.lines]
    audit.record(ctx, "activity.exported", f"activity:{activity_id}", {"rows": len(rows)},
                 region_id=found.card.activity.region_id)
    buffer = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, plain) as book:
        bold = book.add_format({"bold": True, "bg_color": "#F3E3E3", "border": 1})
        sheet = book.add_worksheet("签到表")
        sheet.write_string(0, 0, found.card.activity.title)
        sheet.write_string(1, 0, _sums(found))
        sheet.write_row(2, 0, HEAD, bold)
        for number, row in enumerate(rows, start=3):
            sheet.write_row(number, 0, row)
        sheet.set_column(0, len(HEAD) - 1, 18)
        sheet.freeze_panes(3, 0)
    return buffer.getvalue()


def _sums(found: Board) -> str:
    card = found.card
    text = f"{_local(card.activity.starts_at)}，{card.activity.place}；应到{card.called}人，实到{card.arrived}人"
    text += f"，请假{found.count('on_leave')}人，缺席{found.count('absent')}人，迟到{found.late}人"
    if card.quorum is not None:
        text += f"；法定人数{card.quorum}人，{'已达到' if found.is_quorate else '未达到'}"
    return text


def _local(moment: datetime | None) -> str:
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if moment else ""
