"""The secret ballot on paper: sittings, the control room of a round, the tellers' desk, the hall's screen (票决)."""

from datetime import timedelta

from flask import Blueprint, Response, render_template

from app.console.forms import Answer, day, done, form_page, number, numbers, required, text
from app.console.projects import PDF, detail_page, file_answer
from app.console.rendering import PAGE_SIZE, listing, page_number
from app.http.access import requires
from app.http.lifecycle import get_context
from services import ballot_papers, ballots, projects, sittings
from services.ballots import BallotRound
from services.errors import Invalid
from services.rules import screen_codes, voting_profiles

bp = Blueprint("console_ballots", __name__)
HALL_PAUSE = timedelta(seconds=5)


@bp.get("/console/ballots")
@requires("ballots.view")
def list_page() -> str:
    """Sittings of the region, and the form for a new one."""
    ctx = get_context()
    found = sittings.list_sittings(ctx, page=page_number(), page_size=PAGE_SIZE)
    return render_template("console/sittings_list.html", listing=listing(found, "console_ballots.list_page"),
                           congresses=sittings.list_congresses(ctx), today=ctx.today)


@bp.post("/console/ballots/sittings")
@requires("ballots.run")
@form_page(list_page)
def create_sitting() -> Answer:
    """Convene a sitting."""
    row = sittings.create_sitting(get_context(), congress_id=number("congress_id"), name=text("name"),
                                  place=text("place"), held_on=required(day("held_on"), "held_on"))
    return done("console_ballots.sitting_page", "已建会议，请核对并锁定代表名册。", sitting_id=row.id)


@bp.get("/console/ballots/sittings/<int:sitting_id>")
@requires("ballots.view")
def sitting_page(sitting_id: int) -> str:
    """The roll and who has signed in."""
    ctx = get_context()
    sitting = sittings.get_sitting(ctx, sitting_id)
    return render_template("console/sitting.html", sitting=sitting, members=sittings.list_members(ctx, sitting_id),
                           attendance=sittings.attendance(ctx, sitting_id), today=ctx.today)


@bp.post("/console/ballots/sittings/<int:sitting_id>/roll")
@requires("ballots.run")
@form_page(sitting_page)
def freeze_roll(sitting_id: int) -> Answer:
    """Write the mandates in force into the roll."""
    members = sittings.freeze_roll(get_context(), sitting_id)
    return done("console_ballots.sitting_page", f"名册已锁定，应到代表{members}人。", sitting_id=sitting_id)


@bp.post("/console/ballots/sittings/<int:sitting_id>/sign-in")
@requires("ballots.run")
@form_page(sitting_page)
def sign_in(sitting_id: int) -> Answer:
    """Sign in those ticked from the paper list."""
    new = sittings.sign_in_by_staff(get_context(), sitting_id, person_ids=numbers("person_ids"))
    return done("console_ballots.sitting_page", f"已为{new}人签到。", sitting_id=sitting_id)


# --- the control room -------------------------------------------------------------------------------


@bp.post("/console/ballots/years/<int:year_id>/rounds")
@requires("ballots.run")
@form_page(detail_page)
def prepare(year_id: int) -> Answer:
    """Prepare the next round of a year."""
    row = ballots.prepare_round(get_context(), year_id, sitting_id=number("sitting_id"))
    return done("console_ballots.round_page", "已准备一轮投票，请确定监票人和计票人。", round_id=row.id)


