"""Residents' opinions: submit, follow, rate; deputies answer those assigned to them (群众意见)."""

from datetime import date
from typing import Literal

from apiflask import APIBlueprint
from pydantic import BaseModel, Field

from app.api.media import Photo, show_photo
from app.api.regions import Region, show_region
from app.http.access import reads_only, requires
from app.http.lifecycle import get_context
from app.http.limits import rate_limit
from app.http.paging import PageQuery, paged
from app.http.times import iso
from services import comments, me
from services.context import local_day
from services.rules.opinion_states import CATEGORIES, EXTENSION_NAMES, GRADE_NAMES, STATE_NAMES

bp = APIBlueprint("comments", __name__, url_prefix="/api/v1", tag="comments")
BRIEF = 60


Grade = Literal["satisfied", "basically_satisfied", "unsatisfied"]


class OpinionIn(BaseModel):
    text: str = Field(max_length=20_000)
    category: str = Field(max_length=32)
    village_id: int
    photo_ids: list[int] = Field(default_factory=list)
    consent_version: str = Field(max_length=32)
    is_anonymous: bool = False
    #: The number of a matter that the author meets as well: it is handled together with it.
    joins: str | None = Field(None, max_length=64)


class MatterQuery(BaseModel):
    text: str = Field(max_length=20_000)
    village_id: int


class MatterOut(BaseModel):
    """A matter that others reported, without a word of theirs; `title` is the office's, null where it gave none."""

    number: str
    title: str | None
    category_name: str
    state: str
    state_name: str
    #: How many people reported it.
    people: int
    submitted_on: str
    is_mine: bool
    can_join: bool


class MattersOut(BaseModel):
    items: list[MatterOut]


class OpinionBrief(BaseModel):
    number: str
    text: str
    category_name: str
    state: str
    state_name: str
    submitted_at: str
    due_on: str | None
    can_rate: bool
    is_overdue: bool
    #: How many people the answer goes to; more than one only in a handler's list.
    people: int


class OpinionPage(BaseModel):
    items: list[OpinionBrief]
    page: int
    page_size: int
    total: int


class TimelineLine(BaseModel):
    at: str
    title: str
    detail: str


class AnswerOut(BaseModel):
    text: str
    handler_name: str
    answered_at: str


class RatingOut(BaseModel):
    grade: str
    grade_name: str
    attitude: str | None
    attitude_name: str | None
    comment: str
    rated_at: str


class OpinionOut(BaseModel):
    number: str
    text: str
    category: str
    category_name: str
    village: Region
    state: str
    state_name: str
    is_anonymous: bool
    submitted_at: str
    due_on: str | None
    is_paused: bool
    handler_name: str | None
    photos: list[Photo]
    timeline: list[TimelineLine]
    answer: AnswerOut | None
    can_rate: bool
    rating: RatingOut | None
    round_no: int


class ExtensionOut(BaseModel):
    """The newest request for a later day, and what the office said."""

    state: Literal["pending", "granted", "declined"]
    state_name: str
    wanted_on: str
    reason: str
    decision_note: str | None


class VoiceOut(BaseModel):
    """What another author of the same matter wrote; the answer goes to them as well."""

    text: str
    submitted_at: str


class AssignedOpinionOut(OpinionOut):
    voices: list[VoiceOut]
    can_answer: bool
    can_ask_extension: bool
    extension: ExtensionOut | None
    instructions: list[str]


class ExtensionIn(BaseModel):
    wanted_on: date
    reason: str = Field(max_length=500)


class RatingIn(BaseModel):
    grade: Grade
    #: How the person was treated, apart from the result.
    attitude: Grade | None = None
    comment: str = Field("", max_length=500)


class AnswerIn(BaseModel):
    text: str = Field(max_length=20_000)


class ReasonIn(BaseModel):
    reason: str = Field(max_length=500)


class ReplyTemplateOut(BaseModel):
    title: str
    text: str


class ReplyTemplates(BaseModel):
    items: list[ReplyTemplateOut]


