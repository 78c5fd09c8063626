"""The grid: every route of the application, every kind of visitor, and one real thing of each kind to point at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.console.origin import csrf_token
from app.http.lifecycle import CONSOLE_COOKIE
from models.deputies import Mandate
from models.identity import SeatClaim, Staff
from models.notices import NoticeDelivery
from models.points import PointEntry
from models.regions import Region
from services import (
    ballots,
    checkin,
    comments,
    duties,
    handovers,
    media,
    points,
    roster,
    screens,
    staff,
    stations,
    suggestions,
)
from services.context import Actor
from services.rules.permissions import ROLE_NAMES
from tests.factories import World
from tests.services.activity_case import Meeting
from tests.services.project_case import ProjectCase

ROLES = tuple(ROLE_NAMES)
COUNTY_ROLES = ("county_office", "auditor", "admin")
#: Things of ours that anybody may look at, whoever's they are.
OPEN_TO_ALL = {"/api/v1/stations/<int:station_id>", "/api/v1/deputies/<int:person_id>", "/api/v1/scan-codes/<code>"}
REQUEST_ID = "grid-request"
#: What a route with an id needs in its body before it looks at the row.
BODIES: dict[str, dict[str, str]] = {
    "/api/v1/notices/<int:notice_id>/leave": {"reason": "出差"},
    "/api/v1/project-years/<int:year_id>/ideas": {"title": "修路", "text": "路不好走。"},
    "/api/v1/activities/<int:activity_id>/leave": {"reason": "出差"},
    "/api/v1/opinions/<number>/rating": {"grade": "satisfied"},
    "/api/v1/suggestions/<int:suggestion_id>": {
        "congress_id": "1", "title": "关于路灯的建议", "reason": "没有路灯。", "proposal": "请安装。"},
    "/api/v1/suggestions/<int:suggestion_id>/signature": {"decision": "confirmed"},
    "/api/v1/suggestions/<int:suggestion_id>/withdrawal": {"reason": "已解决"},
    "/api/v1/suggestions/<int:suggestion_id>/evaluation": {"attitude": "satisfied", "result": "satisfied"},
    "/api/v1/assigned-opinions/<number>/answer": {"text": "已经修好。"},
    "/api/v1/assigned-opinions/<number>/extension": {"wanted_on": "2026-12-01", "reason": "需要勘察"},
    "/api/v1/assigned-opinions/<number>/return": {"reason": "不归我管"},
}


@dataclass(frozen=True)
class Call:
    """One route with one method."""

    rule: str
    method: str
    endpoint: str
    access: str
    arguments: frozenset[str]

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"

    @property
    def is_console(self) -> bool:
        return self.rule.startswith("/console")

    def address(self, values: dict[str, Any]) -> str:
        """The address with its ids; a kind of id that the grid does not know is a gap in the grid."""
        unknown = self.arguments - set(values)
        assert not unknown, f"{self}: put a real object for {sorted(unknown)} into tests/api/grid.py"
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), self.rule)


def calls(app: Flask) -> list[Call]:
    """Every route with each of its methods; files that Flask serves by itself need no access."""
    return [call for rule in app.url_map.iter_rules() for call in _calls_of(app, rule)]


def _calls_of(app: Flask, rule: Rule) -> Iterator[Call]:
    if rule.endpoint.endswith("static"):
        return
    access = getattr(app.view_functions[rule.endpoint], "access", "")
    for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
        yield Call(rule.rule, method, rule.endpoint, access, frozenset(rule.arguments))


@dataclass
class Visitor:
    """Somebody who asks, with what the browser or the phone sends along."""

    kind: str
    actor: Actor | None = None
    headers: dict[str, str] = field(default_factory=dict)
    cookie: str = ""

    def ask(self, client: FlaskClient, call: Call, values: dict[str, Any]) -> TestResponse:
        """Make the call with an empty body; a console form carries its token."""
        client.delete_cookie(CONSOLE_COOKIE, path="/console")
        options: dict[str, Any] = {"headers": self.headers | {"X-Request-ID": REQUEST_ID}}
        if call.is_console:
            if self.cookie:
                client.set_cookie(CONSOLE_COOKIE, self.cookie, path="/console")
            if call.method != "GET":
                options["data"] = {"csrf_token": token_for(client.application, self.cookie)}
        elif call.method != "GET":
            options["json"] = BODIES.get(call.rule, {})
        return client.open(call.address(values), method=call.method, **options)


def token_for(app: Flask, cookie: str) -> str:
    """The form token of a console session."""
    with app.test_request_context("/console/", headers={"Cookie": f"{CONSOLE_COOKIE}={cookie}"} if cookie else {}):
        return csrf_token()


class Grid:
    """A township with one of everything, the people it belongs to, and their like from elsewhere."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.other_county: Region = world._region("990201", "黑松县", "county", None)
        self.deputy, self.resident = world.deputy(), world.resident()
        self.values: dict[str, Any] = {
            "code": "", "scene": "abc", "kind": "mini", "name": "index.html", "filename": "console.css"}
        #: A second thing of a kind that has others inside, in the same reach.
        self.others: dict[str, int] = {}
        self._build_projects()  # first: its call takes fifteen days
        self._build_station()
        self._build_work()
        self._build_notices()
        self._build_activity()
        self._build_people()
        self._build_opinions()
        self._build_suggestions()
        world.system.session.commit()

    # --- visitors ---------------------------------------------------------------------------------

    def account(self, kind: str, *, own: bool) -> Visitor:
        """The resident or deputy whose things these are, or one of the other township."""
        world = self.world
        if own:
            actor = self.deputy if kind == "deputy" else self.resident
        else:
            actor = world.deputy(world.other_township) if kind == "deputy" else world.resident(world.other_village)
        headers = world.token(actor)
        # The same token as a console cookie: it must open nothing there.
        return Visitor(kind, actor, headers, headers["Authorization"].partition(" ")[2])

    def staff(self, role: str, *, own: bool) -> Visitor:
        """Staff of the region of these things, or with the same role elsewhere."""
        county, township = self.world.county, self.world.township
        if not own:
            county, township = self.other_county, self.world.other_township
        actor = self.world.staff(role, county if role in COUNTY_ROLES else township)
        cookie = self.world.console_cookie(actor)
        # The same token as a bearer: it must open nothing of the API.
        return Visitor(role, actor, {"Authorization": f"Bearer {cookie}"}, cookie)

    def half_staff(self) -> Visitor:
        """Staff who have shown their password and not yet the second factor."""
        ctx, actor = self.world.system, self.world.staff("county_office")
        row = ctx.session.get_one(Staff, actor.staff_id)
        cookie = staff._issue(ctx, row, timedelta(minutes=5), second_factor=False).token
        ctx.session.commit()
        return Visitor("half_staff", actor, {}, cookie)

    def values_for(self, visitor: Visitor, call: Call) -> dict[str, Any]:
        """The ids this visitor's own calls point at."""
        mine: dict[str, Any] = {}
        if visitor.kind == "resident":
            mine = {"notice_id": self.public_notice, "number": self.assigned_number}
        elif visitor.kind == "deputy":
            own = call.rule.startswith("/api/v1/opinions")
            mine = {"number": self.own_number if own else self.assigned_number}
        return self.values | mine

    def misplaced(self, call: Call) -> dict[str, Any]:
        """The ids of a nested address with another outer thing, which the visitor may see as well."""
        outer = re.findall(r"<(?:\w+:)?(\w+)>", call.rule)[0]
        assert outer in self.others, f"{call}: put a second {outer} into tests/api/grid.py"
        return {outer: self.others[outer]}

    # --- things -----------------------------------------------------------------------------------

    def _build_station(self) -> None:
        world, office = self.world, self.world.ctx_of(self.world.staff("county_office"))
        station = world.create_station(deputies=(self.deputy,))
        reception = stations.plan_reception(
            office, station.id, starts_at=world.clock() + timedelta(days=1),
            ends_at=world.clock() + timedelta(days=1, hours=2), person_ids=[self.deputy.person_id or 0])
        visit = checkin.check_in(world.ctx_of(self.deputy), scene=world.scene(station), device_id="device-0001",
                                 proof=checkin.Proof(asks_clerk=True)).visit
        self.others["station_id"] = world.create_station(name="青石镇第二工作站").id
        screen, _code = screens.create_link(office, station.id, label="大厅")
        self.values |= {"screen_id": screen.id, "station_id": station.id, "reception_id": reception.id, "visit_id": visit.id,
                        "code": world.scene(station)}

    def _build_work(self) -> None:
        world, ctx = self.world, self.world.ctx_of(self.deputy)
        photo = media.take_photo(ctx, content=world.photo_bytes(), purpose="duty")
        item = points.list_reportable(ctx, world.township)[0][0].code
        duty = duties.report(ctx, duties.DutyReport(item, ctx.today, "走访", "", (photo.id,)), idempotency="grid")
        points.post(world.system, person_id=self.deputy.person_id or 0, item_code="C1", cause="grid",
                    occurred_on=ctx.today)
        entry = ctx.session.scalars(select(PointEntry)).first()
        assert entry is not None
        other = world.create_person(name="李四")
        self.others["mandate_id"] = ctx.session.scalars(select(Mandate.id).where(Mandate.person_id == other.id)).one()
        self.values |= {"media_id": photo.id, "duty_id": duty.id, "entry_id": entry.id, "mandate_id": entry.mandate_id}

    def _build_notices(self) -> None:
        from tests.api.test_notices import send, send_to_residents

        notice_id = send(self.world, self.deputy)
        self.public_notice = send_to_residents(self.world)
        self.others["notice_id"] = send(self.world, self.world.deputy(name="赵六"))
        delivery = self.world.system.session.scalars(
            select(NoticeDelivery.id).where(NoticeDelivery.notice_id == notice_id)).one()
        self.values |= {"notice_id": notice_id, "delivery_id": delivery}

    def _build_activity(self) -> None:
        meeting = Meeting(self.world)
        self.values["activity_id"] = meeting.publish().id
        self.others["activity_id"] = meeting.draft().id

    def _build_people(self) -> None:
        world, ctx = self.world, self.world.system
        claim = SeatClaim(person_id=self.deputy.person_id, account_id=world.resident().account_id, created_at=ctx.now)
        ctx.session.add(claim)
        sheet = roster.build_sheet([["张三", world.phone(), "", "乡镇", "18", "", "", "", "", ""]])
        imported = roster.preview(world.ctx_of(world.staff("township_clerk")), region=world.township,
                                  filename="名册.xlsx", content=sheet)
        request = handovers.open_hand_over(world.ctx_of(self.resident), question="怎么提意见？")
        ctx.session.flush()
        mandate = ctx.session.get_one(Mandate, self.values["mandate_id"])
        self.values |= {"congress_id": mandate.congress_id, "person_id": self.deputy.person_id,
                        "account_id": self.resident.account_id, "claim_id": claim.id, "import_id": imported.id,
                        "hand_over_id": request.id, "staff_id": world.staff("auditor", world.township).staff_id}

    def _build_suggestions(self) -> None:
        world, ctx = self.world, self.world.ctx_of(self.deputy)
        row = suggestions.draft(ctx, suggestions.SuggestionForm(
            congress_id=world.congress(world.township).id, title="关于路灯的建议", reason="没有路灯。", proposal="请安装。"))
        clerk = world.ctx_of(world.staff())
        suggestions.submit(ctx, row.id)
        suggestions.register(clerk, row.id, category="urban")
        suggestions.assign(clerk, row.id, lead_unit_id=world.unit().id)
        self.values["suggestion_id"] = row.id

    def _build_opinions(self) -> None:
        from tests.api.test_comments import assigned_to

        world = self.world
        self.assigned_number = assigned_to(world, self.deputy, self.resident)
        self.own_number = world.opinion(self.deputy).number
        clerk, opinion = world.ctx_of(world.staff()), world.opinion(self.resident)
        comments.register(clerk, opinion.number)
        comments.assign(clerk, opinion.number, handler=comments.Handler(unit_id=world.unit().id))
        self.values["number"] = opinion.number
        self.values["template_id"] = comments.reply_templates.create(clerk, title="已核实", text="已核实。").id

    def _build_projects(self) -> None:
        case = ProjectCase(self.world)
        case.call(year=2030)
        idea = case.idea(self.resident)
        self.values |= {"idea_id": idea.id}
        row = case.prepared()
        self.values |= {"year_id": case.year_id, "round_id": row.id, "sitting_id": row.sitting_id,
                        "project_id": ballots.list_candidates(case.clerk, row.id)[0][1].id}