@bp.get("/console/ballots/rounds/<int:round_id>")
@requires("ballots.view")
def round_page(round_id: int) -> str:
    """Everything about a round: what blocks it, papers in and out, the count, signatures, the result."""
    ctx = get_context()
    row = ballots.get_round(ctx, round_id)
    officers = ballots.list_officers(ctx, row.id)
    counts = ballots.list_counts(ctx, row)
    tellers = [one for one in officers if one.duty == "teller"]
    members = sittings.list_members(ctx, row.sitting_id)
    candidates = ballots.list_candidates(ctx, row.id)
    return render_template(
        "console/ballot_round.html", **_shown(row), members=sorted(members, key=lambda pair: pair[1]),
        possible=ballots.list_possible_tellers(ctx, row), chosen={(one.duty, one.person_id or one.staff_id)
                                                                  for one in officers},
        officers=officers, people={member.person_id: name for member, name in members}, counts=counts,
        are_all_in=bool(tellers) and len(counts) == len(tellers), differing=ballots.differences(counts),
        names={str(project.id): project.name for _place, project in candidates}, tellers=tellers, me=ctx.actor.staff_id,
        issues=ballots.blocking_issues(ctx, row) if row.state == "preparing" else [])


def _shown(row: BallotRound) -> dict[str, object]:
    """What the control room, the desk and the hall all say of a round."""
    ctx = get_context()
    return {"round": row, "states": ballots.STATE_NAMES, "duties": ballots.DUTY_NAMES,
            "title": ballot_papers.name_of(ctx, row), "ordinal": ballot_papers.ordinal(row),
            "candidates": ballots.list_candidates(ctx, row.id), "attendance": sittings.attendance(ctx, row.sitting_id),
            "method": projects.words_of_method(voting_profiles.from_data(row.method)),
            "kind": row.method["kind"], "seats": row.method["seats"],
            "result": ballot_papers.build_result(ctx, row) if row.state == "published" else None}


@bp.post("/console/ballots/rounds/<int:round_id>/officers")
@requires("ballots.run")
@form_page(round_page)
def set_officers(round_id: int) -> Answer:
    """Scrutineers and tellers as the meeting passed them."""
    ballots.set_officers(get_context(), round_id, chief=number("chief") if text("chief") else None,
                         scrutineers=[one for one in numbers("scrutineers") if str(one) != text("chief")],
                         tellers=numbers("tellers"))
    return done("console_ballots.round_page", "已确定监票人和计票人。", round_id=round_id)


@bp.post("/console/ballots/rounds/<int:round_id>/method")
@requires("ballots.run")
@form_page(round_page)
def pass_method(round_id: int) -> Answer:
    """The session has passed the way of voting."""
    ballots.pass_method(get_context(), round_id)
    return done("console_ballots.round_page", "已登记：会议通过了票决办法。", round_id=round_id)


@bp.post("/console/ballots/rounds/<int:round_id>/open")
@requires("ballots.run")
@form_page(round_page)
def open_round(round_id: int) -> Answer:
    """Begin the vote."""
    ballots.open_round(get_context(), round_id)
    return done("console_ballots.round_page", "投票开始，请发票并登记发出票数。", round_id=round_id)


@bp.post("/console/ballots/rounds/<int:round_id>/issued")
@requires("ballots.run")
@form_page(round_page)
def record_issued(round_id: int) -> Answer:
    """How many ballots were handed out."""
    ballots.record_issued(get_context(), round_id, issued=number("issued"))
    return done("console_ballots.round_page", "已登记发出票数。", round_id=round_id)


@bp.post("/console/ballots/rounds/<int:round_id>/close")
@requires("ballots.run")
@form_page(round_page)
def close_round(round_id: int) -> Answer:
    """Open the box."""
    row = ballots.close_round(get_context(), round_id, collected=number("collected"))
    return done("console_ballots.round_page", "收回票多于发出票，本轮作废，请重新投票。" if row.state == "void" else
                "投票结束，请两名计票人分别录入票数。", round_id=round_id)


@bp.post("/console/ballots/rounds/<int:round_id>/recount")
@requires("ballots.run")
@form_page(round_page)
def recount(round_id: int) -> Answer:
    """Count once more."""
    row = ballots.recount(get_context(), round_id)
    return done("console_ballots.round_page", f"请计票人第{row.count_no}次计票。", round_id=round_id)


