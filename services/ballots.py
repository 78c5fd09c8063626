"""A round of the secret ballot on paper: prepared, opened, issued, collected, counted by two, signed, announced."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from models.ballots import BallotRound as BallotRound
from models.ballots import RoundCandidate, RoundOfficer, Sitting, SittingMember, TellerCount
from models.deputies import Congress
from models.identity import Staff
from models.insert_once import insert_once
from models.projects import Project, ProjectIdea, ProjectYear
from models.regions import Region
from services import access, audit, projects, sittings
from services.context import Context
from services.errors import Conflict, Forbidden, Invalid
from services.rules import ballots as rules
from services.rules import voting_profiles
from services.rules.counts import BadCount, at_most, whole
from services.rules.permissions import role_may

STATE_NAMES = {"preparing": "准备中", "open": "正在投票", "counting": "正在计票", "counted": "待签字公布",
               "published": "已公布", "void": "作废"}
DUTY_NAMES = {"chief_scrutineer": "总监票人", "scrutineer": "监票人", "teller": "计票人"}


# --- preparing --------------------------------------------------------------------------------------


def prepare_round(ctx: Context, year_id: int, *, sitting_id: int) -> BallotRound:
    """A round with copies of method and candidates: the first of a year, or the second ballot the last one asked for.

    One round at a time; a void round is followed by its repetition.
    """
    year = access.access_project_year(ctx, year_id, "ballots.run")
    sitting = access.access_sitting(ctx, sitting_id, "ballots.run")
    _check_sitting(ctx, year, sitting)
    last = ctx.session.scalars(select(BallotRound).where(
        BallotRound.year_id == year.id, BallotRound.state == "published").order_by(BallotRound.number.desc())).first()
    method, chosen = voting_profiles.from_data(year.method), projects.list_projects(ctx.session, year.id, "candidate")
    if last is not None:
        tied = (last.outcome or {}).get("second_ballot", [])
        chosen = [row for row in chosen if str(row.id) in tied]
        method = voting_profiles.for_second_ballot(voting_profiles.from_data(last.method),
                                                   open_seats=(last.outcome or {})["open_seats"])
    row = _insert_round(ctx, year, sitting, method, last)
    ctx.session.add_all(RoundCandidate(round_id=row.id, project_id=project.id, position=position)
                        for position, project in enumerate(chosen, 1))
    audit.record(ctx, "ballot_round.prepared", f"ballot_round:{row.id}",
                 {"candidates": [project.id for project in chosen], "method": row.method}, region_id=year.region_id)
    ctx.session.flush()
    return row


def _check_sitting(ctx: Context, year: ProjectYear, sitting: Sitting) -> None:
    """The congress of the year's own region votes, once its list is frozen and while it is undecided."""
    if year.stage not in ("candidates", "voting"):
        raise Conflict("project_candidates_missing")
    level = ctx.session.scalar(select(Congress.level).where(Congress.id == sitting.congress_id))
    region = ctx.session.get_one(Region, year.region_id)
    if sitting.region_id != year.region_id or level != region.level:
        raise Conflict("sitting_other_congress")


def _insert_round(ctx: Context, year: ProjectYear, sitting: Sitting, method: rules.VotingMethod,
                  last: BallotRound | None) -> BallotRound:
    number = (ctx.session.scalar(select(func.max(BallotRound.number)).where(
        BallotRound.year_id == year.id)) or 0) + 1
    live = ctx.session.scalar(select(BallotRound.id).where(
        BallotRound.year_id == year.id, BallotRound.state.not_in(("published", "void"))))
    if live is not None:
        raise Conflict("round_live")
    row = BallotRound(year_id=year.id, sitting_id=sitting.id, number=number, method=voting_profiles.to_data(method),
                      settles_id=last.id if last else None, administrator_id=access.staff_id(ctx), created_at=ctx.now)
    ctx.session.add(row)
    ctx.session.flush()
    return row


