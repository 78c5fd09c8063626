"""A copy of what is kept of one person, for that person alone (个人信息副本，个人信息保护法第四十五条).

Nobody else is in it: who handled a matter is left out, and so are matters that a deputy handles for others.
"""

import html
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any

from sqlalchemy import select

from models.assistant import ChatLine, HandOver
from models.checkin import Visit
from models.comments import Opinion, OpinionAssignment, OpinionPhoto, OpinionRating
from models.deputies import Congress, Mandate, Person
from models.duties import DutyPhoto, DutyRecord
from models.identity import Account, DeputyDevice, LoginSession, SeatClaim, WeChatBinding
from models.media import MediaFile
from models.notices import MessageTemplate, Notice, NoticeDelivery, NoticeLeave, SubscriptionCredit
from models.points import PointEntry, PointRule
from models.projects import ProjectIdea
from models.regions import Region
from models.stations import Station
from models.suggestions import Suggestion
from services import access, checkin, deputies, duties
from services.context import CHINA, Context
from services.identity import PHONE
from services.rules.opinion_states import CATEGORIES, GRADE_NAMES, STATE_NAMES
from services.rules.phones import mask_written
from services.rules.point_table import display
from services.rules.suggestion_states import STATE_NAMES as SUGGESTION_STATES

TITLE = "我的个人信息副本"
#: Newest photos that go into the archive; the list of matters names all of them.
MAX_PHOTOS = 200
_MANDATE_STATES = {"active": "在任", "suspended": "暂停执行职务", "ended": "已终止"}
_CLAIM_STATES = {"pending": "待核实", "approved": "已同意", "refused": "未通过"}
_HAND_OVER_STATES = {"open": "待回复", "done": "已办结"}
_IDEA_STATES = {"submitted": "已收到", "joined": "已并入项目", "excluded": "未列入"}
_NOTE = "本副本只含您本人的信息。承办人员和其他人的信息、您作为代表办理的他人意见不在其中。"


@dataclass(frozen=True)
class Section:
    """One table of the copy, every cell as people read it."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]


def build_sections(ctx: Context) -> list[Section]:
    """All that is kept of the asker, the empty tables left out."""
    account = ctx.session.get_one(Account, access.account_id(ctx))
    person = ctx.session.get(Person, account.person_id) if account.person_id is not None else None
    sections = [*_account(ctx, account, person), *_matters(ctx, account)]
    if person is not None:
        sections += [*_seat(ctx, person), *_duties(ctx, person)]
    return [section for section in sections if section.rows]


def write_archive(ctx: Context, file: IO[bytes]) -> None:
    """The copy as a .zip: a page to read, the same for programs, and the person's own photos."""
    sections = build_sections(ctx)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("我的信息.html", _as_page(ctx, sections))
        archive.writestr("我的信息.json", json.dumps({
            "title": TITLE, "made_at": ctx.now.isoformat(), "note": _NOTE,
            "sections": [vars(section) for section in sections]}, ensure_ascii=False, indent=1))
        for row in ctx.session.execute(
                select(MediaFile.id, MediaFile.storage_key)
                .where(MediaFile.account_id == access.account_id(ctx), MediaFile.attached_at.is_not(None))
                .order_by(MediaFile.id.desc()).limit(MAX_PHOTOS)):
            try:
                archive.writestr(_photo_name(row.id), ctx.gateways.files.load(row.storage_key), zipfile.ZIP_STORED)
            except OSError:
                continue  # its list stays true: the photo was taken, its file is not here


# --- cells ------------------------------------------------------------------------------------------


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)


def _section(title: str, columns: str, rows: Iterable[Sequence[object]]) -> Section:
    return Section(title, tuple(columns.split()), [tuple(_cell(value) for value in row) for row in rows])


def _all(ctx: Context, query: Any) -> Sequence[Any]:
    return ctx.session.execute(query).all()


def _photo_name(media_id: int) -> str:
    return f"照片/{media_id}.jpg"


# --- the account ------------------------------------------------------------------------------------