class AssignedQuery(PageQuery):
    state: Literal["open", "done"] = "open"


def show_brief(row: comments.Opinion, people: int = 1) -> OpinionBrief:
    text = row.text if len(row.text) <= BRIEF else f"{row.text[:BRIEF]}…"
    today = get_context().today
    return OpinionBrief(number=row.number, text=text, category_name=CATEGORIES[row.category], state=row.state,
                        state_name=STATE_NAMES[row.state], submitted_at=iso(row.submitted_at),
                        due_on=row.due_on.isoformat() if row.due_on else None, can_rate=row.state == "answered",
                        is_overdue=row.due_on is not None and row.due_on < today, people=people)


def show_file(found: comments.OpinionFile) -> dict[str, object]:
    row, answer, rating = found.opinion, found.answer, found.rating
    return {
        "number": row.number, "text": row.text, "category": row.category, "category_name": found.category_name,
        "village": show_region(found.village), "state": row.state, "state_name": found.state_name,
        "is_anonymous": row.is_anonymous, "submitted_at": iso(row.submitted_at),
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "is_paused": row.paused_workdays is not None, "handler_name": found.handler_name,
        "photos": [show_photo(link) for link in found.photos], "can_rate": found.can_rate, "round_no": row.round_no,
        "timeline": [{"at": iso(event.at), "title": event.title, "detail": event.detail} for event in found.events],
        "answer": None if answer is None or answer.answered_at is None else {
            "text": answer.answer, "handler_name": found.answer_handler, "answered_at": iso(answer.answered_at)},
        "rating": None if rating is None else {
            "grade": rating.grade, "grade_name": GRADE_NAMES[rating.grade], "attitude": rating.attitude,
            "attitude_name": GRADE_NAMES[rating.attitude] if rating.attitude else None, "comment": rating.comment,
            "rated_at": iso(rating.rated_at)},
    }


@bp.post("/opinions")
@requires("account")
@rate_limit("10/hour", per="actor", when_redis_is_away="open")
@bp.input(OpinionIn)
@bp.output(OpinionOut, status_code=201)
def submit_opinion(json_data: OpinionIn) -> dict[str, object]:
    """Submit an opinion: it gets a number and waits for screening, or joins a matter that is being handled."""
    ctx = get_context()
    form = comments.OpinionForm(
        text=json_data.text, category=json_data.category, village_id=json_data.village_id,
        consent_version=json_data.consent_version, photo_ids=tuple(json_data.photo_ids),
        is_anonymous=json_data.is_anonymous, joins=json_data.joins, channel="mini" if me.own_openid(ctx) else "web")
    return show_file(comments.build_file(ctx, comments.submit(ctx, form), internal=False))


@bp.post("/opinion-matters")
@requires("account")
@reads_only
@rate_limit("120/hour", per="actor", when_redis_is_away="open")
@bp.input(MatterQuery)
@bp.output(MattersOut)
def find_matters(json_data: MatterQuery) -> dict[str, object]:
    """Matters of the village that the words being written speak of; a POST, because words belong in no address."""
    found = comments.find_matters(get_context(), text=json_data.text, village_id=json_data.village_id)
    return {"items": [_show_matter(row) for row in found]}


def _show_matter(row: comments.Matter) -> MatterOut:
    opinion = row.opinion
    return MatterOut(number=opinion.number, title=opinion.matter, category_name=CATEGORIES[opinion.category],
                     state=opinion.state, state_name=STATE_NAMES[opinion.state], people=row.people,
                     submitted_on=local_day(opinion.submitted_at).isoformat(), is_mine=row.is_mine,
                     can_join=row.can_join)


@bp.get("/opinions")
@requires("account")
@bp.input(PageQuery, location="query")
@bp.output(OpinionPage)
def list_opinions(query_data: PageQuery) -> dict[str, object]:
    """The asker's own opinions."""
    found = comments.list_mine(get_context(), page=query_data.page, page_size=query_data.page_size)
    return paged(found, query_data, show_brief)


