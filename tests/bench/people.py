"""People for the load: deputies and residents with tokens, a station and a notice, written straight to the tables."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session

from models import deputies, identity, notices, points, regions, stations
from services.field_encryption import FieldCipher
from services.identity import PHONE, device_digest
from services.rules import default_points, privacy


@dataclass(frozen=True)
class Town:
    scene: str
    village_id: int
    deputy_tokens: list[str]
    resident_tokens: list[str]


def build_town(engine: Engine, cipher: FieldCipher, *, people: int) -> Town:
    now = datetime.now(UTC)
    with Session(engine) as session:
        session.execute(text("CREATE TABLE bench_limit (id uuid PRIMARY KEY, note text)"))
        county = _region(session, "990101", "county", None)
        township = _region(session, "990101101", "township", county)
        village = _region(session, "990101101201", "village", township)
        enter_rules(session, county.id, now)
        station = stations.Station(region_id=township.id, kind="township_station", name="站", address="路", latitude=28.1,
                                   longitude=112.9, created_at=now)
        congress = deputies.Congress(region_id=township.id, level="township", term_no=18, name="大会")
        session.add_all([station, congress])
        session.flush()
        session.add(stations.ScanCode(scene="benchscene0000000000001", short_code="12345678", station_id=station.id,
                                      created_at=now))
        clerk = identity.Staff(login="bench", name="x", role="township_clerk", region_id=township.id, password_hash="x",
                               totp_cipher="x", created_at=now)
        session.add(clerk)
        session.flush()
        deputy_ids = list(range(1, people + 1))
        session.execute(insert(deputies.Person), [
            {"id": number, "region_id": township.id, "name": f"代表{number}", "title": "", "created_at": now,
             "phone_cipher": cipher.seal(f"139{number:08d}", PHONE), "phone_index": f"bench{number}"}
            for number in deputy_ids])
        session.execute(insert(deputies.Mandate), [
            {"person_id": number, "congress_id": congress.id, "began_on": date(2026, 1, 1), "state": "active",
             "deputy_no": "", "constituency": "", "state_reason": ""} for number in deputy_ids])
        session.execute(insert(identity.Account), [
            {"id": number, "person_id": number if number <= people else None, "name": "x", "elder_mode": False,
             "state": "active", "village_id": village.id, "created_at": now} for number in range(1, 2 * people + 1)])
        session.execute(insert(identity.LoginSession), [
            {"token_digest": hashlib.sha256(_token(number).encode()).hexdigest(), "account_id": number,
             "created_at": now, "expires_at": now + timedelta(days=1)} for number in range(1, 2 * people + 1)])
        session.execute(insert(identity.DeputyDevice), [
            {"person_id": number, "device_digest": device_digest(_device(number)), "bound_at": now}
            for number in deputy_ids])
        for place in range(30):
            row = notices.Notice(region_id=township.id, kind="meeting", title=f"通知{place}", body="正文" * 50,
                                 audience="deputies", state="sent", created_by=clerk.id, created_at=now,
                                 sent_at=now)
            session.add(row)
            session.flush()
            session.execute(insert(notices.NoticeDelivery), [
                {"notice_id": row.id, "person_id": number, "channel": "phone_list", "state": "unreachable",
                 "attempts": 0} for number in deputy_ids[:200]])
        village_id = village.id
        session.commit()
    with engine.begin() as connection:
        connection.execute(text("SELECT setval('persons_id_seq', 100000), setval('accounts_id_seq', 100000)"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    return Town("benchscene0000000000001", village_id, [_token(number) for number in deputy_ids],
                [_token(number) for number in range(people + 1, 2 * people + 1)])


def _device(number: int) -> str:
    return f"bench-device-{number}"


def _token(number: int) -> str:
    return f"bench-token-{number}"


def _region(session: Session, code: str, level: str, parent: regions.Region | None) -> regions.Region:
    row = regions.Region(code=code, name=code, level=level, parent_id=parent.id if parent else None, path="/")
    session.add(row)
    session.flush()
    row.path = f"{parent.path if parent else '/'}{row.id}/"
    return row


def enter_rules(session: Session, region_id: int, now: datetime) -> None:
    rules = points.PointRuleSet(region_id=region_id, version="1", name="x", effective_on=date(2026, 1, 1),
                                created_at=now)
    session.add(rules)
    session.flush()
    session.add_all(points.PointBlock(rule_set_id=rules.id, code=code, name=name,
                                      cap_half=None if cap is None else round(cap * 2))
                    for code, name, cap in default_points.BLOCKS)
    session.add_all(points.PointRule(rule_set_id=rules.id, block_code=block, code=code, name=name, unit=unit,
                                     points_half=round(value * 2), cap_half=None if cap is None else round(cap * 2),
                                     free_times=default_points.FREE_TIMES.get(code, 0))
                    for code, block, name, unit, value, cap, _reported, _evidence in default_points.ITEMS)


def opinion_body(town: Town) -> bytes:
    return json.dumps({"text": "村口的路灯坏了三盏，晚上孩子放学不安全。", "category": "road",
                       "village_id": town.village_id, "consent_version": privacy.VERSION},
                      ensure_ascii=False).encode()


def check_in_body(town: Town, number: int) -> bytes:
    return json.dumps({"scene": town.scene, "device_id": _device(number + 1),
                       "location": {"latitude": 28.1, "longitude": 112.9, "accuracy": 10}}).encode()
