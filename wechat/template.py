"""The subscribe-message templates of a mini-program.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-message-management/subscribe-message/getMessageTemplateList.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from wechat.account import Account
from wechat.errors import WeChatProtocolError
from wechat.fields import FieldInvalid

GET_TEMPLATE = "/wxaapi/newtmpl/gettemplate"
TemplateKind = Literal["one_time", "long_term"]

_KINDS: dict[int, TemplateKind] = {2: "one_time", 3: "long_term"}
_FIELD = re.compile(r"(?P<label>[^\n{}]*?)[:：]?\s*\{\{(?P<name>\w+)\.DATA\}\}")


@dataclass(frozen=True, slots=True)
class TemplateField:
    """A field and the label the user sees before it."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Template:
    """A template as the platform knows it. `choices` holds the only values an enum field may have."""

    id: str
    title: str
    content: str
    kind: TemplateKind
    fields: tuple[TemplateField, ...]
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def check(self, data: Mapping[str, str]) -> None:
        """Raise FieldInvalid unless `data` fits: exactly these fields, and a choice where there is one."""
        self.check_names(data)
        for name, choices in self.choices.items():
            if name in data and data[name] not in choices:
                raise FieldInvalid(name, "not_a_choice")

    def check_names(self, data: Iterable[str]) -> None:
        """Raise FieldInvalid unless `data` names exactly the template's fields."""
        given, known = set(data), {field.name for field in self.fields}
        for name in sorted(given ^ known):
            raise FieldInvalid(name, "missing" if name in known else "unknown")


def list_templates(account: Account) -> list[Template]:
    """All templates of the account; kinds we do not know are left out."""
    rows = account.get(GET_TEMPLATE, {}).get("data", [])
    if not isinstance(rows, list):
        raise WeChatProtocolError("no template list", api=GET_TEMPLATE, appid=account.config.appid)
    return [_read_template(row) for row in rows if isinstance(row, Mapping) and read_kind(row.get("type"))]


def _read_template(row: Mapping[str, Any]) -> Template:
    content = str(row.get("content", ""))
    fields = tuple(TemplateField(one["name"], one["label"].strip()) for one in _FIELD.finditer(content))
    return Template(
        id=str(row.get("priTmplId", "")),
        title=str(row.get("title", "")),
        content=content,
        kind=_KINDS[row["type"]],
        fields=fields,
        choices=_read_choices(row.get("keywordEnumValueList")),
    )


def _read_choices(rows: Any) -> dict[str, tuple[str, ...]]:
    choices = {}
    for row in rows if isinstance(rows, list) else []:
        values = row.get("enumValueList") if isinstance(row, Mapping) else None
        if isinstance(values, list):
            name = str(row.get("keywordCode", "")).removesuffix(".DATA")
            choices[name] = tuple(str(value) for value in values)
    return choices


def read_kind(number: Any) -> TemplateKind | None:
    """One-time or long-term; None for a kind that came after this was written."""
    return _KINDS.get(number) if isinstance(number, int) else None