def set_officers(ctx: Context, round_id: int, *, chief: int | None, scrutineers: Sequence[int],
                 tellers: Sequence[int]) -> None:
    """Name scrutineers from the roll and tellers from the staff, as the meeting passed them; before the opening."""
    row = _administer(ctx, round_id, "preparing")
    people = {*scrutineers, *([chief] if chief else [])}
    on_roll = set(ctx.session.scalars(select(SittingMember.person_id).where(
        SittingMember.sitting_id == row.sitting_id, SittingMember.person_id.in_(people))))
    if on_roll != people:
        raise Invalid("scrutineer_not_on_roll", fields={"scrutineers": "scrutineer_not_on_roll"})
    if not set(tellers) <= {staff.id for staff in list_possible_tellers(ctx, row)}:
        raise Invalid("teller_unknown", fields={"tellers": "teller_unknown"})
    for officer in list_officers(ctx, row.id):
        ctx.session.delete(officer)
    ctx.session.flush()
    duties = dict.fromkeys(scrutineers, "scrutineer") | ({chief: "chief_scrutineer"} if chief else {})
    ctx.session.add_all(RoundOfficer(round_id=row.id, duty=duty, person_id=person) for person, duty in duties.items())
    ctx.session.add_all(RoundOfficer(round_id=row.id, duty="teller", staff_id=number) for number in set(tellers))
    audit.record(ctx, "ballot_round.officers_set", f"ballot_round:{row.id}",
                 {"chief": chief, "scrutineers": sorted(scrutineers), "tellers": sorted(tellers)})
    ctx.session.flush()


def list_possible_tellers(ctx: Context, row: BallotRound) -> list[Staff]:
    """Staff in the region of the sitting or above it who may count."""
    region = ctx.session.get_one(Region, ctx.session.get_one(Sitting, row.sitting_id).region_id)
    above = [int(part) for part in region.path.strip("/").split("/")]
    found = ctx.session.scalars(select(Staff).where(Staff.region_id.in_(above), Staff.is_active)
                                .order_by(Staff.region_id.desc(), Staff.id))
    return [staff for staff in found if role_may(staff.role, "ballots.count")]


def pass_method(ctx: Context, round_id: int) -> BallotRound:
    """Note that the session has passed the way of voting and the list of officers."""
    row = _administer(ctx, round_id, "preparing")
    row.method_passed_at = ctx.now
    audit.record(ctx, "ballot_round.method_passed", f"ballot_round:{row.id}")
    return row


def blocking_issues(ctx: Context, row: BallotRound) -> list[rules.BlockingIssue]:
    """Everything that keeps a round from opening, as it stands now; staff are told from deputies by their sign."""
    officers, attendance = list_officers(ctx, row.id), sittings.attendance(ctx, row.sitting_id)
    sitting = ctx.session.get_one(Sitting, row.sitting_id)
    return rules.blocking_issues(rules.RoundFacts(
        method=voting_profiles.from_data(row.method), members=attendance.members, present=attendance.present,
        candidates=len(list_candidates(ctx, row.id)), is_method_passed=row.method_passed_at is not None,
        is_roll_frozen=sitting.roll_frozen_at is not None, are_workers_healthy=True,  # paper needs none
        administrator=-row.administrator_id,
        chief_scrutineer=next((one.person_id for one in officers if one.duty == "chief_scrutineer"), None),
        scrutineers=frozenset(one.person_id or 0 for one in officers if one.duty == "scrutineer"),
        tellers=frozenset(-(one.staff_id or 0) for one in officers if one.duty == "teller"),
        proposers=list_proposers(ctx, row.id)))


def list_proposers(ctx: Context, round_id: int) -> frozenset[int]:
    """The deputies whose ideas lie behind the projects on the ballot."""
    found = ctx.session.scalars(
        select(ProjectIdea.person_id).join(RoundCandidate, RoundCandidate.project_id == ProjectIdea.project_id)
        .where(RoundCandidate.round_id == round_id, ProjectIdea.person_id.is_not(None)))
    return frozenset(person for person in found if person is not None)


