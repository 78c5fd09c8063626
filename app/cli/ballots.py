"""flask ballots, surveys, supervision: the rules of the vote for whoever has the numbers; no row is touched."""

import sys
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import click
from flask.cli import AppGroup
from pydantic import BaseModel, ConfigDict, Strict, StrictBool, StrictInt

from app.cli.json_lines import answer_lines
from services.rules import ballot_record
from services.rules.ballots import Counts, VotingMethod, check_totals, tally
from services.rules.counts import BadCount
from services.rules.progress_colours import colour
from services.rules.satisfaction import SatisfactionProfile, grade

ballots_group = AppGroup("ballots", help="Counting of secret ballots.")
surveys_group = AppGroup("surveys", help="Satisfaction votes.")
supervision_group = AppGroup("supervision", help="Projects under supervision.")


class Profile(BaseModel):
    """What a place may set otherwise; a name that is not known is refused."""

    model_config = ConfigDict(extra="forbid")

    quorum: tuple[StrictInt, StrictInt] = (2, 3)
    pass_rule: str = "majority_of_all"  # noqa: S105 (no password)
    tie_rule: str = "second_ballot"
    shortfall_rule: str = "leave_open"


class TallyLine(BaseModel):
    """A round's numbers. Before the vote only the first four are known."""

    members: StrictInt
    present: StrictInt
    method: str
    seats: StrictInt | None = None
    issued: StrictInt | None = None
    collected: StrictInt | None = None
    void: StrictInt = 0
    votes: dict[str, StrictInt | list[StrictInt]] = {}
    confirming: StrictInt | None = None
    profile: Profile = Profile()

    def voting_method(self) -> VotingMethod:
        """Where each project is asked about, all of them may pass unless the line names the seats."""
        if self.seats is None and self.method != "for_against_abstain":
            raise BadCount("seats_required")
        seats = max(len(self.votes), 1) if self.seats is None else self.seats
        return VotingMethod(self.method, seats, **self.profile.model_dump())

    def counts(self) -> Counts:
        if self.votes and (self.issued is None or self.collected is None):
            raise BadCount("votes_without_ballots")
        votes = {code: (number,) if isinstance(number, int) else tuple(number) for code, number in self.votes.items()}
        return Counts(self.members, self.present, self.issued or 0, self.collected or 0, self.void, votes,
                      self.confirming)


class GradeLine(BaseModel):
    members: StrictInt
    satisfied: StrictInt
    basic: StrictInt
    unsatisfied: StrictInt
    is_half_enough_for_first: StrictBool = False


class ColourLine(BaseModel):
    start: date
    due: date
    progress: StrictInt | Annotated[Decimal, Strict()]
    on: date
    accepted: StrictBool


@ballots_group.command("tally")
def tally_lines() -> None:
    """Count rounds: JSON lines in, JSON lines out."""
    answer_lines(TallyLine, _tally, lambda line: _doubt(line.voting_method(), line.counts()))


def _tally(line: TallyLine) -> dict[str, Any]:
    method = line.voting_method()
    return ballot_record.outcome_section(method, tally(method, line.counts()))


def _doubt(method: VotingMethod, counts: Counts) -> None:
    if tally(method, counts).valid:
        check_totals(method, counts)


@ballots_group.command("recount")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--hash", "announced", help="当场公布的校验值")
def recount(path: Path, announced: str | None) -> None:
    """Count a public record again; ends with 1 where it does not agree, with 2 where it is no record."""
    try:
        record = ballot_record.read_record(path.read_text(encoding="utf-8"))
    except (BadCount, UnicodeDecodeError) as error:
        click.echo(error.sentence if isinstance(error, BadCount) else BadCount("record_unreadable").sentence, err=True)
        sys.exit(2)
    problems = ballot_record.verify_record(record, announced)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(1)
    _print_record(record)


def _print_record(record: ballot_record.Record) -> None:
    roll, counts, result = record["roll"], record["counts"], record["result"]
    names = {candidate["code"]: candidate["name"] for candidate in record["candidates"]}
    click.echo(f"{record['round']['title']}（{record['round']['held_on']}）")
    click.echo(f"应到{roll['members']} 实到{roll['present']} 发出{roll['issued']} 收回{roll['collected']} "
               f"有效{counts['valid']} 废票{counts['void']}")
    for code, votes in counts["votes"].items():
        click.echo(f"{code} {names[code]}：{'、'.join(map(str, votes))}")
    if not result["valid"]:
        click.echo("本轮投票无效，应重新投票")
    for words, codes in (("通过", result["elected"]), ("再次投票", result["second_ballot"])):
        click.echo(f"{words}：{'、'.join(names[code] for code in codes) or '无'}")
    click.echo(f"空缺{result['open_seats']}；重新计票与记录一致")


@surveys_group.command("grade")
def grade_lines() -> None:
    """Grade satisfaction votes: JSON lines in, JSON lines out."""
    answer_lines(GradeLine, lambda line: {"grade": grade(
        line.members, line.satisfied, line.basic, line.unsatisfied,
        SatisfactionProfile(line.is_half_enough_for_first))})


@supervision_group.command("colour")
def colour_lines() -> None:
    """Colour projects by their plans: JSON lines in, JSON lines out."""
    answer_lines(ColourLine, lambda line: {"colour": colour(
        line.start, line.due, Fraction(line.progress), line.on, is_accepted=line.accepted)})
