"""The demo county: invented people and places, built through the services themselves, for development only.

One county with three townships after the briefing's facts: stations and village rooms, five levels of deputies,
mixed and professional groups, a year of visits, opinions at every step, notices, and points that follow from them.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pyotp
from sqlalchemy import select

from models.activities import Activity, ActivityPerson
from models.comments import Opinion
from models.deputies import Congress, Mandate, Person
from models.identity import Account, HandlingUnit, Staff, WeChatBinding
from models.notices import Notice, NoticeDelivery
from models.regions import Region
from models.stations import ScanCode, Station, StationDeputy
from services import (
    activities,
    audiences,
    ballots,
    checkin,
    comments,
    duties,
    handovers,
    identity,
    notices,
    points,
    project_library,
    projects,
    regions,
    roster,
    sittings,
    stations,
    subscriptions,
    suggestions,
)
from services import staff as staff_service
from services.audiences import Clause
from services.context import CHINA, SYSTEM, Actor, Context
from services.rules import demo_region, privacy
from services.rules.ballots import VotingMethod
from services.rules.demo_region import COUNTY, TOWNSHIPS
from services.rules.fences import Position

PASSWORD = "demo-2026-only"
#: Fixed so that the landing page can show the current code; a real installation draws its own.
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

_DEMO_PROJECTS = (
    project_library.ProjectForm("石桥村至中心小学道路硬化", "硬化道路2公里，安装路灯40盏，增设减速带和标志牌。", "石桥村",
                                80_000_000, "镇级财政、上级补助", 1600, 8, "镇城建办"),
    project_library.ProjectForm("农村老年食堂", "改造闲置村小，建老年食堂2处，为独居老人提供午餐。", "花园村、枫树村",
                                32_000_000, "镇级财政、社会捐赠", 240, 6, "镇民政办"),
    project_library.ProjectForm("文化广场健身器材更新", "更换健身器材18件，维修地面，加装照明。", "泉水社区",
                                12_500_000, "镇级财政", 3000, 4, "镇文化站"),
    project_library.ProjectForm("灌溉水渠修复", "修复塌损水渠3公里，清淤1.5公里。", "枫树村", 45_000_000, "上级补助", 900, 9, "镇水利站"),
)


@dataclass(frozen=True)
class LogIn:
    door: str
    who: str
    how: str


STAFF = (
    ("clerk", "township_clerk", "周专干", "青石镇"), ("chair", "township_chair", "陈主席", "青石镇"),
    ("clerk2", "township_clerk", "李专干", "流沙镇"), ("county", "county_office", "吴主任", COUNTY),
    ("audit", "auditor", "郑审计", COUNTY), ("admin", "admin", "系统管理员", COUNTY),
    ("water", "handling_unit", "水利站经办人", "青石镇"),
)
DEPUTY_PHONE = "13900000001"
RESIDENT_PHONE = "13700000001"


def list_log_ins(now: datetime | None = None) -> list[dict[str, str]]:
    """The demo log-ins with the authenticator's code of the moment."""
    moment = (now or datetime.now(CHINA)).timestamp()
    code = pyotp.TOTP(TOTP_SECRET).at(int(moment))
    phone = "验证码在“开发替身”的短信页"
    found = [LogIn("手机端", "代表（县、镇两级）", f"手机号 {DEPUTY_PHONE}，{phone}"),
             LogIn("手机端", "群众", f"手机号 {RESIDENT_PHONE}，{phone}")]
    found += [LogIn("后台", f"{name}（{place}）", f"账号 {login}，密码 {PASSWORD}，动态码 {code}（30秒一换）")
              for login, _role, name, place in STAFF]
    return [vars(line) for line in found]


def list_phones(ctx: Context) -> list[tuple[str, str, bool]]:
    """(phone, name, subscribes) of the people whose phones the stand-in shows: some deputies, one resident."""
    people = ctx.session.scalars(
        select(Person).join(Account, Account.person_id == Person.id).order_by(Person.id).limit(12))
    found = [(ctx.gateways.cipher.open(row.phone_cipher, identity.PHONE), row.name, number != 4)
             for number, row in enumerate(people)]
    return [*found, (RESIDENT_PHONE, "群众（演示）", True)]


