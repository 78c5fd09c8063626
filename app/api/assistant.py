"""The chat page (代表助手)."""

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.http.access import requires
from app.http.lifecycle import get_context
from app.http.limits import rate_limit
from app.http.times import iso
from services import assistant

bp = APIBlueprint("assistant", __name__, url_prefix="/api/v1", tag="assistant")


class ChatLink(BaseModel):
    title: str
    page: str


class ChatChoice(BaseModel):
    label: str
    text: str


class ChatLine(BaseModel):
    id: int
    speaker: str = Field(alias="from")
    text: str
    at: str
    link: ChatLink | None
    choices: list[ChatChoice]


class ChatHistory(BaseModel):
    items: list[ChatLine]


class AssistantReply(BaseModel):
    lines: list[ChatLine]


class MessageIn(BaseModel):
    text: str = Field(max_length=20_000)


def show_line(row: assistant.ChatLine) -> dict[str, object]:
    line = assistant.restore(row)
    return {"id": row.id, "from": row.speaker, "text": line.text, "at": iso(row.at),
            "link": vars(line.link) if line.link else None, "choices": [vars(choice) for choice in line.choices]}


@bp.post("/assistant/messages")
@requires("account")
@rate_limit("60/minute", per="actor", when_redis_is_away="open")
@bp.input(MessageIn)
@bp.output(AssistantReply)
def send_message(json_data: MessageIn) -> dict[str, object]:
    """Say something; the answer comes with choices and a link."""
    lines = assistant.answer(get_context(), text=json_data.text, channel="chat")
    return {"lines": [show_line(row) for row in lines]}


@bp.get("/assistant/messages")
@requires("account")
@bp.output(ChatHistory)
def list_messages() -> dict[str, object]:
    """The latest lines, oldest first."""
    return {"items": [show_line(row) for row in assistant.list_lines(get_context())]}
