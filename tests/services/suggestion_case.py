"""One suggestion with everybody around it, moved by the services only."""

from datetime import timedelta

from models.suggestions import Suggestion
from services import suggestions
from services.context import Context
from tests.factories import World

ORDER = ("draft", "submitted", "registered", "assigned", "handling", "answered", "closed", "archived")


class SuggestionCase:
    def __init__(self, world: World) -> None:
        self.world = world
        self.lead, self.colleague = world.deputy(), world.deputy(name="李秀英")
        self.clerk, self.chair = world.staff(), world.staff("township_chair")
        self.unit_staff = world.staff("handling_unit")
        self.row = suggestions.draft(self.ctx_of_lead, self.form())

    def form(self, **changes: object) -> suggestions.SuggestionForm:
        values: dict[str, object] = {
            "congress_id": self.world.congress(self.world.township).id, "title": "关于修建石桥村路灯的建议",
            "reason": "村口到小学的路没有路灯。", "proposal": "请今年安装二十盏路灯。"}
        return suggestions.SuggestionForm(**(values | changes))  # type: ignore[arg-type]

    @property
    def ctx_of_lead(self) -> Context:
        return self.world.ctx_of(self.lead)

    @property
    def office(self) -> Context:
        return self.world.ctx_of(self.clerk)

    @property
    def unit(self) -> Context:
        return self.world.ctx_of(self.unit_staff)

    @property
    def presidium(self) -> Context:
        return self.world.ctx_of(self.chair)

    def invite(self) -> Suggestion:
        return suggestions.edit(self.ctx_of_lead, self.row.id,
                                self.form(kind="joint", cosigner_ids=(self.colleague.person_id,)))

    def submit(self) -> Suggestion:
        return suggestions.submit(self.ctx_of_lead, self.row.id)

    def register(self) -> Suggestion:
        return suggestions.register(self.office, self.row.id, category="urban")

    def assign(self, *co_unit_ids: int) -> Suggestion:
        return suggestions.assign(self.office, self.row.id, lead_unit_id=self.unit_staff.unit_id or 0,
                                  co_unit_ids=co_unit_ids)

    def accept(self) -> Suggestion:
        return suggestions.accept(self.unit, self.row.id)

    def contact(self) -> Suggestion:
        return suggestions.record_contact(self.unit, self.row.id, way="face", text="到现场看了，商定了位置。")

    def answer(self, answer_class: str = "A", **changes: object) -> Suggestion:
        values: dict[str, object] = {"answer_class": answer_class, "document_no": "青水〔2026〕3号", "signer": "赵站长",
                                     "body": "已安装二十盏路灯。"}
        if answer_class in ("B", "C"):
            values |= {"promise": "年底前装完", "promise_due_on": self.office.today + timedelta(days=90)}
        return suggestions.answer(self.unit, self.row.id, suggestions.AnswerForm(**(values | changes)))  # type: ignore[arg-type]

    def evaluate(self, result: str = "satisfied", comment: str = "") -> Suggestion:
        return suggestions.evaluate(self.ctx_of_lead, self.row.id, attitude="satisfied", result=result, comment=comment)

    def archive(self) -> Suggestion:
        return suggestions.archive(self.office, self.row.id)

    def to(self, state: str) -> "SuggestionCase":
        """Along the straight way."""
        steps = {"submitted": self.submit, "registered": self.register, "assigned": self.assign,
                 "handling": self.accept, "answered": self._contact_and_answer, "closed": self.evaluate,
                 "archived": self.archive}
        for name in ORDER[ORDER.index(self.row.state) + 1:ORDER.index(state) + 1]:
            steps[name]()
        assert self.row.state == state
        return self

    def _contact_and_answer(self) -> Suggestion:
        self.contact()
        return self.answer()

    def titles(self) -> list[str]:
        return [event.title for event in suggestions.get_mine(self.ctx_of_lead, self.row.id).events]
