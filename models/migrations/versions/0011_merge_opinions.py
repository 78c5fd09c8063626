"""Handle opinions of the same thing together, and keep what the classifier read in them."""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0011"
down_revision = "0010"

STATES = ("screening", "registered", "assigned", "answered", "closed", "rejected")


def _allow_states(*states: str) -> None:
    with op.batch_alter_table("opinions") as table:
        table.drop_constraint(op.f("ck_opinions_state"), type_="check")
        table.create_check_constraint(op.f("ck_opinions_state"),
                                      f"state IN ({', '.join(repr(state) for state in states)})")


def upgrade() -> None:
    _allow_states(*STATES[:3], "merged", *STATES[3:])
    with op.batch_alter_table("opinions") as table:
        table.add_column(sa.Column("matter", sa.String(length=120), nullable=True))
    _create_merges()
    op.create_table(
        "opinion_readings",
        sa.Column("opinion_id", models.base.BigKey, nullable=False),
        sa.Column("category", sa.String(length=64), nullable=False),
        sa.Column("is_urgent", sa.Boolean(), nullable=False),
        sa.Column("beyond", sa.String(length=64), nullable=True),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("read_at", models.base.UTCDateTime(), nullable=False),
        sa.CheckConstraint("confidence BETWEEN 0 AND 100", name=op.f("ck_opinion_readings_confidence")),
        sa.CheckConstraint("beyond IN ('petition', 'litigation', 'hotline_12345', 'secret')",
                           name=op.f("ck_opinion_readings_beyond")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinions.id"], name=op.f("fk_opinion_readings_opinion_id")),
        sa.PrimaryKeyConstraint("opinion_id", name=op.f("pk_opinion_readings")),
    )
    op.create_table(
        "opinion_likenesses",
        sa.Column("opinion_id", models.base.BigKey, nullable=False),
        sa.Column("other_id", models.base.BigKey, nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("is_same", sa.Boolean(), nullable=True),
        sa.Column("decided_by", models.base.BigKey, nullable=True),
        sa.Column("decided_at", models.base.UTCDateTime(), nullable=True),
        sa.CheckConstraint("opinion_id > other_id", name=op.f("ck_opinion_likenesses_order")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_opinion_likenesses_score")),
        sa.CheckConstraint("is_same IS NULL OR decided_by IS NOT NULL", name=op.f("ck_opinion_likenesses_decided")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinions.id"], name=op.f("fk_opinion_likenesses_opinion_id")),
        sa.ForeignKeyConstraint(["other_id"], ["opinions.id"], name=op.f("fk_opinion_likenesses_other_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_opinion_likenesses_decided_by")),
        sa.PrimaryKeyConstraint("opinion_id", "other_id", name=op.f("pk_opinion_likenesses")),
    )
    op.create_index(op.f("ix_opinion_likenesses_other_id"), "opinion_likenesses", ["other_id"])


def _create_merges() -> None:
    op.create_table(
        "opinion_merges",
        sa.Column("id", models.base.BigKey, autoincrement=True, nullable=False),
        sa.Column("lead_id", models.base.BigKey, nullable=False),
        sa.Column("member_id", models.base.BigKey, nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("state_before", sa.String(length=64), nullable=False),
        sa.Column("assignment_id", models.base.BigKey, nullable=True),
        sa.Column("is_joined", sa.Boolean(), nullable=False),
        sa.Column("merged_by", sa.String(length=64), nullable=False),
        sa.Column("merged_at", models.base.UTCDateTime(), nullable=False),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_at", models.base.UTCDateTime(), nullable=True),
        sa.CheckConstraint("lead_id <> member_id", name=op.f("ck_opinion_merges_two_opinions")),
        sa.CheckConstraint("state IN ('live', 'settled', 'undone')", name=op.f("ck_opinion_merges_state")),
        sa.CheckConstraint("(state = 'live') = (ended_at IS NULL)", name=op.f("ck_opinion_merges_ended")),
        sa.CheckConstraint("state_before IN ('screening', 'registered', 'assigned')",
                           name=op.f("ck_opinion_merges_state_before")),
        sa.CheckConstraint("(state_before = 'assigned') = (assignment_id IS NOT NULL)",
                           name=op.f("ck_opinion_merges_assignment_before")),
        sa.ForeignKeyConstraint(["lead_id"], ["opinions.id"], name=op.f("fk_opinion_merges_lead_id")),
        sa.ForeignKeyConstraint(["member_id"], ["opinions.id"], name=op.f("fk_opinion_merges_member_id")),
        sa.ForeignKeyConstraint(["assignment_id"], ["opinion_assignments.id"],
                                name=op.f("fk_opinion_merges_assignment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_merges")),
    )
    op.create_index(op.f("ix_opinion_merges_lead_id"), "opinion_merges", ["lead_id"])
    op.create_index(op.f("ix_opinion_merges_member_id"), "opinion_merges", ["member_id"])
    op.create_index("uq_opinion_merges_live", "opinion_merges", ["member_id"], unique=True,
                    postgresql_where=sa.text("state = 'live'"), sqlite_where=sa.text("state = 'live'"))


def downgrade() -> None:
    for table in ("opinion_likenesses", "opinion_readings", "opinion_merges"):
        op.drop_table(table)
    with op.batch_alter_table("opinions") as opinions:
        opinions.drop_column("matter")
    op.execute("UPDATE opinions SET state = 'registered' WHERE state = 'merged'")
    _allow_states(*STATES)
