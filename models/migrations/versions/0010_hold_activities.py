"""Hold meetings and activities: whom they call, who replied and who came."""

import sqlalchemy as sa
from alembic import op

import models.base

revision = "0010"
down_revision = "0009"


SOURCES = ("visit", "answer", "self", "suggestion", "activity")


def _allow_sources(*sources: str) -> None:
    with op.batch_alter_table("duty_records") as duties:
        duties.drop_constraint(op.f("ck_duty_records_source"), type_="check")
        duties.create_check_constraint(op.f("ck_duty_records_source"),
                                       f"source IN ({', '.join(repr(source) for source in sources)})")


def upgrade() -> None:
    _allow_sources(*SOURCES)
    op.create_table("activities",
    sa.Column("id", models.base.BigKey, autoincrement=True, nullable=False),
    sa.Column("region_id", models.base.BigKey, nullable=False),
    sa.Column("group_id", models.base.BigKey, nullable=True),
    sa.Column("kind", sa.String(length=64), nullable=False),
    sa.Column("title", sa.String(length=120), nullable=False),
    sa.Column("content", sa.String(), nullable=False),
    sa.Column("place", sa.String(length=120), nullable=False),
    sa.Column("latitude", sa.Double(), nullable=True),
    sa.Column("longitude", sa.Double(), nullable=True),
    sa.Column("fence_m", sa.Integer(), nullable=False),
    sa.Column("starts_at", models.base.UTCDateTime(), nullable=False),
    sa.Column("ends_at", models.base.UTCDateTime(), nullable=False),
    sa.Column("signs_up", sa.Boolean(), nullable=False),
    sa.Column("capacity", sa.Integer(), nullable=True),
    sa.Column("sign_up_until", models.base.UTCDateTime(), nullable=True),
    sa.Column("item_code", sa.String(), nullable=True),
    sa.Column("needs_quorum", sa.Boolean(), nullable=False),
    sa.Column("needs_check_out", sa.Boolean(), nullable=False),
    sa.Column("deducts", sa.Boolean(), nullable=False),
    sa.Column("state", sa.String(length=64), nullable=False),
    sa.Column("scene", sa.String(length=64), nullable=False),
    sa.Column("short_code", sa.String(length=64), nullable=False),
    sa.Column("minutes", sa.String(), nullable=False),
    sa.Column("cancel_reason", sa.String(), nullable=True),
    sa.Column("notice_id", models.base.BigKey, nullable=True),
    sa.Column("created_by", models.base.BigKey, nullable=False),
    sa.Column("created_at", models.base.UTCDateTime(), nullable=False),
    sa.Column("published_at", models.base.UTCDateTime(), nullable=True),
    sa.Column("closed_at", models.base.UTCDateTime(), nullable=True),
    sa.Column("closed_by", models.base.BigKey, nullable=True),
    sa.CheckConstraint("(state = 'cancelled') = (cancel_reason IS NOT NULL)", name=op.f("ck_activities_cancelled")),
    sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_activities_closed")),
    sa.CheckConstraint("kind IN ('meeting', 'study', 'theme', 'professional', 'volunteer', 'inspection', 'research', 'enforcement', 'review', 'training')", name=op.f("ck_activities_kind")),
    sa.CheckConstraint("state IN ('draft', 'published', 'closed', 'cancelled')", name=op.f("ck_activities_state")),
    sa.CheckConstraint("state NOT IN ('published', 'closed') OR published_at IS NOT NULL", name=op.f("ck_activities_published")),
    sa.CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name=op.f("ck_activities_location")),
    sa.CheckConstraint("NOT (signs_up AND deducts)", name=op.f("ck_activities_deducts")),
    sa.CheckConstraint("capacity IS NULL OR (signs_up AND capacity > 0)", name=op.f("ck_activities_capacity")),
    sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_activities_order")),
    sa.CheckConstraint("fence_m BETWEEN 30 AND 2000", name=op.f("ck_activities_fence")),
    sa.ForeignKeyConstraint(["closed_by"], ["staff.id"], name=op.f("fk_activities_closed_by")),
    sa.ForeignKeyConstraint(["created_by"], ["staff.id"], name=op.f("fk_activities_created_by")),
    sa.ForeignKeyConstraint(["group_id"], ["deputy_groups.id"], name=op.f("fk_activities_group_id")),
    sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_activities_notice_id")),
    sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_activities_region_id")),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_activities")),
    sa.UniqueConstraint("scene", name=op.f("uq_activities_scene")),
    sa.UniqueConstraint("short_code", name=op.f("uq_activities_short_code"))
    )
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activities_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_activities_notice_id"), ["notice_id"], unique=False)
        batch_op.create_index("ix_activities_region_start", ["region_id", "starts_at"], unique=False)

    op.create_table("activity_clauses",
    sa.Column("id", models.base.BigKey, autoincrement=True, nullable=False),
    sa.Column("activity_id", models.base.BigKey, nullable=False),
    sa.Column("kind", sa.String(length=64), nullable=False),
    sa.Column("target", sa.String(length=64), nullable=False),
    sa.Column("label", sa.String(), nullable=False),
    sa.CheckConstraint("kind IN ('region_deputies', 'level', 'congress', 'delegation', 'group', 'station')", name=op.f("ck_activity_clauses_kind")),
    sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_activity_clauses_activity_id")),
    sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_clauses")),
    sa.UniqueConstraint("activity_id", "kind", "target", name=op.f("uq_activity_clauses_activity_id_kind_target"))
    )
    op.create_table("activity_people",
    sa.Column("activity_id", models.base.BigKey, nullable=False),
    sa.Column("person_id", models.base.BigKey, nullable=False),
    sa.Column("state", sa.String(length=64), nullable=False),
    sa.Column("factor", sa.String(), nullable=True),
    sa.Column("arrived_at", models.base.UTCDateTime(), nullable=True),
    sa.Column("left_at", models.base.UTCDateTime(), nullable=True),
    sa.Column("is_late", sa.Boolean(), nullable=False),
    sa.Column("is_early", sa.Boolean(), nullable=False),
    sa.Column("leave_reason", sa.String(), nullable=True),
    sa.Column("decided_by", models.base.BigKey, nullable=True),
    sa.Column("note", sa.String(), nullable=False),
    sa.Column("credited_at", models.base.UTCDateTime(), nullable=True),
    sa.CheckConstraint("(state IN ('present', 'left')) = (factor IS NOT NULL)", name=op.f("ck_activity_people_presence")),
    sa.CheckConstraint("factor IS NULL OR factor IN ('fence', 'screen', 'clerk', 'door')", name=op.f("ck_activity_people_factor")),
    sa.CheckConstraint("left_at IS NULL OR state = 'left'", name=op.f("ck_activity_people_leaving")),
    sa.CheckConstraint("state IN ('invited', 'expected', 'withdrawn', 'leave_asked', 'on_leave', 'awaiting_confirmation', 'present', 'left', 'absent')", name=op.f("ck_activity_people_state")),
    sa.CheckConstraint("state NOT IN ('leave_asked', 'on_leave') OR leave_reason IS NOT NULL", name=op.f("ck_activity_people_leave")),
    sa.CheckConstraint("factor IS NULL OR arrived_at IS NOT NULL", name=op.f("ck_activity_people_arrival")),
    sa.ForeignKeyConstraint(["activity_id"], ["activities.id"], name=op.f("fk_activity_people_activity_id")),
    sa.ForeignKeyConstraint(["decided_by"], ["staff.id"], name=op.f("fk_activity_people_decided_by")),
    sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_activity_people_person_id")),
    sa.PrimaryKeyConstraint("activity_id", "person_id", name=op.f("pk_activity_people"))
    )
    with op.batch_alter_table("activity_people", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_activity_people_person_id"), ["person_id"], unique=False)



def downgrade() -> None:
    # What was proved by an activity stays on record as what the deputy said.
    op.execute("UPDATE duty_records SET source = 'self' WHERE source IN ('suggestion', 'activity')")
    _allow_sources(*SOURCES[:3])
    with op.batch_alter_table("activity_people", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_activity_people_person_id"))

    op.drop_table("activity_people")
    op.drop_table("activity_clauses")
    with op.batch_alter_table("activities", schema=None) as batch_op:
        batch_op.drop_index("ix_activities_region_start")
        batch_op.drop_index(batch_op.f("ix_activities_notice_id"))
        batch_op.drop_index(batch_op.f("ix_activities_group_id"))

    op.drop_table("activities")
