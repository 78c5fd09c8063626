"""One opinion with everybody around it."""

from datetime import date

from sqlalchemy import select

from models.comments import Opinion
from models.deputies import Mandate
from services import comments
from services.comments import Handler
from services.context import Actor
from tests.factories import World


class Case:
    """An opinion, its resident, clerk, deputy and unit; moved by the services only."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.resident, self.clerk, self.deputy = world.resident(), world.staff(), world.deputy()
        self.unit_staff = world.staff("handling_unit")
        self.opinion = world.opinion(self.resident)
        self.number = self.opinion.number

    def register(self) -> Opinion:
        return comments.register(self.world.ctx_of(self.clerk), self.number)

    def assign(self, handler: Handler | None = None, due_on: date | None = None) -> Opinion:
        return comments.assign(self.world.ctx_of(self.clerk), self.number, due_on=due_on,
                               handler=handler or Handler(person_id=self.deputy.person_id))

    def assign_to_unit(self) -> Opinion:
        return self.assign(Handler(unit_id=self.unit_staff.unit_id))

    def answer(self, text: str = "已联系供电所，三天内修好。") -> Opinion:
        return comments.answer_as_deputy(self.world.ctx_of(self.deputy), self.number, text=text)

    def rate(self, grade: str = "satisfied", comment: str = "") -> Opinion:
        return comments.rate(self.world.ctx_of(self.resident), self.number, grade=grade, comment=comment)

    def to(self, state: str) -> "Case":
        for name, step in (("registered", self.register), ("assigned", self.assign), ("answered", self.answer),
                           ("closed", self.rate)):
            if self.opinion.state == state:
                return self
            if name in ("registered", "assigned", "answered", "closed"):
                step()
        assert self.opinion.state == state
        return self

    def titles(self, *, internal: bool = False) -> list[str]:
        found = (comments.get_for_staff(self.world.ctx_of(self.clerk), self.number) if internal
                 else comments.get_mine(self.world.ctx_of(self.resident), self.number))
        return [event.title for event in found.events]


def leave_office(world: World, deputy: Actor) -> None:
    """The deputy's mandates end."""
    session = world.system.session
    for row in session.scalars(select(Mandate).where(Mandate.person_id == deputy.person_id)):
        row.state = "ended"
    session.flush()
