"""Offer beginnings of answers to those who answer opinions."""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "reply_templates",
        sa.Column("id", models.base.BigKey, autoincrement=True, nullable=False),
        sa.Column("region_id", models.base.BigKey, nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("created_by", models.base.BigKey, nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(), nullable=False),
        sa.Column("retired_at", models.base.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_reply_templates_region_id")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_reply_templates_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply_templates")),
    )
    op.create_index(op.f("ix_reply_templates_region_id"), "reply_templates", ["region_id"])
    op.create_index("uq_reply_templates_live", "reply_templates", ["region_id", "title"], unique=True,
                    postgresql_where=sa.text("retired_at IS NULL"), sqlite_where=sa.text("retired_at IS NULL"))


def downgrade() -> None:
    op.drop_table("reply_templates")
