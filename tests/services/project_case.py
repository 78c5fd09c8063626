"""A year of projects at any stage, built through the services."""

from collections.abc import Sequence
from datetime import timedelta

from services import ballots, project_library, projects, sittings
from services.context import Actor, Context
from services.rules.ballots import VotingMethod
from tests.factories import World

LINE = {"content": "硬化路面两公里，安装路灯。", "place": "石桥村", "investment_fen": 80_000_000, "fund_source": "镇级财政",
        "beneficiaries": 1200, "months": 10, "responsible_unit": "青石镇城建办"}


class ProjectCase:
    """The township's year with its people: a clerk who runs it, a chair, two tellers, and deputies on the roll."""

    def __init__(self, world: World, *, deputies: int = 7, seats: int = 1) -> None:
        self.world, self.seats = world, seats
        self.clerk_actor = world.staff("township_clerk")
        self.tellers = [world.staff("township_clerk"), world.staff("county_office")]
        self.deputies: list[Actor] = [world.deputy(name=f"代表{number}") for number in range(deputies)]
        self.year_id = 0

    @property
    def clerk(self) -> Context:
        return self.world.ctx_of(self.clerk_actor)

    def teller(self, number: int) -> Context:
        return self.world.ctx_of(self.tellers[number])

    def call(self, **changes: object) -> projects.ProjectYear:
        today = self.clerk.today
        values: dict[str, object] = {
            "year": today.year + 1, "text": "面向全镇征集明年民生实事项目。", "opens_on": today,
            "closes_on": today + timedelta(days=14), "method": VotingMethod("select_up_to_n", self.seats)}
        year = projects.open_year(self.clerk, region_id=self.world.township.id,
                                  form=projects.CallForm(**(values | changes)))  # type: ignore[arg-type]
        self.year_id = year.id
        return year

    def idea(self, author: Actor, title: str = "修路") -> projects.ProjectIdea:
        return projects.submit_idea(self.world.ctx_of(author), self.year_id,
                                    projects.IdeaForm(title, "村口到小学的路坑洼不平。", "石桥村"))

    def line(self, name: str = "石桥村道路硬化", **changes: object) -> int:
        form = project_library.ProjectForm(name=name, **(LINE | changes))  # type: ignore[arg-type]
        return project_library.create_project(self.clerk, self.year_id, form).id

    def argue(self, *project_ids: int) -> None:
        for number in project_ids:
            project_library.record_argument(self.clerk, number, text="可行、合法。", signer="李所长", on=self.clerk.today)

    def screened(self, count: int = 2) -> list[int]:
        """A year whose list can be drawn up: its lines argued, the call over."""
        self.call()
        lines = [self.line(f"项目{number}") for number in range(count)]
        self.argue(*lines)
        self.world.clock.advance(days=15)
        projects.close_call(self.clerk, self.year_id)
        projects.end_screening(self.clerk, self.year_id)
        return lines

    def review(self, body: str, decision: str = "approved") -> None:
        projects.record_review(self.clerk, self.year_id, projects.ReviewForm(
            body, decision, "同意。", "陈主席", self.clerk.today))

    def candidates(self, count: int = 2) -> list[int]:
        """A year whose candidates are frozen."""
        lines = self.screened(count)
        projects.submit_list(self.clerk, self.year_id, listed=lines)
        for body in ("presidium", "party_committee", "joint_meeting"):
            self.review(body)
        return lines

    def sitting(self, present: int | None = None) -> int:
        """Today's sitting with its roll, so many of it signed in; all when not said."""
        congress = self.world.congress(self.world.township)
        row = sittings.create_sitting(self.clerk, congress_id=congress.id, name="第六次会议", place="镇政府礼堂",
                                      held_on=self.clerk.today)
        sittings.freeze_roll(self.clerk, row.id)
        came = self.deputies if present is None else self.deputies[:present]
        sittings.sign_in_by_staff(self.clerk, row.id, person_ids=[actor.person_id or 0 for actor in came])
        return row.id

    def prepared(self, count: int = 2, present: int | None = None) -> ballots.BallotRound:
        """A round of a year with so many candidates that may open."""
        self.candidates(count)
        row = ballots.prepare_round(self.clerk, self.year_id, sitting_id=self.sitting(present))
        self.officers(row)
        return row

    def officers(self, row: ballots.BallotRound) -> None:
        people = [actor.person_id or 0 for actor in self.deputies]
        ballots.set_officers(self.clerk, row.id, chief=people[0], scrutineers=people[1:3],
                             tellers=[actor.staff_id or 0 for actor in self.tellers])
        ballots.pass_method(self.clerk, row.id)

    def counting(self, count: int = 2, issued: int = 7, collected: int = 7) -> ballots.BallotRound:
        row = self.prepared(count)
        return self.collect(row, issued, collected)

    def collect(self, row: ballots.BallotRound, issued: int = 7, collected: int = 7) -> ballots.BallotRound:
        ballots.open_round(self.clerk, row.id)
        ballots.record_issued(self.clerk, row.id, issued=issued)
        return ballots.close_round(self.clerk, row.id, collected=collected)

    def numbers(self, row: ballots.BallotRound, votes: Sequence[int], void: int = 0) -> ballots.TellerNumbers:
        lines = ballots.list_candidates(self.clerk, row.id)
        return ballots.TellerNumbers(void, {str(project.id): [vote] for (_place, project), vote
                                            in zip(lines, votes, strict=True)})

    def counted(self, row: ballots.BallotRound, votes: Sequence[int], void: int = 0) -> ballots.BallotRound:
        """Both tellers enter the same numbers."""
        for number in (0, 1):
            ballots.enter_count(self.teller(number), row.id, self.numbers(row, votes, void))
        return row

    def published(self, row: ballots.BallotRound, votes: Sequence[int], void: int = 0) -> ballots.BallotRound:
        self.counted(row, votes, void)
        for officer in ballots.list_officers(self.clerk, row.id):
            if officer.duty != "teller":
                ballots.record_signature(self.clerk, row.id, officer_id=officer.id)
        return ballots.publish_result(self.clerk, row.id)
