"""The subscribe-message templates of a mini-program.

https://developers.weixin.qq.com/miniprogram/dev/OpenApiDoc/mp-message-management/subscribe-message/getMessageTemplateList.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
    """A template as the platform knows it."""

    id: str
    title: str
    content: str
    kind: TemplateKind
    fields: tuple[TemplateField, ...]

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
    return [_read_template(row) for row in rows if isinstance(row, Mapping) and row.get("type") in _KINDS]


def _read_template(row: Mapping[str, Any]) -> Template:
    content = str(row.get("content", ""))
    fields = tuple(TemplateField(one["name"], one["label"].strip()) for one in _FIELD.finditer(content))
    return Template(
        id=str(row.get("priTmplId", "")),
        title=str(row.get("title", "")),
        content=content,
        kind=_KINDS[row["type"]],
        fields=fields,
    )
