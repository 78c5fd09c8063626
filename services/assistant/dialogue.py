"""The open task of a person: remembered between messages and processes, forgotten after some hours.

A new version meets tasks of the old one. Who changes what a step means or needs renames the step.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from models.assistant import Dialogue
from services import access
from services.assistant.speech import Choice, Line, Link
from services.context import Context

LIFE = timedelta(hours=6)
_TRAIL = "asked"
_MOST_STEPS = 6


@dataclass
class Talk:
    """One message in its task: `step` says what was asked last, `slots` what is known."""

    intent: str
    step: str
    slots: dict[str, Any] = field(default_factory=dict)
    channel: str = "chat"


Handler = Callable[[Context, Talk, str], Line]


class Outdated(Exception):
    """The open task was begun by a version that knew another intent or step."""


def go_on(steps: Mapping[str, Handler], ctx: Context, talk: Talk, text: str) -> Line:
    """Take the message by the step that asked for it; raises Outdated where this version has no such step."""
    if talk.step not in steps:
        raise Outdated
    return steps[talk.step](ctx, talk, text)


def find_open(ctx: Context, channel: str) -> Talk | None:
    row = ctx.session.scalar(select(Dialogue).where(Dialogue.account_id == access.account_id(ctx)))
    if row is None or row.expires_at <= ctx.now:
        return None
    return Talk(row.intent, row.step, dict(row.slots), channel)


def ask(ctx: Context, talk: Talk, step: str) -> None:
    """Remember what was asked, for the next message."""
    row = ctx.session.scalar(select(Dialogue).where(Dialogue.account_id == access.account_id(ctx)).with_for_update())
    if row is None:
        row = Dialogue(account_id=access.account_id(ctx), intent="", step="", slots={}, expires_at=ctx.now)
        ctx.session.add(row)
    row.intent, row.step, row.slots, row.expires_at = talk.intent, step, dict(talk.slots), ctx.now + LIFE
    ctx.session.flush()


def note_asked(ctx: Context, line: Line) -> None:
    """Keep what the open step asked, with the steps before it, so that one can come back to it or go back."""
    row = ctx.session.scalar(select(Dialogue).where(Dialogue.account_id == access.account_id(ctx)))
    if row is None or row.expires_at <= ctx.now:
        return
    trail = [entry for entry in row.slots.get(_TRAIL, []) if entry["step"] != row.step]
    asked = {"step": row.step, "text": line.text, "choices": [[choice.label, choice.text] for choice in line.choices],
             "link": [line.link.title, line.link.page] if line.link else None}
    row.slots = {**row.slots, _TRAIL: [*trail, asked][-_MOST_STEPS:]}
    ctx.session.flush()


def last_asked(talk: Talk) -> Line | None:
    trail = talk.slots.get(_TRAIL, [])
    return _restore(trail[-1]) if trail else None


def is_asked(talk: Talk) -> bool:
    """Whether the last question kept is that of the open step."""
    trail = talk.slots.get(_TRAIL, [])
    return bool(trail) and trail[-1]["step"] == talk.step


def step_back(ctx: Context) -> Line | None:
    """Ask the question before the last once more; None at the first."""
    row = ctx.session.scalar(select(Dialogue).where(Dialogue.account_id == access.account_id(ctx)).with_for_update())
    trail = row.slots.get(_TRAIL, []) if row is not None else []
    if row is None or len(trail) < 2:
        return None
    row.step, row.expires_at = trail[-2]["step"], ctx.now + LIFE
    row.slots = {**row.slots, _TRAIL: trail[:-1]}
    ctx.session.flush()
    return _restore(trail[-2])


def _restore(asked: Mapping[str, Any]) -> Line:
    return Line(asked["text"], tuple(Choice(*pair) for pair in asked["choices"]), Link(*asked["link"]) if asked["link"] else None)


def close(ctx: Context) -> bool:
    """Forget the task; True when there was one."""
    gone = ctx.session.scalars(delete(Dialogue).where(Dialogue.account_id == access.account_id(ctx))
                               .returning(Dialogue.expires_at)).all()
    return any(expires_at > ctx.now for expires_at in gone)
