"""Residents' opinions: intake, screening, assignment, answer, rating and redo (群众意见).

Only organs and deputies answer; the resident follows a number and a timeline, and has the last word by rating.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import aliased

from models.comments import NumberSeries, OpinionAssignment, OpinionEvent, OpinionPhoto, OpinionRating
from models.comments import Opinion as Opinion
from models.deputies import Congress, Mandate, Person
from models.identity import Account, HandlingUnit
from models.insert_once import insert_once
from models.regions import Region
from services import access, audit, media, outbox, pushes, regions
from services.context import Context, local_day
from services.errors import Conflict, Invalid
from services.rules import privacy
from services.rules.opinion_states import CATEGORIES, GRADE_NAMES, MAX_ROUNDS, STATE_NAMES, may_move

MAX_TEXT = 5000
MAX_PHOTOS = 9


@dataclass(frozen=True)
class OpinionForm:
    text: str
    category: str
    village_id: int
    consent_version: str
    photo_ids: tuple[int, ...] = ()
    is_anonymous: bool = False
    channel: str = "mini"


# --- the resident -----------------------------------------------------------------------------------


def submit(ctx: Context, form: OpinionForm) -> Opinion:
    """Take an opinion in: it gets its number and waits for screening; the text check runs after the commit."""
    account = access.own_account(ctx).id
    village = _check(ctx, form)
    township = regions.township_of(ctx.session, village)
    opinion = Opinion(
        number=_next_number(ctx, township), account_id=account, township_id=township.id, village_id=village.id,
        category=form.category, text=form.text.strip(), channel=form.channel, is_anonymous=form.is_anonymous,
        consent_version=form.consent_version, consent_at=ctx.now, submitted_at=ctx.now,
        due_on=regions.due_day(ctx, township, "opinion.screening_workdays"))
    ctx.session.add(opinion)
    ctx.session.flush()
    photos = media.attach(ctx, form.photo_ids, purpose="opinion")
    ctx.session.add_all(OpinionPhoto(opinion_id=opinion.id, media_id=number, position=place)
                        for place, number in enumerate(photos))
    _tell(ctx, opinion, "已提交", "工作人员会在1个工作日内受理")
    audit.record(ctx, "opinion.submitted", f"opinion:{opinion.id}", {"channel": form.channel}, region_id=township.id)
    outbox.publish(ctx, "opinion.submitted", opinion_id=opinion.id)
    return opinion


def _check(ctx: Context, form: OpinionForm) -> Region:
    if not 1 <= len(form.text.strip()) <= MAX_TEXT:
        raise Invalid("opinion_text_length", fields={"text": "opinion_text_length"})
    if form.category not in CATEGORIES:
        raise Invalid("opinion_category_unknown", fields={"category": "opinion_category_unknown"})
    if len(form.photo_ids) > MAX_PHOTOS:
        raise Invalid("opinion_too_many_photos", fields={"photo_ids": "opinion_too_many_photos"})
    if not privacy.holds(form.consent_version):
        raise Invalid("consent_outdated", fields={"consent_version": "consent_outdated"})
    village = regions.get_region(ctx.session, form.village_id)
    if village.level != "village":
        raise Invalid("village_required", fields={"village_id": "village_required"})
    return village


def _next_number(ctx: Context, township: Region) -> str:
    """YJ + nine-digit township code + year + six-digit serial, from an atomic counter."""
    name = f"YJ{township.code[:9]}{ctx.today.year}"
    serial = _take_serial(ctx, name)
    if serial is None:
        # Where another first opinion of the year creates the series at this moment, either row is the one.
        insert_once(ctx.session, NumberSeries, name=name, next_serial=1)
        serial = _take_serial(ctx, name)
    return f"{name}{serial:06d}"


def _take_serial(ctx: Context, name: str) -> int | None:
    return ctx.session.scalar(update(NumberSeries).where(NumberSeries.name == name)
                              .values(next_serial=NumberSeries.next_serial + 1)
                              .returning(NumberSeries.next_serial - 1))


def text_to_check(ctx: Context, opinion_id: int) -> tuple[str, int] | None:
    """The text and its author's account while the check is still open, else None."""
    opinion = ctx.session.get_one(Opinion, opinion_id)
    if opinion.text_check != "pending" or opinion.account_id is None:
        return None
    return opinion.text, opinion.account_id


