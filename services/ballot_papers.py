"""Papers of a round: ballots with a numbered stub, and the result notice with every number and signer."""

from dataclasses import dataclass

from sqlalchemy import select

from models.ballots import BallotRound, Sitting
from models.deputies import Congress, Person
from models.identity import Staff
from models.projects import Project
from services import access, audit, ballots, sittings
from services.context import CHINA, Context
from services.errors import Conflict
from services.project_papers import render
from services.rules import project_stages, voting_profiles
from services.rules.ballots import METHODS, PASS_RULES, VotingMethod

_HOW = {
    "select_up_to_n": "在同意的项目“选择”栏内画○，最多选{seats}项。多选的票作废，少选有效，不选视为弃权。",
    "for_against_abstain": "逐项在“赞成”“反对”“弃权”中选一栏画○。一项都不画的视为弃权，一项画两栏的票作废。",
    "rank": "在“名次”栏内用1至{seats}标出您选择的先后，名次不能重复。重复或超出的票作废。",
}
_MARKS = {"select_up_to_n": ("选择",), "for_against_abstain": ("赞成", "反对", "弃权"), "rank": ("名次",)}


def build_ballots(ctx: Context, round_id: int) -> bytes:
    """One page for each member due; the number is on the stub alone, so that no ballot can be told from another."""
    row = access.access_round(ctx, round_id, "ballots.run")
    if row.state not in ("preparing", "open"):
        raise Conflict("round_state_wrong", state=ballots.STATE_NAMES[row.state])
    method, sitting = voting_profiles.from_data(row.method), ctx.session.get_one(Sitting, row.sitting_id)
    members = sittings.attendance(ctx, sitting.id).members
    if not members:
        raise Conflict("round_roll_open")
    marks = _MARKS[method.kind]
    lines = [[str(place.position), project.name, f"{project.place}；{project_stages.yuan(project.investment_fen)}；"
              f"{project.months}个月", *[""] * len(marks)] for place, project in ballots.list_candidates(ctx, row.id)]
    audit.record(ctx, "ballot_round.papers_printed", f"ballot_round:{row.id}", {"ballots": members},
                 region_id=sitting.region_id)
    return render("ballot.typ", {
        "stubs": list(range(1, members + 1)), "sitting": name_of(ctx, row), "title": f"民生实事项目表决票{ordinal(row)}",
        "heads": ["序号", "项目名称", "地点、投资、周期", *marks], "widths": [1, 4, 4, *[1.3] * len(marks)],
        "rows": lines, "rule": f"说明：{_HOW[method.kind].format(seats=method.seats)}"})


def name_of(ctx: Context, row: BallotRound) -> str:
    """`青石镇第18届人民代表大会第六次会议`."""
    sitting = ctx.session.get_one(Sitting, row.sitting_id)
    return f"{ctx.session.get_one(Congress, sitting.congress_id).name}{sitting.name}"


def ordinal(row: BallotRound) -> str:
    """The first round needs no number; a repetition or second ballot says which round it is."""
    return f"（第{row.number}轮）" if row.number > 1 else ""


# --- the result -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ResultLine:
    """A project with its numbers; `share` is of the members due, in whole percent, for the bars."""

    project: Project
    position: int
    numbers: tuple[int, ...]
    score: int
    share: int
    is_elected: bool


@dataclass(frozen=True)
class Result:
    """Everything that the notice, the hall and the public page say about an announced round."""

    row: BallotRound
    method: VotingMethod
    lines: list[ResultLine]
    signers: list[tuple[str, str]]

    @property
    def sentences(self) -> list[str]:
        """The rule, who is chosen in the order of the votes, and what is still open."""
        outcome = self.row.outcome or {}
        names = {str(line.project.id): line.project.name for line in self.lines}
        found = [f"票决方式：{METHODS[self.method.kind]}，名额{self.method.seats}项；{PASS_RULES[self.method.pass_rule]}，"
                 f"通过线{outcome['pass_line']}票。"]
        if outcome["confirming"] is not None:
            found.append(f"对整份名单的确认票{outcome['confirming']}票，{'通过' if outcome['confirmed'] else '未通过'}。")
        found.append("当选项目：" + ("、".join(names[code] for code in outcome["elected"]) or "无") + "。")
        if outcome["second_ballot"]:
            found.append("须再次投票：" + "、".join(names[code] for code in outcome["second_ballot"]) + "。")
        if outcome["open_seats"]:
            found.append(f"尚缺{outcome['open_seats']}项。")
        return found


def build_result(ctx: Context, row: BallotRound) -> Result:
    """The announced round in words and numbers; before the announcement nobody sees a number here."""
    if row.state != "published" or row.outcome is None:
        raise Conflict("round_not_published")
    outcome, method = row.outcome, voting_profiles.from_data(row.method)
    lines = [ResultLine(project, place.position, tuple(outcome["votes"][str(project.id)]),
                        outcome["votes"][str(project.id)][0], outcome["votes"][str(project.id)][0] * 100
                        // (row.members or 1), str(project.id) in outcome["elected"])
             for place, project in ballots.list_candidates(ctx, row.id)]
    return Result(row, method, lines, list_signers(ctx, row))


def list_signers(ctx: Context, row: BallotRound) -> list[tuple[str, str]]:
    """(duty, name) of scrutineers and tellers, the chief first."""
    order, officers = list(ballots.DUTY_NAMES), ballots.list_officers(ctx, row.id)
    people: dict[int, str] = dict(ctx.session.execute(select(Person.id, Person.name).where(
        Person.id.in_([one.person_id for one in officers if one.person_id]))).all())
    staff: dict[int, str] = dict(ctx.session.execute(select(Staff.id, Staff.name).where(
        Staff.id.in_([one.staff_id for one in officers if one.staff_id]))).all())
    return [(ballots.DUTY_NAMES[one.duty], people.get(one.person_id or 0) or staff.get(one.staff_id or 0, ""))
            for one in sorted(officers, key=lambda one: (order.index(one.duty), one.id))]


def build_notice(ctx: Context, round_id: int) -> bytes:
    """The result notice: due, present, issued, collected, valid, void, votes of each, the chosen, signers, time."""
    row = access.access_round(ctx, round_id, "ballots.view")
    found = build_result(ctx, row)
    outcome = row.outcome or {}
    marks = [f"第{place}名" for place in range(1, found.method.seats + 1)] if found.method.kind == "rank" else \
        ["得票"] if found.method.kind == "select_up_to_n" else list(_MARKS["for_against_abstain"])
    return render("result.typ", {
        "title": f"{name_of(ctx, row)}民生实事项目票决结果{ordinal(row)}",
        "numbers": [["应到代表", row.members], ["实到代表", row.present], ["发出票", row.issued], ["收回票", row.collected],
                    ["有效票", outcome["valid_ballots"]], ["废票", outcome["void"]]],
        "heads": ["序号", "项目名称", *marks, "结果"], "widths": [1, 5, *[1.2] * len(marks), 1.6],
        "rows": [[str(line.position), line.project.name, *[str(number) for number in line.numbers],
                  "当选" if line.is_elected else ""] for line in found.lines],
        "sentences": found.sentences, "signers": found.signers,
        "moment": (row.published_at or ctx.now).astimezone(CHINA).strftime("%Y年%m月%d日 %H:%M")})


def list_public_results(ctx: Context, year_id: int) -> list[Result]:
    """The announced rounds of a year, for anybody."""
    return [build_result(ctx, row) for row in ballots.list_rounds(ctx, year_id) if row.state == "published"]
