"""Triggers that refuse UPDATE and DELETE: an account book and an audit trail are only ever written on."""

from sqlalchemy import Connection, text

TABLES = ("point_entries", "audit_rows")


def protect(connection: Connection, table: str) -> None:
    """Make a table append-only on this database."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"""
            CREATE OR REPLACE FUNCTION refuse_change_{table}() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"""))
        connection.execute(text(f"""
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_{table}()"""))
        return
    for act in ("UPDATE", "DELETE"):
        connection.execute(text(f"""
            CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table}
            BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"""))


def unprotect(connection: Connection, table: str) -> None:
    """Take the triggers away, for a downgrade."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}"))
        connection.execute(text(f"DROP FUNCTION IF EXISTS refuse_change_{table}()"))
        return
    for act in ("update", "delete"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{act}"))
