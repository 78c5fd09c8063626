"""The migrations, up and down, on SQLite and (with --db postgres) on PostgreSQL."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from models import Base, append_only, migrate
from models.db import make_engine
from services.audit import CHAINS
from tests import databases


@pytest.fixture
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A migrated database of this test alone, which it may tear down and build again."""
    if request.config.getoption("--db") == "postgres":
        with databases.postgres_url(f"migrations_{tmp_path.name}"[:60]) as url:
            engine = make_engine(url)
            yield engine
            engine.dispose()
    else:
        with databases.sqlite_url(tmp_path) as url:
            engine = make_engine(url)
            yield engine
            engine.dispose()


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_there_is_a_single_head() -> None:
    assert len(migrate.heads()) == 1


def test_migrations_are_numbered_and_named_by_what_they_do() -> None:
    folder = Path(migrate.__file__).parent / "migrations" / "versions"
    names = sorted(path.name for path in folder.glob("*.py"))
    assert [int(name[:4]) for name in names] == list(range(1, len(names) + 1))


def test_the_migrations_make_exactly_the_tables_of_the_models(fresh: Engine) -> None:
    migrate.check(fresh)
    assert _tables(fresh) == set(Base.metadata.tables)


def test_down_to_nothing_and_up_again(fresh: Engine) -> None:
    migrate.downgrade(fresh, "base")
    assert _tables(fresh) == set()
    migrate.upgrade(fresh)
    migrate.check(fresh)


def test_upgrading_twice_changes_nothing(fresh: Engine) -> None:
    migrate.upgrade(fresh)
    migrate.check(fresh)


def test_the_audit_head_is_there_from_the_start(fresh: Engine) -> None:
    with fresh.connect() as connection:
        assert connection.execute(text("SELECT id, seq, hash FROM audit_head ORDER BY id")).all() == [
            (number, 0, "0" * 64) for number in range(1, CHAINS + 1)]


def _fill(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text(
            "INSERT INTO regions (code, name, level, path) VALUES ('990101', '白鹿县', 'county', '/1/')"))
        connection.execute(text(
            "INSERT INTO audit_rows (chain, seq, at, actor, action, subject, changes, request_id, previous_hash, hash) "
            "VALUES (1, 1, '2026-11-23 01:00:00', 'system', 'a', 'b', '{}', '', 'p', 'h')"))


@pytest.mark.parametrize("statement", [
    "UPDATE audit_rows SET actor = 'x'", "DELETE FROM audit_rows"])
def test_the_audit_trail_is_append_only_from_the_first_migration(fresh: Engine, statement: str) -> None:
    _fill(fresh)
    with pytest.raises(DBAPIError, match="append-only"), fresh.begin() as connection:
        connection.execute(text(statement))


def test_both_books_are_protected_also_after_down_and_up(fresh: Engine) -> None:
    migrate.downgrade(fresh, "base")
    migrate.upgrade(fresh)
    query = ("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal" if fresh.dialect.name == "postgresql"
             else "SELECT name FROM sqlite_master WHERE type = 'trigger'")
    with fresh.connect() as connection:
        triggers = set(connection.execute(text(query)).scalars())
    assert all(any(name.startswith(table) for name in triggers) for table in append_only.TABLES)


def test_a_filled_database_goes_down_one_and_up_again_with_its_rows(fresh: Engine) -> None:
    _fill(fresh)
    migrate.downgrade(fresh, "-1")
    migrate.upgrade(fresh)
    migrate.check(fresh)
    with fresh.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM regions WHERE code = '990101'")) == 1


def test_a_filled_database_goes_down_to_nothing_and_up_again(fresh: Engine) -> None:
    _fill(fresh)
    migrate.downgrade(fresh, "base")
    migrate.upgrade(fresh)
    migrate.check(fresh)
    with fresh.begin() as connection:
        connection.execute(text(
            "INSERT INTO regions (code, name, level, path) VALUES ('990102', '黑松县', 'county', '/2/')"))


def test_an_opinion_without_its_author_gets_a_nameless_one_on_the_way_down(fresh: Engine) -> None:
    _fill(fresh)
    with fresh.begin() as connection:
        connection.execute(text(
            "INSERT INTO opinions (number, township_id, village_id, category, text, channel, is_anonymous, is_urgent, "
            "state, text_check, consent_version, consent_at, round_no, submitted_at) VALUES ('YJ1', 1, 1, 'road', 'x', "
            "'mini', false, false, 'closed', 'pass', 'v', '2020-01-01', 1, '2020-01-01')"))
        connection.execute(text(
            "INSERT INTO opinion_events (opinion_id, at, title, detail, is_internal, actor) "
            "VALUES (1, '2020-01-01', 'x', '', false, 'anonymous')"))
    migrate.downgrade(fresh, "0001")
    with fresh.connect() as connection:
        assert connection.execute(text(
            "SELECT accounts.name, accounts.state FROM opinions JOIN accounts ON accounts.id = opinions.account_id")
        ).all() == [("", "closed")]
    migrate.upgrade(fresh)
    migrate.check(fresh)


def test_a_rebuilt_table_keeps_its_checks_and_its_partial_indexes(fresh: Engine) -> None:
    found = inspect(fresh)
    checks = {check["name"] for check in found.get_check_constraints("opinions")}
    assert {"ck_opinions_state", "ck_opinions_text_check", "ck_opinions_channel"} <= checks
    assert "uq_accounts_phone_index" in {index["name"] for index in found.get_indexes("accounts")}


def test_a_migration_that_loses_a_parent_is_taken_back(tmp_path: Path) -> None:
    """On SQLite foreign keys rest while tables are rebuilt: what does not fit afterwards must not be committed."""
    with databases.sqlite_url(tmp_path) as url:
        engine = make_engine(url)
        _fill(engine)
        with pytest.raises(RuntimeError, match="without the row it refers to"), migrate._changing(engine) as connection:
            connection.execute(text("INSERT INTO region_settings (region_id, name, value, effective_on, created_at) "
                                    "VALUES (999, 'x', '{}', '2026-01-01', '2026-01-01')"))
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM region_settings")).scalar() == 0
            assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        engine.dispose()


def test_an_upgrade_of_a_filled_database_keeps_its_rows(fresh: Engine) -> None:
    _fill(fresh)
    migrate.upgrade(fresh)
    with fresh.connect() as connection:
        assert connection.execute(text("SELECT name FROM regions")).scalars().all() == ["白鹿县"]


def test_two_processes_that_start_at_once_take_turns(fresh: Engine) -> None:
    if fresh.dialect.name == "postgresql":
        migrate.downgrade(fresh, "base")
    failures: list[BaseException] = []

    def start() -> None:
        try:
            migrate.upgrade(fresh)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    migrate.check(fresh)