def record_text_check(ctx: Context, opinion_id: int, *, suggestion: str) -> None:
    """Keep what the platform said; whatever it is, a person screens, and only `pass` is not marked for care."""
    opinion = ctx.session.get_one(Opinion, opinion_id)
    if opinion.text_check == "pending":
        opinion.text_check = suggestion
        audit.record(ctx, "opinion.text_checked", f"opinion:{opinion.id}", {"suggestion": suggestion},
                     region_id=opinion.township_id)


def rate(ctx: Context, number: str, *, grade: str, comment: str) -> Opinion:
    """The resident's word on the answer: unsatisfied opens the redo once, then the clerk meets them."""
    opinion = access.access_own_opinion(ctx, number)
    if grade not in GRADE_NAMES:
        raise Invalid("field_not_a_choice", fields={"grade": "field_not_a_choice"})
    if opinion.state == "closed" or _rating(ctx, opinion) is not None:
        raise Conflict("already_rated")
    if opinion.state != "answered":
        raise _refused(opinion)
    if grade == "unsatisfied" and not comment.strip():
        raise Invalid("rating_comment_required", fields={"comment": "rating_comment_required"})
    ctx.session.add(OpinionRating(opinion_id=opinion.id, round_no=opinion.round_no, grade=grade,
                                  comment=comment.strip(), rated_at=ctx.now))
    ctx.session.flush()
    _tell(ctx, opinion, f"您的评价：{GRADE_NAMES[grade]}", comment.strip())
    if grade == "unsatisfied":
        _redo(ctx, opinion)
    else:
        _move(ctx, opinion, "closed")
        opinion.closed_at, opinion.due_on = ctx.now, None
    audit.record(ctx, "opinion.rated", f"opinion:{opinion.id}", {"grade": grade}, region_id=opinion.township_id)
    return opinion


def _redo(ctx: Context, opinion: Opinion) -> None:
    """The next round with the same handler and a fresh clock; after the last round, back to the clerk.

    A deputy who has left office meanwhile has no next round: the clerk finds another handler.
    """
    township = regions.get_region(ctx.session, opinion.township_id)
    last = _assignment(ctx, opinion)
    opinion.round_no += 1
    opinion.due_on = regions.due_day(ctx, township, "opinion.redo_workdays")
    if opinion.round_no > MAX_ROUNDS or last is None:
        _move(ctx, opinion, "registered")
        _tell(ctx, opinion, "转工作人员当面沟通", f"请在{opinion.due_on:%m月%d日}前等候联系")
        return
    if last.person_id is not None and not _is_in_office(ctx, last.person_id):
        _move(ctx, opinion, "registered")
        _tell(ctx, opinion, "重新交办", "原承办代表已不在任，工作人员会另行交办")
        return
    _move(ctx, opinion, "assigned")
    ctx.session.add(OpinionAssignment(
        opinion_id=opinion.id, round_no=opinion.round_no, person_id=last.person_id, unit_id=last.unit_id,
        due_on=opinion.due_on, assigned_by=last.assigned_by, assigned_at=ctx.now))
    _tell(ctx, opinion, "重新办理", f"请承办方在{opinion.due_on:%m月%d日}前重新答复")


# --- the clerk --------------------------------------------------------------------------------------


def register(ctx: Context, number: str, *, category: str | None = None, is_urgent: bool = False) -> Opinion:
    """Screening passed: the matter is taken up, its category confirmed or corrected."""
    opinion = access.access_opinion(ctx, number, "opinions.screen")
    if category is not None and category not in CATEGORIES:
        raise Invalid("opinion_category_unknown", fields={"category": "opinion_category_unknown"})
    if opinion.state != "screening":
        raise _refused(opinion)
    _move(ctx, opinion, "registered")
    opinion.category = category or opinion.category
    opinion.is_urgent = is_urgent
    _tell(ctx, opinion, "已受理", f"类别：{CATEGORIES[opinion.category]}")
    _word(ctx, opinion, "registered", "已受理", "工作人员已受理您的意见")
    audit.record(ctx, "opinion.registered", f"opinion:{opinion.id}", {"category": opinion.category},
                 region_id=opinion.township_id)
    return opinion


