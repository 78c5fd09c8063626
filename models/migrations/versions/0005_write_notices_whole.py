"""Notices: joined audiences frozen with their reasons, approval, schedule, corrections, withdrawal, reminders, leave."""

from typing import Any

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0005"
down_revision = "0004"

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WHEN = models.base.UTCDateTime(timezone=True)
#: Constraints of the old form, and what they say in the new one.
CHANGED = {
    "sent": ("(state = 'sent') = (sent_at IS NOT NULL)", "(state IN ('sent', 'withdrawn')) = (sent_at IS NOT NULL)"),
    "state": ("state IN ('draft', 'sent')", "state IN ('draft', 'awaiting_approval', 'scheduled', 'sent', 'withdrawn')"),
    "audience": ("audience IN ('group', 'region_deputies', 'station', 'residents')",
                 "audience IN ('deputies', 'residents')"),
}
ADDED = {
    "follow_up": "follow_up IN ('correction', 'withdrawal', 'reminder')",
    "scheduled": "(state = 'scheduled') = (due_at IS NOT NULL)",
    "withdrawn": "(state = 'withdrawn') = (withdraw_reason IS NOT NULL)",
    "follows": "(follow_up IS NULL) = (follows_id IS NULL)",
    "second_person": "approved_by <> created_by AND approved_by <> submitted_by",
}
STAFF_COLUMNS = ("submitted_by", "approved_by")
COLUMNS: tuple[tuple[str, Any], ...] = (
    *((name, WHEN) for name in ("send_at", "approved_at", "due_at", "corrected_at", "withdrawn_at")),
    *((name, sa.String()) for name in ("return_reason", "withdraw_reason", "note")),
    ("follow_up", sa.String(length=64)), ("remind_on", sa.Date()),
)


