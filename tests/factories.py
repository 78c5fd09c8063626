"""A small county for the tests, built through the services where there is one."""

import io
from collections.abc import Callable
from datetime import date, timedelta

from PIL import Image
from sqlalchemy import select

from models.deputies import Congress, DeputyGroup, GroupMember, Mandate, Person
from models.identity import Account, HandlingUnit, WeChatBinding
from models.regions import Region
from models.stations import ScanCode, Station, StationDeputy
from services import audit, comments, identity, points, regions, staff, stations, subscriptions
from services.context import SYSTEM, Actor, Context
from services.rules import privacy
from tests.fakes import MINI_APPID, FrozenClock

PASSWORD = "a-long-test-password"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class World:
    """白鹿县 with 青石镇 (石桥村) and 流沙镇 (河口村); people and things are made when a test asks for them."""

    def __init__(self, ctx_of: Callable[[Actor], Context], clock: FrozenClock) -> None:
        self.ctx_of, self.clock = ctx_of, clock
        self._phone = 13800000000
        self.county = self._region("990101", "白鹿县", "county", None)
        self.township = self._region("990101101", "青石镇", "township", self.county)
        self.village = self._region("990101101201", "石桥村", "village", self.township)
        self.other_township = self._region("990101102", "流沙镇", "township", self.county)
        self.other_village = self._region("990101102201", "河口村", "village", self.other_township)
        ctx = self.system
        points.install_default_rules(ctx, self.county, version="2026-1", effective_on=date(2026, 1, 1))
        regions.set_setting(ctx, self.county, name="checkin.minimum_stay_minutes", value=30,
                            effective_on=date(2026, 1, 1))
        subscriptions.sync_templates(ctx)

    @property
    def system(self) -> Context:
        return self.ctx_of(SYSTEM)

    # --- places -----------------------------------------------------------------------------------

    def _region(self, code: str, name: str, level: str, parent: Region | None) -> Region:
        session = self.system.session
        row = Region(code=code, name=name, level=level, parent_id=parent.id if parent else None, path="/")
        session.add(row)
        session.flush()
        row.path = f"{parent.path if parent else '/'}{row.id}/"
        return row

    def create_station(self, region: Region | None = None, *, name: str = "青石镇人大代表工作站",
                       deputies: tuple[Actor, ...] = ()) -> Station:
        region = region or self.township
        ctx = self.ctx_of(self.staff("county_office"))
        station = stations.create_station(ctx, region_id=region.id, form=stations.StationForm(
            kind="township_station", name=name, address="解放路1号", latitude=28.1, longitude=112.9))
        ctx.session.add_all(StationDeputy(station_id=station.id, person_id=actor.person_id) for actor in deputies)
        ctx.session.flush()
        return station

    def scene(self, station: Station) -> str:
        return self.system.session.scalars(select(ScanCode.scene).where(
            ScanCode.station_id == station.id, ScanCode.revoked_at.is_(None))).one()

    # --- people -----------------------------------------------------------------------------------

    def phone(self) -> str:
        self._phone += 1
        return str(self._phone)

    def create_person(self, region: Region | None = None, *, name: str = "王建国", phone: str | None = None) -> Person:
        """Somebody on the roster with a township mandate in force."""
        region = region or self.township
        ctx, cipher = self.system, self.system.gateways.cipher
        number = phone or self.phone()
        person = Person(region_id=region.id, name=name, created_at=ctx.now,
                        phone_cipher=cipher.seal(number, identity.PHONE), phone_index=cipher.index(number, identity.PHONE))
        ctx.session.add(person)
        ctx.session.flush()
        ctx.session.add(Mandate(person_id=person.id, congress_id=self.congress(region).id, began_on=date(2026, 1, 1),
                                constituency="第1选区", deputy_no="18-001"))
        ctx.session.flush()
        return person

    def congress(self, region: Region) -> Congress:
        session = self.system.session
        level = "county" if region.level == "county" else "township"
        found = session.scalar(select(Congress).where(Congress.region_id == region.id, Congress.level == level))
        if found is None:
            found = Congress(region_id=region.id, level=level, term_no=18, name=f"{region.name}第18届人民代表大会")
            session.add(found)
            session.flush()
        return found

    def deputy(self, region: Region | None = None, *, name: str = "王建国", openid: str | None = None) -> Actor:
        """A deputy who has claimed the seat; with an openid also one whose WeChat is bound."""
        person = self.create_person(region, name=name)
        return self._account(person=person, openid=openid)

    def resident(self, village: Region | None = None, *, openid: str | None = None) -> Actor:
        return self._account(village=village or self.village, openid=openid)

    def _account(self, *, person: Person | None = None, village: Region | None = None,
                 openid: str | None = None) -> Actor:
        ctx = self.system
        account = Account(person_id=person.id if person else None, name=person.name if person else "",
                          village_id=village.id if village else None, created_at=ctx.now)
        ctx.session.add(account)
        ctx.session.flush()
        if openid:
            ctx.session.add(WeChatBinding(account_id=account.id, appid=MINI_APPID, openid=openid, bound_at=ctx.now,
                                          seen_at=ctx.now))
            ctx.session.flush()
        return identity.actor_of_account(ctx.session, account)

    def staff(self, role: str = "township_clerk", region: Region | None = None, *, login: str | None = None) -> Actor:
        """A member of staff; county roles sit at the county, the others in the first township."""
        region = region or (self.county if role in ("county_office", "auditor", "admin") else self.township)
        ctx = self.system
        unit = self.unit(region) if role == "handling_unit" else None
        row, _secret = staff.create_staff(
            ctx, login=login or f"{role}-{self.phone()}", name="周专干", role=role, region=region, password=PASSWORD,
            unit=unit, totp_secret=TOTP_SECRET)
        return Actor(kind="staff", staff_id=row.id, role=role, region_id=region.id, region_path=region.path,
                     unit_id=row.unit_id, name=row.name)

    def unit(self, region: Region | None = None, *, name: str = "青石镇水利站") -> HandlingUnit:
        region = region or self.township
        session = self.system.session
        found = session.scalar(select(HandlingUnit).where(
            HandlingUnit.region_id == region.id, HandlingUnit.name == name))
        if found is None:
            found = HandlingUnit(region_id=region.id, name=name)
            session.add(found)
            session.flush()
        return found

    def group(self, *members: Actor, region: Region | None = None, name: str = "第一代表小组") -> DeputyGroup:
        session = self.system.session
        group = DeputyGroup(region_id=(region or self.township).id, name=name)
        session.add(group)
        session.flush()
        session.add_all(GroupMember(group_id=group.id, person_id=actor.person_id) for actor in members)
        session.flush()
        return group

    def commit(self) -> None:
        """Seal and commit what the shared session holds, and read afresh what jobs wrote meanwhile."""
        ctx = self.system
        audit.seal(ctx)
        ctx.session.commit()
        ctx.outbox_ids.clear()
        ctx.session.expire_all()

    def token(self, actor: Actor) -> dict[str, str]:
        """Headers of a logged-in resident or deputy for the API."""
        ctx = self.system
        issued = identity.issue_session(ctx, ctx.session.get_one(Account, actor.account_id))
        ctx.session.commit()
        return {"Authorization": f"Bearer {issued.token}"}

    def console_cookie(self, actor: Actor) -> str:
        """The value of the console's cookie for a member of staff after both factors."""
        ctx = self.system
        row = ctx.session.get_one(staff.Staff, actor.staff_id)
        issued = staff._issue(ctx, row, timedelta(hours=1), second_factor=True)
        ctx.session.commit()
        return issued.token

    # --- things -----------------------------------------------------------------------------------

    def opinion(self, author: Actor, **changes: object) -> comments.Opinion:
        values: dict[str, object] = {
            "text": "村口的路灯坏了三盏，晚上孩子放学不安全。", "category": "road", "village_id": self.village.id,
            "consent_version": privacy.VERSION}
        return comments.submit(self.ctx_of(author), comments.OpinionForm(**(values | changes)))  # type: ignore[arg-type]

    def photo_bytes(self, *, size: tuple[int, int] = (40, 30), kind: str = "JPEG") -> bytes:
        buffer = io.BytesIO()
        Image.new("RGB", size, "navy").save(buffer, kind)
        return buffer.getvalue()
