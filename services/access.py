"""The only door to rows: one rule of region and role, and NotFound for absent and foreign alike."""

from typing import TypeVar

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from models.activities import Activity, ActivityPerson
from models.ballots import BallotRound, Sitting
from models.checkin import Visit
from models.comments import Opinion, OpinionAssignment, ReplyTemplate
from models.deputies import Congress, Delegation, DeputyGroup, Mandate, Person, RosterImport
from models.duties import DutyRecord
from models.identity import Account, SeatClaim
from models.notices import Notice, NoticeDelivery
from models.points import PointEntry
from models.projects import Project, ProjectIdea, ProjectYear
from models.regions import Region
from models.stations import Reception, Station, StationScreen
from models.suggestions import Suggestion, SuggestionCosigner, SuggestionUnit
from services.context import Context
from services.errors import Forbidden, NotFound, Unauthenticated
from services.rules.permissions import role_may

T = TypeVar("T")
_HELD = aliased(Mandate)


def require(ctx: Context, permission: str) -> None:
    """Refuse staff whose role lacks the permission; the system itself may do what its jobs do."""
    if ctx.actor.kind == "system":
        return
    if ctx.actor.kind != "staff":
        raise Unauthenticated("login_required")
    if not role_may(ctx.actor.role, permission):
        raise Forbidden("forbidden")


def account_id(ctx: Context) -> int:
    """The account of the person asking, a resident or a deputy."""
    if ctx.actor.account_id is None:
        raise Unauthenticated("login_required")
    return ctx.actor.account_id


def own_account(ctx: Context) -> Account:
    """The asker's account, held open until the commit: a closing waits for it, and after a closing it is refused."""
    return _live(ctx, select(Account).with_for_update(read=True, key_share=True))


def own_account_alone(ctx: Context) -> Account:
    """The asker's account, with everybody else's work on it waiting."""
    return _live(ctx, select(Account).with_for_update())


def _live(ctx: Context, query: Select[Account]) -> Account:
    row = ctx.session.scalar(query.where(Account.id == account_id(ctx), Account.state == "active")
                             .execution_options(populate_existing=True))
    if row is None:
        raise Unauthenticated("session_expired")
    return row


def deputy_id(ctx: Context) -> int:
    """The person on the roster who is asking."""
    if ctx.actor.account_id is None:
        raise Unauthenticated("login_required")
    if ctx.actor.person_id is None:
        raise Forbidden("deputy_only")
    return ctx.actor.person_id


def staff_id(ctx: Context) -> int:
    if ctx.actor.staff_id is None:
        raise Unauthenticated("login_required")
    return ctx.actor.staff_id


def in_scope(ctx: Context, column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
             ) -> ColumnElement[bool]:
    """The clause that keeps a region column inside the actor's part of the tree."""
    if not ctx.actor.region_path:
        return false()
    return column.in_(select(Region.id).where(Region.path.startswith(ctx.actor.region_path, autoescape=True)))