def refuse(ctx: Context, number: str, *, reason: str) -> Opinion:
    """Not taken up, with the reason and where to turn, which the resident reads."""
    opinion = access.access_opinion(ctx, number, "opinions.screen")
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    _move(ctx, opinion, "rejected")
    opinion.reject_reason, opinion.due_on, opinion.closed_at = reason.strip(), None, ctx.now
    _tell(ctx, opinion, "不予受理", reason.strip())
    _word(ctx, opinion, "rejected", "未受理", "请点开查看原因和办理渠道")
    audit.record(ctx, "opinion.refused", f"opinion:{opinion.id}", region_id=opinion.township_id)
    return opinion


def close_after_meeting(ctx: Context, number: str, *, result: str) -> Opinion:
    """After the last unsatisfied rating the clerk meets the resident; what came of it closes the matter."""
    opinion = access.access_opinion(ctx, number, "opinions.screen")
    if opinion.state != "registered" or opinion.round_no <= MAX_ROUNDS:
        raise _refused(opinion)
    if not result.strip():
        raise Invalid("invalid_input", fields={"result": "field_required"})
    _close(ctx, opinion, "当面沟通后办结", result.strip())
    return opinion


def close_unrated(ctx: Context, *, limit: int = 200) -> int:
    """Close answers that nobody rated within the region's days; returns how many."""
    waiting = ctx.session.execute(
        select(Opinion, OpinionAssignment.answered_at)
        .join(OpinionAssignment, (OpinionAssignment.opinion_id == Opinion.id)
              & (OpinionAssignment.round_no == Opinion.round_no) & (OpinionAssignment.state == "answered"))
        .where(Opinion.state == "answered").order_by(OpinionAssignment.answered_at).limit(limit)
        .with_for_update(of=Opinion, skip_locked=True)).all()
    closed = 0
    for opinion, answered_at in waiting:
        township = regions.get_region(ctx.session, opinion.township_id)
        days = regions.setting(ctx.session, township, "opinion.rating_days", ctx.today)
        if answered_at is not None and answered_at <= ctx.now - timedelta(days=days):
            _close(ctx, opinion, "逾期未评价，自动办结", f"答复后{days}天内没有评价。如仍有问题，请重新提交。")
            closed += 1
    return closed


def _close(ctx: Context, opinion: Opinion, title: str, detail: str) -> None:
    _move(ctx, opinion, "closed")
    opinion.closed_at, opinion.due_on = ctx.now, None
    _tell(ctx, opinion, title, detail)
    _word(ctx, opinion, "closed", "已办结", title)
    audit.record(ctx, "opinion.closed", f"opinion:{opinion.id}", {"how": title}, region_id=opinion.township_id)


@dataclass(frozen=True)
class Handler:
    """Exactly one of the two: a deputy or a handling unit."""

    person_id: int | None = None
    unit_id: int | None = None