def _account(ctx: Context, account: Account, person: Person | None) -> list[Section]:
    sealed = person.phone_cipher if person is not None else account.phone_cipher
    village = ctx.session.get(Region, account.village_id) if account.village_id is not None else None
    of_account, apps = account.id, {ctx.settings.mini_appid: "小程序", ctx.settings.official_appid: "公众号"}
    return [
        _section("账号", "项目 内容", [
            ("账号编号", account.id), ("姓名或称呼", person.name if person is not None else account.name),
            ("手机号", ctx.gateways.cipher.open(sealed, PHONE) if sealed else ""),
            ("所在村（社区）", village.name if village is not None else ""), ("长辈版", account.elder_mode),
            ("建立时间", account.created_at), ("同意的说明版本", account.consent_version),
            ("同意时间", account.consent_at)]),
        _section("微信绑定", "应用 微信标识 绑定时间", [
            (apps.get(row.appid, row.appid), row.openid, row.bound_at) for row in ctx.session.scalars(
                select(WeChatBinding).where(WeChatBinding.account_id == of_account).order_by(WeChatBinding.id))]),
        _section("登录", "登录时间 到期时间 退出时间", _all(
            ctx, select(LoginSession.created_at, LoginSession.expires_at, LoginSession.revoked_at)
            .where(LoginSession.account_id == of_account).order_by(LoginSession.id))),
        _section("订阅消息", "消息 剩余次数 变动时间", _all(
            ctx, select(MessageTemplate.title, SubscriptionCredit.balance, SubscriptionCredit.changed_at)
            .join(MessageTemplate, MessageTemplate.id == SubscriptionCredit.template_id)
            .join(WeChatBinding, (WeChatBinding.appid == SubscriptionCredit.appid)
                  & (WeChatBinding.openid == SubscriptionCredit.openid))
            .where(WeChatBinding.account_id == of_account))),
        _section("代表身份核实申请", "申请时间 结果 决定时间", [
            (row.created_at, _CLAIM_STATES[row.state], row.decided_at) for row in ctx.session.scalars(
                select(SeatClaim).where(SeatClaim.account_id == of_account).order_by(SeatClaim.id))]),
    ]


# --- what the person asked for ----------------------------------------------------------------------


def _matters(ctx: Context, account: Account) -> list[Section]:
    mine = Opinion.account_id == account.id
    photos = _photos(ctx, select(OpinionPhoto.opinion_id, OpinionPhoto.media_id)
                     .join(Opinion, Opinion.id == OpinionPhoto.opinion_id).where(mine)
                     .order_by(OpinionPhoto.opinion_id, OpinionPhoto.position))
    return [
        _section("我提的意见", "编号 类别 村（社区） 内容 匿名 状态 提交时间 办结时间 不予受理原因 照片", [
            (row.number, CATEGORIES[row.category], village, row.text, row.is_anonymous, STATE_NAMES[row.state],
             row.submitted_at, row.closed_at, row.reject_reason, photos[row.id])
            for row, village in _all(ctx, select(Opinion, Region.name).join(Region, Region.id == Opinion.village_id)
                                     .where(mine).order_by(Opinion.id))]),
        _section("我收到的答复", "意见编号 轮次 答复 答复时间", [
            (row.number, row.round_no, mask_written(row.answer), row.answered_at) for row in _all(
                ctx, select(Opinion.number, OpinionAssignment.round_no, OpinionAssignment.answer,
                            OpinionAssignment.answered_at)
                .join(OpinionAssignment, OpinionAssignment.opinion_id == Opinion.id)
                .where(mine, OpinionAssignment.state == "answered").order_by(OpinionAssignment.id))]),
        _section("我的评价", "意见编号 轮次 结果评价 态度评价 说明 时间", [
            (row.number, row.round_no, GRADE_NAMES[row.grade], GRADE_NAMES.get(row.attitude, ""), row.comment,
             row.rated_at) for row in _all(
                ctx, select(Opinion.number, OpinionRating.round_no, OpinionRating.grade, OpinionRating.attitude,
                            OpinionRating.comment, OpinionRating.rated_at)
                .join(OpinionRating, OpinionRating.opinion_id == Opinion.id)
                .where(mine).order_by(OpinionRating.id))]),
        _section("我的民生实事建议", "编号 标题 内容 地点 进展 提交时间", [
            (row.number, row.title, row.text, row.place, _IDEA_STATES[row.state], row.created_at)
            for row in ctx.session.scalars(
                select(ProjectIdea).where(ProjectIdea.account_id == account.id).order_by(ProjectIdea.id))]),
        _section("我对代表助手说的话", "时间 内容", _all(
            ctx, select(ChatLine.at, ChatLine.text)
            .where(ChatLine.account_id == account.id, ChatLine.speaker == "me").order_by(ChatLine.id))),
        _section("转人工的咨询", "时间 问题 状态 回复", [
            (row.created_at, row.question, _HAND_OVER_STATES[row.state], row.reply or "")
            for row in ctx.session.scalars(
                select(HandOver).where(HandOver.account_id == account.id).order_by(HandOver.id))]),
    ]


def _photos(ctx: Context, query: Any) -> Mapping[int, str]:
    """The names of the photos of each thing that has some."""
    found: dict[int, list[str]] = defaultdict(list)
    for owner, media_id in _all(ctx, query):
        found[owner].append(_photo_name(media_id))
    return defaultdict(str, {owner: "、".join(names) for owner, names in found.items()})


# --- the deputy's own file --------------------------------------------------------------------------