# --- the vote ---------------------------------------------------------------------------------------


def open_round(ctx: Context, round_id: int) -> BallotRound:
    """Open the vote when nothing blocks it; due and present are those of this moment."""
    row = _administer(ctx, round_id, "preparing")
    year = access.access_project_year(ctx, row.year_id, "ballots.run")
    sitting = access.access_sitting(ctx, row.sitting_id, "ballots.run")
    issues = blocking_issues(ctx, row)
    if issues:
        raise Conflict("round_blocked", issues="".join(issue.sentence for issue in issues))
    if sitting.held_on != ctx.today:
        raise Conflict("sitting_not_today")
    attendance = sittings.attendance(ctx, row.sitting_id)
    row.members, row.present, row.opened_at, row.state = attendance.members, attendance.present, ctx.now, "open"
    if year.stage == "candidates":
        projects.move(ctx, year, "voting")
    audit.record(ctx, "ballot_round.opened", f"ballot_round:{row.id}", vars(attendance), region_id=sitting.region_id)
    return row


def record_issued(ctx: Context, round_id: int, *, issued: int) -> BallotRound:
    """How many ballots were handed out: one for each deputy present at most."""
    row = _administer(ctx, round_id, "open")
    _check_count("发出", issued, "实到", row.present or 0)
    row.issued = issued
    audit.record(ctx, "ballot_round.issued", f"ballot_round:{row.id}", {"issued": issued})
    return row


def close_round(ctx: Context, round_id: int, *, collected: int) -> BallotRound:
    """Open the box and count the ballots in it: more than were issued make the whole vote void."""
    row = _administer(ctx, round_id, "open")
    if row.issued is None:
        raise Conflict("round_not_issued")
    _check_count("收回", collected)
    row.collected, row.closed_at = collected, ctx.now
    audit.record(ctx, "ballot_round.closed", f"ballot_round:{row.id}", {"issued": row.issued, "collected": collected})
    if collected > row.issued:
        _void(ctx, row, f"收回{collected}张，多于发出的{row.issued}张，投票无效")
    else:
        row.state = "counting"
    return row


def void_round(ctx: Context, round_id: int, *, reason: str) -> BallotRound:
    """Stop a round before its result is announced; it is held anew."""
    row = _administer(ctx, round_id, "preparing", "open", "counting", "counted")
    if not reason.strip():
        raise Invalid("reason_required", fields={"reason": "field_required"})
    _void(ctx, row, reason.strip())
    return row


def _void(ctx: Context, row: BallotRound, reason: str) -> None:
    row.state, row.void_reason = "void", reason
    year = access.access_project_year(ctx, row.year_id, "ballots.run")
    if year.stage == "voting" and row.settles_id is None:
        projects.move(ctx, year, "candidates")
    audit.record(ctx, "ballot_round.void", f"ballot_round:{row.id}", {"reason": reason}, region_id=year.region_id)
    ctx.session.flush()


# --- the count --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TellerNumbers:
    """What a teller counted: void ballots, and of each project the numbers of the method."""

    void: int
    votes: dict[str, list[int]]
    confirming: int | None = None


def enter_count(ctx: Context, round_id: int, numbers: TellerNumbers) -> BallotRound:
    """Enter one teller's count, once for each count, without having seen the other's; two alike decide the round."""
    row = access.access_round(ctx, round_id, "ballots.count")
    _require_state(row, "counting")
    me = access.staff_id(ctx)
    tellers = {one.staff_id for one in list_officers(ctx, row.id) if one.duty == "teller"}
    if me not in tellers:
        raise Forbidden("teller_only")
    _compute(ctx, row, numbers)
    entered = insert_once(ctx.session, TellerCount, round_id=row.id, count_no=row.count_no, staff_id=me,
                          void=numbers.void, votes=numbers.votes, confirming=numbers.confirming, entered_at=ctx.now)
    if entered is None:
        raise Conflict("count_entered")
    audit.record(ctx, "ballot_round.counted", f"ballot_round:{row.id}", {"count_no": row.count_no})
    counts = list_counts(ctx, row)
    if {one.staff_id for one in counts} == tellers and not differences(counts):
        row.outcome, row.state = _compute(ctx, row, numbers), "counted"
        for officer in list_officers(ctx, row.id):
            if officer.duty == "teller":
                officer.signed_at = ctx.now
    ctx.session.flush()
    return row