def assign(ctx: Context, number: str, *, handler: Handler, due_on: date | None = None) -> Opinion:
    """Hand over to a deputy or a unit with a day in working days; a live assignment is replaced."""
    opinion = access.access_opinion(ctx, number, "opinions.assign")
    name = _handler_name(ctx, opinion, handler)
    if opinion.state == "answered":
        raise _refused(opinion)  # only the resident's rating opens another round
    _move(ctx, opinion, "assigned")
    live = _assignment(ctx, opinion)
    if live is not None and live.state == "open":
        live.state, live.returned_reason = "returned", "改派"
        ctx.session.flush()
    township = regions.get_region(ctx.session, opinion.township_id)
    clock = "opinion.deputy_workdays" if handler.person_id else "opinion.unit_workdays"
    if due_on is not None and due_on < ctx.today:
        raise Invalid("due_date_past", fields={"due_on": "due_date_past"})
    opinion.due_on = due_on or regions.due_day(ctx, township, clock)
    ctx.session.add(OpinionAssignment(
        opinion_id=opinion.id, round_no=opinion.round_no, person_id=handler.person_id, unit_id=handler.unit_id,
        due_on=opinion.due_on, assigned_by=access.staff_id(ctx), assigned_at=ctx.now))
    ctx.session.flush()
    _tell(ctx, opinion, f"已交{name}办理", f"办理期限：{opinion.due_on:%Y年%m月%d日}")
    _word(ctx, opinion, f"assigned:{opinion.round_no}:{name}", "办理中", f"已交{name}办理")
    audit.record(ctx, "opinion.assigned", f"opinion:{opinion.id}", {"handler": vars(handler)},
                 region_id=opinion.township_id)
    return opinion


def _is_in_office(ctx: Context, person_id: int) -> bool:
    """Whether the deputy has a mandate in force, which cannot end before this transaction does."""
    held = select(Mandate.id).where(Mandate.person_id == person_id, Mandate.state == "active")
    return ctx.session.scalar(held.with_for_update(read=True)) is not None


def _handler_name(ctx: Context, opinion: Opinion, handler: Handler) -> str:
    if (handler.person_id is None) == (handler.unit_id is None):
        raise Invalid("handler_required", fields={"handler": "handler_required"})
    if handler.person_id is not None:
        found = ctx.session.scalar(select(Person.name).where(
            Person.id == handler.person_id, access.in_scope(ctx, Person.region_id)))
        name = f"{found}代表" if found and _is_in_office(ctx, handler.person_id) else None
    else:
        name = ctx.session.scalar(select(HandlingUnit.name).where(
            HandlingUnit.id == handler.unit_id, access.in_scope(ctx, HandlingUnit.region_id)))
    if name is None:
        raise Invalid("handler_unknown", fields={"handler": "handler_unknown"})
    return name


def note(ctx: Context, number: str, *, text: str) -> None:
    """An internal note; the resident never sees it."""
    opinion = access.access_opinion(ctx, number, "opinions.view")
    if not text.strip():
        raise Invalid("invalid_input", fields={"text": "field_required"})
    ctx.session.add(OpinionEvent(opinion_id=opinion.id, at=ctx.now, title="内部备注", detail=text.strip(),
                                 is_internal=True, actor=ctx.actor.key))
    audit.record(ctx, "opinion.noted", f"opinion:{opinion.id}", region_id=opinion.township_id)


# --- answering --------------------------------------------------------------------------------------


def answer_as_deputy(ctx: Context, number: str, *, text: str) -> Opinion:
    """The deputy's answer goes out; a repeated one of the same round is the same answer."""
    opinion, assignment = access.access_assigned_opinion(ctx, number)
    _answer(ctx, opinion, assignment, text)
    return opinion


def answer_as_unit(ctx: Context, number: str, *, text: str) -> Opinion:
    """The handling unit's answer, by its own staff."""
    opinion = access.access_opinion(ctx, number, "opinions.answer")
    assignment = _assignment(ctx, opinion)
    if assignment is None or assignment.unit_id != ctx.actor.unit_id:
        raise _refused(opinion)
    _answer(ctx, opinion, assignment, text)
    return opinion


def _answer(ctx: Context, opinion: Opinion, assignment: OpinionAssignment, text: str) -> None:
    if not text.strip():
        raise Invalid("answer_required", fields={"text": "answer_required"})
    if len(text) > MAX_TEXT:
        raise Invalid("answer_too_long", fields={"text": "answer_too_long"})
    if assignment.state != "open" or assignment.round_no != opinion.round_no:
        raise _refused(opinion)
    _move(ctx, opinion, "answered")
    assignment.state, assignment.answer, assignment.answered_at = "answered", text.strip(), ctx.now
    opinion.due_on = None
    _tell(ctx, opinion, "已答复", "请查看答复并评价")
    _word(ctx, opinion, f"answered:{opinion.round_no}", "已答复", "请查看答复并评价")
    audit.record(ctx, "opinion.answered", f"opinion:{opinion.id}", {"round": opinion.round_no},
                 region_id=opinion.township_id)
    outbox.publish(ctx, "opinion.answered", assignment_id=assignment.id)