def bind_phone(ctx: Context, *, phone: str, openid: str, subscribes: bool) -> None:
    """Bind a demo account to its WeChat user of the stand-in and note what it allowed, once."""
    index = ctx.gateways.cipher.index(phone, identity.PHONE)
    account = ctx.session.scalar(
        select(Account).outerjoin(Person, Person.id == Account.person_id)
        .where((Person.phone_index == index) | (Account.phone_index == index)))
    if account is None or identity.openid_of(ctx.session, account.id, ctx.settings.mini_appid) is not None:
        return
    ctx.session.add(WeChatBinding(account_id=account.id, appid=ctx.settings.mini_appid, openid=openid, unionid=None,
                                  bound_at=ctx.now, seen_at=ctx.now))
    if subscribes:
        for template in (ctx.settings.notice_template, ctx.settings.opinion_template):
            subscriptions.record_subscription(ctx, openid=openid, template_id=template, result="accept", origin="demo",
                                        dedupe_key=f"demo:{openid}:{template}")


def load(ctx: Context) -> bool:
    """Load the county once; False when it is there already."""
    if ctx.session.scalar(select(Region.id).where(Region.name == COUNTY)) is not None:
        return False
    _Loader(ctx).run()
    return True


class _Loader:
    """Walks the year from its start to today, letting each service see the day it happens on."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = replace(ctx, actor=SYSTEM)
        self.draw = random.Random(20201102)
        self.start = ctx.today - timedelta(days=330)
        self.places: dict[str, Region] = {}
        self.staff: dict[str, Actor] = {}
        self.next_phone = 2

    def run(self) -> None:
        self._regions()
        self._rules()
        self._staff()
        self._stations()
        self._rosters()
        self._seats()
        self._receptions()
        self._visits()
        self._reports()
        self._reply_templates()
        self._opinions()
        self._notices()
        self._activities()
        self._projects()
        self._suggestions()
        regions.set_setting(self.ctx, self.places[COUNTY], name="checkin.minimum_stay_minutes", value=0,
                            effective_on=self.ctx.today)

    @contextmanager
    def at(self, actor: Actor, day: date, hour: int = 9, minute: int = 0) -> Iterator[Context]:
        """The same transaction on another day and as somebody else."""
        moment = datetime.combine(day, time(hour, minute), CHINA)
        yield replace(self.ctx, actor=actor, now=min(moment, self.ctx.now))

    # --- places and people ------------------------------------------------------------------------

    def _regions(self) -> None:
        province = self._region("990000", "演示省", "province", None)
        city = self._region("990100", "演示市", "city", province)
        county = self._region("990101", COUNTY, "county", city)
        for number, (name, villages) in enumerate(TOWNSHIPS.items(), start=101):
            township = self._region(f"990101{number}", name, "township", county)
            for place, village in enumerate(villages, start=201):
                self._region(f"990101{number}{place}", village, "village", township)

    def _region(self, code: str, name: str, level: str, parent: Region | None) -> Region:
        row = Region(code=code, name=name, level=level, parent_id=parent.id if parent else None, path="/")
        self.ctx.session.add(row)
        self.ctx.session.flush()
        row.path = f"{parent.path if parent else '/'}{row.id}/"
        self.places[name] = row
        return row

    def _rules(self) -> None:
        points.install_default_rules(self.ctx, self.places[COUNTY], version="2026年第1版",
                                     effective_on=self.start - timedelta(days=30))

    def _staff(self) -> None:
        units = [HandlingUnit(region_id=self.places[place].id, name=name) for place, name in demo_region.UNITS]
        self.ctx.session.add_all(units)
        self.ctx.session.flush()
        for login, role, name, place in STAFF:
            row, _secret = staff_service.create_staff(
                self.ctx, login=login, name=name, role=role, region=self.places[place], password=PASSWORD,
                unit=units[0] if role == "handling_unit" else None, totp_secret=TOTP_SECRET)
            self.staff[login] = self._staff_actor(row)

    def _staff_actor(self, row: Staff) -> Actor:
        region = self.ctx.session.get_one(Region, row.region_id)
        return Actor(kind="staff", staff_id=row.id, role=row.role, region_id=region.id, region_path=region.path,
                     unit_id=row.unit_id, name=row.name)

    def _stations(self) -> None:
        with self.at(self.staff["county"], self.start) as ctx:
            for place, (township, villages) in enumerate(TOWNSHIPS.items()):
                stations.create_station(ctx, region_id=self.places[township].id, form=stations.StationForm(
                    kind="township_station", name=demo_region.township_station(township), address=f"{township}解放路1号",
                    phone="0799-1234567", opening_hours="周一至周五 9:00-17:00", latitude=28.1 + place / 50,
                    longitude=112.9, fence_m=200))
                for number, village in enumerate(villages):
                    stations.create_station(ctx, region_id=self.places[village].id, form=stations.StationForm(
                        kind="village_room", name=demo_region.village_room(township, village), address=f"{village}便民服务中心一楼",
                        opening_hours="每周三 9:00-11:00", latitude=28.1 + place / 50 + number / 400,
                        longitude=112.91, fence_m=150))

    def _rosters(self) -> None:
        """Each township's own roster, imported from a real .xlsx through preview and apply."""
        for place, (township, villages) in enumerate(TOWNSHIPS.items()):
            rows = self._roster_rows(township, villages, first=place == 0)
            actor = self.staff["clerk"] if place == 0 else replace(
                self.staff["clerk"], region_id=self.places[township].id, region_path=self.places[township].path)
            with self.at(actor, self.start + timedelta(days=1)) as ctx:
                record = roster.preview(ctx, region=self.places[township], filename=f"{township}名册.xlsx",
                                        content=roster.build_sheet(rows))
                roster.apply(ctx, record.id)

    def _roster_rows(self, township: str, villages: tuple[str, ...], *, first: bool) -> list[list[str]]:
        rows: list[list[str]] = []
        for number in range(demo_region.DEPUTIES_EACH):
            village = villages[number % len(villages)]
            phone = DEPUTY_PHONE if first and number == 0 else self._phone()
            name = demo_region.deputy_names()[township][number]
            groups = demo_region.MIXED_GROUPS[number // 10]
            if number % 4 == 0:
                groups += f";{demo_region.FARM_GROUP}"
            station = demo_region.township_station(township) if number % 3 == 0 \
                else demo_region.village_room(township, village)
            base = [name, phone, self.draw.choice(demo_region.TITLES)]
            rows.append([*base, "乡镇", "18", f"18-{number + 1:03d}", f"第{number // 3 + 1}选区", "", groups, station])
            for level, step in (("县", 5), ("市", 19)):
                if number % step == 0:
                    rows.append([*base, level, "17", f"17-{number + 1:03d}", f"{township}选举单位", f"{township}代表团",
                                 demo_region.JOINT_GROUP, station])
        if first:
            rows.append([rows[-1][0], rows[-1][1], rows[-1][2], "省", "14", "14-101", "演示市选举单位", "演示市代表团", "", ""])
            rows.append([rows[3][0], rows[3][1], rows[3][2], "全国", "14", "14-009", "演示省选举单位", "演示省代表团", "", ""])
        return rows

    def _phone(self) -> str:
        self.next_phone += 1
        return f"1390000{self.next_phone:04d}"

    def _seats(self) -> None:
        """Most deputies have claimed their seats already; some have not, as everywhere."""
        for number, person in enumerate(self.ctx.session.scalars(select(Person).order_by(Person.id))):
            if number % 7 != 6:
                self.ctx.session.add(Account(person_id=person.id, name=person.name, created_at=self.ctx.now))
        for number, village in enumerate(name for villages in TOWNSHIPS.values() for name in villages):
            phone = f"1370000{number + 1:04d}"
            self.ctx.session.add(Account(
                name="", village_id=self.places[village].id, created_at=self.ctx.now,
                phone_cipher=self.ctx.gateways.cipher.seal(phone, identity.PHONE),
                phone_index=self.ctx.gateways.cipher.index(phone, identity.PHONE)))
        self.ctx.session.flush()

    def _account_actors(self, *, deputies: bool) -> list[Actor]:
        rows = self.ctx.session.scalars(select(Account).order_by(Account.id))
        return [identity.actor_of_account(self.ctx.session, row) for row in rows if (row.person_id is not None) == deputies]

    # --- a year of work ---------------------------------------------------------------------------

    def _receptions(self) -> None:
        with self.at(self.staff["county"], self.ctx.today) as ctx:
            for station in self.ctx.session.scalars(select(Station).order_by(Station.id)):
                people = stations.deputies_of(ctx.session, station.id)[:2]
                for week in (0, 1, 2, 3):
                    day = self.ctx.today + timedelta(days=2 - self.ctx.today.weekday() + 7 * week)
                    if day < self.ctx.today:
                        continue
                    stations.plan_reception(ctx, station.id, starts_at=datetime.combine(day, time(9), CHINA),
                                            ends_at=datetime.combine(day, time(11), CHINA), person_ids=people)

    def _visits(self) -> None:
        for actor in self._account_actors(deputies=True):
            station_ids = self.ctx.session.scalars(select(Station.id).where(
                Station.id.in_(select(StationDeputy.station_id).where(
                    StationDeputy.person_id == actor.person_id)))).all()
            for _ in range(self.draw.randint(1, 7) if station_ids else 0):
                day = self.start + timedelta(days=self.draw.randint(5, 322))
                self._visit(actor, self.draw.choice(station_ids), day)
        for actor in self._account_actors(deputies=True)[1:4]:
            self._visit(actor, 1, self.ctx.today, leaves=False)

    def _visit(self, actor: Actor, station_id: int, day: date, *, leaves: bool = True) -> None:
        station = self.ctx.session.get_one(Station, station_id)
        scene = self.ctx.session.scalars(select(ScanCode.scene).where(ScanCode.station_id == station_id)).one()
        here = Position(station.latitude or 0, station.longitude or 0)
        with self.at(actor, day, 9, self.draw.randint(0, 40)) as ctx:
            done = checkin.check_in(ctx, scene=scene, device_id=None, proof=checkin.Proof(location=here))
        if leaves:
            with self.at(actor, day, 11, self.draw.randint(0, 40)) as ctx:
                checkin.check_out(ctx, done.visit.id)

    def _reports(self) -> None:
        for number, actor in enumerate(self._account_actors(deputies=True)):
            for code, title in self.draw.sample((("C2", "走访联系选民"), ("D2", "专题调研"), ("D4", "参加代表小组活动"),
                                                 ("E1", "参加履职培训"), ("F5", "志愿服务活动")), 2):
                day = self.start + timedelta(days=self.draw.randint(5, 322))
                with self.at(actor, day, 19) as ctx:
                    duty = duties.report(ctx, duties.DutyReport(code, day, title, f"{title}，情况已记录。", by_chat=True),
                                         idempotency=f"demo-{number}-{code}")
                self._check_duty(duty.id, day, number)

    def _check_duty(self, duty_id: int, day: date, number: int) -> None:
        if number % 9 == 0:
            return
        with self.at(replace(self.staff["county"]), day, 20) as ctx:
            duties.first_check(ctx, duty_id)
        if number % 5 == 0:
            return
        second = replace(self.staff["chair"], region_path=self.places[COUNTY].path)
        with self.at(second, day, 21) as ctx:
            duties.second_check(ctx, duty_id)

    def _opinions(self) -> None:
        residents = self._account_actors(deputies=False)
        for number in range(60):
            actor = residents[number % len(residents)]
            category, text = demo_region.MATTERS[number % len(demo_region.MATTERS)]
            age = 320 - number * 5 if number < 48 else 60 - number
            day = self.ctx.today - timedelta(days=max(age, 0))
            account = self.ctx.session.get_one(Account, actor.account_id)
            with self.at(actor, day, 10) as ctx:
                opinion = comments.submit(ctx, comments.OpinionForm(
                    text=text, category=category, village_id=account.village_id or 0, channel="mini",
                    consent_version=privacy.VERSION, is_anonymous=number % 6 == 0))
                comments.record_text_check(ctx, opinion.id, suggestion="review" if number % 17 == 0 else "pass")
            with self.at(SYSTEM, day, 11) as ctx:
                comments.keep_judgement(ctx, opinion.id, comments.judge(ctx, opinion.id))
            self._handle(opinion, actor, day, number)
        self._same_matter(residents)
        with self.at(residents[0], self.ctx.today, 8) as ctx:
            handovers.open_hand_over(ctx, question="想问一下宅基地审批要找哪个部门？")

    def _reply_templates(self) -> None:
        with self.at(self.staff["clerk"], self.start + timedelta(days=2)) as ctx:
            for title, text in demo_region.REPLY_TEMPLATES:
                comments.reply_templates.create(ctx, title=title, text=text)

    def _same_matter(self, residents: list[Actor]) -> None:
        """A lamp that three people of one village report: one handled, one who joined, one for the clerk to compare."""
        here = self.places["石桥村"].id
        texts = ("村口的路灯坏了半个月，老人晚上出门摔过跤。", "村口路灯不亮，晚上走路看不见。", "村口那盏路灯一直没人修，天黑了怕。")
        lead = None
        for number, text in enumerate(texts):
            with self.at(residents[number + 4], self.ctx.today - timedelta(days=3 - number), 9) as ctx:
                opinion = comments.submit(ctx, comments.OpinionForm(
                    text=text, category="road", village_id=here, consent_version=privacy.VERSION,
                    joins=lead.number if lead is not None and number == 1 else None))
                comments.record_text_check(ctx, opinion.id, suggestion="pass")
                comments.keep_judgement(ctx, opinion.id, comments.judge(ctx, opinion.id))
            if lead is None:
                lead = opinion
                with self.at(self.staff["clerk"], self.ctx.today - timedelta(days=3), 15) as ctx:
                    comments.register(ctx, opinion.number, matter="村口路灯维修")

    def _handle(self, opinion: Opinion, author: Actor, day: date, number: int) -> None:
        if number % 10 == 9 or number >= 56:
            return
        clerk = self._clerk_of(opinion.township_id)
        with self.at(clerk, day, 15) as ctx:
            if number % 20 == 13:
                comments.refuse(ctx, opinion.number, reason="该事项正在诉讼程序中，请按法律途径办理，可拨打12348咨询。")
                return
            comments.register(ctx, opinion.number, is_urgent=number % 12 == 7)
            people, units = comments.list_handlers(ctx)
            holder = self._holder(people, number)
            handler = comments.Handler(person_id=holder) if number % 3 or not units else \
                comments.Handler(unit_id=units[0].id)
            comments.assign(ctx, opinion.number, handler=handler)
        if number >= 48 or (number % 8 == 5 and number > 40):
            return
        self._answer(opinion, handler, day + timedelta(days=1), number)
        if number % 4 != 3:
            self._rate(opinion, author, day + timedelta(days=3), number)

    def _holder(self, people: list[Person], number: int) -> int:
        """Every fourth matter of the first township waits for the demo deputy."""
        index = self.ctx.gateways.cipher.index(DEPUTY_PHONE, identity.PHONE)
        demo = next((person.id for person in people if person.phone_index == index), None)
        return demo if demo is not None and number % 2 == 1 else people[number % len(people)].id

    def _clerk_of(self, township_id: int) -> Actor:
        region = self.ctx.session.get_one(Region, township_id)
        login = "clerk2" if region.name == "流沙镇" else "clerk"
        return replace(self.staff[login], region_id=region.id, region_path=region.path)

    def _answer(self, opinion: Opinion, handler: comments.Handler, day: date, number: int) -> None:
        text = demo_region.ANSWERS[number % len(demo_region.ANSWERS)]
        if handler.unit_id is not None:
            region = self.ctx.session.get_one(Region, opinion.township_id)
            actor = replace(self.staff["water"], unit_id=handler.unit_id, region_path=region.path)
            with self.at(actor, day, 16) as ctx:
                comments.answer_as_unit(ctx, opinion.number, text=text)
            return
        with self.at(Actor(kind="account", account_id=1, person_id=handler.person_id), day, 16) as ctx:
            comments.answer_as_deputy(ctx, opinion.number, text=text)

    def _rate(self, opinion: Opinion, author: Actor, day: date, number: int) -> None:
        grade = "unsatisfied" if number % 11 == 10 else "basically_satisfied" if number % 3 == 0 else "satisfied"
        with self.at(author, min(day, self.ctx.today), 17) as ctx:
            comments.rate(ctx, opinion.number, grade=grade, comment="还没有解决，请再看看。" if grade == "unsatisfied" else "")

    def _notices(self) -> None:
        first = self.ctx.today - timedelta(days=6)
        with self.at(self.staff["clerk"], first, 9) as ctx:
            groups = audiences.list_choices(ctx).groups
            meeting = notices.create_draft(ctx, notices.NoticeForm(
                kind="meeting", title="关于召开第四季度代表小组会议的通知", audience="group", audience_id=groups[0].id,
                body="请各位代表准时参加，并带上走访中收集的意见建议。", place="镇政府三楼会议室",
                starts_at=datetime.combine(self.ctx.today + timedelta(days=5), time(9), CHINA)))
            notices.send(ctx, meeting.id)
            self._read(meeting)
            bulletin = notices.create_draft(ctx, notices.NoticeForm(
                kind="bulletin", title="民生实事项目建议征集公告", audience="residents",
                body="现面向全镇群众征集明年民生实事项目建议，可在小程序“意见”栏提交，也可到各代表工作室反映。"))
            notices.send(ctx, bulletin.id)
            notices.create_draft(ctx, notices.NoticeForm(
                kind="study", title="关于组织学习代表法的通知（草稿）", audience="region_deputies",
                body="请各代表小组安排时间集中学习。"))

    def _read(self, notice: Notice) -> None:
        rows = self.ctx.session.scalars(select(NoticeDelivery).where(
            NoticeDelivery.notice_id == notice.id)).all()
        for number, row in enumerate(rows):
            if row.state == "unreachable" and number % 3 != 0:
                row.read_at = self.ctx.now - timedelta(days=5)
                row.confirmed_at = row.read_at if number % 2 else None

    # --- meetings and activities ------------------------------------------------------------------

    def _activities(self) -> None:
        """One held and closed with its minutes, one on now, one that people may sign up for."""
        self._hold(self.ctx.today - timedelta(days=40))
        soon = self.ctx.now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        self._publish(self.ctx.today - timedelta(days=4), kind="meeting", title="第四季度代表小组会议",
                      place="镇政府三楼会议室", starts_at=soon, needs_quorum=True, item_code="D4")
        day = datetime.combine(self.ctx.today + timedelta(days=8), time(14, 30), CHINA)
        self._publish(self.ctx.today - timedelta(days=2), kind="training", title="代表履职能力培训：怎样写好一件建议",
                      place="镇文化站二楼教室", starts_at=day, signs_up=True, capacity=20,
                      sign_up_until=day - timedelta(days=2), content="请带上正在起草的建议，老师当面改。")

    def _publish(self, day: date, *, starts_at: datetime, **form: Any) -> int:
        with self.at(self.staff["clerk"], day) as ctx:
            drafted = activities.create(ctx, activities.ActivityForm(
                starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), clauses=(Clause("region_deputies"),),
                latitude=28.1, longitude=112.9, **form))
            return activities.publish(ctx, drafted.id).id

    def _hold(self, day: date) -> None:
        held = self._publish(day - timedelta(days=6), kind="theme", title="“水清岸绿”代表主题活动", place="枫树村村委会",
                             starts_at=datetime.combine(day, time(9), CHINA), item_code="D4")
        here = {line.person_id for line in self.ctx.session.scalars(
            select(ActivityPerson).where(ActivityPerson.activity_id == held))}
        scene = self.ctx.session.get_one(Activity, held).scene
        coming = [actor for actor in self._account_actors(deputies=True) if actor.person_id in here]
        with self.at(coming[-1], day - timedelta(days=2)) as ctx:
            activities.ask_leave(ctx, held, reason="当天在县里参加培训。")
        with self.at(self.staff["clerk"], day - timedelta(days=1)) as ctx:
            activities.decide_leave(ctx, held, coming[-1].person_id or 0, is_agreed=True)
        for number, actor in enumerate(coming[:-3]):
            with self.at(actor, day, 8 + number // 15, 50 - number % 15 * 3) as ctx:
                activities.check_in(ctx, scene=scene, device_id=f"demo-{actor.person_id}",
                                    proof=checkin.Proof(location=Position(28.1001, 112.9001, 20)))
        with self.at(self.staff["clerk"], day, 17) as ctx:
            activities.write_minutes(ctx, held, text="察看河道三处，代表提出意见六条，已分别交水利站、城建办研究。")
            activities.close(ctx, held)
        with self.at(SYSTEM, day, 18) as ctx:
            while activities.credit_some(ctx, held):
                pass

    # --- deputies' suggestions --------------------------------------------------------------------

    def _suggestions(self) -> None:
        """One answered and waiting for the demo deputy's word, one being handled, one that asks for a signature."""
        here = set(self.ctx.session.scalars(
            select(Mandate.person_id).join(Congress, Congress.id == Mandate.congress_id)
            .where(Congress.region_id == self.places["青石镇"].id)))
        me, colleague = [actor for actor in self._account_actors(deputies=True) if actor.person_id in here][:2]
        answered = self._suggest(me, 0, days_ago=40)
        self._take_up(answered, days_ago=36)
        with self.at(self.staff["water"], self.ctx.today - timedelta(days=12)) as ctx:
            suggestions.record_contact(ctx, answered, way="visit", text="与代表一同到现场察看，商定修复办法。")
            suggestions.answer(ctx, answered, suggestions.AnswerForm(
                "A", "青水〔2026〕12号", "赵站长", "塌损渠段已修复，清淤1.5公里，二十多户稻田恢复灌溉。", is_face_to_face=True))
        handled = self._suggest(colleague, 1, days_ago=20)
        self._take_up(handled, days_ago=16)
        self._suggest(colleague, 2, days_ago=1, cosigner=me)

    def _suggest(self, author: Actor, number: int, *, days_ago: int, cosigner: Actor | None = None) -> int:
        title, reason, proposal = demo_region.SUGGESTIONS[number]
        with self.at(author, self.ctx.today - timedelta(days=days_ago), 8) as ctx:
            row = suggestions.draft(ctx, suggestions.SuggestionForm(
                self._congress_of(ctx), title, reason, proposal, "joint" if cosigner else "single",
                cosigner_ids=(cosigner.person_id or 0,) if cosigner else ()))
            if cosigner is None:
                suggestions.submit(ctx, row.id)
            return row.id

    def _congress_of(self, ctx: Context) -> int:
        home = self.places["青石镇"].id
        return next(row.id for row in suggestions.list_congresses(ctx) if row.region_id == home)

    def _take_up(self, suggestion_id: int, *, days_ago: int) -> None:
        """Registered and assigned by the office, accepted by the water station."""
        unit = self.staff["water"]
        with self.at(self.staff["clerk"], self.ctx.today - timedelta(days=days_ago)) as ctx:
            suggestions.register(ctx, suggestion_id, category="agriculture")
            suggestions.assign(ctx, suggestion_id, lead_unit_id=unit.unit_id or 0)
        with self.at(unit, self.ctx.today - timedelta(days=days_ago - 2)) as ctx:
            suggestions.accept(ctx, suggestion_id)

    # --- livelihood projects ----------------------------------------------------------------------

    def _projects(self) -> None:
        """This year's projects, voted some months ago, and next year's call, which is open."""
        method = VotingMethod("select_up_to_n", 3)
        first = self.ctx.today - timedelta(days=150)
        year = self._call(self.ctx.today.year, first, method)
        authors = [*self._account_actors(deputies=False)[:4], self._account_actors(deputies=True)[5]]
        with self.at(self.staff["clerk"], first + timedelta(days=3)) as ctx:
            lines = [project_library.create_project(ctx, year, form).id for form in _DEMO_PROJECTS]
        for number, author in enumerate(authors):
            form = _DEMO_PROJECTS[number % len(lines)]
            with self.at(author, first + timedelta(days=5)) as ctx:
                idea = projects.submit_idea(ctx, year, projects.IdeaForm(form.name, f"{form.content}群众很盼望。", form.place))
            with self.at(self.staff["clerk"], first + timedelta(days=6)) as ctx:
                project_library.join_idea(ctx, idea.id, project_id=lines[number % len(lines)])
        self._review(year, lines, first + timedelta(days=25))
        self._vote(year, first + timedelta(days=40))
        upcoming = self._call(self.ctx.today.year + 1, self.ctx.today - timedelta(days=5), method)
        with self.at(authors[0], self.ctx.today, 8) as ctx:
            projects.submit_idea(ctx, upcoming, projects.IdeaForm("给河边步道装护栏", "暑假常有孩子到水边玩，很危险。", "河口段"))

    def _call(self, number: int, day: date, method: VotingMethod) -> int:
        with self.at(self.staff["clerk"], day) as ctx:
            return projects.open_year(ctx, region_id=self.places["青石镇"].id, form=projects.CallForm(
                number, "面向全镇群众、人大代表和各单位征集民生实事项目建议。项目应普惠、公益，一般当年能够完成。"
                "可在小程序提交，也可到各代表工作室反映。", day, day + timedelta(days=20), method)).id

    def _review(self, year: int, lines: list[int], day: date) -> None:
        with self.at(self.staff["clerk"], day) as ctx:
            for line in lines:
                project_library.record_argument(ctx, line, text="经论证，技术可行，资金落实，符合法律规定。",
                                                signer="镇城建办", on=day)
            projects.close_call(ctx, year)
            projects.end_screening(ctx, year)
            projects.submit_list(ctx, year, listed=lines)
            for body in ("presidium", "party_committee", "joint_meeting"):
                projects.record_review(ctx, year, projects.ReviewForm(body, "approved", "同意提交大会票决。", "陈主席", day))

    def _vote(self, year: int, day: date) -> None:
        """A whole round on paper: the clerk runs it, the chair and the county's office count."""
        with self.at(self.staff["clerk"], day) as ctx:
            congress = next(row for row in sittings.list_congresses(ctx) if row.level == "township")
            sitting = sittings.create_sitting(ctx, congress_id=congress.id, name="第六次会议", place="镇政府礼堂", held_on=day)
            sittings.freeze_roll(ctx, sitting.id)
            people = [member.person_id for member, _name in sittings.list_members(ctx, sitting.id)]
            sittings.sign_in_by_staff(ctx, sitting.id, person_ids=people[:-1])
            row = ballots.prepare_round(ctx, year, sitting_id=sitting.id)
            free = [person for person in people if person not in ballots.list_proposers(ctx, row.id)]
            ballots.set_officers(ctx, row.id, chief=free[0], scrutineers=free[1:3],
                                 tellers=[self.staff[name].staff_id or 0 for name in ("chair", "county")])
            ballots.pass_method(ctx, row.id)
            ballots.open_round(ctx, row.id)
            ballots.record_issued(ctx, row.id, issued=len(people) - 1)
            ballots.close_round(ctx, row.id, collected=len(people) - 1)
            votes = {str(project.id): [most] for (_place, project), most in zip(
                ballots.list_candidates(ctx, row.id), (18, 15, 6, 13), strict=True)}
        for name in ("chair", "county"):
            with self.at(self.staff[name], day, 10) as ctx:
                ballots.enter_count(ctx, row.id, ballots.TellerNumbers(1, votes))
        with self.at(self.staff["clerk"], day, 11) as ctx:
            for officer in ballots.list_officers(ctx, row.id):
                if officer.duty != "teller":
                    ballots.record_signature(ctx, row.id, officer_id=officer.id)
            ballots.publish_result(ctx, row.id)
