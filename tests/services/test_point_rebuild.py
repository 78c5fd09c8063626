"""The whole book computed again."""

from datetime import date

from sqlalchemy import insert, select

from models.deputies import Mandate
from models.points import PointEntry, PointRule
from services import point_rebuild, points
from services.context import Actor
from tests.factories import World

DAY = date(2026, 11, 23)


def _post(world: World, deputy: Actor, item: str, cause: str, on: date = DAY) -> PointEntry:
    return points.post(world.system, person_id=deputy.person_id or 0, item_code=item, cause=cause, occurred_on=on)[0]


def _walk(world: World) -> tuple[point_rebuild.Report, list[point_rebuild.MandateYear]]:
    report = point_rebuild.Report()
    return report, list(point_rebuild.walk(world.system.session, report))


def test_a_book_of_posts_and_reversals_has_no_difference(world: World) -> None:
    first, second = world.deputy(), world.deputy(name="李四")
    entries = [_post(world, deputy, "C1", f"act:{number}") for number in range(9) for deputy in (first, second)]
    points.install_default_rules(world.system, world.county, version="2027-1", effective_on=date(2027, 1, 1))
    _post(world, first, "C1", "next", date(2027, 1, 4))
    for entry in entries[:6]:
        points.reverse(world.ctx_of(world.staff("county_office")), entry.mandate_id, entry.id, reason="重复登记")
    report, uneven = _walk(world)
    assert (report.totals, report.differences, uneven) == (3, 0, [])
    assert report.entries == 18 + 1 + 6 + 6


def test_an_amount_the_rules_do_not_give_is_told_and_brought_level_by_an_entry(world: World) -> None:
    deputy = world.deputy()
    entry = _post(world, deputy, "C1", "act:1")
    session = world.system.session
    rule_id = session.scalars(select(PointRule.id).where(PointRule.code == "C2")).first()
    session.execute(insert(PointEntry).values(
        mandate_id=entry.mandate_id, rule_id=rule_id, cause="act:2", year=2026, occurred_on=DAY, amount_half=9,
        arithmetic="", posted_at=world.system.now, posted_by="system"))
    report, uneven = _walk(world)
    assert [(row.mandate_id, row.year, [(found.code, found.posted, found.due) for found in row.differences])
            for row in uneven] == [(entry.mandate_id, 2026, [("C2", 9, 1)])]
    point_rebuild.level(world.system, report)
    assert _walk(world)[0].differences == 0
    assert [line.amount for line in points.list_entries(world.system, [entry.mandate_id])[0]] == ["-4", "+4.5", "+2"]


def test_an_empty_book_has_nothing_to_tell(world: World) -> None:
    assert world.system.session.scalars(select(Mandate)).all() == []
    assert _walk(world)[0] == point_rebuild.Report()
