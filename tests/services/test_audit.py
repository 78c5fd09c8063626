"""The chain of the audit trail, and what it notices."""

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, text

from models.append_only import unprotect
from services import audit
from tests.factories import World


def _chain(world: World, rows: int = 5) -> None:
    ctx = world.system
    for number in range(rows):
        audit.record(ctx, "thing.done", f"thing:{number}", {"a": number, "名": "值"}, region_id=world.county.id)
    audit.seal(ctx)
    ctx.session.flush()


def _broken_at(world: World) -> str | None:
    world.system.session.expire_all()
    return audit.verify_chain(world.system.session).broken_at


def test_a_fresh_chain_is_whole_and_numbered_without_gaps(world: World) -> None:
    _chain(world)
    report = audit.verify_chain(world.system.session)
    seqs = world.system.session.execute(text("SELECT seq FROM audit_rows ORDER BY seq")).scalars().all()
    assert (report.broken_at, list(seqs)) == (None, list(range(1, report.rows + 1)))
    assert report.rows >= 5


def test_sealing_nothing_changes_nothing(world: World) -> None:
    _chain(world)
    before = audit.verify_chain(world.system.session)
    audit.seal(world.system)
    assert audit.verify_chain(world.system.session) == before


def test_an_empty_chain_is_whole(ctx_of: Callable[..., object], world: World, connection: Connection) -> None:
    world.system.audit_rows.clear()
    assert audit.verify_chain(world.system.session) == audit.ChainReport(0, None)


@pytest.mark.parametrize("statement", [
    "UPDATE audit_rows SET actor = 'staff:999' WHERE seq = 3", "UPDATE audit_rows SET action = 'x' WHERE seq = 3",
    "UPDATE audit_rows SET changes = '{\"a\": 9}' WHERE seq = 3",
    "UPDATE audit_rows SET region_id = NULL WHERE seq = 3",
    "UPDATE audit_rows SET hash = previous_hash WHERE seq = 3", "DELETE FROM audit_rows WHERE seq = 3"])
def test_a_changed_or_missing_row_is_noticed_at_its_number(
        world: World, connection: Connection, statement: str) -> None:
    _chain(world)
    unprotect(connection, "audit_rows")
    connection.execute(text(statement))
    assert _broken_at(world) == "1:3"


def test_a_row_cut_off_at_the_end_is_noticed_by_the_head(world: World, connection: Connection) -> None:
    _chain(world)
    rows = audit.verify_chain(world.system.session).rows
    unprotect(connection, "audit_rows")
    connection.execute(text("DELETE FROM audit_rows WHERE seq = :last"), {"last": rows})
    assert _broken_at(world) == f"1:{rows}"


def test_a_moved_head_is_noticed(world: World, connection: Connection) -> None:
    _chain(world)
    rows = audit.verify_chain(world.system.session).rows
    connection.execute(text("UPDATE audit_head SET seq = seq + 1 WHERE id = 1"))
    assert _broken_at(world) == f"1:{rows + 1}"


def test_two_rows_that_changed_places_are_noticed(world: World, connection: Connection) -> None:
    _chain(world)
    unprotect(connection, "audit_rows")
    for old, new in ((2, 1002), (3, 2), (1002, 3)):
        connection.execute(text("UPDATE audit_rows SET seq = :new WHERE seq = :old"), {"old": old, "new": new})
    assert _broken_at(world) == "1:2"


@pytest.mark.parametrize("statement", ["UPDATE audit_rows SET actor = 'x'", "DELETE FROM audit_rows"])
def test_the_database_refuses_to_change_the_trail(world: World, connection: Connection, statement: str) -> None:
    _chain(world)
    with pytest.raises(Exception, match="append-only"), connection.begin_nested():
        connection.execute(text(statement))
    assert _broken_at(world) is None


def test_a_row_of_an_unknown_chain_is_noticed(world: World, connection: Connection) -> None:
    _chain(world)
    unprotect(connection, "audit_rows")
    connection.execute(text("UPDATE audit_rows SET chain = 99 WHERE seq = 3"))
    assert _broken_at(world) == "99:1"


def test_a_removed_head_is_noticed(world: World, connection: Connection) -> None:
    _chain(world)
    connection.execute(text("DELETE FROM audit_head WHERE id = 1"))
    assert (_broken_at(world) or "").startswith("1:")
