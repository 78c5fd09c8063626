"""What the assistant says: lines with choices and a link, on the page and as plain text."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Link:
    title: str
    page: str


@dataclass(frozen=True)
class Choice:
    """A button; pressing it sends `text`."""

    label: str
    text: str


@dataclass(frozen=True)
class Line:
    text: str
    choices: tuple[Choice, ...] = field(default=())
    link: Link | None = None

    def as_text(self) -> str:
        """For channels without buttons: the choices as words to send back."""
        if not self.choices:
            return self.text
        options = "、".join(f"“{choice.text}”" for choice in self.choices)
        return f"{self.text}\n可回复：{options}"


def buttons(*labels: str) -> tuple[Choice, ...]:
    return tuple(Choice(label, label) for label in labels)


CANCEL = Choice("取消", "取消")
CONFIRM = Choice("确认", "确认")
