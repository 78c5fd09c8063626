"""What every template may use: times as China writes them, the menu, forms, tones of states."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from flask import Flask, g, request, url_for

from app.console import words
from app.console.forms import form_state, kept_query
from app.console.origin import csrf_token
from app.http.lifecycle import get_context
from services import regions
from services.context import CHINA, Actor
from services.rules import project_stages
from services.rules.permissions import ROLE_NAMES, role_may

T = TypeVar("T")
PAGE_SIZE = 20

#: The menu: what a role may open, under its heading.
MENU: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    ("", (("dashboard.view", "console_home.dashboard", "工作台"),)),
    ("代表工作", (
        ("roster.view", "console_roster.list_page", "代表名册"),
        ("seats.decide", "console_roster.claims_page", "身份核实"),
        ("stations.view", "console_stations.list_page", "联络站"),
        ("visits.view", "console_visits.list_page", "签到记录"),
        ("activities.view", "console_activities.list_page", "会议活动"),
        ("duties.view", "console_duties.list_page", "履职审核"),
        ("points.view", "console_points.list_page", "履职积分"),
    )),
    ("联系群众", (
        ("opinions.view", "console_opinions.list_page", "群众意见"),
        ("opinions.view", "console_board.page", "办理督办"),
        ("suggestions.view", "console_suggestions.list_page", "代表建议"),
        ("notices.view", "console_notices.list_page", "通知推送"),
        ("handovers.view", "console_handovers.list_page", "待回复咨询"),
        ("accounts.close", "console_accounts.search_page", "账号注销"),
    )),
    ("民生实事", (
        ("projects.view", "console_projects.list_page", "民生实事项目"),
        ("ballots.view", "console_ballots.list_page", "会议票决"),
    )),
    ("管理", (
        ("audit.view", "console_audit.list_page", "审计日志"),
        ("audit.view", "console_retention.page", "保存期限"),
        ("system.view", "console_system.page", "系统运行"),
        ("staff.manage", "console_staff.list_page", "工作人员"),
        ("workdays.edit", "console_workdays.page", "工作日历"),
        ("settings.edit", "console_limits.page", "办理时限"),
    )),
)

#: Modules whose pages lie under another one's line of the menu.
_PART_OF = {"console_persons": "console_roster", "console_mandates": "console_roster",
            "console_merging": "console_opinions", "console_reply_templates": "console_opinions"}


@dataclass(frozen=True)
class MenuLine:
    address: str
    label: str
    is_current: bool


@dataclass(frozen=True)
class Listing(Generic[T]):
    """One page of a list, with the addresses of the others; the filters stay in them."""

    items: Sequence[T]
    total: int
    page: int
    size: int
    endpoint: str
    values: dict[str, Any]

    @property
    def pages(self) -> int:
        return max(-(-self.total // self.size), 1)

    @property
    def first(self) -> int:
        return (self.page - 1) * self.size + 1

    @property
    def last(self) -> int:
        return self.first + len(self.items) - 1

    @property
    def is_filtered(self) -> bool:
        return any(value for name, value in request.args.items() if name != "page")

    def link(self, page: int) -> str:
        return url_for(self.endpoint, **{**kept_query(), **self.values, "page": page})

    @property
    def plain_link(self) -> str:
        return url_for(self.endpoint, **self.values)


def page_number() -> int:
    """The page asked for in the address; anything unreadable is the first."""
    return min(max(request.args.get("page", 1, type=int), 1), 10_000)


def listing(found: tuple[Sequence[T], int], endpoint: str, *, size: int = PAGE_SIZE, **values: Any) -> Listing[T]:
    rows, total = found
    return Listing(rows, total, page_number(), size, endpoint, values)


def register_rendering(app: Flask) -> None:
    app.jinja_env.globals.update(csrf_token=csrf_token, form_state=form_state, words=words, may=may, menu=menu,
                                 role_name=role_name, region_name=region_name, is_signed_in=is_signed_in)
    app.jinja_env.filters.update(moment=show_moment, day=show_day, hour=show_hour, local_input=local_input,
                                 span=show_span, wait=show_wait, yuan=project_stages.yuan)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def actor() -> Actor | None:
    """The person at the console, also on a page that answers a refusal before the view."""
    found: Actor | None = g.get("actor")
    return found if found is not None and found.kind == "staff" else None


def is_signed_in() -> bool:
    return actor() is not None and bool(g.get("second_factor"))


def may(permission: str) -> bool:
    """Whether the person at the console has a permission, to show or leave out a form."""
    who = actor()
    return who is not None and role_may(who.role, permission)


def role_name() -> str:
    who = actor()
    return ROLE_NAMES.get(who.role or "", "") if who else ""


def region_name() -> str:
    who = actor()
    if who is None or who.region_id is None:
        return ""
    return regions.get_region(get_context().session, who.region_id).name


def menu() -> list[tuple[str, list[MenuLine]]]:
    """The menu of the person's role; headings without a line are left out."""
    shown = [(title, [_menu_line(endpoint, label) for permission, endpoint, label in lines if may(permission)])
             for title, lines in MENU]
    return [(title, lines) for title, lines in shown if lines]


def _menu_line(endpoint: str, label: str) -> MenuLine:
    here = request.endpoint or ""
    is_claims = here.startswith("console_roster.") and "claim" in here
    module = here.partition(".")[0]
    same = _PART_OF.get(module, module) == endpoint.partition(".")[0]
    return MenuLine(url_for(endpoint), label, same and is_claims == ("claims" in endpoint))


def first_page() -> str:
    """Where a role begins: its first line of the menu."""
    lines = [line for _title, group in menu() for line in group]
    return lines[0].address if lines else url_for("console_signin.sign_in_page")


def show_moment(value: datetime | None) -> str:
    """`2026-11-23 14:05` in China."""
    return value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M") if value else ""


def show_day(value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(CHINA).date()
    return value.isoformat() if value else ""


def show_hour(value: datetime | None) -> str:
    return value.astimezone(CHINA).strftime("%H:%M") if value else ""


def local_input(value: datetime | None) -> str:
    """The form that a `datetime-local` field wants."""
    return value.astimezone(CHINA).strftime("%Y-%m-%dT%H:%M") if value else ""


def show_wait(seconds: float) -> str:
    """How long something has waited, in the largest unit that fits."""
    for size, unit in ((86400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds >= size:
            return f"{int(seconds // size)}{unit}"
    return f"{int(seconds)}秒"


def show_span(start: datetime, end: datetime | None) -> str:
    """How long a visit took, in hours and minutes."""
    minutes = int((end - start).total_seconds() // 60) if end else 0
    return f"{minutes // 60}小时{minutes % 60}分" if minutes >= 60 else f"{minutes}分钟" if end else ""
