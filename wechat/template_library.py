"""The public library of message templates, and whether an account holds what the product needs.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-message-management/subscribe-message/addMessageTemplate.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from wechat.account import Account
from wechat.template import Template, TemplateKind, read_kind

ADD = "/wxaapi/newtmpl/addtemplate"
DELETE = "/wxaapi/newtmpl/deltemplate"
CATEGORIES = "/wxaapi/newtmpl/getcategory"
TITLES = "/wxaapi/newtmpl/getpubtemplatetitles"
KEYWORDS = "/wxaapi/newtmpl/getpubtemplatekeywords"
MIN_KEYWORDS, MAX_KEYWORDS, MAX_SCENE_CHARACTERS, PAGE = 2, 5, 15, 30


@dataclass(frozen=True, slots=True)
class LibraryTitle:
    """A template of the library; `id` is its tid."""

    id: str
    title: str
    kind: TemplateKind
    category_id: int


@dataclass(frozen=True, slots=True)
class Keyword:
    """A field that a template of the library offers; `rule` is its kind, such as thing."""

    id: int
    name: str
    rule: str


@dataclass(frozen=True, slots=True)
class NeededTemplate:
    """What the product fills in: under this id exactly these fields."""

    name: str
    id: str
    fields: frozenset[str]


@dataclass(frozen=True, slots=True)
class Gap:
    """Why a needed template cannot be sent: `absent`, or the fields that are `missing` or `unknown` there."""

    name: str
    reason: Literal["absent", "missing", "unknown"]
    fields: tuple[str, ...] = ()


def list_categories(account: Account) -> dict[int, str]:
    """The service categories of the account: templates come by category."""
    return {int(row["id"]): str(row.get("name", "")) for row in _rows(account, CATEGORIES, {}) if "id" in row}


def list_titles(account: Account, category_ids: Iterable[int]) -> list[LibraryTitle]:
    """Every template of the library in these categories."""
    ids = ",".join(str(one) for one in category_ids)
    titles: list[LibraryTitle] = []
    while True:
        page = _rows(account, TITLES, {"ids": ids, "start": str(len(titles)), "limit": str(PAGE)})
        titles += [_read_title(row) for row in page]
        if len(page) < PAGE:
            return titles


def list_keywords(account: Account, title_id: str) -> list[Keyword]:
    """The fields a template of the library offers."""
    rows = _rows(account, KEYWORDS, {"tid": title_id})
    return [Keyword(int(row.get("kid", 0)), str(row.get("name", "")), str(row.get("rule", ""))) for row in rows]


def add_template(account: Account, title_id: str, keyword_ids: Sequence[int], scene: str) -> str:
    """Take a template of the library into the account and return its id. `scene` says what it is used for."""
    if not MIN_KEYWORDS <= len(set(keyword_ids)) == len(keyword_ids) <= MAX_KEYWORDS:
        raise account.invalid(ADD, f"{MIN_KEYWORDS} to {MAX_KEYWORDS} different keywords are needed")
    if not 0 < len(scene) <= MAX_SCENE_CHARACTERS:
        raise account.invalid(ADD, f"the scene has 1 to {MAX_SCENE_CHARACTERS} characters")
    body = {"tid": title_id, "kidList": list(keyword_ids), "sceneDesc": scene}
    made = account.post(ADD, body).get("priTmplId")
    if not isinstance(made, str) or not made:
        raise account.malformed(ADD, "priTmplId missing")
    return made


def delete_template(account: Account, template_id: str) -> None:
    """Take a template out of the account."""
    account.post(DELETE, {"priTmplId": template_id}, idempotent=True)


def find_gaps(needed: Iterable[NeededTemplate], held: Iterable[Template]) -> list[Gap]:
    """What stands between the product and sending; empty when every needed template fits."""
    by_id = {template.id: {field.name for field in template.fields} for template in held}
    gaps = []
    for need in needed:
        fields = by_id.get(need.id)
        if fields is None:
            gaps.append(Gap(need.name, "absent"))
            continue
        if need.fields - fields:
            gaps.append(Gap(need.name, "missing", tuple(sorted(need.fields - fields))))
        if fields - need.fields:
            gaps.append(Gap(need.name, "unknown", tuple(sorted(fields - need.fields))))
    return gaps


def _rows(account: Account, api: str, query: Mapping[str, str]) -> list[Mapping[str, Any]]:
    rows = account.get(api, query).get("data", [])
    if not isinstance(rows, list):
        raise account.malformed(api, "no list")
    return [row for row in rows if isinstance(row, Mapping)]


def _read_title(row: Mapping[str, Any]) -> LibraryTitle:
    kind = read_kind(row.get("type")) or "one_time"
    return LibraryTitle(str(row.get("tid", "")), str(row.get("title", "")), kind, int(row.get("categoryId", 0)))
