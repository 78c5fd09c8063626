"""`python -m tests.bench.account_book`: a book of 1,000,000 lines computed again, and 5,000 deputies ranked.

On PostgreSQL; BOOK_LINES=… makes it smaller. Exits with 1 where a figure misses its target.
"""

import os
import random
import re
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, text
from sqlalchemy.orm import Session

from models import deputies, migrate, regions
from models.db import make_engine
from services import point_ranking, point_rebuild
from services.rules import default_points
from services.rules.point_book import YearBook
from services.rules.point_simulation import default_items
from tests.bench.people import enter_rules
from tests.databases import started_cluster

LINES = int(os.environ.get("BOOK_LINES", "1000000"))
DEPUTIES, TIMES, BATCH = 5000, 100, 2500
REBUILD_SECONDS, RANKING_MS, MORE_MEMORY_MB = 60, 100, 50


def main() -> int:
    with started_cluster() as url:
        engine = make_engine(url)
        migrate.upgrade(engine)
        congress_id = _fill(engine)
        seconds, report, memory = _rebuild(engine)
        worst = _rank(engine, congress_id)
        engine.dispose()
    print(f"rebuild  {report.entries} entries, {report.totals} totals, {report.differences} differences: "
          f"{seconds:.1f} s (target {REBUILD_SECONDS}), {memory:.0f} MB more memory (target {MORE_MEMORY_MB})")
    print(f"ranking  {DEPUTIES} deputies: p95 {worst:.0f} ms (target {RANKING_MS})")
    return int(seconds > REBUILD_SECONDS or report.differences > 0 or worst > RANKING_MS or memory > MORE_MEMORY_MB)


def _fill(engine: Engine) -> int:
    """25,000 mandates of five congresses, each with one year's lines as posting would write them."""
    now, mandates = datetime.now(UTC), LINES // 40
    with Session(engine) as session:
        county = regions.Region(code="990101", name="县", level="county", path="/1/")
        session.add(county)
        session.flush()
        enter_rules(session, county.id, now)
        congresses = [deputies.Congress(region_id=county.id, level="county", term_no=term, name=f"第{term}届")
                      for term in range(-(-mandates // DEPUTIES))]
        session.add_all(congresses)
        session.flush()
        session.execute(insert(deputies.Person), [
            {"id": number, "region_id": county.id, "name": f"代表{number}", "title": "", "created_at": now,
             "phone_cipher": "x", "phone_index": f"x{number}"} for number in range(1, mandates + 1)])
        session.execute(insert(deputies.Mandate), [
            {"id": number, "person_id": number, "congress_id": congresses[(number - 1) // DEPUTIES].id, "state": "active",
             "began_on": date(2026, 1, 1), "deputy_no": "", "constituency": "", "state_reason": ""}
            for number in range(1, mandates + 1)])
        rule_ids = {code: number for number, code in session.execute(text("SELECT id, code FROM point_rules"))}
        for first in range(1, mandates + 1, BATCH):
            _copy(session.connection(), rule_ids, range(first, min(first + BATCH, mandates + 1)), now)
        session.commit()
        congress_id = congresses[0].id
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    return congress_id


def _copy(connection: Connection, rule_ids: dict[str, int], mandates: range, now: datetime) -> None:
    driver = connection.connection.driver_connection
    assert driver is not None
    columns = "mandate_id, rule_id, cause, year, occurred_on, amount_half, arithmetic, posted_at, posted_by"
    with driver.cursor().copy(f"COPY point_entries ({columns}) FROM STDIN") as copy:
        for mandate_id in mandates:
            for code, amount, number in _year(mandate_id):
                copy.write_row((mandate_id, rule_ids[code], f"duty:{number}", 2026, date(2026, 1 + number % 12, 1), amount,
                                "接待日进站接待：每次2分；本年该项已得2分，上限12分；计2分", now, "system"))


def _year(seed: int) -> Iterator[tuple[str, int, int]]:
    chance, book, items = random.Random(seed), YearBook(), default_items()
    for number in range(40):
        code = chance.choice(default_points.ITEMS)[0]
        yield code, book.enter(items[code]).points, number


def _rebuild(engine: Engine) -> tuple[float, point_rebuild.Report, float]:
    report, before = point_rebuild.Report(), _memory("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the highest mark starts again
    began = time.perf_counter()
    with Session(engine) as session:
        for _year_with_differences in point_rebuild.walk(session, report):
            pass
    return time.perf_counter() - began, report, _memory("VmHWM") - before


def _memory(name: str) -> float:
    """Megabytes of this process as Linux tells them."""
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0


def _rank(engine: Engine, congress_id: int) -> float:
    """The 95th of a hundred, in milliseconds; the statement alone, all places counted."""
    taken = []
    statement = point_ranking.ranked(point_ranking.Field(congress_id), 2026)
    with Session(engine) as session:
        for _ in range(TIMES):
            began = time.perf_counter()
            rows = session.execute(statement.order_by(text("1")).limit(20)).all()
            taken.append((time.perf_counter() - began) * 1000)
            assert rows[0].place == 1
    return sorted(taken)[int(TIMES * 0.95) - 1]


if __name__ == "__main__":
    sys.exit(main())