def _seat(ctx: Context, person: Person) -> list[Section]:
    card = deputies.get_card(ctx.session, person.id)
    return [
        _section("代表名册", "项目 内容", [
            ("姓名", person.name), ("职务", person.title), ("代表小组", "、".join(card.groups)),
            ("联络站", "、".join(name for _, name in card.stations))]),
        _section("任职", "本级人民代表大会 选区 代表证号 状态 开始 结束", [
            (row.name, row.Mandate.constituency, row.Mandate.deputy_no, _MANDATE_STATES[row.Mandate.state],
             row.Mandate.began_on, row.Mandate.ended_on) for row in _all(
                ctx, select(Mandate, Congress.name).join(Congress, Congress.id == Mandate.congress_id)
                .where(Mandate.person_id == person.id).order_by(Mandate.id))]),
        _section("领衔提出的代表建议", "编号 标题 事由 具体建议 状态 提交时间", [
            (row.number or "", row.title, row.reason, row.proposal, SUGGESTION_STATES[row.state], row.submitted_at)
            for row in ctx.session.scalars(
                select(Suggestion).where(Suggestion.person_id == person.id).order_by(Suggestion.id))]),
        _section("签到手机", "绑定时间 解除时间", _all(
            ctx, select(DeputyDevice.bound_at, DeputyDevice.released_at)
            .where(DeputyDevice.person_id == person.id).order_by(DeputyDevice.id))),
        _section("通知签收", "通知 发送时间 阅读时间 确认时间 请假原因", _all(
            ctx, select(Notice.title, Notice.sent_at, NoticeDelivery.read_at, NoticeDelivery.confirmed_at,
                        NoticeLeave.reason)
            .join(NoticeDelivery, NoticeDelivery.notice_id == Notice.id)
            .outerjoin(NoticeLeave, (NoticeLeave.notice_id == Notice.id)
                       & (NoticeLeave.person_id == NoticeDelivery.person_id))
            .where(NoticeDelivery.person_id == person.id).order_by(Notice.id))),
    ]


def _duties(ctx: Context, person: Person) -> list[Section]:
    photos = _photos(ctx, select(DutyPhoto.duty_id, DutyPhoto.media_id)
                     .join(DutyRecord, DutyRecord.id == DutyPhoto.duty_id).where(DutyRecord.person_id == person.id)
                     .order_by(DutyPhoto.duty_id, DutyPhoto.media_id))
    return [
        _section("签到", "联络站 签到时间 签退时间 核验方式 状态 说明", [
            (row.name, row.Visit.checked_in_at, row.Visit.checked_out_at,
             checkin.FACTOR_NAMES.get(row.Visit.factor or "", ""), checkin.STATE_NAMES[row.Visit.state], row.Visit.note)
            for row in _all(ctx, select(Visit, Station.name).join(Station, Station.id == Visit.station_id)
                            .where(Visit.person_id == person.id).order_by(Visit.id))]),
        _section("履职", "日期 事项代码 来源 标题 内容 状态 不通过原因 照片", [
            (row.occurred_on, row.item_code, duties.SOURCE_NAMES[row.source], row.title, row.content,
             duties.STATE_NAMES[row.state], row.reject_reason, photos[row.id])
            for row in ctx.session.scalars(
                select(DutyRecord).where(DutyRecord.person_id == person.id).order_by(DutyRecord.id))]),
        _section("积分", "日期 事项 分值 算式", [
            (row.PointEntry.occurred_on, row.name, display(row.PointEntry.amount_half), row.PointEntry.arithmetic)
            for row in _all(ctx, select(PointEntry, PointRule.name).join(PointRule, PointRule.id == PointEntry.rule_id)
                            .join(Mandate, Mandate.id == PointEntry.mandate_id)
                            .where(Mandate.person_id == person.id).order_by(PointEntry.id))]),
    ]


# --- the page ---------------------------------------------------------------------------------------

_STYLE = ("body{font-family:sans-serif;line-height:1.6;margin:24px;color:#1f2329}table{border-collapse:collapse;"
          "width:100%;margin:8px 0 24px}th,td{border:1px solid #c9cdd4;padding:6px 10px;text-align:left;"
          "vertical-align:top;overflow-wrap:anywhere;white-space:pre-wrap}th{background:#f5f5f4}")


def _as_page(ctx: Context, sections: list[Section]) -> str:
    tables = "".join(f"<h2>{_safe(section.title)}</h2><table><thead>{_line('th', section.columns)}</thead><tbody>"
                     + "".join(_line("td", row) for row in section.rows) + "</tbody></table>" for section in sections)
    return (f'<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{TITLE}</title>'
            f"<style>{_STYLE}</style></head><body><h1>{TITLE}</h1><p>生成时间：{_cell(ctx.now)}</p><p>{_NOTE}</p>"
            f"{tables}</body></html>")


def _line(tag: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{_safe(cell)}</{tag}>" for cell in cells) + "</tr>"


def _safe(text: str) -> str:
    return html.escape(text)
