"""Alembic's entry: the connection comes from the caller (`models.migrate`), never from a file."""

from alembic import context

from models import Base


def run() -> None:
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True,
                      compare_server_default=False)
    with context.begin_transaction():
        context.run_migrations()


run()