def give_back(ctx: Context, number: str, *, reason: str) -> Opinion:
    """The deputy cannot handle it: back to the clerk with the reason, which stays internal."""
    opinion, assignment = access.access_assigned_opinion(ctx, number)
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    if assignment.state != "open":
        raise _refused(opinion)
    _return(ctx, opinion, assignment, "承办人退回", reason.strip())
    return opinion


def take_back(ctx: Context, person_id: int) -> int:
    """What a deputy had to answer where no mandate in force reaches any more goes back to the clerk.

    A mandate reaches the opinions of its congress's region; returns how many were taken back.
    """
    place = aliased(Region)
    here = select(place.path).where(place.id == Opinion.township_id).correlate(Opinion).scalar_subquery()
    reaching = (select(Region.id).join(Congress, Congress.region_id == Region.id)
                .join(Mandate, Mandate.congress_id == Congress.id)
                .where(Mandate.person_id == person_id, Mandate.state == "active", here.startswith(Region.path)))
    rows = ctx.session.execute(
        select(Opinion, OpinionAssignment).join(OpinionAssignment, OpinionAssignment.opinion_id == Opinion.id)
        .where(OpinionAssignment.person_id == person_id, OpinionAssignment.state == "open",
               Opinion.state == "assigned", ~reaching.correlate(Opinion).exists())
        .order_by(Opinion.id).with_for_update()).all()
    for opinion, assignment in rows:
        _return(ctx, opinion, assignment, "收回待重新交办", "承办代表的职务已终止或调离")
    return len(rows)


def _return(ctx: Context, opinion: Opinion, assignment: OpinionAssignment, title: str, reason: str) -> None:
    """Back to the clerk, with a reason that stays internal."""
    _move(ctx, opinion, "registered")
    assignment.state, assignment.returned_reason = "returned", reason
    ctx.session.add(OpinionEvent(opinion_id=opinion.id, at=ctx.now, title=title, detail=reason, is_internal=True,
                                 actor=ctx.actor.key))
    audit.record(ctx, "opinion.returned", f"opinion:{opinion.id}", region_id=opinion.township_id)


@dataclass(frozen=True)
class TimelyAnswer:
    person_id: int
    number: str
    answered_on: date


def timely_deputy_answer(ctx: Context, assignment_id: int) -> TimelyAnswer | None:
    """What the duty job needs: a deputy's answer given within its clock, else None."""
    row = ctx.session.get_one(OpinionAssignment, assignment_id)
    if row.person_id is None or row.answered_at is None:
        return None
    answered_on = local_day(row.answered_at)
    opinion = ctx.session.get_one(Opinion, row.opinion_id)
    return TimelyAnswer(row.person_id, opinion.number, answered_on) if answered_on <= row.due_on else None


# --- the moves --------------------------------------------------------------------------------------


def _move(ctx: Context, opinion: Opinion, to: str) -> None:
    if not may_move(opinion.state, to):
        raise _refused(opinion)
    opinion.state = to


def _refused(opinion: Opinion) -> Conflict:
    return Conflict("opinion_move_refused", state=STATE_NAMES[opinion.state])


def _tell(ctx: Context, opinion: Opinion, title: str, detail: str) -> None:
    ctx.session.add(OpinionEvent(opinion_id=opinion.id, at=ctx.now, title=title, detail=detail, actor=ctx.actor.key))


def _word(ctx: Context, opinion: Opinion, step: str, phrase: str, detail: str) -> None:
    if opinion.account_id is not None:
        pushes.queue_word(ctx, account_id=opinion.account_id, opinion_id=opinion.id,
                          cause=f"opinion:{opinion.id}:{step}", phrase=phrase, detail=detail)


