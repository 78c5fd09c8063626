"""The public library of message templates, small enough to read."""

from __future__ import annotations

from dataclasses import dataclass

from wechat.sandbox.platform_errors import PlatformError
from wechat.sandbox.shelf import SandboxTemplate, TemplateKind

CATEGORY_ID, CATEGORY = 616, "政务民生"
MAX_TEMPLATES = 50


@dataclass(frozen=True, slots=True)
class LibraryTemplate:
    """A template to be taken over; `keywords` maps each kid to its label and kind."""

    tid: str
    title: str
    kind: TemplateKind
    keywords: dict[int, tuple[str, str]]


LIBRARY = {
    template.tid: template
    for template in (
        LibraryTemplate(
            "5501",
            "会议通知",
            "long_term",
            {1: ("会议名称", "thing"), 2: ("发布单位", "thing"), 3: ("会议时间", "time"), 4: ("备注", "thing")},
        ),
        LibraryTemplate(
            "5502",
            "意见办理进度",
            "one_time",
            {1: ("编号", "character_string"), 2: ("状态", "phrase"), 3: ("说明", "thing"), 4: ("时间", "time")},
        ),
        LibraryTemplate(
            "5503", "接待日提醒", "long_term", {1: ("联络站", "thing"), 2: ("时间", "time"), 3: ("备注", "thing")}
        ),
    )
}


def take_over(tid: object, kids: object, scene: object, template_id: str) -> SandboxTemplate:
    """The private template made of these keywords; raises the platform's codes."""
    template = LIBRARY.get(str(tid))
    if template is None:
        raise PlatformError(200014)
    if not isinstance(kids, list) or not 2 <= len(kids) <= 5 or len(set(kids)) != len(kids):
        raise PlatformError(200020)
    if any(kid not in template.keywords for kid in kids):
        raise PlatformError(200020)
    if not isinstance(scene, str) or not 1 <= len(scene) <= 15:
        raise PlatformError(200021)
    fields = {f"{template.keywords[kid][1]}{kid}": template.keywords[kid][0] for kid in kids}
    return SandboxTemplate(template_id, template.title, template.kind, fields)
