"""Templates and who may still be sent one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from wechat.sandbox.field_rules import accepts
from wechat.sandbox.platform_errors import PlatformError

TemplateKind = Literal["one_time", "long_term"]


@dataclass(frozen=True, slots=True)
class SandboxTemplate:
    """`fields` maps names to the labels shown before them; `choices` the enum ones to what they may say."""

    id: str
    title: str
    kind: TemplateKind
    fields: Mapping[str, str]
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def as_listed(self) -> dict[str, object]:
        """As gettemplate shows it."""
        listed: dict[str, object] = {
            "priTmplId": self.id,
            "title": self.title,
            "content": "".join(f"{label}:{{{{{name}.DATA}}}}\n" for name, label in self.fields.items()),
            "example": "".join(f"{label}:示例\n" for label in self.fields.values()),
            "type": 2 if self.kind == "one_time" else 3,
        }
        choices = [{"keywordCode": f"{name}.DATA", "enumValueList": list(of)} for name, of in self.choices.items()]
        return listed | ({"keywordEnumValueList": choices} if choices else {})

    def read_values(self, data: object) -> dict[str, str]:
        """The values of a message; raises 47003 naming the field that is wrong."""
        given = data if isinstance(data, dict) else {}
        for name in [*self.fields, *given]:
            member = given.get(name)
            value = member.get("value") if isinstance(member, dict) else None
            is_chosen = name not in self.choices or value in self.choices[name]
            if name not in self.fields or not accepts(name, value) or not is_chosen:
                raise PlatformError(47003, f"data.{name}.value is invalid")
        return {name: given[name]["value"] for name in self.fields}


DEFAULT_TEMPLATES = (
    SandboxTemplate(
        "tmpl-notice",
        "通知提醒",
        "long_term",
        {"thing1": "通知标题", "thing2": "发布单位", "time3": "时间", "thing4": "备注"},
    ),
    SandboxTemplate(
        "tmpl-opinion",
        "意见办理进度",
        "one_time",
        {"character_string1": "编号", "phrase2": "状态", "thing3": "说明", "time4": "时间"},
    ),
    SandboxTemplate(
        "tmpl-reception", "接待日提醒", "long_term", {"thing1": "联络站", "time2": "时间", "thing3": "备注"}
    ),
)


class Shelf:
    """Templates with the credit of each person: a number for one-time ones, yes or no for long-term ones."""

    def __init__(self) -> None:
        self._templates = {template.id: template for template in DEFAULT_TEMPLATES}
        self._credits: dict[tuple[str, str], int] = {}

    def add(self, template: SandboxTemplate) -> None:
        """Add or replace."""
        self._templates[template.id] = template

    def everything(self) -> list[SandboxTemplate]:
        """All templates."""
        return list(self._templates.values())

    def get(self, template_id: object) -> SandboxTemplate:
        """The template; raises 40037."""
        template = self._templates.get(str(template_id))
        if template is None:
            raise PlatformError(40037)
        return template

    def decide(self, openid: str, template_id: str, *, accept: bool) -> int:
        """What the person tapped; returns the credit now. A refusal ends a long-term subscription."""
        template = self.get(template_id)
        key = (openid, template_id)
        if accept:
            held = self._credits.get(key, 0)
            self._credits[key] = held + 1 if template.kind == "one_time" else 1
        elif template.kind == "long_term":
            self._credits[key] = 0
        return self.credit(openid, template_id)

    def remove(self, template_id: str) -> None:
        """Take a template away; raises 20001 where there is none."""
        if self._templates.pop(template_id, None) is None:
            raise PlatformError(20001)

    def withdraw(self, openid: str, template_id: str) -> None:
        """End every permission for a template at once."""
        self._credits[openid, self.get(template_id).id] = 0

    def credit(self, openid: str, template_id: str) -> int:
        """How many messages may be sent; for a long-term template 1 means any number."""
        return self._credits.get((openid, template_id), 0)

    def spend(self, openid: str, template: SandboxTemplate) -> None:
        """Use one credit; raises 43101 when there is none."""
        if not self.credit(openid, template.id):
            raise PlatformError(43101)
        if template.kind == "one_time":
            self._credits[openid, template.id] -= 1