def upgrade() -> None:
    _make_audiences()
    _make_answers()
    op.execute("""
        INSERT INTO notice_audiences (notice_id, kind, target, label)
        SELECT n.id, n.audience, COALESCE(CAST(n.audience_id AS VARCHAR), ''), CASE n.audience
          WHEN 'group' THEN COALESCE((SELECT name FROM deputy_groups WHERE id = n.audience_id), '代表小组') || '成员'
          WHEN 'station' THEN COALESCE((SELECT name FROM stations WHERE id = n.audience_id), '联络站') || '驻站代表'
          ELSE '本辖区全体代表' END
        FROM notices n WHERE n.audience <> 'residents'""")
    op.execute("""
        INSERT INTO notice_catches (audience_id, person_id)
        SELECT a.id, d.person_id FROM notice_audiences a JOIN notice_deliveries d ON d.notice_id = a.notice_id""")
    with op.batch_alter_table("notices") as batch_op:
        for name in CHANGED:
            batch_op.drop_constraint(op.f(f"ck_notices_{name}"), type_="check")
        batch_op.drop_column("audience_id")
        batch_op.add_column(sa.Column("is_urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
        for column, kind in COLUMNS:
            batch_op.add_column(sa.Column(column, kind, nullable=True))
        for name in (*STAFF_COLUMNS, "follows_id"):
            batch_op.add_column(sa.Column(name, KEY, nullable=True))
    op.execute("UPDATE notices SET audience = 'deputies' WHERE audience <> 'residents'")
    with op.batch_alter_table("notices") as batch_op:
        batch_op.alter_column("is_urgent", server_default=None)
        for name, (_old, new) in CHANGED.items():
            batch_op.create_check_constraint(op.f(f"ck_notices_{name}"), new)
        for name, rule in ADDED.items():
            batch_op.create_check_constraint(op.f(f"ck_notices_{name}"), rule)
        for column in STAFF_COLUMNS:
            batch_op.create_foreign_key(op.f(f"fk_notices_{column}"), "staff", [column], ["id"])
        batch_op.create_foreign_key(op.f("fk_notices_follows_id"), "notices", ["follows_id"], ["id"])
        batch_op.create_unique_constraint(op.f("uq_notices_follows_id_remind_on"), ["follows_id", "remind_on"])
        batch_op.create_index(op.f("ix_notices_follows_id"), ["follows_id"], unique=False)
        batch_op.create_index("ix_notices_due", ["due_at"], unique=False,
                              postgresql_where=sa.text("state = 'scheduled'"),
                              sqlite_where=sa.text("state = 'scheduled'"))


def _make_audiences() -> None:
    op.create_table(
        "notice_audiences",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("notice_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.CheckConstraint("kind IN ('region_deputies', 'congress', 'level', 'delegation', 'group', 'station', "
                           "'person', 'readers', 'unread')", name=op.f("ck_notice_audiences_kind")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_audiences_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_audiences")),
        sa.UniqueConstraint("notice_id", "kind", "target", name=op.f("uq_notice_audiences_notice_id_kind_target")),
    )
    op.create_table(
        "notice_catches",
        sa.Column("audience_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["audience_id"], ["notice_audiences.id"], name=op.f("fk_notice_catches_audience_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_notice_catches_person_id")),
        sa.PrimaryKeyConstraint("audience_id", "person_id", name=op.f("pk_notice_catches")),
    )
    op.create_index(op.f("ix_notice_catches_person_id"), "notice_catches", ["person_id"], unique=False)


def _make_answers() -> None:
    op.create_table(
        "notice_versions",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("notice_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("starts_at", WHEN, nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("replaced_at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_versions_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_versions")),
        sa.UniqueConstraint("notice_id", "number", name=op.f("uq_notice_versions_notice_id_number")),
    )
    op.create_table(
        "notice_leaves",
        sa.Column("notice_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_notice_leaves_notice_id")),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_notice_leaves_person_id")),
        sa.PrimaryKeyConstraint("notice_id", "person_id", name=op.f("pk_notice_leaves")),
    )
    op.create_index(op.f("ix_notice_leaves_person_id"), "notice_leaves", ["person_id"], unique=False)


def downgrade() -> None:
    """Keeps every notice that was sent under its first clause; what the old form cannot say is lost."""
    with op.batch_alter_table("notices") as batch_op:
        for name in (*CHANGED, *ADDED):
            batch_op.drop_constraint(op.f(f"ck_notices_{name}"), type_="check")
        batch_op.add_column(sa.Column("audience_id", sa.Integer(), nullable=True))
    op.execute("""
        UPDATE notices SET audience_id = (
          SELECT CAST(a.target AS INTEGER) FROM notice_audiences a WHERE a.id = (
            SELECT MIN(b.id) FROM notice_audiences b WHERE b.notice_id = notices.id AND b.kind IN ('group', 'station'))),
        audience = COALESCE((SELECT a.kind FROM notice_audiences a WHERE a.id = (
            SELECT MIN(b.id) FROM notice_audiences b WHERE b.notice_id = notices.id AND b.kind IN ('group', 'station'))),
          'region_deputies')
        WHERE audience = 'deputies'""")
    op.execute("UPDATE notices SET state = 'sent' WHERE state = 'withdrawn'")
    op.execute("UPDATE notices SET state = 'draft' WHERE state NOT IN ('draft', 'sent')")
    for table in ("notice_leaves", "notice_versions", "notice_catches", "notice_audiences"):
        op.drop_table(table)
    with op.batch_alter_table("notices") as batch_op:
        batch_op.drop_index("ix_notices_due")
        batch_op.drop_index(op.f("ix_notices_follows_id"))
        batch_op.drop_constraint(op.f("uq_notices_follows_id_remind_on"), type_="unique")
        for name in (*STAFF_COLUMNS, "follows_id"):
            batch_op.drop_constraint(op.f(f"fk_notices_{name}"), type_="foreignkey")
            batch_op.drop_column(name)
        for name in ("is_urgent", *(name for name, _kind in COLUMNS)):
            batch_op.drop_column(name)
        for name, (old, _new) in CHANGED.items():
            batch_op.create_check_constraint(op.f(f"ck_notices_{name}"), old)