def _assignment(ctx: Context, opinion: Opinion) -> OpinionAssignment | None:
    return ctx.session.scalar(
        select(OpinionAssignment).where(OpinionAssignment.opinion_id == opinion.id,
                                        OpinionAssignment.state != "returned")
        .order_by(OpinionAssignment.round_no.desc()).limit(1))


def _rating(ctx: Context, opinion: Opinion) -> OpinionRating | None:
    return ctx.session.scalar(select(OpinionRating).where(
        OpinionRating.opinion_id == opinion.id, OpinionRating.round_no == opinion.round_no))


# --- reading ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OpinionFile:
    """Everything about one opinion, as its page shows it; `events` respects who is looking."""

    opinion: Opinion
    village: Region
    handler_name: str | None
    answer: OpinionAssignment | None
    answer_handler: str | None
    rating: OpinionRating | None
    photos: list[media.PhotoLink]
    events: list[OpinionEvent]
    assignments: list[OpinionAssignment]
    #: For staff: nobody reads the messages any more, the author closed the account or was made anonymous.
    is_author_gone: bool

    @property
    def state_name(self) -> str:
        return STATE_NAMES[self.opinion.state]

    @property
    def category_name(self) -> str:
        return CATEGORIES[self.opinion.category]

    @property
    def can_rate(self) -> bool:
        return self.opinion.state == "answered"


def build_file(ctx: Context, opinion: Opinion, *, internal: bool) -> OpinionFile:
    # Nothing can have been assigned or rated before screening.
    is_fresh = opinion.state == "screening"
    assignments = [] if is_fresh else list(ctx.session.scalars(
        select(OpinionAssignment).where(OpinionAssignment.opinion_id == opinion.id).order_by(OpinionAssignment.id)))
    live = next((row for row in reversed(assignments)
                 if row.state != "returned" and row.round_no == opinion.round_no), None)
    answered = next((row for row in reversed(assignments) if row.state == "answered"), None)
    events = select(OpinionEvent).where(OpinionEvent.opinion_id == opinion.id).order_by(OpinionEvent.id)
    if not internal:
        events = events.where(~OpinionEvent.is_internal)
    photo_ids = list(ctx.session.scalars(
        select(OpinionPhoto.media_id).where(OpinionPhoto.opinion_id == opinion.id).order_by(OpinionPhoto.position)))
    rating = None if is_fresh else ctx.session.scalar(
        select(OpinionRating).where(OpinionRating.opinion_id == opinion.id)
        .order_by(OpinionRating.round_no.desc()).limit(1))
    return OpinionFile(
        opinion, ctx.session.get_one(Region, opinion.village_id), _name_of(ctx, live), answered,
        _name_of(ctx, answered), rating, media.links(ctx, photo_ids), list(ctx.session.scalars(events)), assignments,
        internal and _is_author_gone(ctx, opinion))


def _is_author_gone(ctx: Context, opinion: Opinion) -> bool:
    return ctx.session.scalar(select(Account.id).where(
        Account.id == opinion.account_id, Account.state == "active")) is None


def _name_of(ctx: Context, row: OpinionAssignment | None) -> str | None:
    if row is None:
        return None
    if row.person_id is not None:
        return f"{ctx.session.get_one(Person, row.person_id).name}代表"
    return ctx.session.get_one(HandlingUnit, row.unit_id).name


def get_mine(ctx: Context, number: str) -> OpinionFile:
    return build_file(ctx, access.access_own_opinion(ctx, number), internal=False)


def get_assigned(ctx: Context, number: str) -> tuple[OpinionFile, bool]:
    """The file for the deputy who handles it, and whether it may be answered now."""
    opinion, assignment = access.access_assigned_opinion(ctx, number)
    return build_file(ctx, opinion, internal=False), assignment.state == "open" and opinion.state == "assigned"


def get_for_staff(ctx: Context, number: str) -> OpinionFile:
    return build_file(ctx, access.access_opinion(ctx, number, "opinions.view"), internal=True)


