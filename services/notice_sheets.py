"""What a clerk takes away from a notice: the list of people to call, and what became of each delivery (.xlsx)."""

import io
from collections.abc import Iterator, Sequence
from datetime import datetime

import xlsxwriter
from sqlalchemy import select

from models.deputies import Person
from models.notices import Notice
from services import access, audiences, audit, notices
from services.context import CHINA, Context
from services.identity import PHONE
from services.notices import DeliveryLine
from services.rules.phones import mask_phone

CALL_HEAD = ("姓名", "手机号（隐去中间四位）", "需电话通知的原因", "通知结果（手填）")
RESULT_HEAD = ("姓名", "方式", "状态", "原因", "为什么发给本人", "已读时间", "确认时间", "请假原因", "电话通知时间")
CHANNEL_NAMES = {"subscription": "微信订阅消息", "phone_list": "电话通知"}


def build_call_sheet(ctx: Context, notice: Notice) -> bytes:
    """Everybody no channel reached, with a masked number: the whole one is shown one by one, with a reason."""
    access.require(ctx, "notices.send")
    rows = []
    for lines in _pages(ctx, notice, only="phone", page_size=500):
        phones = _masked_phones(ctx, [line.delivery.person_id for line in lines])
        rows += [(line.name, phones[line.delivery.person_id], line.reason_name, "") for line in lines]
    audit.record(ctx, "notice.exported", f"notice:{notice.id}", {"sheet": "calls", "rows": len(rows)})
    return _build(notice, CALL_HEAD, rows)


def build_result_sheet(ctx: Context, notice: Notice, *, page_size: int = 500) -> bytes:
    """One row a person: how it travelled, why it went to the person, and what the person answered."""
    access.require(ctx, "notices.view")
    rows = []
    for lines in _pages(ctx, notice, only="", page_size=page_size):
        why = audiences.causes(ctx, notice, [line.delivery.person_id for line in lines])
        rows += [_result(line, why.get(line.delivery.person_id, "")) for line in lines]
    audit.record(ctx, "notice.exported", f"notice:{notice.id}", {"sheet": "results", "rows": len(rows)})
    return _build(notice, RESULT_HEAD, rows)


def _result(line: DeliveryLine, why: str) -> tuple[str, ...]:
    d = line.delivery
    return (line.name, CHANNEL_NAMES.get(d.channel, d.channel), line.state_name, line.reason_name, why,
            _local(d.read_at), _local(d.confirmed_at), line.leave_reason or "", _local(d.phoned_at))


def _local(moment: datetime | None) -> str:
    return moment.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if moment else ""


def _pages(ctx: Context, notice: Notice, *, only: str, page_size: int) -> Iterator[list[DeliveryLine]]:
    page = 1
    while True:
        lines, total = notices.list_deliveries(ctx, notice, only=only, page=page, page_size=page_size)
        yield lines
        if page * page_size >= total:
            return
        page += 1


def _masked_phones(ctx: Context, person_ids: Sequence[int]) -> dict[int, str]:
    rows = ctx.session.execute(select(Person.id, Person.phone_cipher).where(Person.id.in_(person_ids)))
    return {person: mask_phone(ctx.gateways.cipher.open(sealed, PHONE)) for person, sealed in rows}


def _build(notice: Notice, head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    buffer = io.BytesIO()
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, plain) as book:
        bold = book.add_format({"bold": True, "bg_color": "#F3E3E3", "border": 1})
        sheet = book.add_worksheet("名单")
        sheet.write_string(0, 0, notice.title)
        sheet.write_row(1, 0, head, bold)
        for number, row in enumerate(rows, start=2):
            sheet.write_row(number, 0, row)
        sheet.set_column(0, len(head) - 1, 22)
        sheet.freeze_panes(2, 0)
    return buffer.getvalue()
