"""answer everybody."""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("hand_overs", sa.Column("reply", sa.String(), nullable=True))
    op.create_table(
        "station_screens",
        sa.Column("id", models.base.BigKey, autoincrement=True, nullable=False),
        sa.Column("station_id", models.base.BigKey, nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("code_expires_at", models.base.UTCDateTime(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=True),
        sa.Column("created_by", models.base.BigKey, nullable=False),
        sa.Column("created_at", models.base.UTCDateTime(), nullable=False),
        sa.Column("opened_at", models.base.UTCDateTime(), nullable=True),
        sa.Column("seen_at", models.base.UTCDateTime(), nullable=True),
        sa.Column("revoked_at", models.base.UTCDateTime(), nullable=True),
        sa.CheckConstraint("(token_digest IS NULL) = (opened_at IS NULL)", name=op.f("ck_station_screens_opened")),
        sa.CheckConstraint("(opened_at IS NULL) = (seen_at IS NULL)", name=op.f("ck_station_screens_seen")),
        sa.ForeignKeyConstraint(["station_id"], ["stations.id"], name=op.f("fk_station_screens_station_id")),
        sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_station_screens_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_screens")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_station_screens_code_digest")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_station_screens_token_digest")),
    )
    op.create_index(op.f("ix_station_screens_station_id"), "station_screens", ["station_id"])
    for table in ("notice_deliveries", "opinion_words"):
        op.add_column(table, sa.Column("msgid", sa.String(length=64), nullable=True))
        op.create_index(op.f(f"ix_{table}_msgid"), table, ["msgid"])


def downgrade() -> None:
    for table in ("opinion_words", "notice_deliveries"):
        op.drop_index(op.f(f"ix_{table}_msgid"), table)
        op.drop_column(table, "msgid")
    op.drop_table("station_screens")
    op.drop_column("hand_overs", "reply")
