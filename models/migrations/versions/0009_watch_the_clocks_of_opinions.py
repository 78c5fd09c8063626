"""watch the clocks of opinions."""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0009"
down_revision = "0008"
GRADES = "IN ('satisfied', 'basically_satisfied', 'unsatisfied')"


def upgrade() -> None:
    with op.batch_alter_table("opinions") as table:
        table.add_column(sa.Column("due_set_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("paused_workdays", sa.Integer(), nullable=True))
        table.create_check_constraint(op.f("ck_opinions_paused"), "paused_workdays IS NULL OR due_on IS NULL")
    with op.batch_alter_table("opinion_ratings") as table:
        table.add_column(sa.Column("attitude", sa.String(length=64), nullable=True))
        table.create_check_constraint(op.f("ck_opinion_ratings_attitude"), f"attitude {GRADES}")
    _create_extensions()
    _create_alerts()


def _create_extensions() -> None:
    op.create_table(
        "opinion_extensions",
        sa.Column("id", models.base.BigKey, autoincrement=True, nullable=False),
        sa.Column("opinion_id", models.base.BigKey, nullable=False),
        sa.Column("assignment_id", models.base.BigKey, nullable=False),
        sa.Column("state", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("wanted_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.String(length=64), nullable=False),
        sa.Column("asked_at", models.base.UTCDateTime(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("decided_by", models.base.BigKey, nullable=True),
        sa.Column("decided_at", models.base.UTCDateTime(), nullable=True),
        sa.Column("decision_note", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('pending', 'granted', 'declined')", name=op.f("ck_opinion_extensions_state")),
        sa.CheckConstraint("(state = 'pending') = (decided_at IS NULL)", name=op.f("ck_opinion_extensions_decided")),
        sa.CheckConstraint("(state = 'granted') = (granted_on IS NOT NULL)",
                           name=op.f("ck_opinion_extensions_granted")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinions.id"], name=op.f("fk_opinion_extensions_opinion_id")),
        sa.ForeignKeyConstraint(["assignment_id"], ["opinion_assignments.id"],
                                name=op.f("fk_opinion_extensions_assignment_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_opinion_extensions_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_extensions")),
    )
    op.create_index(op.f("ix_opinion_extensions_opinion_id"), "opinion_extensions", ["opinion_id"])
    op.create_index(op.f("ix_opinion_extensions_assignment_id"), "opinion_extensions", ["assignment_id"])
    op.create_index("uq_opinion_extensions_live", "opinion_extensions", ["assignment_id"], unique=True,
                    postgresql_where=sa.text("state <> 'declined'"), sqlite_where=sa.text("state <> 'declined'"))


def _create_alerts() -> None:
    op.create_table(
        "opinion_alerts",
        sa.Column("id", models.base.BigKey, autoincrement=True, nullable=False),
        sa.Column("opinion_id", models.base.BigKey, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("about_on", sa.Date(), nullable=False),
        sa.Column("audience", sa.String(length=64), nullable=False),
        sa.Column("made_at", models.base.UTCDateTime(), nullable=False),
        sa.Column("settled_by", models.base.BigKey, nullable=True),
        sa.Column("settled_at", models.base.UTCDateTime(), nullable=True),
        sa.Column("instruction", sa.String(), nullable=True),
        sa.CheckConstraint("kind IN ('due_30', 'due_7', 'due_1', 'due_0', 'overdue', 'overdue_long', 'unsatisfied')",
                           name=op.f("ck_opinion_alerts_kind")),
        sa.CheckConstraint("audience IN ('handler', 'township', 'county')", name=op.f("ck_opinion_alerts_audience")),
        sa.CheckConstraint("(settled_at IS NULL) = (instruction IS NULL)", name=op.f("ck_opinion_alerts_settled")),
        sa.ForeignKeyConstraint(["opinion_id"], ["opinions.id"], name=op.f("fk_opinion_alerts_opinion_id")),
        sa.ForeignKeyConstraint(["settled_by"], ["staff.id"], name=op.f("fk_opinion_alerts_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opinion_alerts")),
        sa.UniqueConstraint("opinion_id", "kind", "about_on", name=op.f("uq_opinion_alerts_opinion_id_kind_about_on")),
    )
    op.create_index("ix_opinion_alerts_waiting", "opinion_alerts", ["opinion_id"],
                    postgresql_where=sa.text("settled_at IS NULL"), sqlite_where=sa.text("settled_at IS NULL"))


def downgrade() -> None:
    op.drop_table("opinion_alerts")
    op.drop_table("opinion_extensions")
    with op.batch_alter_table("opinion_ratings") as table:
        table.drop_constraint(op.f("ck_opinion_ratings_attitude"), type_="check")
        table.drop_column("attitude")
    with op.batch_alter_table("opinions") as table:
        table.drop_constraint(op.f("ck_opinions_paused"), type_="check")
        table.drop_column("paused_workdays")
        table.drop_column("due_set_on")