def _page(ctx: Context, query: Select[Opinion], page: int, page_size: int) -> tuple[list[Opinion], int]:
    total = ctx.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    rows = ctx.session.scalars(query.limit(page_size).offset((page - 1) * page_size))
    return list(rows), total


def list_mine(ctx: Context, *, page: int, page_size: int) -> tuple[list[Opinion], int]:
    query = select(Opinion).where(Opinion.account_id == access.account_id(ctx)).order_by(Opinion.id.desc())
    return _page(ctx, query, page, page_size)


def list_assigned(ctx: Context, *, state: str, page: int, page_size: int) -> tuple[list[Opinion], int]:
    """A deputy's own work: `open` to answer, soonest due first, or `done`."""
    person_id = access.deputy_id(ctx)
    wanted = "open" if state == "open" else "answered"
    mine = select(OpinionAssignment.opinion_id).where(OpinionAssignment.person_id == person_id,
                                                      OpinionAssignment.state == wanted)
    query = select(Opinion).where(Opinion.id.in_(mine))
    ordered = query.order_by(Opinion.due_on, Opinion.id) if wanted == "open" else query.order_by(Opinion.id.desc())
    return _page(ctx, ordered, page, page_size)


@dataclass(frozen=True)
class OpinionFilter:
    state: str = ""
    category: str = ""
    search: str = ""
    overdue: bool = False
    flagged: bool = False


def list_for_staff(ctx: Context, which: OpinionFilter, *, page: int = 1, page_size: int = 20
                   ) -> tuple[list[tuple[Opinion, str]], int]:
    """Opinions in reach with their village's name; `open` means not closed, `overdue` past its day."""
    access.require(ctx, "opinions.view")
    query = select(Opinion).where(access.opinion_scope(ctx))
    if which.state == "open":
        query = query.where(Opinion.state.in_(("screening", "registered", "assigned")))
    elif which.state:
        query = query.where(Opinion.state == which.state)
    if which.category:
        query = query.where(Opinion.category == which.category)
    if which.search:
        query = query.where(Opinion.number.contains(which.search.upper(), autoescape=True)
                            | Opinion.text.contains(which.search, autoescape=True))
    if which.overdue:
        query = query.where(is_overdue(ctx))
    if which.flagged:
        query = query.where(Opinion.text_check.in_(("review", "risky", "unreachable")), Opinion.state == "screening")
    rows, total = _page(ctx, query.order_by(Opinion.id.desc()), page, page_size)
    villages = names_of_villages(ctx, rows)
    return [(row, villages[row.village_id]) for row in rows], total


def names_of_villages(ctx: Context, rows: Sequence[Opinion]) -> dict[int, str]:
    found = ctx.session.execute(select(Region.id, Region.name).where(Region.id.in_({row.village_id for row in rows})))
    return dict(found.all())


def is_overdue(ctx: Context) -> ColumnElement[bool]:
    return Opinion.due_on.is_not(None) & (Opinion.due_on < ctx.today)


def count_open(ctx: Context, *, overdue: bool = False) -> int:
    query = select(func.count()).select_from(Opinion).where(
        access.opinion_scope(ctx), Opinion.state.in_(("screening", "registered", "assigned")))
    return ctx.session.scalar(query.where(is_overdue(ctx)) if overdue else query) or 0


def list_handlers(ctx: Context) -> tuple[list[Person], list[HandlingUnit]]:
    """Whom the clerk may assign to: deputies with a mandate in force and units of the region."""
    access.require(ctx, "opinions.assign")
    people = ctx.session.scalars(select(Person).where(
        access.in_office(Person.id), access.in_scope(ctx, Person.region_id)).order_by(Person.name))
    units = ctx.session.scalars(select(HandlingUnit).where(access.in_scope(ctx, HandlingUnit.region_id))
                                .order_by(HandlingUnit.name))
    return list(people), list(units)


def handlers_of(ctx: Context, assignments: Sequence[OpinionAssignment]) -> dict[int, str]:
    """The handler's name of each assignment."""
    return {row.id: _name_of(ctx, row) or "" for row in assignments}