@bp.get("/opinions/<number>")
@requires("account")
@bp.output(OpinionOut)
def get_opinion(number: str) -> dict[str, object]:
    """One of the asker's opinions with its timeline."""
    return show_file(comments.get_mine(get_context(), number))


@bp.post("/opinions/<number>/rating")
@requires("account")
@bp.input(RatingIn)
@bp.output(OpinionOut)
def rate_opinion(number: str, json_data: RatingIn) -> dict[str, object]:
    """Rate the answer; unsatisfied opens the redo."""
    ctx = get_context()
    row = comments.rate(ctx, number, grade=json_data.grade, attitude=json_data.attitude,
                        comment=json_data.comment)
    return show_file(comments.build_file(ctx, row, internal=False))


@bp.get("/assigned-opinions")
@requires("deputy")
@bp.input(AssignedQuery, location="query")
@bp.output(OpinionPage)
def list_assigned(query_data: AssignedQuery) -> dict[str, object]:
    """The deputy's own work, soonest due first, or what was answered."""
    ctx = get_context()
    found = comments.list_assigned(ctx, state=query_data.state, page=query_data.page, page_size=query_data.page_size)
    people = comments.count_people(ctx, [row.id for row in found[0]])
    return paged(found, query_data, lambda row: show_brief(row, people[row.id]))


def _show_assigned(number: str) -> dict[str, object]:
    ctx = get_context()
    found, can_answer = comments.get_assigned(ctx, number)
    row, due_on = found.extension, found.opinion.due_on
    asked = None if row is None else {
        "state": row.state, "state_name": EXTENSION_NAMES[row.state], "wanted_on": row.wanted_on.isoformat(),
        "reason": row.reason, "decision_note": row.decision_note}
    may_ask = can_answer and (row is None or row.state == "declined") and due_on is not None and due_on >= ctx.today
    voices = [{"text": member.opinion.text, "submitted_at": iso(member.opinion.submitted_at)}
              for member in found.members if member.is_screened]
    return {**show_file(found), "voices": voices, "can_answer": can_answer, "can_ask_extension": may_ask,
            "extension": asked, "instructions": [line.instruction for line in found.instructions]}


@bp.get("/reply-templates")
@requires("deputy")
@bp.output(ReplyTemplates)
def list_reply_templates() -> dict[str, object]:
    """Beginnings of answers that the offices of the deputy's region and above offer."""
    return {"items": [ReplyTemplateOut(title=row.title, text=row.text)
                      for row in comments.reply_templates.list_for_answering(get_context())]}


@bp.get("/assigned-opinions/<number>")
@requires("deputy")
@bp.output(AssignedOpinionOut)
def get_assigned(number: str) -> dict[str, object]:
    """An opinion assigned to the deputy, and whether it may be answered now."""
    return _show_assigned(number)


@bp.post("/assigned-opinions/<number>/answer")
@requires("deputy")
@bp.input(AnswerIn)
@bp.output(AssignedOpinionOut)
def answer_opinion(number: str, json_data: AnswerIn) -> dict[str, object]:
    """Send the answer to the resident."""
    comments.answer_as_deputy(get_context(), number, text=json_data.text)
    return _show_assigned(number)


@bp.post("/assigned-opinions/<number>/extension")
@requires("deputy")
@bp.input(ExtensionIn)
@bp.output(AssignedOpinionOut)
def ask_extension(number: str, json_data: ExtensionIn) -> dict[str, object]:
    """Ask the office for a later day; until it decides, the present one holds."""
    comments.ask_extension(get_context(), number, wanted_on=json_data.wanted_on, reason=json_data.reason)
    return _show_assigned(number)


@bp.post("/assigned-opinions/<number>/return")
@requires("deputy")
@bp.input(ReasonIn)
@bp.output({}, status_code=204)
def return_opinion(number: str, json_data: ReasonIn) -> str:
    """Give the opinion back to the clerk, who finds another handler."""
    comments.give_back(get_context(), number, reason=json_data.reason)
    return ""
