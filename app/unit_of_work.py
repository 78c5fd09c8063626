"""One transaction of the program: open a Context, do the work, seal the audit, commit, announce."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.program import Program
from services import audit
from services.context import SYSTEM, Actor, Context


def open_context(program: Program, actor: Actor, *, request_id: str = "", reads_only: bool = False) -> Context:
    """A Context on a session that has not begun yet; a reading one never waits for SQLite's writer."""
    # `reads_only` is for the tests, which refuse a write there on every database.
    # create_savepoint matters only where a test lends its own connection: then a commit here is a savepoint there.
    session = Session(program.reading_engine if reads_only else program.engine, expire_on_commit=False,
                      join_transaction_mode="create_savepoint", info={"reads_only": reads_only})
    return Context(session, actor, program.clock(), program.gateways, program.program_settings, request_id)


def commit(program: Program, ctx: Context) -> None:
    """The only commit of the program; what the outbox holds is announced after it, never before."""
    audit.seal(ctx)
    ctx.session.commit()
    program.announce(list(ctx.outbox_ids))
    ctx.outbox_ids.clear()


@contextmanager
def unit_of_work(program: Program, actor: Actor = SYSTEM, *, request_id: str = "") -> Iterator[Context]:
    """For jobs and commands: commit when the block ends well, roll back otherwise."""
    ctx = open_context(program, actor, request_id=request_id)
    try:
        yield ctx
        commit(program, ctx)
    finally:
        ctx.session.close()


@contextmanager
def reading(program: Program, actor: Actor = SYSTEM) -> Iterator[Context]:
    """For what takes its time and writes nothing: nobody waits for it, not even SQLite's writer."""
    ctx = open_context(program, actor, reads_only=True)
    try:
        yield ctx
    finally:
        ctx.session.close()
