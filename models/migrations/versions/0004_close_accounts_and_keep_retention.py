"""close accounts, withdraw consents, make settled opinions anonymous."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0004"
down_revision = "0003"


def _moment(name: str) -> "sa.Column[Any]":
    return sa.Column(name, models.base.UTCDateTime(timezone=True), nullable=True)


def upgrade() -> None:
    with op.batch_alter_table("accounts") as accounts:
        accounts.add_column(_moment("ended_at"))
        accounts.add_column(sa.Column("consent_version", sa.String(), nullable=True))
        accounts.add_column(_moment("consent_at"))
        accounts.add_column(_moment("consent_withdrawn_at"))
    with op.batch_alter_table("persons") as persons:
        persons.add_column(_moment("seat_closed_at"))
    with op.batch_alter_table("opinions") as opinions:
        opinions.add_column(_moment("anonymised_at"))
        opinions.alter_column("account_id", existing_type=models.base.BigKey, nullable=True)


def downgrade() -> None:
    _give_the_anonymous_an_author()
    with op.batch_alter_table("opinions") as opinions:
        opinions.alter_column("account_id", existing_type=models.base.BigKey, nullable=False)
        opinions.drop_column("anonymised_at")
    with op.batch_alter_table("persons") as persons:
        persons.drop_column("seat_closed_at")
    with op.batch_alter_table("accounts") as accounts:
        for name in ("consent_withdrawn_at", "consent_at", "consent_version", "ended_at"):
            accounts.drop_column(name)


def _give_the_anonymous_an_author() -> None:
    """Every opinion had one before: a closed account without a name stands for those made anonymous."""
    connection = op.get_bind()
    opinions = sa.table("opinions", sa.column("account_id"))
    accounts = sa.table("accounts", sa.column("id"), sa.column("name"), sa.column("elder_mode"), sa.column("state"),
                        sa.column("created_at"))
    if connection.scalar(sa.select(sa.func.count()).select_from(opinions).where(opinions.c.account_id.is_(None))):
        nobody = connection.scalar(sa.insert(accounts).values(
            name="", elder_mode=sa.false(), state="closed", created_at=sa.func.current_timestamp()
        ).returning(accounts.c.id))
        connection.execute(sa.update(opinions).where(opinions.c.account_id.is_(None)).values(account_id=nobody))