def in_office(column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
    """The clause that keeps a person column to deputies: those with a mandate in force."""
    return exists().where(_HELD.person_id == column, _HELD.state == "active")


def mandate_scope(ctx: Context) -> ColumnElement[bool]:
    """A township mandate and its book belong to the township, a higher one to where the deputy is registered.

    For a query that joins Mandate, Congress and Person; so a deputy who moves leaves earned points behind.
    """
    return or_(in_scope(ctx, Congress.region_id), and_(Congress.level != "township", in_scope(ctx, Person.region_id)))


def _one(ctx: Context, query: Select[T]) -> T:
    row = ctx.session.scalar(query)
    if row is None:
        raise NotFound("not_found")
    return row


def access_region(ctx: Context, region_id: int, permission: str) -> Region:
    require(ctx, permission)
    return _one(ctx, select(Region).where(Region.id == region_id, in_scope(ctx, Region.id)))


def access_station(ctx: Context, station_id: int, permission: str) -> Station:
    require(ctx, permission)
    return _one(ctx, select(Station).where(Station.id == station_id, in_scope(ctx, Station.region_id)))


def access_reception(ctx: Context, station_id: int, reception_id: int, permission: str) -> Reception:
    """A reception day of this station; another station's is not found here."""
    require(ctx, permission)
    return _one(ctx, select(Reception).join(Station, Station.id == Reception.station_id)
                .where(Reception.id == reception_id, Station.id == station_id, in_scope(ctx, Station.region_id)))


def access_screen(ctx: Context, station_id: int, screen_id: int, permission: str) -> StationScreen:
    """A wall screen of this station; another station's is not found here."""
    require(ctx, permission)
    return _one(ctx, select(StationScreen).join(Station, Station.id == StationScreen.station_id)
                .where(StationScreen.id == screen_id, Station.id == station_id, in_scope(ctx, Station.region_id)))


def access_person(ctx: Context, person_id: int, permission: str) -> Person:
    require(ctx, permission)
    return _one(ctx, select(Person).where(Person.id == person_id, in_scope(ctx, Person.region_id)))


def access_roster_import(ctx: Context, import_id: int, permission: str) -> RosterImport:
    require(ctx, permission)
    return _one(ctx, select(RosterImport).where(
        RosterImport.id == import_id, in_scope(ctx, RosterImport.region_id)).with_for_update())


def access_account(ctx: Context, wanted: int, permission: str) -> Account:
    """An open account of somebody in reach: by the roster, the village, or opinions of one without a village.

    Of whom nothing of that is known, the county's staff takes care.
    """
    require(ctx, permission)
    is_nowhere = and_(Account.person_id.is_(None), Account.village_id.is_(None))
    submitted = select(Opinion.account_id).where(Opinion.account_id == wanted)
    is_county = exists().where(Region.id == ctx.actor.region_id, Region.level.in_(("province", "city", "county")))
    return _one(ctx, select(Account).where(Account.id == wanted, Account.state == "active", or_(
        Account.person_id.in_(select(Person.id).where(in_scope(ctx, Person.region_id))),
        in_scope(ctx, Account.village_id),
        and_(is_nowhere, exists(submitted.where(in_scope(ctx, Opinion.township_id)))),
        and_(is_nowhere, ~exists(submitted), is_county))))


def access_seat_claim(ctx: Context, claim_id: int, permission: str) -> SeatClaim:
    require(ctx, permission)
    return _one(ctx, select(SeatClaim).join(Person, Person.id == SeatClaim.person_id)
                .where(SeatClaim.id == claim_id, in_scope(ctx, Person.region_id)).with_for_update(of=SeatClaim))


def access_visit(ctx: Context, visit_id: int, permission: str) -> Visit:
    require(ctx, permission)
    return _one(ctx, select(Visit).join(Station, Station.id == Visit.station_id)
                .where(Visit.id == visit_id, in_scope(ctx, Station.region_id)).with_for_update(of=Visit))


def access_own_visit(ctx: Context, visit_id: int) -> Visit:
    return _one(ctx, select(Visit).where(Visit.id == visit_id, Visit.person_id == deputy_id(ctx)).with_for_update())


def access_duty(ctx: Context, duty_id: int, permission: str) -> DutyRecord:
    require(ctx, permission)
    return _one(ctx, select(DutyRecord).where(DutyRecord.id == duty_id, in_scope(ctx, DutyRecord.region_id))
                .with_for_update())


def access_own_duty(ctx: Context, duty_id: int) -> DutyRecord:
    return _one(ctx, select(DutyRecord).where(DutyRecord.id == duty_id, DutyRecord.person_id == deputy_id(ctx)))


def access_own_mandates(ctx: Context) -> list[Mandate]:
    """The mandates of the deputy asking, those in force first."""
    return list(ctx.session.scalars(
        select(Mandate).where(Mandate.person_id == deputy_id(ctx)).order_by(Mandate.state == "ended", Mandate.id)))


def access_entry(ctx: Context, mandate_id: int, entry_id: int, permission: str) -> PointEntry:
    """A line of this mandate's book; another book's is not found here."""
    require(ctx, permission)
    return _one(ctx, select(PointEntry).join(Mandate, Mandate.id == PointEntry.mandate_id)
                .join(Person, Person.id == Mandate.person_id).join(Congress, Congress.id == Mandate.congress_id)
                .where(PointEntry.id == entry_id, Mandate.id == mandate_id, mandate_scope(ctx)))


def access_mandate(ctx: Context, mandate_id: int, permission: str) -> Mandate:
    require(ctx, permission)
    return _one(ctx, select(Mandate).join(Person, Person.id == Mandate.person_id)
                .join(Congress, Congress.id == Mandate.congress_id)
                .where(Mandate.id == mandate_id, mandate_scope(ctx)))


def access_congress(ctx: Context, congress_id: int, permission: str) -> Congress:
    require(ctx, permission)
    return _one(ctx, select(Congress).where(Congress.id == congress_id, in_scope(ctx, Congress.region_id)))


def opinion_scope(ctx: Context) -> ColumnElement[bool]:
    """Staff see their region's opinions; a handling unit only those assigned to it."""
    scope = in_scope(ctx, Opinion.township_id)
    if ctx.actor.role != "handling_unit":
        return scope
    mine = select(OpinionAssignment.opinion_id).where(OpinionAssignment.unit_id == ctx.actor.unit_id,
                                                      OpinionAssignment.state != "returned")
    return and_(scope, Opinion.id.in_(mine))


def access_opinion(ctx: Context, number: str, permission: str) -> Opinion:
    require(ctx, permission)
    return _one(ctx, select(Opinion).where(Opinion.number == number, opinion_scope(ctx)).with_for_update())


def access_reply_template(ctx: Context, template_id: int, permission: str) -> ReplyTemplate:
    require(ctx, permission)
    return _one(ctx, select(ReplyTemplate).where(ReplyTemplate.id == template_id,
                                                 in_scope(ctx, ReplyTemplate.region_id)))


def access_own_opinion(ctx: Context, number: str) -> Opinion:
    return _one(ctx, select(Opinion).where(Opinion.number == number, Opinion.account_id == account_id(ctx))
                .with_for_update())


def access_assigned_opinion(ctx: Context, number: str) -> tuple[Opinion, OpinionAssignment]:
    """An opinion assigned to the deputy asking, with the newest assignment to this deputy."""
    row = ctx.session.execute(
        select(Opinion, OpinionAssignment).join(OpinionAssignment, OpinionAssignment.opinion_id == Opinion.id)
        .where(Opinion.number == number, OpinionAssignment.person_id == deputy_id(ctx),
               OpinionAssignment.state != "returned")
        .order_by(OpinionAssignment.id.desc()).limit(1).with_for_update()
    ).first()
    if row is None:
        raise NotFound("not_found")
    return row.Opinion, row.OpinionAssignment


def access_group(ctx: Context, group_id: int, permission: str) -> DeputyGroup:
    require(ctx, permission)
    return _one(ctx, select(DeputyGroup).where(DeputyGroup.id == group_id, in_scope(ctx, DeputyGroup.region_id)))


def access_delegation(ctx: Context, delegation_id: int, permission: str) -> Delegation:
    require(ctx, permission)
    return _one(ctx, select(Delegation).join(Congress, Congress.id == Delegation.congress_id)
                .where(Delegation.id == delegation_id, in_scope(ctx, Congress.region_id)))


def access_notice(ctx: Context, notice_id: int, permission: str) -> Notice:
    require(ctx, permission)
    return _one(ctx, select(Notice).where(Notice.id == notice_id, in_scope(ctx, Notice.region_id)).with_for_update())


def access_delivery(ctx: Context, notice_id: int, delivery_id: int, permission: str) -> NoticeDelivery:
    """A delivery of this notice; another notice's is not found here."""
    require(ctx, permission)
    return _one(ctx, select(NoticeDelivery).join(Notice, Notice.id == NoticeDelivery.notice_id)
                .where(NoticeDelivery.id == delivery_id, Notice.id == notice_id, in_scope(ctx, Notice.region_id)))


# --- livelihood projects and their ballot -----------------------------------------------------------


def access_project_year(ctx: Context, year_id: int, permission: str) -> ProjectYear:
    """Locked: a year's stage and its list have one writer at a time."""
    require(ctx, permission)
    return _one(ctx, select(ProjectYear).where(ProjectYear.id == year_id, in_scope(ctx, ProjectYear.region_id))
                .with_for_update().execution_options(populate_existing=True))


def access_project(ctx: Context, project_id: int, permission: str) -> Project:
    require(ctx, permission)
    return _one(ctx, select(Project).join(ProjectYear, ProjectYear.id == Project.year_id)
                .where(Project.id == project_id, in_scope(ctx, ProjectYear.region_id))
                .with_for_update(of=Project).execution_options(populate_existing=True))


def access_idea(ctx: Context, idea_id: int, permission: str) -> ProjectIdea:
    require(ctx, permission)
    return _one(ctx, select(ProjectIdea).join(ProjectYear, ProjectYear.id == ProjectIdea.year_id)
                .where(ProjectIdea.id == idea_id, in_scope(ctx, ProjectYear.region_id))
                .with_for_update(of=ProjectIdea).execution_options(populate_existing=True))


def access_sitting(ctx: Context, sitting_id: int, permission: str) -> Sitting:
    require(ctx, permission)
    return _one(ctx, select(Sitting).where(Sitting.id == sitting_id, in_scope(ctx, Sitting.region_id))
                .with_for_update().execution_options(populate_existing=True))


def access_round(ctx: Context, round_id: int, permission: str) -> BallotRound:
    """Locked: whoever opens, counts or announces waits for the one before."""
    require(ctx, permission)
    return _one(ctx, select(BallotRound).join(Sitting, Sitting.id == BallotRound.sitting_id)
                .where(BallotRound.id == round_id, in_scope(ctx, Sitting.region_id))
                .with_for_update(of=BallotRound).execution_options(populate_existing=True))


def suggestion_scope(ctx: Context) -> ColumnElement[bool]:
    """Staff see what was submitted to the congresses of their region; a handling unit only what it handles."""
    if ctx.actor.role == "handling_unit":
        return Suggestion.id.in_(select(SuggestionUnit.suggestion_id).where(
            SuggestionUnit.unit_id == ctx.actor.unit_id, SuggestionUnit.replaced_at.is_(None)))
    return and_(in_scope(ctx, Suggestion.region_id), Suggestion.submitted_at.is_not(None))


def access_suggestion(ctx: Context, suggestion_id: int, permission: str) -> Suggestion:
    require(ctx, permission)
    return _one(ctx, select(Suggestion).where(Suggestion.id == suggestion_id, suggestion_scope(ctx)).with_for_update())


def access_own_suggestion(ctx: Context, suggestion_id: int) -> Suggestion:
    """A suggestion of the lead proposer who asks."""
    return _one(ctx, select(Suggestion).where(
        Suggestion.id == suggestion_id, Suggestion.person_id == deputy_id(ctx)).with_for_update())


def access_signed_suggestion(ctx: Context, suggestion_id: int) -> Suggestion:
    """A suggestion the deputy leads, or was asked to sign too."""
    asked = select(SuggestionCosigner.suggestion_id).where(SuggestionCosigner.person_id == deputy_id(ctx))
    return _one(ctx, select(Suggestion).where(
        Suggestion.id == suggestion_id, or_(Suggestion.person_id == deputy_id(ctx), Suggestion.id.in_(asked)))
        .with_for_update())


# --- meetings and activities ------------------------------------------------------------------------


def access_activity(ctx: Context, activity_id: int, permission: str) -> Activity:
    require(ctx, permission)
    return _one(ctx, select(Activity).where(Activity.id == activity_id, in_scope(ctx, Activity.region_id)))


def access_activity_alone(ctx: Context, activity_id: int, permission: str) -> Activity:
    """An activity with everybody else's change of it waiting; people checking in do not wait."""
    require(ctx, permission)
    return _one(ctx, select(Activity).where(Activity.id == activity_id, in_scope(ctx, Activity.region_id))
                .with_for_update(key_share=True).execution_options(populate_existing=True))


def access_attendance(ctx: Context, activity_id: int, person_id: int, permission: str
                      ) -> tuple[Activity, ActivityPerson]:
    """One person's row in an activity of the actor's region."""
    activity = access_activity(ctx, activity_id, permission)
    return activity, _one(ctx, select(ActivityPerson).where(
        ActivityPerson.activity_id == activity.id, ActivityPerson.person_id == person_id).with_for_update()
        .execution_options(populate_existing=True))


def access_own_activity(ctx: Context, activity_id: int) -> tuple[Activity, ActivityPerson]:
    """An activity that called the deputy asking, with the deputy's own row."""
    row = _one(ctx, select(ActivityPerson).where(
        ActivityPerson.activity_id == activity_id, ActivityPerson.person_id == deputy_id(ctx)).with_for_update()
        .execution_options(populate_existing=True))
    return _one(ctx, select(Activity).where(Activity.id == activity_id, Activity.state != "draft")), row