def _compute(ctx: Context, row: BallotRound, numbers: TellerNumbers) -> dict[str, Any]:
    """What follows from the numbers, exactly by the rules; numbers that cannot be are refused with their sentence."""
    method = voting_profiles.from_data(row.method)
    known = {str(project.id) for _candidate, project in list_candidates(ctx, row.id)}
    if set(numbers.votes) != known:
        raise Invalid("count_incomplete")
    if (numbers.confirming is None) == (method.kind == "rank"):
        raise Invalid("count_confirming")
    try:
        counts = rules.Counts(row.members or 0, row.present or 0, row.issued or 0, row.collected or 0, numbers.void,
                              {code: tuple(votes) for code, votes in numbers.votes.items()}, numbers.confirming)
        outcome = rules.tally(method, counts)
        rules.check_totals(method, counts)
    except BadCount as bad:
        raise Invalid("count_bad", sentence=bad.sentence) from bad
    return {"void": numbers.void, "valid_ballots": counts.valid_ballots, "votes": numbers.votes,
            "confirming": numbers.confirming, "confirmed": outcome.confirmed, "pass_line": outcome.pass_line,
            "elected": list(outcome.elected), "second_ballot": list(outcome.second_ballot),
            "open_seats": outcome.open_seats}


def differences(counts: Sequence[TellerCount]) -> list[str]:
    """Where the tellers of one count do not agree: `void`, `confirming` or a project's id."""
    if len(counts) < 2:
        return []
    first, found = counts[0], []
    for other in counts[1:]:
        found += ["void"] if other.void != first.void else []
        found += ["confirming"] if other.confirming != first.confirming else []
        found += [code for code in first.votes if first.votes[code] != other.votes[code]]
    return list(dict.fromkeys(found))


def recount(ctx: Context, round_id: int) -> BallotRound:
    """Count once more: the tellers differ, or a scrutineer asks before anybody has signed."""
    row = _administer(ctx, round_id, "counting", "counted")
    officers = list_officers(ctx, row.id)
    tellers = [one for one in officers if one.duty == "teller"]
    if row.state == "counting" and len(list_counts(ctx, row)) < len(tellers):
        raise Conflict("count_unfinished")
    if any(one.signed_at for one in officers if one.duty != "teller"):
        raise Conflict("count_signed")
    for one in tellers:
        one.signed_at = None
    row.count_no, row.state = row.count_no + 1, "counting"
    audit.record(ctx, "ballot_round.recount", f"ballot_round:{row.id}", {"count_no": row.count_no})
    ctx.session.flush()
    return row


def record_signature(ctx: Context, round_id: int, *, officer_id: int) -> BallotRound:
    """Note that a scrutineer has signed the tally sheet."""
    row = _administer(ctx, round_id, "counted")
    officer = next((one for one in list_officers(ctx, row.id) if one.id == officer_id and one.duty != "teller"), None)
    if officer is None:
        raise Invalid("field_not_a_choice")
    if officer.signed_at is None:
        officer.signed_at = ctx.now
        audit.record(ctx, "ballot_round.signed", f"ballot_round:{row.id}", {"officer": officer.id})
    return row