@bp.post("/console/ballots/rounds/<int:round_id>/signature")
@requires("ballots.run")
@form_page(round_page)
def record_signature(round_id: int) -> Answer:
    """A scrutineer has signed the tally sheet."""
    ballots.record_signature(get_context(), round_id, officer_id=number("officer_id"))
    return done("console_ballots.round_page", "已登记签字。", round_id=round_id)


@bp.post("/console/ballots/rounds/<int:round_id>/publish")
@requires("ballots.run")
@form_page(round_page)
def publish(round_id: int) -> Answer:
    """Announce the result."""
    ballots.publish_result(get_context(), round_id)
    return done("console_ballots.round_page", "结果已公布。", round_id=round_id)


@bp.post("/console/ballots/rounds/<int:round_id>/void")
@requires("ballots.run")
@form_page(round_page)
def void_round(round_id: int) -> Answer:
    """Stop the round with a reason."""
    ballots.void_round(get_context(), round_id, reason=text("reason"))
    return done("console_ballots.round_page", "本轮已作废，可以重新准备投票。", round_id=round_id)


# --- desk, hall, papers -----------------------------------------------------------------------------


@bp.get("/console/ballots/rounds/<int:round_id>/count")
@requires("ballots.count")
def count_page(round_id: int) -> str:
    """A teller's desk: the own numbers only."""
    ctx = get_context()
    row = ballots.get_round(ctx, round_id)
    return render_template("console/ballot_count.html", **_shown(row), own=ballots.own_count(ctx, row))


@bp.post("/console/ballots/rounds/<int:round_id>/count")
@requires("ballots.count")
@form_page(count_page)
def enter_count(round_id: int) -> Answer:
    """Enter the own count."""
    ctx = get_context()
    row = ballots.get_round(ctx, round_id)
    width = {"select_up_to_n": 1, "for_against_abstain": 3}.get(row.method["kind"], row.method["seats"])
    votes = {str(project.id): [_count(f"votes-{project.id}-{place}") for place in range(width)]
             for _line, project in ballots.list_candidates(ctx, row.id)}
    ballots.enter_count(ctx, round_id, ballots.TellerNumbers(
        _count("void"), votes, _count("confirming") if row.method["kind"] == "rank" else None))
    return done("console_ballots.count_page", "已录入。两名计票人一致后由监票人签字。", round_id=round_id)


def _count(name: str) -> int:
    raw = text(name)
    if not (raw.isdecimal() and raw.isascii() and len(raw) < 8):
        raise Invalid("invalid_input", fields={name: "field_invalid" if raw else "field_required"})
    return int(raw)


@bp.get("/console/ballots/rounds/<int:round_id>/hall")
@requires("ballots.view")
def hall_page(round_id: int) -> str:
    """The hall's screen: signed in, issued, collected; the result only after its announcement."""
    ctx = get_context()
    row = ballots.get_round(ctx, round_id)
    sitting = sittings.get_sitting(ctx, row.sitting_id)
    return render_template("console/ballot_hall.html", **_shown(row), pause=int(HALL_PAUSE.total_seconds()),
                           code=sittings.current_code(ctx, sitting) if sitting.held_on == ctx.today else "",
                           seconds_left=screen_codes.seconds_left(ctx.now))


@bp.post("/console/ballots/rounds/<int:round_id>/ballots.pdf")
@requires("ballots.run")
@form_page(round_page)
def papers(round_id: int) -> Answer:
    """The ballots, each with its numbered stub; that they were printed goes to the audit."""
    return file_answer(ballot_papers.build_ballots(get_context(), round_id), PDF, "民生实事项目表决票.pdf")


@bp.get("/console/ballots/rounds/<int:round_id>/result.pdf")
@requires("ballots.view")
def notice(round_id: int) -> Response:
    """The result notice."""
    return file_answer(ballot_papers.build_notice(get_context(), round_id), PDF, "民生实事项目票决结果.pdf")
