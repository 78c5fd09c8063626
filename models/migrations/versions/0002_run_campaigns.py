"""run campaigns."""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "push_campaigns",
        sa.Column("notice_id", models.base.BigKey, nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("paused_until", models.base.UTCDateTime(), nullable=True),
        sa.Column("last_code", sa.String(length=64), nullable=False),
        sa.Column("last_rid", sa.String(length=64), nullable=False),
        sa.Column("changed_at", models.base.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('canary', 'running', 'paused', 'stopped')", name=op.f("ck_push_campaigns_state")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_push_campaigns_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_push_campaigns")),
    )
    op.add_column("notice_deliveries", sa.Column("lease_token", sa.String(), nullable=True))
    op.add_column("opinion_words", sa.Column("lease_token", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("opinion_words", "lease_token")
    op.drop_column("notice_deliveries", "lease_token")
    op.drop_table("push_campaigns")