def publish_result(ctx: Context, round_id: int) -> BallotRound:
    """Announce the signed result: the elected are elected, and without a second ballot the year is decided."""
    row = _administer(ctx, round_id, "counted")
    if any(one.signed_at is None for one in list_officers(ctx, row.id)):
        raise Conflict("round_unsigned")
    year = access.access_project_year(ctx, row.year_id, "ballots.run")
    outcome = row.outcome or {}
    row.state, row.published_at = "published", ctx.now
    audit.record(ctx, "ballot_round.published", f"ballot_round:{row.id}", outcome, region_id=year.region_id)
    for project in projects.list_projects(ctx.session, year.id, "candidate"):
        if str(project.id) in outcome["elected"]:
            project.state = "elected"
        elif not outcome["second_ballot"]:
            project.state = "not_elected"
    if not outcome["second_ballot"]:
        projects.move(ctx, year, "decided")
    ctx.session.flush()
    return row


def _administer(ctx: Context, round_id: int, *states: str) -> BallotRound:
    """The round, locked, for staff who run it; a teller of the round does not."""
    row = access.access_round(ctx, round_id, "ballots.run")
    if ctx.actor.staff_id in {one.staff_id for one in list_officers(ctx, row.id)}:
        raise Forbidden("teller_runs_nothing")
    _require_state(row, *states)
    return row


def _require_state(row: BallotRound, *states: str) -> None:
    if row.state not in states:
        raise Conflict("round_state_wrong", state=STATE_NAMES[row.state])


def _check_count(name: str, value: int, limit_name: str = "", limit: int | None = None) -> None:
    try:
        whole(name, value)
        if limit is not None:
            at_most(name, value, limit_name, limit)
    except BadCount as bad:
        raise Invalid("count_bad", sentence=bad.sentence) from bad


# --- reading ----------------------------------------------------------------------------------------


def get_round(ctx: Context, round_id: int) -> BallotRound:
    """A round in the reach of the staff asking."""
    return access.access_round(ctx, round_id, "ballots.view")


def list_rounds(ctx: Context, year_id: int) -> list[BallotRound]:
    """The rounds of a year that the caller has found, in their order."""
    return list(ctx.session.scalars(select(BallotRound).where(BallotRound.year_id == year_id)
                                    .order_by(BallotRound.number)))


def list_candidates(ctx: Context, round_id: int) -> list[tuple[RoundCandidate, Project]]:
    """The ballot's lines in their order."""
    rows = ctx.session.execute(
        select(RoundCandidate, Project).join(Project, Project.id == RoundCandidate.project_id)
        .where(RoundCandidate.round_id == round_id).order_by(RoundCandidate.position))
    return [(candidate, project) for candidate, project in rows]


def list_officers(ctx: Context, round_id: int) -> list[RoundOfficer]:
    return list(ctx.session.scalars(select(RoundOfficer).where(RoundOfficer.round_id == round_id)
                                    .order_by(RoundOfficer.duty, RoundOfficer.id)))


def list_counts(ctx: Context, row: BallotRound) -> list[TellerCount]:
    """What the tellers entered in the count that runs."""
    return list(ctx.session.scalars(select(TellerCount).where(
        TellerCount.round_id == row.id, TellerCount.count_no == row.count_no).order_by(TellerCount.id)))


def own_count(ctx: Context, row: BallotRound) -> TellerCount | None:
    """The asker's own entry in the count that runs; nobody reads the other teller's before both are in."""
    return next((one for one in list_counts(ctx, row) if one.staff_id == ctx.actor.staff_id), None)


@dataclass(frozen=True)
class NextVote:
    """When the asker's congress votes next, and how far the round is."""

    sitting: Sitting
    state_name: str


def next_vote(ctx: Context) -> NextVote | None:
    """The coming vote of the asker's township or county, the nearest first; None while none is convened."""
    years = [year.id for year in projects.list_my_years(ctx)]
    found = ctx.session.execute(
        select(Sitting, BallotRound.state).join(BallotRound, BallotRound.sitting_id == Sitting.id)
        .where(BallotRound.year_id.in_(years), Sitting.held_on >= ctx.today,
               BallotRound.state.not_in(("published", "void"))).order_by(Sitting.held_on, BallotRound.id)).first()
    return NextVote(found.Sitting, STATE_NAMES[found.state]) if found else None
